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

} // namespace serval
