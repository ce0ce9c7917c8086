#pragma once

#include "serval/Core/Geometry.h"

#include <vector>

namespace serval
{

/// First voxels of windows that cover a volume, x fastest; neighbours share at least `overlap` (0 to below 1) of an edge and
/// lie evenly. Along an axis on which the volume is smaller than the window there is one, centred, whose first voxel is
/// negative.
std::vector<Extent> PlanTiles(const Extent & volume, const Extent & window, double overlap);

/// Weights of a window's voxels, x fastest: a Gaussian about the centre, of standard deviation 1/8 of each edge and 1 at its
/// highest (Isensee 2021), nowhere below 1e-3, so that sums of weights can be divided by.
std::vector<float> TileWeights(const Extent & window);

} // namespace serval
