#include "CommandSupport.h"
#include "serval/Core/Table.h"
#include "serval/Core/Text.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <map>

namespace serval::commands
{
namespace
{

// Everything a module says goes into the failure message.
void Good(const std::string & module, const Words & arguments)
{
  const auto result = RunModule(module, arguments);
  ASSERT_EQ(result.code, 0) << module << ": " << result.output << result.error;
  EXPECT_TRUE(result.error.empty()) << module << ": " << result.error;
}

// Probabilities to the last bits of float32, all else to the byte.
void ExpectNearlyEqual(const Table & a, const Table & b)
{
  ASSERT_EQ(a.Columns(), b.Columns());
  ASSERT_EQ(a.Rows(), b.Rows());
  for (std::size_t row = 0; row < a.Rows(); ++row)
    for (const auto & column : a.Columns())
      if (column.starts_with("p_"))
        EXPECT_NEAR(ParseDouble(a.At(row, column)).value(), ParseDouble(b.At(row, column)).value(), 1e-5) << column << ", row " << row;
      else
        EXPECT_EQ(a.At(row, column), b.At(row, column)) << column << ", row " << row;
}

nlohmann::json Json(const std::filesystem::path & file) { return nlohmann::json::parse(support::ReadFile(file)); }

// When each file of a folder was written, by its path.
std::map<std::string, std::filesystem::file_time_type> WriteTimes(const std::filesystem::path & folder)
{
  std::map<std::string, std::filesystem::file_time_type> times;
  for (const auto & entry : std::filesystem::recursive_directory_iterator(folder))
    if (entry.is_regular_file())
      times[entry.path().string()] = entry.last_write_time();
  return times;
}

class MainJob : public testing::Test
{
protected:
  support::TemporaryFolder folder;

  std::string At(const std::string & name) const { return (folder.Path() / name).string(); }

