#pragma once

#include "Tasks.h"

#include <torch/types.h>

#include <map>
#include <string>

namespace serval
{

/// A convolutional restricted Boltzmann machine with probabilistic max-pooling (Lee 2009) that shares its weight, and its
/// bias where there is one, with a convolution of a network. Visible units are Gaussian of unit variance, hidden ones
/// binary; of each pooling block at most one is on. Learns by one step of contrastive divergence (Hinton 2002) and is
/// pulled to a sparse activity.
class BoltzmannMachine
{
public:
  /// Fault::Usage unless `layer` names one convolution of stride 1 in one group.
  BoltzmannMachine(GraphNetwork & net, const std::string & layer, const BoltzmannPlan & plan);

  /// Gradients of weight and biases from a batch of the network's input are in place afterwards; the loss is the squared
  /// error of the reconstruction, the accuracy its explained share.
  Outcome Learn(const torch::Tensor & images);

  std::map<std::string, torch::Tensor> Parameters() const { return { { "weight", m_Weight }, { "bias", m_Bias }, { "visible-bias", m_VisibleBias } }; }

private:
  torch::Tensor Visible(const torch::Tensor & images);
  torch::Tensor Activity(const torch::Tensor & input) const; ///< what each hidden unit receives
  torch::Tensor Probabilities(const torch::Tensor & activity, torch::Tensor * sample) const;

  GraphNetwork & m_Net;
  BoltzmannPlan  m_Plan;
  Node           m_Node;
  std::string    m_Before; ///< the node that the convolution reads; empty for the input
  torch::Tensor  m_Weight, m_Bias, m_VisibleBias;
};

} // namespace serval
