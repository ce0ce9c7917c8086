#pragma once

#include "serval/Core/Geometry.h"

#include <itkMaskRuns.h>

#include <cstdint>
#include <span>

namespace serval
{

// Masks hold bytes of 0 and 1. The results do not depend on the number of threads.

using Connectivity = itk::MaskConnectivity;

/// Opening by a cross of `radius` voxels along each axis; what lies beyond the volume does not erode.
void OpenWithCross(std::span<std::uint8_t> mask, Extent extent, int radius, int threads = 1);

/// Keeps the `count` components of ones that have most voxels; of equal ones the first in the volume.
void KeepLargestComponents(std::span<std::uint8_t> mask, Extent extent, int count, Connectivity connectivity, int threads = 1);

/// Clears components with fewer than `voxels` voxels.
void RemoveSmallComponents(std::span<std::uint8_t> mask, Extent extent, double voxels, Connectivity connectivity,
                           int threads = 1);

/// Sets what is enclosed: components of zeros that touch no face of the volume (InSlice: no edge of their slice).
void FillHoles(std::span<std::uint8_t> mask, Extent extent, Connectivity ofTheHoles, int threads = 1);

} // namespace serval
