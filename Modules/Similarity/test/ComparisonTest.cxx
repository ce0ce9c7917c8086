#include "serval/Core/Error.h"
#include "serval/Core/Random.h"
#include "serval/Similarity/Comparison.h"

#include <gtest/gtest.h>

#include <cmath>

namespace serval
{
namespace
{

NamedSample Named(const std::string & name, int rows, double shift, std::uint64_t seed)
{
  std::mt19937_64 random(seed);
  NamedSample     named;
  named.name = name;
  named.sample.features.columns = 4;
  for (int i = 0; i < rows; ++i)
  {
    for (int j = 0; j < 4; ++j)
      named.sample.features.values.push_back(static_cast<float>(Uniform01(random) + shift + (j == i % 2 ? 0.5 : 0)));
    named.sample.classes.push_back(i % 2);
    named.sample.features.groups.push_back(name + std::to_string(i / 2));
    named.identities.push_back(std::to_string(i));
  }
  return named;
}

TEST(CompareDataSets, AnswersEachPairByEachMeasureWithAnInterval)
{
  const std::vector<NamedSample> sets{ Named("a", 40, 0, 1), Named("b", 30, 0, 2), Named("c", 36, 2, 3) };
  NoProgress                     progress;
  const auto                     found = CompareDataSets(sets, { DataSetMeasures(), 40, 99, 1 }, progress);
  ASSERT_EQ(found.size(), 6U * 3);
  for (const auto & one : found)
  {
    ASSERT_TRUE(one.answer.value) << one.measure << one.answer.reason;
    EXPECT_EQ(one.interval.has_value(), one.measure != "classifier-ranks") << one.measure;
    EXPECT_EQ(one.p.has_value(), one.measure == "mmd");
    EXPECT_TRUE(!one.interval || one.interval->low < one.interval->high) << one.measure;
  }
  for (const auto * measure : { "frechet", "mmd", "energy", "sliced-wasserstein", "otdd" })
    {
      const auto matrix = MatrixOf(found, measure, { "a", "b", "c" });
      EXPECT_EQ(matrix[0], 0.0);
      EXPECT_EQ(matrix[1], matrix[3]);
      EXPECT_GT(*matrix[2], *matrix[1]) << measure; // c lies apart
      EXPECT_GT(*matrix[5], *matrix[1]) << measure;
    }
  EXPECT_LT(*found[4].p, 0.02);
}

TEST(CompareDataSets, IsTheSameEachTime)
{
  const std::vector<NamedSample> sets{ Named("a", 20, 0, 1), Named("b", 20, 0, 2) };
  NoProgress                     progress;
  const auto a = CompareDataSets(sets, { { "energy" }, 30, 0, 5 }, progress), b = CompareDataSets(sets, { { "energy" }, 30, 0, 5 }, progress);
  EXPECT_EQ(a[0].interval->low, b[0].interval->low);
  const auto c = CompareDataSets(sets, { { "energy" }, 30, 0, 6 }, progress);
  EXPECT_NE(a[0].interval->low, c[0].interval->low);
}

// A patient in both data sets makes a permutation of patients meaningless.
TEST(CompareDataSets, HasNoPWhereAPatientIsInBoth)
{
  auto       a = Named("a", 20, 0, 1), b = a;
  NoProgress progress;
  b.name = "b";
  const auto found = CompareDataSets({ a, b }, { { "mmd" }, 0, 99, 1 }, progress);
  EXPECT_FALSE(found[0].p);
  EXPECT_FALSE(found[0].interval);
  EXPECT_NEAR(*found[0].answer.value, 0, 1e-12);
}

TEST(CompareNetworks, ScoresEachAndAlignsPairs)
{
  auto one = Named("one", 40, 0, 1), two = one;
  two.name = "two";
  for (float & value : two.sample.features.values)
    value = 3 * value + 1; // the same features in another unit
  for (std::size_t i = 0; i < 40; ++i)
    one.sourceProbabilities.insert(one.sourceProbabilities.end(), { i % 2 ? 0.8F : 0.3F, i % 2 ? 0.2F : 0.7F });
  one.sourceClasses = 2;
  NoProgress progress;
  const auto found = CompareNetworks({ one, two }, { NetworkMeasures(), 30, 0, 1 }, progress);
  ASSERT_EQ(found.size(), 8U * 2 + 1);
  for (const auto & each : found)
  {
    const bool isUnanswerable = (each.measure == "leep" || each.measure == "nce") && each.a == "two";
    EXPECT_EQ(each.answer.value && each.interval, !isUnanswerable) << each.measure << each.a << each.answer.reason;
    EXPECT_EQ(each.answer.reason, isUnanswerable ? "no predictions of the source's classes are given" : "");
  }
  EXPECT_NEAR(*found.back().answer.value, 1, 1e-6);
  EXPECT_GT(found.back().interval->low, 0.999); // both drawn alike
  two.identities[3] = "other";
  EXPECT_THROW(CompareNetworks({ one, two }, { { "logme" }, 0, 0, 1 }, progress), Error);
}

TEST(Comparison, RefusesUnknownMeasuresAndSingleDataSets)
{
  NoProgress progress;
  EXPECT_THROW(CompareDataSets({ Named("a", 20, 0, 1) }, { { "energy" } }, progress), Error);
  EXPECT_THROW(CompareDataSets({ Named("a", 20, 0, 1), Named("b", 20, 0, 2) }, { { "logme" } }, progress), Error);
  EXPECT_THROW(CompareNetworks({ Named("a", 20, 0, 1) }, { { "energy" } }, progress), Error);
}

TEST(Comparison, StandardisesAllTogether)
{
  std::vector<NamedSample> sets{ Named("a", 20, 0, 1), Named("b", 20, 4, 2) };
  for (auto & set : sets)
    for (std::size_t i = 3; i < set.sample.features.values.size(); i += 4)
      set.sample.features.values[i] = 7;
  StandardiseTogether(sets);
  double sum = 0, squares = 0;
  for (const auto & set : sets)
    for (std::size_t i = 0; i < set.sample.features.values.size(); i += 4)
    {
      sum += set.sample.features.values[i];
      squares += set.sample.features.values[i] * set.sample.features.values[i];
      EXPECT_EQ(set.sample.features.values[i + 3], 0);
    }
  EXPECT_NEAR(sum, 0, 1e-4);
  EXPECT_NEAR(squares / 40, 1, 1e-4);
  EXPECT_LT(sets[0].sample.features.values[0], sets[1].sample.features.values[0]);
}

} // namespace
} // namespace serval
