#include "Optimiser.h"

#include "serval/Core/Error.h"
#include "serval/Core/Text.h"
#include "serval/Network/GraphNetwork.h"

#include <ATen/ops/_amp_foreach_non_finite_check_and_unscale.h>
#include <ATen/ops/_amp_update_scale.h>
#include <ATen/ops/_foreach_add.h>
#include <ATen/ops/_foreach_mul.h>
#include <ATen/ops/_foreach_norm.h>
#include <ATen/ops/_foreach_sub.h>
#include <ATen/ops/_fused_adam.h>
#include <ATen/ops/_fused_adamw.h>
#include <ATen/ops/_fused_sgd.h>
#include <torch/autograd.h>

#include <cmath>

namespace serval
{
namespace
{

using Method = OptimiserPlan::Method;

constexpr double firstDecay = 0.9, secondDecay = 0.999, epsilon = 1e-8;

bool HasSecondMoment(Method method) { return method != Method::Sgd && method != Method::Nesterov; }

// Fused kernels walk memory in its own order: gradient and parameter must lie alike.
torch::Tensor GradientOf(const torch::Tensor & parameter)
{
  const auto gradient = parameter.grad();
  return gradient.strides() == parameter.strides() ? gradient : torch::empty_like(parameter).copy_(gradient);
}

} // namespace

torch::Tensor TensorLike(const torch::Tensor & like, const TensorFile & file, const std::string & name)
{
  const auto found = file.arrays.find(name);
  Require(found != file.arrays.end() && torch::IntArrayRef(found->second.shape) == like.sizes(), Fault::Input, "the checkpoint lacks '", name, '\'');
  auto tensor = torch::empty_like(like);
  tensor.copy_(torch::from_blob(const_cast<float *>(found->second.values.data()), like.sizes(), torch::kFloat));
  return tensor;
}

LossScaler::LossScaler(torch::Device device)
  : m_Scale(torch::full({ 1 }, 65536.0F, torch::TensorOptions(device).dtype(torch::kFloat)))
  , m_FiniteSteps(torch::zeros({ 1 }, torch::TensorOptions(device).dtype(torch::kInt)))
  , m_FoundInfinity(torch::zeros({ 1 }, torch::TensorOptions(device).dtype(torch::kFloat)))
{}

torch::Tensor LossScaler::Unscale(const std::vector<torch::Tensor> & gradients)
{
  m_FoundInfinity.zero_();
  at::_amp_foreach_non_finite_check_and_unscale_(gradients, m_FoundInfinity, m_Scale.reciprocal());
  return m_FoundInfinity;
}

void LossScaler::Update() { at::_amp_update_scale_(m_Scale, m_FiniteSteps, m_FoundInfinity, 2, 0.5, 2000); }

void LossScaler::Save(TensorFile & file) const
{
  file.arrays["scaler.scale"] = ArrayOf(m_Scale);
  file.arrays["scaler.steps"] = ArrayOf(m_FiniteSteps);
}

void LossScaler::Restore(const TensorFile & file)
{
  m_Scale = TensorLike(m_Scale, file, "scaler.scale");
  m_FiniteSteps = TensorLike(m_FiniteSteps, file, "scaler.steps");
}

struct Optimiser::Batch
{
  std::vector<torch::Tensor> parameters, gradients, first, second, steps;
  std::vector<State *>       states;
};

Optimiser::Optimiser(const OptimiserPlan & plan, std::vector<ParameterGroup> groups)
  : m_Plan(plan)
  , m_Groups(std::move(groups))
{
  for (const auto & group : m_Groups) // kernels of a GPU read single numbers
  {
    const auto device = group.parameters.empty() ? torch::Device(torch::kCPU) : group.parameters.begin()->second.device();
    m_Rates.push_back(torch::zeros({}, torch::TensorOptions(device).dtype(device.is_cpu() ? torch::kDouble : torch::kFloat)));
  }
}

void Optimiser::SetRate(double rate)
{
  for (std::size_t i = 0; i < m_Groups.size(); ++i)
    m_Rates[i].fill_(rate * m_Groups[i].factor);
}

void Optimiser::ZeroGradients()
{
  for (auto & group : m_Groups)
    for (auto & [name, parameter] : group.parameters)
      parameter.mutable_grad().reset();
}

std::vector<torch::Tensor> Optimiser::Gradients() const
{
  std::vector<torch::Tensor> gradients;
  for (const auto & group : m_Groups)
    for (const auto & [name, parameter] : group.parameters)
      if (parameter.grad().defined())
        gradients.push_back(parameter.grad());
  return gradients;
}

Optimiser::Batch Optimiser::Gather(ParameterGroup & group)
{
  Batch batch;
  for (auto & [name, parameter] : group.parameters)
  {
    if (!parameter.grad().defined())
      continue;
    State & state = m_States[name];
    if (!state.steps.defined())
    {
      const auto & device = m_Plan.method == Method::Nadam ? torch::Device(torch::kCPU) : parameter.device();
      state.steps = torch::zeros({}, torch::TensorOptions(device).dtype(torch::kFloat));
      state.momenta = torch::ones({}, torch::kDouble);
      state.first = torch::zeros_like(parameter.detach());
      if (HasSecondMoment(m_Plan.method))
        state.second = torch::zeros_like(parameter.detach());
    }
    batch.parameters.push_back(parameter);
    batch.gradients.push_back(GradientOf(parameter));
    batch.first.push_back(state.first);
    if (HasSecondMoment(m_Plan.method))
      batch.second.push_back(state.second);
    batch.steps.push_back(state.steps);
    batch.states.push_back(&state);
  }
  return batch;
}

// Without waiting for the device: a factor of 1 where the norm is small enough.
void Optimiser::Clip()
{
  const auto gradients = Gradients();
  if (gradients.empty())
    return;
  const auto norm = torch::stack(at::_foreach_norm(gradients, 2)).norm();
  at::_foreach_mul_(gradients, (m_Plan.clipNorm / (norm + 1e-6)).clamp_max(1));
}

void Optimiser::Step(LossScaler * scaler)
{
  const torch::NoGradGuard     noGradient;
  std::optional<torch::Tensor> infinity;
  if (scaler)
    infinity = scaler->Unscale(Gradients());
  if (m_Plan.clipNorm > 0)
    Clip();
  for (std::size_t i = 0; i < m_Groups.size(); ++i)
  {
    auto &       group = m_Groups[i];
    const auto & rate = m_Rates[i];
    auto         batch = Gather(group);
    if (batch.parameters.empty())
      continue;
    if (m_Plan.method == Method::Nadam)
    {
      if (!infinity || infinity->item<float>() == 0)
        StepNadam(batch, rate.item<double>(), group.decay);
      continue;
    }
    at::_foreach_add_(batch.steps, 1);
    if (m_Plan.method == Method::AdamW)
      at::_fused_adamw_(batch.parameters, batch.gradients, batch.first, batch.second, {}, batch.steps, rate, firstDecay, secondDecay, group.decay, epsilon, false, false, {}, infinity);
    else if (m_Plan.method == Method::Adam)
      at::_fused_adam_(batch.parameters, batch.gradients, batch.first, batch.second, {}, batch.steps, rate, firstDecay, secondDecay, group.decay, epsilon, false, false, {}, infinity);
    else
      at::_fused_sgd_(batch.parameters, batch.gradients, batch.first, group.decay, m_Plan.momentum, rate, 0, m_Plan.method == Method::Nesterov, false, false, {}, infinity);
    if (infinity)
      for (auto & steps : batch.steps)
        steps.sub_(infinity->squeeze());
  }
  if (scaler)
    scaler->Update();
}

// Dozat 2016, algorithm 2: the momentum of this step and of the next, bias-corrected by the product of all so far.
void Optimiser::StepNadam(Batch & batch, double rate, double decay)
{
  constexpr double momentumDecay = 0.004;
  for (std::size_t i = 0; i < batch.parameters.size(); ++i)
  {
    State &    state = *batch.states[i];
    auto &     parameter = batch.parameters[i];
    const auto gradient = decay > 0 ? batch.gradients[i] + decay * parameter : batch.gradients[i];
    const auto step = state.steps.add_(1).item<double>();
    const auto momentumAt = [](double t) { return firstDecay * (1 - 0.5 * std::pow(0.96, t * momentumDecay)); };
    const double now = momentumAt(step), next = momentumAt(step + 1), product = state.momenta.mul_(now).item<double>();
    state.first.lerp_(gradient, 1 - firstDecay);
    state.second.mul_(secondDecay).addcmul_(gradient, gradient, 1 - secondDecay);
    const auto denominator = (state.second / (1 - std::pow(secondDecay, step))).sqrt_().add_(epsilon);
    parameter.addcdiv_(gradient, denominator, -rate * (1 - now) / (1 - product));
    parameter.addcdiv_(state.first, denominator, -rate * next / (1 - product * next));
  }
}

void Optimiser::Save(TensorFile & file) const
{
  for (const auto & [name, state] : m_States)
  {
    file.arrays[name + ".first"] = ArrayOf(state.first);
    if (state.second.defined())
      file.arrays[name + ".second"] = ArrayOf(state.second);
    file.metadata["step." + name] = Concat(state.steps.item<std::int64_t>(), ' ', FormatNumber(state.momenta.item<double>()));
  }
}

void Optimiser::Restore(const TensorFile & file)
{
  for (auto & group : m_Groups)
    for (auto & [name, parameter] : group.parameters)
      if (const auto found = file.metadata.find("step." + name); found != file.metadata.end())
      {
        const auto numbers = Split(found->second, ' ');
        State &    state = m_States[name];
        const auto device = m_Plan.method == Method::Nadam ? torch::Device(torch::kCPU) : parameter.device();
        state.steps = torch::full({}, ParseDouble(numbers.front()).value_or(0), torch::TensorOptions(device).dtype(torch::kFloat));
        state.momenta = torch::full({}, ParseDouble(numbers.back()).value_or(1), torch::kDouble);
        state.first = TensorLike(parameter.detach(), file, name + ".first");
        if (HasSecondMoment(m_Plan.method))
          state.second = TensorLike(parameter.detach(), file, name + ".second");
      }
}

} // namespace serval
