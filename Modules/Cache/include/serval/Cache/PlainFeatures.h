#pragma once

#include "serval/Cache/PatchCache.h"

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace serval
{

/// Numbers of a patch that hold nothing of the shape of what it shows: the size-only baseline learns from these alone.
///
/// `volume_x/y/z` (voxels of the case's whole volume) and `volume_spacing_x/y/z` (mm), both where every case of the cache has
/// them; `corner_x/y/z` (first voxel in the volume) where the place is told; `spacing_x/y/z` (mm) and `extent_x/y/z` (mm) of the patch; of each stored
/// channel's native intensities in the patch `mean_C`, `deviation_C` (root of the mean square about the mean), `minimum_C`, `maximum_C`, and
/// percentiles `p1_C, p25_C, p50_C, p75_C, p99_C` (linear between order statistics).
struct PlainFeatures
{
  enum class Place
  {
    Untold, ///< no network sees it either
    Told    ///< a class that is a place, as that of a patch's centre, may lie in it alone
  };
  std::vector<std::string> names;
  std::vector<float>       values; ///< row after row, in the order of the patches asked for

  static PlainFeatures Of(const PatchCache & cache, std::span<const std::size_t> patches, Place place = Place::Untold);
};

} // namespace serval
