#include "Device.h"

#include "serval/Core/Error.h"

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

bool ProcessorHasBfloat16()
{
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);)
    if (line.starts_with("flags"))
      return line.find(" avx512_bf16") != std::string::npos;
  return false;
}

// Large tensors would be mapped, zeroed page by page and unmapped again for every operation.
void KeepMemory()
{
  ::mallopt(M_MMAP_MAX, 0);
  ::mallopt(M_TRIM_THRESHOLD, std::numeric_limits<int>::max());
}

} // namespace

ChosenDevice ChooseDevice(const Computing & computing)
{
  static const bool once = (KeepMemory(), true);
  (void)once;
  if (computing.threads > 0)
    torch::set_num_threads(computing.threads);
  const bool cuda = computing.device != "cpu" && torch::cuda::is_available();
  Require(computing.device != "cuda" || cuda, Fault::Environment,
          "--device cuda: there is no usable CUDA device (no driver, no GPU, or a LibTorch without CUDA); use --device cpu or auto");
  const bool   fast = cuda || ProcessorHasBfloat16();
  const bool   reduced = computing.precision == "bfloat16" || (computing.precision == "auto" && fast);
  ChosenDevice chosen;
  chosen.device = cuda ? torch::kCUDA : torch::kCPU;
  chosen.type = reduced ? torch::kBFloat16 : torch::kFloat;
  chosen.name = cuda ? "cuda" : "cpu";
  chosen.precision = reduced ? "bfloat16" : "float32";
  return chosen;
}

} // namespace serval
