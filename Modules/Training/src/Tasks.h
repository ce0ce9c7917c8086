#pragma once

#include "Device.h"
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
  TaskStep(const PatchCache & cache, const TrainRequest & request, const ChosenDevice & chosen);

  /// A batch to learn from, varied by the request's augmentation; meanwhile a thread reads and varies the `next` one.
  /// `draw`: which batch of the run it is.
  Outcome Train(GraphNetwork & net, const std::vector<std::size_t> & patches, std::uint64_t draw, const std::vector<std::size_t> & next);
  /// A batch as it is.
  Outcome Evaluate(GraphNetwork & net, const std::vector<std::size_t> & patches);

  std::mt19937_64 & Random() { return m_Random; }

private:
  /// One batch: images in float32 on the CPU, the same as the network's input, labels of its voxels.
  struct Batch
  {
    torch::Tensor plain, images, segmentation;
  };
  struct Ahead
  {
    std::vector<std::size_t> patches;
    std::uint64_t            draw = 0;
    std::future<Batch>       batch;
  };

  Batch         Load(const std::vector<std::size_t> & patches, std::optional<std::uint64_t> draw) const;
  void          Vary(const std::vector<std::size_t> & patches, std::uint64_t draw, Batch & batch) const;
  Outcome       Ask(GraphNetwork & net, const Batch & batch, const std::vector<std::size_t> & patches);
  Outcome       Segment(GraphNetwork & net, const Batch & batch) const;
  Outcome       Classify(GraphNetwork & net, const Batch & batch, const std::vector<std::size_t> & patches);
  Outcome       GiveBack(GraphNetwork & net, const Batch & batch);
  torch::Tensor TeachersAnswer(const std::vector<std::size_t> & patches);

  const PatchCache &        m_Cache;
  const TrainRequest &      m_Request;
  const ChosenDevice &      m_Chosen;
  std::mt19937_64           m_Random; ///< of corruptions
  std::vector<GraphNetwork> m_Teachers;
  Ahead                     m_Ahead;
};

/// The network of a model with all its arrays, for inference.
GraphNetwork Restore(const ModelFile & model, const ChosenDevice & chosen);

} // namespace serval
