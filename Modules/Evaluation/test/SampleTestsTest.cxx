#include "serval/Core/Error.h"
#include "serval/Core/Random.h"
#include "serval/Evaluation/SampleTests.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace serval
{
namespace
{

// Areas under the curve of C4.5, +m, +cf and +m+cf on 14 data sets.
const std::vector<std::vector<double>> trees{
  { .763, .768, .771, .798 }, { .599, .591, .590, .569 }, { .954, .971, .968, .967 }, { .628, .661, .654, .657 }, { .882, .888, .886, .898 },
  { .936, .931, .916, .931 }, { .661, .668, .609, .685 }, { .583, .583, .563, .625 }, { .775, .838, .866, .875 }, { 1, 1, 1, 1 },
  { .940, .962, .965, .962 }, { .619, .666, .614, .669 }, { .972, .981, .975, .975 }, { .957, .978, .946, .970 }
};
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

std::vector<double> Gains()
{
  std::vector<double> gains; // in thousandths, so that equal gains tie exactly
  for (const auto & row : trees)
    gains.push_back(std::round(1000 * (row[1] - row[0])));
  return gains;
}

TEST(NadeauBengio, CorrectsTheTOfTenFolds)
{
  const std::vector<double> x{ .02, .01, .03, 0, .02, .04, -.01, .02, .03, .01 };
  const auto                test = NadeauBengioTest(x, 1.0 / 9);
  EXPECT_NEAR(test.statistic, 2.47581, 5e-6);
  EXPECT_NEAR(test.p, 0.03523, 5e-6);
  EXPECT_EQ(test.degrees, 9);
}

TEST(NadeauBengio, AnswersOrRefusesDegenerateFolds)
{
  EXPECT_EQ(NadeauBengioTest(std::vector<double>(5, 0.0), 0.25).p, 1);
  EXPECT_TRUE(std::isnan(NadeauBengioTest(std::vector<double>(5, 0.1), 0.25).p));
  EXPECT_THROW(NadeauBengioTest(std::vector{ 0.1 }, 0.25), Error);
  EXPECT_THROW(NadeauBengioTest(std::vector{ 0.1, nan }, 0.25), Error);
  EXPECT_THROW(NadeauBengioTest(std::vector{ 0.1, 0.2 }, 0), Error);
}

TEST(Wilcoxon, SplitsZerosAsInTheTable)
{
  const auto test = WilcoxonTest(Gains(), ZeroRule::Split);
  EXPECT_EQ(test.positive, 93);
  EXPECT_EQ(test.negative, 12);
  EXPECT_NEAR(test.z, -2.542, 5e-4);
  EXPECT_FALSE(test.exact);
}

TEST(Wilcoxon, DroppingZerosIsAnotherTest)
{
  const auto test = WilcoxonTest(Gains(), ZeroRule::Drop);
  EXPECT_EQ(test.positive + test.negative, 12 * 13 / 2);
  EXPECT_NE(test.rule, WilcoxonTest(Gains(), ZeroRule::Split).rule);
}

TEST(Wilcoxon, IsExactForFewDifferences)
{
  EXPECT_DOUBLE_EQ(WilcoxonTest(std::vector{ 1.0, 2.0, 3.0, 4.0, 5.0 }, ZeroRule::Drop).p, 2.0 / 32);
  EXPECT_DOUBLE_EQ(WilcoxonTest(std::vector{ -1.0, 2.0, 3.0, 4.0, 5.0 }, ZeroRule::Drop).p, 4.0 / 32);
  EXPECT_EQ(WilcoxonTest(std::vector{ 0.0, 0.0 }, ZeroRule::Drop).p, 1);
  EXPECT_EQ(WilcoxonTest(std::vector{ 0.0, 0.0 }, ZeroRule::Split).p, 1);
  EXPECT_THROW(WilcoxonTest(std::vector{ nan }, ZeroRule::Drop), Error);
}

TEST(Friedman, GivesTheRanksAndStatisticsOfTheTable)
{
  const auto   test = FriedmanTest(trees);
  const double expected[]{ 3.1429, 2.0, 2.9286, 1.9286 };
  for (std::size_t i = 0; i < 4; ++i)
    EXPECT_NEAR(test.meanRanks[i], expected[i], 5e-5);
  EXPECT_NEAR(test.chiSquare.statistic, 9.857, 5e-4);
  EXPECT_NEAR(test.imanDavenport.statistic, 3.987, 5e-4);
  EXPECT_NEAR(test.imanDavenport.p, .01435, 5e-6);
}

TEST(Friedman, CorrectsForTies)
{
  const auto test = FriedmanTest(trees);
  EXPECT_NEAR(test.tieCorrected.statistic, 10.952, 5e-4);
  EXPECT_NEAR(test.tieCorrected.p, .01199, 5e-6);
  EXPECT_TRUE(std::isnan(FriedmanTest({ { 1, 1 }, { 2, 2 } }).tieCorrected.p));
}

TEST(CriticalDifferences, AreThoseOfTheTable)
{
  EXPECT_NEAR(NemenyiDifference(4, 14, 0.05), 1.25, 0.005);
  EXPECT_NEAR(NemenyiDifference(4, 14, 0.10), 1.12, 0.005);
  EXPECT_NEAR(NemenyiDifference(4, 14, 0.05) / std::sqrt(4 * 5 / (6 * 14.0)), 2.569, 5e-4); // q over sqrt 2
  EXPECT_NEAR(NemenyiDifference(4, 14, 0.10) / std::sqrt(4 * 5 / (6 * 14.0)), 2.291, 5e-4);
  EXPECT_NEAR(BonferroniDunnDifference(4, 14, 0.05), 1.168, 5e-4);
  EXPECT_NEAR(BonferroniDunnDifference(4, 14, 0.10), 1.04, 0.005);
  EXPECT_NEAR(NemenyiP(NemenyiDifference(4, 14, 0.05), 4, 14), 0.05, 1e-9);
  EXPECT_NEAR(RangeBelow(1.96 * std::sqrt(2.0), 2), 0.95, 1e-4); // of two: a normal difference
  EXPECT_EQ(NemenyiP(0, 3, 5), 1);
  EXPECT_THROW(NemenyiDifference(1, 14, 0.05), Error);
  EXPECT_THROW(NemenyiDifference(4, 14, 1), Error);
}

TEST(Friedman, AnswersAgreementAndRefusesHoles)
{
  EXPECT_TRUE(std::isnan(FriedmanTest({ { 1, 2 }, { 1, 2 }, { 3, 4 } }).imanDavenport.p));
  EXPECT_NEAR(FriedmanTest({ { 1, 1 }, { 2, 2 } }).chiSquare.p, 1, 1e-12);
  EXPECT_THROW(FriedmanTest({ { 1, 2 } }), Error);
  EXPECT_THROW(FriedmanTest({ { 1, 2 }, { 1 } }), Error);
  EXPECT_THROW(FriedmanTest({ { 1, 2 }, { 1, nan } }), Error);
}

TEST(Sign, CountsWithoutZeros)
{
  const auto test = SignTest(Gains());
  EXPECT_EQ(test.positive, 10);
  EXPECT_EQ(test.negative, 2);
  EXPECT_NEAR(test.p, 2 * (1 + 12 + 66) / 4096.0, 1e-12);
  EXPECT_EQ(SignTest(std::vector{ 0.0 }).p, 1);
  EXPECT_THROW(SignTest({}), Error);
}

// By hand: all repeats (0.02, 0.04) have variance 0.0002; F = 5 * 0.002 / (2 * 5 * 0.0002).
TEST(FiveByTwo, FollowsDietterichAndAlpaydin)
{
  const std::vector<double> x{ .02, .04, .02, .04, .02, .04, .02, .04, .02, .04 };
  const auto                test = FiveByTwoTest(x);
  EXPECT_NEAR(test.t.statistic, 0.02 / std::sqrt(0.0002), 1e-12);
  EXPECT_NEAR(test.f.statistic, 5, 1e-12);
  EXPECT_NEAR(test.f.p, 0.044808, 1e-6);
  EXPECT_EQ(FiveByTwoTest(std::vector<double>(10, 0.0)).f.p, 1);
  EXPECT_TRUE(std::isnan(FiveByTwoTest(std::vector<double>(10, 0.1)).f.p));
  EXPECT_THROW(FiveByTwoTest(std::vector<double>(8, 0.1)), Error);
}

// The posterior moments of baycomp's own example: mean 1 (y - x), variance 16 (1/3 + 1/2), 2 degrees of freedom.
TEST(Bayesian, HasThePublishedMoments)
{
  const std::vector<double> gains{ 1, 5, -3 };
  const auto                test = BayesianCorrelatedTest(gains, 0.5, 1);
  EXPECT_EQ(test.mean, 1);
  EXPECT_NEAR(test.scale * test.scale, 16 * (1.0 / 3 + 0.5), 1e-12);
  EXPECT_EQ(test.degrees, 2);
  EXPECT_NEAR(test.below + test.within + test.above, 1, 1e-12);
  EXPECT_NEAR(test.above, 0.5, 1e-12); // the mean is the upper end of the region
  EXPECT_EQ(BayesianCorrelatedTest(std::vector<double>(4, 0.0), 0.5, 0.01).within, 1);
  EXPECT_EQ(BayesianCorrelatedTest(std::vector<double>(4, 0.1), 0.5, 0.01).above, 1);
  EXPECT_THROW(BayesianCorrelatedTest(gains, 0.5, -1), Error);
}

TEST(Holm, KeepsOrderAndNeverExceedsOne)
{
  const auto corrected = HolmCorrected({ 0.01, 0.04, 0.03, 0.9 });
  EXPECT_DOUBLE_EQ(corrected[0], 0.04);
  EXPECT_DOUBLE_EQ(corrected[2], 0.09);
  EXPECT_DOUBLE_EQ(corrected[1], 0.09);
  EXPECT_DOUBLE_EQ(corrected[3], 0.9);
  const auto holed = HolmCorrected({ nan, 0.01 });
  EXPECT_TRUE(std::isnan(holed[0]));
  EXPECT_DOUBLE_EQ(holed[1], 0.02);
}

TEST(BenjaminiHochberg, StepsUp)
{
  const auto corrected = BenjaminiHochbergCorrected({ 0.01, 0.04, 0.03, 0.9 });
  EXPECT_DOUBLE_EQ(corrected[0], 0.04);
  EXPECT_DOUBLE_EQ(corrected[2], 0.04 * 4 / 3);
  EXPECT_DOUBLE_EQ(corrected[1], 0.04 * 4 / 3);
  EXPECT_DOUBLE_EQ(corrected[3], 0.9);
  EXPECT_TRUE(std::isnan(BenjaminiHochbergCorrected({ nan, 0.01 })[0]));
}

TEST(EffectSizes, FollowTheirDefinitions)
{
  const std::vector<double> d{ 1, 2, 3, -1 };
  const auto                effect = EffectSizeOf(d);
  EXPECT_NEAR(effect.cohen, 1.25 / std::sqrt(8.75 / 3), 1e-12);
  EXPECT_NEAR(effect.hedges, effect.cohen * (1 - 3.0 / 11), 1e-12);
  EXPECT_NEAR(effect.rankBiserial, (8.5 - 1.5) / 10, 1e-12);
  EXPECT_TRUE(std::isnan(EffectSizeOf(std::vector{ 0.0, 0.0 }).rankBiserial));
  EXPECT_DOUBLE_EQ(CliffDelta(std::vector{ 1.0, 2.0 }, std::vector{ 1.0, 0.0 }), (1 + 2 + 0) / 4.0);
  EXPECT_THROW(CliffDelta({}, std::vector{ 1.0 }), Error);
}

// Drawn from the model itself: seeds, folds and patients of known spread.
TEST(VarianceSplit, FindsTheSpreadItWasMadeWith)
{
  std::mt19937_64 random(4);
  const auto      normal = [&](double deviation) { // nearly: a sum of twelve
    double sum = -6;
    for (int i = 0; i < 12; ++i)
      sum += Uniform01(random);
    return deviation * sum;
  };
  constexpr std::size_t    seeds = 60, folds = 60, members = 8;
  std::vector<std::size_t> foldOf;
  std::vector<double>      mean;
  for (std::size_t f = 0; f < folds; ++f)
  {
    const double ofFold = normal(2);
    for (std::size_t i = 0; i < members + f % 3; ++i)
    {
      foldOf.push_back(f);
      mean.push_back(ofFold + normal(3));
    }
  }
  std::vector<std::vector<double>> rows;
  for (std::size_t s = 0; s < seeds; ++s)
  {
    const double ofSeed = normal(1.5);
    rows.emplace_back();
    for (const double m : mean)
      rows.back().push_back(m + ofSeed + normal(1));
  }
  const auto split = SplitVariance(rows, foldOf);
  EXPECT_NEAR(std::sqrt(split.rest), 1, 0.03);
  EXPECT_NEAR(std::sqrt(split.seed), 1.5, 0.3);
  EXPECT_NEAR(std::sqrt(split.patient), 3, 0.25);
  EXPECT_NEAR(std::sqrt(split.fold), 2, 0.5);
  EXPECT_THROW(SplitVariance({ rows[0] }, foldOf), Error);
  EXPECT_THROW(SplitVariance({ { 1, 2 }, { 1, 2 } }, { 0, 1 }), Error);
}

TEST(Kendall, AgreesWithPublishedVectors)
{
  const std::vector<double> a{ 1, 2, 3, 4, 5 }, b{ 1, 3, 2, 5, 4 }, reversed{ 5, 4, 3, 2, 1 };
  EXPECT_NEAR(KendallTau(a, b), 0.6, 1e-12);
  EXPECT_NEAR(KendallTau(std::vector<double>{ 12, 2, 1, 12, 2 }, std::vector<double>{ 1, 4, 7, 1, 0 }), -0.4714, 5e-5);
  EXPECT_EQ(KendallTau(a, a), 1);
  EXPECT_EQ(KendallTau(a, reversed), -1);
  EXPECT_TRUE(std::isnan(KendallTau(a, std::vector<double>(5, 1.0))));
  EXPECT_THROW(KendallTau(a, std::vector<double>{ 1, 2 }), Error);
}

} // namespace
} // namespace serval
