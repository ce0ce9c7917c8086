#pragma once

#include "serval/Network/LayerGraph.h"

#include <torch/types.h>

namespace serval::operations
{

// Each takes maps [N,C,(Z,)Y,X] of any floating type and gives maps of that type.

/// A convolution, or a transposed one.
torch::Tensor Convolve(const Node & node, const torch::Tensor & input, const torch::Tensor & weight, const torch::Tensor * bias);
/// `weight` [places, maps, window], `bias` [maps, places].
torch::Tensor ConnectLocally(const Node & node, const torch::Tensor & input, const torch::Tensor & weight, const torch::Tensor * bias);
torch::Tensor Pool(const Node & node, const torch::Tensor & input);
torch::Tensor RespondLocally(const Node & node, const torch::Tensor & input);
torch::Tensor Activate(const Node & node, torch::Tensor input, bool mayOverwrite);
torch::Tensor Subsample(const Node & node, const torch::Tensor & input);
torch::Tensor Upsample(const Node & node, const torch::Tensor & input);

/// [N,C,...] minus its mean over space, divided by its deviation, times weight plus bias (both [C] in float32, or
/// undefined), in the layout and type of the input (Ulyanov 2016).
torch::Tensor NormaliseInstances(const torch::Tensor & input, const torch::Tensor & weight, const torch::Tensor & bias, double epsilon);

} // namespace serval::operations
