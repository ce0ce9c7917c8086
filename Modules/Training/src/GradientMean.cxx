#include "Processes.h"

#include <torch/csrc/autograd/function_hook.h>
#include <torch/csrc/autograd/variable.h>
#include <torch/utils.h>

#include <cstddef>

namespace serval
{

// Buckets are sent in their order, which is the same in all processes, whatever order gradients are ready in.
struct GradientMean::Impl
{
  struct Bucket
  {
    std::vector<torch::Tensor> parameters;
    std::size_t                ready = 0;
    torch::Tensor              sum; ///< of the gradients, one after the other
    std::function<void()>      wait;
  };

  class Hook : public torch::autograd::PostAccumulateGradHook
  {
  public:
    Hook(Impl & impl, std::size_t bucket)
      : m_Impl(impl)
      , m_Bucket(bucket)
    {}
    void operator()(const torch::autograd::Variable &) override { m_Impl.Ready(m_Bucket); }

  private:
    Impl &      m_Impl;
    std::size_t m_Bucket;
  };

  Processes           processes;
  std::vector<Bucket> buckets;
  std::size_t         sent = 0;
  bool                isLast = false; ///< the backward that is going on

  void Ready(std::size_t bucket)
  {
    if (!isLast)
      return;
    ++buckets[bucket].ready;
    while (sent < buckets.size() && buckets[sent].ready == buckets[sent].parameters.size())
      Send(buckets[sent++]);
  }

  void Send(Bucket & bucket) const
  {
    const torch::NoGradGuard   noGradient;
    std::vector<torch::Tensor> flat;
    for (const auto & parameter : bucket.parameters)
      if (parameter.grad().defined())
        flat.push_back(parameter.grad().reshape(-1));
    if (flat.empty())
      return;
    bucket.sum = torch::cat(flat);
    bucket.wait = processes.BeginSum(bucket.sum);
  }

  void Receive(Bucket & bucket) const
  {
    if (!bucket.wait)
      return;
    const torch::NoGradGuard noGradient;
    bucket.wait();
    bucket.sum.div_(processes.Count());
    std::int64_t at = 0;
    for (auto & parameter : bucket.parameters)
      if (auto & gradient = parameter.mutable_grad(); gradient.defined())
      {
        gradient.copy_(bucket.sum.narrow(0, at, gradient.numel()).view(gradient.sizes()));
        at += gradient.numel();
      }
    bucket.wait = nullptr;
    bucket.sum.reset();
  }
};

GradientMean::GradientMean(const Processes & processes, const std::vector<torch::Tensor> & parameters)
  : m_Impl(std::make_unique<Impl>())
{
  m_Impl->processes = processes;
  std::int64_t bytes = bucketBytes;
  for (auto parameter = parameters.rbegin(); parameter != parameters.rend(); ++parameter)
  {
    if (bytes >= bucketBytes)
    {
      m_Impl->buckets.emplace_back();
      bytes = 0;
    }
    m_Impl->buckets.back().parameters.push_back(*parameter);
    bytes += static_cast<std::int64_t>(parameter->nbytes());
    torch::autograd::impl::set_post_acc_grad_hooks(*parameter, std::make_unique<Impl::Hook>(*m_Impl, m_Impl->buckets.size() - 1));
  }
}

GradientMean::~GradientMean()
{
  for (auto & bucket : m_Impl->buckets)
    for (auto & parameter : bucket.parameters)
      torch::autograd::impl::set_post_acc_grad_hooks(parameter, nullptr);
}

void GradientMean::Begin()
{
  m_Impl->sent = 0;
  m_Impl->isLast = true;
  for (auto & bucket : m_Impl->buckets)
    bucket.ready = 0;
}

void GradientMean::Finish()
{
  m_Impl->isLast = false;
  while (m_Impl->sent < m_Impl->buckets.size()) // those of parameters that this step did not use
    m_Impl->Send(m_Impl->buckets[m_Impl->sent++]);
  for (auto & bucket : m_Impl->buckets)
    m_Impl->Receive(bucket);
}

} // namespace serval
