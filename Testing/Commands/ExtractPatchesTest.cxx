#include "CommandSupport.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <signal.h>

#include <array>
#include <filesystem>
#include <map>

namespace serval::commands
{
namespace
{

namespace fs = std::filesystem;

// Content of every file of a cache but its record, which lists the cases in the order of the manifest.
std::map<std::string, std::string> Contents(const fs::path & folder)
{
  std::map<std::string, std::string> contents;
  for (const auto & name : support::Names(folder))
    contents[name] = support::ReadFile(folder / name);
  return contents;
}

class ExtractPatches : public testing::Test
{
protected:
  support::TemporaryFolder folder;
  fs::path                 cache = folder / "a.cache";

  void SetUp() override { WriteCohort(folder.Path(), 4); }

  support::CommandResult Run(const Words & more, const std::string & name = "a.cache") const
  {
    Words words = Extraction(folder / "m.csv", folder / name);
    words.insert(words.end(), more.begin(), more.end());
    return RunModule("ServalExtractPatches", words);
  }
  nlohmann::json NumbersOf(Words more) const
  {
    more.insert(more.end(), { "--json", folder / "n.json" });
    EXPECT_EQ(Run(more).code, 0);
    return nlohmann::json::parse(support::ReadFile(folder / "n.json"));
  }
};

TEST_F(ExtractPatches, WhatIsUpToDateIsKept)
{
  EXPECT_EQ(NumbersOf({})["kept"], 0);
  const auto before = Contents(cache);
  EXPECT_EQ(NumbersOf({})["kept"], 4);
  EXPECT_TRUE(Contents(cache) == before);
  WriteVolume(folder / "image2.mha", 77); // one source is another one now
  const auto numbers = NumbersOf({});
  EXPECT_EQ(numbers["kept"], 3);
  EXPECT_EQ(numbers["patches"], 4 * 12);
}

// As 3D Slicer does: volume, label map and points of the scene by their files, and the places of the patches back.
TEST_F(ExtractPatches, OneVolumeOfASceneNeedsNoManifest)
{
  support::WriteFile(folder / "F.mrk.json", R"({"markups": [{"coordinateSystem": "LPS", "controlPoints": [
    {"id": "1", "label": "a", "position": [9, 13.5, 20]}, {"id": "2", "label": "b", "position": [8, 12, 16]}]}]})");
  const auto run = [&](const Words & more) {
    Words words{ "--image", folder / "image0.mha", "--cache", cache.string(), "--size", "4,4,4", "--caseName", "X-1" };
    words.insert(words.end(), more.begin(), more.end());
    return RunModule("ServalExtractPatches", words);
  };
  const auto atPoints = run({ "--points", folder / "F.mrk.json", "--centres", folder / "centres.mrk.json" });
  ASSERT_EQ(atPoints.code, 0) << atPoints.error;
  const auto centres = nlohmann::json::parse(support::ReadFile(folder / "centres.mrk.json")).at("markups").at(0);
  EXPECT_EQ(centres.at("coordinateSystem"), "LPS");
  ASSERT_EQ(centres.at("controlPoints").size(), 2U);
  for (std::size_t axis = 0; axis < 3; ++axis) // within a voxel, as a patch of even size has no middle voxel
    EXPECT_NEAR(centres["controlPoints"][0]["position"][axis].get<double>(), (std::array{ 9.0, 13.5, 20.0 })[axis], 2.0);
  const auto onLabels = run({ "--labels", folder / "labels0.mha", "--sampler", "foreground", "--count", "5" });
  EXPECT_EQ(onLabels.code, 0) << onLabels.error;
  EXPECT_NE(onLabels.output.find("5 patches"), std::string::npos) << onLabels.output;
  EXPECT_EQ(run({ "--sampler", "foreground" }).code, 2);
  EXPECT_EQ(run({ "--manifest", folder / "m.csv" }).code, 2);
  EXPECT_EQ(RunModule("ServalExtractPatches", { "--manifest", folder / "m.csv", "--cache", cache.string(), "--labels", folder / "labels0.mha" }).code, 2);
}

TEST_F(ExtractPatches, ThreadsAndOrderDoNotShow)
{
  ASSERT_EQ(Run({ "--threads", "1" }).code, 0);
  ASSERT_EQ(Run({ "--threads", "3", "--memory", "1" }, "b.cache").code, 0);
  EXPECT_TRUE(Contents(cache) == Contents(folder / "b.cache"));
}

TEST_F(ExtractPatches, TheCacheKnowsHowItWasMade)
{
  ASSERT_EQ(Run({ "--seed", "5", "--compression", "gzip" }).code, 0);
  const auto before = Contents(cache);
  for (const auto & [name, bytes] : before)
    if (name.ends_with(".h5"))
    {
      fs::remove(cache / name);
      break;
    }
  const auto again = RunModule("ServalExtractPatches", { "--manifest", folder / "m.csv", "--cache", cache.string(), "--again" });
  EXPECT_EQ(again.code, 0) << again.error;
  EXPECT_NE(again.output.find("3 cases were up to date"), std::string::npos) << again.output;
  auto after = Contents(cache);
  for (const auto & [name, bytes] : before)
    EXPECT_TRUE(!name.ends_with(".h5") || after[name] == bytes) << name;
}

