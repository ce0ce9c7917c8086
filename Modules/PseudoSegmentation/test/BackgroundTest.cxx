#include "serval/PseudoSegmentation/Background.h"

#include <gtest/gtest.h>

namespace serval
{
namespace
{

/// A block of rising intensities about `inside` in air of `outside`, whose edge is so many voxels from the sides.
Volume Block(float outside, float inside, std::int64_t margin)
{
  constexpr std::int64_t edge = 20;
  std::vector<float>     voxels;
  for (std::int64_t z = 0; z < edge; ++z)
    for (std::int64_t y = 0; y < edge; ++y)
      for (std::int64_t x = 0; x < edge; ++x)
      {
        const bool isInside = x >= margin && y >= margin && x < edge - margin && y < edge - margin;
        voxels.push_back(isInside ? inside + static_cast<float>(x + y) : outside + static_cast<float>((x + y + z) % 3));
      }
  Volume volume;
  volume.geometry.extent = { edge, edge, edge };
  volume.voxels = voxels;
  return volume;
}

TEST(Background, IsFoundAboutACtAndAnMr)
{
  const auto ct = BackgroundOf(Block(-1000, 0, 4)), mr = BackgroundOf(Block(2, 300, 4)), crop = BackgroundOf(Block(-1000, 0, 0));
  EXPECT_DOUBLE_EQ(ct.edge, 1);
  EXPECT_NEAR(ct.share, 1 - 12.0 * 12 / 400, 0.001);
  EXPECT_LT(crop.edge, 0.2);
  EXPECT_EQ(PlacesWithin({ ct, ct, crop }).preset, "ct-contrast");
  EXPECT_NEAR(PlacesWithin({ ct, ct, crop }).share, ct.share, 1e-12);
  EXPECT_EQ(PlacesWithin({ mr, mr, ct }).preset, "mr-foreground");
  EXPECT_EQ(PlacesWithin({ crop, crop, ct }).preset, "");
  EXPECT_EQ(PlacesWithin({}).preset, "");
}

TEST(Background, OfAVolumeOfOneIntensityIsEverywhere)
{
  auto volume = Block(5, 5, 0);
  volume.voxels = std::vector<float>(8000, 5.0F);
  EXPECT_DOUBLE_EQ(BackgroundOf(volume).edge, 1);
}

} // namespace
} // namespace serval
