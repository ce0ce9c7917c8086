#include "Boltzmann.h"

#include "serval/Core/Error.h"

#include <torch/autograd.h>

#include <algorithm>

namespace serval
{
namespace
{

std::vector<std::int64_t> AllAxes(const Node & node, int dimension) { return std::vector<std::int64_t>(static_cast<std::size_t>(dimension), node.padding); }

// [N,K,S...] -> [N,K,blocks...,voxels of a block]; what is left over at the ends is cut off.
torch::Tensor Blocks(torch::Tensor maps, int edge)
{
  const auto dimension = maps.dim() - 2;
  for (std::int64_t axis = 2; axis < 2 + dimension; ++axis)
    maps = maps.unfold(axis, edge, edge); // each adds an axis of `edge` at the end
  return maps.flatten(2 + dimension);
}

// The inverse; zeros where maps were cut.
torch::Tensor Unblocked(torch::Tensor blocks, const torch::Tensor & like, int edge)
{
  const auto dimension = like.dim() - 2;
  std::vector<std::int64_t> shape = blocks.sizes().vec(), order{ 0, 1 }, merged{ blocks.size(0), blocks.size(1) };
  shape.pop_back();
  shape.insert(shape.end(), static_cast<std::size_t>(dimension), edge);
  for (std::int64_t axis = 0; axis < dimension; ++axis)
  {
    order.insert(order.end(), { 2 + axis, 2 + dimension + axis });
    merged.push_back(blocks.size(2 + axis) * edge);
  }
  auto whole = torch::zeros_like(like), part = whole;
  for (std::int64_t axis = 2; axis < 2 + dimension; ++axis)
    part = part.narrow(axis, 0, merged[static_cast<std::size_t>(axis)]);
  part.copy_(blocks.reshape(shape).permute(order).reshape(merged));
  return whole;
}

} // namespace

BoltzmannMachine::BoltzmannMachine(GraphNetwork & net, const std::string & layer, const BoltzmannPlan & plan)
  : m_Net(net)
  , m_Plan(plan)
{
  const auto & nodes = net.Graph().nodes;
  const auto   found = std::find_if(nodes.begin(), nodes.end(), [&](const Node & node) {
    return node.operation == Operation::Convolution && (node.name == layer || LayerOf(node) == layer);
  });
  Require(found != nodes.end(), Fault::Usage, "the network has no convolution '", layer, '\'');
  m_Node = *found;
  Require(m_Node.stride == 1 && m_Node.groups == 1 && m_Node.dilation == 1, Fault::Usage, "the convolution '", layer,
          "' cannot be a Boltzmann machine: steps of 1 in one group are needed");
  Require(plan.pooling >= 1 && plan.pooling <= 8 && plan.sparsity > 0 && plan.sparsity < 1 && plan.sparsityRate >= 0, Fault::Usage,
          "pooling blocks of 1 to 8 voxels, a sparsity between 0 and 1 and a rate of at least 0 are possible");
  const Node & before = nodes[static_cast<std::size_t>(m_Node.inputs.front())];
  m_Before = before.operation == Operation::Input ? std::string() : before.name;
  m_Weight = net.Parameters().at(m_Node.name + ".weight");
  m_Bias = m_Node.hasBias ? net.Parameters().at(m_Node.name + ".bias")
                          : torch::zeros({ m_Weight.size(0) }, m_Weight.options()).set_requires_grad(true);
  m_VisibleBias = torch::zeros({ m_Weight.size(1) }, m_Weight.options()).set_requires_grad(true);
  const torch::NoGradGuard noGradient;
  m_Weight.mul_(0.1); // small weights: all units begin alike
}

torch::Tensor BoltzmannMachine::Visible(const torch::Tensor & images)
{
  if (m_Before.empty())
    return images.to(torch::kFloat);
  const torch::NoGradGuard noGradient;
  GraphNetwork::Tensors    taps{ { m_Before, {} } };
  m_Net.Forward(images, &taps);
  const auto maps = taps.at(m_Before).to(torch::kFloat);
  const auto axes = maps.dim() == 5 ? std::vector<std::int64_t>{ 0, 2, 3, 4 } : std::vector<std::int64_t>{ 0, 2, 3 };
  return (maps - maps.mean(axes, true)) / maps.std(axes, true, true).clamp_min(1e-6);
}

torch::Tensor BoltzmannMachine::Activity(const torch::Tensor & input) const
{
  const std::vector<std::int64_t> padding = AllAxes(m_Node, static_cast<int>(input.dim()) - 2), ones(padding.size(), 1);
  return input.dim() == 5 ? torch::conv3d(input, m_Weight, m_Bias, ones, padding) : torch::conv2d(input, m_Weight, m_Bias, ones, padding);
}

// Soft-max over the units of a block and the state in which none is on; `sample`: one draw (Gumbel's maximum).
torch::Tensor BoltzmannMachine::Probabilities(const torch::Tensor & activity, torch::Tensor * sample) const
{
  const auto blocks = Blocks(activity, m_Plan.pooling);
  const auto none = torch::zeros_like(blocks.narrow(-1, 0, 1));
  const auto states = torch::cat({ blocks, none }, -1);
  const auto units = blocks.size(-1);
  if (sample)
  {
    const auto noise = -torch::log(-torch::log(torch::rand_like(states).clamp(1e-9, 1 - 1e-7)));
    const auto drawn = torch::one_hot((states + noise).argmax(-1), units + 1).to(torch::kFloat);
    *sample = Unblocked(drawn.narrow(-1, 0, units), activity, m_Plan.pooling);
  }
  return Unblocked(torch::softmax(states, -1).narrow(-1, 0, units), activity, m_Plan.pooling);
}

Outcome BoltzmannMachine::Learn(const torch::Tensor & images)
{
  const auto    visible = Visible(images);
  torch::Tensor on, before, after, dreamt;
  {
    const torch::NoGradGuard noGradient;
    before = Probabilities(Activity(visible), &on);
    const auto                      space = visible.dim() - 2;
    const std::vector<std::int64_t> padding = AllAxes(m_Node, static_cast<int>(space)), ones(padding.size(), 1);
    dreamt = space == 3 ? torch::conv_transpose3d(on, m_Weight, m_VisibleBias, ones, padding) : torch::conv_transpose2d(on, m_Weight, m_VisibleBias, ones, padding);
    after = Probabilities(Activity(dreamt), nullptr);
  }
  // Its gradient is that of contrastive divergence: correlations of the data less those of the reconstruction.
  const auto units = double(before.numel() / before.size(1)), voxels = double(visible.numel() / visible.size(1));
  const auto divergence = ((Activity(dreamt) * after).sum() - (Activity(visible) * before).sum()) / units;
  const auto visibleTerm = ((dreamt - visible).transpose(0, 1).flatten(1).sum(1) * m_VisibleBias).sum() / voxels;
  const auto activity = before.transpose(0, 1).flatten(1).mean(1);
  const auto sparse = m_Plan.sparsityRate * (m_Bias * (activity - m_Plan.sparsity)).sum();
  (divergence + visibleTerm + sparse).backward();
  const auto error = (dreamt - visible).square().mean();
  return { error, 1 - error / visible.var().clamp_min(1e-12) };
}

} // namespace serval
