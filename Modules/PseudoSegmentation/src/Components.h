#pragma once

#include "serval/Core/Geometry.h"

#include <cstdint>
#include <span>

namespace serval
{

enum class Connectivity
{
  InSlice, ///< 4 neighbours in the slice
  Faces,   ///< 6 neighbours
  Full     ///< 26 neighbours
};

/// Keeps the `count` components of non-zero voxels that have most voxels; of equal ones the first in the volume.
void KeepLargestComponents(std::span<std::uint8_t> mask, Extent extent, int count, Connectivity connectivity);

/// Clears components with fewer than `voxels` voxels.
void RemoveSmallComponents(std::span<std::uint8_t> mask, Extent extent, double voxels, Connectivity connectivity);

/// Sets what is enclosed: components of zeros that touch no face of the volume (InSlice: no edge of their slice).
void FillHoles(std::span<std::uint8_t> mask, Extent extent, Connectivity ofTheHoles);

} // namespace serval
