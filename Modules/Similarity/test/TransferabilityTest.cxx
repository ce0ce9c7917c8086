#include "serval/Core/Error.h"
#include "serval/Core/Random.h"
#include "serval/Similarity/Arrangement.h"
#include "serval/Similarity/DataSetProfile.h"
#include "serval/Similarity/LabelledDistance.h"
#include "serval/Similarity/Transferability.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>

namespace serval
{
namespace
{

double Normal(std::mt19937_64 & random)
{
  return std::sqrt(-2 * std::log(1 - Uniform01(random))) * std::cos(6.283185307179586 * Uniform01(random));
}

/// Class k lies at `distance` along column k; three rows a patient.
LabelledSample Blobs(int classes, int rows, std::size_t columns, double distance, std::uint64_t seed)
{
  std::mt19937_64 random(seed);
  LabelledSample  sample;
  sample.features.columns = columns;
  for (int i = 0; i < rows; ++i)
  {
    const int label = i % classes;
    for (std::size_t j = 0; j < columns; ++j)
      sample.features.values.push_back(static_cast<float>(Normal(random) + (static_cast<int>(j) == label ? distance : 0)));
    sample.classes.push_back(label);
    sample.features.groups.push_back("p" + std::to_string(i / 3));
  }
  return sample;
}

LabelledSample Rotated(LabelledSample sample, double scale)
{
  const std::size_t columns = sample.features.columns;
  for (std::size_t i = 0; i < sample.Rows(); ++i)
    for (std::size_t j = 0; j + 1 < columns; j += 2)
    {
      float &      x = sample.features.values[i * columns + j], &y = sample.features.values[i * columns + j + 1];
      const double u = 0.6 * x - 0.8 * y, v = 0.8 * x + 0.6 * y;
      x = static_cast<float>(scale * u);
      y = static_cast<float>(scale * v);
    }
  return sample;
}

using Score = Answer (*)(const LabelledSample &);
constexpr std::pair<const char *, Score> featureScores[] = { { "NLEEP", GaussianLeep },       { "LogME", LogEvidence },   { "H-score", ShrunkHScore },
                                                             { "PARC", PairwiseCorrelation }, { "TransRate", TransRate }, { "gradients", FeaturesAndGradients } };

TEST(LabelledDistance, IsZeroForADataSetAndItself)
{
  const auto a = Blobs(3, 40, 5, 2, 1);
  EXPECT_EQ(EnergyDistance(a.features, a.features), 0);
  EXPECT_EQ(SlicedWasserstein(a.features, a.features), 0);
  EXPECT_NEAR(LabelledTransport(a, a).value.value(), 0, 1e-9);
  EXPECT_NEAR(LinearAlignment(a.features, a.features).value.value(), 1, 1e-12);
}

TEST(LabelledDistance, IsSymmetricAndGrowsWithAShift)
{
  const auto a = Blobs(3, 40, 5, 2, 1), near = Blobs(3, 27, 5, 2, 2);
  auto       far = near;
  for (float & value : far.features.values)
    value += 3;
  const auto distances = { std::function([](const LabelledSample & x, const LabelledSample & y) { return EnergyDistance(x.features, y.features); }),
                           std::function([](const LabelledSample & x, const LabelledSample & y) { return SlicedWasserstein(x.features, y.features); }),
                           std::function([](const LabelledSample & x, const LabelledSample & y) { return LabelledTransport(x, y).value.value(); }) };
  for (const auto & distance : distances)
  {
    EXPECT_NEAR(distance(a, near), distance(near, a), 1e-6 * distance(a, near));
    EXPECT_GT(distance(a, far), 2 * distance(a, near));
  }
}

TEST(LabelledDistance, DoesNotDependOnTheAxes)
{
  const auto a = Blobs(3, 40, 4, 2, 1), b = Blobs(2, 31, 4, 3, 2);
  const auto ra = Rotated(a, 1), rb = Rotated(b, 1);
  EXPECT_NEAR(EnergyDistance(ra.features, rb.features), EnergyDistance(a.features, b.features), 1e-5);
  EXPECT_NEAR(LabelledTransport(ra, rb).value.value(), LabelledTransport(a, b).value.value(), 1e-3);
  EXPECT_NEAR(LinearAlignment(a.features, Rotated(a, 7).features).value.value(), 1, 1e-6);
}

// Along one axis the distance of projections is that of the shift.
TEST(SlicedWasserstein, IsTheShiftInOneDimension)
{
  const FeatureSample a{ 1, { 0, 1, 5, 9 }, {} }, b{ 1, { 2, 3, 7, 11, 2, 3, 7, 11 }, {} };
  EXPECT_NEAR(SlicedWasserstein(a, b), 2, 1e-6);
  EXPECT_NEAR(SlicedWasserstein({ 1, { 0, 1 }, {} }, { 1, { 0, 0, 1 }, {} }), std::sqrt(1 / 6.0), 1e-7);
}

// Same rows, other labels: only a distance that knows labels sees it.
TEST(LabelledTransport, SeesLabels)
{
  const auto a = Blobs(2, 60, 3, 6, 3);
  auto       mixed = a;
  for (std::size_t i = 0; i < mixed.Rows(); ++i)
    mixed.classes[i] = i / 2 % 2;
  EXPECT_EQ(EnergyDistance(a.features, mixed.features), 0);
  EXPECT_GT(LabelledTransport(a, mixed).value.value(), 1);
}

TEST(Transferability, GrowsWithTheSeparationOfClasses)
{
  for (const auto & [name, score] : featureScores)
  {
    const double low = score(Blobs(3, 90, 6, 0.3, 4)).value.value(), middle = score(Blobs(3, 90, 6, 1.5, 4)).value.value(),
                 high = score(Blobs(3, 90, 6, 4, 4)).value.value();
    EXPECT_LT(low, middle) << name;
    EXPECT_LT(middle, high) << name;
  }
}

TEST(Transferability, DoesNotDependOnTheNamesOfClasses)
{
  const auto a = Blobs(3, 60, 6, 1, 5);
  auto       renamed = a;
  for (int & label : renamed.classes)
    label = label == 0 ? 7 : label == 1 ? 2 : 4;
  for (const auto & [name, score] : featureScores)
    EXPECT_NEAR(score(a).value.value(), score(renamed).value.value(), 1e-9) << name;
}

TEST(Transferability, UnchangedByRotation)
{
  const auto a = Blobs(3, 60, 6, 1, 5), turned = Rotated(a, 1);
  for (const auto & [name, score] : featureScores)
    EXPECT_TRUE(std::string(name) == "PARC" || std::abs(score(a).value.value() - score(turned).value.value()) < 1e-4) << name; // PARC correlates columns
  EXPECT_NEAR(ShrunkHScore(a).value.value(), ShrunkHScore(Rotated(a, 50)).value.value(), 1e-5);
  EXPECT_NEAR(FeaturesAndGradients(a).value.value(), FeaturesAndGradients(Rotated(a, 50)).value.value(), 1e-5);
}

TEST(Transferability, StaysInItsBounds)
{
  for (const double distance : { 0.0, 2.0, 30.0 })
    for (const std::size_t columns : { 4U, 80U })
    {
      const auto a = Blobs(4, 48, columns, distance, 6);
      EXPECT_LE(GaussianLeep(a).value.value(), 0);
      EXPECT_GE(ShrunkHScore(a).value.value(), 0);
      EXPECT_LE(ShrunkHScore(a).value.value(), 3);
      EXPECT_LE(std::abs(PairwiseCorrelation(a).value.value()), 1);
      EXPECT_GE(FeaturesAndGradients(a).value.value(), 0);
      EXPECT_LE(FeaturesAndGradients(a).value.value(), 1);
    }
}

TEST(Transferability, OneClassAndConstantFeaturesAreAnswered)
{
  auto one = Blobs(2, 30, 4, 1, 7), constant = one;
  std::ranges::fill(one.classes, 1);
  std::ranges::fill(constant.features.values, 2.0F);
  for (const auto & [name, score] : featureScores)
  {
    EXPECT_FALSE(score(one).value) << name;
    EXPECT_EQ(score(one).reason, "all rows are of one class") << name;
    if (std::string(name) != "TransRate" && std::string(name) != "LogME") // 0, and a regression on a constant
    {
      EXPECT_FALSE(score(constant).value) << name;
      EXPECT_NE(score(constant).reason, "") << name;
    }
    else
      EXPECT_TRUE(std::isfinite(score(constant).value.value_or(0)));
  }
  EXPECT_FALSE(LinearAlignment(constant.features, one.features).value);
  auto lonely = Blobs(2, 30, 4, 1, 7);
  lonely.classes[0] = 2;
  EXPECT_NE(LabelledTransport(lonely, lonely).reason.find("one row"), std::string::npos);
}

TEST(Transferability, AClassThatIsNeverPredictedHasNoPart)
{
  const std::vector<int>   classes{ 0, 0, 1, 1 };
  const std::vector<float> without{ 0.9F, 0.1F, 0.8F, 0.2F, 0.3F, 0.7F, 0.1F, 0.9F };
  std::vector<float>       with;
  for (std::size_t i = 0; i < 4; ++i)
    with.insert(with.end(), { without[2 * i], 0, without[2 * i + 1] });
  EXPECT_NEAR(Leep(with, 3, classes).value.value(), Leep(without, 2, classes).value.value(), 1e-9);
  EXPECT_NEAR(NegativeConditionalEntropy(with, 3, classes).value.value(), 0, 1e-12);
  EXPECT_FALSE(Leep(without, 2, { 1, 1, 1, 1 }).value);
}

TEST(Transferability, RefusesBadInput)
{
  const auto faultOf = [](const auto & action) {
    try
    {
      action();
    }
    catch (const Error & error)
    {
      return std::string(error.what());
    }
    return std::string("nothing was thrown");
  };
  EXPECT_NE(faultOf([] { Leep(std::vector<float>{ 0.5F, 0.4F, 1, 0 }, 2, { 0, 1 }); }).find("row 0 sum to 0.9"), std::string::npos);
  EXPECT_NE(faultOf([] { Leep(std::vector<float>{ 0.5F, 0.5F, NAN, 0 }, 2, { 0, 1 }); }).find("row 1"), std::string::npos);
  EXPECT_NE(faultOf([] { Leep(std::vector<float>{ 0.5F, 0.5F }, 2, { 0, 1 }); }).find("2 rows of 2"), std::string::npos);
  auto holed = Blobs(2, 12, 3, 1, 1);
  holed.features.values[4] = NAN;
  EXPECT_NE(faultOf([&] { LogEvidence(holed); }).find("row 1, column 1"), std::string::npos);
  auto negative = Blobs(2, 12, 3, 1, 1);
  negative.classes[5] = -1;
  EXPECT_NE(faultOf([&] { ShrunkHScore(negative); }).find("class -1"), std::string::npos);
  EXPECT_NE(faultOf([&] { LinearAlignment(Blobs(2, 12, 3, 1, 1).features, Blobs(2, 15, 3, 1, 1).features); }).find("same rows"), std::string::npos);
}

TEST(Bootstrap, KeepsPatientsTogetherAndCoversTheMean)
{
  int covered = 0;
  for (std::uint64_t seed = 1; seed <= 200; ++seed)
  {
    auto sample = Blobs(2, 90, 1, 0, seed);
    for (std::size_t i = 0; i < sample.Rows(); i += 3) // a patient's rows are alike
      sample.features.values[i + 1] = sample.features.values[i + 2] = sample.features.values[i];
    double mean = 0;
    for (const float value : sample.features.values)
      mean += value / 90.0;
    const auto interval = BootstrapInterval(
      mean, [&](std::mt19937_64 & random) {
        const auto drawn = Resample(sample, random);
        double     sum = 0;
        for (const float value : drawn.features.values)
          sum += value;
        return Answer::Of(sum / static_cast<double>(drawn.Rows()));
      },
      200, seed);
    covered += interval->low < 0 && interval->high > 0;
  }
  EXPECT_GE(covered, 176); // 95 % of 200 less four standard errors; rows alone would cover about 74 %
}

TEST(Bootstrap, HasNoIntervalWhereReplicatesHaveNoValue)
{
  std::atomic<int> call = 0;
  const auto measure = [&](std::mt19937_64 &) { return ++call % 2 ? Answer::Of(1) : Answer::None("odd"); };
  EXPECT_FALSE(BootstrapInterval(1, measure, 50, 1));
}

TEST(Arrangement, PlacesAndTree)
{
  // Corners of a 3 x 4 rectangle: 5 across.
  const std::vector<double> d{ 0, 3, 5, 4, 3, 0, 4, 5, 5, 4, 0, 3, 4, 5, 3, 0 };
  const auto                places = ScaleToPlane(d, 4);
  for (std::size_t i = 0; i < 4; ++i)
    for (std::size_t j = 0; j < 4; ++j)
      EXPECT_NEAR(std::hypot(places[i][0] - places[j][0], places[i][1] - places[j][1]), d[i * 4 + j], 1e-9);
  const auto mergers = LinkByAverage(d, 4);
  ASSERT_EQ(mergers.size(), 3U);
  EXPECT_EQ(mergers[0].distance, 3);
  EXPECT_EQ(mergers[1].first, 2U);
  EXPECT_EQ(mergers[2].second, 5U);
  EXPECT_NEAR(mergers[2].distance, 4.5, 1e-12);
  EXPECT_THROW(LinkByAverage({ 0, 1, 2, 0 }, 2), Error);
  EXPECT_THROW(ScaleToPlane({ 0, NAN, NAN, 0 }, 2), Error);
}

TEST(Arrangement, DrawsWholeAndHoledMatrices)
{
  const auto whole = DrawArrangement("a & b", { "A<", "B", "C" }, { 0.0, 1.0, 2.0, 1.0, 0.0, 3.0, 2.0, 3.0, 0.0 });
  EXPECT_NE(whole.find("a &amp; b"), std::string::npos);
  EXPECT_NE(whole.find("A&lt;"), std::string::npos);
  EXPECT_NE(whole.find("<circle"), std::string::npos);
  const auto holed = DrawArrangement("m", { "A", "B" }, { 0.0, std::nullopt, std::nullopt, 0.0 });
  EXPECT_EQ(holed.find("<circle"), std::string::npos);
  EXPECT_EQ(holed.find("nan"), std::string::npos);
}

TEST(RankCorrelation, WorkedExamples)
{
  const std::vector<double> a{ 1, 2, 3, 4, 5 }, b{ 1, 3, 2, 5, 4 }, back{ 5, 4, 3, 2, 1 }, same{ 2, 2, 2, 2, 2 };
  EXPECT_NEAR(KendallTau(a, b).value.value(), 0.6, 1e-12);
  EXPECT_NEAR(KendallTau(a, a).value.value(), 1, 1e-12);
  EXPECT_NEAR(SpearmanRho(a, back).value.value(), -1, 1e-12);
  const std::vector<double> x{ 12, 2, 1, 12, 2 }, y{ 1, 4, 7, 1, 0 };
  EXPECT_NEAR(KendallTau(x, y).value.value(), -0.4714, 5e-5);
  EXPECT_EQ(KendallTau(a, same).reason, "one side is constant");
  EXPECT_EQ(SpearmanRho(std::vector<double>{ 1, 2 }, std::vector<double>{ 1, 2 }).reason, "fewer than three pairs");
  EXPECT_THROW(KendallTau(a, std::vector<double>{ 1, 2 }), Error);
}

TEST(DataSetProfile, CountsClassesAndTheirVariety)
{
  const auto variety = MeasureVariety(Blobs(4, 48, 5, 2, 9));
  EXPECT_EQ(variety.classes, 4U);
  EXPECT_EQ(variety.groups, 16U);
  EXPECT_NEAR(variety.effectiveClasses, 4, 1e-9);
  auto skewed = Blobs(2, 48, 5, 2, 9);
  for (std::size_t i = 0; i < 47; ++i)
    skewed.classes[i] = 0;
  skewed.classes[47] = 1;
  EXPECT_LT(MeasureVariety(skewed).effectiveClasses, 1.2);
}

TEST(DataSetProfile, RanksOfClassifiersTellProblemsApart)
{
  // Two draws of a problem that lines solve, and a ring that they do not.
  std::mt19937_64 random(3);
  auto            ring = Blobs(2, 150, 2, 0, 10);
  for (std::size_t i = 0; i < ring.Rows(); ++i)
    ring.classes[i] = std::hypot(ring.features.values[2 * i], ring.features.values[2 * i + 1]) > 1.2F;
  std::string why;
  const auto  a = RankClassifiers(Blobs(2, 150, 2, 1.5, 11), why), c = RankClassifiers(ring, why);
  ASSERT_TRUE(a && c) << why;
  const auto rank = [](const ClassifierRanks & ranks, const std::string & name) {
    return ranks.ranks[static_cast<std::size_t>(std::ranges::find(ranks.names, name) - ranks.names.begin())];
  };
  EXPECT_GT(rank(*c, "svm-linear"), rank(*c, "svm-rbf"));
  EXPECT_EQ(RankDistance(*a, *a), 0);
  EXPECT_EQ(RankDistance(*a, *c), RankDistance(*c, *a));
  EXPECT_GT(RankDistance(*a, *c), 2);
  auto one = ring;
  std::ranges::fill(one.classes, 0);
  EXPECT_FALSE(RankClassifiers(one, why));
  EXPECT_EQ(why, "all rows are of one class");
}

} // namespace
} // namespace serval
