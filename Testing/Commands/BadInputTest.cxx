#include "CommandSupport.h"

#include <gtest/gtest.h>

#include <algorithm>

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
    const auto before = support::Names(folder.Path());
    const auto result = RunModule(module, arguments);
    EXPECT_EQ(result.code, code) << result.error;
    EXPECT_NE(result.error.find(words), std::string::npos) << result.error;
    EXPECT_FALSE(std::filesystem::exists(At(output))) << module;
    EXPECT_EQ(support::Names(folder.Path()), before) << module;
  }
  void ExtractionRefused(int code, const std::string & words, const std::vector<std::pair<std::string, std::string>> & changes = {})
  {
    auto arguments = Extraction(At("m.csv"), At("t.cache"));
    for (const auto & [option, value] : changes)
      *(std::find(arguments.begin(), arguments.end(), option) + 1) = value;
    const auto result = RunModule("ServalExtractPatches", arguments);
    EXPECT_EQ(result.code, code) << result.error;
    EXPECT_NE(result.error.find(words), std::string::npos) << result.error;
    // Whole shards of good cases may stay, for the next run; a cache that can be read may not.
    EXPECT_FALSE(std::filesystem::exists(At("t.cache/cache.json")));
    EXPECT_TRUE(!std::filesystem::exists(At("t.cache")) || HiddenNames(At("t.cache")).empty());
    std::filesystem::remove_all(At("t.cache"));
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
  refused("text.nrrd", "is no volume that can be read");
  refused("empty", "holds no file");
  refused("nan.mha", "finite");
  for (const std::string name : { "text.nrrd", "empty", "nan.mha" })
  {
    Manifest("case,image,segmentation\nc," + name + ",labels0.mha\n");
    ExtractionRefused(3, "case c (extract-patches): ");
  }
}

TEST_F(BadInput, WholePathsAreForATerminalOnly)
{
  Refused("ServalSplitCases", { "--manifest", At("m.csv"), "--output", At("s.csv"), "--showPaths" }, 2, "terminal", "s.csv");
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
  Manifest("");
  ExtractionRefused(3, "is empty");
  Manifest("case,image,segmentation\n");
  ExtractionRefused(3, "lists no case");
  Manifest("case,image,segmentation\nc,image0.mha\n");
  ExtractionRefused(3, "line 2: 2 cells; the header has 3");
  Manifest("case,image,segmentation\n\"c,image0.mha,labels0.mha\n");
  ExtractionRefused(3, "never closed");
}

TEST_F(BadInput, AllProblemsOfAllCasesAreListedAtOnce)
{
  WriteCohort(folder.Path(), 4);
  WriteLabels(At("labels1.mha"), { 17, 19, 20 });
  WriteLabels(At("labels2.mha"), { 18, 19, 20, 0, true });
  WriteVolume(At("image3.mha"), 1, { 18, 19, 20, 0, false, true });
  const auto result = RunModule("ServalExtractPatches", Extraction(At("m.csv"), At("t.cache")));
  EXPECT_EQ(result.code, 3);
  for (const char * words : { "3 problem(s)", "case c1", "17x19x20", "case c2", "is empty", "case c3", "finite" })
    EXPECT_NE(result.error.find(words), std::string::npos) << words << ": " << result.error;
}

TEST_F(BadInput, Predictions)
{
  const auto refused = [&](const std::string & text, int code, const std::string & words) {
    support::WriteFile(At("p.csv"), text);
    Refused("ServalEvaluatePredictions", { "--predictions", At("p.csv"), "--output", At("scores.csv") }, code, words, "scores.csv");
  };
  refused("patient,case,truth\np,c,a\n", 3, "p_<class>");
  refused("patient,case,truth,p_a,p_b\np,c,a,0.5,x\n", 3, "row 1, column 'p_b'");
  refused("patient,case,truth,p_a,p_b\np,c,a,nan,0.5\n", 3, "p_a is nan");
  refused("patient,case,truth,p_a,p_b\np,c,z,0.5,0.5\n", 3, "'z'");
  refused("patient,case,truth,p_a,p_b\n", 3, "p.csv");
  support::WriteFile(At("p.csv"), "patient,case,truth,p_a,p_b\np,c,a,0.5,0.5\nq,d,b,0.5,0.5\n");
  support::WriteFile(At("q.csv"), "patient,case,truth,p_a,p_b\np,c,a,0.5,0.5\n");
  Refused("ServalCompareModels", { "--predictions", At("p.csv"), "--json", At("c.json") }, 2, "two models or more", "c.json");
  Refused("ServalCompareModels", { "--predictions", At("p.csv"), "--predictions", At("q.csv"), "--json", At("c.json") }, 3, "q.csv", "c.json");
}

TEST_F(BadInput, SegmentationsAndQuotas)
{
  ExtractionRefused(3, "larger than the volume of 18x19x20", { { "--size", "8,8,32" } });
  ExtractionRefused(3, "only 312 of 100000 patches can be centred on label 0", { { "--count", "100000" } });
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

} // namespace
} // namespace serval::commands
