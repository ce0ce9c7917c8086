#include "FeaturePooling.h"

#include "serval/Core/Error.h"
#include "serval/Core/Text.h"

#include <torch/utils.h>

#include <algorithm>
#include <limits>

namespace serval
{
namespace
{

using Pooling = FeatureTable::Pooling;

/// The share of each voxel of the maps that lies in the mask, [N,1,voxels], summing to 1; all alike where the mask is empty.
torch::Tensor MaskWeights(const torch::Tensor & maps, const torch::Tensor & mask)
{
  const auto space = maps.sizes().slice(2);
  const auto share = (space.size() == 3 ? torch::adaptive_avg_pool3d(mask, space) : torch::adaptive_avg_pool2d(mask, space)).flatten(2);
  const auto weight = torch::where(share.sum(2, true) > 0, share, torch::ones_like(share));
  return weight / weight.sum(2, true);
}

torch::Tensor MaskedStatistics(const torch::Tensor & flat, const torch::Tensor & weight)
{
  const auto mean = (flat * weight).sum(2, true);
  const auto deviation = ((flat - mean).square() * weight).sum(2).sqrt();
  const auto most = flat.masked_fill(weight.eq(0), -std::numeric_limits<float>::infinity()).amax(2);
  return torch::cat({ mean.squeeze(2), deviation, most }, 1);
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
    case Pooling::Masked: return (flat * MaskWeights(values, mask)).sum(2);
    case Pooling::MaskedStatistics: return MaskedStatistics(flat, MaskWeights(values, mask));
    case Pooling::Flatten: return flat.flatten(1);
    default: return flat.mean(2);
  }
}

} // namespace

FeatureTable FeatureTable::Parse(const std::string & name, const std::vector<std::string> & known)
{
  const std::map<std::string, Pooling> poolings{ { "mean", Pooling::Mean }, { "max", Pooling::Max }, { "statistics", Pooling::Statistics }, { "masked", Pooling::Masked },
                                                 { "masked-statistics", Pooling::MaskedStatistics }, { "flatten", Pooling::Flatten } };
  FeatureTable table;
  table.name = name;
  const auto colon = name.find(':');
  if (colon != std::string::npos)
  {
    const auto found = poolings.find(name.substr(colon + 1));
    Require(found != poolings.end(), Fault::Usage, "features '", name, "': the pooling '", name.substr(colon + 1), "' is none of mean, max, statistics, masked, masked-statistics, flatten");
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
