#include "serval/Core/Error.h"
#include "serval/Core/Random.h"
#include "serval/Similarity/DataDistance.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>

namespace serval
{
namespace
{

double Normal(std::mt19937_64 & random)
{
  return std::sqrt(-2 * std::log(1 - Uniform01(random))) * std::cos(6.283185307179586 * Uniform01(random));
}

FeatureSample Gaussian(std::size_t rows, std::size_t columns, double shift, std::uint64_t seed)
{
  std::mt19937_64 random(seed);
  FeatureSample   sample;
  sample.columns = columns;
  for (std::size_t i = 0; i < rows * columns; ++i)
    sample.values.push_back(static_cast<float>(Normal(random) + shift));
  return sample;
}

/// Patients whose rows lie close to the patient's own center: rows of one patient say little more than one row.
FeatureSample Clustered(int patients, int rowsEach, const std::string & prefix, std::uint64_t seed)
{
  std::mt19937_64 random(seed);
  FeatureSample   sample;
  sample.columns = 2;
  for (int p = 0; p < patients; ++p)
  {
    const double x = Normal(random), y = Normal(random);
    for (int i = 0; i < rowsEach; ++i)
    {
      sample.values.push_back(static_cast<float>(x + 0.1 * Normal(random)));
      sample.values.push_back(static_cast<float>(y + 0.1 * Normal(random)));
      sample.groups.push_back(prefix + std::to_string(p));
    }
  }
  return sample;
}

std::string MessageOf(const std::function<void()> & action, Fault expected)
{
  try
  {
    action();
  }
  catch (const Error & error)
  {
    EXPECT_EQ(error.Kind(), expected) << error.what();
    return error.what();
  }
  return "nothing was thrown";
}

TEST(MaximumMeanDiscrepancy, IsZeroForADataSetAndItself)
{
  const auto a = Gaussian(31, 5, 0, 1);
  const auto d = MaximumMeanDiscrepancy(a, a);
  EXPECT_NEAR(d.biased, 0, 1e-12);
  EXPECT_LT(d.unbiased, 0); // the pairs of a row with itself are left out on one side only
  EXPECT_TRUE(std::isnan(d.p));
}

TEST(MaximumMeanDiscrepancy, IsSymmetricAndGrowsWithAShift)
{
  const auto a = Gaussian(40, 3, 0, 1);
  double     last = 0;
  for (const double shift : { 0.5, 1.0, 2.0, 4.0 })
  {
    const auto b = Gaussian(55, 3, shift, 2);
    const auto there = MaximumMeanDiscrepancy(a, b, { .bandwidth = 2 }), back = MaximumMeanDiscrepancy(b, a, { .bandwidth = 2 });
    EXPECT_NEAR(there.biased, back.biased, 1e-12);
    EXPECT_NEAR(there.unbiased, back.unbiased, 1e-12);
    EXPECT_GT(there.biased, last);
    EXPECT_LT(there.unbiased, there.biased);
    last = there.biased;
  }
  EXPECT_EQ(MaximumMeanDiscrepancy(a, Gaussian(2500, 3, 1, 3)).bandwidth, MaximumMeanDiscrepancy(Gaussian(2500, 3, 1, 3), a).bandwidth);
}

// Rows 0 and 1 against 0 and 3 with sigma 1, by hand.
TEST(MaximumMeanDiscrepancy, AgreesWithTheSumByHand)
{
  const auto   k = [](double d) { return std::exp(-d * d / 2); };
  const auto   d = MaximumMeanDiscrepancy({ 1, { 0, 1 }, {} }, { 1, { 0, 3 }, {} }, { .bandwidth = 1 });
  const double across = (1 + k(3) + k(1) + k(2)) / 2;
  EXPECT_NEAR(d.biased, (2 + 2 * k(1)) / 4 + (2 + 2 * k(3)) / 4 - across, 1e-12);
  EXPECT_NEAR(d.unbiased, k(1) + k(3) - across, 1e-12);
}

TEST(MaximumMeanDiscrepancy, BandwidthIsTheMedianDistance)
{
  // Distances 1, 2, 3, 4, 6, 7 (nearest above the middle: 4).
  EXPECT_DOUBLE_EQ(MaximumMeanDiscrepancy({ 1, { 0, 1 }, {} }, { 1, { 3, 7 }, {} }).bandwidth, 4);
  EXPECT_DOUBLE_EQ(MaximumMeanDiscrepancy({ 1, { 5, 5 }, {} }, { 1, { 5, 5 }, {} }).bandwidth, 1);
}

TEST(MaximumMeanDiscrepancy, UnbiasedIsAboutZeroForOneDistribution)
{
  double sum = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed)
    sum += MaximumMeanDiscrepancy(Gaussian(15, 2, 0, 2 * seed), Gaussian(11, 2, 0, 2 * seed + 1), { .bandwidth = 1 }).unbiased;
  EXPECT_NEAR(sum / 200, 0, 0.006);
}

TEST(MaximumMeanDiscrepancy, TestFindsAShiftAndIsTheSameEachTime)
{
  const auto a = Gaussian(30, 2, 0, 1), b = Gaussian(25, 2, 1.5, 2);
  const auto d = MaximumMeanDiscrepancy(a, b, { .permutations = 199 });
  EXPECT_DOUBLE_EQ(d.p, 1 / 200.0);
  EXPECT_EQ(d.p, MaximumMeanDiscrepancy(a, b, { .permutations = 199 }).p);
  EXPECT_NEAR(d.biased, MaximumMeanDiscrepancy(a, b).biased, 1e-12);
}

// Twelve patients of one population in two data sets: permuting rows would nearly always find a difference.
TEST(MaximumMeanDiscrepancy, TestKeepsItsLevelWhenPatientsAreClustered)
{
  int byGroup = 0, byRow = 0;
  for (std::uint64_t seed = 0; seed < 100; ++seed)
  {
    auto a = Clustered(6, 5, "a", 2 * seed), b = Clustered(6, 5, "b", 2 * seed + 1);
    byGroup += MaximumMeanDiscrepancy(a, b, { .permutations = 99, .seed = seed }).p <= 0.05;
    a.groups.clear();
    b.groups.clear();
    byRow += MaximumMeanDiscrepancy(a, b, { .permutations = 99, .seed = seed }).p <= 0.05;
  }
  EXPECT_LE(byGroup, 12); // 5 expected; above 12 with probability 0.0015
  EXPECT_GE(byRow, 60);
}

TEST(FrechetDistance, IsZeroForADataSetAndItself)
{
  for (const std::size_t rows : { 4U, 50U }) // fewer rows than columns as well
  {
    const auto a = Gaussian(rows, 7, 3, 1);
    EXPECT_NEAR(FrechetDistance(a, a), 0, 1e-10);
  }
}

TEST(FrechetDistance, IsSymmetricAndGrowsWithAShift)
{
  const auto a = Gaussian(40, 3, 0, 1);
  double     last = 0;
  for (const double shift : { 0.5, 1.0, 2.0, 4.0 })
  {
    const auto   b = Gaussian(2, 3, shift, 2);
    const double d = FrechetDistance(a, b);
    EXPECT_NEAR(d, FrechetDistance(b, a), 1e-9 * d);
    EXPECT_GT(d, last);
    last = d;
  }
}

// Diagonal covariances: |m1 - m2|^2 + sum (s1 - s2)^2. Rows +-s_j along each axis have them exactly.
TEST(FrechetDistance, IsTheClosedFormForDiagonalGaussians)
{
  const auto cross = [](const std::vector<double> & mean, const std::vector<double> & length) {
    FeatureSample sample;
    sample.columns = mean.size();
    for (std::size_t axis = 0; axis < mean.size(); ++axis)
      for (const double sign : { -1.0, 1.0 })
        for (std::size_t j = 0; j < mean.size(); ++j)
          sample.values.push_back(static_cast<float>(mean[j] + (j == axis ? sign * length[j] : 0)));
    return sample;
  };
  const std::vector<double> m{ 1, -2, 0.5 }, n{ 0, 3, 0.5 }, s{ 1, 2, 4 }, t{ 3, 0.5, 4 };
  double                    expected = 0;
  for (std::size_t j = 0; j < 3; ++j) // variance of column j: 2 length^2 / (6 rows - 1)
    expected += (m[j] - n[j]) * (m[j] - n[j]) + (s[j] - t[j]) * (s[j] - t[j]) * 2 / 5;
  EXPECT_NEAR(FrechetDistance(cross(m, s), cross(n, t)), expected, 1e-9);
}

// A rotation of both data sets changes nothing.
TEST(FrechetDistance, DoesNotDependOnTheAxes)
{
  auto       a = Gaussian(20, 2, 0, 1), b = Gaussian(30, 2, 1, 2);
  const auto before = FrechetDistance(a, b);
  for (auto * sample : { &a, &b })
    for (std::size_t i = 0; i < sample->values.size(); i += 2)
    {
      const float x = sample->values[i], y = sample->values[i + 1];
      sample->values[i] = 0.6F * x - 0.8F * y;
      sample->values[i + 1] = 0.8F * x + 0.6F * y;
    }
  EXPECT_NEAR(FrechetDistance(a, b), before, 1e-5);
}

TEST(DataDistance, RefusesBadInput)
{
  const auto good = Gaussian(5, 3, 0, 1);
  const auto both = [&](const FeatureSample & other, const std::string & text) {
    EXPECT_NE(MessageOf([&] { FrechetDistance(good, other); }, Fault::Input).find(text), std::string::npos);
    EXPECT_NE(MessageOf([&] { MaximumMeanDiscrepancy(good, other); }, Fault::Input).find(text), std::string::npos);
  };
  both(Gaussian(5, 2, 0, 1), "3 and 2 features");
  both(Gaussian(1, 3, 0, 1), "at least 2 rows");
  auto holed = good;
  holed.values[7] = std::numeric_limits<float>::quiet_NaN();
  both(holed, "row 2, column 1");
  auto grouped = good;
  grouped.groups = { "p", "p", "q", "q", "r" };
  const auto test = [](const FeatureSample & a, const FeatureSample & b) {
    return MessageOf([&] { MaximumMeanDiscrepancy(a, b, { .permutations = 9 }); }, Fault::Input);
  };
  EXPECT_NE(test(grouped, grouped).find("'p' is in both data sets"), std::string::npos);
  EXPECT_NE(test(grouped, good).find("the other has none"), std::string::npos);
  EXPECT_NE(MessageOf([&] { MaximumMeanDiscrepancy(good, good, { .bandwidth = -1 }); }, Fault::Usage).find("bandwidth"),
            std::string::npos);
}

} // namespace
} // namespace serval
