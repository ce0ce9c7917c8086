#pragma once

#include "serval/Volume/Volume.h"

#include <vector>

namespace serval
{

/// A patch's values on a volume's grid, however the two lie to each other: linear between the patch's voxels, up to their
/// outer faces; 0 beyond. Takes time for the voxels about the patch only.
Volume PatchOnGrid(const Geometry & grid, const Geometry & patch, const std::vector<float> & values);

} // namespace serval
