#pragma once
// What a cache holds of a patch, as numbers.

#include "serval/Cache/PatchCache.h"
#include "serval/Core/Error.h"

#include <cstring>
#include <vector>

namespace serval
{

template <typename TVoxel>
std::vector<float> AsFloats(const std::byte * raw, std::size_t count)
{
  std::vector<TVoxel> voxels(count);
  std::memcpy(voxels.data(), raw, count * sizeof(TVoxel));
  return { voxels.begin(), voxels.end() };
}

/// One channel's native intensities.
inline std::vector<float> VoxelsOf(const PatchCache & cache, std::size_t patch, int channel = 0)
{
  Require(channel >= 0 && channel < cache.Description().channels, Fault::Usage, "the cache has ", cache.Description().channels, " channels, the first is 0; ", channel, " is none of them");
  const auto   raw = cache.ReadRaw(patch);
  const auto   count = static_cast<std::size_t>(cache.Description().patch.Voxels());
  const auto * from = raw.data() + static_cast<std::size_t>(channel) * count * SizeOf(cache.TypeOf(patch));
  switch (cache.TypeOf(patch))
  {
    case PixelType::UInt8: return AsFloats<std::uint8_t>(from, count);
    case PixelType::Int16: return AsFloats<std::int16_t>(from, count);
    case PixelType::UInt16: return AsFloats<std::uint16_t>(from, count);
    default: return AsFloats<float>(from, count);
  }
}

} // namespace serval
