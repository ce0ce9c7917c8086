#include "serval/Core/Error.h"
#include "serval/Core/Random.h"
#include "serval/Evaluation/Selection.h"

#include <gtest/gtest.h>

#include <numeric>
#include <random>

namespace serval
{
namespace
{

/// Models that decide rightly with these chances, each on its own.
std::vector<Predictions> Draw(const std::vector<double> & skills, int patients, std::mt19937_64 & random)
{
  std::vector<Predictions> models(skills.size());
  for (std::size_t m = 0; m < skills.size(); ++m)
  {
    models[m].name = Concat("arm", m);
    models[m].classNames = { "no", "yes" };
    models[m].unit = Unit::Patient;
    for (int p = 0; p < patients; ++p)
    {
      const int    truth = p % 2;
      const bool   right = Uniform01(random) < skills[m];
      const double yes = (truth == 1) == right ? 0.8 : 0.2;
      models[m].rows.push_back({ Concat("p", p), "", "", truth, { 1 - yes, yes } });
    }
  }
  return models;
}

TEST(Selection, TenEqualArmsAreNotFlattered)
{
  std::mt19937_64 random(11);
  double          apparent = 0, corrected = 0;
  const int       studies = 200;
  for (int study = 0; study < studies; ++study)
  {
    const auto models = Draw(std::vector<double>(10, 0.7), 60, random);
    BootstrapPlan plan;
    plan.samples = 100;
    plan.seed = static_cast<std::uint64_t>(study);
    const auto chosen = SelectBest(models, Metric::Accuracy, plan);
    apparent += chosen.apparent.value / studies;
    corrected += chosen.corrected.value / studies;
  }
  RecordProperty("apparent", std::to_string(apparent));
  RecordProperty("corrected", std::to_string(corrected));
  EXPECT_GT(apparent, 0.76); // the best of ten looks six points better than it is
  EXPECT_NEAR(corrected, 0.7, 0.012);
}

TEST(Selection, AClearlyBetterArmIsChosenAndKeepsItsValue)
{
  std::mt19937_64 random(3);
  const auto      chosen = SelectBest(Draw({ 0.6, 0.95, 0.6 }, 200, random), Metric::Accuracy, {});
  EXPECT_EQ(chosen.name, "arm1");
  EXPECT_NEAR(chosen.corrected.value, chosen.apparent.value, 0.01);
  EXPECT_GT(chosen.chosenShare[1], 0.99);
  EXPECT_NEAR(std::accumulate(chosen.chosenShare.begin(), chosen.chosenShare.end(), 0.0), 1, 1e-9);
  EXPECT_LE(chosen.corrected.low, chosen.corrected.value);
  EXPECT_GE(chosen.corrected.high, chosen.corrected.value);
}

TEST(Selection, WhatCannotBeChosenIsRefused)
{
  std::mt19937_64 random(3);
  auto            models = Draw({ 0.6, 0.7 }, 10, random);
  EXPECT_THROW(SelectBest({ models[0] }, Metric::Accuracy, {}), Error);
  models[1].rows.pop_back();
  EXPECT_THROW(SelectBest(models, Metric::Accuracy, {}), Error);
}

} // namespace
} // namespace serval
