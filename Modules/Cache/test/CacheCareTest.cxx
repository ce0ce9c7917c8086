#include "serval/Cache/CacheCare.h"
#include "serval/Core/Error.h"

#include "CachePhantom.h"
#include "Support.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <thread>

namespace serval
{
namespace
{

std::vector<float> Voxels(const PatchCache & cache, int threads = 1)
{
  std::vector<std::size_t> all(cache.Patches().size());
  for (std::size_t i = 0; i < all.size(); ++i)
    all[i] = i;
  std::vector<float> values(all.size() * cache.VoxelsPerPatch());
  cache.ReadImages(all, {}, values, threads);
  return values;
}

std::string Reason(PatchCacheWriter & writer, const CaseSource & source)
{
  return writer.Look(source).reason;
}

Fault KindOf(const std::function<void()> & work, std::string * text = nullptr)
{
  try
  {
    work();
  }
  catch (const Error & e)
  {
    if (text)
      *text = e.what();
    return e.Kind();
  }
  ADD_FAILURE() << "nothing was refused";
  return Fault::Internal;
}

void Flip(const std::filesystem::path & file, std::size_t at)
{
  auto bytes = support::ReadFile(file);
  bytes[at] = static_cast<char>(bytes[at] ^ (1 << at % 8));
  std::filesystem::remove(file);
  support::WriteFile(file, bytes);
}

TEST(PatchCacheWriter, TellsWhyACaseIsMadeAgain)
{
  const support::TemporaryFolder folder;
  WriteCache(folder / "t.cache");
  const auto       c = Make<std::int16_t>("c", PixelType::Int16, 4, -2000);
  PatchCacheWriter same(folder / "t.cache", Describe());
  EXPECT_TRUE(same.Look(c).isUpToDate);
  EXPECT_EQ(Reason(same, Make<float>("d", PixelType::Float32, 1, 0)), "new");
  auto changed = c;
  changed.sourceFingerprint = "other voxels";
  EXPECT_EQ(Reason(same, changed), "source changed");
  changed = c;
  changed.labelFingerprint = "other labels";
  changed.className = "B";
  EXPECT_EQ(Reason(same, changed), "labels changed; class changed: none -> B");
  auto other = Describe();
  other.seed = 5;
  other.parameters = R"({"count":8})";
  PatchCacheWriter fresh(folder / "t.cache", other);
  EXPECT_NE(Reason(fresh, c).find("parameters changed: "), std::string::npos);
  EXPECT_NE(Reason(fresh, c).find("seed 4 -> 5"), std::string::npos) << Reason(fresh, c);
  std::filesystem::remove(folder / ("t.cache/" + InspectCache(folder / "t.cache").cases[2].file));
  EXPECT_EQ(Reason(same, c), "shard missing");
}

TEST(PatchCacheWriter, GoesOnWhereItWasEndedAndGivesTheSameBytes)
{
  const support::TemporaryFolder folder;
  WriteCache(folder / "whole.cache");
  PatchCacheWriter(folder / "t.cache", Describe())
    .Add(Make<std::uint8_t>("b", PixelType::UInt8, 2, 0)); // and then it dies
  support::WriteFile(folder / "t.cache/.x.h5.serval-partial-00000000-1-0-x.h5", "of another machine, just now");
  PatchCacheWriter writer(folder / "t.cache", Describe());
  const auto       a = Make<float>("a", PixelType::Float32, 3, -1000.5);
  const auto       c = Make<std::int16_t>("c", PixelType::Int16, 4, -2000);
  writer.Add(c);
  EXPECT_FALSE(writer.Look(a).isUpToDate);
  EXPECT_TRUE(writer.Look(Make<std::uint8_t>("b", PixelType::UInt8, 2, 0)).isUpToDate);
  writer.Add(a);
  writer.Commit(std::vector<std::string>{ "a", "b", "c" });
  EXPECT_EQ(InspectCache(folder / "t.cache").running, 1U);
  std::filesystem::remove(folder / "t.cache/.x.h5.serval-partial-00000000-1-0-x.h5");
  ASSERT_EQ(support::Names(folder / "t.cache"), support::Names(folder / "whole.cache"));
  for (const auto & name : support::Names(folder / "t.cache"))
    EXPECT_EQ(support::ReadFile(folder / ("t.cache/" + name)), support::ReadFile(folder / ("whole.cache/" + name)))
      << name;
}

TEST(PatchCacheWriter, ThreadsAndWritersOfOneFolderDoNotDisturbEachOther)
{
  const support::TemporaryFolder folder;
  const auto                     name = [](int i) { return "case" + std::to_string(i); };
  PatchCacheWriter               first(folder / "t.cache", Describe()), second(folder / "t.cache", Describe());
  std::vector<std::thread>       threads;
  for (auto * writer : { &first, &first, &second, &second })
    threads.emplace_back([&, writer] {
      for (int i = 0; i < 20; ++i)
        writer->Add(Make<float>(name(i), PixelType::Float32, 2, i));
    });
  for (auto & thread : threads)
    thread.join();
  std::vector<std::string> order;
  for (int i = 19; i >= 0; --i)
    order.push_back(name(i));
  first.Commit(order);
  second.Commit(order);
  EXPECT_TRUE(VerifyCache(folder / "t.cache", 2).empty());
  const PatchCache cache(folder / "t.cache");
  ASSERT_EQ(cache.Cases().size(), 20U);
  EXPECT_EQ(cache.Cases()[0].caseId, "case19");
}

TEST(PatchCacheWriter, AnotherParametersExtractionLeavesTheOldCacheUntilItCommits)
{
  const support::TemporaryFolder folder;
  WriteCache(folder / "t.cache");
  const auto before = Voxels(PatchCache(folder / "t.cache"));
  auto       other = Describe();
  other.seed = 9;
  PatchCacheWriter(folder / "t.cache", other).Add(Make<float>("a", PixelType::Float32, 1, 3)); // never committed
  EXPECT_EQ(Voxels(PatchCache(folder / "t.cache")), before);
  EXPECT_EQ(InspectCache(folder / "t.cache").stale.size(), 1U);
  EXPECT_EQ(PruneCache(folder / "t.cache", { true, 1, false }).size(), 0U); // not a day old
  EXPECT_EQ(PruneCache(folder / "t.cache", { true, 0, true }).size(), 1U);
  EXPECT_EQ(InspectCache(folder / "t.cache").stale.size(), 1U); // that was a dry run
  EXPECT_EQ(PruneCache(folder / "t.cache", { true, 0, false }).size(), 1U);
  EXPECT_TRUE(InspectCache(folder / "t.cache").stale.empty());
  EXPECT_EQ(Voxels(PatchCache(folder / "t.cache")), before);
}

TEST(PatchCacheWriter, NothingIsPrunedBelowARunningExtraction)
{
  const support::TemporaryFolder folder;
  WriteCache(folder / "t.cache");
  const PatchCacheWriter running(folder / "t.cache", Describe());
  EXPECT_EQ(KindOf([&] { PruneCache(folder / "t.cache", { true, 0, false }); }), Fault::Usage);
}

TEST(PatchCache, OldSchemaIsRefusedByName)
{
  const support::TemporaryFolder folder;
  std::filesystem::create_directory(folder / "old.cache");
  support::WriteFile(folder / "old.cache/shard-00000.h5", "x");
  std::string text;
  EXPECT_EQ(KindOf([&] { PatchCache cache(folder / "old.cache"); }, &text), Fault::Input);
  EXPECT_NE(text.find("serval-patch-cache/1"), std::string::npos) << text;
  EXPECT_NE(text.find("extract again"), std::string::npos) << text;
  EXPECT_EQ(KindOf([&] { PatchCacheWriter writer(folder / "old.cache", Describe()); }, &text), Fault::Input);
}

class Stored : public testing::TestWithParam<Compression>
{};

TEST_P(Stored, GivesTheSameVoxelsAndTheSameFingerprint)
{
  const support::TemporaryFolder folder;
  WriteCache(folder / "plain.cache");
  WriteCache(folder / "small.cache", GetParam());
  const PatchCache plain(folder / "plain.cache"), small(folder / "small.cache");
  EXPECT_EQ(small.IsMapped(), GetParam() == Compression::None);
  EXPECT_EQ(Voxels(small, 2), Voxels(plain));
  EXPECT_EQ(small.Fingerprint(), plain.Fingerprint());
  std::vector<std::uint8_t> labels(9 * 210);
  small.ReadSegmentations(std::vector<std::size_t>{ 0, 1, 2, 3, 4, 5, 6, 7, 8 }, labels);
  EXPECT_EQ(std::count(labels.begin(), labels.end(), 1), 9 * 210);
  const auto raw = plain.RawImage(7);
  EXPECT_EQ(small.ReadRaw(7), std::vector<std::byte>(raw.begin(), raw.end()));
  const auto stored = [&](const char * name) { return InspectCache(folder / name).cases[2].bytes; };
  EXPECT_TRUE(small.IsMapped() || stored("small.cache") < stored("plain.cache") / 2) << stored("small.cache");
}

TEST_P(Stored, AFlippedBitAnywhereIsFoundAndNamed)
{
  const support::TemporaryFolder folder;
  WriteCache(folder / "t.cache", GetParam());
  IndexCache(folder / "t.cache");
  ASSERT_TRUE(VerifyCache(folder / "t.cache", 1).empty());
  for (const auto & name : support::Names(folder / "t.cache"))
  {
    const auto file = folder / ("t.cache/" + name);
    const auto size = std::filesystem::file_size(file);
    for (std::size_t at = 0; at < size; at += std::max<std::size_t>(1, size / 150) | 1)
    {
      Flip(file, at);
      const auto found = VerifyCache(folder / "t.cache", 1);
      ASSERT_FALSE(found.empty()) << name << " byte " << at;
      EXPECT_EQ(found[0].file, name) << "byte " << at;
      EXPECT_EQ(found[0].caseId.empty(), name == "cache.json" || name == "index.h5") << name;
      Flip(file, at);
    }
  }
}

TEST_P(Stored, PackedItIsTheSameAndStillUpToDate)
{
  const support::TemporaryFolder folder;
  auto                           description = Describe();
  description.compression = GetParam();
  std::vector<CasePatches> cases;
  for (int i = 0; i < 10; ++i) // every third of another type
    cases.push_back(i % 3 ? Make<float>("c" + std::to_string(i), PixelType::Float32, 2, i)
                          : Make<std::uint8_t>("c" + std::to_string(i), PixelType::UInt8, 1, i));
  cases[4].candidates = { "nodule-1", "nodule-2" };
  const auto extract = [&] {
    PatchCacheWriter writer(folder / "t.cache", description);
    int              made = 0;
    for (const auto & one : cases)
      if (!writer.Look(one).isUpToDate)
      {
        writer.Add(one);
        ++made;
      }
    writer.Commit();
    return made;
  };
  EXPECT_EQ(extract(), 10);
  const auto before = Voxels(PatchCache(folder / "t.cache"));
  const auto fingerprint = PatchCache(folder / "t.cache").Fingerprint();
  EXPECT_EQ(PackCache(folder / "t.cache", 1 << 20), (std::pair<std::size_t, std::size_t>{ 10, 2 }));
  EXPECT_EQ(support::Names(folder / "t.cache").size(), 4U); // cache.json, index.h5 and two packs
  const PatchCache packed(folder / "t.cache");
  EXPECT_EQ(Voxels(packed), before);
  EXPECT_EQ(packed.Fingerprint(), fingerprint);
  EXPECT_EQ(packed.Patches()[packed.PatchesOf({ "pc4" })[1]].candidate, "nodule-2");
  EXPECT_EQ(packed.Cases()[3].caseId, "c3");
  EXPECT_TRUE(VerifyCache(folder / "t.cache", 2).empty());
  const auto record = support::ReadFile(folder / "t.cache/cache.json");
  EXPECT_EQ(extract(), 0);
  EXPECT_EQ(support::ReadFile(folder / "t.cache/cache.json"), record);
  cases[5].sourceFingerprint = "changed";
  EXPECT_EQ(extract(), 1);
  EXPECT_EQ(PatchCache(folder / "t.cache").Cases()[5].sourceFingerprint, "changed");
  EXPECT_TRUE(VerifyCache(folder / "t.cache", 2).empty());
}

INSTANTIATE_TEST_SUITE_P(Kinds, Stored, testing::Values(Compression::None, Compression::Gzip, Compression::Zstd),
                         [](const auto & kind) { return ToText(kind.param); });

TEST(PatchCache, DamageInThePackedCaseIsRepairedAlone)
{
  const support::TemporaryFolder folder;
  WriteCache(folder / "t.cache");
  const auto c = Make<std::int16_t>("c", PixelType::Int16, 4, -2000);
  const auto file = folder / ("t.cache/" + InspectCache(folder / "t.cache").cases[2].file);
  const auto bytes = support::ReadFile(file);
  Flip(file, bytes.find(std::string(reinterpret_cast<const char *>(c.image.data()), 64)) + 420); // second patch
  const auto found = VerifyCache(folder / "t.cache", 1);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].caseId, "c");
  EXPECT_EQ(found[0].what, "image of patch 1");
  PatchCacheWriter writer(folder / "t.cache", Describe());
  EXPECT_TRUE(writer.Look(Make<float>("a", PixelType::Float32, 3, -1000.5)).isUpToDate);
  EXPECT_NE(Reason(writer, c).find("shard damaged: image of patch 1"), std::string::npos);
  writer.Add(c);
  EXPECT_EQ(support::ReadFile(file), bytes);
}

