#include "CommandSupport.h"

#include <gtest/gtest.h>

#include <signal.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>

namespace serval::commands
{
namespace
{

class BadInput : public testing::Test
{
protected:
  support::TemporaryFolder folder;

  std::string At(const std::string & name) const { return (folder.Path() / name).string(); }
  void        SetUp() override { WriteCohort(folder.Path(), 2); }

  // The run ends with this code and these words, and leaves neither output nor half an output.
  void Refused(const std::string & module, const Words & arguments, int code, const std::string & words, const std::string & output)
  {
    const auto result = RunModule(module, arguments);
    EXPECT_EQ(result.code, code) << result.error;
    EXPECT_NE(result.error.find(words), std::string::npos) << result.error;
    EXPECT_FALSE(std::filesystem::exists(At(output))) << module;
    EXPECT_TRUE(HiddenNames(folder.Path()).empty()) << module;
  }
  void ExtractionRefused(int code, const std::string & words, const std::vector<std::pair<std::string, std::string>> & changes = {})
  {
    auto arguments = Extraction(At("m.csv"), At("t.cache"));
    for (const auto & [option, value] : changes)
      *(std::find(arguments.begin(), arguments.end(), option) + 1) = value;
    Refused("ServalExtractPatches", arguments, code, words, "t.cache");
  }
  void Manifest(const std::string & text) { support::WriteFile(At("m.csv"), text); }
};

TEST_F(BadInput, Volumes)
{
  support::WriteFile(At("text.nrrd"), "this is no image");
  std::filesystem::create_directory(At("empty"));
  WriteVolume(At("nan.mha"), 1, { 18, 19, 20, 0, false, true });
  const auto refused = [&](const std::string & input, const std::string & words) {
    Refused("ServalSegmentByThreshold", { At(input), At("out.nii.gz"), "--method", "otsu" }, 3, words, "out.nii.gz");
    Refused("ServalRenderVolume", { At(input), At("out.png") }, 3, words, "out.png");
  };
  refused("missing.nrrd", "does not exist");
  refused("text.nrrd", "text.nrrd");
  refused("empty", "empty");
  refused("nan.mha", "finite");
}

TEST_F(BadInput, Manifests)
{
  Manifest("case,patient,imagee\nc,p,image0.mha\n");
  ExtractionRefused(3, "did you mean 'image'");
  Manifest("case,image,segmentation\nc,image0.mha,labels0.mha\nc,image1.mha,labels1.mha\n");
  ExtractionRefused(3, "case 'c' stands twice");
  Manifest("case,patient,image,segmentation,split\nc,p,image0.mha,labels0.mha,train\nd,p,image1.mha,labels1.mha,test\n");
  ExtractionRefused(3, "stands in the splits 'train' and 'test'");
  Manifest("case,image,segmentation\nc,none.mha,labels0.mha\nd,nothing.mha,labels1.mha\n");
  ExtractionRefused(3, "2 problem(s)");
}

TEST_F(BadInput, SegmentationsAndQuotas)
{
  ExtractionRefused(3, "larger than the volume of 18x19x20", { { "--size", "8,8,32" } });
  ExtractionRefused(3, "patches of 8x8x8 voxels can be centred", { { "--count", "100000" } });
  WriteLabels(At("labels1.mha"), { 17, 19, 20 });
  ExtractionRefused(3, "17x19x20");
  WriteLabels(At("labels1.mha"), { 18, 19, 20, 5 });
  ExtractionRefused(3, "mm");
  WriteLabels(At("labels1.mha"), { 18, 19, 20, 0, true });
  ExtractionRefused(3, "segmentation is empty");
}

TEST_F(BadInput, SkippedCasesAreListed)
{
  WriteLabels(At("labels1.mha"), { 18, 19, 20, 0, true });
  auto arguments = Extraction(At("m.csv"), At("t.cache"));
  arguments.insert(arguments.end(), { "--onError", "skip" });
  EXPECT_EQ(RunModule("ServalExtractPatches", arguments).code, 6);
  EXPECT_TRUE(std::filesystem::exists(At("t.cache")));
  EXPECT_NE(support::ReadFile(At("excluded.csv")).find("c1,extract-patches,"), std::string::npos);
}

TEST_F(BadInput, ModelsAndDevices)
{
  ASSERT_EQ(RunModule("ServalExtractPatches", Extraction(At("m.csv"), At("t.cache"))).code, 0);
  auto other = Extraction(At("m.csv"), At("other.cache"));
  other[5] = "4,8,8";
  ASSERT_EQ(RunModule("ServalExtractPatches", other).code, 0);
  const Words training{ "--cache", At("t.cache"), "--output", At("m.safetensors"), "--steps", "2", "--batch", "4", "--filters", "4", "--depth", "2", "--threads", "1" };
  ASSERT_EQ(RunModule("ServalTrainClassifier", training).code, 0);
  Refused("ServalPredict", { "--cache", At("other.cache"), "--model", At("m.safetensors"), "--output", At("p.csv") }, 3, "takes patches of 8x8x8", "p.csv");
  support::WriteFile(At("text.safetensors"), "this is a text, and no model");
  Refused("ServalPredict", { "--cache", At("t.cache"), "--model", At("text.safetensors"), "--output", At("p.csv") }, 3, "no safetensors file", "p.csv");
  Refused("ServalPredict", { "--cache", At("m.csv"), "--model", At("m.safetensors"), "--output", At("p.csv") }, 3, "no patch cache", "p.csv");
  if (std::filesystem::exists("/dev/nvidia0"))
    GTEST_SKIP() << "this machine has a GPU";
  Refused("ServalPredict", { "--cache", At("t.cache"), "--model", At("m.safetensors"), "--output", At("p.csv"), "--device", "cuda" }, 4, "no usable CUDA device", "p.csv");
}

TEST_F(BadInput, OutputsThatCannotBeWritten)
{
  Refused("ServalSplitCases", { "--manifest", At("m.csv"), "--output", At("no/such/folder/s.csv") }, 3, "does not exist", "no");
  if (::geteuid() == 0)
  { // root may write everywhere: be nobody
    ::chmod(folder.Path().c_str(), 0755);
    const auto result = support::RunCommand({ "setpriv", "--reuid", "65534", "--clear-groups", Module("ServalSplitCases"), "--manifest", At("m.csv"), "--output", At("s.csv") });
    if (result.error.find("setpriv") != std::string::npos || result.code == 126 || result.code == 127)
      GTEST_SKIP() << "nobody cannot run the executable here: " << result.error;
    EXPECT_EQ(result.code, 4) << result.error;
    EXPECT_NE(result.error.find("cannot be written to"), std::string::npos) << result.error;
  }
}

TEST_F(BadInput, AFullDisk)
{
  std::filesystem::create_directory(At("small"));
  if (::geteuid() != 0 || ::mount("tmpfs", At("small").c_str(), "tmpfs", 0, "size=64k") != 0)
    GTEST_SKIP() << "a small file system can be mounted by root only";
  auto many = Extraction(At("m.csv"), At("small/t.cache"));
  many[9] = "8";
  const auto foreseen = RunModule("ServalExtractPatches", many), whileWriting = RunModule("ServalExtractPatches", Extraction(At("m.csv"), At("small/t.cache")));
  auto       labels = Words{ At("image0.mha"), At("small/labels.mha"), "--method", "otsu" };
  support::WriteFile(At("small/filler"), std::string(60 << 10, 'x'));
  const auto full = RunModule("ServalSplitCases", { "--manifest", At("m.csv"), "--output", At("small/s.csv"), "--json", At("small/s.json") });
  const auto late = RunModule("ServalSegmentByThreshold", labels);
  const auto left = support::Names(At("small"));
  ::umount(At("small").c_str());
  EXPECT_EQ(foreseen.code, 4) << foreseen.error;
  EXPECT_NE(foreseen.error.find("MiB"), std::string::npos) << foreseen.error;
  EXPECT_EQ(whileWriting.code, 4) << whileWriting.error;
  EXPECT_NE(whileWriting.error.find("is the disk full?"), std::string::npos) << whileWriting.error;
  EXPECT_TRUE(full.code == 0 || full.code == 4) << full.error;
  EXPECT_EQ(late.code, 4) << late.error;
  for (const auto & name : left)
    EXPECT_TRUE(name == "filler" || name == "s.csv" || (full.code == 0 && name == "s.json")) << name;
}

TEST_F(BadInput, InterruptedRunsLeaveNothingAndTheNextRunWorks)
{
  ASSERT_EQ(RunModule("ServalExtractPatches", Extraction(At("m.csv"), At("t.cache"))).code, 0);
  const Words training{ Module("ServalTrainClassifier"), "--cache", At("t.cache"), "--output", At("m.safetensors"), "--batch", "4", "--filters", "4", "--depth", "2", "--threads", "1", "--progress", "none" };
  for (const int signal : { SIGTERM, SIGKILL })
  {
    const pid_t child = ::fork();
    if (child == 0)
    {
      auto                words = training;
      words.insert(words.end(), { "--steps", "100000" });
      std::vector<char *> arguments;
      for (auto & word : words)
        arguments.push_back(word.data());
      arguments.push_back(nullptr);
      ::execv(arguments[0], arguments.data());
      ::_exit(127);
    }
    ::usleep(1500000);
    ::kill(child, signal);
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_TRUE(WIFSIGNALED(status)) << status;
    EXPECT_FALSE(std::filesystem::exists(At("m.safetensors")));
    EXPECT_TRUE(HiddenNames(folder.Path()).empty());
  }
  auto words = training;
  words.insert(words.end(), { "--steps", "2" });
  EXPECT_EQ(support::RunCommand(words).code, 0);
}

TEST_F(BadInput, PathsWithBlanksAndForeignLettersAreGood)
{
  const auto inner = folder.Path() / "Ein Ordner – übung";
  std::filesystem::create_directory(inner);
  WriteCohort(inner, 2);
  EXPECT_EQ(RunModule("ServalExtractPatches", Extraction(inner / "m.csv", inner / "täst.cache")).code, 0);
  EXPECT_EQ(RunModule("ServalSegmentByThreshold", { (inner / "image0.mha").string(), (inner / "aus gabe.nii.gz").string(), "--method", "otsu" }).code, 0);
}

} // namespace
} // namespace serval::commands
