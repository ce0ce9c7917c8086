#include "serval/Core/Error.h"
#include "serval/Core/Random.h"
#include "serval/Evaluation/Comparison.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace serval
{
namespace
{

// Two classes, one row a patient, scores of the positive class.
Predictions OneRowEach(const std::string & name, const std::vector<std::pair<double, int>> & scores)
{
  Predictions predictions{ name, { "negative", "positive" }, {}, Unit::Patient };
  for (std::size_t i = 0; i < scores.size(); ++i)
    predictions.rows.push_back({ "p" + std::to_string(i), "p" + std::to_string(i), "", scores[i].second, { 1 - scores[i].first, scores[i].first } });
  return predictions;
}

// Right with probability `skill` on patches of patients; a patient's patches go together.
Predictions Clustered(const std::string & name, double skill, std::uint64_t seed, int patients = 20, int patches = 10)
{
  Predictions     predictions{ name, { "a", "b", "c" }, {}, Unit::Patch };
  std::mt19937_64 random(seed);
  for (int p = 0; p < patients; ++p)
  {
    const bool good = Uniform01(random) < skill;
    for (int i = 0; i < patches; ++i)
    {
      const int           truth = i % 3, decision = good ? truth : (truth + 1) % 3;
      std::vector<double> probabilities(3, 0.1);
      probabilities[static_cast<std::size_t>(decision)] = 0.8;
      predictions.rows.push_back({ "p" + std::to_string(p), std::to_string(100 * p + i), "0", truth, probabilities });
    }
  }
  return predictions;
}

// Ovarian cancer: albumin, 10 - total score, adverse outcome (SAS/STAT LOGISTIC, "Comparing ROC curves").
constexpr double ovarian[][3]{
  { 3.0, 0, 0 }, { 3.2, 5, 1 }, { 3.9, 7, 1 }, { 2.8, 4, 0 }, { 3.2, 7, 1 }, { 0.9, 5, 0 }, { 2.5, 2, 0 }, {
  1.6, 5, 1 }, { 3.8, 5, 1 }, { 3.7, 4, 1 }, { 3.2, 6, 1 }, { 3.8, 4, 1 }, { 4.1, 5, 1 }, { 3.6, 5, 1 }, { 4.3,
  6, 1 }, { 3.6, 6, 0 }, { 2.3, 4, 1 }, { 4.2, 6, 0 }, { 4.0, 4, 0 }, { 3.5, 4, 1 }, { 3.8, 3, 1 }, { 3.0, 2, 0
  }, { 4.5, 5, 1 }, { 3.7, 5, 1 }, { 3.1, 4, 1 }, { 4.1, 4, 1 }, { 4.3, 5, 1 }, { 4.3, 6, 1 }, { 3.2, 5, 1 }, {
  2.6, 4, 1 }, { 3.3, 4, 0 }, { 1.7, 3, 0 }, { 3.7, 5, 1 }, { 3.3, 3, 1 }, { 4.2, 4, 1 }, { 3.5, 5, 1 }, { 2.9,
  1, 0 }, { 2.1, 3, 1 }, { 2.8, 2, 0 }, { 4.0, 3, 1 }, { 3.3, 4, 1 }, { 3.7, 5, 1 }, { 3.6, 5, 1 }
};

Predictions Ovarian(int column, const std::string & name)
{
  std::vector<std::pair<double, int>> scores;
  for (const auto & row : ovarian)
    scores.emplace_back(row[column] / 10, static_cast<int>(row[2]));
  return OneRowEach(name, scores);
}

std::string MessageOf(const std::string & csv, Unit unit = Unit::Auto)
{
  try
  {
    Predictions::From(Table::Parse(csv, "t.csv"), "t", unit);
  }
  catch (const Error & e)
  {
    EXPECT_EQ(e.Kind(), Fault::Input);
    return e.what();
  }
  return "no error";
}

TEST(Predictions, AreAveragedWhereTheTruthIsThePatients)
{
  const std::string csv = "patient,case,truth,p_a,p_b\n1,1,a,0.9,0.1\n1,2,a,0.3,0.7\n2,3,b,0.2,0.8\n";
  const auto        predictions = Predictions::From(Table::Parse(csv, "t"), "t");
  ASSERT_EQ(predictions.rows.size(), 2U);
  EXPECT_EQ(predictions.unit, Unit::Patient);
  EXPECT_DOUBLE_EQ(predictions.rows[0].probabilities[0], 0.6);
}

TEST(Predictions, StayPatchesWhereTheTruthVaries)
{
  const std::string csv = "patient,case,truth,p_a,p_b,x\n1,1,a,0.9,0.1,7\n1,1,b,0.3,0.7,8\n";
  EXPECT_EQ(Predictions::From(Table::Parse(csv, "t"), "t").unit, Unit::Patch);
  EXPECT_NE(MessageOf(csv, Unit::Patient).find("different truth"), std::string::npos);
}

TEST(Predictions, BadNumbersAreNamed)
{
  const std::string head = "patient,case,truth,p_a,p_b\n";
  EXPECT_NE(MessageOf(head + "1,1,a,0.9,0.3\n").find("sum"), std::string::npos);
  EXPECT_NE(MessageOf(head + "1,1,a,nan,0.3\n").find("row 1"), std::string::npos);
  EXPECT_NE(MessageOf(head + "1,1,a,1.5,-0.5\n").find("0 to 1"), std::string::npos);
  EXPECT_NE(MessageOf(head + "1,1,c,0.5,0.5\n").find("none of the classes"), std::string::npos);
  EXPECT_NE(MessageOf(head).find("no prediction"), std::string::npos);
  EXPECT_NE(MessageOf("patient,case,truth\n1,1,a\n").find("p_<class>"), std::string::npos);
}

TEST(Metrics, AreaIsTheMannWhitneyShare)
{
  const std::vector<double> positives{ 0.9, 0.5 }, negatives{ 0.5, 0.1 };
  EXPECT_DOUBLE_EQ(AreaUnderCurve(positives, negatives), (2 + 0.5 + 1) / 4);
  EXPECT_TRUE(std::isnan(AreaUnderCurve(positives, {})));
}

TEST(Metrics, KnownAccuracies)
{
  const auto p = OneRowEach("m", { { 0.9, 1 }, { 0.8, 1 }, { 0.4, 1 }, { 0.1, 0 } });
  EXPECT_DOUBLE_EQ(Evaluate(p, Metric::Accuracy), 0.75);
  EXPECT_DOUBLE_EQ(Evaluate(p, Metric::BalancedAccuracy), (2.0 / 3 + 1) / 2);
  EXPECT_DOUBLE_EQ(Evaluate(p, Metric::Auc), 1);
  EXPECT_EQ(ConfusionMatrix(p), (std::vector<std::vector<int>>{ { 1, 0 }, { 1, 2 } }));
}

TEST(Metrics, OvarianAreasAreThePublishedOnes)
{
  EXPECT_NEAR(Evaluate(Ovarian(0, "albumin"), Metric::Auc), 0.736559, 1e-6);
  EXPECT_NEAR(Evaluate(Ovarian(1, "K-G"), Metric::Auc), 0.725806, 1e-6);
}

TEST(BootstrapInterval, HoldsTheValueAndKnowsClusters)
{
  const auto patches = Clustered("m", 0.7, 5);
  const auto interval = BootstrapInterval(patches, Metric::Accuracy, {});
  EXPECT_LT(interval.low, interval.value);
  EXPECT_GT(interval.high, interval.value);
  auto independent = patches; // the same rows, each called a patient of its own
  for (auto & row : independent.rows)
    row.patient = row.unitId;
  const auto narrow = BootstrapInterval(independent, Metric::Accuracy, {});
  EXPECT_GT(interval.high - interval.low, 2 * (narrow.high - narrow.low)); // ten equal rows a patient: about 3.2 times
}

TEST(BootstrapInterval, IsTheSameForTheSameSeed)
{
  const auto p = Clustered("m", 0.7, 5);
  EXPECT_EQ(BootstrapInterval(p, Metric::Auc, {}).low, BootstrapInterval(p, Metric::Auc, {}).low);
}

TEST(BootstrapInterval, CoversTheTruthAboutAsOftenAsItSays)
{
  int covered = 0;
  for (std::uint64_t seed = 1; seed <= 200; ++seed)
  {
    const auto interval = BootstrapInterval(Clustered("m", 0.7, seed, 60, 3), Metric::Accuracy, { 400, 0.95, seed });
    covered += interval.low <= 0.7 && 0.7 <= interval.high;
  }
  EXPECT_GE(covered, 178);
  EXPECT_LE(covered, 199);
}

TEST(DeLong, OvarianDifferenceIsThePublishedOne)
{
  const auto test = DeLongTest(Ovarian(0, "albumin"), Ovarian(1, "K-G"), {});
  EXPECT_NEAR(test.difference, 0.010753, 1e-6);
  EXPECT_NEAR(test.standardError, 0.095344, 1e-6);
  EXPECT_NEAR(test.statistic * test.statistic, 0.012719, 1e-6);
  EXPECT_NEAR(test.p, 0.91021, 1e-5);
}

TEST(DeLong, AModelAgainstItselfShowsNothing)
{
  const auto test = DeLongTest(Ovarian(0, "a"), Ovarian(0, "b"), {});
  EXPECT_EQ(test.difference, 0);
  EXPECT_EQ(test.p, 1);
}

// b rows right in a only, c in b only, d in both.
std::pair<Predictions, Predictions> Discordant(int b, int c, int d)
{
  std::vector<std::pair<double, int>> first, second;
  for (int i = 0; i < b + c + d; ++i)
  {
    first.emplace_back(i < b || i >= b + c ? 0.9 : 0.1, 1);
    second.emplace_back(i >= b ? 0.9 : 0.1, 1);
  }
  return { OneRowEach("a", first), OneRowEach("b", second) };
}

TEST(McNemar, KnownCounts)
{
  const auto [a, b] = Discordant(150, 86, 10);
  const auto test = McNemarTest(a, b, {});
  EXPECT_NEAR(test.statistic, 16.818, 1e-3);
  EXPECT_NEAR(test.p, 3.716e-05, 1e-8);
  const auto [c, d] = Discordant(11, 1, 5);
  EXPECT_NEAR(McNemarTest(c, d, {}).p, 0.006348, 1e-6);
}

TEST(DeLongAndMcNemar, RefuseSeveralRowsOfAPatient)
{
  auto a = Discordant(3, 2, 5).first, b = Discordant(3, 2, 5).second;
  a.rows[1].patient = b.rows[1].patient = "p0";
  for (const char * name : { "delong", "mcnemar" })
    EXPECT_THROW(CompareBy(name, a, b, {}), Error) << name;
  EXPECT_NO_THROW(CompareBy("permutation", a, b, {}));
}

TEST(Permutation, ExactForFewPatients)
{
  const auto [a, b] = Discordant(6, 0, 2); // all six discordant patients favour a: 2 of 2^6 sign patterns as extreme
  EXPECT_DOUBLE_EQ(PermutationTest(a, b, {}).p, 2.0 / 64);
}

TEST(Permutation, IsHonestUnderTheNullOfClusteredRows)
{
  int rejected = 0;
  for (std::uint64_t seed = 1; seed <= 200; ++seed)
  {
    ComparisonPlan plan;
    plan.samples = 500;
    plan.seed = seed;
    rejected += PermutationTest(Clustered("a", 0.7, seed), Clustered("b", 0.7, seed + 1000), plan).p <= 0.05;
  }
  EXPECT_LE(rejected, 19); // 10 expected; 19 is the 99.7 percentile of the binomial
}

TEST(Permutation, OtherMetricsAgreeWithTheQuickWayOfAccuracy)
{
  ComparisonPlan plan;
  const auto     a = Clustered("a", 0.9, 1, 8, 9), b = Clustered("b", 0.4, 2, 8, 9);
  const double   accuracy = PermutationTest(a, b, plan).p;
  plan.metric = Metric::BalancedAccuracy; // balanced classes: the same number
  EXPECT_NEAR(PermutationTest(a, b, plan).p, accuracy, 1e-12);
}

TEST(Bootstrap, FindsADifferenceAndNoneInEqualModels)
{
  const auto a = Clustered("a", 0.95, 1, 40), b = Clustered("b", 0.4, 2, 40);
  const auto test = BootstrapTest(a, b, {});
  EXPECT_LT(test.p, 0.01);
  EXPECT_GT(test.low, 0);
  EXPECT_NEAR(test.difference, Evaluate(a, Metric::Accuracy) - Evaluate(b, Metric::Accuracy), 1e-12);
  EXPECT_EQ(BootstrapTest(a, a, {}).p, 1);
}

TEST(Comparison, UnpairedModelsAreRefused)
{
  const auto a = Clustered("a", 0.9, 1), other = Clustered("b", 0.9, 1, 19);
  EXPECT_THROW(PermutationTest(a, other, {}), Error);
  auto b = a;
  b.rows[3].truth = 1 - b.rows[3].truth;
  EXPECT_THROW(PermutationTest(a, b, {}), Error);
}

TEST(Holm, KeepsOrderAndNeverExceedsOne)
{
  const auto corrected = HolmCorrected({ 0.01, 0.04, 0.03, 0.9 });
  EXPECT_DOUBLE_EQ(corrected[0], 0.04);
  EXPECT_DOUBLE_EQ(corrected[2], 0.09);
  EXPECT_DOUBLE_EQ(corrected[1], 0.09);
  EXPECT_DOUBLE_EQ(corrected[3], 0.9);
}

} // namespace
} // namespace serval
