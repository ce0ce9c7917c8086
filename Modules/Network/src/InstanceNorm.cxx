#include "Operations.h"

#include <ATen/ops/empty_like.h>
#include <ATen/ops/native_batch_norm.h>
#include <ATen/ops/native_batch_norm_backward.h>
#include <ATen/ops/zeros_like.h>
#include <torch/csrc/autograd/custom_function.h>

namespace serval::operations
{
namespace
{

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// Instance normalisation is batch normalisation of one sample. LibTorch's own loses the channels-last layout and is three
// to four times slower there (torch 2.13, CPU); its batch normalisation keeps the layout and the type of the maps.
class InstanceNorm : public torch::autograd::Function<InstanceNorm>
{
public:
  static torch::Tensor forward(AutogradContext * context, const torch::Tensor & input, const torch::Tensor & weight, const torch::Tensor & bias, double epsilon)
  {
    const auto    format = input.suggest_memory_format();
    const auto    maps = input.contiguous(format);
    auto          output = at::empty_like(maps);
    const auto    samples = maps.size(0);
    variable_list saved{ maps, weight };
    for (std::int64_t n = 0; n < samples; ++n)
    {
      auto place = output.narrow(0, n, 1);
      auto mean = at::empty({ maps.size(1) }, maps.options().dtype(torch::kFloat)), deviation = at::empty_like(mean);
      at::native_batch_norm_out(place, mean, deviation, maps.narrow(0, n, 1), weight, bias, {}, {}, true, 0, epsilon);
      saved.push_back(mean);
      saved.push_back(deviation); // one over it
    }
    context->save_for_backward(saved);
    context->saved_data["epsilon"] = epsilon;
    return output;
  }

  static variable_list backward(AutogradContext * context, variable_list gradients)
  {
    const auto    saved = context->get_saved_variables();
    const auto &  maps = saved[0], weight = saved[1];
    const double  epsilon = context->saved_data["epsilon"].toDouble();
    const auto    gradient = gradients[0].contiguous(maps.suggest_memory_format());
    auto          ofInput = at::empty_like(maps);
    torch::Tensor ofWeight, ofBias;
    for (std::int64_t n = 0; n < maps.size(0); ++n)
    {
      const auto [input, w, b] = at::native_batch_norm_backward(gradient.narrow(0, n, 1), maps.narrow(0, n, 1), weight, {}, {}, saved[std::size_t(2 + 2 * n)],
                                                                saved[std::size_t(3 + 2 * n)], true, epsilon, { true, weight.defined(), weight.defined() });
      ofInput.narrow(0, n, 1).copy_(input);
      if (weight.defined())
      {
        ofWeight = n == 0 ? w : ofWeight + w;
        ofBias = n == 0 ? b : ofBias + b;
      }
    }
    return { ofInput, ofWeight, ofBias, torch::Tensor() };
  }
};

} // namespace

torch::Tensor NormaliseInstances(const torch::Tensor & input, const torch::Tensor & weight, const torch::Tensor & bias, double epsilon, bool mayOverwrite)
{
  if (!mayOverwrite || torch::GradMode::is_enabled() || !input.is_contiguous(input.suggest_memory_format()))
    return InstanceNorm::apply(input, weight, bias, epsilon);
  for (std::int64_t n = 0; n < input.size(0); ++n) // the kernel takes its statistics before it writes
  {
    auto place = input.narrow(0, n, 1);
    auto mean = at::empty({ input.size(1) }, input.options().dtype(torch::kFloat)), deviation = at::empty_like(mean);
    at::native_batch_norm_out(place, mean, deviation, place, weight, bias, {}, {}, true, 0, epsilon);
  }
  return input;
}

} // namespace serval::operations
