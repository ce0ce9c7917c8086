#include "Operations.h"

#include <algorithm>

namespace serval::operations
{
namespace
{

std::vector<std::int64_t> EachAxis(const torch::Tensor & maps, std::int64_t value)
{
  return std::vector<std::int64_t>(static_cast<std::size_t>(maps.dim()) - 2, value);
}

// On a CPU, oneDNN 3.12 (torch 2.13) gives weight gradients of uninitialised memory for bfloat16 3^3 convolutions over
// maps of two voxels an edge; small maps cost nothing in float32.
bool NeedsFloat(const torch::Tensor & input)
{
  const auto space = input.sizes().slice(2);
  return input.is_cpu() && *std::min_element(space.begin(), space.end()) < 4;
}

} // namespace

torch::Tensor Convolve(const Node & node, const torch::Tensor & input, const torch::Tensor & weight, const torch::Tensor * bias)
{
  const auto type = NeedsFloat(input) ? torch::kFloat : input.scalar_type();
  const auto maps = torch::convolution(input.to(type), weight.to(type), bias ? bias->to(type) : torch::Tensor(), EachAxis(input, node.stride),
                                       EachAxis(input, node.padding), EachAxis(input, node.dilation),
                                       node.operation == Operation::TransposedConvolution, EachAxis(input, 0), node.groups);
  return maps.to(input.scalar_type());
}

torch::Tensor ConnectLocally(const Node & node, const torch::Tensor & input, const torch::Tensor & weight, const torch::Tensor * bias)
{
  const auto    axes = input.dim() - 2;
  torch::Tensor windows = torch::constant_pad_nd(input, std::vector<std::int64_t>(static_cast<std::size_t>(2 * axes), node.padding), 0);
  for (std::int64_t axis = 0; axis < axes; ++axis) // [N,C,out...,kernel...]
    windows = windows.unfold(2 + axis, node.kernel, node.stride);
  const auto                out = windows.sizes().slice(2, static_cast<std::size_t>(axes)).vec();
  std::vector<std::int64_t> order;
  for (std::int64_t axis = 0; axis < axes; ++axis)
    order.push_back(2 + axis);
  order.insert(order.end(), { 0, 1 });
  for (std::int64_t axis = 0; axis < axes; ++axis)
    order.push_back(2 + axes + axis);
  const auto samples = input.size(0), places = weight.size(0);
  windows = windows.permute(order).reshape({ places, samples, weight.size(2) });
  torch::Tensor maps = torch::bmm(windows, weight.to(input.scalar_type()).transpose(1, 2)).permute({ 1, 2, 0 }); // [N, maps, places]
  if (bias)
    maps = maps + bias->to(input.scalar_type());
  std::vector<std::int64_t> shape{ samples, node.maps };
  shape.insert(shape.end(), out.begin(), out.end());
  return maps.reshape(shape);
}

torch::Tensor Pool(const Node & node, const torch::Tensor & input)
{
  const auto kernel = EachAxis(input, node.kernel), stride = EachAxis(input, node.stride), padding = EachAxis(input, node.padding);
  const bool isVolume = input.dim() == 5;
  if (node.operation == Operation::AveragePool)
    return isVolume ? torch::avg_pool3d(input, kernel, stride, padding, node.roundsUp)
                    : torch::avg_pool2d(input, kernel, stride, padding, node.roundsUp);
  const auto dilation = EachAxis(input, node.dilation);
  return isVolume ? torch::max_pool3d(input, kernel, stride, padding, dilation, node.roundsUp)
                  : torch::max_pool2d(input, kernel, stride, padding, dilation, node.roundsUp);
}

// Krizhevsky 2012, with alpha divided by the number of neighbours as Caffe and PyTorch do.
torch::Tensor RespondLocally(const Node & node, const torch::Tensor & input)
{
  const auto x = input.to(torch::kFloat), samples = x.square().reshape({ x.size(0), 1, x.size(1), -1 });
  const auto padded = torch::constant_pad_nd(samples, { 0, 0, node.kernel / 2, (node.kernel - 1) / 2 }, 0);
  const auto mean = torch::avg_pool2d(padded, { node.kernel, 1 }, { 1, 1 }).reshape(x.sizes());
  return (x / (mean * node.alpha + node.value).pow(node.beta)).to(input.scalar_type());
}

torch::Tensor Activate(const Node & node, torch::Tensor input, bool mayOverwrite)
{
  switch (node.operation)
  {
    case Operation::Relu: return mayOverwrite ? input.relu_() : input.relu();
    case Operation::LeakyRelu: return mayOverwrite ? torch::leaky_relu_(input, node.value) : torch::leaky_relu(input, node.value);
    case Operation::Elu: return torch::elu(input);
    case Operation::Gelu: return torch::gelu(input);
    case Operation::Tanh: return input.tanh();
    default: return input.sigmoid();
  }
}

torch::Tensor Subsample(const Node & node, const torch::Tensor & input)
{
  torch::Tensor maps = input;
  for (std::int64_t axis = 2; axis < input.dim(); ++axis)
    maps = maps.slice(axis, 0, maps.size(axis), node.stride);
  const auto                extra = node.maps - input.size(1);
  std::vector<std::int64_t> padding(2 * static_cast<std::size_t>(input.dim() - 2), 0);
  padding.insert(padding.end(), { extra / 2, extra - extra / 2 });
  return torch::constant_pad_nd(maps, padding, 0);
}

torch::Tensor Upsample(const Node & node, const torch::Tensor & input)
{
  torch::Tensor maps = input;
  for (std::int64_t axis = 2; axis < input.dim(); ++axis)
    maps = maps.repeat_interleave(node.stride, axis);
  return maps;
}

} // namespace serval::operations
