#pragma once

#include "serval/Training/LossPlan.h"

#include <torch/types.h>

namespace serval
{

/// Cross-entropy, or the focal loss, of logits [N,K,...] in float32 and labels [N,...], with the plan's class weights,
/// label smoothing and ignored label.
torch::Tensor EntropyLoss(const LossPlan & plan, const torch::Tensor & logits, const torch::Tensor & labels);

/// EntropyLoss plus the plan's overlap term.
torch::Tensor SegmentationLoss(const LossPlan & plan, const torch::Tensor & logits, const torch::Tensor & labels);

/// Cross-entropy between softened answers, times the square of the temperature (Hinton 2015). `teacher`: mean of the
/// teachers' probabilities at the temperature.
torch::Tensor DistillationLoss(const LossPlan & plan, const torch::Tensor & logits, const torch::Tensor & teacher);

} // namespace serval