TEST(PatchCache, ThreadsReadTheSame)
{
  const support::TemporaryFolder folder;
  WriteCache(folder / "t.cache");
  const auto               expected = Voxels(PatchCache(folder / "t.cache"));
  const PatchCache         cache(folder / "t.cache");
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] {
      for (int n = 0; n < 50; ++n)
        EXPECT_EQ(Voxels(cache, 3), expected);
    });
  for (auto & thread : threads)
    thread.join();
}

TEST(PatchCache, SamplesHaveTheirTrueGeometry)
{
  const support::TemporaryFolder folder;
  WriteCache(folder / "t.cache");
  WriteSamples(PatchCache(folder / "t.cache"), 9, 1, folder / "s");
  EXPECT_EQ(support::Names(folder / "s").size(), 19U); // image and segmentation of each, and the table
  const auto text = support::ReadFile(folder / "s/patch-8-0.nrrd");
  EXPECT_NE(text.find("type: int16"), std::string::npos);
  EXPECT_NE(text.find("sizes: 5 6 7"), std::string::npos);
  EXPECT_NE(text.find("space directions: (0,1,0) (-2,0,0) (0,0,3)"), std::string::npos) << text.substr(0, 300);
  EXPECT_NE(text.find("space origin: (3,0,-1)"), std::string::npos);
  EXPECT_EQ(text.size(), text.find("\n\n") + 2 + 210 * 2);
}

} // namespace
} // namespace serval
