#include "serval/Core/Error.h"
#include "serval/Core/Text.h"
#include "serval/Study/Results.h"

#include "Support.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace serval
{
namespace
{

const std::string goodStudy = R"(
schema = "serval-study/1"
title = "Test"
seed = 3
[data]
manifest = "m.csv"
testPatients = 5
[design]
trainPatients = [2, 6]
repeats = 2
[patches]
size = [8, 8, 8]
count = 4
[network]
filters = 4
[compare]
baselines = ["scratch"]
[[source]]
name = "thresholds"
labels = "threshold"
names = ["dark", "bright"]
segment = { method = "otsu", fillHoles = true }
[[arm]]
name = "scratch"
strategy = "scratch"
[[arm]]
name = "tuned"
strategy = "fine-tuning"
source = "thresholds"
[[arm]]
name = "features"
strategy = "off-the-shelf"
source = "thresholds"
options = { classifier = "svm-linear" }
)";

class Study : public testing::Test
{
protected:
  support::TemporaryFolder folder;

  void SetUp() override
  {
    std::string manifest = "case,patient,image,segmentation\n";
    for (int i = 0; i < 12; ++i)
      manifest += Concat("c", i, ",p", i, ",images/c", i, ".nii.gz,labels/c", i, ".nii.gz\n");
    support::WriteFile(folder / "m.csv", manifest);
  }
  StudyFile Read(const std::string & text)
  {
    support::WriteFile(folder / "s.toml", text);
    return StudyFile::Read(folder / "s.toml");
  }
  std::string MessageOf(const std::string & from, const std::string & to)
  {
    std::string text = goodStudy;
    text.replace(text.find(from), from.size(), to);
    try
    {
      Read(text);
    }
    catch (const Error & e)
    {
      EXPECT_EQ(e.Kind(), Fault::Input);
      return e.what();
    }
    return "no error";
  }
  StudyPlan Plan(const StudyFile & study) { return PlanStudy(study, folder / "out", "/modules"); }
};

TEST_F(Study, MistakesInTheFileAreNamed)
{
  EXPECT_NE(MessageOf("testPatients", "testPatient").find("'testPatients' is missing"), std::string::npos);
  EXPECT_NE(MessageOf("repeats", "repaets").find("did you mean 'repeats'"), std::string::npos);
  EXPECT_NE(MessageOf("source = \"thresholds\"", "source = \"threshold\"").find("no [[source]] 'threshold'"), std::string::npos);
  EXPECT_NE(MessageOf("strategy = \"scratch\"", "strategy = \"magic\"").find("'magic' is unknown"), std::string::npos);
  EXPECT_NE(MessageOf("baselines = [\"scratch\"]", "baselines = [\"none\"]").find("no arm 'none'"), std::string::npos);
  EXPECT_NE(MessageOf("name = \"tuned\"", "name = \"scratch\"").find("stands twice"), std::string::npos);
  EXPECT_NE(MessageOf("name = \"tuned\"", "name = \"../x\"").find("names are made of"), std::string::npos);
  EXPECT_NE(MessageOf("[design]", "[design").find("line"), std::string::npos);
  EXPECT_NE(MessageOf("repeats = 2", "repeats = \"two\"").find("wrong type"), std::string::npos);
}

TEST_F(Study, TestPatientsNeverTrainAndSizesAreNested)
{
  const auto plan = Plan(Read(goodStudy));
  const auto list = [&](const std::string & name) {
    const auto            lines = Split(Trim(plan.files.at(name)), '\n');
    return std::set<std::string>(lines.begin(), lines.end());
  };
  const auto test = list("lists/test.txt");
  EXPECT_EQ(test.size(), 5U);
  for (const char * repeat : { "r0", "r1" })
  {
    const auto few = list(Concat("lists/train-n2-", repeat, ".txt")), many = list(Concat("lists/train-n6-", repeat, ".txt"));
    EXPECT_EQ(few.size(), 2U);
    EXPECT_EQ(many.size(), 6U);
    EXPECT_TRUE(std::includes(many.begin(), many.end(), few.begin(), few.end()));
    for (const auto & patient : many)
      EXPECT_FALSE(test.contains(patient));
  }
  EXPECT_NE(list("lists/train-n6-r0.txt"), list("lists/train-n6-r1.txt"));
}

TEST_F(Study, SourcesSeeTrainingPatientsOnly)
{
  const auto plan = Plan(Read(goodStudy));
  for (const auto & patient : Split(Trim(plan.files.at("lists/test.txt")), '\n'))
    EXPECT_EQ(plan.files.at("cases-thresholds.csv").find("," + patient + ","), std::string::npos);
}

TEST_F(Study, ArmsDifferInNothingButTheirStrategy)
{
  const auto plan = Plan(Read(goodStudy));
  const auto find = [&](const std::string & id) {
    return *std::find_if(plan.cells.begin(), plan.cells.end(), [&](const Cell & cell) { return cell.id == id; });
  };
  const auto value = [](const Words & words, const std::string & option) { return *(std::find(words.begin(), words.end(), option) + 1); };
  const auto scratch = find("scratch-n2-r1"), tuned = find("tuned-n2-r1");
  for (const char * option : { "--seed", "--patients", "--cache", "--steps" })
    EXPECT_EQ(value(scratch.commands[0], option), value(tuned.commands[0], option)) << option;
  EXPECT_EQ(find("features-n2-r1").commands.size(), 3U);
  EXPECT_EQ(plan.results.size(), 3U * 2 * 2);
}

TEST_F(Study, TooFewPatientsAreRefused)
{
  auto study = Read(goodStudy);
  study.trainPatients = { 8 };
  EXPECT_THROW(Plan(study), Error);
}

constexpr const char * weightSources = R"(
[[source]]
name = "imagenet"
weights = "resnet18-imagenet"
import = { dimension = 3 }
[[source]]
name = "cifar"
weights = "resnet20-cifar10"
[[arm]]
name = "imagenet-tuned"
strategy = "fine-tuning"
source = "imagenet"
[[arm]]
name = "cifar-svm"
strategy = "off-the-shelf"
source = "cifar"
)";

