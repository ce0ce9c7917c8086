#pragma once

#include "serval/Core/Geometry.h"

#include <string>
#include <vector>

namespace serval
{

/// One voxel size for a cohort, fitted on its training cases.
struct SpacingPlan
{
  Spacing spacing;             ///< mm, along the index axes
  Extent  medianSize;          ///< voxels of a case at that spacing, in the median along each axis
  int     cases = 0;           ///< fitted on so many
  bool    isAnisotropic = false;

  std::string        ToJson() const;
  static SpacingPlan FromJson(const std::string & json);
};

/// The rule of nnU-Net (Isensee et al., Nature Methods 2021, "target spacing"): along each axis the median voxel edge. Where
/// one axis has voxels more than 3 times as long, and fewer than a third as many, as each other axis, it gets the 10th
/// percentile of its voxel edges instead, though never less than the longest of the others. All geometries must have
/// their index axes in one order. Fault::Input when there are none.
SpacingPlan FitSpacing(const std::vector<Geometry> & geometries);

} // namespace serval
