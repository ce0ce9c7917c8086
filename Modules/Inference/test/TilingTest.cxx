#include "serval/Core/Error.h"
#include "serval/Inference/Tiling.h"
#include "serval/Network/NetworkSpec.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace serval
{
namespace
{

LayerGraph Segmenter(const std::string & normalisation, int dimension = 3)
{
  NetworkSpec spec;
  spec.dimension = dimension;
  spec.filters = 4;
  spec.depth = 1;
  spec.segmentationClasses = 2;
  spec.normalisation = normalisation;
  return BuildNetwork(spec);
}

// Every voxel counts somewhere, and where it counts the window holds its neighbourhood or ends with the volume.
void ExpectCovered(const Tiling & tiling, const Extent & volume, const ReceptiveField & field, bool isFlat)
{
  std::vector<int> counted(static_cast<std::size_t>(volume.Voxels()), 0);
  const Extent     w = tiling.Window();
  for (const auto & corner : tiling.Corners())
  {
    const auto weights = tiling.Weights(corner);
    EXPECT_EQ(corner.x % field.stride, 0);
    for (std::int64_t z = 0; z < w.z; ++z)
      for (std::int64_t y = 0; y < w.y; ++y)
        for (std::int64_t x = 0; x < w.x; ++x)
        {
          const Extent at{ corner.x + x, corner.y + y, corner.z + z };
          if (weights[std::size_t((z * w.y + y) * w.x + x)] == 0 || at.x >= volume.x || at.y >= volume.y || at.z >= volume.z)
            continue;
          ++counted[std::size_t((at.z * volume.y + at.y) * volume.x + at.x)];
          const auto inside = [&](std::int64_t i, std::int64_t first, std::int64_t edge, std::int64_t size) {
            return (first == 0 || i >= field.radius) && (first + edge >= size || i < edge - field.radius);
          };
          EXPECT_TRUE(inside(x, corner.x, w.x, volume.x) && inside(y, corner.y, w.y, volume.y) && (isFlat || inside(z, corner.z, w.z, volume.z)));
        }
  }
  EXPECT_EQ(std::count(counted.begin(), counted.end(), 0), 0);
}

TEST(Tiling, ExactWindowsCountEachVoxelWhereItSeesAllItCan)
{
  for (const int dimension : { 2, 3 })
  {
    const auto   graph = Segmenter("batch", dimension);
    const auto   field = ReceptiveFieldOf(graph, "segmentation");
    const Extent volume{ 75, 61, 41 }, patch{ 16, 16, dimension == 3 ? 16 : 1 };
    ASSERT_TRUE(field.isBounded);
    const auto   whole = Tiling::Exact(volume, patch, graph, field);
    EXPECT_EQ(whole.Corners().size(), dimension == 3 ? 1U : 41U);
    ExpectCovered(whole, volume, field, dimension == 2);
    const auto parts = Tiling::Exact(volume, patch, graph, field, dimension == 3 ? 1 << 20 : 1 << 15);
    EXPECT_GT(parts.Corners().size(), whole.Corners().size());
    ExpectCovered(parts, volume, field, dimension == 2);
  }
}

TEST(Tiling, IsChosenByItsWordAndByTheWork)
{
  const Extent volume{ 60, 60, 60 }, patch{ 32, 32, 32 };
  EXPECT_TRUE(Tiling::Choose("auto", volume, patch, 0.5, Segmenter("batch")).IsExact());
  EXPECT_FALSE(Tiling::Choose("patches", volume, patch, 0.5, Segmenter("batch")).IsExact());
  EXPECT_FALSE(Tiling::Choose("auto", patch, patch, 0.5, Segmenter("batch")).IsExact()) << "no less work";
  EXPECT_FALSE(Tiling::Choose("auto", volume, patch, 0.5, Segmenter("instance")).IsExact());
  EXPECT_THROW(Tiling::Choose("whole", volume, patch, 0.5, Segmenter("instance")), Error);
  EXPECT_THROW(Tiling::Choose("all", volume, patch, 0.5, Segmenter("batch")), Error);
}

} // namespace
} // namespace serval
