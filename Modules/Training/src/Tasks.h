#pragma once

#include "Batches.h"
#include "Cuda.h"
#include "Device.h"
#include "FrozenMaps.h"
#include "serval/Network/GraphNetwork.h"
#include "serval/Training/Learning.h"

#include <torch/types.h>

#include <cstdint>
#include <future>
#include <optional>
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
  /// `first`: place in the whole batch of what this process takes of it.
  TaskStep(const PatchCache & cache, const TrainRequest & request, const ChosenDevice & chosen, std::size_t first = 0);

  /// A batch to learn from, varied by the request's augmentation; meanwhile a thread makes the `next` one.
  /// `draw`: which batch of the run it is.
  Batch Take(const std::vector<std::size_t> & patches, std::uint64_t draw, const std::vector<std::size_t> & next);
  /// A batch as it is.
  Batch Load(const std::vector<std::size_t> & patches) const { return Load(patches, {}); }
  /// The network's loss on a batch.
  Outcome Ask(GraphNetwork & net, const Batch & batch);
  /// What layers that never learn give is computed once for these patches, where the input is always the same, they stand
  /// at the beginning and there is memory for it.
  void KeepFrozen(GraphNetwork & net, const std::vector<std::string> & layers, const std::vector<std::size_t> & patches);
  /// Whether nothing of Ask is done on the host.
  bool IsRecordable() const { return m_Request.task == TrainRequest::Task::Segmentation || m_Request.task == TrainRequest::Task::Classification; }

  std::mt19937_64 & Random() { return m_Random; }

private:
  using Drawn = std::vector<SampleAugmentation>;

  struct Ahead
  {
    std::vector<std::size_t> patches;
    std::uint64_t            draw = 0;
    std::future<void>        made;
  };

  Batch         Load(const std::vector<std::size_t> & patches, std::optional<std::uint64_t> draw) const;
  Drawn         Draw(const std::vector<std::size_t> & patches, std::uint64_t draw) const;
  torch::Tensor Images(const std::vector<std::size_t> & patches, const IntensityPlan & plan, const Drawn & drawn, torch::Tensor * labels = nullptr) const;
  Outcome       Segment(GraphNetwork & net, const Batch & batch) const;
  Outcome       Classify(GraphNetwork & net, const Batch & batch);
  Outcome       GiveBack(GraphNetwork & net, const Batch & batch);
  torch::Tensor TeachersAnswer(const Batch & batch);
  GraphNetwork::Tensors Answers(GraphNetwork & net, const Batch & batch) const;

  const PatchCache &        m_Cache;
  const TrainRequest &      m_Request;
  const ChosenDevice &      m_Chosen;
  std::size_t               m_First;
  std::mt19937_64           m_Random; ///< of corruptions
  std::vector<GraphNetwork> m_Teachers;
  FrozenMaps                m_FrozenMaps;
  Prefetch                  m_Prefetch;
  Ahead                     m_Ahead; ///< last, so that its thread ends first
};

/// The network of a model with all its arrays, for inference.
GraphNetwork Restore(const ModelFile & model, const ChosenDevice & chosen);

} // namespace serval
