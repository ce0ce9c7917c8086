#pragma once

#include "serval/Volume/Volume.h"

namespace serval
{

/// Fault::Input when a volume of `bytes` cannot be held in this machine's memory.
void RequireMemory(const std::filesystem::path & path, const Extent & extent, double bytes);

/// Fault::Input when the columns are not perpendicular unit vectors, or a spacing is not positive.
void RequireRightAngles(const Geometry & geometry, const std::filesystem::path & path);

} // namespace serval