TEST_F(ExtractPatches, ADryRunTellsWhyAndWritesNothing)
{
  const auto fresh = Run({ "--dryRun" });
  EXPECT_EQ(fresh.code, 0);
  EXPECT_NE(fresh.output.find("c3: new\nabout 48 patches"), std::string::npos) << fresh.output;
  EXPECT_FALSE(fs::exists(cache));
  ASSERT_EQ(Run({}).code, 0);
  const auto before = Contents(cache);
  WriteVolume(folder / "image1.mha", 78);
  const auto changed = Run({ "--dryRun" });
  EXPECT_NE(changed.output.find("c0: up to date\nc1: source changed\nc2: up to date"), std::string::npos) << changed.output;
  EXPECT_NE(changed.output.find("about 12 patches"), std::string::npos) << changed.output;
  EXPECT_NE(Run({ "--dryRun", "--seed", "9" }).output.find("seed 1 -> 9"), std::string::npos);
  EXPECT_TRUE(Contents(cache) == before);
}

// Killed at some time, gone on with: byte for byte what one run makes.
TEST_F(ExtractPatches, AKilledExtractionIsGoneOnWith)
{
  WriteCohort(folder.Path(), 24);
  ASSERT_EQ(Run({}, "whole.cache").code, 0);
  Words words = Extraction(folder / "m.csv", cache);
  words.insert(words.begin(), Module("ServalExtractPatches"));
  words.insert(words.end(), { "--progress", "none", "--threads", "2" });
  for (const std::size_t shards : { 1U, 5U, 12U })
  {
    RunningCommand command(words);
    command.WaitUntil([&] { return fs::exists(cache) && support::Names(cache).size() > shards; });
    command.EndBy(SIGKILL);
  }
  ASSERT_EQ(Run({}).code, 0);
  EXPECT_TRUE(Contents(cache) == Contents(folder / "whole.cache"));
}

TEST_F(ExtractPatches, AllBadCasesAreListedAtOnce)
{
  support::WriteFile(folder / "image1.mha", "no image");
  support::WriteFile(folder / "image3.mha", "no image");
  const auto stopped = Run({});
  EXPECT_EQ(stopped.code, 3);
  EXPECT_NE(stopped.error.find("2 problem(s)"), std::string::npos) << stopped.error;
  EXPECT_LT(stopped.error.find("case c1"), stopped.error.find("case c3")) << stopped.error;
  const auto skipped = Run({ "--onError", "skip" });
  EXPECT_EQ(skipped.code, 6);
  EXPECT_NE(skipped.output.find("24 patches of 2 of 4 cases"), std::string::npos) << skipped.output;
  EXPECT_NE(support::ReadFile(folder / "excluded.csv").find("\nc3,extract-patches,"), std::string::npos);
}

TEST_F(ExtractPatches, AMemoryLimitTooSmallForOneCaseIsRefused)
{
  WriteVolume(folder / "image1.mha", 1, { 100, 100, 100, 0, false, false });
  WriteLabels(folder / "labels1.mha", { 100, 100, 100, 0, false, false });
  const auto result = Run({ "--memory", "2" });
  EXPECT_EQ(result.code, 4);
  EXPECT_NE(result.error.find("case c1 alone takes about"), std::string::npos) << result.error;
}

TEST_F(ExtractPatches, CandidatesOfATableAreCut)
{
  support::WriteFile(folder / "points.csv", "case,x,y,z,label,id\nc0,5,10.5,12,nodule,n1\nc0,9,12,20,vessel,n2\nc2,6,15,18,nodule,n3\n");
  const Words words{ "--manifest", folder / "m.csv", "--cache", cache.string(), "--sampler", "candidates", "--candidates", folder / "points.csv",
                     "--size", "5,5,5", "--classFrom", "candidate", "--classNames", "nodule,vessel", "--border", "pad" };
  const auto  result = RunModule("ServalExtractPatches", words);
  EXPECT_EQ(result.code, 0) << result.error;
  EXPECT_NE(result.output.find("3 patches of 4 of 4 cases"), std::string::npos) << result.output;
}

TEST_F(ExtractPatches, ContradictionsAreUsageErrors)
{
  const auto refuse = [&](const Words & more, const std::string & text) {
    const auto result = Run(more, "x.cache");
    EXPECT_EQ(result.code, 2) << text << result.error;
    EXPECT_NE(result.error.find(text), std::string::npos) << result.error;
    EXPECT_FALSE(fs::exists(folder / "x.cache"));
  };
  refuse({ "--plane", "axial" }, "one voxel thick");
  refuse({ "--scales", "8,16" }, "no one grid for a segmentation");
  refuse({ "--sizeMm", "8,8,8", "--spacing", "1,1,1" }, "two say all");
  refuse({ "--overlap", "0.5", "--stride", "4,4,4" }, "exclude each other");
  refuse({ "--weights", "1,2" }, "--sampler weighted");
  refuse({ "--imageSet", folder.Path().string() }, "--manifest, --image or --imageSet");
  refuse({ "--candidates", folder / "m.csv" }, "belong together");
}

} // namespace
} // namespace serval::commands
