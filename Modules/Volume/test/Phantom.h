#pragma once

#include "serval/Volume/Volume.h"

#include <cmath>

namespace serval::support
{

/// Unequal axes, unequal spacing, turned about two axes of the patient.
inline Geometry ObliqueGeometry(Extent extent = { 5, 6, 7 })
{
  Geometry     geometry{ extent, { 0.7, 1.1, 2.5 }, { -12.5, 30.25, -101 }, {} };
  const double c = std::cos(0.3), s = std::sin(0.3), d = std::cos(-0.2), t = std::sin(-0.2);
  geometry.direction = { c, -s * d, s * t, s, c * d, -c * t, 0, t, d };
  return geometry;
}

/// Value x + 10 y + 100 z - 300: every voxel differs, some are negative.
inline Volume Ramp(const Geometry & geometry = ObliqueGeometry())
{
  std::vector<std::int16_t> voxels;
  for (std::int64_t z = 0; z < geometry.extent.z; ++z)
    for (std::int64_t y = 0; y < geometry.extent.y; ++y)
      for (std::int64_t x = 0; x < geometry.extent.x; ++x)
        voxels.push_back(static_cast<std::int16_t>(x + 10 * y + 100 * z - 300));
  return { geometry, std::move(voxels), {} };
}

} // namespace serval::support
