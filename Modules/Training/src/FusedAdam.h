#pragma once

#include <torch/types.h>

#include <vector>

namespace serval
{

/// AdamW (Loshchilov 2019) with one kernel for all arrays of a group. Its learning rates and step numbers are tensors on the
/// device, so that a step can be recorded (CapturedStep) and the rate still changes.
class FusedAdam
{
public:
  struct Group
  {
    std::vector<torch::Tensor> parameters; ///< float32, all on one device
    double                     rate = 1;   ///< factor of the learning rate
    double                     weightDecay = 0;
  };
  explicit FusedAdam(std::vector<Group> groups);

  /// For the steps to come. Waits for nothing on a GPU.
  void SetRate(double learningRate);
  /// With beta 0.9 and 0.999, epsilon 1e-8. A parameter without gradient stays as it is, and so do its moments.
  void Step();
  /// Drops the gradients.
  void ZeroGradients();

private:
  struct State
  {
    Group                      group;
    torch::Tensor              rate;
    std::vector<torch::Tensor> first, second, steps; ///< moments, and a step number for each parameter
  };
  std::vector<State> m_States;
};

} // namespace serval
