#include "FeaturePooling.h"

#include "serval/Core/Error.h"
#include "serval/Core/Text.h"

#include <torch/utils.h>

#include <algorithm>

namespace serval
{
namespace
{

using Pooling = FeatureTable::Pooling;

torch::Tensor MaskedMean(const torch::Tensor & flat, const torch::Tensor & maps, const torch::Tensor & mask)
{
  const auto space = maps.sizes().slice(2);
  const auto share = (space.size() == 3 ? torch::adaptive_avg_pool3d(mask, space) : torch::adaptive_avg_pool2d(mask, space)).flatten(2); // [N,1,voxels]
  const auto weight = torch::where(share.sum(2, true) > 0, share, torch::ones_like(share));
  return (flat * weight).sum(2) / weight.sum(2);
}

torch::Tensor PoolOne(Pooling pooling, const torch::Tensor & maps, const torch::Tensor & mask)
{
  const auto values = maps.to(torch::kFloat);
  if (values.dim() == 2)
    return values;
  const auto flat = values.contiguous().flatten(2); // [N,C,voxels]
  switch (pooling)
  {
    case Pooling::Max: return flat.amax(2);
    case Pooling::Statistics: return torch::cat({ flat.mean(2), flat.std(2, false), flat.amax(2) }, 1);
    case Pooling::Masked: return MaskedMean(flat, values, mask);
    case Pooling::Flatten: return flat.flatten(1);
    default: return flat.mean(2);
  }
}

} // namespace

FeatureTable FeatureTable::Parse(const std::string & name, const std::vector<std::string> & known)
{
  const std::map<std::string, Pooling> poolings{ { "mean", Pooling::Mean }, { "max", Pooling::Max }, { "statistics", Pooling::Statistics }, { "masked", Pooling::Masked },
                                                 { "flatten", Pooling::Flatten } };
  FeatureTable table;
  table.name = name;
  const auto colon = name.find(':');
  if (colon != std::string::npos)
  {
    const auto found = poolings.find(name.substr(colon + 1));
    Require(found != poolings.end(), Fault::Usage, "features '", name, "': the pooling '", name.substr(colon + 1), "' is none of mean, max, statistics, masked, flatten");
    table.pooling = found->second;
  }
  table.layers = Split(name.substr(0, colon), '+');
  for (const auto & layer : table.layers)
    Require(std::find(known.begin(), known.end(), layer) != known.end(), Fault::Usage, "the model has no layer '", layer, "'; it has ", Join(known, ", "));
  return table;
}

torch::Tensor FeatureTable::Pool(const std::map<std::string, torch::Tensor> & maps, const torch::Tensor & mask) const
{
  std::vector<torch::Tensor> parts;
  for (const auto & layer : layers)
    parts.push_back(layer == "classifier" ? torch::softmax(maps.at(layer).to(torch::kFloat), 1) : PoolOne(pooling, maps.at(layer), mask));
  return torch::cat(parts, 1);
}

} // namespace serval
