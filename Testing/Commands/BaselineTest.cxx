// What can be had by chance, or without looking at the content, as a user asks for it.
#include "CommandSupport.h"

#include "serval/Core/Table.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>
#include <set>

namespace serval::commands
{
namespace
{

class Baseline : public testing::Test
{
protected:
  support::TemporaryFolder folder;

  std::string At(const std::string & name) const { return (folder.Path() / name).string(); }

  // Patches of three classes, by centre: outside, lower (dark), upper (bright).
  void SetUp() override
  {
    WriteCohort(folder.Path(), 8);
    support::WriteFile(At("train.txt"), "p0\np1\np2\np3\np4\n");
    support::WriteFile(At("test.txt"), "p5\np6\np7\n");
    const auto made = RunModule("ServalExtractPatches", Extraction(At("m.csv"), At("t.cache")));
    ASSERT_EQ(made.code, 0) << made.error;
  }
  Words Prediction(const Words & more) const
  {
    Words words{ "--cache", At("t.cache"), "--patients", At("train.txt"), "--testPatients", At("test.txt"), "--output", At("p.csv") };
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
  double Accuracy(const std::string & file) const
  {
    const auto scored = RunModule("ServalEvaluatePredictions", { "--predictions", At(file), "--bootstrap", "100", "--json", At("scores.json") });
    EXPECT_EQ(scored.code, 0) << scored.error;
    return nlohmann::json::parse(support::ReadFile(At("scores.json"))).at("accuracy").at("value");
  }
};

TEST_F(Baseline, TheMajorityHasTheSharesOfTheTrainingPatches)
{
  const auto result = RunModule("ServalPredictBaseline", Prediction({ "--kind", "majority", "--arm", "majority", "--repeat", "2", "--fold", "1", "--key", At("site.key"),
                                                                      "--json", At("b.json") }));
  ASSERT_EQ(result.code, 0) << result.error;
  EXPECT_TRUE(result.error.empty()) << result.error;
  const auto table = Table::Read(At("p.csv"));
  EXPECT_EQ(table.Columns(), (Words{ "patient", "case", "unit", "unit_id", "truth", "p_outside", "p_lower", "p_upper", "lineage", "arm", "fold", "repeat" }));
  EXPECT_EQ(table.Rows(), 3U * 3 * 4);
  for (std::size_t row = 0; row < table.Rows(); ++row)
  {
    EXPECT_NEAR(table.Number(row, "p_upper"), 1.0 / 3, 1e-6); // the sampler takes as many of each class
    EXPECT_EQ(table.At(row, "lineage"), "clean");
    EXPECT_EQ(table.At(row, "arm") + table.At(row, "fold") + table.At(row, "repeat"), "majority12");
  }
  EXPECT_EQ(nlohmann::json::parse(support::ReadFile(At("b.json"))).at("patches"), 5 * 3 * 4);
}

// Dark and bright are told apart by intensity alone, and the baseline must find that.
TEST_F(Baseline, SizeOnlyFindsWhatIntensitiesTell)
{
  const auto result = RunModule("ServalPredictBaseline", Prediction({ "--json", At("b.json") }));
  ASSERT_EQ(result.code, 0) << result.error;
  EXPECT_GT(Accuracy("p.csv"), 0.6);
  const auto json = nlohmann::json::parse(support::ReadFile(At("b.json")));
  EXPECT_EQ(json.at("features").size(), 12U + 9);
  EXPECT_EQ(json.at("lineage"), "not checkable");
  const auto first = support::ReadFile(At("p.csv"));
  ASSERT_EQ(RunModule("ServalPredictBaseline", Prediction({})).code, 0);
  EXPECT_EQ(support::ReadFile(At("p.csv")), first);
}

TEST_F(Baseline, OnlyThePlaceBaselineKnowsWhereAPatchLies)
{
  ASSERT_EQ(RunModule("ServalPredictBaseline", Prediction({ "--kind", "place", "--json", At("b.json") })).code, 0);
  const auto features = nlohmann::json::parse(support::ReadFile(At("b.json"))).at("features").get<Words>();
  EXPECT_EQ(features.size(), 15U + 9);
  EXPECT_NE(std::find(features.begin(), features.end(), "corner_x"), features.end());
}

TEST_F(Baseline, RefusesPatientsOfBothSidesAndOnesItDoesNotKnow)
{
  support::WriteFile(At("test.txt"), "p4\np5\n");
  const auto both = RunModule("ServalPredictBaseline", Prediction({}));
  EXPECT_EQ(both.code, 3);
  EXPECT_NE(both.error.find("1 of 2 patients to predict also train"), std::string::npos) << both.error;
  support::WriteFile(At("test.txt"), "p9\n");
  EXPECT_EQ(RunModule("ServalPredictBaseline", Prediction({})).code, 3);
  EXPECT_EQ(RunModule("ServalPredictBaseline", Prediction({ "--kind", "guess" })).code, 2);
  EXPECT_FALSE(std::filesystem::exists(At("p.csv")));
}

TEST_F(Baseline, ShuffledLabelsMarkModelAndPredictions)
{
  const auto train = [&](const std::string & model, const Words & more) {
    Words words{ "--cache", At("t.cache"), "--patients", At("train.txt"), "--output", At(model), "--steps", "3", "--batch", "12", "--threads", "1", "--filters", "4", "--depth", "2" };
    words.insert(words.end(), more.begin(), more.end());
    return RunModule("ServalTrainClassifier", words);
  };
  const auto shuffled = train("s.safetensors", { "--shuffledLabels" });
  ASSERT_EQ(shuffled.code, 0) << shuffled.error;
  EXPECT_NE(shuffled.output.find("labels are shuffled"), std::string::npos) << shuffled.output;
  ASSERT_EQ(train("plain.safetensors", {}).code, 0);
  EXPECT_NE(support::ReadFile(At("s.safetensors")), support::ReadFile(At("plain.safetensors")));
  // The mark goes on to what is made of the model.
  ASSERT_EQ(train("next.safetensors", { "--source", At("s.safetensors") }).code, 0);
  for (const std::string model : { "s", "next", "plain" })
  {
    const auto predicted = RunModule("ServalPredict", { "--cache", At("t.cache"), "--patients", At("test.txt"), "--model", At(model + ".safetensors"), "--output",
                                                        At(model + ".csv"), "--threads", "1" });
    ASSERT_EQ(predicted.code, 0) << predicted.error;
    const auto table = Table::Read(At(model + ".csv"));
    ASSERT_EQ(table.Find("baseline").has_value(), model != "plain");
    if (model != "plain")
    {
      EXPECT_EQ(table.At(0, "baseline"), "shuffled labels");
    }
  }
  const auto volume = RunModule("ServalClassifyVolume", { At("image7.mha"), "--model", At("s.safetensors") });
  EXPECT_EQ(volume.code, 3);
  EXPECT_NE(volume.error.find("shuffled labels"), std::string::npos) << volume.error;
  EXPECT_NE(RunModule("ServalInspectNetwork", { At("s.safetensors") }).output.find("shuffled labels"), std::string::npos);
}

TEST_F(Baseline, AClassifierOnShuffledLabelsIsMeasuredAgainstTheTrueOnes)
{
  ASSERT_EQ(RunModule("ServalPretrainNetwork", { "--cache", At("t.cache"), "--output", At("n.safetensors"), "--steps", "2", "--batch", "12", "--threads", "1", "--filters", "4",
                                                 "--depth", "2" }).code, 0);
  ASSERT_EQ(RunModule("ServalExtractFeatures", { "--cache", At("t.cache"), "--model", At("n.safetensors"), "--layers", "bottleneck", "--output", At("f.h5"), "--threads", "1" }).code, 0);
  const auto fit = [&](const std::string & name, const Words & more) {
    Words words{ "--features", At("f.h5"), "--model", At("n.safetensors"), "--output", At(name + ".safetensors"), "--predictions", At(name + ".csv"), "--folds", "4" };
    words.insert(words.end(), more.begin(), more.end());
    const auto result = RunModule("ServalFitClassifier", words);
    ASSERT_EQ(result.code, 0) << result.error;
  };
  fit("true", {});
  fit("shuffled", { "--shuffledLabels" });
  const auto real = Table::Read(At("true.csv")), dealt = Table::Read(At("shuffled.csv"));
  ASSERT_EQ(real.Rows(), dealt.Rows());
  EXPECT_EQ(dealt.At(0, "baseline"), "shuffled labels");
  for (std::size_t row = 0; row < real.Rows(); ++row)
    EXPECT_EQ(real.At(row, "truth"), dealt.At(row, "truth"));
  EXPECT_GT(Accuracy("true.csv"), Accuracy("shuffled.csv") + 0.2);
}

} // namespace
} // namespace serval::commands
