#pragma once

#include <torch/types.h>

#include <map>
#include <string>
#include <vector>

namespace serval
{

/// A table of features as it is asked for: "LAYER[+LAYER...][:POOLING]".
struct FeatureTable
{
  enum class Pooling
  {
    Mean,       ///< of each map
    Max,        ///< of each map
    Statistics, ///< mean, standard deviation and maximum: three numbers a map
    Masked,     ///< mean within the patch's segmentation (labels above 0; by the share of a map's voxel where maps are coarser), else of the whole map
    MaskedStatistics, ///< mean, standard deviation and maximum there
    Flatten     ///< every voxel of every map
  };
  std::string              name;
  std::vector<std::string> layers; ///< their features stand one behind the other
  Pooling                  pooling = Pooling::Mean;

  bool NeedsMask() const { return pooling == Pooling::Masked || pooling == Pooling::MaskedStatistics; }

  /// Fault::Usage for an unknown pooling, or a layer that is not among `known`.
  static FeatureTable Parse(const std::string & name, const std::vector<std::string> & known);

  /// `maps`: of each layer, [N,C,(Z,)Y,X] or [N,C] (which stay as they are, "classifier" as probabilities);
  /// `mask`: [N,1,(Z,)Y,X] in the size of the patch, undefined unless NeedsMask(). Gives [N, features] in float32.
  torch::Tensor Pool(const std::map<std::string, torch::Tensor> & maps, const torch::Tensor & mask) const;
};

} // namespace serval
