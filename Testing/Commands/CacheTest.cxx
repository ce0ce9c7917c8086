// The patch cache as a user meets it: kills, resumption, damage, packing, leftovers.
#include "CommandSupport.h"

#include <gtest/gtest.h>

#include <signal.h>

#include <algorithm>
#include <chrono>
#include <random>
#include <thread>

namespace serval::commands
{
namespace
{

class Cache : public testing::Test
{
protected:
  support::TemporaryFolder folder;

  std::string At(const std::string & name) const { return (folder.Path() / name).string(); }
  void        SetUp() override { WriteCohort(folder.Path(), 6); }

  support::CommandResult Extract(const std::string & cache) const
  {
    return RunModule("ServalExtractPatches", Extraction(At("m.csv"), At(cache)));
  }
  support::CommandResult Manage(Words words) const { return RunModule("ServalManageCache", std::move(words)); }
  // The first shard whose name sorts first.
  std::string Shard(const std::string & cache) const { return At(cache + "/" + support::Names(At(cache)).front()); }
  void        FlipByte(const std::string & file, std::size_t at) const
  {
    auto bytes = support::ReadFile(file);
    bytes.at(at) = static_cast<char>(bytes[at] ^ 4);
    std::filesystem::remove(file);
    support::WriteFile(file, bytes);
  }
  void ExpectSameFolders(const std::string & a, const std::string & b) const
  {
    ASSERT_EQ(support::Names(At(a)), support::Names(At(b)));
    for (const auto & name : support::Names(At(a)))
      EXPECT_EQ(support::ReadFile(At(a + "/" + name)), support::ReadFile(At(b + "/" + name))) << name;
  }
};

TEST_F(Cache, KilledAtRandomMomentsAndResumedItIsTheSameBytes)
{
  const auto started = std::chrono::steady_clock::now();
  ASSERT_EQ(Extract("whole.cache").code, 0);
  const auto   whole = std::chrono::steady_clock::now() - started;
  std::mt19937 random(1);
  int          interrupted = 0;
  for (int i = 0; i < 10; ++i)
  {
    std::filesystem::remove_all(At("t.cache"));
    auto words = Extraction(At("m.csv"), At("t.cache"));
    words.insert(words.begin(), Module("ServalExtractPatches"));
    {
      RunningCommand running(words);
      std::this_thread::sleep_for(whole * std::uniform_real_distribution<>(0, 1)(random));
      running.EndBy(SIGKILL);
    }
    if (!std::filesystem::exists(At("t.cache/cache.json")) && std::filesystem::exists(At("t.cache")))
    {
      ++interrupted;
      const auto unfinished = Manage({ "info", At("t.cache") });
      EXPECT_EQ(unfinished.code, 3);
    }
    ASSERT_EQ(Extract("t.cache").code, 0);
    ExpectSameFolders("whole.cache", "t.cache");
  }
  EXPECT_GT(interrupted, 0) << "no kill hit an extraction in work";
}

TEST_F(Cache, TwoExtractionsAtOnceGiveOneCache)
{
  ASSERT_EQ(Extract("whole.cache").code, 0);
  auto words = Extraction(At("m.csv"), At("t.cache"));
  words.insert(words.begin(), Module("ServalExtractPatches"));
  RunningCommand other(words);
  EXPECT_EQ(Extract("t.cache").code, 0);
  other.WaitUntil([] { return false; });
  ExpectSameFolders("whole.cache", "t.cache");
}

TEST_F(Cache, DamageIsNamedAndExitsWith3)
{
  ASSERT_EQ(Extract("t.cache").code, 0);
  EXPECT_EQ(Manage({ "verify", At("t.cache") }).code, 0);
  const auto shard = Shard("t.cache");
  for (const std::size_t at : { std::size_t{ 5 }, std::size_t{ 9000 }, std::filesystem::file_size(shard) - 1 })
  {
    FlipByte(shard, at);
    const auto found = Manage({ "verify", At("t.cache") });
    EXPECT_EQ(found.code, 3) << at;
    EXPECT_NE(found.output.find(std::filesystem::path(shard).filename().string() + ", case "), std::string::npos)
      << found.output;
    FlipByte(shard, at);
  }
  FlipByte(At("t.cache/cache.json"), 100);
  const auto found = Manage({ "verify", At("t.cache") });
  EXPECT_EQ(found.code, 3);
  EXPECT_NE(found.output.find("cache.json"), std::string::npos) << found.output;
}

TEST_F(Cache, RepairMakesJustTheDamagedShardsAgain)
{
  if (support::RunCommand({ Module("ServalExtractPatches"), "--help" }).output.find("--again") == std::string::npos)
    GTEST_SKIP() << "this extract-patches cannot read its options from a cache (--again)";
  ASSERT_EQ(Extract("whole.cache").code, 0);
  ASSERT_EQ(Extract("t.cache").code, 0);
  EXPECT_EQ(Manage({ "repair", At("t.cache") }).code, 0); // nothing to do, no manifest needed
  const auto shard = Shard("t.cache");
  const auto whole = std::filesystem::last_write_time(At("t.cache/" + support::Names(At("t.cache"))[1]));
  FlipByte(shard, std::filesystem::file_size(shard) - 1);
  EXPECT_EQ(Manage({ "repair", At("t.cache") }).code, 2);
  const auto repaired = Manage({ "repair", At("t.cache"), "--manifest", At("m.csv") });
  EXPECT_EQ(repaired.code, 0) << repaired.error << repaired.output;
  EXPECT_EQ(std::filesystem::last_write_time(At("t.cache/" + support::Names(At("t.cache"))[1])), whole);
  FlipByte(At("t.cache/cache.json"), 100);
  EXPECT_EQ(Manage({ "repair", At("t.cache"), "--manifest", At("m.csv") }).code, 0);
  std::filesystem::remove(At("whole.cache/cache.json")); // its provenance names the options of the command
  std::filesystem::remove(At("t.cache/cache.json"));
  ExpectSameFolders("whole.cache", "t.cache");
}

TEST_F(Cache, PackedPrunedAndSampledItStaysUsable)
{
  ASSERT_EQ(Extract("t.cache").code, 0);
  EXPECT_EQ(Manage({ "pack", At("t.cache") }).code, 0);
  EXPECT_LE(support::Names(At("t.cache")).size(), 4U);
  const auto record = support::ReadFile(At("t.cache/cache.json"));
  EXPECT_EQ(Extract("t.cache").code, 0);
  EXPECT_EQ(support::ReadFile(At("t.cache/cache.json")), record); // still up to date
  FlipByte(At("t.cache/index.h5"), 3000);
  EXPECT_EQ(Manage({ "verify", At("t.cache") }).code, 3);
  EXPECT_EQ(Manage({ "repair", At("t.cache") }).code, 0);
  EXPECT_EQ(Manage({ "sample", At("t.cache"), "--samples", At("s"), "--count", "2" }).code, 0);
  EXPECT_TRUE(std::filesystem::exists(At("s/samples.csv")));
  support::WriteFile(At("t.cache/00000000000000000000000000000000.h5"), "stale");
  const auto dry = Manage({ "prune", At("t.cache"), "--stale", "--dryRun" });
  EXPECT_NE(dry.output.find("would remove 0000"), std::string::npos) << dry.output;
  EXPECT_EQ(Manage({ "prune", At("t.cache"), "--stale" }).code, 0);
  EXPECT_FALSE(std::filesystem::exists(At("t.cache/00000000000000000000000000000000.h5")));
  const auto info = Manage({ "info", At("t.cache"), "--json", At("i.json") });
  EXPECT_NE(info.output.find("6 cases are whole, 0 are not; 0 stale files"), std::string::npos) << info.output;
  EXPECT_NE(support::ReadFile(At("i.json")).find("serval-cache-info/1"), std::string::npos);
}

TEST_F(Cache, SourcesAreMatchedOrRefusedWhole)
{
  ASSERT_EQ(Extract("t.cache").code, 0);
  ASSERT_EQ(Extract("u.cache").code, 0);
  const Words words{ "match", At("t.cache/"), "--others", At("u.cache"), "--matched", At("m"), "--perClass" };
  const auto  with = [&](const std::string & number) {
    auto all = words;
    all.push_back(number);
    return Manage(all);
  };
  const auto refused = with("2,100000");
  EXPECT_EQ(refused.code, 3) << refused.error;
  EXPECT_NE(refused.error.find("are wanted of every source"), std::string::npos) << refused.error;
  EXPECT_FALSE(std::filesystem::exists(At("m")));
  const auto done = with("2,3");
  ASSERT_EQ(done.code, 0) << done.error;
  EXPECT_EQ(support::Names(At("m")), (std::vector<std::string>{ "t-2.cache", "t-3.cache", "u-2.cache", "u-3.cache" }));
  EXPECT_EQ(Manage({ "verify", At("m/u-3.cache") }).code, 0);
  EXPECT_EQ(Manage({ "match", At("t.cache"), "--others", At("t.cache"), "--matched", At("m"), "--perClass", "2" }).code, 2);
}

TEST_F(Cache, SourcesAreUnited)
{
  ASSERT_EQ(Extract("t.cache").code, 0);
  ASSERT_EQ(Extract("u.cache").code, 0);
  const auto refused = Manage({ "union", At("t.cache"), "--others", At("u.cache"), "--united", At("both.cache") });
  EXPECT_EQ(refused.code, 3) << refused.error;
  EXPECT_NE(refused.error.find("--samePatients"), std::string::npos) << refused.error; // the same volumes
  EXPECT_FALSE(std::filesystem::exists(At("both.cache")));
  const auto done = Manage({ "union", At("t.cache"), "--others", At("u.cache"), "--united", At("both.cache"), "--samePatients", "--json", At("u.json") });
  ASSERT_EQ(done.code, 0) << done.error;
  EXPECT_NE(done.output.find("of 12 cases and 6 patients of 2 sources, 6 classes"), std::string::npos) << done.output;
  EXPECT_NE(support::ReadFile(At("u.json")).find("\"t/outside\""), std::string::npos) << support::ReadFile(At("u.json"));
  EXPECT_EQ(Manage({ "verify", At("both.cache") }).code, 0);
  EXPECT_EQ(Manage({ "union", At("t.cache"), "--united", At("both.cache") }).code, 2);
  EXPECT_EQ(Manage({ "union", At("t.cache"), "--others", At("t.cache"), "--united", At("x.cache") }).code, 2);
  EXPECT_EQ(Manage({ "union", At("t.cache"), "--others", At("none.cache"), "--united", At("x.cache") }).code, 3);
}

TEST_F(Cache, TimePointsArePaired)
{
  std::string manifest = "case,patient,image,segmentation,time_point\n";
  for (int i = 0; i < 6; ++i)
    manifest += Concat("c", i, ",p", i / 2, ",image", i, ".mha,labels", i, ".mha,", i % 2 == 0 ? "pre" : "post", "\n");
  support::WriteFile(At("m.csv"), manifest);
  auto words = Extraction(At("m.csv"), At("t.cache"));
  ASSERT_EQ(RunModule("ServalExtractPatches", words).code, 0);
  const auto done = Manage({ "pair", At("t.cache"), "--times", "pre,post", "--paired", At("p.cache"), "--json", At("p.json") });
  ASSERT_EQ(done.code, 0) << done.error;
  EXPECT_NE(done.output.find("pairs of 3 patients"), std::string::npos) << done.output;
  EXPECT_NE(support::ReadFile(At("p.json")).find("serval-pairs/1"), std::string::npos);
  EXPECT_EQ(Manage({ "verify", At("p.cache") }).code, 0);
  const auto info = Manage({ "info", At("p.cache") });
  EXPECT_NE(info.output.find("16x8x8"), std::string::npos) << info.output;
  EXPECT_EQ(Manage({ "pair", At("t.cache"), "--times", "pre,post", "--paired", At("t.cache") }).code, 2);
  EXPECT_EQ(Manage({ "pair", At("t.cache"), "--times", "pre", "--paired", At("x.cache") }).code, 2);
  EXPECT_EQ(Manage({ "pair", At("t.cache"), "--times", "pre,post" }).code, 2);
  const auto unknown = Manage({ "pair", At("t.cache"), "--times", "pre,later", "--paired", At("x.cache") });
  EXPECT_EQ(unknown.code, 3);
  EXPECT_NE(unknown.error.find("no case of the cache is of time point 'later'; it has post, pre"), std::string::npos) << unknown.error;
  EXPECT_FALSE(std::filesystem::exists(At("x.cache")));
}

TEST_F(Cache, WrongInputIsRefused)
{
  EXPECT_EQ(Manage({ "polish", At("t.cache") }).code, 2);
  EXPECT_EQ(Manage({ "info", At("none.cache") }).code, 3);
  EXPECT_EQ(Manage({ "prune", At("none.cache"), "--stale" }).code, 3);
  ASSERT_EQ(Extract("t.cache").code, 0);
  EXPECT_EQ(Manage({ "sample", At("t.cache") }).code, 2);
  std::filesystem::remove(At("t.cache/cache.json"));
  const auto unfinished = Manage({ "prune", At("t.cache"), "--stale" });
  EXPECT_EQ(unfinished.code, 2) << unfinished.error;
  EXPECT_NE(unfinished.error.find("has not finished"), std::string::npos) << unfinished.error;
}

} // namespace
} // namespace serval::commands