TEST_F(Study, WeightFilesAreSourcesAndAbsentOnesAreNotRun)
{
  const std::string weights = "weights = \"" SERVAL_SOURCE_DIRECTORY "/Data/weights\"\n";
  std::string       text = goodStudy + weightSources;
  const auto        study = Read(text.insert(text.find("testPatients"), weights));
  const auto        plan = Plan(study);
  const auto        cell = [&](const std::string & id) { return *std::find_if(plan.cells.begin(), plan.cells.end(), [&](const Cell & c) { return c.id == id; }); };
  const auto        command = Join(cell("import-imagenet").commands[0], " ");
  EXPECT_NE(command.find("--network resnet18 --channels 3 --classes 1000"), std::string::npos) << command;
  EXPECT_NE(command.find("--dimension 3"), std::string::npos) << command; // the study's, once
  EXPECT_EQ(command.find("--dimension 2"), std::string::npos) << command;
  EXPECT_EQ(cell("import-cifar").hindrance, "");
  EXPECT_TRUE(cell("imagenet-tuned-n2-r1").needs == (std::vector<std::string>{ "extract-target", "import-imagenet" }));
  const auto states = StatesOf(plan, folder / "out");
  EXPECT_EQ(states.at("imagenet-tuned-n6-r1").state, CellState::NotRun);
  EXPECT_EQ(states.at("cifar-svm-n6-r1").state, CellState::Open);
  const auto results = GatherResults(study, plan, states);
  ASSERT_EQ(results.notRun.size(), 1U);
  EXPECT_TRUE(results.notRun.at("imagenet-tuned").starts_with("fetch resnet18-f37072fd.pth (PyTorch (torchvision)")) << results.notRun.at("imagenet-tuned");
}

