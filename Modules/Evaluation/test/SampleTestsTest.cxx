#include "serval/Core/Error.h"
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

TEST(Friedman, AnswersAgreementAndRefusesHoles)
{
  EXPECT_TRUE(std::isnan(FriedmanTest({ { 1, 2 }, { 1, 2 }, { 3, 4 } }).imanDavenport.p));
  EXPECT_NEAR(FriedmanTest({ { 1, 1 }, { 2, 2 } }).chiSquare.p, 1, 1e-12);
  EXPECT_THROW(FriedmanTest({ { 1, 2 } }), Error);
  EXPECT_THROW(FriedmanTest({ { 1, 2 }, { 1 } }), Error);
  EXPECT_THROW(FriedmanTest({ { 1, 2 }, { 1, nan } }), Error);
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
