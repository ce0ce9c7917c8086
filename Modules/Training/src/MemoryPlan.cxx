#include "MemoryPlan.h"

#include "Cuda.h"
#include "serval/Core/Error.h"
#include "serval/Core/Text.h"

#include <algorithm>

namespace serval
{
namespace
{

std::string Gigabytes(std::int64_t bytes) { return FormatFixed(double(bytes) / 1e9, bytes < 100'000'000 ? 3 : 1) + " GB"; }

constexpr const char * advice = "take smaller patches, a network of fewer filters, or --device cpu";

std::int64_t Bytes(const StepMemory & memory, int samples) { return memory.fixed + samples * memory.each; }

// Of one step, above what is in use before it.
std::int64_t PeakOf(const torch::Device & device, const std::function<void(int)> & step, int samples)
{
  ResetPeakMemory(device);
  const auto before = MeasureMemory(device).used;
  step(samples);
  return MeasureMemory(device).peak - before;
}

} // namespace

StepMemory MeasureStep(const torch::Device & device, const std::function<void(int)> & step, const std::string & what)
{
  const auto room = MeasureMemory(device);
  try
  {
    step(1);
  }
  catch (const std::exception & error)
  {
    if (!IsOutOfMemory(error))
      throw;
    ReleaseUnusedMemory(device);
    Fail(Fault::Environment, "a training step of one sample (", what, ") needs more than the ", Gigabytes(room.free), " that are free of the GPU's ",
         Gigabytes(room.total), "; ", advice);
  }
  const auto one = PeakOf(device, step, 1);
  try
  {
    const auto two = PeakOf(device, step, 2);
    ReleaseUnusedMemory(device);
    const auto each = std::max<std::int64_t>(two - one, 0);
    return { std::max<std::int64_t>(one - each, 0), each };
  }
  catch (const std::exception & error)
  {
    if (!IsOutOfMemory(error))
      throw;
    ReleaseUnusedMemory(device);
    return { one - room.total, room.total }; // one sample fits, two never do
  }
}

BatchPlan PlanBatch(int batch, const StepMemory & memory, std::int64_t free, const std::string & what)
{
  Require(batch > 0, Fault::Usage, "a batch has ", batch, " samples; at least 1 is needed");
  const auto usable = free / 10 * 9;
  for (int parts = 1; parts <= batch; ++parts)
    if (batch % parts == 0 && Bytes(memory, batch / parts) <= usable)
      return { batch / parts, parts, Bytes(memory, batch / parts) };
  Fail(Fault::Environment, "a training step of one sample (", what, ") needs ", Gigabytes(Bytes(memory, 1)), " of the GPU's memory, of which ",
       Gigabytes(usable), " can be used; ", advice);
}

std::string PlanText(int batch, const BatchPlan & plan, const StepMemory & memory, std::int64_t free)
{
  if (plan.parts == 1)
    return {};
  return Concat("a batch of ", batch, " would need ", Gigabytes(Bytes(memory, batch)), " of the GPU's memory, ", Gigabytes(free),
                " are free: computed as ", plan.parts, " x ", plan.samples);
}

} // namespace serval
