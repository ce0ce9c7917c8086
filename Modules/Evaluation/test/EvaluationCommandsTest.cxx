#include "Support.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

namespace serval
{
namespace
{

const std::string evaluator = SERVAL_BINARY_DIRECTORY "/cli-modules/ServalEvaluatePredictions";
const std::string comparer = SERVAL_BINARY_DIRECTORY "/cli-modules/ServalCompareModels";

class EvaluationCommands : public testing::Test
{
protected:
  support::TemporaryFolder folder;
  std::string              first = folder / "first ü.csv", second = folder / "second.csv", json = folder / "numbers.json";

  void SetUp() override
  {
    if (!std::filesystem::exists(evaluator) || !std::filesystem::exists(comparer))
      GTEST_SKIP() << "ServalEvaluatePredictions and ServalCompareModels are not built";
    support::WriteFile(first, Rows(8));
    support::WriteFile(second, Rows(2));
  }

  // Eight patients with two rows of one truth each; the first `right` patients are predicted rightly.
  static std::string Rows(int right)
  {
    std::string csv = "patient,case,unit_id,truth,p_lung,p_liver\n";
    for (int p = 0; p < 8; ++p)
      for (int row = 0; row < 2; ++row)
      {
        const bool isLung = p % 2 == 0, saysLung = isLung == (p < right);
        csv += std::to_string(p) + ",c" + std::to_string(p) + "," + std::to_string(row) + (isLung ? ",lung," : ",liver,") +
               (saysLung ? "0.8,0.2\n" : "0.3,0.7\n");
      }
    return csv;
  }

  static support::CommandResult Run(const std::string & program, std::vector<std::string> words)
  {
    words.insert(words.begin(), { program, "--progress", "none" });
    return support::RunCommand(words);
  }

