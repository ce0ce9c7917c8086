#include "serval/Classical/ClassicalModel.h"
#include "serval/Core/Error.h"
#include "serval/Core/Random.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

namespace serval
{
namespace
{

using Kind = ClassicalSpec::Kind;
using Scheme = ClassicalSpec::Scheme;
using Calibration = ClassicalSpec::Calibration;
using Arrays = std::map<std::string, TensorFile::Array>;
using Texts = std::map<std::string, std::string>;

double Normal(std::mt19937_64 & random)
{
  return std::sqrt(-2 * std::log(1 - Uniform01(random))) * std::cos(6.283185307179586 * Uniform01(random));
}

/// Class k lies at `distance` along column 2 k; the other columns are noise.
FeatureTable Sparse(int classes, int rowsEach, std::size_t columns, double distance, std::uint64_t seed)
{
  std::mt19937_64 random(seed);
  FeatureTable    table;
  table.columns = columns;
  for (int i = 0; i < classes * rowsEach; ++i)
  {
    const auto label = static_cast<std::size_t>(i % classes);
    for (std::size_t j = 0; j < columns; ++j)
      table.values.push_back(static_cast<float>(Normal(random) + (j == 2 * label ? distance : 0)));
    table.classes.push_back(static_cast<int>(label));
  }
  return table;
}

std::span<const float> RowOf(const FeatureTable & table, std::size_t i)
{
  return { table.values.data() + i * table.columns, table.columns };
}

double Accuracy(const ClassicalModel & model, const FeatureTable & table)
{
  double right = 0;
  for (std::size_t i = 0; i < table.Rows(); ++i)
  {
    const auto p = model.Probabilities(RowOf(table, i));
    right += std::ranges::max_element(p) - p.begin() == table.classes[i];
  }
  return right / static_cast<double>(table.Rows());
}

Arrays ArraysOf(const ClassicalModel & model)
{
  Arrays arrays;
  Texts  description;
  model.Store(arrays, description);
  return arrays;
}

TEST(Discriminant, IsBayesRuleOfTheShrunkCovariance)
{
  // Two columns, by hand: means (0,0) and (4,2), pooled covariance diag(1, 4) in two points about each mean per axis.
  FeatureTable table;
  table.columns = 2;
  const double root2 = std::sqrt(2.0);
  for (const int k : { 0, 1 })
    for (const auto & [x, y] : { std::pair(root2, 0.0), std::pair(-root2, 0.0), std::pair(0.0, 2 * root2), std::pair(0.0, -2 * root2) })
    {
      table.values.push_back(static_cast<float>(x + 4 * k));
      table.values.push_back(static_cast<float>(y + 2 * k));
      table.classes.push_back(k);
    }
  const double s = 0.2, a = (1 - s) * 1 + s * 2.5, b = (1 - s) * 4 + s * 2.5;
  const auto   model = ClassicalModel::Fit(table, 2, { .kind = Kind::Discriminant, .shrinkage = s, .standardised = false });
  const float  row[2] = { 1, 2 };
  const double score = 4 / a * (1 - 2) + 2 / b * (2 - 1);
  EXPECT_NEAR(model.Probabilities(row)[1], 1 / (1 + std::exp(-score)), 1e-6);
}

// With more columns than rows the answer is found among the rows; columns of zeros must change nothing but the trace.
TEST(Discriminant, AgreesBetweenRowsAndColumns)
{
  const auto   narrow = Sparse(3, 20, 8, 2, 1);
  FeatureTable wide;
  wide.columns = 80;
  wide.classes = narrow.classes;
  for (std::size_t i = 0; i < narrow.Rows(); ++i)
  {
    const auto row = RowOf(narrow, i);
    wide.values.insert(wide.values.end(), row.begin(), row.end());
    wide.values.resize((i + 1) * 80, 0);
  }
  // s1 tr/8 against 1 - s1 as s2 tr/80 against 1 - s2.
  const double s1 = 0.1, ratio = s1 / (1 - s1) / 8 * 80, s2 = ratio / (1 + ratio);
  const auto   of = [](const FeatureTable & table, double s) {
    return ArraysOf(ClassicalModel::Fit(table, 3, { .kind = Kind::Discriminant, .shrinkage = s, .standardised = false })).at("classical.weights").values;
  };
  const auto a = of(narrow, s1), b = of(wide, s2);
  for (std::size_t j = 0; j < 8; ++j)
    EXPECT_NEAR(b[j] / (1 - s1) * (1 - s2), a[j], 1e-4);
}

TEST(Discriminant, EstimatesTheShrinkageWhereRowsAreFew)
{
  double estimated = 0, none = 0;
  for (std::uint64_t seed = 1; seed <= 8; ++seed)
  {
    const auto table = Sparse(2, 15, 25, 2, seed), unseen = Sparse(2, 200, 25, 2, seed + 50);
    estimated += Accuracy(ClassicalModel::Fit(table, 2, { .kind = Kind::Discriminant }), unseen) / 8;
    none += Accuracy(ClassicalModel::Fit(table, 2, { .kind = Kind::Discriminant, .shrinkage = 0 }), unseen) / 8;
  }
  EXPECT_GT(estimated, none + 0.05) << none;
}

TEST(NearestMean, DecidesForTheNearestMean)
{
  const auto model = ClassicalModel::Fit({ 1, { 0, 2, 9, 11 }, { 0, 0, 1, 1 }, {} }, 2, { .kind = Kind::NearestMean, .standardised = false });
  const float left = 5.4F, right = 5.6F;
  EXPECT_GT(model.Probabilities({ &left, 1 })[0], 0.5);
  EXPECT_GT(model.Probabilities({ &right, 1 })[1], 0.5);
}

TEST(NearestNeighbours, CountsVotesAndWeighsThemWhenBalanced)
{
  const FeatureTable table{ 1, { 0, 1, 2, 3, 10 }, { 0, 0, 0, 1, 1 }, {} };
  const float        at = 2.6F; // nearest 3, 2, 1: one vote of class 1, two of class 0
  ClassicalSpec      spec{ .kind = Kind::NearestNeighbours, .neighbours = 3, .standardised = false, .balanced = false };
  EXPECT_NEAR(ClassicalModel::Fit(table, 2, spec).Probabilities({ &at, 1 })[1], 1 / 3.0, 1e-12);
  spec.balanced = true;
  EXPECT_NEAR(ClassicalModel::Fit(table, 2, spec).Probabilities({ &at, 1 })[1], 0.5 / (0.5 + 2 / 3.0), 1e-6); // 1/2 against 2/3
  spec.neighbours = 50; // all there are
  EXPECT_NEAR(ClassicalModel::Fit(table, 2, spec).Probabilities({ &at, 1 })[1], 0.5, 1e-6);
}

TEST(Perceptron, SeparatesWhatALineSeparates)
{
  const auto table = Sparse(3, 40, 6, 9, 4);
  for (const auto scheme : { Scheme::OneVsRest, Scheme::OneVsOne })
    EXPECT_EQ(Accuracy(ClassicalModel::Fit(table, 3, { .kind = Kind::Perceptron, .scheme = scheme }), table), 1);
}

TEST(LogisticL1, DropsTheColumnsOfNoise)
{
  const auto arrays = ArraysOf(ClassicalModel::Fit(Sparse(2, 100, 30, 3, 5), 2, { .kind = Kind::LogisticL1, .cost = 0.05 }));
  const auto & weights = arrays.at("classical.weights").values;
  EXPECT_NE(weights[0], 0);
  EXPECT_NE(weights[2], 0);
  EXPECT_GE(std::count(weights.begin(), weights.begin() + 30, 0.0F), 25);
}

TEST(Forest, IsTheSameWithOneThreadOrMany)
{
  const auto table = Sparse(3, 30, 10, 1, 6);
  for (const auto kind : { Kind::RandomForest, Kind::ExtraTrees })
  {
    const auto one = ArraysOf(ClassicalModel::Fit(table, 3, { .kind = kind, .trees = 20, .threads = 1 }));
    const auto many = ArraysOf(ClassicalModel::Fit(table, 3, { .kind = kind, .trees = 20, .threads = 4 }));
    for (const auto & [name, array] : one)
      EXPECT_EQ(array.values, many.at(name).values) << name;
    const auto other = ArraysOf(ClassicalModel::Fit(table, 3, { .kind = kind, .trees = 20, .seed = 2 }));
    EXPECT_NE(one.at("classical.thresholds").values, other.at("classical.thresholds").values);
  }
}

// Trees of all rows end in pure leaves: what was learnt is known by heart. Large leaves are not.
TEST(Forest, GrowsToPureLeavesUnlessTheyMustBeLarge)
{
  const auto table = Sparse(2, 50, 4, 0.5, 7);
  EXPECT_EQ(Accuracy(ClassicalModel::Fit(table, 2, { .kind = Kind::ExtraTrees, .trees = 5 }), table), 1);
  const auto   arrays = ArraysOf(ClassicalModel::Fit(table, 2, { .kind = Kind::ExtraTrees, .trees = 5, .leaf = 20, .balanced = false }));
  const auto & shares = arrays.at("classical.shares").values;
  EXPECT_LE(shares.size() / 2, 5U * 5);
  EXPECT_GT(std::count_if(shares.begin(), shares.end(), [](float p) { return p > 0.01F && p < 0.99F; }), 0);
}

TEST(Forest, FindsWhatAMedianOfNoiseHides)
{
  const auto table = Sparse(2, 150, 20, 2.5, 8), unseen = Sparse(2, 300, 20, 2.5, 9);
  for (const auto kind : { Kind::RandomForest, Kind::ExtraTrees })
    EXPECT_GT(Accuracy(ClassicalModel::Fit(table, 2, { .kind = kind }), unseen), 0.92) << ToText(kind); // best possible 0.96
}

TEST(Preparation, EliminationKeepsTheColumnsThatMatter)
{
  const auto table = Sparse(3, 60, 60, 3, 10);
  const auto model = ClassicalModel::Fit(table, 3, { .kind = Kind::NearestMean, .features = 3 });
  EXPECT_EQ(model.KeptColumns(), (std::vector<std::size_t>{ 0, 2, 4 }));
  EXPECT_EQ(model.Columns(), 60U);
  EXPECT_GT(Accuracy(model, Sparse(3, 100, 60, 3, 11)), 0.93);
}

TEST(Preparation, ComponentsAreOrthonormalInBothShapes)
{
  for (const std::size_t columns : { 6U, 90U })
  {
    auto table = Sparse(2, 30, columns, 2, 12);
    for (std::size_t i = 0; i < table.Rows(); ++i)
      table.values[i * columns + 1] = table.values[i * columns]; // one direction of twice the variance
    const auto   arrays = ArraysOf(ClassicalModel::Fit(table, 2, { .components = 4 }));
    const auto & axes = arrays.at("classical.components");
    ASSERT_EQ(axes.shape, (std::vector<std::int64_t>{ 4, static_cast<std::int64_t>(columns) }));
    for (std::size_t a = 0; a < 4; ++a)
      for (std::size_t b = 0; b < 4; ++b)
      {
        const auto first = axes.values.begin() + static_cast<std::ptrdiff_t>(a * columns);
        EXPECT_NEAR(std::inner_product(first, first + static_cast<std::ptrdiff_t>(columns),
                                       axes.values.begin() + static_cast<std::ptrdiff_t>(b * columns), 0.0),
                    a == b, 1e-5);
      }
  }
}

TEST(Preparation, ComponentsAsAShareOfTheVariance)
{
  auto table = Sparse(2, 50, 3, 0, 13);
  for (std::size_t i = 0; i < table.Rows(); ++i)
    table.values[3 * i] *= 100;
  const auto components = [&](double amount, bool standardised) {
    return ArraysOf(ClassicalModel::Fit(table, 2, { .standardised = standardised, .components = amount })).at("classical.components").shape[0];
  };
  EXPECT_EQ(components(0.95, false), 1);
  EXPECT_EQ(components(0.95, true), 3);
  EXPECT_EQ(components(50, true), 3); // no more than there are
}

TEST(Calibration, PlattMovesTheThresholdWhereAScaleCannot)
{
  // Weighing the classes alike shifts an SVM far from the shares of the rows; Platt's offset finds these again.
  std::mt19937_64 random(14);
  FeatureTable    table;
  table.columns = 1;
  for (int i = 0; i < 600; ++i)
  {
    table.classes.push_back(i % 10 == 0);
    table.values.push_back(static_cast<float>(Normal(random) + table.classes.back()));
  }
  const auto mean = [&](Calibration calibration) {
    const auto model = ClassicalModel::Fit(table, 2, { .kind = Kind::SvmLinear, .calibration = calibration });
    double     sum = 0;
    for (std::size_t i = 0; i < table.Rows(); ++i)
      sum += model.Probabilities(RowOf(table, i))[1] / static_cast<double>(table.Rows());
    return sum;
  };
  EXPECT_NEAR(mean(Calibration::Platt), 0.1, 0.01);
  EXPECT_GT(mean(Calibration::Temperature), 0.2);
  EXPECT_GT(mean(Calibration::None), 0.2);
}

TEST(Scheme, BothDecideBlobsAndStoreTheirMachines)
{
  const auto table = Sparse(4, 30, 8, 6, 15), unseen = Sparse(4, 50, 8, 6, 16);
  for (const auto kind : { Kind::SvmLinear, Kind::SvmLinearSquared, Kind::LogisticRegression, Kind::LogisticL1, Kind::Perceptron, Kind::SvmRbf, Kind::SvmPolynomial })
    for (const auto & [scheme, machines] : { std::pair(Scheme::OneVsRest, 4), std::pair(Scheme::OneVsOne, 6) })
      for (const auto calibration : { Calibration::Temperature, Calibration::Platt })
      {
        const auto model = ClassicalModel::Fit(table, 4, { .kind = kind, .scheme = scheme, .calibration = calibration });
        EXPECT_GT(Accuracy(model, unseen), 0.95) << ToText(kind) << ' ' << ToText(scheme);
        Arrays arrays;
        Texts  description;
        model.Store(arrays, description);
        const bool isCurved = kind == Kind::SvmRbf || kind == Kind::SvmPolynomial;
        EXPECT_EQ(arrays.at(isCurved ? "classical.constants" : "classical.weights").shape[0], machines);
        EXPECT_EQ(ClassicalModel::Load(arrays, description).Probabilities(RowOf(unseen, 3)), model.Probabilities(RowOf(unseen, 3)));
      }
}

TEST(Preparation, IsStoredWithTheModel)
{
  const auto table = Sparse(3, 30, 40, 3, 17);
  for (const auto & spec : { ClassicalSpec{ .components = 5 }, ClassicalSpec{ .features = 7 }, ClassicalSpec{ .components = 0.5, .features = 9 } })
  {
    const auto model = ClassicalModel::Fit(table, 3, spec);
    Arrays     arrays;
    Texts      description;
    model.Store(arrays, description);
    const auto loaded = ClassicalModel::Load(arrays, description);
    EXPECT_EQ(loaded.Columns(), 40U);
    EXPECT_EQ(loaded.Probabilities(RowOf(table, 8)), model.Probabilities(RowOf(table, 8)));
    for (const auto * name : { "classical.kept", "classical.components" })
      if (auto damaged = arrays; damaged.contains(name))
      {
        damaged.at(name).values[0] = std::string(name) == "classical.kept" ? 40 : INFINITY;
        EXPECT_THROW(ClassicalModel::Load(damaged, description), Error) << name;
      }
  }
}

TEST(ClassicalSpec, NamesEachKindAndRefusesOthers)
{
  EXPECT_EQ(ClassicalSpec::Kinds().size(), 12U);
  for (const auto & name : ClassicalSpec::Kinds())
    EXPECT_EQ(ToText(ClassicalSpec::KindFrom(name)), name);
  EXPECT_THROW(ClassicalSpec::SchemeFrom("ovo"), Error);
  EXPECT_THROW(ClassicalSpec::CalibrationFrom("beta"), Error);
}

TEST(ClassicalSpec, OutOfRangeIsAUsageError)
{
  const auto table = Sparse(2, 10, 4, 3, 18);
  for (const auto & spec : { ClassicalSpec{ .degree = 0 }, ClassicalSpec{ .offset = -1 }, ClassicalSpec{ .neighbours = 0 }, ClassicalSpec{ .shrinkage = 1.5 },
                             ClassicalSpec{ .trees = 0 }, ClassicalSpec{ .leaf = 0 }, ClassicalSpec{ .components = -1 }, ClassicalSpec{ .features = -2 },
                             ClassicalSpec{ .features = 5 }, ClassicalSpec{ .gamma = NAN } })
    try
    {
      ClassicalModel::Fit(table, 2, spec);
      ADD_FAILURE() << "nothing was thrown";
    }
    catch (const Error & error)
    {
      EXPECT_EQ(error.Kind(), Fault::Usage) << error.what();
    }
}

TEST(ClassicalModel, RefusesMoreRowsThanAKernelHolds)
{
  const auto table = Sparse(2, 6500, 2, 3, 19);
  EXPECT_THROW(ClassicalModel::Fit(table, 2, { .kind = Kind::SvmLinear }), Error);
  EXPECT_GT(Accuracy(ClassicalModel::Fit(table, 2, { .kind = Kind::SvmLinearSquared }), table), 0.9);
}

} // namespace
} // namespace serval
