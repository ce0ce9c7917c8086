#include "Components.h"

#include "Body.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <queue>
#include <random>

namespace serval
{
namespace
{

constexpr Extent extent{ 5, 6, 7 };
using Mask = std::vector<std::uint8_t>;

std::size_t At(std::int64_t x, std::int64_t y, std::int64_t z) { return static_cast<std::size_t>(x + 5 * (y + 6 * z)); }

Mask RandomMask(unsigned seed, double share)
{
  std::mt19937                random(seed);
  std::bernoulli_distribution draw(share);
  Mask                        mask(static_cast<std::size_t>(extent.Voxels()));
  for (auto & voxel : mask)
    voxel = draw(random);
  return mask;
}

bool AreNeighbours(std::array<std::int64_t, 3> d, Connectivity connectivity)
{
  const auto steps = std::abs(d[0]) + std::abs(d[1]) + std::abs(d[2]);
  if (connectivity == Connectivity::Full)
    return steps > 0;
  return steps == 1 && (connectivity == Connectivity::Faces || d[2] == 0);
}

// Breadth-first search, slow and plain.
Mask ComponentOf(const Mask & mask, std::size_t seed, Connectivity connectivity)
{
  Mask                    found(mask.size());
  std::queue<std::size_t> waiting({ seed });
  found[seed] = 1;
  for (; !waiting.empty(); waiting.pop())
  {
    const auto v = static_cast<std::int64_t>(waiting.front());
    const std::array<std::int64_t, 3> p{ v % 5, v / 5 % 6, v / 30 };
    for (std::int64_t z = std::max<std::int64_t>(0, p[2] - 1); z <= std::min<std::int64_t>(6, p[2] + 1); ++z)
      for (std::int64_t y = std::max<std::int64_t>(0, p[1] - 1); y <= std::min<std::int64_t>(5, p[1] + 1); ++y)
        for (std::int64_t x = std::max<std::int64_t>(0, p[0] - 1); x <= std::min<std::int64_t>(4, p[0] + 1); ++x)
          if (const auto n = At(x, y, z); mask[n] == mask[seed] && !found[n] &&
                                          AreNeighbours({ x - p[0], y - p[1], z - p[2] }, connectivity))
          {
            found[n] = 1;
            waiting.push(n);
          }
  }
  return found;
}

TEST(Components, TheLargestIsThatOfABreadthFirstSearch)
{
  for (const auto connectivity : { Connectivity::InSlice, Connectivity::Faces, Connectivity::Full })
    for (unsigned seed = 0; seed < 40; ++seed)
    {
      const Mask  mask = RandomMask(seed, connectivity == Connectivity::Full ? 0.12 : 0.35);
      Mask        expected(mask.size());
      std::size_t most = 0;
      for (std::size_t i = 0; i < mask.size(); ++i)
        if (mask[i])
        {
          const Mask component = ComponentOf(mask, i, connectivity);
          const auto size = static_cast<std::size_t>(std::count(component.begin(), component.end(), 1));
          if (size > most)
            expected = component;
          most = std::max(most, size);
        }
      Mask kept = mask;
      KeepLargestComponents(kept, extent, 1, connectivity, 1 + static_cast<int>(seed % 3));
      EXPECT_EQ(kept, expected) << seed;
    }
}

TEST(Components, HolesAreWhatNoEdgeReaches)
{
  for (const auto connectivity : { Connectivity::InSlice, Connectivity::Faces })
    for (unsigned seed = 0; seed < 40; ++seed)
    {
      const Mask mask = RandomMask(seed, 0.65);
      Mask       filled = mask;
      FillHoles(filled, extent, connectivity, 1 + static_cast<int>(seed % 3));
      for (std::size_t i = 0; i < mask.size(); ++i)
      {
        bool isHole = mask[i] == 0;
        if (isHole)
        {
          const Mask hole = ComponentOf(mask, i, connectivity);
          for (std::size_t v = 0; v < hole.size(); ++v)
          {
            const std::size_t x = v % 5, y = v / 5 % 6, z = v / 30;
            const bool        isAtEnd = connectivity == Connectivity::Faces && (z == 0 || z == 6);
            isHole = isHole && !(hole[v] && (x == 0 || x == 4 || y == 0 || y == 5 || isAtEnd));
          }
        }
        EXPECT_EQ(filled[i], mask[i] || isHole) << seed << ' ' << i;
      }
    }
}

TEST(Components, DiagonalNeighboursAreOneOnlyWhenAllAre)
{
  Mask mask(static_cast<std::size_t>(extent.Voxels()));
  mask[At(1, 1, 1)] = mask[At(2, 2, 2)] = mask[At(3, 1, 1)] = 1;
  Mask faces = mask, full = mask;
  KeepLargestComponents(faces, extent, 1, Connectivity::Faces);
  KeepLargestComponents(full, extent, 1, Connectivity::Full);
  EXPECT_EQ(std::count(faces.begin(), faces.end(), 1), 1);
  EXPECT_EQ(full, mask);
}

TEST(Components, SmallOnesGoAndSeveralLargestStay)
{
  Mask mask(static_cast<std::size_t>(extent.Voxels()));
  mask[At(0, 0, 0)] = mask[At(1, 0, 0)] = mask[At(2, 0, 0)] = 1;
  mask[At(0, 3, 3)] = mask[At(0, 4, 3)] = 1;
  mask[At(4, 5, 6)] = 1;
  Mask small = mask, two = mask;
  RemoveSmallComponents(small, extent, 2.5, Connectivity::Full);
  KeepLargestComponents(two, extent, 2, Connectivity::Full);
  EXPECT_EQ(std::count(small.begin(), small.end(), 1), 3);
  EXPECT_EQ(std::count(two.begin(), two.end(), 1), 5);
  EXPECT_EQ(two[At(4, 5, 6)], 0);
}

TEST(Components, AnEmptyMaskStaysEmpty)
{
  Mask mask(static_cast<std::size_t>(extent.Voxels()));
  KeepLargestComponents(mask, extent, 1, Connectivity::Full);
  FillHoles(mask, extent, Connectivity::Faces);
  EXPECT_EQ(std::count(mask.begin(), mask.end(), 0), extent.Voxels());
}

TEST(OpenInSlices, IsErosionThenDilationWithoutErodingAtTheEdge)
{
  for (unsigned seed = 0; seed < 20; ++seed)
  {
    const Mask mask = RandomMask(seed, 0.8);
    Mask       opened = mask;
    OpenInSlices(opened, extent, 1, 2);
    const auto inside = [](std::int64_t x, std::int64_t y) { return x >= 0 && x < 5 && y >= 0 && y < 6; };
    const auto stands = [&](std::int64_t cx, std::int64_t cy, std::int64_t z) { // the window fits into the mask there
      for (std::int64_t y = cy - 2; y <= cy + 2; ++y)
        for (std::int64_t x = cx - 1; x <= cx + 1; ++x)
          if (inside(x, y) && !mask[At(x, y, z)])
            return false;
      return true;
    };
    for (std::int64_t z = 0; z < 7; ++z)
      for (std::int64_t y = 0; y < 6; ++y)
        for (std::int64_t x = 0; x < 5; ++x)
        {
          bool expected = false;
          for (std::int64_t cy = y - 2; cy <= y + 2; ++cy)
            for (std::int64_t cx = x - 1; cx <= x + 1; ++cx)
              expected = expected || (inside(cx, cy) && stands(cx, cy, z));
          EXPECT_EQ(opened[At(x, y, z)], expected) << seed << ' ' << x << ' ' << y << ' ' << z;
        }
  }
}

} // namespace
} // namespace serval
