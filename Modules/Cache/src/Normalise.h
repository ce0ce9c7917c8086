#pragma once

#include "serval/Cache/PatchCache.h"

#include <cstddef>
#include <span>

namespace serval::cache
{

/// target = (value - shift) * scale, the same bits for all widths of vectors; clipped to [low, high] where asked.
struct LinearMap
{
  float shift = 0, scale = 1;
  bool  isClipped = false;
  float low = -1, high = 1;
};

/// Native voxels of `type` to floats, for the processor's widest vectors.
void Normalise(std::span<const std::byte> raw, PixelType type, const LinearMap & map, std::span<float> target);

} // namespace serval::cache
