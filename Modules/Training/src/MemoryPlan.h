#pragma once

#include <torch/types.h>

#include <cstdint>
#include <functional>
#include <string>

namespace serval
{

/// Bytes of a GPU that a training step takes at most, beside what is taken all the time: fixed + samples * each.
struct StepMemory
{
  std::int64_t fixed = 0, each = 0;
};

/// Measured on a GPU by steps of one and of two samples; `step` computes gradients for that many samples and keeps nothing
/// but its first run's lasting tensors (gradients, moments). Fault::Environment when one sample is already too large, naming
/// `what` ("a patch of 128 x 128 x 128 voxels"), or when the device is no GPU.
StepMemory MeasureStep(const torch::Device & device, const std::function<void(int samples)> & step, const std::string & what);

/// How a batch is computed: `parts` times `samples`, the gradients added up.
struct BatchPlan
{
  int          samples = 1, parts = 1;
  std::int64_t bytes = 0; ///< predicted for a part
};

/// The fewest equal parts of a batch that fit into nine tenths of `free` bytes (the rest: fragmentation and workspaces).
/// Fault::Environment when a single sample does not fit, naming `what`.
BatchPlan PlanBatch(int batch, const StepMemory & memory, std::int64_t free, const std::string & what);

/// "a batch of 24 would need 91.2 GB, 79.1 GB are free: computed as 3 x 8" for a user; empty when the batch is whole.
std::string PlanText(int batch, const BatchPlan & plan, const StepMemory & memory, std::int64_t free);

} // namespace serval
