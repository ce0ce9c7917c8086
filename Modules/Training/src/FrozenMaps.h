#pragma once

#include "serval/Network/GraphNetwork.h"

#include <torch/types.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace serval
{

/// What layers that never learn give for each patch, computed once.
class FrozenMaps
{
public:
  static constexpr std::int64_t mostBytes = std::int64_t{ 2 } << 30;

  /// Computes and keeps the maps on the host, unless the layers do not stand at the network's beginning or the maps would
  /// take more than `mostBytes`. `images`: the network's input of some patches. Statistics and random numbers stay.
  void Keep(GraphNetwork & net, const std::vector<std::string> & layers, const std::vector<std::size_t> & patches, std::size_t batch,
            const std::function<torch::Tensor(const std::vector<std::size_t> &)> & images);

  bool AreKept() const { return !m_Maps.empty(); }
  /// Of these patches, a tensor for each node, on the device.
  std::vector<torch::Tensor> Of(const std::vector<std::size_t> & patches, const torch::Device & device) const;
  /// The same by the names of their nodes, for GraphNetwork::Forward.
  GraphNetwork::Tensors Named(const std::vector<torch::Tensor> & maps, std::size_t first) const;

private:
  std::vector<std::string>              m_Nodes;
  std::map<std::size_t, std::int64_t>   m_Rows; ///< patch -> row
  std::vector<torch::Tensor>            m_Maps; ///< of each node, [patches, ...]
};

} // namespace serval
