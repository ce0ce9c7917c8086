#include "serval/Cache/PlainFeatures.h"

#include "CachePhantom.h"
#include "Support.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace serval
{
namespace
{

// Two channels of 2 x 1 x 3 voxels in native int16, a patch each of two cases.
CasePatches Case(const std::string & name, std::vector<std::int16_t> voxels, Extent volume)
{
  CasePatches c;
  c.caseId = name;
  c.patient = "p" + name;
  c.sourceFingerprint = name;
  c.intensity = { { 0, 1, 0, 1 }, { 0, 1, 0, 1 } };
  c.volume = volume;
  c.volumeSpacing = { 0.5, 0.5, 2 };
  c.type = PixelType::Int16;
  c.image.resize(voxels.size() * sizeof(std::int16_t));
  std::memcpy(c.image.data(), voxels.data(), c.image.size());
  c.classes = { 0 };
  c.corners = { { 7, 8, 9 } };
  c.geometries = { { { 2, 1, 3 }, { 1, 2, 3 }, {}, { 1, 0, 0, 0, 1, 0, 0, 0, 1 } } };
  return c;
}

void Write(const std::filesystem::path & folder, Extent volumeOfB)
{
  CacheDescription d;
  d.patch = { 2, 1, 3 };
  d.channels = 2;
  d.classNames = { "x", "y" };
  d.provenance = "{}";
  PatchCacheWriter writer(folder, d);
  writer.Add(Case("a", { -3, 1, 5, 9, 13, 17, 2, 2, 2, 2, 2, 2 }, { 40, 50, 60 }));
  writer.Add(Case("b", { 0, 0, 0, 0, 0, 6, 1, 2, 3, 4, 5, 6 }, volumeOfB));
  writer.Commit();
}

TEST(PlainFeatures, HoldGeometryAndTheIntensitiesOfEachChannel)
{
  const support::TemporaryFolder folder;
  Write(folder / "t.cache", { 41, 50, 60 });
  const PatchCache               cache(folder / "t.cache");
  const std::vector<std::size_t> patches{ 1, 0 };
  const auto                     found = PlainFeatures::Of(cache, patches, PlainFeatures::Place::Told);
  ASSERT_EQ(found.names.size(), 15U + 2 * 9);
  ASSERT_EQ(found.values.size(), 2 * found.names.size());
  const auto at = [&](std::size_t row, const std::string & name) {
    return found.values[row * found.names.size() + std::size_t(std::ranges::find(found.names, name) - found.names.begin())];
  };
  EXPECT_EQ(at(0, "volume_x"), 41);
  EXPECT_EQ(at(1, "volume_x"), 40);
  EXPECT_EQ(at(1, "volume_spacing_z"), 2);
  EXPECT_EQ(at(1, "corner_y"), 8);
  EXPECT_EQ(at(1, "spacing_z"), 3);
  EXPECT_EQ(at(1, "extent_z"), 9);
  EXPECT_EQ(at(1, "mean_0"), 7);
  EXPECT_NEAR(at(1, "deviation_0"), 4 * std::sqrt(35.0 / 12), 1e-5); // of -3, 1, 5, 9, 13, 17
  EXPECT_EQ(at(1, "minimum_0"), -3);
  EXPECT_EQ(at(1, "maximum_0"), 17);
  EXPECT_FLOAT_EQ(at(1, "p1_0"), -2.8F);
  EXPECT_EQ(at(1, "p25_0"), 2);
  EXPECT_EQ(at(1, "p50_0"), 7);
  EXPECT_FLOAT_EQ(at(1, "p99_0"), 16.8F);
  EXPECT_EQ(at(1, "deviation_1"), 0);
  EXPECT_EQ(at(0, "mean_0"), 1);
  EXPECT_EQ(at(0, "p50_1"), 3.5F);
}

// What a patch shows may be turned round: these numbers do not see it.
TEST(PlainFeatures, DoNotKnowWhereVoxelsLie)
{
  const support::TemporaryFolder folder;
  WriteCache(folder / "t.cache");
  const PatchCache cache(folder / "t.cache");
  auto             turned = Make<std::int16_t>("c", PixelType::Int16, 4, -2000);
  for (std::size_t patch = 0; patch < 4; ++patch)
  {
    auto * first = reinterpret_cast<std::int16_t *>(turned.image.data()) + patch * 210;
    std::reverse(first, first + 210);
  }
  PatchCacheWriter writer(folder / "u.cache", Describe());
  writer.Add(turned);
  writer.Commit();
  const PatchCache               other(folder / "u.cache");
  const std::vector<std::size_t> ofC = cache.PatchesOf({ "pc" }), all{ 0, 1, 2, 3 };
  ASSERT_NE(cache.ReadRaw(ofC[0]), other.ReadRaw(0));
  const auto plain = PlainFeatures::Of(cache, ofC);
  EXPECT_EQ(plain.values, PlainFeatures::Of(other, all).values);
  EXPECT_EQ(plain.names.front(), "spacing_x"); // no place, and no case of these caches says how large its volume is
}

TEST(PlainFeatures, LeaveTheVolumeOutWhereOneCaseDoesNotKnowIt)
{
  const support::TemporaryFolder folder;
  Write(folder / "t.cache", { 0, 0, 0 });
  const std::vector<std::size_t> one{ 0 };
  const auto                     found = PlainFeatures::Of(PatchCache(folder / "t.cache"), one);
  EXPECT_EQ(found.names.size(), 6U + 2 * 9);
  for (const char * left : { "volume_x", "corner_x" })
    EXPECT_EQ(std::ranges::find(found.names, left), found.names.end()) << left;
}

} // namespace
} // namespace serval
