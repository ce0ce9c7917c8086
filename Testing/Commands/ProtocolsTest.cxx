// Every file of Protocols/ can be read and planned, at full and at smoke scale, and holds the arms of its paper.
#include "Support.h"
#include "serval/Core/Progress.h"
#include "serval/Study/Plan.h"
#include "serval/Study/RunCells.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <set>

namespace serval
{
namespace
{

namespace fs = std::filesystem;
using Strategy = StudyArm::Strategy;

const fs::path protocols = fs::path(SERVAL_SOURCE_DIRECTORY) / "Protocols";
const fs::path modules = fs::path(SERVAL_BINARY_DIRECTORY) / "cli-modules";

std::vector<std::string> ProtocolNames()
{
  std::vector<std::string> names;
  for (const auto & entry : fs::directory_iterator(protocols))
    if (entry.path().extension() == ".toml")
      names.push_back(entry.path().stem().string());
  std::sort(names.begin(), names.end());
  return names;
}

StudyFile Protocol(const std::string & name) { return StudyFile::Read(protocols / (name + ".toml")); }

/// Image sets become caches first, as the application does it.
StudyPlan PlanOf(const StudyFile & study, const fs::path & folder)
{
  NoProgress quiet;
  for (const auto & [id, outcome] : RunCells(PlanPreparation(study, folder, modules), folder, 2, quiet))
    EXPECT_EQ(outcome.state, CellState::Done) << id << ": " << outcome.reason;
  return PlanStudy(study, folder, modules);
}

std::set<std::string> AxisOf(const StudyFile & study, const std::string & family, const std::string & key)
{
  std::set<std::string> values;
  for (const auto & arm : study.arms)
    if (arm.family == family && arm.axes.contains(key))
      values.insert(arm.axes.at(key));
  return values;
}

std::size_t CountOf(const StudyFile & study, const std::string & family)
{
  return static_cast<std::size_t>(std::count_if(study.arms.begin(), study.arms.end(), [&](const auto & arm) { return arm.family == family; }));
}

/// The word behind an option, or nothing.
std::string OptionOf(const Words & words, const std::string & option)
{
  const auto found = std::find(words.begin(), words.end(), option);
  return found == words.end() || found + 1 == words.end() ? std::string() : *(found + 1);
}

class EveryProtocol : public testing::TestWithParam<std::string>
{
protected:
  support::TemporaryFolder folder;
};

TEST_P(EveryProtocol, IsPlannedWithAllItsArmsSizesAndSplits)
{
  const auto study = Protocol(GetParam());
  const auto plan = PlanOf(study, folder.Path());
  std::size_t expected = 0;
  for (const auto & target : plan.targets)
    expected += target.resamples.size() * study.trainPatients.size() * study.arms.size();
  EXPECT_EQ(plan.targets.size(), study.targets.size());
  EXPECT_EQ(plan.results.size(), expected);
  EXPECT_GT(study.arms.size(), 2U);
  EXPECT_FALSE(study.question.empty());
}

TEST_P(EveryProtocol, HasASmokeScaleThatKeepsAllArms)
{
  const auto full = Protocol(GetParam()), small = SmokeScaled(full);
  const auto plan = PlanOf(small, folder.Path());
  std::set<std::string> arms, planned;
  for (const auto & arm : full.arms)
    arms.insert(arm.name);
  for (const auto & result : plan.results)
    planned.insert(result.arm);
  EXPECT_EQ(planned, arms);
  EXPECT_FALSE(small.shrunk.empty());
}

TEST_P(EveryProtocol, SaysWhatIsFromThePaperAndWhatIsNot)
{
  if (GetParam().starts_with("hippocampus-"))
    GTEST_SKIP() << "no paper: the demonstration and the acceptance study";
  std::ifstream     stream(protocols / (GetParam() + ".toml"));
  const std::string text{ std::istreambuf_iterator<char>(stream), {} };
  EXPECT_TRUE(text.starts_with("# ")) << "a file opens with what it follows";
  for (const char * word : { "[D]", "YOUR DATA", "edit", "[smoke]", "\nnote = " })
    EXPECT_NE(text.find(word), std::string::npos) << word;
}

INSTANTIATE_TEST_SUITE_P(Protocols, EveryProtocol, testing::ValuesIn(ProtocolNames()), [](const auto & test) {
  auto name = test.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

TEST(Protocols, ThereIsOneForEachSystemOfTheSurvey)
{
  const auto names = ProtocolNames();
  for (const char * system : { "wong", "schlegl", "tajbakhsh", "shin", "zhang", "cha", "christodoulidis", "menegola", "ribeiro", "shi-", "du-", "mormont", "lei", "azizpour", "cheplygina", "maier-hein" })
    EXPECT_TRUE(std::any_of(names.begin(), names.end(), [&](const auto & name) { return name.starts_with(system); })) << system;
}

TEST(Protocols, TajbakhshHasEightDepthsAndScratch)
{
  const auto                  study = Protocol("tajbakhsh-2016");
  const std::set<std::string> depths{ "from:classifier", "from:fc7", "from:fc6", "from:conv5", "from:conv4", "from:conv3", "from:conv2", "none" };
  for (const char * family : { "tuned", "photos-tuned" })
  {
    EXPECT_EQ(CountOf(study, family), 8U);
    EXPECT_EQ(AxisOf(study, family, "freeze"), depths);
  }
  EXPECT_EQ(study.Arm("scratch").strategy, Strategy::Scratch);
  EXPECT_EQ(OptionOf(study.training, "--biasFactor"), "2");
}

TEST(Protocols, MenegolaHasArmsAToFInTenSplits)
{
  const support::TemporaryFolder folder;
  const auto                     study = Protocol("menegola-2017");
  const auto                     plan = PlanOf(study, folder.Path());
  for (const char * arm : { "A-scratch", "B-retina", "C-retina-tuned", "D-imagenet", "E-imagenet-tuned", "F-double-tuned" })
  {
    EXPECT_EQ(study.Arm(arm).layers, "fc7") << arm;
    EXPECT_EQ(OptionOf(study.Arm(arm).options, "--classifier"), "svm-linear") << arm;
    EXPECT_EQ(std::count_if(plan.results.begin(), plan.results.end(), [&](const auto & result) { return result.arm == arm; }), 10) << arm;
  }
  EXPECT_EQ(study.Source("double").from, "imagenet");
  EXPECT_EQ(study.Arm("F-double-tuned").of, std::vector<std::string>{ "F-network" });
}

TEST(Protocols, RibeiroHasNineSourcesOfEqualClassesAndImages)
{
  const support::TemporaryFolder folder;
  const auto                     study = Protocol("ribeiro-2017");
  const auto                     plan = PlanOf(study, folder.Path());
  ASSERT_EQ(study.sources.size(), 9U);
  for (const auto & source : study.sources)
  {
    EXPECT_EQ(source.classes, study.sources.front().classes) << source.name;
    EXPECT_EQ(source.perClass, study.sources.front().perClass) << source.name;
    const auto & words = plan.At("match-" + source.name).commands.front();
    EXPECT_EQ(OptionOf(words, "--perClass"), std::to_string(source.perClass));
  }
  EXPECT_EQ(AxisOf(study, "tuned", "source").size(), 9U);
  EXPECT_EQ(AxisOf(study, "svm", "source").size(), 9U);
  for (const auto & resample : plan.targets.front().resamples)
    EXPECT_EQ(resample.test.size(), 1U);
}

TEST(Protocols, ChaFreezesNoneOneTwoAndThreeLayersOfTwoSources)
{
  const auto                  study = Protocol("cha-2017");
  const std::set<std::string> frozen{ "none", "upto:conv1", "upto:conv2", "upto:local3" };
  for (const char * family : { "cifar", "own" })
    EXPECT_EQ(AxisOf(study, family, "freeze"), frozen);
  EXPECT_EQ(study.resampling.folds, 2);
  EXPECT_EQ(study.Network("").architecture, "local5");
}

TEST(Protocols, ChristodoulidisKeepsOneToSixLayersOfSixSourcesTheirUnionAndAnEnsemble)
{
  const auto study = Protocol("christodoulidis-2017");
  EXPECT_EQ(CountOf(study, "single"), 36U);
  EXPECT_EQ(AxisOf(study, "single", "source").size(), 6U);
  EXPECT_EQ(AxisOf(study, "single", "reset"), AxisOf(study, "union", "reset"));
  EXPECT_EQ(study.Source("union").unionOf.size(), 6U);
  EXPECT_EQ(study.Arm("ensemble").of.size(), 36U);
  EXPECT_EQ(study.Arm("ensemble").rule, "forward-selection");
  EXPECT_EQ(study.Arm("distilled").teachers, (std::vector<std::string>{ "ensemble" }));
}

TEST(Protocols, MormontTakesLastInnerMergedAndChosenFeaturesAndTunes)
{
  const auto                  study = Protocol("mormont-2018");
  const std::set<std::string> classifiers{ "svm-linear", "extra-trees", "perceptron" };
  EXPECT_EQ(AxisOf(study, "cifar-last", "classifier"), classifiers);
  EXPECT_EQ(AxisOf(study, "cifar-inner", "layers").size(), 5U);
  const auto & merged = study.Arm("resnet50-merged").layers;
  EXPECT_EQ(std::count(merged.begin(), merged.end(), ',') + 1, 17);
  EXPECT_FALSE(OptionOf(study.Arm("cifar-selected").options, "--tryFeatures").empty());
  EXPECT_EQ(OptionOf(study.Arm("cifar-tuned").options, "--warmUp"), "100");
  EXPECT_TRUE(study.Arm("networks-merged").JoinsFeatures());
  EXPECT_EQ(study.SourcesOf(study.Arm("networks-merged")), (std::vector<std::string>{ "resnet50", "vgg16", "vgg19", "densenet" }));
}

TEST(Protocols, WongHasThresholdsAndExpertLabelsOverFiveSizesOfTwoTargets)
{
  const auto study = Protocol("wong-hippocampus");
  EXPECT_EQ(study.targets.size(), 2U);
  EXPECT_EQ(study.trainPatients, (std::vector<int>{ 4, 8, 16, 32, 64 }));
  EXPECT_EQ(study.resampling.repeats, 10);
  EXPECT_EQ(study.resampling.testPatients, 60);
  for (const char * arm : { "scratch", "scratch-400-steps", "thresholds-svm", "thresholds-tuned", "restoration-tuned", "hippocampus-tuned", "thresholds-all-tuned", "restoration-all-tuned",
                            "expert-tuned-reference", "expert-centre-reference", "size-only" })
    EXPECT_EQ(study.Arm(arm).name, arm);
  EXPECT_TRUE(study.Source("thresholds-all").transductive);
  EXPECT_TRUE(study.Source("restoration-all").transductive);
  EXPECT_EQ(study.Arm("expert-centre-reference").strategy, Strategy::Segmentation);
  const auto paper = Protocol("wong-2018-2d");
  for (const char * arm : { "scratch", "manual-frozen", "thresholds-frozen", "imagenet-tuned" })
    EXPECT_EQ(paper.Arm(arm).name, arm);
}

TEST(Protocols, ShinZhangDuAndShiHaveTheirNetworksLayersAndClassifiers)
{
  for (const char * name : { "shin-2016-lymph-nodes", "shin-2016-lung-disease" })
    for (const char * arm : { "cifarnet-shelf", "alexnet-scratch", "alexnet-imagenet-shelf", "alexnet-imagenet-tuned", "googlenet-scratch", "googlenet-imagenet-tuned" })
      EXPECT_EQ(Protocol(name).Arm(arm).name, arm);
  const auto zhang = Protocol("zhang-2017"), du = Protocol("du-2018"), shi = Protocol("shi-2018");
  for (const char * family : { "imagenet", "places" })
    EXPECT_EQ(AxisOf(zhang, family, "layers").size(), 7U);
  EXPECT_EQ(zhang.Arm("places-cascade").strategy, Strategy::Cascade);
  for (const char * family : { "alexnet-imagenet", "alexnet-places", "vgg-imagenet", "googlenet-imagenet" })
    EXPECT_EQ(AxisOf(du, family, "classifier").size(), 3U);
  for (const char * family : { "imagenet", "dtd", "inbreast" })
    EXPECT_EQ(AxisOf(shi, family, "layers").size(), 5U);
  EXPECT_EQ(shi.resampling.kind, ResamplingPlan::Kind::MonteCarlo);
}

TEST(Protocols, SchleglLeiAndTheReferenceWorksHaveTheirSources)
{
  const auto schlegl = Protocol("schlegl-2014");
  EXPECT_EQ(schlegl.sources.size(), 4U);
  for (const auto & source : schlegl.sources)
    EXPECT_EQ(source.task, "boltzmann") << source.name;
  EXPECT_NE(std::find(Protocol("lei-2018").Network("").options.begin(), Protocol("lei-2018").Network("").options.end(), "--deepSupervision"), Protocol("lei-2018").Network("").options.end());
  EXPECT_EQ(AxisOf(Protocol("cheplygina-2017"), "simple", "classifier").size(), 6U);
  EXPECT_EQ(AxisOf(Protocol("azizpour-2015"), "natural-reduced", "components").size(), 3U);
  EXPECT_GE(Protocol("maier-hein-2018").metrics.size(), 5U);
}

TEST(Protocols, SourcesInTwoDimensionsAreMatched)
{
  const auto study = Protocol("source-2d");
  for (const char * name : { "cifar-10-28", "photos", "textures", "medical-28" })
  {
    EXPECT_EQ(study.Source(name).classes, 2);
    EXPECT_EQ(study.Source(name).perClass, 28);
    EXPECT_EQ(study.Source(name).steps, study.Source("thresholds").steps);
  }
  const auto & more = study.Source("cifar-10-more"), & few = study.Source("cifar-10-28");
  EXPECT_EQ(more.classes * more.perClass, few.classes * few.perClass); // more classes, as many images
  EXPECT_EQ(study.Source("both").unionOf, (std::vector<std::string>{ "cifar-10-28", "medical-28" }));
  EXPECT_EQ(study.Arm("ensemble-selected").rule, "forward-selection");
}

} // namespace
} // namespace serval
