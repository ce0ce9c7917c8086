#pragma once

#include "Device.h"
#include "serval/Network/GraphNetwork.h"
#include "serval/Training/Learning.h"

#include <torch/types.h>

#include <random>
#include <vector>

namespace serval
{

/// Both without gradient where they are only told.
struct Outcome
{
  torch::Tensor loss, accuracy;
};

/// What a network is asked and how its answers are judged: one batch of a task.
class TaskStep
{
public:
  /// Fault::Usage when the network or the cache lacks what the task needs.
  TaskStep(const PatchCache & cache, const TrainRequest & request, const ChosenDevice & chosen);

  Outcome Compute(GraphNetwork & net, const std::vector<std::size_t> & patches);

  std::mt19937_64 & Random() { return m_Random; }

private:
  Outcome       Segment(GraphNetwork & net, const std::vector<std::size_t> & patches) const;
  Outcome       Classify(GraphNetwork & net, const std::vector<std::size_t> & patches);
  Outcome       GiveBack(GraphNetwork & net, const std::vector<std::size_t> & patches);
  torch::Tensor Images(const std::vector<std::size_t> & patches) const;
  torch::Tensor TeachersAnswer(const std::vector<std::size_t> & patches);

  const PatchCache &        m_Cache;
  const TrainRequest &      m_Request;
  const ChosenDevice &      m_Chosen;
  std::mt19937_64           m_Random; ///< of corruptions
  std::vector<GraphNetwork> m_Teachers;
};

/// The network of a model with all its arrays, for inference.
GraphNetwork Restore(const ModelFile & model, const ChosenDevice & chosen);

} // namespace serval
