#include "Samples.h"
#include "serval/Core/Error.h"
#include "serval/Evaluation/Comparison.h"

#include <gtest/gtest.h>

#include <cmath>

namespace serval
{
namespace
{

// `folds` folds of `members` patients in each of `repeats` repeats; right[fold] patients of a fold are predicted rightly.
Predictions CrossValidated(const std::string & name, int repeats, int folds, int members, const std::vector<int> & right)
{
  Predictions predictions{ name, { "a", "b" }, {}, Unit::Patient };
  for (int repeat = 0; repeat < repeats; ++repeat)
    for (int fold = 0; fold < folds; ++fold)
      for (int i = 0; i < members; ++i)
      {
        const bool isRight = i < right[static_cast<std::size_t>(repeat * folds + fold)];
        // Patients change folds between repeats.
        const auto id = std::to_string((fold * members + i + repeat) % (folds * members));
        Prediction row{ id, id, std::to_string(repeat), 0, { isRight ? 0.8 : 0.3, isRight ? 0.2 : 0.7 } };
        row.fold = std::to_string(fold);
        predictions.rows.push_back(row);
      }
  return predictions;
}

TEST(Design, IsReadFromFoldsRepeatsAndDataSets)
{
  auto p = Clustered("m", 0.7, 1);
  EXPECT_EQ(DesignOf(p), TestDesign::FixedTest);
  auto again = p;
  for (auto & row : again.rows)
    row.repeat = "1";
  EXPECT_EQ(DesignOf(Join({ p, again })), TestDesign::FixedTestWithRepeats);
  again.rows.resize(100); // the repeats test other patients
  EXPECT_EQ(DesignOf(Join({ p, again })), TestDesign::Resampled);
  EXPECT_EQ(DesignOf(CrossValidated("m", 1, 2, 3, { 1, 2 })), TestDesign::Resampled);
  p.rows[0].dataset = "other";
  EXPECT_EQ(DesignOf(p), TestDesign::SeveralDatasets);
  for (const auto design : { TestDesign::FixedTest, TestDesign::FixedTestWithRepeats, TestDesign::Resampled, TestDesign::SeveralDatasets })
  {
    const auto names = PairedTestNames();
    EXPECT_NE(std::find(names.begin(), names.end(), TestFor(design)), names.end());
  }
}

// Differences in tenths: those of the worked example of section 10, in folds of 100 patients.
TEST(NadeauBengioOfFolds, IsTheWorkedExample)
{
  const std::vector<int> gains{ 2, 1, 3, 0, 2, 4, -1, 2, 3, 1 };
  std::vector<int>       first, second;
  for (const int gain : gains)
  {
    first.push_back(50 + gain);
    second.push_back(50);
  }
  const auto a = CrossValidated("a", 1, 10, 100, first), b = CrossValidated("b", 1, 10, 100, second);
  const auto test = NadeauBengioTestOf(a, b, {});
  EXPECT_NEAR(test.difference, 0.017, 1e-12);
  EXPECT_NEAR(test.statistic, 2.47581, 5e-6);
  EXPECT_NEAR(test.p, 0.03523, 5e-6);
  EXPECT_GT(test.low, 0);
  EXPECT_NEAR((test.low + test.high) / 2, 0.017, 1e-12);
  const auto posterior = BayesianTestOf(a, b, {});
  EXPECT_TRUE(std::isnan(posterior.p));
  EXPECT_NEAR(posterior.details[0].second + posterior.details[1].second + posterior.details[2].second, 1, 1e-12);
  EXPECT_THROW(FiveByTwoTestOf(a, b, {}), Error);
  EXPECT_THROW(WilcoxonTestOf(a, b, {}), Error);
}

TEST(FiveByTwoOfFolds, TakesTheDifferencesOfItsFolds)
{
  std::vector<int> first, second(10, 5);
  for (int repeat = 0; repeat < 5; ++repeat)
    first.insert(first.end(), { 5, 7 });
  const auto test = FiveByTwoTestOf(CrossValidated("a", 5, 2, 10, first), CrossValidated("b", 5, 2, 10, second), {});
  EXPECT_NEAR(test.difference, 0.1, 1e-12);
  EXPECT_NEAR(test.statistic, 5 * 0.04 / (2 * 5 * 0.02), 1e-12);
}

TEST(SignAndWilcoxonOfPatients, AreThoseOfTheirDifferences)
{
  const auto a = CrossValidated("a", 1, 1, 8, { 8 }), b = CrossValidated("b", 1, 1, 8, { 2 });
  EXPECT_NEAR(SignTestOf(a, b, {}).p, 2.0 / 64, 1e-12);
  EXPECT_NEAR(SignTestOf(a, b, {}).difference, 0.75, 1e-12);
  const auto wilcoxon = WilcoxonTestOf(a, b, {});
  EXPECT_LT(wilcoxon.p, 0.05);
  ComparisonPlan plan;
  plan.metric = Metric::Auc;
  EXPECT_THROW(SignTestOf(a, b, plan), Error);
}

TEST(WilcoxonOfDataSets, ComparesOneNumberEach)
{
  Predictions a{ "a", { "x", "y" }, {}, Unit::Patient }, b = a;
  b.name = "b";
  for (int set = 0; set < 6; ++set)
    for (int i = 0; i < 10; ++i)
      for (auto * model : { &a, &b })
      {
        const bool isRight = i < (model == &a ? 6 : 5 - set % 3);
        const auto id = std::to_string(100 * set + i);
        Prediction row{ id, id, "", i % 2, std::vector<double>(2, isRight ? 0.2 : 0.8) };
        row.probabilities[static_cast<std::size_t>(row.truth)] = isRight ? 0.8 : 0.2;
        row.dataset = std::to_string(set);
        model->rows.push_back(row);
      }
  const auto test = WilcoxonTestOf(a, b, {});
  EXPECT_NEAR(test.difference, 0.2, 1e-12);
  EXPECT_EQ(test.details[0].second, 21); // all ranks positive
}

TEST(FoldTests, NameAFoldWithoutAValue)
{
  const auto     a = CrossValidated("a", 1, 4, 5, { 1, 2, 3, 4 });
  ComparisonPlan plan;
  plan.metric = Metric::Auc; // one class only
  try
  {
    NadeauBengioTestOf(a, a, plan);
    FAIL();
  }
  catch (const Error & e)
  {
    EXPECT_NE(std::string(e.what()).find("not defined in fold 1 of 4"), std::string::npos) << e.what();
  }
}

} // namespace
} // namespace serval