TEST_F(Study, MistakesInWeightSourcesAreNamed)
{
  EXPECT_NE(MessageOf("labels = \"threshold\"", "weights = \"resnet19-imagenet\"").find("neither a file nor a name"), std::string::npos);
  EXPECT_NE(MessageOf("labels = \"threshold\"", "weights = \"mine.pth\"").find("needs import"), std::string::npos);
  EXPECT_NE(MessageOf("labels = \"threshold\"", "weights = \"resnet18-imagenet\"").find("belong to labels"), std::string::npos);
  EXPECT_NE(MessageOf("labels = \"threshold\"", "").find("either labels or weights"), std::string::npos);
  EXPECT_NE(MessageOf("segment = {", "import = {").find("belongs to weights"), std::string::npos);
}

// Cells of small shell commands.
Cell Shell(const std::string & id, const std::string & script, std::vector<std::string> needs, std::vector<std::filesystem::path> outputs)
{
  return { id, { { "/bin/sh", "-c", script } }, std::move(needs), std::move(outputs) };
}

TEST_F(Study, CellsRunInOrderOnceAndGoOnAfterAFailure)
{
  NoProgress        quiet;
  const std::string a = (folder / "a").string(), b = (folder / "b").string(), gate = (folder / "gate").string();
  StudyPlan         plan;
  plan.cells = { Shell("first", "echo run >> " + a, {}, { a }), Shell("second", "test -e " + gate + " && cp " + a + " " + b, { "first" }, { b }),
                 Shell("third", "true", { "second" }, {}) };
  auto outcomes = RunCells(plan, folder.Path(), 2, quiet);
  EXPECT_EQ(outcomes.at("first").state, CellState::Done);
  EXPECT_EQ(outcomes.at("second").state, CellState::Failed);
  EXPECT_NE(outcomes.at("third").reason.find("needs second"), std::string::npos);
  support::WriteFile(gate, "");
  outcomes = RunCells(plan, folder.Path(), 2, quiet);
  EXPECT_EQ(outcomes.at("third").state, CellState::Done);
  EXPECT_EQ(support::ReadFile(a), "run\n"); // the first cell did not run again
  plan.cells[0].commands[0][2] += " # changed";
  RunCells(plan, folder.Path(), 2, quiet);
  EXPECT_EQ(support::ReadFile(b), "run\nrun\n"); // it, and what needs it, did
}

TEST_F(Study, AFailureTellsItsLastWords)
{
  NoProgress quiet;
  StudyPlan  plan;
  plan.cells = { Shell("bad", "echo the reason >&2; exit 3", {}, {}) };
  EXPECT_EQ(RunCells(plan, folder.Path(), 1, quiet).at("bad").reason, "exit code 3: the reason");
}

TEST_F(Study, ResultsAreGatheredOverRepeats)
{
  auto study = Read(goodStudy);
  study.trainPatients = { 2 };
  const auto plan = Plan(study);
  for (const auto & result : plan.results)
  {
    std::filesystem::create_directories(result.predictions.parent_path());
    std::string table = "patient,case,unit_id,truth,p_a,p_b,lineage,repeat\n";
    for (int i = 0; i < 40; ++i)
    {
      const bool right = result.arm == "tuned" || i % 8 != 0;
      const bool truth = i % 2;
      table += Concat("p", i / 4, ",c,", i, ",", truth ? "b" : "a", ",", truth == right ? "0.1,0.9" : "0.9,0.1", ",clean,", result.repeat, "\n");
    }
    support::WriteFile(result.predictions, table);
  }
  const auto results = GatherResults(study, plan, StatesOf(plan, folder / "out"));
  ASSERT_EQ(results.arms.size(), 3U);
  EXPECT_NEAR(results.arms[0].accuracy.value, 35.0 / 40, 1e-12);
  EXPECT_EQ(results.arms[0].repeats, 2);
  EXPECT_EQ(results.arms[1].accuracy.value, 1);
  ASSERT_EQ(results.tests.size(), 2U); // tuned and features against scratch
  EXPECT_NEAR(results.tests[0].permutation.difference, 5.0 / 40, 1e-12);
  EXPECT_EQ(results.tests[1].permutation.p, 1);
}

} // namespace
} // namespace serval
