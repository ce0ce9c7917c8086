#include "FusedAdam.h"

#include <ATen/ops/_foreach_add.h>
#include <ATen/ops/_fused_adamw.h>
#include <torch/utils.h>

#include <utility>

namespace serval
{
namespace
{

// The kernel for all arrays at once needs the strides of each array and its gradient to be alike.
torch::Tensor GradientOf(const torch::Tensor & parameter)
{
  const auto gradient = parameter.grad();
  if (gradient.strides() == parameter.strides())
    return gradient;
  return torch::empty_strided(parameter.sizes(), parameter.strides(), parameter.options()).copy_(gradient);
}

} // namespace

FusedAdam::FusedAdam(std::vector<Group> groups)
{
  for (auto & group : groups)
  {
    State state;
    for (const auto & parameter : group.parameters)
    {
      const auto zeros = [&parameter] { return torch::zeros_like(parameter.detach(), torch::MemoryFormat::Preserve); };
      state.first.push_back(zeros());
      state.second.push_back(zeros());
      state.steps.push_back(torch::zeros({}, parameter.options().requires_grad(false)));
    }
    if (!group.parameters.empty())
      state.rate = torch::zeros({}, group.parameters.front().options().requires_grad(false));
    state.group = std::move(group);
    m_States.push_back(std::move(state));
  }
}

void FusedAdam::SetRate(double learningRate)
{
  for (auto & state : m_States)
    if (state.rate.defined())
      state.rate.fill_(learningRate * state.group.rate);
}

void FusedAdam::Step()
{
  const torch::NoGradGuard noGradient;
  for (auto & state : m_States)
  {
    std::vector<torch::Tensor> parameters, gradients, first, second, steps;
    for (std::size_t i = 0; i < state.group.parameters.size(); ++i)
    {
      const auto & parameter = state.group.parameters[i];
      if (!parameter.grad().defined())
        continue;
      parameters.push_back(parameter);
      gradients.push_back(GradientOf(parameter));
      first.push_back(state.first[i]);
      second.push_back(state.second[i]);
      steps.push_back(state.steps[i]);
    }
    if (parameters.empty())
      continue;
    at::_foreach_add_(steps, 1);
    at::_fused_adamw_(parameters, gradients, first, second, {}, steps, state.rate, 0.9, 0.999, state.group.weightDecay, 1e-8, false, false);
  }
}

void FusedAdam::ZeroGradients()
{
  for (auto & state : m_States)
    for (auto & parameter : state.group.parameters)
      parameter.mutable_grad().reset();
}

} // namespace serval
