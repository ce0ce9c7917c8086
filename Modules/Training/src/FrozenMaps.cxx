#include "FrozenMaps.h"

#include "Cuda.h"

#include <torch/utils.h>

#include <algorithm>
#include <utility>

namespace serval
{

void FrozenMaps::Keep(GraphNetwork & net, const std::vector<std::string> & layers, const std::vector<std::size_t> & patches, std::size_t batch,
                      const std::function<torch::Tensor(const std::vector<std::size_t> &)> & images)
{
  FrozenMaps kept; // this one stays empty until all are there
  kept.m_Nodes = net.Frontier(layers);
  if (kept.m_Nodes.empty())
    return;
  const torch::NoGradGuard noGradient;
  std::int64_t             row = 0;
  for (std::size_t at = 0; at < patches.size(); at += batch)
  {
    const std::vector<std::size_t> part(patches.begin() + std::ptrdiff_t(at), patches.begin() + std::ptrdiff_t(std::min(patches.size(), at + batch)));
    GraphNetwork::Tensors          taps;
    for (const auto & node : kept.m_Nodes)
      taps.emplace(node, torch::Tensor());
    net.SetTraining(false); // the layers that learn must not take notice
    net.Forward(images(part), &taps);
    net.SetTraining(true);
    std::int64_t bytes = 0;
    for (const auto & [name, maps] : taps)
      bytes += static_cast<std::int64_t>(maps.nbytes()) / maps.size(0) * static_cast<std::int64_t>(patches.size());
    if (bytes > mostBytes)
      return;
    for (std::size_t n = 0; n < kept.m_Nodes.size(); ++n)
    {
      const auto & maps = taps.at(kept.m_Nodes[n]);
      if (at == 0)
      {
        auto shape = maps.sizes().vec();
        shape[0] = static_cast<std::int64_t>(patches.size());
        kept.m_Maps.push_back(torch::empty(shape, maps.options().device(torch::kCPU), maps.suggest_memory_format()));
      }
      kept.m_Maps[n].narrow(0, row, maps.size(0)).copy_(maps);
    }
    for (const auto patch : part)
      kept.m_Rows[patch] = row++;
  }
  *this = std::move(kept);
}

std::vector<torch::Tensor> FrozenMaps::Of(const std::vector<std::size_t> & patches, const torch::Device & device) const
{
  auto rows = torch::empty({ static_cast<std::int64_t>(patches.size()) }, torch::kLong);
  for (std::size_t i = 0; i < patches.size(); ++i)
    rows.data_ptr<std::int64_t>()[i] = m_Rows.at(patches[i]);
  std::vector<torch::Tensor> maps;
  for (const auto & all : m_Maps)
    maps.push_back(all.index_select(0, rows).contiguous(all.suggest_memory_format()).to(device));
  return maps;
}

GraphNetwork::Tensors FrozenMaps::Named(const std::vector<torch::Tensor> & maps, std::size_t first) const
{
  GraphNetwork::Tensors named;
  for (std::size_t n = 0; n < m_Maps.size(); ++n)
    named[m_Nodes[n]] = maps[first + n];
  return named;
}

} // namespace serval
