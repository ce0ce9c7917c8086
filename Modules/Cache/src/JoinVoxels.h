#pragma once

#include "serval/Cache/PatchCache.h"

#include <cstddef>
#include <span>
#include <vector>

namespace serval
{

/// The narrowest type that holds every value of both.
PixelType JointType(PixelType a, PixelType b);

/// Native voxels as a type that holds them all, as JointType gives it.
std::vector<std::byte> ConvertVoxels(std::span<const std::byte> voxels, PixelType from, PixelType to);

/// Rows of both in turn: `row` bytes of `a`, then of `b`. Both are as long, a multiple of `row`.
std::vector<std::byte> JoinRows(std::span<const std::byte> a, std::span<const std::byte> b, std::size_t row);

} // namespace serval
