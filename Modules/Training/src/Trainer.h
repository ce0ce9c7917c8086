#pragma once

#include "Batches.h"
#include "Boltzmann.h"
#include "Tasks.h"
#include "serval/Core/Progress.h"

#include <torch/optim/adamw.h>

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
  void                       LoadSource();
  void                       KeepStatisticsOnly();
  torch::optim::AdamW        MakeOptimiser();
  void                       StartBoltzmann(torch::optim::AdamW & optimiser, int step);
  void                       SetRates(torch::optim::AdamW & optimiser, int step) const;
  void                       FollowPlan(int step);
  void                       Record(int step);
  int                        Resume(torch::optim::AdamW & optimiser);
  void                       Keep(torch::optim::AdamW & optimiser, int step);
  void                       Tell(int step, Progress & progress) const;
  std::vector<std::string>   BoltzmannLayers() const;

  const PatchCache &              m_Cache;
  const TrainRequest &            m_Request;
  ChosenDevice                    m_Chosen;
  std::vector<std::string>        m_Layers, m_Fresh;
  GraphNetwork                    m_Net;
  TaskStep                        m_Task;
  BatchStream                     m_Batches;
  std::optional<BoltzmannMachine> m_Boltzmann;
  std::vector<std::string>        m_Frozen;
  std::string                     m_Key; ///< of the run, for its checkpoint
  std::chrono::steady_clock::time_point m_Kept; ///< when the last checkpoint was written
  std::vector<double>             m_GroupRates; ///< of the optimiser's groups, factors of the learning rate
  TrainResult                     m_Result;
  std::vector<torch::Tensor>      m_Losses, m_Accuracies;
};

} // namespace serval
