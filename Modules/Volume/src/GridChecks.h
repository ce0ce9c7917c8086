#pragma once

#include "serval/Volume/Volume.h"

#include <cstdint>
#include <vector>

namespace serval
{

/// Fault::Input when a volume of `bytes` cannot be held in this machine's memory.
void RequireMemory(const std::filesystem::path & path, const Extent & extent, double bytes);

/// Fault::Input when a header promises more voxels than its file can hold.
void RequirePlausibleSize(const std::filesystem::path & path, double bytes);

/// Fault::Input unless the first three axes have at least 2 voxels.
void RequireThreeAxes(const std::vector<std::int64_t> & sizes, const std::filesystem::path & path);

/// The channel to read of a file with `channels`, which stand along its further axes or `components` in each voxel.
/// Fault::Input when there are several and none is chosen.
std::size_t ChosenChannel(const ReadOptions & options, const std::vector<std::int64_t> & sizes, std::int64_t components,
                          const std::filesystem::path & path);

/// Fault::Input when the columns are not perpendicular unit vectors, or a spacing is not positive.
void RequireRightAngles(const Geometry & geometry, const std::filesystem::path & path);

} // namespace serval
