#include "Device.h"

#include "serval/Core/Error.h"
#include "serval/Core/Text.h"
#include "serval/Training/ProcessPlan.h"

#include <malloc.h>
#include <torch/cuda.h>
#include <torch/utils.h>

#include <fstream>
#include <limits>
#include <string>

namespace serval
{
namespace
{

// The first line of /proc/cpuinfo that begins so.
std::string OfProcessor(const std::string & key)
{
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);)
    if (line.starts_with(key))
      return Trim(line.substr(line.find(':') + 1));
  return {};
}

// Large tensors would be mapped, zeroed page by page and unmapped again for every operation.
void KeepMemory()
{
  ::mallopt(M_MMAP_MAX, 0);
  ::mallopt(M_TRIM_THRESHOLD, std::numeric_limits<int>::max());
}

} // namespace

void ReleaseUnusedHostMemory() { ::malloc_trim(0); }

ChosenDevice ChooseDevice(const Computing & computing)
{
  static const bool once = (KeepMemory(), true);
  (void)once;
  if (computing.threads > 0)
    torch::set_num_threads(computing.threads);
  const bool cuda = computing.device != "cpu" && torch::cuda::is_available();
  Require(computing.device != "cuda" || cuda, Fault::Environment,
          "--device cuda: there is no usable CUDA device (no driver, no GPU, or a LibTorch without CUDA); use --device cpu or auto");
  const bool   fast = cuda || OfProcessor("flags").find(" avx512_bf16") != std::string::npos;
  const auto   precision = computing.precision != "auto" ? computing.precision : fast ? "bfloat16" : "float32";
  ChosenDevice chosen;
  chosen.device = cuda ? torch::kCUDA : torch::kCPU;
  if (cuda && computing.together)
    chosen.device.set_index(static_cast<c10::DeviceIndex>(ProcessPlan::OfEnvironment().local % torch::cuda::device_count()));
  chosen.type = precision == "bfloat16" ? torch::kBFloat16 : precision == "float16" ? torch::kHalf : torch::kFloat;
  chosen.name = cuda ? "cuda" : "cpu";
  chosen.precision = precision;
  chosen.processor = OfProcessor("model name");
  return chosen;
}

} // namespace serval
