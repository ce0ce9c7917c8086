#pragma once

#include "serval/Training/AugmentationPlan.h"

#include <torch/types.h>

namespace serval
{

/// The engine for tensors on any device: one image [C,(Z,)Y,X] in float32, and its labels [(Z,)Y,X] unless undefined.
std::pair<torch::Tensor, torch::Tensor> AugmentTensor(const SampleAugmentation & sample, const torch::Tensor & image, const torch::Tensor & labels);

} // namespace serval
