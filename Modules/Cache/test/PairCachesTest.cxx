#include "serval/Cache/PairCaches.h"

#include "serval/Cache/PatchCacheWriter.h"
#include "serval/Core/Error.h"

#include "CachePhantom.h"
#include "Support.h"

#include <gtest/gtest.h>

#include <cmath>

namespace serval
{
namespace
{

using support::ErrorText;
using support::ExpectHas;

template <typename T>
std::vector<T> Voxels(const PatchCache & cache, std::size_t patch)
{
  const auto     raw = cache.ReadRaw(patch);
  std::vector<T> voxels(raw.size() / sizeof(T));
  std::memcpy(voxels.data(), raw.data(), raw.size());
  return voxels;
}

class PairedCaches : public testing::Test
{
protected:
  support::TemporaryFolder folder;
  std::vector<CasePatches> cases;

  // Patches of 5x6x7 voxels; the candidates are given in words, or there are none.
  template <typename T>
  CasePatches & Add(const std::string & patient, const std::string & time, PixelType type, int count, double first, const std::vector<std::string> & candidates = {})
  {
    auto one = Make<T>(patient + time, type, count, first);
    one.patient = patient;
    one.timePoint = time;
    one.candidates = candidates;
    for (std::size_t i = 0; i < one.segmentation.size(); ++i)
      one.segmentation[i] = (i + (time == "post" ? 1 : 0)) % 2;
    return cases.emplace_back(one);
  }
  void AddTwoPatients()
  {
    Add<std::int16_t>("p1", "pre", PixelType::Int16, 3, -1000);
    Add<std::int16_t>("p2", "pre", PixelType::Int16, 2, 20);
    Add<std::int16_t>("p1", "post", PixelType::Int16, 3, 500);
    Add<std::int16_t>("p2", "post", PixelType::Int16, 2, 7);
  }
  PatchCache Source(Compression compression = Compression::None) const
  {
    auto description = Describe();
    description.compression = compression;
    PatchCacheWriter writer(folder / "s.cache", description);
    for (const auto & one : cases)
      writer.Add(one);
    writer.Commit();
    return PatchCache(folder / "s.cache");
  }
  PairResult Pair(const PatchCache & source, Pairing as = Pairing::SideBySide, bool skip = false) const
  {
    return WritePaired(source, { "pre", "post", as, skip }, "{}", folder / "p.cache");
  }
  std::string Refusal() const
  {
    const auto source = Source();
    const auto text = ErrorText([&] { Pair(source); }, Fault::Input);
    EXPECT_FALSE(std::filesystem::exists(folder / "p.cache"));
    return text;
  }
};

// The patches of the source that became pair `i`: p1 has 0-2 and 5-7, p2 has 3-4 and 8-9.
std::pair<std::size_t, std::size_t> MembersOf(std::size_t i) { return { i, i + 5 }; }

TEST_F(PairedCaches, TheLeftHalfIsTheFirstTimePointAndTheRightHalfTheSecond)
{
  AddTwoPatients();
  for (const auto compression : { Compression::None, Compression::Gzip })
  {
    std::filesystem::remove_all(folder / "s.cache");
    std::filesystem::remove_all(folder / "p.cache");
    const auto source = Source(compression);
    const auto found = Pair(source);
    EXPECT_EQ(found.patches, 5U);
    EXPECT_EQ(found.patients, 2U);
    const PatchCache paired(folder / "p.cache");
    EXPECT_EQ(paired.Description().patch, (Extent{ 10, 6, 7 }));
    ASSERT_EQ(paired.Patches().size(), 5U);
    for (std::size_t i = 0; i < 5; ++i)
    {
      const auto [pre, post] = MembersOf(i);
      const auto left = Voxels<std::int16_t>(source, pre), right = Voxels<std::int16_t>(source, post), both = Voxels<std::int16_t>(paired, i);
      ASSERT_EQ(both.size(), 420U);
      std::vector<std::uint8_t>      labels(420), before(210), after(210);
      const std::vector<std::size_t> a{ pre }, b{ post }, c{ i };
      source.ReadSegmentations(a, before);
      source.ReadSegmentations(b, after);
      paired.ReadSegmentations(c, labels);
      for (std::size_t row = 0; row < 42; ++row)
        for (std::size_t x = 0; x < 5; ++x)
        {
          EXPECT_EQ(both[row * 10 + x], left[row * 5 + x]);
          EXPECT_EQ(both[row * 10 + 5 + x], right[row * 5 + x]);
          EXPECT_EQ(labels[row * 10 + x], before[row * 5 + x]);
          EXPECT_EQ(labels[row * 10 + 5 + x], after[row * 5 + x]);
        }
      const auto & geometry = paired.Patches()[i].geometry;
      EXPECT_EQ(geometry.extent, (Extent{ 10, 6, 7 }));
      EXPECT_EQ(geometry.origin, source.Patches()[pre].geometry.origin);
      EXPECT_EQ(paired.Patches()[i].corner, source.Patches()[pre].corner);
      EXPECT_EQ(paired.Patches()[i].classIndex, source.Patches()[pre].classIndex);
    }
  }
}

TEST_F(PairedCaches, ACaseIsAPatientAndTheSameCacheIsMadeAgain)
{
  AddTwoPatients();
  cases[0].intensity = { { 10, 3, -5, 50 } };
  cases[2].intensity = { { 20, 4, 0, 60 } };
  cases[0].className = cases[2].className = "responder";
  const auto       source = Source();
  const auto       made = Pair(source);
  const PatchCache paired(folder / "p.cache");
  ASSERT_EQ(paired.Cases().size(), 2U);
  const auto & one = paired.Cases()[0];
  EXPECT_EQ(one.caseId, "p1");
  EXPECT_EQ(one.patient, "p1");
  EXPECT_EQ(one.timePoint, "pre+post");
  EXPECT_EQ(one.className, "responder");
  EXPECT_DOUBLE_EQ(one.intensity[0].mean, 15);
  EXPECT_NEAR(one.intensity[0].standardDeviation, std::sqrt((9.0 + 16.0) / 2 + 25.0), 1e-12); // within and between
  EXPECT_DOUBLE_EQ(one.intensity[0].low, -5);
  EXPECT_DOUBLE_EQ(one.intensity[0].high, 60);
  EXPECT_NE(one.sourceFingerprint, paired.Cases()[1].sourceFingerprint);
  EXPECT_EQ(made.unlikeScales, 0U);
  ExpectHas(paired.Description().parameters, source.Fingerprint());
  const auto record = support::ReadFile(folder / "p.cache" / "cache.json");
  Pair(source);
  EXPECT_EQ(support::ReadFile(folder / "p.cache" / "cache.json"), record);
}

TEST_F(PairedCaches, ChannelsOfTheSecondTimePointFollowThoseOfTheFirst)
{
  AddTwoPatients();
  cases[0].intensity = { { 10, 3, -5, 50 } };
  cases[2].intensity = { { 20, 4, 0, 60 } };
  const auto source = Source();
  Pair(source, Pairing::Channels);
  const PatchCache paired(folder / "p.cache");
  EXPECT_EQ(paired.Description().patch, (Extent{ 5, 6, 7 }));
  EXPECT_EQ(paired.Description().channels, 2);
  for (std::size_t i = 0; i < 5; ++i)
  {
    const auto [pre, post] = MembersOf(i);
    auto       expected = source.ReadRaw(pre);
    const auto second = source.ReadRaw(post);
    expected.insert(expected.end(), second.begin(), second.end());
    EXPECT_EQ(paired.ReadRaw(i), expected);
    std::vector<std::uint8_t>      labels(210), before(210);
    const std::vector<std::size_t> a{ pre }, c{ i };
    source.ReadSegmentations(a, before);
    paired.ReadSegmentations(c, labels);
    EXPECT_EQ(labels, before);
  }
  ASSERT_EQ(paired.Cases()[0].intensity.size(), 2U);
  EXPECT_DOUBLE_EQ(paired.Cases()[0].intensity[0].standardDeviation, 3);
  EXPECT_DOUBLE_EQ(paired.Cases()[0].intensity[1].standardDeviation, 4);
}

TEST_F(PairedCaches, CandidatesOfOneIdArePairedInWhateverOrderTheyStand)
{
  Add<std::int16_t>("p1", "pre", PixelType::Int16, 3, 0, { "b", "a", "b" }).classes = { 0, 1, 0 };
  Add<std::int16_t>("p1", "post", PixelType::Int16, 3, 300, { "a", "b", "b" }).classes = { 1, 0, 0 };
  const auto source = Source();
  Pair(source);
  const PatchCache               paired(folder / "p.cache");
  const std::vector<std::size_t> partners{ 4, 3, 5 };
  for (std::size_t i = 0; i < 3; ++i)
  {
    EXPECT_EQ(paired.Patches()[i].candidate, source.Patches()[i].candidate);
    EXPECT_EQ(Voxels<std::int16_t>(paired, i)[0], Voxels<std::int16_t>(source, i)[0]);
    EXPECT_EQ(Voxels<std::int16_t>(paired, i)[5], Voxels<std::int16_t>(source, partners[i])[0]);
  }
}

TEST_F(PairedCaches, UnlikeVoxelTypesBecomeOneThatHoldsBoth)
{
  Add<std::uint8_t>("p1", "pre", PixelType::UInt8, 1, 100);
  Add<std::int16_t>("p1", "post", PixelType::Int16, 1, -2000);
  Add<std::uint16_t>("p2", "pre", PixelType::UInt16, 1, 60000);
  Add<std::int16_t>("p2", "post", PixelType::Int16, 1, -30000);
  const auto source = Source();
  Pair(source);
  const PatchCache paired(folder / "p.cache");
  EXPECT_EQ(paired.TypeOf(0), PixelType::Int16);
  EXPECT_EQ(Voxels<std::int16_t>(paired, 0)[1], 101);
  EXPECT_EQ(Voxels<std::int16_t>(paired, 0)[6], -1999);
  EXPECT_EQ(paired.TypeOf(1), PixelType::Float32);
  EXPECT_EQ(Voxels<float>(paired, 1)[1], 60001.0F);
  EXPECT_EQ(Voxels<float>(paired, 1)[6], -29999.0F);
}

TEST_F(PairedCaches, PatientsWithoutPairsAreRefusedByNumberOrLeftOut)
{
  AddTwoPatients();
  Add<std::int16_t>("p3", "pre", PixelType::Int16, 2, 1000);
  Add<std::int16_t>("p4", "post", PixelType::Int16, 2, 2000);
  Add<std::int16_t>("p5", "pre", PixelType::Int16, 2, 3000);
  Add<std::int16_t>("p5", "post", PixelType::Int16, 1, 4000);
  Add<std::int16_t>("p6", "pre", PixelType::Int16, 1, 5000, { "a" });
  Add<std::int16_t>("p6", "post", PixelType::Int16, 1, 6000, { "b" });
  Add<std::int16_t>("p7", "later", PixelType::Int16, 1, 7000);
  const auto text = Refusal();
  ExpectHas(text, "of 7 patients 2 have no patch of 'pre', 2 none of 'post', and 2 have other candidates");
  ExpectHas(text, "--skipUnpaired");
  EXPECT_EQ(text.find("p3"), std::string::npos);
  const auto found = Pair(PatchCache(folder / "s.cache"), Pairing::SideBySide, true);
  EXPECT_EQ(found.skipped, 5U);
  EXPECT_EQ(found.patches, 5U);
  EXPECT_EQ(found.otherCases, 1U);
  EXPECT_EQ(PatchCache(folder / "p.cache").Patients(), (std::vector<std::string>{ "p1", "p2" }));
}

TEST_F(PairedCaches, PairsOfTwoClassesAreRefused)
{
  AddTwoPatients();
  cases[2].classes = { 1, 1, 1 };
  const auto text = Refusal();
  ExpectHas(text, "2 pairs of 1 patients have another class at 'pre' than at 'post'");
  EXPECT_EQ(text.find("p1"), std::string::npos);
}

TEST_F(PairedCaches, UnknownTimePointsAreRefused)
{
  Add<std::int16_t>("p1", "before", PixelType::Int16, 1, 0);
  Add<std::int16_t>("p1", "post", PixelType::Int16, 1, 300);
  ExpectHas(Refusal(), "no case of the cache is of time point 'pre'; it has before, post");
  const PatchCache source(folder / "s.cache");
  ErrorText([&] { WritePaired(source, { "post", "post" }, "{}", folder / "p.cache"); }, Fault::Usage);
  ErrorText([] { PairingFrom("above"); }, Fault::Usage);
  EXPECT_FALSE(std::filesystem::exists(folder / "p.cache"));
  for (auto & one : cases)
    one.timePoint.clear();
  std::filesystem::remove_all(folder / "s.cache");
  ExpectHas(Refusal(), "no case of the cache has a time point");
}

TEST_F(PairedCaches, PatientsOfUnlikeScalesAreCounted)
{
  AddTwoPatients();
  cases[0].intensity = { { 100, 30, 0, 200 } };
  cases[2].intensity = { { 100, 9.9, 0, 200 } };
  cases[1].intensity = { { 100, 3, 0, 200 } };
  cases[3].intensity = { { 100, 9, 0, 200 } };
  const auto source = Source();
  EXPECT_EQ(Pair(source).unlikeScales, 1U);
}

TEST_F(PairedCaches, NobodyPairedIsNoCache)
{
  Add<std::int16_t>("p1", "pre", PixelType::Int16, 1, 0);
  Add<std::int16_t>("p2", "post", PixelType::Int16, 1, 300);
  const auto source = Source();
  ExpectHas(ErrorText([&] { Pair(source, Pairing::SideBySide, true); }, Fault::Input), "none of 2 patients has the same patches");
  EXPECT_FALSE(std::filesystem::exists(folder / "p.cache"));
}

} // namespace
} // namespace serval
