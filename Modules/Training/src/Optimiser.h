#pragma once

#include "serval/Core/TensorFile.h"
#include "serval/Training/OptimiserPlan.h"

#include <torch/types.h>

#include <map>
#include <string>
#include <vector>

namespace serval
{

/// Scale of the loss for float16 (Micikevicius 2018): doubled after 2000 steps with finite gradients, halved, and the step
/// left out, after one without. Lies on the device; nothing waits for it.
class LossScaler
{
public:
  explicit LossScaler(torch::Device device);

  torch::Tensor Scaled(const torch::Tensor & loss) const { return loss * m_Scale; }
  /// Divides the gradients by the scale; 1 where any is not finite, else 0.
  torch::Tensor Unscale(const std::vector<torch::Tensor> & gradients);
  /// After the step.
  void          Update();

  void Save(TensorFile & file) const;
  void Restore(const TensorFile & file);

private:
  torch::Tensor m_Scale, m_FiniteSteps, m_FoundInfinity;
};

/// Named parameters of one learning rate and weight decay.
struct ParameterGroup
{
  double                               factor = 1, decay = 0; ///< of the learning rate; as the plan's method takes it
  std::map<std::string, torch::Tensor> parameters;
};

/// Steps of an OptimiserPlan over groups of float32 parameters. Parameters without a gradient stay as they are, and their
/// moments and steps too.
class Optimiser
{
public:
  Optimiser(const OptimiserPlan & plan, std::vector<ParameterGroup> groups);

  void ZeroGradients();
  /// Of the steps from now on, times each group's factor. Lies on the device, where a recorded step reads it.
  void SetRate(double rate);
  /// Clips, then steps. `scaler`: the gradients are of its scaled loss.
  void Step(LossScaler * scaler = nullptr);

  /// Arrays PARAMETER.first and PARAMETER.second and metadata step.PARAMETER.
  void Save(TensorFile & file) const;
  /// Fault::Input when an array is missing or has another shape.
  void Restore(const TensorFile & file);

private:
  struct State
  {
    torch::Tensor first, second, steps; ///< `first`: momentum; `steps`: one float, on the parameter's device
    torch::Tensor momenta;              ///< Nadam: product of all momenta, float64 on the CPU
  };
  struct Batch; // parameters of a group that have gradients, with their states

  std::vector<torch::Tensor> Gradients() const;
  Batch                      Gather(ParameterGroup & group);
  void                       Clip();
  static void                StepNadam(Batch & batch, double rate, double decay);

  OptimiserPlan                m_Plan;
  std::vector<ParameterGroup>  m_Groups;
  std::vector<torch::Tensor>   m_Rates; ///< of each group
  std::map<std::string, State> m_States;
};

/// An array of the file in the layout of `like`; Fault::Input when it is missing or has another shape.
torch::Tensor TensorLike(const torch::Tensor & like, const TensorFile & file, const std::string & name);

} // namespace serval
