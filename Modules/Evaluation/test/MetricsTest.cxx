#include "Samples.h"
#include "serval/Core/Error.h"
#include "serval/Evaluation/Comparison.h"

#include <gtest/gtest.h>

#include <cmath>

namespace serval
{
namespace
{

// Three classes; the confusion (rows: truth) is 2 1 0 / 0 1 1 / 0 0 3.
Predictions ThreeClasses()
{
  Predictions predictions{ "m", { "a", "b", "c" }, {}, Unit::Patient };
  const int   decisions[][2]{ { 0, 0 }, { 0, 0 }, { 0, 1 }, { 1, 1 }, { 1, 2 }, { 2, 2 }, { 2, 2 }, { 2, 2 } };
  int         patient = 0;
  for (const auto & [truth, decision] : decisions)
  {
    std::vector<double> p(3, 0.2);
    p[static_cast<std::size_t>(decision)] = 0.6;
    const auto id = std::to_string(patient++);
    predictions.rows.push_back({ id, id, "", truth, p });
  }
  return predictions;
}

Predictions Scored() { return OneRowEach("m", { { 0.9, 1 }, { 0.8, 0 }, { 0.7, 1 }, { 0.3, 1 }, { 0.3, 0 }, { 0.1, 0 } }); }

TEST(Metrics, OfTheConfusionMatrix)
{
  const auto p = ThreeClasses();
  EXPECT_NEAR(Evaluate(p, Metric::Accuracy), 6 / 8.0, 1e-12);
  EXPECT_NEAR(Evaluate(p, Metric::MicroF1), 6 / 8.0, 1e-12);
  EXPECT_NEAR(Evaluate(p, Metric::BalancedAccuracy), (2 / 3.0 + 0.5 + 1) / 3, 1e-12);
  EXPECT_NEAR(Evaluate(p, Metric::MacroF1), (4 / 5.0 + 2 / 4.0 + 6 / 7.0) / 3, 1e-12);
  const double chance = 3 * 2 + 2 * 2 + 3 * 4; // of 64
  EXPECT_NEAR(Evaluate(p, Metric::Kappa), (6 * 8 - chance) / (64 - chance), 1e-12);
  EXPECT_NEAR(Evaluate(p, Metric::Mcc), (6 * 8 - chance) / std::sqrt((64.0 - 22) * (64 - 24)), 1e-12);
  EXPECT_NEAR(Evaluate(p, { Metric::Recall, 0 }), 2 / 3.0, 1e-12);
  EXPECT_NEAR(Evaluate(p, { Metric::Precision, 2 }), 3 / 4.0, 1e-12);
  EXPECT_NEAR(Evaluate(p, { Metric::F1, 1 }), 0.5, 1e-12);
  EXPECT_NEAR(Evaluate(p, { Metric::Specificity, 2 }), 4 / 5.0, 1e-12);
}

TEST(Metrics, OfTheRanking)
{
  const auto p = Scored();
  EXPECT_NEAR(Evaluate(p, Metric::Auc), (3 + 2 + 1.5) / 9, 1e-12);
  EXPECT_NEAR(Evaluate(p, Metric::HandTill), Evaluate(p, Metric::Auc), 1e-12);
  EXPECT_NEAR(Evaluate(p, { Metric::Auc, 0 }), Evaluate(p, Metric::Auc), 1e-12);
  EXPECT_NEAR(Evaluate(p, Metric::AveragePrecision), (1 + 2 / 3.0 + 3 / 5.0) / 3, 1e-12); // the tie is one step
  const auto three = ThreeClasses();
  EXPECT_NEAR(Evaluate(three, { Metric::Auc, 2 }), (3 * 4 + 3 * 0.5) / 15, 1e-12);
}

TEST(Metrics, OfTheProbabilities)
{
  const auto p = Scored();
  double     loss = 0, brier = 0;
  for (const auto & row : p.rows)
  {
    loss -= std::log(row.probabilities[static_cast<std::size_t>(row.truth)]) / 6;
    brier += std::pow(row.probabilities[1] - row.truth, 2) / 6;
  }
  EXPECT_NEAR(Evaluate(p, Metric::LogLoss), loss, 1e-12);
  EXPECT_NEAR(Evaluate(p, Metric::Brier), brier, 1e-12);
  EXPECT_NEAR(Evaluate(ThreeClasses(), Metric::Brier), (6 * (0.16 + 0.08) + 2 * (0.36 + 0.64 + 0.04)) / 8, 1e-12);
  // Decisions' probabilities 0.9 0.8 0.7 0.7 0.7 0.9, right 1 0 1 0 1 1: bins (0.67, 0.73], (0.73, 0.8] and (0.87, 0.93].
  EXPECT_NEAR(Evaluate(p, Metric::Ece), (std::abs(2 - 2.1) + std::abs(0 - 0.8) + std::abs(2 - 1.8)) / 6, 1e-12);
}

TEST(Metrics, CalibrationSlopeTellsOverconfidence)
{
  std::mt19937_64                     random(2);
  std::vector<std::pair<double, int>> honest, bold;
  for (int i = 0; i < 20000; ++i)
  {
    const double logit = 4 * Uniform01(random) - 2;
    const int    truth = Uniform01(random) < 1 / (1 + std::exp(-logit));
    honest.emplace_back(1 / (1 + std::exp(-logit)), truth);
    bold.emplace_back(1 / (1 + std::exp(-2 * logit)), truth);
  }
  EXPECT_NEAR(Evaluate(OneRowEach("m", honest), Metric::CalibrationSlope), 1, 0.06);
  EXPECT_NEAR(Evaluate(OneRowEach("m", bold), Metric::CalibrationSlope), 0.5, 0.03);
  EXPECT_TRUE(std::isnan(Evaluate(OneRowEach("m", { { 0.9, 1 }, { 0.1, 0 } }), Metric::CalibrationSlope))); // separated
}

TEST(Metrics, AreAnsweredWhereTheyAreNotDefined)
{
  const auto one = OneRowEach("m", { { 0.9, 1 }, { 0.8, 1 } });
  for (const Metric metric : { Metric(Metric::Auc), Metric(Metric::HandTill), Metric(Metric::Kappa), Metric(Metric::Precision, 0), Metric(Metric::Recall, 0) })
    EXPECT_TRUE(std::isnan(Evaluate(one, metric))) << ToText(metric);
  EXPECT_EQ(Evaluate(one, Metric::Mcc), 0);
  EXPECT_EQ(Evaluate(one, Metric::Accuracy), 1);
}

TEST(Metrics, HaveNames)
{
  auto words = MetricWords();
  EXPECT_EQ(words.size() + ClassMetricWords().size(), 17U);
  for (const auto & word : words)
    EXPECT_EQ(WordOf(MetricFrom(word)), word);
  EXPECT_EQ(MetricFrom("recall", { "a", "b", "c" }, "b"), Metric(Metric::Recall, 1));
  EXPECT_EQ(MetricFrom("auc", { "a", "b" }, "a"), Metric(Metric::Auc, 0));
  EXPECT_THROW(MetricFrom("recall", { "a", "b", "c" }), Error);
  EXPECT_THROW(MetricFrom("recall", { "a", "b" }, "z"), Error);
  EXPECT_THROW(MetricFrom("kappa", { "a", "b" }, "a"), Error);
  EXPECT_THROW(MetricFrom("acuracy"), Error);
}

TEST(Intervals, WilsonAndClopperPearsonAreTheTabulatedOnes)
{
  const auto wilson = WilsonInterval(8, 10, 0.95), exact = ClopperPearsonInterval(8, 10, 0.95);
  EXPECT_NEAR(wilson.low, 0.4902, 5e-5);
  EXPECT_NEAR(wilson.high, 0.9433, 5e-5);
  EXPECT_NEAR(exact.low, 0.4439, 5e-5);
  EXPECT_NEAR(exact.high, 0.9748, 5e-5);
  EXPECT_EQ(WilsonInterval(0, 5, 0.95).low, 0);
  EXPECT_EQ(ClopperPearsonInterval(5, 5, 0.95).high, 1);
  EXPECT_NEAR(ClopperPearsonInterval(5, 5, 0.95).low, std::pow(0.025, 0.2), 1e-9);
  EXPECT_THROW(WilsonInterval(3, 0, 0.95), Error);
}

TEST(Intervals, DoNotDependOnThreads)
{
  const auto    p = Clustered("m", 0.7, 5);
  BootstrapPlan plan;
  for (const auto kind : { BootstrapPlan::Kind::Percentile, BootstrapPlan::Kind::Bca })
  {
    plan.kind = kind;
    plan.threads = 1;
    const auto one = BootstrapInterval(p, Metric::Auc, plan);
    plan.threads = 3;
    const auto three = BootstrapInterval(p, Metric::Auc, plan);
    EXPECT_EQ(one.low, three.low);
    EXPECT_EQ(one.high, three.high);
  }
}

// Efron and Tibshirani's reason for BCa: a skewed statistic moves the limits the way of its long tail.
TEST(Intervals, BcaMovesWithTheSkew)
{
  std::vector<std::pair<double, int>> scores;
  for (int i = 0; i < 60; ++i)
    scores.emplace_back(i < 57 ? 0.9 : 0.1, 1);
  const auto    p = OneRowEach("m", scores);
  BootstrapPlan plan;
  const auto    percentile = BootstrapInterval(p, Metric::Accuracy, plan);
  plan.kind = BootstrapPlan::Kind::Bca;
  const auto bca = BootstrapInterval(p, Metric::Accuracy, plan);
  EXPECT_LT(bca.low, percentile.low);
  EXPECT_LT(bca.high, 1);
}

// Training runs that differ are part of the uncertainty: patients are the same, repeats are not.
TEST(Intervals, RepeatsAreDrawnToo)
{
  Predictions p{ "m", { "a", "b" }, {}, Unit::Patient };
  for (int repeat = 0; repeat < 4; ++repeat)
    for (int patient = 0; patient < 40; ++patient)
    {
      const double right = repeat % 2 == 0 ? 0.9 : 0.2;
      const auto   id = std::to_string(patient);
      p.rows.push_back({ id, id, std::to_string(repeat), 0, { right, 1 - right } });
    }
  const auto interval = BootstrapInterval(p, Metric::Accuracy, {});
  EXPECT_NEAR(interval.value, 0.5, 1e-12);
  EXPECT_LT(interval.low, 0.1);
  EXPECT_GT(interval.high, 0.9);
  EXPECT_NE(interval.method.find("repeats"), std::string::npos);
}

TEST(Intervals, DeLongsIsThatOfThePublishedError)
{
  const auto p = OneRowEach("m", { { 0.9, 1 }, { 0.8, 0 }, { 0.7, 1 }, { 0.3, 1 }, { 0.3, 0 }, { 0.1, 0 } });
  const auto interval = DeLongInterval(p, 0.95);
  EXPECT_NEAR(interval.value, 6.5 / 9, 1e-12);
  // Shares of negatives below the positives 1, 2/3, 1/2; of positives above the negatives 1/3, 5/6, 1.
  const auto   variance = [](double a, double b, double c) { const double m = (a + b + c) / 3; return (std::pow(a - m, 2) + std::pow(b - m, 2) + std::pow(c - m, 2)) / 2; };
  const double error = std::sqrt(variance(1, 2 / 3.0, 0.5) / 3 + variance(1 / 3.0, 5 / 6.0, 1) / 3), auc = 6.5 / 9;
  EXPECT_NEAR(std::log(interval.high / (1 - interval.high)) - std::log(auc / (1 - auc)), 1.959964 * error / (auc * (1 - auc)), 1e-5);
  EXPECT_TRUE(std::isnan(DeLongInterval(OneRowEach("m", { { 0.9, 1 }, { 0.8, 1 }, { 0.1, 0 }, { 0.2, 0 } }), 0.95).low));
  EXPECT_THROW(DeLongInterval(ThreeClasses(), 0.95), Error);
}

} // namespace
} // namespace serval
