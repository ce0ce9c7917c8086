// What a host (3D Slicer, CTK) reads while a module runs.
#include "CommandSupport.h"
#include "XmlTree.h"

#include <gtest/gtest.h>

namespace serval::commands
{
namespace
{

class HostStreams : public testing::Test
{
protected:
  support::TemporaryFolder folder;

  std::string At(const std::string & name) const { return (folder.Path() / name).string(); }

  // Classes whose names are no XML.
  void SetUp() override
  {
    WriteCohort(folder.Path(), 4);
    std::string manifest = "case,patient,image,segmentation,class\n";
    for (const std::string id : { "0", "1", "2", "3" })
      manifest += "c" + id + ",p" + id + ",image" + id + ".mha,labels" + id + ".mha," + (id < "2" ? "a&b" : "x<y") + "\n";
    support::WriteFile(At("m.csv"), manifest);
    std::filesystem::create_directory(At("here"));
  }

  // Runs as a host does: on a pipe, in another folder, without further words.
  support::CommandResult Host(const std::string & module, Words arguments) const
  {
    arguments.insert(arguments.begin(), { "env", "-C", At("here"), Module(module), "--processinformationaddress", "0" });
    return support::RunCommand(arguments);
  }

  // filter-start, progress that never falls and ends at 1, filter-end; stderr is empty, nothing is left in the folder.
  void ExpectGoodStreams(const std::string & module, const Words & arguments) const
  {
    const auto result = Host(module, arguments);
    ASSERT_EQ(result.code, 0) << module << ": " << result.error;
    EXPECT_TRUE(result.error.empty()) << module << ": " << result.error;
    EXPECT_TRUE(support::Names(At("here")).empty()) << module;
    const auto stream = ParseXml("<stream>" + result.output + "</stream>");
    ASSERT_GE(stream.children.size(), 3U) << module;
    EXPECT_EQ(stream.children.front().name, "filter-start");
    EXPECT_FALSE(stream.children.front().TextOf("filter-name").empty());
    EXPECT_EQ(stream.children.back().name, "filter-end");
    EXPECT_EQ(stream.children.back().TextOf("filter-comment"), "Done");
    double last = 0;
    bool   isOpen = true; // a new comment ends a filter and begins another
    for (std::size_t i = 1; i + 1 < stream.children.size(); ++i)
    {
      const auto & element = stream.children[i];
      if (element.name == "filter-start" || element.name == "filter-end")
      {
        EXPECT_EQ(isOpen, element.name == "filter-end") << module;
        isOpen = !isOpen;
        continue;
      }
      EXPECT_TRUE(isOpen && element.name == "filter-progress") << module << ' ' << element.name;
      const double now = std::stod(element.text);
      EXPECT_TRUE(now >= last && now <= 1) << module << ' ' << last << ' ' << now;
      last = now;
    }
    EXPECT_TRUE(isOpen) << module;
    EXPECT_EQ(last, 1) << module;
  }
};

TEST_F(HostStreams, AreXmlWithProgressThatNeverFalls)
{
  ExpectGoodStreams("ServalSplitCases", { "--manifest", At("m.csv"), "--output", At("s.csv"), "--echo" });
  ExpectGoodStreams("ServalExtractPatches", { "--manifest", At("m.csv"), "--cache", At("t.cache"), "--size", "8, 8, 8", "--count", "4", "--dense", "segmentation",
                                              "--denseNames", "outside,lower,upper" });
  const Words stage{ "--cache", At("t.cache"), "--steps", "6", "--batch", "4", "--filters", "4", "--depth", "2", "--threads", "1" };
  const auto  trained = [&](const std::string & output) {
    auto words = stage;
    words.insert(words.end(), { "--output", At(output), "--device", "cpu" });
    return words;
  };
  ExpectGoodStreams("ServalPretrainNetwork", trained("pre.safetensors"));
  ExpectGoodStreams("ServalTrainClassifier", trained("model.safetensors"));
  ExpectGoodStreams("ServalExtractFeatures", { "--cache", At("t.cache"), "--model", At("pre.safetensors"), "--layers", "bottleneck", "--output", At("f.h5"), "--threads", "1" });
  ExpectGoodStreams("ServalFitClassifier", { "--features", At("f.h5"), "--model", At("pre.safetensors"), "--output", At("svm.safetensors") });
  ExpectGoodStreams("ServalPredict", { "--cache", At("t.cache"), "--model", At("model.safetensors"), "--output", At("p.csv"), "--threads", "1" });
  ExpectGoodStreams("ServalEvaluatePredictions", { "--predictions", At("p.csv"), "--bootstrap", "100" });
  ExpectGoodStreams("ServalCompareModels", { "--predictions", At("p.csv"), "--predictions", At("p.csv"), "--test", "permutation", "--samples", "100" });
  ExpectGoodStreams("ServalSegmentByThreshold", { "--method", "otsu", At("image0.mha"), At("labels.nrrd") });
  ExpectGoodStreams("ServalRenderVolume", { At("image0.mha"), At("picture.png") });
}

TEST_F(HostStreams, AFailureIsOneLineOnStderr)
{
  const auto result = Host("ServalSegmentByThreshold", { At("missing.mha"), At("labels.nrrd") });
  EXPECT_EQ(result.code, 3);
  EXPECT_EQ(std::count(result.error.begin(), result.error.end(), '\n'), 1) << result.error;
  EXPECT_TRUE(result.error.starts_with("ServalSegmentByThreshold: ")) << result.error;
}

TEST_F(HostStreams, OptionsStandInAnyOrderAndForm)
{
  ASSERT_EQ(Host("ServalExtractPatches", { "--manifest", At("m.csv"), "--cache", At("a.cache"), "--size", "8,8,6", "--seed", "7" }).code, 0);
  ASSERT_EQ(Host("ServalExtractPatches", { "--seed", "7", "--size= 8, 8, 6 ", "--cache", At("b.cache"), "--manifest", At("m.csv") }).code, 0);
  const auto names = support::Names(At("a.cache"));
  EXPECT_GT(names.size(), 1U);
  EXPECT_EQ(names, support::Names(At("b.cache"))); // a shard's name is the hash of all that decides its bytes
  for (const auto & name : names)
    EXPECT_EQ(support::ReadFile(At("a.cache/" + name)), support::ReadFile(At("b.cache/" + name))) << name;
}

} // namespace
} // namespace serval::commands
