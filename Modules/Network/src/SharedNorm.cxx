#include "Operations.h"

#include <ATen/ops/batch_norm_update_stats.h>
#include <ATen/ops/native_batch_norm.h>
#include <ATen/ops/native_batch_norm_backward.h>
#include <ATen/ops/stack.h>
#include <torch/csrc/autograd/custom_function.h>

#include <vector>

namespace serval::operations
{
namespace
{

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// [1,C,1,...], which fits maps.
torch::Tensor OverMaps(const torch::Tensor & values, const torch::Tensor & maps)
{
  std::vector<std::int64_t> shape(static_cast<std::size_t>(maps.dim()), 1);
  shape[1] = values.numel();
  return values.reshape(shape);
}

// The kernels of fixed statistics compute the maps, given mean and variance over all processes; what the gradient owes to
// these statistics is linear in the input.
class BatchNorm : public torch::autograd::Function<BatchNorm>
{
public:
  static torch::Tensor forward(AutogradContext * context, const torch::Tensor & input, const torch::Tensor & weight, const torch::Tensor & bias, torch::Tensor runningMean,
                               torch::Tensor runningVariance, double momentum, double epsilon, const SumOverProcesses & sum)
  {
    const auto maps = input.contiguous(input.suggest_memory_format());
    const auto [own, ownVariance] = at::batch_norm_update_stats(maps, {}, {}, 0);
    const double samples = static_cast<double>(maps.numel() / maps.size(1));
    const auto   ownMean = own.to(torch::kDouble);
    auto         sums = torch::stack({ ownMean, ownVariance.to(torch::kDouble) + ownMean.square(), torch::ones_like(ownMean) }) * samples;
    sum(sums);
    const auto count = sums[2], mean = sums[0] / count, variance = (sums[1] / count - mean.square()).clamp_min(0);
    runningMean.mul_(1 - momentum).add_(mean.to(torch::kFloat), momentum);
    runningVariance.mul_(1 - momentum).add_((variance * count / (count - 1).clamp_min(1)).to(torch::kFloat), momentum);
    const auto [output, m, v] = at::native_batch_norm(maps, weight, bias, mean.to(torch::kFloat), variance.to(torch::kFloat), false, 0, epsilon);
    context->save_for_backward({ maps, weight, mean.to(torch::kFloat), variance.to(torch::kFloat), count.to(torch::kFloat) });
    context->saved_data["epsilon"] = epsilon;
    context->saved_data["sum"] = c10::IValue::make_capsule(c10::make_intrusive<Sum>(sum));
    return output;
  }

  static variable_list backward(AutogradContext * context, variable_list gradients)
  {
    const auto   saved = context->get_saved_variables();
    const auto & maps = saved[0], weight = saved[1], mean = saved[2], variance = saved[3], count = saved[4];
    const double epsilon = context->saved_data["epsilon"].toDouble();
    const auto   gradient = gradients[0].contiguous(maps.suggest_memory_format());
    const auto   unit = weight.defined() ? weight : torch::ones_like(mean);
    const auto [ofInput, ofWeight, ofBias] = at::native_batch_norm_backward(gradient, maps, unit, mean, variance, {}, {}, false, epsilon, { true, true, true });
    auto sums = torch::stack({ ofBias, ofWeight }).to(torch::kFloat); // of the gradient, and of it times the normalised input
    static_cast<Sum &>(*context->saved_data["sum"].toCapsule()).sum(sums);
    const auto inverse = (variance + epsilon).rsqrt(), scale = unit * inverse / count;
    const auto slope = scale * inverse * sums[1], offset = scale * sums[0] - slope * mean;
    const auto owed = OverMaps(offset, maps) + maps.to(torch::kFloat) * OverMaps(slope, maps);
    variable_list all(8);
    all[0] = (ofInput.to(torch::kFloat) - owed).to(maps.scalar_type());
    if (weight.defined())
    {
      all[1] = ofWeight;
      all[2] = ofBias;
    }
    return all;
  }

private:
  struct Sum : torch::CustomClassHolder
  {
    explicit Sum(SumOverProcesses s)
      : sum(std::move(s))
    {}
    SumOverProcesses sum;
  };
};

} // namespace

torch::Tensor NormaliseBatches(const torch::Tensor & input, const torch::Tensor & weight, const torch::Tensor & bias, const torch::Tensor & runningMean,
                               const torch::Tensor & runningVariance, double momentum, double epsilon, const SumOverProcesses & sum)
{
  return BatchNorm::apply(input, weight, bias, runningMean, runningVariance, momentum, epsilon, sum);
}

} // namespace serval::operations
