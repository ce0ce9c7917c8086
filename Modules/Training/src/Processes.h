#pragma once

#include <torch/types.h>

#include <functional>
#include <memory>
#include <vector>

namespace serval
{

/// The processes that train together (c10d: Gloo on CPUs, NCCL on GPUs). All call everything in the same order.
class Processes
{
public:
  /// This process alone.
  Processes() = default;
  /// Those that torchrun or srun started with this one (ProcessPlan); meets them at the first call. Fault::Environment when
  /// they cannot be reached, or when this Serval is built without.
  static Processes Of(const torch::Device & device);

  int  Rank() const;
  int  Count() const;
  bool IsFirst() const { return Rank() == 0; }

  /// Each element summed over all processes, in place; waits. Fault::Environment when one of them has ended.
  void Sum(torch::Tensor tensor) const;
  /// The same, begun; the function that is given back waits.
  std::function<void()> BeginSum(torch::Tensor tensor) const;

private:
  struct Group;
  std::shared_ptr<Group> m_Group;
};

/// Mean gradients over all processes, bucket by bucket while backward still computes the next.
class GradientMean
{
public:
  static constexpr std::int64_t bucketBytes = 4 << 20;

  /// `parameters`: those that learn, in the order of the network; the last come first.
  GradientMean(const Processes & processes, const std::vector<torch::Tensor> & parameters);
  ~GradientMean();
  GradientMean(const GradientMean &) = delete;
  GradientMean & operator=(const GradientMean &) = delete;

  /// Before the last backward of a step.
  void Begin();
  /// After it: all gradients are means. Parameters that have none in any process stay without.
  void Finish();

private:
  struct Impl;
  std::unique_ptr<Impl> m_Impl;
};

} // namespace serval
