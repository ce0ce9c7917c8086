#pragma once

#include "serval/Volume/Volume.h"

#include <cstdint>
#include <span>
#include <vector>

namespace serval
{

/// Opening (erosion, then dilation) of a mask within its slices by a rectangle of 2 radius + 1 voxels; what lies beyond
/// the edge of a slice does not erode.
void OpenInSlices(std::span<std::uint8_t> mask, Extent extent, std::int64_t radiusX, std::int64_t radiusY);

/// CT: 1 where the patient is, lungs and other air inside included. The largest part above -300 HU after an opening of
/// 3 mm in the slices, which parts the patient from table and blankets, with its holes filled slice by slice.
std::vector<std::uint8_t> FindBody(const Volume & volume);

} // namespace serval
