#pragma once

#include "serval/Network/GraphNetwork.h"
#include "serval/Training/OptimiserPlan.h"

#include <map>
#include <string>

namespace serval
{

/// Exponential moving average of all arrays of a network (Polyak 1992), running statistics included; its decay rises from
/// (1 + t) / (10 + t) to the plan's.
class MovingAverage
{
public:
  MovingAverage(GraphNetwork & net, double decay);
  void Update();
  /// Exchanges the network's arrays and the average's.
  void Swap();

  void Save(TensorFile & file) const;
  void Restore(const TensorFile & file);

private:
  GraphNetwork &                       m_Net;
  double                               m_Decay;
  int                                  m_Updates = 0;
  std::map<std::string, torch::Tensor> m_Arrays;
};

/// What evaluations decide: the best arrays, falls of the learning rate on plateaus, and the end.
class Selection
{
public:
  explicit Selection(const OptimiserPlan & plan)
    : m_Plan(plan)
  {}

  /// Takes an evaluation after a step.
  void Offer(int step, double loss, double accuracy, const GraphNetwork & net);
  bool IsOver() const { return m_Plan.patience > 0 && m_Waits >= m_Plan.patience; }
  int  Falls() const { return m_Falls; }
  int  BestStep() const { return m_BestStep; }
  /// Of the best evaluation; none before the first.
  const std::map<std::string, TensorFile::Array> & BestArrays() const { return m_Best; }

  void Save(TensorFile & file) const;
  void Restore(const TensorFile & file);

private:
  const OptimiserPlan &                    m_Plan;
  std::map<std::string, TensorFile::Array> m_Best;
  double                                   m_BestValue = 0;
  int                                      m_BestStep = 0, m_Falls = 0;
  int                                      m_Waits = 0;        ///< evaluations in a row that did not improve
  int                                      m_PlateauWaits = 0; ///< the same since the rate fell last
};

} // namespace serval