  // Patients p0 .. p4 train, the others are for the test.
  void SetUp() override
  {
    WriteCohort(folder.Path(), 8);
    support::WriteFile(At("train.txt"), "p0\np1\np2\np3\np4\n");
    support::WriteFile(At("test.txt"), "p5\np6\np7\n");
  }
  Words Stage(const std::string & output, int steps, const std::string & cache = "t.cache") const
  {
    return { "--cache", At(cache), "--patients", At("train.txt"), "--output", At(output), "--steps", std::to_string(steps), "--batch", "12", "--threads", "1",
             "--key", At("site.key") };
  }
  // Three intensity classes instead of an expert: pseudoN.nii.gz beside every volume, and pseudo.csv that names them.
  void SegmentAll() const
  {
    std::string manifest = "case,patient,image,pseudo_segmentation\n";
    for (const std::string id : { "0", "1", "2", "3", "4", "5", "6", "7" })
    {
      Good("ServalSegmentByThreshold", { At("image" + id + ".mha"), At("pseudo" + id + ".nii.gz"), "--method", "multi-otsu", "--classes", "3" });
      manifest += "c" + id + ",p" + id + ",image" + id + ".mha,pseudo" + id + ".nii.gz\n";
    }
    support::WriteFile(At("pseudo.csv"), manifest);
  }
  static Words With(Words words, const Words & more)
  {
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
  Words Prediction(const std::string & model, const std::string & output, const std::string & patients = "test.txt") const
  {
    return { "--cache", At("t.cache"), "--patients", At(patients), "--model", At(model), "--output", At(output), "--threads", "1", "--key", At("site.key") };
  }
};

TEST_F(MainJob, ATrainingPredictsAsPredictDoes)
{
  Good("ServalExtractPatches", Extraction(At("m.csv"), At("t.cache")));
  support::WriteFile(At("validation.txt"), "p3\np4\n");
  const Words columns{ "--arm", "scratch", "--repeat", "1" }, rowColumns{ "--rowArm", "scratch", "--rowRepeat", "1" };
  const auto  training = With(Stage("m.safetensors", 6), With(rowColumns, { "--filters", "4", "--depth", "2", "--validation", At("validation.txt"), "--evaluateEvery", "3", "--shuffledLabels",
                                                                        "--validationPredictions", At("v.csv") }));
  Good("ServalTrainClassifier", With(training, { "--testPatients", At("test.txt"), "--predictions", At("t.csv") }));
  Good("ServalPredict", With(Prediction("m.safetensors", "t2.csv"), columns));
  Good("ServalPredict", With({ "--cache", At("t.cache"), "--patients", At("validation.txt"), "--model", At("m.safetensors"), "--output", At("v2.csv"), "--threads", "1" }, columns));
  ExpectNearlyEqual(Table::Read(At("t.csv")), Table::Read(At("t2.csv")));
  ExpectNearlyEqual(Table::Read(At("v.csv")), Table::Read(At("v2.csv")));
  EXPECT_NE(support::ReadFile(At("t.csv")).find(",shuffled labels\n"), std::string::npos);

  const auto known = RunModule("ServalTrainClassifier", With(training, { "--testPatients", At("train.txt"), "--predictions", At("known.csv") }));
  EXPECT_EQ(known.code, 3);
  EXPECT_NE(known.error.find("5 of 5 patients in --testPatients are among those that train"), std::string::npos) << known.error;
  EXPECT_EQ(RunModule("ServalTrainClassifier", With(training, { "--predictions", At("alone.csv") })).code, 2);
  EXPECT_FALSE(std::filesystem::exists(At("known.csv")) || std::filesystem::exists(At("alone.csv")));
}

TEST_F(MainJob, RunsFromVolumesToAComparison)
{
  Good("ServalSplitCases", { "--manifest", At("m.csv"), "--output", At("split.csv"), "--testPatients", "3" });
  Good("ServalExtractPatches", Extraction(At("split.csv"), At("t.cache")));
  SegmentAll();
  Good("ServalExtractPatches", { "--manifest", At("pseudo.csv"), "--cache", At("pseudo.cache"), "--size", "8,8,8", "--count", "12", "--classFrom", "none",
                                 "--dense", "pseudo_segmentation", "--denseNames", "dark,middle,bright" });
  Good("ServalPretrainNetwork", With(Stage("expert.safetensors", 5), { "--filters", "4", "--depth", "2" }));
  Good("ServalPretrainNetwork", With(Stage("pre.safetensors", 10, "pseudo.cache"), { "--filters", "4", "--depth", "2", "--curve", At("pre.csv") }));
  Good("ServalTrainClassifier", With(Stage("scratch.safetensors", 30), { "--filters", "4", "--depth", "2", "--attachment", "bottleneck" }));
  Good("ServalTrainClassifier", With(Stage("tuned.safetensors", 30), { "--source", At("pre.safetensors"), "--freeze", "upto:encoder1", "--reset", "decoder1",
                                                                       "--attachment", "decoders", "--json", At("tuned.json") }));
  EXPECT_GT(Json(At("tuned.json")).at("loadedShare"), 0.5);
  Good("ServalExtractFeatures", { "--cache", At("t.cache"), "--patients", At("train.txt"), "--model", At("pre.safetensors"), "--layers", "bottleneck,decoder1",
                                  "--output", At("f.h5"), "--threads", "1" });
  Good("ServalFitClassifier", { "--features", At("f.h5"), "--model", At("pre.safetensors"), "--output", At("svm.safetensors"), "--key", At("site.key") });
  for (const std::string arm : { "scratch", "tuned", "svm" })
  {
    Good("ServalPredict", Prediction(arm + ".safetensors", arm + ".csv"));
    Good("ServalEvaluatePredictions", { "--predictions", At(arm + ".csv"), "--bootstrap", "200", "--json", At(arm + ".json") });
    const auto scores = Json(At(arm + ".json"));
    EXPECT_EQ(scores.at("patients"), 3);
    EXPECT_EQ(scores.at("rows"), 3 * 3 * 4);
    EXPECT_GT(scores.at("accuracy").at("value"), 0.5) << arm; // three classes told apart by intensity alone
  }
  EXPECT_TRUE(support::ReadFile(At("svm.csv")).starts_with("patient,case,unit,unit_id,truth,p_outside,p_lower,p_upper,lineage\n"));
  EXPECT_NE(support::ReadFile(At("svm.csv")).find(",clean\n"), std::string::npos);
  Good("ServalCompareModels", { "--predictions", At("scratch.csv"), "--predictions", At("tuned.csv"), "--test", "permutation,bootstrap", "--samples", "500",
                                "--json", At("compare.json") });
  const auto tests = Json(At("compare.json")).at("tests");
  ASSERT_EQ(tests.size(), 2U);
  for (const char * key : { "name", "a", "b", "difference", "standardError", "statistic", "p" })
    EXPECT_TRUE(tests[0].contains(key)) << key;
  const auto leak = RunModule("ServalPredict", Prediction("scratch.safetensors", "leak.csv", "train.txt"));
  EXPECT_EQ(leak.code, 3);
  EXPECT_NE(leak.error.find("known to the model"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(At("leak.csv")));
}

TEST_F(MainJob, TheSameSeedGivesTheSameModel)
{
  Good("ServalExtractPatches", Extraction(At("m.csv"), At("t.cache")));
  for (const std::string name : { "a.safetensors", "b.safetensors" })
    Good("ServalTrainClassifier", With(Stage(name, 4), { "--filters", "4", "--depth", "2" }));
  EXPECT_EQ(support::ReadFile(At("a.safetensors")), support::ReadFile(At("b.safetensors")));
}

TEST_F(MainJob, PicturesAreDrawnAndTwoDimensionalPatchesTrain)
{
  Good("ServalRenderVolume", { At("image0.mha"), At("picture.png"), "--labels", At("labels0.mha"), "--labelNames", "lower,upper" });
  EXPECT_TRUE(support::ReadFile(At("picture.png")).starts_with("\x89PNG"));
  auto extraction = Extraction(At("m.csv"), At("t.cache"));
  extraction[5] = "8,8,1";
  Good("ServalExtractPatches", extraction);
  Good("ServalTrainClassifier", With(Stage("flat.safetensors", 3), { "--filters", "4", "--depth", "2" }));
  Good("ServalPredict", Prediction("flat.safetensors", "flat.csv"));
}

// Without an expert: classes of the patches' centres come from the thresholds.
TEST_F(MainJob, PseudoSegmentationsChoosePlaces)
{
  SegmentAll();
  const Words extraction{ "--manifest", At("pseudo.csv"), "--cache", At("p.cache"), "--size", "8,8,8", "--count", "3", "--sampler", "class", "--classFrom", "centre",
                          "--classNames", "dark,middle,bright" };
  EXPECT_EQ(RunModule("ServalExtractPatches", extraction).code, 3) << "the manifest has no column segmentation";
  Good("ServalExtractPatches", With(extraction, { "--labelsFrom", "pseudo_segmentation", "--json", At("p.json") }));
  EXPECT_EQ(Json(At("p.json")).at("patches"), 8 * 3 * 3);
}

TEST_F(MainJob, AStudyRunsReportsAndResumes)
{
  support::WriteFile(At("s.toml"), R"(
schema = "serval-study/1"
title = "Two arms"
pictures = 1
[target]
manifest = "m.csv"
[design]
testPatients = 3
minimumPerClass = 1
trainPatients = [2]
repeats = 2
[patches]
size = [8, 8, 8]
sampler = "class"
count = 3
classFrom = "centre"
classNames = ["outside", "lower", "upper"]
[network]
filters = 4
depth = 2
[training]
batch = 6
[compare]
baselines = ["scratch"]
[[source]]
name = "thresholds"
labels = "threshold"
names = ["dark", "middle", "bright"]
segment = { method = "multi-otsu", classes = 3, gate = "warn" }
steps = 3
[[arm]]
name = "scratch"
strategy = "scratch"
steps = 3
[[arm]]
name = "svm"
strategy = "off-the-shelf"
source = "thresholds"
)");
  const auto study = [&](const std::string & action, std::vector<std::string> more = {}) {
    more.insert(more.begin(), { action, At("s.toml"), "--output", At("out") });
    return RunModule("ServalRunStudy", more);
  };
  EXPECT_EQ(study("check").code, 0);
  EXPECT_EQ(study("plan").code, 0);
  EXPECT_NE(support::ReadFile(At("out/plan.sh")).find("ServalPretrainNetwork"), std::string::npos);
  const auto first = study("run");
  ASSERT_EQ(first.code, 0) << first.output << first.error;
  const auto cells = WriteTimes(At("out/cells"));
  EXPECT_TRUE(cells.contains(At("out/cells/scratch-n2-r0/model.safetensors")));
  EXPECT_EQ(study("run").code, 0);
  EXPECT_EQ(WriteTimes(At("out/cells")), cells); // no cell runs again
  EXPECT_NE(study("status").output.find("0 open"), std::string::npos);
  const auto html = support::ReadFile(At("out/report.html"));
  EXPECT_NE(html.find("Two arms"), std::string::npos);
  EXPECT_NE(html.find("data:image/png"), std::string::npos);
  EXPECT_NE(html.find("Equal images of different patients"), std::string::npos);
  EXPECT_EQ(Json(At("out/results.json")).at("arms").size(), 3U); // with the size-only baseline; scratch has as many steps as the source
  EXPECT_EQ(study("replay", { "--cell", "svm-n2-r1" }).code, 0);
  const auto finished = study("finish", { "--arm", "scratch" });
  EXPECT_EQ(finished.code, 0) << finished.error;
  EXPECT_NE(support::ReadFile(At("out/finished/scratch/CARD.md")).find("chosen among 2 arms"), std::string::npos);
}

TEST_F(MainJob, VerbsRunTheSameExecutables)
{
  const std::string serval = std::string(SERVAL_BINARY_DIRECTORY) + "/bin/serval";
  const auto        good = support::RunCommand({ serval, "split", "--manifest", At("m.csv"), "--output", At("split.csv") });
  EXPECT_EQ(good.code, 0) << good.error;
  EXPECT_EQ(good.output.find("<filter"), std::string::npos); // plain lines on a pipe
  const auto made = support::RunCommand({ serval, "new", "study", "--from", At("m.csv"), At("new.toml") });
  EXPECT_EQ(made.code, 0) << made.error;
  EXPECT_NE(support::ReadFile(At("new.toml")).find("manifest = \"m.csv\""), std::string::npos);
  EXPECT_EQ(support::RunCommand({ serval, "new", "study", "--from", At("m.csv"), At("new.toml") }).code, 2); // it is there
  const auto named = support::RunCommand({ serval, "new", "study", "--from", At("m.csv"), "--labelNames", "1=lower,2=upper", At("named.toml") });
  EXPECT_EQ(named.code, 0) << named.error;
  EXPECT_NE(support::ReadFile(At("named.toml")).find(R"(classNames = ["outside", "lower", "upper"])"), std::string::npos);
  for (const char * wrong : { "lower", "x=lower", "1=", "1=lower,1=upper", "9=lower", "70000=lower" })
    EXPECT_EQ(support::RunCommand({ serval, "new", "study", "--from", At("m.csv"), "--labelNames", wrong, At("wrong.toml") }).code, 2) << wrong;
  EXPECT_FALSE(std::filesystem::exists(At("wrong.toml")));
  EXPECT_NE(support::RunCommand({ serval, "new", "book" }).error.find("serval new study --from"), std::string::npos);
  const auto wrong = support::RunCommand({ serval, "splitt" });
  EXPECT_EQ(wrong.code, 2);
  EXPECT_NE(wrong.error.find("did you mean 'split'"), std::string::npos);
}

} // namespace
} // namespace serval::commands
