#include "serval/Cache/PlantMark.h"

#include "CachePhantom.h"
#include "Support.h"
#include "serval/Core/Error.h"

#include <gtest/gtest.h>

#include <limits>

namespace serval
{
namespace
{

template <typename T>
std::vector<T> Voxels(const PatchCache & cache, std::size_t patch)
{
  const auto     raw = cache.ReadRaw(patch);
  std::vector<T> voxels(raw.size() / sizeof(T));
  std::memcpy(voxels.data(), raw.data(), raw.size());
  return voxels;
}

TEST(PlantMark, ChangesTheCornerOfEveryPatchAndNothingElse)
{
  const support::TemporaryFolder folder;
  WriteCache(folder / "t.cache");
  const PatchCache source(folder / "t.cache");
  EXPECT_EQ(WritePlanted(source, { 3, "" }, "{}", folder / "p.cache"), 9U);
  const PatchCache planted(folder / "p.cache");
  ASSERT_EQ(planted.Patches().size(), source.Patches().size());
  EXPECT_NE(planted.Fingerprint(), source.Fingerprint());
  for (std::size_t patch = 5; patch < 9; ++patch) // int16 patches of 5 x 6 x 7 voxels
  {
    EXPECT_EQ(planted.Patches()[patch].classIndex, source.Patches()[patch].classIndex);
    EXPECT_EQ(planted.Patches()[patch].corner, source.Patches()[patch].corner);
    const auto before = Voxels<std::int16_t>(source, patch), after = Voxels<std::int16_t>(planted, patch);
    for (std::size_t i = 0; i < before.size(); ++i)
    {
      const bool isMarked = i % 5 < 3 && i / 5 % 6 < 3 && i / 30 < 3;
      EXPECT_EQ(after[i], isMarked ? 96 : before[i]) << i; // the volume's percentile 99.5
    }
  }
  EXPECT_EQ(Voxels<float>(planted, 0)[0], 96.0F);
  EXPECT_EQ(Voxels<std::uint8_t>(planted, 3)[0], 96);
  std::vector<std::uint8_t>  labels(210);
  const std::vector<std::size_t> one{ 4 };
  planted.ReadSegmentations(one, labels);
  EXPECT_EQ(labels[0], 1);
}

TEST(PlantMark, TakesOneClassAndFitsFlatPatches)
{
  const support::TemporaryFolder folder;
  WriteCache(folder / "t.cache");
  const PatchCache source(folder / "t.cache");
  EXPECT_EQ(WritePlanted(source, { 100, "anterior" }, "{}", folder / "p.cache"), 4U);
  const PatchCache planted(folder / "p.cache");
  for (std::size_t patch = 0; patch < planted.Patches().size(); ++patch)
    EXPECT_EQ(planted.ReadRaw(patch) == source.ReadRaw(patch), planted.Patches()[patch].classIndex == 0) << patch;
  const auto whole = Voxels<std::int16_t>(planted, 6);
  EXPECT_EQ(std::count(whole.begin(), whole.end(), 96), 210);
  EXPECT_THROW(WritePlanted(source, { 3, "lateral" }, "{}", folder / "q.cache"), Error);
  EXPECT_FALSE(std::filesystem::exists(folder / "q.cache"));
}

TEST(PlantMark, StaysWithinTheTypesRange)
{
  const support::TemporaryFolder folder;
  PatchCacheWriter               writer(folder / "t.cache", Describe());
  auto                           bright = Make<std::uint8_t>("b", PixelType::UInt8, 2, 0);
  bright.intensity = { { 10, 2, 0, 1e6 } };
  writer.Add(bright);
  writer.Commit();
  WritePlanted(PatchCache(folder / "t.cache"), {}, "{}", folder / "p.cache");
  EXPECT_EQ(Voxels<std::uint8_t>(PatchCache(folder / "p.cache"), 1)[0], std::numeric_limits<std::uint8_t>::max());
}

} // namespace
} // namespace serval
