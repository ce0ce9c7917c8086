#pragma once

#include "serval/Core/Geometry.h"

#include <cstdint>
#include <string>
#include <vector>

namespace serval
{

/// How one asks which voxels a classifier's answer rests on.
struct SaliencyRequest
{
  enum class Method
  {
    GradCam,             ///< a layer's maps, weighted by the mean gradient of the class, without what speaks against it (Selvaraju 2017)
    IntegratedGradients, ///< gradients along the way from an empty patch, times the patch (Sundararajan 2017); summed over channels
    GuidedBackpropagation, ///< size of the gradient, of which rectifiers let only what speaks for the class through (Springenberg 2015); summed over channels
    Occlusion            ///< loss of the class's probability where a box hides the patch (Zeiler 2014), mean over the boxes of a voxel
  };
  Method        method = Method::GradCam;
  std::string   layer;          ///< of GradCam; empty: the last layer before the classifier whose maps have space
  int           classIndex = -1; ///< -1: the most probable one
  int           steps = 32;     ///< of IntegratedGradients
  Spacing       box{ 0, 0, 0 }; ///< edges of the occluding box in mm; 0: a quarter of the patch. It moves by half of it
  std::uint64_t seed = 1;       ///< of the network with random weights that the maps are compared with

  /// Fault::Usage for an unknown word.
  static Method MethodFrom(const std::string & text);
};

/// For one patch.
struct SaliencyMap
{
  std::vector<float> values; ///< x fastest, on the patch's grid
  int                classIndex = 0;
  float              probability = 0; ///< of the class
  double             completeness = 0; ///< of IntegratedGradients: sum of the map over the difference of the logits it explains
  /// Spearman's correlation with the map of the same network with random weights (Adebayo 2018): a map that stays the same
  /// does not show what was learned.
  double randomised = 0;
};

} // namespace serval
