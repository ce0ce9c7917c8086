#include "serval/Cache/FeatureFile.h"
#include "serval/Core/Error.h"

#include "CachePhantom.h"
#include "Support.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <fstream>
#include <numeric>

namespace serval
{
namespace
{

// Voxel i of the first patch of case pc is -2000 + i.
TEST(PatchCache, WindowsAndRepeatsBecomeChannels)
{
  const support::TemporaryFolder folder;
  WriteCache(folder / "t.cache");
  const PatchCache    cache(folder / "t.cache");
  const std::size_t   one[]{ cache.PatchesOf({ "pc" })[0] }, size = cache.VoxelsPerPatch();
  const IntensityPlan two{ .windows = { { -2000, -1990 }, { -1995, -1985 } }, .repeat = 2 };
  ASSERT_EQ(two.Channels(1), 4);
  std::vector<float> image(4 * size);
  cache.ReadImages(one, two, image);
  for (const std::size_t channel : { 0U, 1U })
  {
    EXPECT_FLOAT_EQ(image[channel * size + 5], 0);
    EXPECT_FLOAT_EQ(image[(2 + channel) * size + 5], -1);
    EXPECT_FLOAT_EQ(image[(2 + channel) * size + 10], 0);
  }
  const IntensityPlan standard{ .windows = { { -2000, -1990 } }, .repeat = 3, .means = { 0.5, 0.25, 0 }, .deviations = { 0.5, 0.25, 2 } };
  image.resize(3 * size);
  cache.ReadImages(one, standard, image);
  EXPECT_FLOAT_EQ(image[5], 0);
  EXPECT_FLOAT_EQ(image[size + 5], 1);
  EXPECT_FLOAT_EQ(image[2 * size + 5], 0.25);
  EXPECT_FLOAT_EQ(image[size + 96], 3) << "clipped at the window's end";
  EXPECT_THROW(cache.ReadImages(one, { .windows = { { 0, 1 } }, .means = { 0, 0 }, .deviations = { 1, 1 } }, std::span(image).first(size)), Error);

  cache.ReadImages(one, { .repeat = 3 }, image);
  EXPECT_FLOAT_EQ(image[2 * size + 5], (-2000 + 5 - 10) / 2.0F);
  for (const auto & plan : { two, standard, IntensityPlan{} })
    EXPECT_EQ(IntensityPlan::FromJson(plan.ToJson()), plan);
  EXPECT_THROW(IntensityPlan::FromJson(R"({"kind":"window","repeat":1,"windows":[[3,3]]})"), Error);
}

TEST(PatchCache, GivesBackWhatWasWritten)
{
  const support::TemporaryFolder folder;
  WriteCache(folder / "t.cache");
  const PatchCache cache(folder / "t.cache");
  ASSERT_EQ(cache.Patches().size(), 9U);
  EXPECT_EQ(cache.Patients(), (std::vector<std::string>{ "pa", "pb", "pc" }));
  EXPECT_EQ(cache.Description().classNames, Describe().classNames);
  const auto of = cache.PatchesOf({ "pc" });
  ASSERT_EQ(of.size(), 4U);
  const auto & record = cache.Patches()[of[3]];
  EXPECT_EQ(record.corner, (Extent{ 3, 6, 9 }));
  EXPECT_EQ(record.geometry.origin[0], 3);
  EXPECT_EQ(record.geometry.direction[1], -1);
  EXPECT_EQ(record.classIndex, 1);
  std::vector<float> image(cache.VoxelsPerPatch());
  const std::size_t  one[]{ of[0] };
  cache.ReadImages(one, {}, image);
  EXPECT_FLOAT_EQ(image[5], (-2000 + 5 - 10) / 2.0F); // z-score by the case's mean 10 and deviation 2
  cache.ReadImages(one, { .windows = { { -2000, -1990 } } }, image);
  EXPECT_FLOAT_EQ(image[5], 0);
  EXPECT_FLOAT_EQ(image[96], 1); // clipped
  std::vector<std::uint8_t> labels(5 * 6 * 7);
  cache.ReadSegmentations(one, labels);
  EXPECT_EQ(std::accumulate(labels.begin(), labels.end(), 0), 210);
}

TEST(PatchCache, IsTheSameBytesEachTime)
{
  const support::TemporaryFolder folder;
  WriteCache(folder / "1.cache");
  WriteCache(folder / "2.cache");
  const auto names = support::Names(folder / "1.cache");
  ASSERT_EQ(names.size(), 4U); // a shard a case, and cache.json
  for (const auto & name : names)
    EXPECT_EQ(support::ReadFile(folder / ("1.cache/" + name)), support::ReadFile(folder / ("2.cache/" + name)));
  EXPECT_EQ(PatchCache(folder / "1.cache").Fingerprint(), PatchCache(folder / "2.cache").Fingerprint());
}

TEST(PatchCache, OneScanUnderTwoPatientsIsRefused)
{
  const support::TemporaryFolder folder;
  PatchCacheWriter               writer(folder / "t.cache", Describe());
  auto                           first = Make<float>("a", PixelType::Float32, 1, 0), second = first;
  writer.Add(first);
  second.caseId = "b";
  EXPECT_NO_THROW(writer.Add(second)); // a second case of the same patient
  second.patient = "another";
  EXPECT_THROW(writer.Add(second), Error);
}

TEST(PatchCache, WithoutCommitItSaysThatItIsNotFinished)
{
  const support::TemporaryFolder folder;
  PatchCacheWriter(folder / "t.cache", Describe()).Add(Make<float>("a", PixelType::Float32, 3, 0));
  EXPECT_EQ(support::Names(folder / "t.cache").size(), 1U);
  try
  {
    const PatchCache cache(folder / "t.cache");
    FAIL();
  }
  catch (const Error & e)
  {
    EXPECT_EQ(e.Kind(), Fault::Input);
    EXPECT_NE(std::string(e.what()).find("run it again to go on"), std::string::npos) << e.what();
  }
}

TEST(PatchCache, DamageIsFoundAndNamed)
{
  const support::TemporaryFolder folder;
  WriteCache(folder / "t.cache");
  const PatchCache whole(folder / "t.cache");
  const auto       raw = whole.RawImage(whole.PatchesOf({ "pa" })[1]);
  for (const auto & name : support::Names(folder / "t.cache"))
  {
    auto       bytes = support::ReadFile(folder / ("t.cache/" + name));
    const auto at = bytes.find(std::string(reinterpret_cast<const char *>(raw.data()), raw.size()));
    if (at == std::string::npos)
      continue;
    bytes[at + 17] = static_cast<char>(bytes[at + 17] ^ 1);
    std::filesystem::remove(folder / ("t.cache/" + name));
    support::WriteFile(folder / ("t.cache/" + name), bytes);
  }
  const PatchCache   damaged(folder / "t.cache");
  std::vector<float> image(damaged.VoxelsPerPatch());
  const auto         of = damaged.PatchesOf({ "pa" });
  try
  {
    for (const auto patch : of)
      damaged.ReadImages(std::span(&patch, 1), {}, image);
    FAIL() << "damage was not found";
  }
  catch (const Error & e)
  {
    EXPECT_EQ(e.Kind(), Fault::Input);
    EXPECT_NE(std::string(e.what()).find("case a"), std::string::npos) << e.what();
  }
}

TEST(PatchCache, NewClassesStayInTheObjectAndChangeItsFingerprint)
{
  const support::TemporaryFolder folder;
  WriteCache(folder / "t.cache");
  PatchCache cache(folder / "t.cache");
  const auto before = cache.Fingerprint();
  const auto sourceVoxels = cache.ReadRaw(0);
  cache.Relabel({ 1, 1, 1, 0, 0, 0, -1, 1, 0 });
  EXPECT_EQ(cache.Patches()[0].classIndex, 1);
  EXPECT_EQ(cache.Patches()[6].classIndex, -1);
  EXPECT_EQ(cache.ReadRaw(0), sourceVoxels);
  EXPECT_NE(cache.Fingerprint(), before);
  const PatchCache again(folder / "t.cache");
  EXPECT_EQ(again.Patches()[0].classIndex, 0);
  EXPECT_EQ(again.Fingerprint(), before);
  EXPECT_THROW(cache.Relabel({ 0, 1 }), Error);
  EXPECT_THROW(cache.Relabel({ 2, 1, 1, 0, 0, 0, -1, 1, 0 }), Error); // there are two classes
}

TEST(PatchCache, TruncatedAndForeignFilesAreRefused)
{
  const support::TemporaryFolder folder;
  WriteCache(folder / "t.cache");
  const auto shard = folder / ("t.cache/" + support::Names(folder / "t.cache").front());
  const auto bytes = support::ReadFile(shard);
  for (const std::size_t length : { std::size_t{ 0 }, std::size_t{ 100 }, bytes.size() / 2, bytes.size() - 1 })
  {
    support::WriteFile(shard, bytes.substr(0, length));
    EXPECT_THROW(PatchCache(folder / "t.cache"), Error) << length;
  }
  std::filesystem::create_directory(folder / "empty");
  EXPECT_THROW(PatchCache(folder / "empty"), Error);
  EXPECT_THROW(PatchCache(folder / "missing"), Error);
}

TEST(FeatureFile, GivesBackWhatWasWritten)
{
  const support::TemporaryFolder folder;
  FeatureFile                    features;
  features.layers["encoder1"] = { 2, { 1, 2, 3, 4, 5, 6 } };
  features.layers["bottleneck"] = { 1, { 7, 8, std::nanf("") } };
  features.classes = { 0, 1, -1 };
  features.cases = features.patients = features.unitIds = { "a", "b", "ü" };
  features.classNames = { "x", "y" };
  features.modelHash = "h";
  features.Write(folder / "f.h5");
  const auto again = FeatureFile::Read(folder / "f.h5");
  EXPECT_EQ(again.layers.at("encoder1").values, features.layers["encoder1"].values);
  EXPECT_EQ(again.layers.at("encoder1").width, 2U);
  EXPECT_TRUE(std::isnan(again.layers.at("bottleneck").values[2]));
  EXPECT_EQ(again.patients, features.patients);
  EXPECT_EQ(again.classes, features.classes);
  support::WriteFile(folder / "g.h5", "no");
  EXPECT_THROW(FeatureFile::Read(folder / "g.h5"), Error);
}

} // namespace
} // namespace serval