  void ExpectRefusal(const support::CommandResult & result, int code, const std::string & text) const
  {
    EXPECT_EQ(result.code, code) << result.error;
    EXPECT_NE(result.error.find(text), std::string::npos) << result.error;
    EXPECT_FALSE(std::filesystem::exists(json));
  }
};

TEST_F(EvaluationCommands, ScoresArePrintedAndWritten)
{
  const std::string table = folder / "scores.csv";
  const auto        result = Run(evaluator, { "--predictions", second, "--output", table, "--json", json });
  ASSERT_EQ(result.code, 0) << result.error;
  EXPECT_NE(result.output.find("8 rows (unit: patient) of 8 patients"), std::string::npos) << result.output;
  EXPECT_NE(result.output.find("\naccuracy                 0.250 ["), std::string::npos) << result.output;
  EXPECT_NE(result.output.find("truth  lung"), std::string::npos) << result.output;
  const auto numbers = support::ReadFile(json);
  EXPECT_NE(numbers.find("\"schema\":\"serval-scores/1\""), std::string::npos) << numbers;
  EXPECT_NE(numbers.find("\"confusion\":[[1,3],[3,1]]"), std::string::npos) << numbers;
  EXPECT_NE(numbers.find("\"inWords\":\"On 8 patients"), std::string::npos) << numbers;
  EXPECT_TRUE(support::ReadFile(table).starts_with("metric,class,value,low,high,method\naccuracy,,0.25,"));
}

TEST_F(EvaluationCommands, TheUnitMayBeChosen)
{
  const auto result = Run(evaluator, { "--predictions", second, "--unit", "patch" });
  EXPECT_NE(result.output.find("16 rows (unit: patch) of 8 patients"), std::string::npos) << result.output << result.error;
}

// Six patients are right in the first model only: 2 of 2^6 exchanges are as extreme.
TEST_F(EvaluationCommands, ModelsAreComparedInTheFixedForm)
{
  const auto result = Run(comparer, { "--predictions", first, "--predictions", second, "--test", "permutation", "--test", "mcnemar", "--test",
                                      "delong", "--test", "bootstrap", "--names", "A", "--names", "B", "--json", json });
  ASSERT_EQ(result.code, 0) << result.error;
  EXPECT_NE(result.output.find("permutation: A - B: difference of accuracy 0.7500 ["), std::string::npos) << result.output;
  const auto numbers = support::ReadFile(json);
  for (const char * part : { "\"schema\":\"serval-comparison/1\"", "\"tests\":[{", "\"name\":\"permutation\"", "\"name\":\"mcnemar\"", "\"name\":\"delong\"", "\"name\":\"bootstrap\"", "\"a\":\"A\"",
                             "\"b\":\"B\"", "\"difference\":0.75", "\"p\":0.03125", "\"standardError\":null", "\"statistic\":", "\"pCorrected\":" })
    EXPECT_NE(numbers.find(part), std::string::npos) << part << '\n' << numbers;
}

TEST_F(EvaluationCommands, NoDifferenceIsSaidPlainly)
{
  const auto result = Run(comparer, { "--predictions", first, "--predictions", first, "--test", "bootstrap" });
  EXPECT_EQ(result.code, 0) << result.error;
  EXPECT_NE(result.output.find("no difference shown"), std::string::npos) << result.output;
}

TEST_F(EvaluationCommands, AllPairsAreCorrectedTogether)
{
  const auto result = Run(comparer, { "--predictions", first, "--predictions", second, "--predictions", first });
  EXPECT_EQ(result.code, 0) << result.error;
  EXPECT_NE(result.output.find("p 0.03125, corrected 0.09375: no difference shown"), std::string::npos) << result.output;
}

TEST_F(EvaluationCommands, OneClassAloneIsRefusedWithItsCase)
{
  support::WriteFile(folder / "one.csv", "patient,case,unit_id,truth,p_liver,p_lung\np1,c1,0,lung,0.2,0.8\np2,c2,0,lung,0.6,0.4\n");
  const auto result = Run(evaluator, { "--predictions", folder / "one.csv" });
  EXPECT_EQ(result.code, 3);
  EXPECT_NE(result.error.find("case 'c1' on, have the truth 'lung'"), std::string::npos) << result.error;
}

TEST_F(EvaluationCommands, ColumnsAreFoundByName)
{
  std::string turned = "p_liver,truth,p_lung,unit_id,case,note,patient\n";
  for (int p = 0; p < 8; ++p)
    for (int row = 0; row < 2; ++row)
      turned += (p % 2 == 0 ? "0.2,lung,0.8," : "0.7,liver,0.3,") + std::to_string(row) + ",c" + std::to_string(p) + ",x," + std::to_string(p) + "\n";
  support::WriteFile(folder / "turned.csv", turned);
  const auto result = Run(comparer, { "--predictions", second, "--predictions", folder / "turned.csv" });
  EXPECT_NE(result.output.find(", p 0.03125"), std::string::npos) << result.output << result.error;
}

TEST_F(EvaluationCommands, EverythingOfOneModelIsReported)
{
  std::string manifest = "case,patient,image,site\n";
  for (int p = 0; p < 8; ++p)
    manifest += "c" + std::to_string(p) + "," + std::to_string(p) + ",x.nii," + (p < 4 ? "north" : "south") + "\n";
  support::WriteFile(folder / "manifest.csv", manifest);
  const std::string curves = folder / "curves.csv", latex = folder / "scores.tex";
  const auto        result = Run(evaluator, { "--predictions", first, "--interval", "bca", "--bootstrap", "200", "--calibration", "temperature", "--calibrateOn", folder / "none.csv" });
  EXPECT_EQ(result.code, 3);
  const auto full = Run(evaluator, { "--predictions", second, "--bootstrap", "200", "--calibration", "platt", "--calibrationParts", "2", "--manifest",
                                     folder / "manifest.csv", "--subgroups", "site", "--planted", first, "--prevalence", "0.9,0.1", "--curves", curves,
                                     "--latex", latex, "--json", json });
  ASSERT_EQ(full.code, 0) << full.error;
  for (const char * part : { "After platt calibration, fitted on the other patients:", "  north: 4 patients, 4 rows, accuracy 0.500", "Planted marks: 75.0 %",
                             "At prevalences 0.900, 0.100", "predictive value of liver" })
    EXPECT_NE(full.output.find(part), std::string::npos) << part << '\n' << full.output;
  const auto numbers = support::ReadFile(json);
  for (const char * part : { "\"calibrated\":", "\"subgroups\":", "\"planted\":", "\"prevalenceShift\":" })
    EXPECT_NE(numbers.find(part), std::string::npos) << part;
  EXPECT_NE(support::ReadFile(curves).find("\nprecision-recall,"), std::string::npos);
  EXPECT_NE(support::ReadFile(latex).find("accuracy & 0.250"), std::string::npos);
  std::filesystem::remove(json);
  ExpectRefusal(Run(evaluator, { "--predictions", first, "--subgroups", "site" }), 2, "--manifest");
  ExpectRefusal(Run(evaluator, { "--predictions", first, "--bootstrap", "100", "--subgroups", "scanner", "--manifest", folder / "manifest.csv" }), 3, "scanner");
  ExpectRefusal(Run(evaluator, { "--predictions", first, "--bootstrap", "100", "--calibration", "platt", "--calibrateOn", second }), 3, "a patient who is evaluated too");
  ExpectRefusal(Run(evaluator, { "--predictions", first, "--bootstrap", "100", "--prevalence", "0.9" }), 2, "one for each class");
}

TEST_F(EvaluationCommands, ScoresOfDataSetsAreCompared)
{
  support::WriteFile(folder / "table.csv", "dataset,a,b\nx,0.8,0.7\ny,0.9,0.7\nz,0.8,0.75\n");
  const auto result = Run(comparer, { "--scores", folder / "table.csv", "--output", folder / "t.csv", "--json", json });
  ASSERT_EQ(result.code, 0) << result.error;
  EXPECT_NE(result.output.find("Friedman over 3 data sets"), std::string::npos) << result.output;
  EXPECT_NE(support::ReadFile(json).find("\"meanRanks\":[1.0,2.0]"), std::string::npos);
  std::filesystem::remove(json);
  ExpectRefusal(Run(comparer, { "--scores", folder / "table.csv", "--predictions", first, "--json", json }), 2, "in place of --predictions");
}

TEST_F(EvaluationCommands, BadInputIsRefusedAndNothingWritten)
{
  ExpectRefusal(Run(evaluator, { "--predictions", folder / "missing.csv", "--json", json }), 3, "missing.csv");
  ExpectRefusal(Run(comparer, { "--predictions", first, "--json", json }), 2, "two models or more");
  ExpectRefusal(Run(comparer, { "--predictions", first, "--predictions", second, "--names", "A", "--json", json }), 2, "1 names for 2 models");
  ExpectRefusal(Run(comparer, { "--predictions", first, "--predictions", second, "--test", "t-test", "--json", json }), 2, "t-test");
  for (const char * test : { "delong", "mcnemar" })
    ExpectRefusal(Run(comparer, { "--predictions", first, "--predictions", second, "--unit", "patch", "--test", test, "--json", json }), 3,
                  "one row a patient");
  support::WriteFile(second, Rows(2).substr(0, Rows(2).rfind("7,c7,1")));
  ExpectRefusal(Run(comparer, { "--predictions", first, "--predictions", second, "--unit", "patch", "--json", json }), 3,
                "1 of '" + first + "' and 0 of '" + second + "' have no partner of equal truth");
  support::WriteFile(second, "patient,case,truth,p_lung,p_liver\n1,1,lung,0.9,0.9\n");
  ExpectRefusal(Run(evaluator, { "--predictions", second, "--json", json }), 3, "row 1, patient '1', case '1': the probabilities have the sum 1.8");
}

} // namespace
} // namespace serval
