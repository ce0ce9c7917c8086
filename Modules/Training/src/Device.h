#pragma once

#include "serval/Training/Learning.h"

#include <torch/types.h>

#include <string>

namespace serval
{

/// Where and in which type the network computes.
struct ChosenDevice
{
  torch::Device     device = torch::kCPU;
  torch::ScalarType type = torch::kFloat;
  std::string       name, precision;
  std::string       processor; ///< its model's name
};

/// Sets threads and allocator for the process and checks that the device is there (Fault::Environment).
ChosenDevice ChooseDevice(const Computing & computing);

/// Gives memory that was freed back to the system: before long work that needs less than what went before.
void ReleaseUnusedHostMemory();

} // namespace serval
