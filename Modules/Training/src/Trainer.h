#pragma once

#include "Batches.h"
#include "Boltzmann.h"
#include "Optimiser.h"
#include "Processes.h"
#include "RecordedStep.h"
#include "Selection.h"
#include "Tasks.h"
#include "serval/Core/Progress.h"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace serval
{

/// One stage: network, plan, optimiser and the means for the curve.
class Trainer
{
public:
  Trainer(const PatchCache & cache, const TrainRequest & request);
  TrainResult Run(Progress & progress);

private:
  using Clock = std::chrono::steady_clock;

  void                     LoadSource();
  void                     KeepStatisticsOnly();
  void                     MakeOptimiser();
  void                     StartBoltzmann(int step);
  void                     FollowPlan(int step);
  void                     KeepFrozen();
  void                     ExchangeGradients();
  int                      ChooseParts();
  void                     Learn(int step);
  void                     LearnBoltzmann();
  void                     DrawApart(int step);
  Batch                    NextBatch(int draw);
  /// Of a batch of all processes.
  std::vector<std::size_t> OwnPart(const std::vector<std::size_t> & batch) const;
  Outcome                  Differentiate(const Batch & batch, double share, bool isLast);
  Outcome                  WholeStep(const Batch & batch);
  void                     Note(const Outcome & outcome);
  void                     Record(int step);
  void                     Evaluate(int step);
  int                      Resume();
  void                     Keep(int step);
  void                     Tell(int step, Clock::time_point begin, Progress & progress) const;
  void                     Finish();
  double                   StepsPerEpoch() const;
  int                      EvaluateEvery() const;
  std::vector<std::string> BoltzmannLayers() const;

  const PatchCache &              m_Cache;
  const TrainRequest &            m_Request;
  ChosenDevice                    m_Chosen;
  Processes                       m_Processes;
  std::vector<std::string>        m_Layers, m_Fresh;
  GraphNetwork                    m_Net;
  TaskStep                        m_Task;
  BatchStream                     m_Batches, m_Ahead; ///< the second is one batch ahead, for the loader
  Selection                       m_Selection;
  std::optional<Optimiser>        m_Optimiser;
  std::optional<LossScaler>       m_Scaler;
  std::optional<MovingAverage>    m_Average;
  std::optional<BoltzmannMachine> m_Boltzmann;
  std::optional<GradientMean>     m_Mean;      ///< over several processes
  RecordedStep                    m_Recorded;
  int                             m_Parts = 1; ///< of a batch, computed one after the other
  std::vector<std::string>        m_Frozen;
  std::string                     m_Key; ///< of the run, for its checkpoint
  Clock::time_point               m_Kept; ///< when the last checkpoint was written
  double                          m_Rate = 0; ///< the learning rate of the last step
  TrainResult                     m_Result;
  std::vector<torch::Tensor>      m_Losses, m_Accuracies; ///< since the last point of the curve
};

} // namespace serval
