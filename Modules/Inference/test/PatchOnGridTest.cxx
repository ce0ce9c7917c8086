#include "serval/Inference/PatchOnGrid.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

namespace serval
{
namespace
{

// Unequal voxels, turned about z by an angle (radians).
Geometry Turned(Extent extent, Spacing spacing, Point origin, double angle)
{
  Geometry g;
  g.extent = extent;
  g.spacing = spacing;
  g.origin = origin;
  g.direction = { std::cos(angle), -std::sin(angle), 0, std::sin(angle), std::cos(angle), 0, 0, 0, -1 };
  return g;
}

std::vector<float> Ramp(const Geometry & patch)
{
  std::vector<float> values(static_cast<std::size_t>(patch.extent.Voxels()));
  std::iota(values.begin(), values.end(), 1.F);
  return values;
}

const std::vector<float> & Values(const Volume & volume) { return std::get<std::vector<float>>(volume.voxels); }

TEST(PatchOnGrid, ABlockOfTheGridComesBackAtItsPlace)
{
  const auto grid = Turned({ 9, 8, 7 }, { 1, 1.5, 2 }, { -4, 3, 20 }, 0.4);
  const auto patch = grid.Block({ 2, 3, 1 }, { 5, 4, 3 });
  const auto map = PatchOnGrid(grid, patch, Ramp(patch));
  EXPECT_EQ(map.geometry.extent, grid.extent);
  float next = 1;
  for (std::int64_t z = 0; z < 7; ++z)
    for (std::int64_t y = 0; y < 8; ++y)
      for (std::int64_t x = 0; x < 9; ++x)
      {
        const bool isIn = x >= 2 && x < 7 && y >= 3 && y < 7 && z >= 1 && z < 4;
        EXPECT_NEAR(Values(map)[std::size_t((z * 8 + y) * 9 + x)], isIn ? next : 0.F, 1e-3) << x << ' ' << y << ' ' << z;
        next += isIn;
      }
}

// A grid of one voxel has no bounds to go wrong.
TEST(PatchOnGrid, IsWhatEachVoxelAloneHasWhereverThePatchLies)
{
  const auto grid = Turned({ 23, 21, 19 }, { 0.7, 0.8, 2.5 }, { 10, -20, 30 }, -0.3);
  for (const auto & [index, angle] : { std::pair{ Point{ 11, 10, 9 }, 0.6 }, { Point{ 1, 1, 17 }, 1.2 }, { Point{ 22, 20, 0 }, -2 }, { Point{ 60, 10, 9 }, 0.1 } })
  {
    const auto patch = Turned({ 6, 5, 4 }, { 1, 1, 1.3 }, grid.PointAt(index[0], index[1], index[2]), angle);
    const auto values = Ramp(patch);
    const auto map = PatchOnGrid(grid, patch, values);
    float      sum = 0;
    for (std::int64_t z = 0; z < 19; ++z)
      for (std::int64_t y = 0; y < 21; ++y)
        for (std::int64_t x = 0; x < 23; ++x)
        {
          const float found = Values(map)[std::size_t((z * 21 + y) * 23 + x)];
          ASSERT_NEAR(found, Values(PatchOnGrid(grid.Block({ x, y, z }, { 1, 1, 1 }), patch, values)).front(), 1e-3) << x << ' ' << y << ' ' << z;
          sum += found;
        }
    EXPECT_EQ(sum > 0, index[0] < 23) << "the last one lies beside the volume";
  }
}

TEST(PatchOnGrid, FlatPatchesReachHalfAVoxel)
{
  Geometry grid;
  grid.extent = { 4, 4, 5 };
  auto patch = grid.Block({ 0, 0, 2 }, { 4, 4, 1 });
  patch.spacing.z = 3;
  const auto map = PatchOnGrid(grid, patch, std::vector<float>(16, 7.F));
  for (std::size_t z = 0; z < 5; ++z)
    EXPECT_EQ(Values(map)[16 * z + 5], z >= 1 && z <= 3 ? 7.F : 0.F) << z;
}

} // namespace
} // namespace serval
