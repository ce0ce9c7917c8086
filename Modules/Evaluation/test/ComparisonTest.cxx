#include "Samples.h"
#include "serval/Core/Error.h"
#include "serval/Evaluation/Comparison.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

namespace serval
{
namespace
{

// Ovarian cancer: albumin, total protein, 10 - K-G score, outcome (DeLong 1988; SAS/STAT LOGISTIC, "Comparing ROC curves").
constexpr double ovarian[][4]{
  { 3.0, 5.8, 0, 0 }, { 3.2, 6.3, 5, 1 }, { 3.9, 6.8, 7, 1 }, { 2.8, 4.8, 4, 0 }, { 3.2, 5.8, 7, 1 },
  { 0.9, 4.0, 5, 0 }, { 2.5, 5.7, 2, 0 }, { 1.6, 5.6, 5, 1 }, { 3.8, 5.7, 5, 1 }, { 3.7, 6.7, 4, 1 },
  { 3.2, 5.4, 6, 1 }, { 3.8, 6.6, 4, 1 }, { 4.1, 6.6, 5, 1 }, { 3.6, 5.7, 5, 1 }, { 4.3, 7.0, 6, 1 },
  { 3.6, 6.7, 6, 0 }, { 2.3, 4.4, 4, 1 }, { 4.2, 7.6, 6, 0 }, { 4.0, 6.6, 4, 0 }, { 3.5, 5.8, 4, 1 },
  { 3.8, 6.8, 3, 1 }, { 3.0, 4.7, 2, 0 }, { 4.5, 7.4, 5, 1 }, { 3.7, 7.4, 5, 1 }, { 3.1, 6.6, 4, 1 },
  { 4.1, 8.2, 4, 1 }, { 4.3, 7.0, 5, 1 }, { 4.3, 6.5, 6, 1 }, { 3.2, 5.1, 5, 1 }, { 2.6, 4.7, 4, 1 },
  { 3.3, 6.8, 4, 0 }, { 1.7, 4.0, 3, 0 }, { 3.7, 6.1, 5, 1 }, { 3.3, 6.3, 3, 1 }, { 4.2, 7.7, 4, 1 },
  { 3.5, 6.2, 5, 1 }, { 2.9, 5.7, 1, 0 }, { 2.1, 4.8, 3, 1 }, { 2.8, 6.2, 2, 0 }, { 4.0, 7.0, 3, 1 },
  { 3.3, 5.7, 4, 1 }, { 3.7, 6.9, 5, 1 }, { 3.6, 6.6, 5, 1 }
};
constexpr int albumin = 0, protein = 1, kg = 2;

Predictions Ovarian(int column, const std::string & name)
{
  std::vector<std::pair<double, int>> scores;
  for (const auto & row : ovarian)
    scores.emplace_back(row[column] / 10, static_cast<int>(row[3]));
  return OneRowEach(name, scores);
}

std::string MessageOf(const std::function<void()> & action)
{
  try
  {
    action();
  }
  catch (const Error & error)
  {
    EXPECT_EQ(error.Kind(), Fault::Input) << error.what();
    return error.what();
  }
  return "nothing was thrown";
}

TEST(Metrics, OvarianAreasAreThePublishedOnes)
{
  EXPECT_NEAR(Evaluate(Ovarian(albumin, "albumin"), Metric::Auc), 0.736559, 1e-6);
  EXPECT_NEAR(Evaluate(Ovarian(kg, "K-G"), Metric::Auc), 0.725806, 1e-6);
  EXPECT_NEAR(Evaluate(Ovarian(protein, "total protein"), Metric::Auc), 0.647849, 1e-6);
}

TEST(DeLong, OvarianDifferenceIsThePublishedOne)
{
  const auto test = DeLongTest(Ovarian(albumin, "albumin"), Ovarian(kg, "K-G"), {});
  EXPECT_NEAR(test.difference, 0.010753, 1e-6);
  EXPECT_NEAR(test.standardError, 0.095344, 1e-6);
  EXPECT_NEAR(test.statistic * test.statistic, 0.012719, 1e-6);
  EXPECT_NEAR(test.p, 0.91021, 1e-5);
}

TEST(DeLong, OvarianProteinIsThePublishedOne)
{
  const auto test = DeLongTest(Ovarian(protein, "total protein"), Ovarian(kg, "K-G"), {});
  EXPECT_NEAR(test.difference, -0.077957, 1e-6);
  EXPECT_NEAR(test.standardError, 0.104610, 1e-6);
  EXPECT_NEAR(test.statistic * test.statistic, 0.555350, 1e-6);
  EXPECT_NEAR(test.p, 0.45614, 1e-5);
  EXPECT_NEAR(test.high - test.low, 2 * 1.959964 * test.standardError, 1e-6);
}

TEST(DeLong, OvarianCovarianceAndJointTestAreThePublishedOnes)
{
  const auto joint = TestAllAucs({ Ovarian(albumin, "albumin"), Ovarian(kg, "K-G"), Ovarian(protein, "total protein") });
  const double aucs[]{ 0.736559, 0.725806, 0.647849 };
  const double covariance[3][3]{ { .00859224, .00503706, .00774453 }, { .00503706, .01057228, .00481930 }, { .00774453, .00481930, .01000948 } };
  for (std::size_t i = 0; i < 3; ++i)
  {
    EXPECT_NEAR(joint.aucs[i], aucs[i], 1e-6);
    for (std::size_t j = 0; j < 3; ++j)
      EXPECT_NEAR(joint.covariance[i][j], covariance[i][j], 1e-8);
  }
  EXPECT_EQ(joint.test.degrees, 2);
  EXPECT_NEAR(joint.test.statistic, 2.53398, 1e-5);
  EXPECT_NEAR(joint.test.p, 0.28168, 1e-5);
  const auto same = TestAllAucs({ Ovarian(albumin, "a"), Ovarian(albumin, "b") });
  EXPECT_EQ(same.test.p, 1);
  EXPECT_EQ(same.test.degrees, 0);
}

TEST(Obuchowski, IsDeLongForOneRowEachAndWiderForClusters)
{
  const auto a = Ovarian(albumin, "a"), b = Ovarian(protein, "b");
  EXPECT_NEAR(ObuchowskiTest(a, b, {}).standardError, DeLongTest(a, b, {}).standardError, 1e-12);
  auto twiceA = a, twiceB = b; // each row once more: a patient tells no more by being written twice
  for (const auto & model : { &twiceA, &twiceB })
  {
    const auto rows = model->rows;
    for (auto row : rows)
    {
      row.unitId += "again";
      model->rows.push_back(row);
    }
  }
  EXPECT_THROW(DeLongTest(twiceA, twiceB, {}), Error);
  EXPECT_NEAR(ObuchowskiTest(twiceA, twiceB, {}).standardError, ObuchowskiTest(a, b, {}).standardError, 1e-12);
  EXPECT_NEAR(ObuchowskiTest(twiceA, twiceB, {}).p, ObuchowskiTest(a, b, {}).p, 1e-12);
}

// Patients with positives and negatives, whose scores share an offset; the truth is the spread over simulated data sets.
TEST(Obuchowski, EstimatesTheVarianceOfMixedClusters)
{
  double sum = 0, squares = 0, estimated = 0;
  for (std::uint64_t seed = 1; seed <= 400; ++seed)
  {
    std::mt19937_64 random(seed);
    const auto      noise = [&] { return Uniform01(random) + Uniform01(random) + Uniform01(random) - 1.5; };
    Predictions     a{ "a", { "negative", "positive" }, {}, Unit::Patch }, b{ "b", { "negative", "positive" }, {}, Unit::Patch };
    for (int patient = 0; patient < 40; ++patient)
    {
      const double offset = noise();
      for (int i = 0; i < 4; ++i)
        for (auto * model : { &a, &b })
        {
          const double score = 1 / (1 + std::exp(-(i % 2) - offset - noise() * (model == &a ? 1 : 2)));
          model->rows.push_back({ std::to_string(patient), std::to_string(i), "", i % 2, { 1 - score, score } });
        }
    }
    const auto test = ObuchowskiTest(a, b, {});
    sum += test.difference / 400;
    squares += test.difference * test.difference / 400;
    estimated += test.standardError * test.standardError / 400;
  }
  EXPECT_NEAR(std::sqrt(estimated / (squares - sum * sum)), 1, 0.08); // the ratio's own error is 3.5 %
}

TEST(DeLong, HasNoPWhereTheDifferenceHasNoVariance)
{
  const auto right = OneRowEach("right", { { 0.9, 1 }, { 0.8, 1 }, { 0.1, 0 }, { 0.2, 0 } });
  const auto wrong = OneRowEach("wrong", { { 0.1, 1 }, { 0.2, 1 }, { 0.9, 0 }, { 0.8, 0 } });
  const auto test = DeLongTest(right, wrong, {});
  EXPECT_EQ(test.difference, 1);
  EXPECT_TRUE(std::isnan(test.p));
}

TEST(DeLong, AModelAgainstItselfShowsNothing)
{
  const auto test = DeLongTest(Ovarian(albumin, "a"), Ovarian(albumin, "b"), {});
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

double Detail(const TestResult & result, const std::string & name)
{
  for (const auto & [key, value] : result.details)
    if (key == name)
      return value;
  return std::numeric_limits<double>::quiet_NaN();
}

TEST(McNemar, KnownCounts)
{
  const auto [a, b] = Discordant(150, 86, 10);
  const auto test = McNemarTest(a, b, {});
  EXPECT_NEAR(test.statistic, 16.818, 1e-3);
  EXPECT_NEAR(test.p, 3.716e-05, 1e-8);
  EXPECT_NEAR(Detail(test, "pAsymptotic"), 4.115e-05, 1e-8);
  EXPECT_NEAR(Detail(test, "chiSquare"), 17.356, 1e-3);
  EXPECT_NEAR(Detail(test, "pChiSquare"), 3.10e-05, 5e-8);
  const auto [c, d] = Discordant(11, 1, 5);
  EXPECT_NEAR(McNemarTest(c, d, {}).p, 0.006348, 1e-6);
  const auto [e, f] = Discordant(25, 15, 3);
  EXPECT_NEAR(McNemarTest(e, f, {}).statistic, 2.025, 1e-12);
  EXPECT_NEAR(Detail(McNemarTest(e, f, {}), "pAsymptotic"), 0.154729, 1e-6);
  const auto [g, h] = Discordant(59, 121, 0);
  EXPECT_NEAR(McNemarTest(g, h, {}).statistic, 20.672222, 1e-6);
  EXPECT_NEAR(Detail(McNemarTest(g, h, {}), "pAsymptotic"), 5.45e-06, 5e-9);
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

// Every exchange done on the rows themselves, each AUC by its definition.
TEST(Permutation, AucIsThatOfExchangedRows)
{
  std::mt19937_64                     random(3);
  std::vector<std::pair<double, int>> scores[2];
  for (int i = 0; i < 14; ++i)
    for (auto & model : scores)
      model.emplace_back(std::round(Uniform01(random) * 6) / 6, i % 2); // with ties
  auto a = OneRowEach("a", scores[0]), b = OneRowEach("b", scores[1]);
  for (auto * model : { &a, &b })
    for (std::size_t i = 0; i < 14; ++i)
      model->rows[i].patient = "q" + std::to_string(i / 3);
  ComparisonPlan plan;
  plan.metric = Metric::Auc;
  const double observed = std::abs(Evaluate(a, Metric::Auc) - Evaluate(b, Metric::Auc));
  double       asExtreme = 0;
  for (int exchange = 0; exchange < 32; ++exchange)
  {
    auto x = a, y = b;
    for (std::size_t i = 0; i < 14; ++i)
      if ((exchange >> (i / 3)) & 1)
        std::swap(x.rows[i].probabilities, y.rows[i].probabilities);
    asExtreme += std::abs(Evaluate(x, Metric::Auc) - Evaluate(y, Metric::Auc)) >= observed - 1e-12;
  }
  const auto test = PermutationTest(a, b, plan);
  EXPECT_NEAR(std::abs(test.difference), observed, 1e-12);
  EXPECT_DOUBLE_EQ(test.p, asExtreme / 32);
}

// Classes and repeats of unequal size.
TEST(Permutation, DifferenceIsThatOfTheMetrics)
{
  auto a = Clustered("a", 0.6, 1, 9, 7), b = Clustered("b", 0.6, 2, 9, 7);
  for (auto * model : { &a, &b })
  {
    for (std::size_t i = 0; i < 20; ++i)
      model->rows[i].repeat = "1";
    model->rows.erase(model->rows.begin() + 30, model->rows.begin() + 34);
  }
  for (const auto metric : { Metric::Accuracy, Metric::BalancedAccuracy, Metric::Auc })
  {
    ComparisonPlan plan;
    plan.metric = metric;
    const double expected = Evaluate(a, metric) - Evaluate(b, metric);
    EXPECT_GT(std::abs(expected), 1e-3);
    EXPECT_NEAR(PermutationTest(a, b, plan).difference, expected, 1e-12) << ToText(metric);
    EXPECT_NEAR(BootstrapTest(a, b, plan).difference, expected, 1e-12) << ToText(metric);
  }
}

// Repeats of one patient are exchanged together: ten equal repeats tell no more than one.
TEST(Permutation, RepeatsDoNotMultiplyPatients)
{
  auto       a = Discordant(6, 0, 2).first, b = Discordant(6, 0, 2).second;
  const auto rowsA = a.rows, rowsB = b.rows;
  for (int repeat = 1; repeat < 10; ++repeat)
    for (std::size_t i = 0; i < rowsA.size(); ++i)
    {
      a.rows.push_back(rowsA[i]);
      b.rows.push_back(rowsB[i]);
      a.rows.back().repeat = b.rows.back().repeat = std::to_string(repeat);
    }
  for (const auto metric : { Metric::Accuracy, Metric::BalancedAccuracy })
  {
    ComparisonPlan plan;
    plan.metric = metric;
    EXPECT_DOUBLE_EQ(PermutationTest(a, b, plan).p, 2.0 / 64);
  }
  const auto once = BootstrapTest(Discordant(6, 0, 2).first, Discordant(6, 0, 2).second, {}), tenfold = BootstrapTest(a, b, {});
  EXPECT_NEAR(tenfold.standardError, once.standardError, 1e-12);
  EXPECT_NEAR(tenfold.difference, once.difference, 1e-12);
  EXPECT_THROW(McNemarTest(a, b, {}), Error);
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
  const auto a = Clustered("a", 0.9, 1), shorter = Clustered("b", 0.9, 1, 19);
  const auto message = MessageOf([&] { PermutationTest(a, shorter, {}); });
  EXPECT_NE(message.find("10 of 'a' and 0 of 'b'"), std::string::npos) << message;
  EXPECT_NE(message.find("patient 'p19', unit '1900', repeat '0' of 'a'"), std::string::npos) << message;
  auto b = a;
  b.rows[3].truth = 1 - b.rows[3].truth;
  EXPECT_NE(MessageOf([&] { BootstrapTest(a, b, {}); }).find("whose truth differs"), std::string::npos);
  b = a;
  b.rows[3] = b.rows[4];
  EXPECT_NE(MessageOf([&] { PermutationTest(a, b, {}); }).find("twice"), std::string::npos);
  b = a;
  b.classNames[0] = "z";
  EXPECT_NE(MessageOf([&] { PermutationTest(a, b, {}); }).find("different classes"), std::string::npos);
}

TEST(Comparison, RowsMayComeInAnyOrder)
{
  const auto a = Clustered("a", 0.9, 1), b = Clustered("b", 0.4, 2);
  auto       reversed = b;
  std::reverse(reversed.rows.begin(), reversed.rows.end());
  EXPECT_EQ(PermutationTest(a, b, {}).p, PermutationTest(a, reversed, {}).p);
  EXPECT_EQ(BootstrapTest(a, b, {}).p, BootstrapTest(a, reversed, {}).p);
}

TEST(Comparison, AnAbsentClassLeavesTheAucUndefined)
{
  const auto     a = OneRowEach("a", { { 0.9, 1 }, { 0.8, 1 }, { 0.3, 1 } });
  ComparisonPlan plan;
  plan.metric = Metric::Auc;
  for (const char * test : { "permutation", "bootstrap" })
    EXPECT_NE(MessageOf([&] { CompareBy(test, a, a, plan); }).find("a class has no row"), std::string::npos);
}

} // namespace
} // namespace serval
