#pragma once

#include "serval/Network/LayerGraph.h"

#include <torch/types.h>

#include <functional>

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
/// undefined), in the layout and type of the input (Ulyanov 2016). `mayOverwrite`: in the input's memory, where no gradient
/// is asked for.
torch::Tensor NormaliseInstances(const torch::Tensor & input, const torch::Tensor & weight, const torch::Tensor & bias, double epsilon, bool mayOverwrite);

/// Sums a tensor over the processes that train together, in place.
using SumOverProcesses = std::function<void(torch::Tensor)>;

/// Batch normalisation by mean and variance over the samples of all processes (Ioffe 2015), which each call this with
/// their own [N,C,...]; moves the running mean and variance (unbiased) by `momentum`. Gradients of weight and bias are this
/// process's part.
torch::Tensor NormaliseBatches(const torch::Tensor & input, const torch::Tensor & weight, const torch::Tensor & bias, const torch::Tensor & runningMean,
                               const torch::Tensor & runningVariance, double momentum, double epsilon, const SumOverProcesses & sum);

} // namespace serval::operations
