#pragma once
// Tensor side of the Network module: for libservalLearning only.

#include "serval/Network/ModelFile.h"
#include "serval/Network/TransferPlan.h"

#include <torch/types.h>

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace serval
{

/// The network of a NetworkSpec: it holds the arrays of the layer graph and computes it node by node.
class GraphNetwork
{
public:
  /// `input`: size of a patch in voxels, on which dense and locally connected layers depend. Weights are drawn from
  /// torch's generator.
  GraphNetwork(const NetworkSpec & spec, const Extent & input);

  using Tensors = std::map<std::string, torch::Tensor>;
  /// Outputs by the graph's names: logits "segmentation" [N,K,(Z,)Y,X], "classes" [N,K], ... `taps`: filled with the
  /// maps of each layer (before its pooling) or node named by its keys.
  /// `given`: the output of nodes by the names of Frontier, which are not computed, nor what only they need; `input` may be undefined then.
  Tensors Forward(const torch::Tensor & input, Tensors * taps = nullptr, const Tensors * given = nullptr);

  /// Nodes ("=NAME") that depend on the input and on these layers alone and that others read, or that are outputs; none
  /// where others read the input itself.
  std::vector<std::string> Frontier(const std::vector<std::string> & layers) const;

  /// Frozen layers keep parameters and running statistics.
  void Freeze(const std::vector<std::string> & layers);
  /// Training mode (batch statistics, dropout) for all but the frozen layers.
  void SetTraining(bool isTraining) { m_IsTraining = isTraining; }
  /// For inference only: batch normalisations become part of the convolutions before them. Layers put out the same as
  /// before, to rounding; the arrays are no longer those of the model.
  void FoldNormalisations();
  /// Batch normalisations take their statistics over several processes: `sum` adds a tensor up over them, in place.
  void ShareStatistics(std::function<void(torch::Tensor)> sum) { m_SumOverProcesses = std::move(sum); }
  /// For inference only: kernels and biases of convolutions are kept in the type that maps have.
  void Reduce(torch::ScalarType type);
  /// To the device; kernels in the layout of the maps (channels last).
  void Place(const torch::Device & device);

  /// Copies arrays by name and shape.
  LoadReport Load(const std::map<std::string, TensorFile::Array> & arrays, const std::vector<std::string> & reset);
  std::map<std::string, TensorFile::Array> Arrays() const;

  /// Parameters and running statistics by name.
  void ForEachArray(const std::function<void(const std::string & name, torch::Tensor & array)> & visit);

  const LayerGraph & Graph() const { return m_Graph; }
  Tensors &          Parameters() { return m_Parameters; }
  const Tensors &    Parameters() const { return m_Parameters; }

private:
  void                  MakeArrays(const Node & node, const MapShape & from, const MapShape & to);
  torch::Tensor         Compute(const Node & node, const std::vector<torch::Tensor> & inputs, bool mayOverwrite);
  torch::Tensor         Normalise(const Node & node, const torch::Tensor & input, bool isTraining, bool mayOverwrite);
  const torch::Tensor * Find(const std::string & name) const;
  std::vector<bool>     NeededWith(const Tensors & given) const;

  LayerGraph                 m_Graph;
  Tensors                    m_Parameters, m_Statistics;
  std::vector<int>           m_LastUse;  ///< node -> the last node that reads it
  std::vector<int>           m_UseCount; ///< node -> how many nodes read it
  std::map<std::string, int> m_Taps;     ///< layer or node -> node
  std::set<std::string>      m_Frozen;
  std::set<int>              m_Folded; ///< normalisations that are part of a convolution
  bool                       m_IsTraining = true;
  std::function<void(torch::Tensor)> m_SumOverProcesses;
};

/// A copy in float32, whatever the tensor's device, type and layout.
TensorFile::Array ArrayOf(const torch::Tensor & tensor);

/// Mean over all axes of space: [N,C,...] -> [N,C], float32; [N,C] stays.
torch::Tensor GlobalAverage(const torch::Tensor & maps);

} // namespace serval
