#include "serval/Classical/ClassicalModel.h"
#include "serval/Core/Error.h"
#include "serval/Core/Random.h"

#include <gtest/gtest.h>
#include <linear.h>
#include <svm.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>

namespace serval
{
namespace
{

using Kind = ClassicalSpec::Kind;
using Arrays = std::map<std::string, TensorFile::Array>;
using Texts = std::map<std::string, std::string>;
constexpr Kind allKinds[] = { Kind::SvmLinear,    Kind::SvmLinearSquared,  Kind::SvmRbf,      Kind::SvmPolynomial,
                              Kind::LogisticRegression, Kind::LogisticL1,  Kind::NearestNeighbours, Kind::NearestMean,
                              Kind::Discriminant, Kind::Perceptron,        Kind::RandomForest, Kind::ExtraTrees };
/// Those whose probabilities should be as often right as they say.
constexpr Kind calibratedKinds[] = { Kind::SvmLinear,  Kind::SvmLinearSquared, Kind::SvmRbf,       Kind::SvmPolynomial, Kind::LogisticRegression,
                                     Kind::LogisticL1, Kind::NearestMean,      Kind::Discriminant, Kind::Perceptron };

double Normal(std::mt19937_64 & random)
{
  return std::sqrt(-2 * std::log(1 - Uniform01(random))) * std::cos(6.283185307179586 * Uniform01(random));
}

/// Blobs of unequal sizes: class k lies at `distance` along axis k, the columns have very different units.
FeatureTable Blobs(const std::vector<int> & sizes, std::size_t columns, double distance, std::uint64_t seed)
{
  std::mt19937_64 random(seed);
  FeatureTable    table;
  table.columns = columns;
  for (std::size_t k = 0; k < sizes.size(); ++k)
    for (int i = 0; i < sizes[k]; ++i)
    {
      for (std::size_t j = 0; j < columns; ++j)
        table.values.push_back(static_cast<float>((Normal(random) + (j == k ? distance : 0)) * std::pow(10.0, j) + 50));
      table.classes.push_back(static_cast<int>(k));
      table.groups.push_back("p" + std::to_string(i % 7));
    }
  return table;
}

FeatureTable Xor(int count)
{
  std::mt19937_64 random(5);
  FeatureTable    table;
  table.columns = 2;
  for (int i = 0; i < count; ++i)
  {
    const int a = i % 2, b = i / 2 % 2;
    table.values.push_back(static_cast<float>(a + 0.1 * Normal(random)));
    table.values.push_back(static_cast<float>(b + 0.1 * Normal(random)));
    table.classes.push_back(a ^ b);
  }
  return table;
}

std::span<const float> RowOf(const FeatureTable & table, std::size_t i)
{
  return { table.values.data() + i * table.columns, table.columns };
}

int Decide(const ClassicalModel & model, std::span<const float> row)
{
  const auto p = model.Probabilities(row);
  return static_cast<int>(std::max_element(p.begin(), p.end()) - p.begin());
}

double Accuracy(const ClassicalModel & model, const FeatureTable & table)
{
  int right = 0;
  for (std::size_t i = 0; i < table.Rows(); ++i)
    right += Decide(model, RowOf(table, i)) == table.classes[i];
  return right / static_cast<double>(table.Rows());
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

/// The table in the model's standardised units, from its stored arrays.
std::vector<std::vector<double>> Standard(const FeatureTable & table, const Arrays & arrays)
{
  std::vector<std::vector<double>> rows(table.Rows());
  for (std::size_t i = 0; i < table.Rows(); ++i)
    for (std::size_t j = 0; j < table.columns; ++j)
      rows[i].push_back((RowOf(table, i)[j] - arrays.at("classical.mean").values[j]) /
                        arrays.at("classical.deviation").values[j]);
  return rows;
}

TEST(ClassicalModel, SeparatesBlobsNotSeenBefore)
{
  for (const auto kind : allKinds)
  {
    const auto model = ClassicalModel::Fit(Blobs({ 30, 41, 22 }, 5, 8, 1), 3, { .kind = kind });
    EXPECT_GE(Accuracy(model, Blobs({ 100, 100, 100 }, 5, 8, 2)), 0.99) << ToText(kind);
  }
}

TEST(ClassicalModel, ProbabilitiesSumToOneAndGrowWithEvidence)
{
  for (const auto kind : allKinds)
  {
    const auto table = Blobs({ 40, 33, 51 }, 4, 2, 3);
    const auto model = ClassicalModel::Fit(table, 3, { .kind = kind });
    for (std::size_t i = 0; i < table.Rows(); ++i)
    {
      const auto p = model.Probabilities(RowOf(table, i));
      EXPECT_NEAR(std::accumulate(p.begin(), p.end(), 0.0), 1, 1e-12);
      EXPECT_TRUE(std::all_of(p.begin(), p.end(), [](double value) { return value >= 0 && value <= 1; }));
    }
    const std::vector<float> between{ 51, 50, 50, 50 }, center{ 52, 50, 50, 50 };
    EXPECT_GE(model.Probabilities(center)[0], model.Probabilities(between)[0]) << ToText(kind);
  }
}

// Rows drawn from their own probabilities: calibrated scores say on average how often they are right.
TEST(ClassicalModel, CalibratedConfidenceIsTheShareOfRightDecisions)
{
  for (const auto kind : calibratedKinds)
  {
    const auto model = ClassicalModel::Fit(Blobs({ 200, 200 }, 3, 1.5, 11), 2, { .kind = kind });
    const auto unseen = Blobs({ 2000, 2000 }, 3, 1.5, 12);
    double     confidence = 0;
    for (std::size_t i = 0; i < unseen.Rows(); ++i)
    {
      const auto p = model.Probabilities(RowOf(unseen, i));
      confidence += std::max(p[0], p[1]) / static_cast<double>(unseen.Rows());
    }
    EXPECT_NEAR(confidence, Accuracy(model, unseen), 0.04) << ToText(kind);
  }
}

TEST(ClassicalModel, StoredAndLoadedGivesTheSame)
{
  for (const auto kind : allKinds)
    for (const bool binary : { false, true })
    {
      const auto table = Blobs(binary ? std::vector<int>{ 20, 31 } : std::vector<int>{ 20, 31, 25 }, 6, 1.5, 4);
      const auto model = ClassicalModel::Fit(table, 3, { .kind = kind });
      Arrays     arrays;
      Texts      description;
      model.Store(arrays, description);
      for (const auto & [name, array] : arrays)
        EXPECT_TRUE(name.starts_with("classical."));
      const auto loaded = ClassicalModel::Load(arrays, description);
      EXPECT_EQ(loaded.Columns(), 6U);
      EXPECT_EQ(loaded.ClassCount(), 3);
      for (std::size_t i = 0; i < table.Rows(); ++i)
        EXPECT_EQ(model.Probabilities(RowOf(table, i)), loaded.Probabilities(RowOf(table, i)));
    }
}

TEST(ClassicalModel, IsTheSameEachTime)
{
  const auto table = Blobs({ 20, 31, 25 }, 6, 1.5, 4);
  for (const auto kind : allKinds)
  {
    Arrays a, b;
    Texts  textA, textB;
    ClassicalModel::Fit(table, 3, { .kind = kind }).Store(a, textA);
    ClassicalModel::Fit(table, 3, { .kind = kind }).Store(b, textB);
    EXPECT_EQ(textA, textB);
    for (const auto & [name, array] : a)
      EXPECT_EQ(array.values, b.at(name).values);
  }
}

// The library's own decision, on the same standardised rows.
TEST(ClassicalModel, DecidesAsLiblinear)
{
  set_print_string_function([](const char *) {});
  for (const auto kind : { Kind::SvmLinearSquared, Kind::LogisticL1 })
    for (const auto & sizes : { std::vector<int>{ 40, 30 }, std::vector<int>{ 40, 30, 50 } })
    {
      const auto table = Blobs(sizes, 4, 1, 6);
      const auto ours = ClassicalModel::Fit(table, 3, { .kind = kind, .balanced = false });
      Arrays     arrays;
      Texts      description;
      ours.Store(arrays, description);
      std::vector<std::vector<feature_node>> nodes;
      std::vector<feature_node *>            starts;
      for (const auto & row : Standard(table, arrays))
      {
        nodes.emplace_back();
        for (const double value : row)
          nodes.back().push_back({ static_cast<int>(nodes.back().size()) + 1, value });
        nodes.back().push_back({ 5, 1 });
        nodes.back().push_back({ -1, 0 });
      }
      for (auto & row : nodes)
        starts.push_back(row.data());
      std::vector<double> targets(table.classes.begin(), table.classes.end());
      parameter           settings{};
      settings.solver_type = kind == Kind::SvmLinearSquared ? L2R_L2LOSS_SVC : L1R_LR;
      settings.eps = 1e-8;
      settings.C = 1;
      problem data{ static_cast<int>(table.Rows()), 5, targets.data(), starts.data(), 1 };
      model * theirs = train(&data, &settings);
      for (std::size_t i = 0; i < table.Rows(); ++i)
        EXPECT_EQ(Decide(ours, RowOf(table, i)), predict(theirs, starts[i])) << i;
      free_and_destroy_model(&theirs);
    }
}

/// Do several classes share the most votes of libsvm's pairs? Then libsvm takes the first, we the larger margins.
bool VotesTie(const svm_model & theirs, const svm_node * row)
{
  const int           classes = svm_get_nr_class(&theirs);
  std::vector<double> margins(static_cast<std::size_t>(classes * (classes - 1) / 2));
  svm_predict_values(&theirs, row, margins.data());
  std::vector<int> votes(static_cast<std::size_t>(classes), 0);
  std::size_t      pair = 0;
  for (std::size_t a = 0; a < votes.size(); ++a)
    for (std::size_t b = a + 1; b < votes.size(); ++b)
      ++votes[margins[pair++] > 0 ? a : b];
  return std::count(votes.begin(), votes.end(), *std::max_element(votes.begin(), votes.end())) > 1;
}

TEST(ClassicalModel, DecidesAsLibsvm)
{
  svm_set_print_string_function([](const char *) {});
  for (const auto & [kind, kernel] : { std::pair(Kind::SvmRbf, RBF), std::pair(Kind::SvmLinear, LINEAR), std::pair(Kind::SvmPolynomial, POLY) })
  for (const auto & sizes : { std::vector<int>{ 40, 30 }, std::vector<int>{ 40, 30, 50 }, std::vector<int>{ 20, 20, 20, 20 } })
  {
    const auto          table = Blobs(sizes, 4, 2, 6);
    const ClassicalSpec spec{ .kind = kind, .scheme = ClassicalSpec::Scheme::OneVsOne, .cost = 3, .gamma = 0.2, .balanced = false };
    const auto          ours = ClassicalModel::Fit(table, 4, spec);
    Arrays     arrays;
    Texts      description;
    ours.Store(arrays, description);
    std::vector<std::vector<svm_node>> nodes;
    std::vector<svm_node *>            starts;
    for (const auto & row : Standard(table, arrays))
    {
      nodes.emplace_back();
      for (const double value : row)
        nodes.back().push_back({ static_cast<int>(nodes.back().size()) + 1, value });
      nodes.back().push_back({ -1, 0 });
    }
    for (auto & row : nodes)
      starts.push_back(row.data());
    std::vector<double> targets(table.classes.begin(), table.classes.end());
    svm_parameter       settings{};
    settings.kernel_type = kernel;
    settings.degree = 3;
    settings.coef0 = 1;
    settings.gamma = 0.2;
    settings.cache_size = 10;
    settings.eps = 1e-6;
    settings.C = 3;
    svm_problem data{ static_cast<int>(table.Rows()), targets.data(), starts.data() };
    svm_model * theirs = svm_train(&data, &settings);
    int         ties = 0;
    for (std::size_t i = 0; i < table.Rows(); ++i)
    {
      if (VotesTie(*theirs, starts[i]))
        ++ties;
      else
        EXPECT_EQ(Decide(ours, RowOf(table, i)), svm_predict(theirs, starts[i])) << i;
    }
    EXPECT_LE(ties, sizes.size() == 2 ? 0 : 4);
    svm_free_and_destroy_model(&theirs);
  }
}

// d/dw [ |w|^2 / 2 + C sum_i c(y_i) log(1 + exp(-y_i w x_i)) ] = 0 for each class against the rest.
TEST(ClassicalModel, LogisticLossHasNoSlopeAtTheOptimum)
{
  const auto   table = Blobs({ 40, 30, 50 }, 3, 1, 7);
  const double cost = 0.7;
  Arrays       arrays;
  Texts        description;
  ClassicalModel::Fit(table, 3, { .kind = Kind::LogisticRegression, .cost = cost, .balanced = false }).Store(arrays, description);
  const auto   rows = Standard(table, arrays);
  const auto & labels = arrays.at("classical.labels").values;
  for (std::size_t k = 0; k < 3; ++k)
  {
    const float *       w = arrays.at("classical.weights").values.data() + k * 4;
    std::vector<double> slope{ w[0], w[1], w[2], 0 }; // the constant is not penalised
    for (std::size_t i = 0; i < rows.size(); ++i)
    {
      const double y = table.classes[i] == static_cast<int>(labels[k]) ? 1 : -1;
      const double score = w[0] * rows[i][0] + w[1] * rows[i][1] + w[2] * rows[i][2] + w[3];
      const double push = -cost * y / (1 + std::exp(y * score));
      for (std::size_t j = 0; j < 4; ++j)
        slope[j] += push * (j < 3 ? rows[i][j] : 1);
    }
    for (const double value : slope)
      EXPECT_NEAR(value, 0, 3e-3);
  }
}

TEST(ClassicalModel, LogisticProbabilitiesAreNormalisedLogistics)
{
  const auto table = Blobs({ 40, 30, 50 }, 3, 1, 7);
  const auto model = ClassicalModel::Fit(table, 3, { .kind = Kind::LogisticRegression });
  Arrays     arrays;
  Texts      description;
  model.Store(arrays, description);
  const auto row = Standard(table, arrays)[77];
  double     logistic[3], sum = 0;
  for (std::size_t k = 0; k < 3; ++k)
  {
    const float * w = arrays.at("classical.weights").values.data() + k * 4;
    sum += logistic[k] = 1 / (1 + std::exp(-(w[0] * row[0] + w[1] * row[1] + w[2] * row[2] + w[3])));
  }
  for (std::size_t k = 0; k < 3; ++k)
    EXPECT_NEAR(model.Probabilities(RowOf(table, 77))[static_cast<std::size_t>(arrays.at("classical.labels").values[k])],
                logistic[k] / sum, 1e-6);
}

TEST(ClassicalModel, RadialKernelSolvesXorWhereALineCannot)
{
  const auto table = Xor(200);
  for (const auto kind : { Kind::SvmRbf, Kind::SvmPolynomial, Kind::NearestNeighbours, Kind::RandomForest, Kind::ExtraTrees })
    EXPECT_GE(Accuracy(ClassicalModel::Fit(table, 2, { .kind = kind }), Xor(120)), 0.99) << ToText(kind);
  EXPECT_LE(Accuracy(ClassicalModel::Fit(table, 2, { .kind = Kind::SvmLinear }), table), 0.76);
}

TEST(ClassicalModel, UnitsOfColumnsDoNotMatter)
{
  const auto table = Blobs({ 30, 40 }, 3, 1.5, 8);
  auto       scaled = table;
  for (std::size_t i = 1; i < scaled.values.size(); i += 3)
    scaled.values[i] = scaled.values[i] * 1024 - 4096; // exact in float
  for (const auto kind : allKinds)
  {
    const auto a = ClassicalModel::Fit(table, 2, { .kind = kind }), b = ClassicalModel::Fit(scaled, 2, { .kind = kind });
    for (std::size_t i = 0; i < table.Rows(); ++i)
      EXPECT_NEAR(a.Probabilities(RowOf(table, i))[0], b.Probabilities(RowOf(scaled, i))[0], 2e-3) << ToText(kind);
  }
}

TEST(ClassicalModel, ConstantColumnsDoNoHarm)
{
  auto table = Blobs({ 30, 40 }, 3, 6, 8);
  for (std::size_t i = 2; i < table.values.size(); i += 3)
    table.values[i] = 0.1F;
  for (const auto kind : allKinds)
  {
    const auto model = ClassicalModel::Fit(table, 2, { .kind = kind });
    EXPECT_GE(Accuracy(model, table), 0.98) << ToText(kind);
    Arrays arrays;
    Texts  description;
    model.Store(arrays, description);
    EXPECT_EQ(arrays.at("classical.deviation").values[2], 1);
  }
}

TEST(ClassicalModel, BalanceLiftsTheRareClass)
{
  const auto table = Blobs({ 400, 20 }, 2, 1, 9);
  const auto found = [&](bool balanced) {
    const auto model = ClassicalModel::Fit(table, 2, { .kind = Kind::LogisticRegression, .balanced = balanced });
    int        rare = 0;
    for (std::size_t i = 0; i < table.Rows(); ++i)
      rare += Decide(model, RowOf(table, i)) == 1;
    return rare;
  };
  EXPECT_GT(found(true), 4 * found(false));
}

TEST(ClassicalModel, AbsentClassGetsNoProbability)
{
  auto table = Blobs({ 30, 40 }, 3, 3, 8);
  for (int & label : table.classes)
    label = label == 0 ? 3 : 1; // of four classes, 0 and 2 have no row
  for (const auto kind : allKinds)
  {
    const auto model = ClassicalModel::Fit(table, 4, { .kind = kind });
    const auto p = model.Probabilities(RowOf(table, 0));
    ASSERT_EQ(p.size(), 4U);
    EXPECT_EQ(p[0], 0);
    EXPECT_EQ(p[2], 0);
    EXPECT_GT(p[3], 0.5);
  }
}

TEST(ClassicalModel, FewGroupsLeaveTheScaleAlone)
{
  auto table = Blobs({ 5, 6 }, 2, 3, 8);
  for (auto & group : table.groups)
    group = "one";
  Arrays arrays;
  Texts  description;
  ClassicalModel::Fit(table, 2, {}).Store(arrays, description);
  EXPECT_EQ(description.at("scale"), "1");
}

TEST(ClassicalModel, RefusesBadTables)
{
  const auto good = Blobs({ 5, 6 }, 2, 3, 8);
  const auto fit = [](const FeatureTable & table, ClassicalSpec spec = {}) { return [=] { ClassicalModel::Fit(table, 2, spec); }; };
  auto       one = good;
  std::fill(one.classes.begin(), one.classes.end(), 1);
  EXPECT_NE(MessageOf(fit(one), Fault::Input).find("all 11 rows are of class 1"), std::string::npos);
  EXPECT_NE(MessageOf(fit({ 1, { 2 }, { 0 }, {} }), Fault::Input).find("has 1 row(s)"), std::string::npos);
  auto holed = good;
  holed.values[7] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_NE(MessageOf(fit(holed), Fault::Input).find("row 3, column 1"), std::string::npos);
  auto foreign = good;
  foreign.classes[4] = 2;
  EXPECT_NE(MessageOf(fit(foreign), Fault::Input).find("row 4 has the class 2"), std::string::npos);
  auto shorter = good;
  shorter.values.pop_back();
  EXPECT_NE(MessageOf(fit(shorter), Fault::Input).find("21 values; 11 rows of 2 columns"), std::string::npos);
  EXPECT_NE(MessageOf(fit(good, { .cost = 0 }), Fault::Usage).find("cost"), std::string::npos);
  EXPECT_NE(MessageOf([] { ClassicalSpec::KindFrom("forest"); }, Fault::Usage).find("svm-rbf"), std::string::npos);
  const auto model = ClassicalModel::Fit(good, 2, {});
  EXPECT_NE(MessageOf([&] { model.Probabilities({ good.values.data(), 1 }); }, Fault::Input).find("takes 2 features, but 1"),
            std::string::npos);
}

// Every array taken away, shortened, reshaped or spoilt must be refused, and every description.
TEST(ClassicalModel, RefusesDamagedArrays)
{
  for (const auto kind : allKinds)
  {
    Arrays arrays;
    Texts  description;
    ClassicalModel::Fit(Blobs({ 9, 8, 7 }, 4, 3, 8), 3, { .kind = kind }).Store(arrays, description);
    for (const auto & [name, array] : arrays)
    {
      auto missing = arrays, shorter = arrays, spoilt = arrays, cut = arrays;
      missing.erase(name);
      shorter.at(name).values.pop_back();
      spoilt.at(name).values[0] = std::numeric_limits<float>::infinity();
      cut.at(name) = { { 1 }, { 0 } };
      for (const auto & damaged : { missing, shorter, spoilt, cut })
        EXPECT_NE(MessageOf([&] { ClassicalModel::Load(damaged, description); }, Fault::Input), "nothing was thrown") << name << ToText(kind);
    }
    for (const auto & [key, text] : description)
    {
      auto missing = description, foreign = description;
      missing.erase(key);
      foreign.at(key) = "-1";
      for (const auto & damaged : { missing, foreign })
        EXPECT_NE(MessageOf([&] { ClassicalModel::Load(arrays, damaged); }, Fault::Input), "nothing was thrown") << key;
    }
  }
}

} // namespace
} // namespace serval
