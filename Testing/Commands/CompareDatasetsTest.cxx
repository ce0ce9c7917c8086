#include "CommandSupport.h"
#include "serval/Cache/FeatureFile.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <map>

namespace serval::commands
{
namespace
{

class CompareDatasets : public testing::Test
{
protected:
  support::TemporaryFolder folder;

  std::string At(const std::string & name) const { return (folder.Path() / name).string(); }

  /// 36 rows of 12 patients in two classes, which `apart` parts in the first column.
  void Write(const std::string & name, double shift, double apart, const std::string & model = "m", int classes = 2, int layers = 1) const
  {
    FeatureFile file;
    file.classNames = { "benign", "malignant" };
    file.modelHash = model;
    file.provenance = "{}";
    for (int i = 0; i < 36; ++i)
    {
      file.classes.push_back(i % classes);
      file.cases.push_back("c" + std::to_string(i / 3));
      file.patients.push_back(name + "-" + std::to_string(i / 3));
      file.unitIds.push_back(std::to_string(i));
      for (int layer = 0; layer < layers; ++layer)
        for (int j = 0; j < 4; ++j)
          file.layers["layer" + std::to_string(layer)].values.push_back(
            static_cast<float>(std::sin(1.7 * (i + 1) * (j + 1) + shift) + shift + (j == 0 ? apart * (i % 2) : 0)));
    }
    for (auto & [layer, values] : file.layers)
      values.width = 4;
    file.Write(At(name + ".h5"));
  }
  Words Arguments(const Words & names, const Words & more) const
  {
    Words arguments;
    for (const auto & name : names)
      arguments.insert(arguments.end(), { "--features", At(name + ".h5") });
    arguments.insert(arguments.end(), { "--replicates", "20", "--permutations", "49", "--table", At("t.csv") });
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }
  void Refused(const Words & names, const Words & more, int code, const std::string & words) const
  {
    const auto result = RunModule("ServalCompareDatasets", Arguments(names, more));
    EXPECT_EQ(result.code, code) << result.error;
    EXPECT_NE(result.error.find(words), std::string::npos) << result.error;
    EXPECT_FALSE(std::filesystem::exists(At("t.csv")));
  }
};

TEST_F(CompareDatasets, WritesDistancesMapAndCorrelation)
{
  Write("a", 0, 1);
  Write("b", 0.5, 1);
  Write("c", 4, 1);
  support::WriteFile(At("o.csv"), "a,b,outcome\na,b,0.9\na,c,0.6\nb,c,0.7\nc,a,0.65\n");
  const auto result = RunModule("ServalCompareDatasets", Arguments({ "a", "b", "c" }, { "--outcomes", At("o.csv"), "--picture", At("p.svg"), "--drawn", "energy",
                                                                                        "--json", At("j.json"), "--standardise" }));
  ASSERT_EQ(result.code, 0) << result.error;
  const auto json = nlohmann::json::parse(support::ReadFile(At("j.json")));
  EXPECT_EQ(json.at("schema"), "serval-similarity/1");
  EXPECT_EQ(json.at("comparisons").size(), 18U);
  EXPECT_EQ(json.at("samples")[0].at("patients"), 12);
  EXPECT_EQ(json.at("maps").at("energy").at("mergers").size(), 2U);
  EXPECT_EQ(json.at("maps").at("energy").at("mergers")[0][0], 0); // a and b join first
  for (const auto & correlation : json.at("correlations"))
    if (correlation.at("measure") == "energy")
    {
      EXPECT_EQ(correlation.at("pairs"), 4);
      EXPECT_GT(correlation.at("kendall"), 0.9);
    }
  EXPECT_NE(support::ReadFile(At("p.svg")).find("<circle"), std::string::npos);
  EXPECT_TRUE(support::ReadFile(At("t.csv")).starts_with("measure,a,b,value,low,high,p,reason\n"));
}

TEST_F(CompareDatasets, ScoresSourceNetworksOfOneTarget)
{
  Write("good", 0.3, 5, "n1");
  Write("poor", 0.3, 0, "n2");
  std::string predictions = "patient,case,unit_id,p_x,p_y,p_never\n";
  for (int i = 0; i < 36; ++i)
    predictions += "p,c" + std::to_string(i / 3) + "," + std::to_string(i) + (i % 2 ? ",0.9,0.1,0\n" : ",0.2,0.8,0\n");
  support::WriteFile(At("s.csv"), predictions);
  const auto result = RunModule("ServalCompareDatasets", Arguments({ "good", "poor" }, { "--compare", "networks", "--json", At("j.json"), "--sourcePredictions",
                                                                                         At("s.csv"), "--sourcePredictions", At("s.csv") }));
  ASSERT_EQ(result.code, 0) << result.error;
  std::map<std::string, std::vector<double>> values;
  const auto                                 json = nlohmann::json::parse(support::ReadFile(At("j.json")));
  for (const auto & one : json.at("comparisons"))
    values[one.at("measure")].push_back(one.at("value"));
  EXPECT_EQ(values.size(), 9U);
  // TransRate takes moments about the common mean, which two balanced classes share: it cannot tell them apart.
  for (const std::string measure : { "nleep", "logme", "h-score", "parc", "features-gradients" })
    EXPECT_GT(values.at(measure).at(0), values.at(measure).at(1)) << measure;
  EXPECT_EQ(values.at("nce")[0], 0); // predicted exactly, and the class that never is has no part
}

TEST_F(CompareDatasets, RefusesWhatCannotBeCompared)
{
  Write("a", 0, 1);
  Write("b", 0.5, 1);
  Write("foreign", 0, 1, "other");
  Write("layers", 0, 1, "m", 2, 2);
  Refused({ "a" }, {}, 2, "at least 2");
  Refused({ "a", "foreign" }, {}, 3, "another network");
  Refused({ "a", "layers" }, {}, 2, "layer0, layer1");
  Refused({ "a", "b" }, { "--layers", "bottleneck" }, 3, "no features of the layer 'bottleneck'");
  Refused({ "a", "b" }, { "--measures", "logme" }, 2, "'logme' is unknown here");
  Refused({ "a", "b" }, { "--names", "x" }, 2, "1 names for 2");
  Refused({ "a", "b" }, { "--names", "x,x" }, 2, "called 'x'");
  support::WriteFile(At("o.csv"), "a,b,outcome\na,z,1\n");
  Refused({ "a", "b" }, { "--outcomes", At("o.csv") }, 3, "row 1");
  support::WriteFile(At("o.csv"), "a,b,outcome\na,b,\n");
  Refused({ "a", "b" }, { "--outcomes", At("o.csv") }, 3, "outcome");
  support::WriteFile(At("s.csv"), "patient,case,unit_id,p_x\np,c0,0,1\n");
  Refused({ "a" }, { "--compare", "networks", "--sourcePredictions", At("s.csv") }, 3, "lacks the prediction");
  Refused({ "a", "b" }, { "--compare", "networks", "--standardise" }, 2, "--standardise is for data sets");
}

// One class is no error: what needs two is answered in words.
TEST_F(CompareDatasets, AnswersWhatIsUndefined)
{
  Write("one", 0, 1, "n1", 1);
  const auto result = RunModule("ServalCompareDatasets", Arguments({ "one" }, { "--compare", "networks", "--json", At("j.json") }));
  ASSERT_EQ(result.code, 0) << result.error;
  const auto json = nlohmann::json::parse(support::ReadFile(At("j.json")));
  for (const auto & one : json.at("comparisons"))
  {
    EXPECT_TRUE(one.at("value").is_null());
    EXPECT_NE(one.at("reason"), "");
  }
  EXPECT_EQ(support::ReadFile(At("t.csv")).find("nan"), std::string::npos);
}

} // namespace
} // namespace serval::commands
