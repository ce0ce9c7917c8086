#pragma once

#include <torch/types.h>

namespace serval
{

/// Cross-entropy plus (1 - mean soft Dice over the classes and batch; Milletari 2016), of logits [N,K,...] in float32
/// and labels [N,...].
torch::Tensor SegmentationLoss(const torch::Tensor & logits, const torch::Tensor & labels);

} // namespace serval
