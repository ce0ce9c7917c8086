#include "StudyPhantom.h"

#include <nlohmann/json.hpp>

namespace serval
{
namespace
{

class StudyFiles : public StudyPhantom
{};

TEST_F(StudyFiles, MistakesAreNamedWithTheirPlace)
{
  EXPECT_NE(MessageOf("[design]", "[design").find("line"), std::string::npos);
  EXPECT_NE(MessageOf("repeats", "repaets").find("did you mean 'repeats'"), std::string::npos);
  EXPECT_NE(MessageOf("repeats", "repaets").find("line 10, column"), std::string::npos) << MessageOf("repeats", "repaets");
  EXPECT_NE(MessageOf("repeats = 2", "repeats = \"two\"").find("a whole number is expected"), std::string::npos);
  EXPECT_NE(MessageOf("repeats = 2", "repeats = 0").find("1 to 1000 is expected"), std::string::npos);
  EXPECT_NE(MessageOf("source = \"thresholds\"", "source = \"threshold\"").find("did you mean 'thresholds'?"), std::string::npos);
  EXPECT_NE(MessageOf("strategy = \"scratch\"", "strategy = \"magic\"").find("'magic'"), std::string::npos);
  EXPECT_NE(MessageOf("strategy = \"scratch\"", "strategy = \"scrach\"").find("did you mean 'scratch'"), std::string::npos);
  EXPECT_NE(MessageOf("baselines = [\"scratch\"]", "baselines = [\"none\"]").find("no arm 'none'"), std::string::npos);
  EXPECT_NE(MessageOf("name = \"tuned\"", "name = \"scratch\"").find("stands twice"), std::string::npos);
  EXPECT_NE(MessageOf("name = \"tuned\"", "name = \"../x\"").find("names are made of"), std::string::npos);
  EXPECT_NE(MessageOf("manifest = \"m.csv\"", "manifets = \"m.csv\"").find("did you mean 'manifest'"), std::string::npos);
  EXPECT_NE(MessageOf("labels = \"threshold\"", "labels = \"thresholds\"").find("did you mean 'threshold'"), std::string::npos);
  EXPECT_NE(MessageOf("filters = 4", "filters = 4\narchitecture = \"alexnett\"").find("did you mean 'alexnet'"), std::string::npos);
}

TEST_F(StudyFiles, ContradictionsAreNamed)
{
  EXPECT_NE(MessageOf("labels = \"threshold\"", "weights = \"resnet19-imagenet\"").find("neither a file nor a name"), std::string::npos);
  EXPECT_NE(MessageOf("labels = \"threshold\"", "weights = \"mine.pth\"").find("needs import"), std::string::npos);
  EXPECT_NE(MessageOf("labels = \"threshold\"", "weights = \"resnet18-imagenet\"").find("belong to data"), std::string::npos);
  EXPECT_NE(MessageOf("labels = \"threshold\"", "").find("either labels, task or weights"), std::string::npos);
  EXPECT_NE(MessageOf("labels = \"threshold\"", "").find("line 23, column 1, [[source]]: source 'thresholds'"), std::string::npos) << MessageOf("labels = \"threshold\"", "");
  EXPECT_NE(MessageOf("segment = {", "import = {").find("belongs to weights"), std::string::npos);
  EXPECT_NE(MessageOf("source = \"thresholds\"\n[[arm]]\nname = \"features\"", "\n[[arm]]\nname = \"features\"").find("a source is missing"), std::string::npos);
  EXPECT_NE(MessageOf("labels = \"threshold\"", "from = \"thresholds\"\nlabels = \"threshold\"").find("comes back"), std::string::npos);
  EXPECT_NE(MessageOf("[[arm]]\nname = \"tuned\"", "[[arm]]\nname = \"both\"\nstrategy = \"ensemble\"\nof = [\"scratch\", \"tuned\"]\n[[arm]]\nname = \"tuned\"").find("must stand before it"),
            std::string::npos);
}

TEST_F(StudyFiles, APairIsTwoTimePointsOfAManifest)
{
  const auto with = [&](const std::string & line) { return MessageOf("manifest = \"m.csv\"", line); };
  EXPECT_NE(with("manifest = \"m.csv\"\npair = [\"pre\"]").find("two different time points"), std::string::npos);
  EXPECT_NE(with("manifest = \"m.csv\"\npair = [\"pre\", \"pre\"]").find("two different time points"), std::string::npos);
  EXPECT_NE(with("manifest = \"m.csv\"\npair = [\"pre\", \"a,b\"]").find("holds a comma"), std::string::npos);
  EXPECT_NE(with("cache = \"m.cache\"\npair = [\"pre\", \"post\"]").find("serval cache pair"), std::string::npos);
  EXPECT_NE(with("manifest = \"m.csv\"\npair = [\"pre\", \"post\"]\npairedAs = \"above\"").find("'above'"), std::string::npos);
}

TEST_F(StudyFiles, ExpertLabelsOfTestPatientsAreNoSource)
{
  const auto message = MessageOf("labels = \"threshold\"\nnames = [\"dark\", \"bright\"]\nsegment = { method = \"otsu\", fillHoles = true }", "labels = \"expert\"\nnames = [\"a\", \"b\"]\ntransductive = true");
  EXPECT_NE(message.find("would make every test on them void"), std::string::npos) << message;
}

TEST_F(StudyFiles, FiveLinesAreEnough)
{
  WriteManifest(40, "ab");
  const auto study = Read("[target]\nmanifest = \"m.csv\"\n");
  EXPECT_EQ(study.trainPatients.size(), 3U);
  EXPECT_EQ(study.resampling.repeats, 5);
  std::vector<std::string> names;
  for (const auto & arm : study.arms)
    names.push_back(arm.name);
  EXPECT_EQ(names, (std::vector<std::string>{ "scratch", "thresholds-svm", "thresholds-tuned", "restoration-tuned", "scratch-300-steps", "size-only" }));
  EXPECT_FALSE(Plan(study).cells.empty());
}

TEST_F(StudyFiles, AManifestWithoutClassesNeedsSegmentations)
{
  const auto message = support::ErrorText([&] { Plan(Read("[target]\nmanifest = \"m.csv\"\n")); }, Fault::Input);
  EXPECT_NE(message.find("gives 0 class(es)"), std::string::npos) << message;
}

TEST_F(StudyFiles, EachPretrainedArmHasOneFromScratchWithAsManySteps)
{
  const auto study = Read(With(goodStudy, "computeMatched = false\n", ""));
  const auto matched = study.Arm("scratch-300-steps");
  EXPECT_EQ(matched.strategy, StudyArm::Strategy::Scratch);
  EXPECT_EQ(matched.steps, 300);
  EXPECT_EQ(std::count_if(study.arms.begin(), study.arms.end(), [](const StudyArm & arm) { return arm.strategy == StudyArm::Strategy::Scratch; }), 2); // 150 steps stand there already
}

TEST_F(StudyFiles, SweepsSpellOutArmsAndSources)
{
  const auto study = Read(goodStudy + R"(
[[source]]
name = "other"
task = "classify"
imageSet = "set"
sweep = { perClass = [10, 50] }
[[arm]]
name = "depth"
strategy = "fine-tuning"
source = "thresholds"
sweep = { freeze = ["none", "upto:encoder2", "all"] }
[[arm]]
name = "from-other"
strategy = "fine-tuning"
source = "other"
)");
  EXPECT_EQ(Value(study.Arm("depth-upto-encoder2").options, "--freeze"), "upto:encoder2");
  EXPECT_EQ(study.Arm("depth-all").family, "depth");
  EXPECT_EQ(study.Arm("depth-all").axes.at("freeze"), "all");
  EXPECT_EQ(study.Source("other-50").perClass, 50);
  EXPECT_EQ(study.Arm("from-other-10").source, "other-10");
  EXPECT_EQ(study.Arm("from-other-10").axes.at("source.perClass"), "10");
  EXPECT_EQ(study.arms.size(), 3U + 3 + 2);
}

TEST_F(StudyFiles, AnArmThatNamesNoLayersTapsTheLastBeforeTheHead)
{
  const auto unet = Read(goodStudy), other = Read(With(goodStudy, "filters = 4", "architecture = \"cifarnet\""));
  EXPECT_EQ(unet.LayersOf(unet.Arm("features")), "bottleneck");
  EXPECT_EQ(other.LayersOf(other.Arm("features")), "fc4");
}

TEST_F(StudyFiles, ControlsAreOneKey)
{
  const auto study = Read(With(goodStudy, "controls = []", "controls = [\"majority\", \"size-only\", \"shuffled-labels\"]"));
  EXPECT_EQ(study.Arm("majority").strategy, StudyArm::Strategy::Majority);
  EXPECT_TRUE(study.Arm("shuffled-labels").shuffledLabels);
  EXPECT_NE(MessageOf("controls = []", "controls = [\"shuffled\"]").find("shuffled-labels are known"), std::string::npos);
}

TEST_F(StudyFiles, SmokeScaleSaysWhatItShrank)
{
  const auto small = SmokeScaled(Read(goodStudy + "[smoke]\nsteps = 3\npatches = { size = [4, 4, 4] }\n"));
  EXPECT_EQ(small.arms[0].steps, 3);
  EXPECT_EQ(small.trainPatients, std::vector<int>{ 2 });
  EXPECT_EQ(small.runRepeats, 1);
  EXPECT_NE(Join(small.shrunk, "\n").find("--size 4,4,4"), std::string::npos);
  EXPECT_EQ(Plan(small).results.size(), 3U);
}

TEST_F(StudyFiles, SchemaNamesEveryKey)
{
  const auto schema = nlohmann::json::parse(StudySchema());
  const auto & arm = schema.at("properties").at("arm").at("items");
  EXPECT_EQ(arm.at("properties").at("strategy").at("enum").size(), 9U);
  EXPECT_EQ(arm.at("required"), (std::vector<std::string>{ "name" }));
  EXPECT_FALSE(arm.at("additionalProperties").get<bool>());
  EXPECT_TRUE(arm.at("properties").at("for").at("additionalProperties").at("properties").contains("steps"));
  EXPECT_TRUE(schema.at("properties").at("design").at("properties").contains("trainPatients"));
  EXPECT_TRUE(schema.at("properties").at("network").at("oneOf")[0].at("additionalProperties").get<bool>()); // options of the network
}

TEST_F(StudyFiles, FurtherComparisonsNameTwoArms)
{
  const auto with = [](const std::string & pair) { return "baselines = [\"scratch\"]\npairs = [\"" + pair + "\"]"; };
  EXPECT_EQ(Read(With(goodStudy, "baselines = [\"scratch\"]", with("tuned against features"))).pairs, Words{ "tuned against features" });
  EXPECT_NE(MessageOf("baselines = [\"scratch\"]", with("tuned, features")).find("\"ARM against ARM\" is expected"), std::string::npos);
  EXPECT_NE(MessageOf("baselines = [\"scratch\"]", with("tuned against featurs")).find("did you mean 'features'"), std::string::npos);
  EXPECT_NE(MessageOf("baselines = [\"scratch\"]", with("tuned against tuned")).find("with itself"), std::string::npos);
}

} // namespace
} // namespace serval
