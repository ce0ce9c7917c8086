#include "Body.h"

#include "Components.h"

#include <algorithm>
#include <cmath>

namespace serval
{
namespace
{

constexpr double bodyThreshold = -300;  // HU: between fat and lung, above padding (-1024 to -3024)
constexpr double openingRadius = 3;     // mm
constexpr double smallestSetting = 1;   // voxel

// One pass of a window of 2 radius + 1 voxels along lines of the given stride: a voxel gets `value` where the window
// holds at least one voxel of `value`.
void Spread(std::uint8_t * line, std::int64_t size, std::int64_t stride, std::int64_t radius, std::uint8_t value,
            std::vector<std::uint8_t> & copy)
{
  copy.resize(static_cast<std::size_t>(size));
  for (std::int64_t i = 0; i < size; ++i)
    copy[static_cast<std::size_t>(i)] = line[i * stride];
  std::int64_t last = -radius - 1; // the last voxel of `value` behind or within the window
  std::int64_t ahead = 0;
  for (std::int64_t i = 0; i < size; ++i)
  {
    for (; ahead < size && ahead <= i + radius; ++ahead)
      if (copy[static_cast<std::size_t>(ahead)] == value)
        last = ahead;
    if (last >= i - radius)
      line[i * stride] = value;
  }
}

void SpreadInSlice(std::uint8_t * slice, Extent extent, std::int64_t radiusX, std::int64_t radiusY, std::uint8_t value)
{
  std::vector<std::uint8_t> copy;
  for (std::int64_t y = 0; y < extent.y; ++y)
    Spread(slice + y * extent.x, extent.x, 1, radiusX, value, copy);
  for (std::int64_t x = 0; x < extent.x; ++x)
    Spread(slice + x, extent.y, extent.x, radiusY, value, copy);
}

std::int64_t RadiusInVoxels(double spacing)
{
  return static_cast<std::int64_t>(std::max(smallestSetting, std::round(openingRadius / spacing)));
}

} // namespace

void OpenInSlices(std::span<std::uint8_t> mask, Extent extent, std::int64_t radiusX, std::int64_t radiusY)
{
  for (std::int64_t z = 0; z < extent.z; ++z)
  {
    std::uint8_t * slice = mask.data() + z * extent.x * extent.y;
    SpreadInSlice(slice, extent, radiusX, radiusY, 0);
    SpreadInSlice(slice, extent, radiusX, radiusY, 1);
  }
}

std::vector<std::uint8_t> FindBody(const Volume & volume)
{
  const Geometry &          g = volume.geometry;
  std::vector<std::uint8_t> mask(static_cast<std::size_t>(g.extent.Voxels()));
  std::visit(
    [&](const auto & voxels) {
      for (std::size_t i = 0; i < voxels.size(); ++i)
        mask[i] = static_cast<double>(voxels[i]) > bodyThreshold;
    },
    volume.voxels);
  OpenInSlices(mask, g.extent, RadiusInVoxels(g.spacing.x), RadiusInVoxels(g.spacing.y));
  KeepLargestComponents(mask, g.extent, 1, Connectivity::Faces);
  FillHoles(mask, g.extent, Connectivity::InSlice);
  return mask;
}

} // namespace serval
