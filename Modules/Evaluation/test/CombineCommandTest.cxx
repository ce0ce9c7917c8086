#include "Support.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

namespace serval
{
namespace
{

const std::string combiner = SERVAL_BINARY_DIRECTORY "/cli-modules/ServalCombinePredictions";
const std::string evaluator = SERVAL_BINARY_DIRECTORY "/cli-modules/ServalEvaluatePredictions";

class CombineCommand : public testing::Test
{
protected:
  support::TemporaryFolder folder;
  std::string              a = folder / "a.csv", b = folder / "b.csv", output = folder / "both.csv", json = folder / "numbers.json";

  void SetUp() override
  {
    if (!std::filesystem::exists(combiner) || !std::filesystem::exists(evaluator))
      GTEST_SKIP() << "ServalCombinePredictions and ServalEvaluatePredictions are not built";
    support::WriteFile(a, Rows(6, "polyp"));
    support::WriteFile(b, Rows(8, "polyp"));
  }

  // Eight patients, the first `right` of them predicted rightly.
  static std::string Rows(int right, const std::string & positive)
  {
    std::string csv = "patient,case,unit,unit_id,truth,p_normal,p_" + positive + ",lineage,fold\n";
    for (int p = 0; p < 8; ++p)
    {
      const bool isNormal = p % 2 == 0;
      const auto id = std::to_string(p);
      csv += id + ",c" + id + ",patch,0," + (isNormal ? "normal," : positive + ",") + (isNormal == (p < right) ? "0.75,0.25" : "0.25,0.75") + ",clean,1\n";
    }
    return csv;
  }

  static support::CommandResult Run(const std::string & program, std::vector<std::string> words)
  {
    words.insert(words.begin(), { program, "--progress", "none" });
    return support::RunCommand(words);
  }
  void ExpectRefusal(std::vector<std::string> words, int code, const std::string & text) const
  {
    words.insert(words.end(), { "--output", output });
    const auto result = Run(combiner, words);
    EXPECT_EQ(result.code, code) << result.error;
    EXPECT_NE(result.error.find(text), std::string::npos) << result.error;
    EXPECT_FALSE(std::filesystem::exists(output));
  }
};

TEST_F(CombineCommand, WritesWhatEvaluateReads)
{
  for (const std::string rule : { "mean", "vote", "product" })
  {
    const auto result = Run(combiner, { "--predictions", a, "--predictions", b, "--rule", rule, "--output", output, "--arm", "both", "--repeat", "2", "--fold", "1" });
    ASSERT_EQ(result.code, 0) << result.error;
    EXPECT_NE(result.output.find("8 rows of 2 models, rule " + rule), std::string::npos) << result.output;
    EXPECT_TRUE(support::ReadFile(output).starts_with("patient,case,unit,unit_id,truth,p_normal,p_polyp,lineage,arm,fold,repeat\n0,c0,patch,0,normal,0.75,0.25,clean,both,1,2\n") || rule != "mean");
    const auto scores = Run(evaluator, { "--predictions", output });
    EXPECT_EQ(scores.code, 0) << scores.error;
    EXPECT_NE(scores.output.find("\naccuracy                 0.875 ["), std::string::npos) << rule << scores.output; // two ties, both for the first class
  }
}

TEST_F(CombineCommand, ForwardSelectionPrintsItsCounts)
{
  const auto result = Run(combiner, { "--predictions", a, "--predictions", b, "--validation", a, "--validation", b, "--rule", "forward-selection", "--output", output, "--json", json });
  ASSERT_EQ(result.code, 0) << result.error;
  EXPECT_NE(result.output.find("a: chosen 0 times\nb: chosen 1 times\nmacro F1 on the validation rows 1.0000 after 1 of 6 steps"), std::string::npos) << result.output;
  EXPECT_NE(support::ReadFile(json).find("\"counts\":[0,1]"), std::string::npos) << support::ReadFile(json);
}

TEST_F(CombineCommand, ACascadeIsEvaluated)
{
  std::string fine = "patient,case,unit,unit_id,truth,p_hyperplasia,p_adenoma,lineage,fold\n";
  for (int p = 0; p < 8; ++p)
    fine += std::to_string(p) + ",c" + std::to_string(p) + ",patch,0," + (p % 2 == 0 ? "normal" : p < 4 ? "hyperplasia" : "adenoma") + ",0.5,0.5,transductive,1\n";
  support::WriteFile(folder / "fine.csv", fine);
  const auto result = Run(combiner, { "--predictions", b, "--predictions", folder / "fine.csv", "--rule", "cascade", "--output", output });
  ASSERT_EQ(result.code, 0) << result.error;
  EXPECT_NE(support::ReadFile(output).find("1,c1,patch,0,hyperplasia,0.25,0.375,0.375,transductive,1\n"), std::string::npos) << support::ReadFile(output);
  EXPECT_EQ(Run(evaluator, { "--predictions", output }).code, 0);
}

TEST_F(CombineCommand, WrongInputIsRefused)
{
  ExpectRefusal({ "--predictions", a }, 2, "two models or more");
  ExpectRefusal({ "--predictions", a, "--predictions", b, "--rule", "median" }, 2, "median");
  ExpectRefusal({ "--predictions", a, "--predictions", b, "--rule", "forward-selection" }, 2, "--validation");
  ExpectRefusal({ "--predictions", a, "--predictions", b, "--validation", a }, 2, "--validation");
  ExpectRefusal({ "--predictions", a, "--predictions", b, "--rule", "forward-selection", "--validation", a }, 2, "in the same order");
  ExpectRefusal({ "--predictions", a, "--predictions", folder / "lost.csv" }, 3, "lost.csv");
  ExpectRefusal({ "--predictions", a, "--predictions", b, "--predictions", a, "--rule", "cascade" }, 2, "two files");
  support::WriteFile(folder / "other.csv", Rows(8, "cyst"));
  ExpectRefusal({ "--predictions", a, "--predictions", folder / "other.csv" }, 3, "normal, cyst");
}

} // namespace
} // namespace serval
