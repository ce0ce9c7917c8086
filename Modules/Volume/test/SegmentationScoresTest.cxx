#include "serval/Volume/SegmentationScores.h"

#include "Phantom.h"
#include "Support.h"
#include "serval/Core/Error.h"
#include "serval/Core/Table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace serval
{
namespace
{

using Ellipsoid = std::array<double, 6>; // centre and radii, voxels

// As segmentation-scores.py makes them.
LabelVolume Draw(const Geometry & geometry, const Ellipsoid & e, bool withHoles = false, std::uint16_t label = 1)
{
  LabelVolume    volume{ geometry, {} };
  const Extent & size = geometry.extent;
  for (std::int64_t z = 0; z < size.z; ++z)
    for (std::int64_t y = 0; y < size.y; ++y)
      for (std::int64_t x = 0; x < size.x; ++x)
      {
        const double dx = (double(x) - e[0]) / e[3], dy = (double(y) - e[1]) / e[4], dz = (double(z) - e[2]) / e[5];
        const bool   isHole = withHoles && (x * 31 + y * 17 + z * 7 + x * y * z) % 5 == 0;
        volume.labels.push_back(dx * dx + dy * dy + dz * dz <= 1 && !isHole ? label : 0);
      }
  return volume;
}

Geometry Grid(Extent extent, Spacing spacing)
{
  auto geometry = support::ObliqueGeometry(extent);
  geometry.spacing = spacing;
  return geometry;
}

Ellipsoid EllipsoidOf(const Table & table, std::size_t row, const std::string & side)
{
  Ellipsoid e{};
  for (std::size_t i = 0; i < 6; ++i)
    e[i] = table.Number(row, side + std::array{ "_cx", "_cy", "_cz", "_rx", "_ry", "_rz" }[i]);
  return e;
}

TEST(SegmentationScores, AgreeWithSciPy)
{
  const auto table = Table::Read(std::string(SERVAL_SOURCE_DIRECTORY) + "/Modules/Volume/test/data/segmentation-scores.csv");
  ASSERT_GE(table.Rows(), 9U);
  for (std::size_t row = 0; row < table.Rows(); ++row)
  {
    const auto   number = [&](const char * column) { return table.Number(row, column); };
    const auto   voxels = [&](const char * column) { return static_cast<std::int64_t>(number(column)); };
    const auto   grid = Grid({ voxels("nx"), voxels("ny"), voxels("nz") }, { number("sx"), number("sy"), number("sz") });
    const auto   scores = ScoreSegmentation(Draw(grid, EllipsoidOf(table, row, "reference")), Draw(grid, EllipsoidOf(table, row, "predicted"), number("holes") > 0), 1);
    ASSERT_TRUE(scores.dice && scores.iou && scores.hd95 && scores.assd && scores.volumePercent) << row;
    EXPECT_DOUBLE_EQ(*scores.dice, number("dice")) << row;
    EXPECT_DOUBLE_EQ(*scores.iou, number("iou")) << row;
    EXPECT_NEAR(*scores.hd95, number("hd95"), 1e-5) << row; // ITK's distances are float
    EXPECT_NEAR(*scores.assd, number("assd"), 1e-5) << row;
    EXPECT_NEAR(scores.VolumeError(), number("volume_error"), 1e-12) << row;
    EXPECT_NEAR(*scores.volumePercent, number("volume_percent"), 1e-9) << row;
  }
}

TEST(SegmentationScores, AMaskAgreesWithItselfAndOrderDoesNotMatter)
{
  const auto grid = Grid({ 15, 14, 13 }, { 0.7, 1.1, 2.5 });
  const auto a = Draw(grid, { 7, 7, 6, 5, 4, 5 }), b = Draw(grid, { 8, 6, 6, 4, 5, 3 }, true);
  const auto own = ScoreSegmentation(a, a, 1);
  EXPECT_EQ(own.dice, 1);
  EXPECT_EQ(own.iou, 1);
  EXPECT_EQ(own.hd95, 0);
  EXPECT_EQ(own.assd, 0);
  EXPECT_EQ(own.VolumeError(), 0);
  const auto forth = ScoreSegmentation(a, b, 1), back = ScoreSegmentation(b, a, 1);
  EXPECT_EQ(forth.dice, back.dice);
  EXPECT_EQ(forth.hd95, back.hd95);
  EXPECT_NEAR(*forth.assd, *back.assd, 1e-12);
  EXPECT_EQ(forth.VolumeError(), -back.VolumeError());
  EXPECT_NEAR(*forth.iou, *forth.dice / (2 - *forth.dice), 1e-12);
}

TEST(SegmentationScores, DistancesGrowWithTheVoxelsAndVolumesWithTheirCube)
{
  const Extent    extent{ 15, 14, 13 };
  const Ellipsoid a{ 7, 7, 6, 5, 4, 5 }, b{ 8, 6, 6, 4, 5, 3 };
  const auto      small = Grid(extent, { 0.5, 1, 2 }), large = Grid(extent, { 1.5, 3, 6 });
  const auto      one = ScoreSegmentation(Draw(small, a), Draw(small, b), 1), three = ScoreSegmentation(Draw(large, a), Draw(large, b), 1);
  EXPECT_EQ(one.dice, three.dice);
  EXPECT_NEAR(*three.hd95, 3 * *one.hd95, 1e-5);
  EXPECT_NEAR(*three.assd, 3 * *one.assd, 1e-5);
  EXPECT_NEAR(three.VolumeError(), 27 * one.VolumeError(), 1e-9);
  EXPECT_NEAR(*three.volumePercent, *one.volumePercent, 1e-9);
}

// One voxel against one two voxels further along z: every distance is known.
TEST(SegmentationScores, KnowSingleVoxelsAtTheEdge)
{
  const auto  grid = Grid({ 4, 5, 6 }, { 1, 1, 2.5 });
  LabelVolume a{ grid, std::vector<std::uint16_t>(120, 0) }, b = a;
  a.labels[0] = 7;
  b.labels[2 * 20] = 7;
  const auto scores = ScoreSegmentation(a, b, 7);
  EXPECT_EQ(scores.dice, 0);
  EXPECT_NEAR(*scores.hd95, 5, 1e-6);
  EXPECT_NEAR(*scores.assd, 5, 1e-6);
}

TEST(SegmentationScores, AnswerAbsentLabelsInWords)
{
  const auto grid = Grid({ 9, 8, 7 }, { 1, 1, 1 });
  const auto full = Draw(grid, { 4, 4, 3, 2, 2, 2 }), empty = Draw(grid, { -50, 0, 0, 1, 1, 1 });
  const auto both = ScoreSegmentation(empty, empty, 1);
  EXPECT_EQ(both.Remark(), "absent in both");
  EXPECT_FALSE(both.dice || both.iou || both.hd95 || both.assd || both.volumePercent);
  const auto invented = ScoreSegmentation(empty, full, 1);
  EXPECT_EQ(invented.Remark(), "absent in the reference");
  EXPECT_EQ(invented.dice, 0);
  EXPECT_GT(invented.VolumeError(), 0);
  EXPECT_FALSE(invented.hd95 || invented.assd || invented.volumePercent);
  const auto missed = ScoreSegmentation(full, empty, 1);
  EXPECT_EQ(missed.Remark(), "absent in the prediction");
  EXPECT_EQ(missed.iou, 0);
  EXPECT_EQ(missed.volumePercent, -100);
  EXPECT_FALSE(missed.hd95);
  EXPECT_EQ(ScoreSegmentation(full, full, 1).Remark(), "");
  EXPECT_THROW(ScoreSegmentation(full, Draw(Grid({ 9, 8, 6 }, { 1, 1, 1 }), {}), 1), Error);
}

TEST(SegmentationScores, TakeOneLabelOfSeveral)
{
  const auto grid = Grid({ 15, 14, 13 }, { 1, 1, 1 });
  auto       a = Draw(grid, { 4, 6, 6, 3, 3, 3 }, false, 1), b = a;
  const auto other = Draw(grid, { 11, 6, 6, 3, 3, 3 }, false, 300);
  for (std::size_t i = 0; i < a.labels.size(); ++i)
    a.labels[i] = std::max(a.labels[i], other.labels[i]);
  EXPECT_EQ(ScoreSegmentation(a, b, 1).dice, 1);
  EXPECT_EQ(ScoreSegmentation(a, b, 300).Remark(), "absent in the prediction");
}

} // namespace
} // namespace serval
