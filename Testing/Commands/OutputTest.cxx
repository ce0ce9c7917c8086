// Outputs are whole or absent, and found to be impossible before the work.
#include "CommandSupport.h"

#include <gtest/gtest.h>

#include <signal.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

namespace serval::commands
{
namespace
{

class Output : public testing::Test
{
protected:
  support::TemporaryFolder folder;

  std::string At(const std::string & name) const { return (folder.Path() / name).string(); }
  void        SetUp() override { WriteCohort(folder.Path(), 2); }

  Words Training(const std::string & output, const std::string & steps) const
  {
    return { "--cache", At("t.cache"), "--output", At(output), "--steps", steps, "--batch", "4", "--filters", "4", "--depth", "2", "--threads", "1" };
  }
  // A manifest of one patient whose 300 cases keep an extraction busy for seconds.
  void WriteLongManifest() const
  {
    WriteVolume(At("big.mha"), 1, { 64, 64, 64 });
    std::string manifest = "case,patient,image\n";
    for (int i = 0; i < 300; ++i)
      manifest += "c" + std::to_string(i) + ",p,big.mha\n";
    support::WriteFile(At("long.csv"), manifest);
  }
};

TEST_F(Output, ImpossibleOnesAreFoundBeforeTheWork)
{
  ASSERT_EQ(RunModule("ServalExtractPatches", Extraction(At("m.csv"), At("t.cache"))).code, 0);
  const auto before = support::Names(folder.Path());
  const auto refused = [&](const std::string & option, const std::string & value, int code, const std::string & words) {
    auto arguments = Training("m.safetensors", "10000000");
    arguments.insert(arguments.end(), { option, value });
    const auto result = RunModule("ServalTrainClassifier", arguments);
    EXPECT_EQ(result.code, code) << option << result.error;
    EXPECT_NE(result.error.find(words), std::string::npos) << result.error;
    EXPECT_EQ(support::Names(folder.Path()), before);
  };
  refused("--json", At("none/numbers.json"), 3, "does not exist; create it first");
  refused("--curve", At("none/curve.csv"), 3, "does not exist; create it first");
  refused("--curve", At("t.cache"), 2, "is a folder; name a file");
}

TEST_F(Output, LabelsAreNamedInTheirOrderOrByNumber)
{
  const auto drawn = [&](const std::string & names) {
    const auto result = RunModule("ServalRenderVolume", { At("image0.mha"), At("p.png"), "--labels", At("labels0.mha"), "--labelNames", names });
    return result.code == 0 ? support::ReadFile(At("p.png")) : result.error;
  };
  const auto inOrder = drawn("lower,upper");
  EXPECT_EQ(inOrder, drawn("2=upper,1=lower"));
  EXPECT_NE(inOrder, drawn("2=upper"));
  EXPECT_NE(drawn("1=lower,upper").find("'upper' is not VALUE=NAME"), std::string::npos);
}

TEST_F(Output, AFolderThatIsNoCacheIsNotReplaced)
{
  const auto before = support::Names(folder.Path());
  const auto result = RunModule("ServalExtractPatches", Extraction(At("m.csv"), folder.Path()));
  EXPECT_EQ(result.code, 2);
  EXPECT_NE(result.error.find("is no patch cache; it is not written to"), std::string::npos) << result.error;
  EXPECT_EQ(support::Names(folder.Path()), before);
  std::filesystem::create_directory(At("empty"));
  EXPECT_EQ(RunModule("ServalExtractPatches", Extraction(At("m.csv"), At("empty"))).code, 0);
  EXPECT_EQ(RunModule("ServalExtractPatches", Extraction(At("m.csv"), At("empty"))).code, 0); // now a cache
}

TEST_F(Output, FoldersOfOthersAreRefused)
{
  if (::geteuid() != 0)
    GTEST_SKIP() << "only root can become another user";
  ASSERT_EQ(RunModule("ServalExtractPatches", Extraction(At("m.csv"), At("t.cache"))).code, 0);
  ::chmod(folder.Path().c_str(), 0755);
  const auto before = support::Names(folder.Path());
  const auto asNobody = [&](const std::string & module, Words words) {
    words.insert(words.begin(), { "setpriv", "--reuid", "65534", "--clear-groups", Module(module) });
    return support::RunCommand(words);
  };
  if (asNobody("ServalSplitCases", { "--version" }).code != 0)
    GTEST_SKIP() << "nobody may not run the executables of this folder";
  const std::vector<std::pair<std::string, Words>> runs{
    { "ServalSplitCases", { "--manifest", At("m.csv"), "--output", At("s.csv") } },
    { "ServalExtractPatches", Extraction(At("m.csv"), At("other.cache")) },
    { "ServalTrainClassifier", Training("m.safetensors", "10000000") },
    { "ServalSegmentByThreshold", { At("image0.mha"), At("l.nrrd") } },
    { "ServalRenderVolume", { At("image0.mha"), At("p.png") } },
  };
  for (const auto & [module, words] : runs)
  {
    const auto result = asNobody(module, words);
    EXPECT_EQ(result.code, 4) << module << result.error;
    EXPECT_NE(result.error.find("cannot be written to"), std::string::npos) << result.error;
  }
  EXPECT_EQ(support::Names(folder.Path()), before);
}

/// 64 KiB of disk; removed at the end of the scope.
class SmallDisk
{
public:
  explicit SmallDisk(std::string path)
    : m_Path(std::move(path))
  {
    std::filesystem::create_directory(m_Path);
    m_Mounted = ::geteuid() == 0 && ::mount("tmpfs", m_Path.c_str(), "tmpfs", 0, "size=64k") == 0;
  }
  ~SmallDisk()
  {
    if (m_Mounted)
      ::umount(m_Path.c_str());
  }
  bool IsMounted() const { return m_Mounted; }
  void LeaveFree(std::size_t bytes) const { support::WriteFile(m_Path + "/filler", std::string((64U << 10) - bytes, 'x')); }

private:
  std::string m_Path;
  bool        m_Mounted = false;
};

TEST_F(Output, AFullDiskIsForeseenOrNamed)
{
  const SmallDisk disk(At("small"));
  if (!disk.IsMounted())
    GTEST_SKIP() << "a small file system can be mounted by root only";
  auto many = Extraction(At("m.csv"), At("small/t.cache"));
  many[9] = "60";
  const auto foreseen = RunModule("ServalExtractPatches", many);
  EXPECT_EQ(foreseen.code, 4) << foreseen.error;
  EXPECT_NE(foreseen.error.find("MiB"), std::string::npos) << foreseen.error;
  const auto writing = RunModule("ServalExtractPatches", Extraction(At("m.csv"), At("small/t.cache")));
  EXPECT_EQ(writing.code, 4) << writing.error;
  EXPECT_NE(writing.error.find("disk"), std::string::npos) << writing.error;
  EXPECT_TRUE(HiddenNames(At("small/t.cache")).empty());
}

TEST_F(Output, NothingIsLeftOnAFullDisk)
{
  const SmallDisk disk(At("small"));
  if (!disk.IsMounted())
    GTEST_SKIP() << "a small file system can be mounted by root only";
  ASSERT_EQ(RunModule("ServalExtractPatches", Extraction(At("m.csv"), At("t.cache"))).code, 0);
  ASSERT_EQ(RunModule("ServalTrainClassifier", Training("model.safetensors", "2")).code, 0);
  disk.LeaveFree(0);
  const std::vector<std::pair<std::string, Words>> runs{
    { "ServalSplitCases", { "--manifest", At("m.csv"), "--output", At("small/s.csv") } },
    { "ServalSegmentByThreshold", { At("image0.mha"), At("small/l.mha"), "--method", "otsu" } },
    { "ServalSegmentByThreshold", { At("image0.mha"), At("small/l.nii.gz"), "--method", "otsu" } },
    { "ServalTrainClassifier", Training("small/m.safetensors", "2") },
    { "ServalExtractFeatures", { "--cache", At("t.cache"), "--model", At("model.safetensors"), "--layers", "bottleneck", "--output", At("small/f.h5"), "--threads", "1" } },
    { "ServalPredict", { "--cache", At("t.cache"), "--model", At("model.safetensors"), "--output", At("small/p.csv"), "--threads", "1" } },
    { "ServalRenderVolume", { At("image0.mha"), At("small/p.png") } },
  };
  for (const auto & [module, words] : runs)
  {
    const auto result = RunModule(module, words);
    EXPECT_EQ(result.code, 4) << module << ": " << result.error;
    EXPECT_FALSE(result.error.empty()) << module;
    EXPECT_EQ(support::Names(At("small")), std::vector<std::string>{ "filler" }) << module;
  }
}

TEST_F(Output, AnInterruptedExtractionLeavesTheOldCache)
{
  WriteLongManifest();
  ASSERT_EQ(RunModule("ServalExtractPatches", Extraction(At("m.csv"), At("t.cache"))).code, 0);
  const auto record = support::ReadFile(At("t.cache/cache.json"));
  for (const int signal : { SIGTERM, SIGKILL })
  {
    const auto     before = support::Names(At("t.cache")).size();
    RunningCommand running({ Module("ServalExtractPatches"), "--manifest", At("long.csv"), "--cache", At("t.cache"), "--classFrom", "none", "--size", "8,8,8" });
    ASSERT_TRUE(running.WaitUntil([&] { return support::Names(At("t.cache")).size() > before + 2; })) << "no shard was seen";
    EXPECT_EQ(running.EndBy(signal), 128 + signal);
    EXPECT_EQ(HiddenNames(At("t.cache")).empty(), signal == SIGTERM); // nobody can clean up after SIGKILL
    EXPECT_EQ(support::ReadFile(At("t.cache/cache.json")), record);
    EXPECT_EQ(RunModule("ServalManageCache", { "verify", At("t.cache") }).code, 0);
  }
  EXPECT_EQ(RunModule("ServalExtractPatches", Extraction(At("m.csv"), At("t.cache"))).code, 0);
  EXPECT_TRUE(HiddenNames(At("t.cache")).empty()); // but the next run does
  EXPECT_EQ(support::ReadFile(At("t.cache/cache.json")), record);
}

TEST_F(Output, AnInterruptedTrainingLeavesNothing)
{
  ASSERT_EQ(RunModule("ServalExtractPatches", Extraction(At("m.csv"), At("t.cache"))).code, 0);
  const auto before = support::Names(folder.Path());
  for (const int signal : { SIGTERM, SIGINT, SIGKILL })
  {
    auto words = Training("m.safetensors", "1000000");
    words.insert(words.begin(), Module("ServalTrainClassifier"));
    RunningCommand running(words);
    ASSERT_TRUE(running.WaitUntil([&] { return running.Output().find("<filter-progress>") != std::string::npos; })) << "no step was seen";
    EXPECT_EQ(running.EndBy(signal), 128 + signal);
    EXPECT_EQ(support::Names(folder.Path()), before);
  }
  EXPECT_EQ(RunModule("ServalTrainClassifier", Training("m.safetensors", "2")).code, 0);
}

TEST_F(Output, PathsWithBlanksAndForeignLettersAreGood)
{
  const auto inner = folder.Path() / "Ein Ordner – übung";
  std::filesystem::create_directory(inner);
  WriteCohort(inner, 2);
  const auto in = [&](const std::string & name) { return (inner / name).string(); };
  EXPECT_EQ(RunModule("ServalExtractPatches", Extraction(in("m.csv"), in("täst 1.cache"))).code, 0);
  auto training = Training("", "2");
  training[1] = in("täst 1.cache");
  training[3] = in("ein Netz ü.safetensors");
  EXPECT_EQ(RunModule("ServalTrainClassifier", training).code, 0);
  EXPECT_EQ(RunModule("ServalPredict", { "--cache", in("täst 1.cache"), "--model", in("ein Netz ü.safetensors"), "--output", in("vorher sage.csv"), "--threads", "1" }).code, 0);
  EXPECT_EQ(RunModule("ServalEvaluatePredictions", { "--predictions", in("vorher sage.csv"), "--bootstrap", "100", "--json", in("zählen.json") }).code, 0);
  EXPECT_EQ(RunModule("ServalSegmentByThreshold", { in("image0.mha"), in("aus gabe.nii.gz"), "--method", "otsu" }).code, 0);
  EXPECT_EQ(RunModule("ServalRenderVolume", { in("image0.mha"), in("Bild ß.png"), "--labels", in("aus gabe.nii.gz") }).code, 0);
  for (const char * name : { "täst 1.cache", "ein Netz ü.safetensors", "vorher sage.csv", "zählen.json", "aus gabe.nii.gz", "Bild ß.png" })
    EXPECT_TRUE(std::filesystem::exists(inner / name)) << name;
}

} // namespace
} // namespace serval::commands
