#include "serval/Inference/PatchOnGrid.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace serval
{
namespace
{

// Linear between the patch's voxels, up to their outer faces; 0 beyond.
float ValueAt(const std::vector<float> & values, const Geometry & patch, const Point & point)
{
  const auto                        index = patch.IndexAt(point);
  const std::array<std::int64_t, 3> size{ patch.extent.x, patch.extent.y, patch.extent.z };
  std::array<std::int64_t, 3>       low{};
  std::array<double, 3>             share{};
  for (std::size_t axis = 0; axis < 3; ++axis)
  {
    if (!(index[axis] >= -0.5 && index[axis] <= double(size[axis]) - 0.5))
      return 0;
    const double at = std::clamp(index[axis], 0.0, double(size[axis] - 1));
    low[axis] = std::min(static_cast<std::int64_t>(at), std::max<std::int64_t>(size[axis] - 2, 0));
    share[axis] = at - double(low[axis]);
  }
  double sum = 0;
  for (int corner = 0; corner < 8; ++corner)
  {
    double       weight = 1;
    std::int64_t place = 0, stride = 1;
    for (std::size_t axis = 0; axis < 3; ++axis)
    {
      const int far = corner >> axis & 1;
      weight *= far ? share[axis] : 1 - share[axis];
      place += stride * std::min(low[axis] + far, size[axis] - 1);
      stride *= size[axis];
    }
    sum += weight * double(values[static_cast<std::size_t>(place)]);
  }
  return static_cast<float>(sum);
}

/// Voxels of a grid from `low` up to, but not including, `high`.
struct Bounds
{
  std::array<std::int64_t, 3> low, high;
};

// A patch that lies obliquely reaches farthest with a corner.
Bounds BoundsIn(const Geometry & grid, const Geometry & patch)
{
  constexpr double      far = std::numeric_limits<double>::infinity();
  std::array<double, 3> low{ far, far, far }, high{ -far, -far, -far };
  for (int corner = 0; corner < 8; ++corner)
  {
    const auto face = [corner](int bit, std::int64_t size) { return corner >> bit & 1 ? double(size) - 0.5 : -0.5; };
    const auto index = grid.IndexAt(patch.PointAt(face(0, patch.extent.x), face(1, patch.extent.y), face(2, patch.extent.z)));
    for (std::size_t axis = 0; axis < 3; ++axis)
    {
      low[axis] = std::min(low[axis], index[axis]);
      high[axis] = std::max(high[axis], index[axis]);
    }
  }
  const std::array<std::int64_t, 3> size{ grid.extent.x, grid.extent.y, grid.extent.z };
  Bounds                            bounds{};
  for (std::size_t axis = 0; axis < 3; ++axis)
  { // a voxel more on each side, against rounding; ValueAt decides
    bounds.low[axis] = static_cast<std::int64_t>(std::clamp(std::floor(low[axis]) - 1, 0.0, double(size[axis])));
    bounds.high[axis] = static_cast<std::int64_t>(std::clamp(std::ceil(high[axis]) + 2, 0.0, double(size[axis])));
  }
  return bounds;
}

} // namespace

Volume PatchOnGrid(const Geometry & grid, const Geometry & patch, const std::vector<float> & values)
{
  std::vector<float> voxels(static_cast<std::size_t>(grid.extent.Voxels()), 0.F);
  const auto         bounds = BoundsIn(grid, patch);
  for (auto z = bounds.low[2]; z < bounds.high[2]; ++z)
    for (auto y = bounds.low[1]; y < bounds.high[1]; ++y)
      for (auto x = bounds.low[0]; x < bounds.high[0]; ++x)
        voxels[static_cast<std::size_t>((z * grid.extent.y + y) * grid.extent.x + x)] = ValueAt(values, patch, grid.PointAt(double(x), double(y), double(z)));
  return { grid, std::move(voxels), "" };
}

} // namespace serval
