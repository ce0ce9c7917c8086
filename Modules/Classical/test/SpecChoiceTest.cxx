#include "serval/Classical/ClassicalModel.h"
#include "serval/Core/Error.h"
#include "serval/Core/Random.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace serval
{
namespace
{

using Kind = ClassicalSpec::Kind;

double Normal(std::mt19937_64 & random)
{
  return std::sqrt(-2 * std::log(1 - Uniform01(random))) * std::cos(6.283185307179586 * Uniform01(random));
}

/// Two classes that differ in the first of many columns; a patient has rows of both, or of one only.
FeatureTable Patients(int patients, int rowsEach, std::size_t columns, bool mixed, std::uint64_t seed)
{
  std::mt19937_64 random(seed);
  FeatureTable    table;
  table.columns = columns;
  for (int p = 0; p < patients; ++p)
    for (int i = 0; i < rowsEach; ++i)
    {
      const int label = mixed ? i % 2 : p % 2;
      for (std::size_t j = 0; j < columns; ++j)
        table.values.push_back(static_cast<float>(Normal(random) + (j == 0 ? 1.5 * label : 0)));
      table.classes.push_back(label);
      table.groups.push_back("p" + std::to_string(p));
    }
  return table;
}

/// The cost chosen among these, the smallest of equally good ones.
double ChooseCost(const FeatureTable & table, int classes, ClassicalSpec spec, std::vector<double> costs)
{
  std::ranges::sort(costs);
  std::vector<ClassicalSpec> candidates;
  for (const double cost : costs)
  {
    spec.cost = cost;
    candidates.push_back(spec);
  }
  return costs.at(ChooseAndFit(table, classes, candidates).index);
}

Fault FaultOf(const FeatureTable & table, const std::vector<double> & costs)
{
  try
  {
    ChooseCost(table, 2, {}, costs);
  }
  catch (const Error & error)
  {
    return error.Kind();
  }
  return Fault::Excluded;
}

double Accuracy(const ClassicalModel & model, const FeatureTable & table)
{
  int right = 0;
  for (std::size_t i = 0; i < table.Rows(); ++i)
  {
    const auto p = model.Probabilities({ table.values.data() + i * table.columns, table.columns });
    right += (p[1] > p[0]) == (table.classes[i] == 1);
  }
  return right / static_cast<double>(table.Rows());
}

// A narrow kernel on overlapping classes: a weak penalty learns each row by heart.
TEST(ChooseAndFit, DoesBetterOnOtherPatientsThanAWeakPenalty)
{
  double chosen = 0, weak = 0;
  for (std::uint64_t seed = 1; seed <= 10; ++seed)
  {
    const auto    table = Patients(12, 10, 2, true, seed), unseen = Patients(40, 10, 2, true, seed + 100);
    ClassicalSpec spec{ .kind = Kind::SvmRbf, .gamma = 3 };
    spec.cost = ChooseCost(table, 2, spec, { 1e4, 0.1 });
    chosen += Accuracy(ClassicalModel::Fit(table, 2, spec), unseen) / 10;
    spec.cost = 1e4;
    weak += Accuracy(ClassicalModel::Fit(table, 2, spec), unseen) / 10;
  }
  EXPECT_GT(chosen - weak, 0.03) << chosen << " against " << weak;
}

TEST(ChooseAndFit, TakesAWeakPenaltyWhereTheBoundaryIsSharp)
{
  std::mt19937_64 random(4);
  FeatureTable    table;
  table.columns = 2;
  for (int i = 0; i < 160; ++i)
  {
    const int a = i % 4, b = i / 4 % 4;
    table.values.push_back(static_cast<float>(a + 0.1 * Normal(random)));
    table.values.push_back(static_cast<float>(b + 0.1 * Normal(random)));
    table.classes.push_back((a + b) % 2);
  }
  EXPECT_EQ(ChooseCost(table, 2, { .kind = Kind::SvmRbf, .gamma = 2 }, { 1e-5, 10 }), 10);
}

TEST(ChooseAndFit, LeavesOutSettingsThatDoNotConverge)
{
  auto table = Patients(12, 6, 2, true, 5);
  for (float & value : table.values)
    value = std::copysign(3e38F, value); // their sums are no float32 numbers
  const ClassicalSpec good{ .kind = Kind::LogisticRegression };
  auto                bad = good;
  bad.standardised = false;
  EXPECT_EQ(ChooseAndFit(table, 2, { bad, good }).index, 1U);
  EXPECT_THROW(ChooseAndFit(table, 2, { bad }), Error);
  EXPECT_THROW(ChooseAndFit(table, 2, { bad, bad }), Error);
}

// In either patient the classes have the same huge features, so that all weights 0 are the minimum; in both together they
// differ, and the minimum is out of float32's reach.
TEST(ChooseAndFit, FallsBackWhereTheChosenSettingDoesNotConvergeOnAllRows)
{
  const auto patient = [](const std::string & name, float value, std::vector<int> classes) {
    return FeatureTable{ 1, std::vector<float>(classes.size(), value), classes, std::vector<std::string>(classes.size(), name) };
  };
  const auto one = patient("one", 1e8F, { 0, 0, 1, 1 }), other = patient("other", -1e8F, { 0, 0, 1, 1, 1, 1 });
  auto       both = one;
  both.values.insert(both.values.end(), other.values.begin(), other.values.end());
  both.classes.insert(both.classes.end(), other.classes.begin(), other.classes.end());
  both.groups.insert(both.groups.end(), other.groups.begin(), other.groups.end());
  const ClassicalSpec good{ .kind = Kind::LogisticRegression }, bad{ .kind = Kind::LogisticRegression, .standardised = false };
  EXPECT_NO_THROW(ClassicalModel::Fit(one, 2, bad));
  EXPECT_NO_THROW(ClassicalModel::Fit(other, 2, bad));
  EXPECT_THROW(ClassicalModel::Fit(both, 2, bad), Error);
  EXPECT_EQ(ChooseAndFit(both, 2, { bad, good }).index, 1U);
}

// One patient a class: a fold without the patient lacks the class; folds of rows would not.
TEST(ChooseAndFit, KeepsPatientsTogether)
{
  auto table = Patients(2, 6, 5, false, 3);
  EXPECT_EQ(FaultOf(table, { 1, 10 }), Fault::Input);
  table.groups.clear();
  EXPECT_EQ(FaultOf(table, { 1, 10 }), Fault::Excluded); // nothing thrown
}

TEST(ChooseAndFit, IsTheSameForEachOrderAndTheSmallestOfEquals)
{
  const auto table = Patients(8, 6, 5, true, 3);
  const auto cost = ChooseCost(table, 2, {}, { 0.01, 0.1, 1, 10 });
  EXPECT_EQ(cost, ChooseCost(table, 2, {}, { 10, 0.1, 0.01, 1 }));
  auto easy = table;
  for (std::size_t i = 0; i < easy.Rows(); ++i)
    easy.values[i * 5] = easy.classes[i] == 1 ? 100.0F : -100.0F;
  EXPECT_EQ(ChooseCost(easy, 2, {}, { 1, 2, 4 }), 1);
}

TEST(ChooseAndFit, RefusesWhatCannotBeChosen)
{
  const auto table = Patients(8, 6, 5, true, 3);
  EXPECT_EQ(FaultOf(table, {}), Fault::Usage);
  EXPECT_EQ(FaultOf(table, { 1, 0 }), Fault::Usage);
  EXPECT_EQ(FaultOf(Patients(1, 6, 5, true, 3), { 1, 10 }), Fault::Input);
  EXPECT_EQ(FaultOf(Patients(2, 6, 5, true, 3), { 1, 10 }), Fault::Excluded); // nothing thrown
  auto holed = table;
  holed.values[3] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(FaultOf(holed, { 1 }), Fault::Input);
}

TEST(ChooseAndFit, TakesTheKernelThatFits)
{
  auto table = Patients(10, 8, 2, true, 3);
  for (std::size_t i = 0; i < table.Rows(); ++i)
    table.classes[i] = table.values[2 * i] * table.values[2 * i + 1] > 0; // no line parts these
  const ClassicalSpec linear{ .kind = Kind::SvmLinear }, radial{ .kind = Kind::SvmRbf, .cost = 10 };
  EXPECT_EQ(ChooseAndFit(table, 2, { linear, radial }).index, 1U);
  EXPECT_EQ(ChooseAndFit(table, 2, { radial, linear }).index, 0U);
}

// Labels without any relation to the features, rows of a patient all alike: only folds that part patients look honest.
TEST(CrossPredict, IsAtChanceWhereOnlyThePatientTellsTheClass)
{
  std::mt19937_64 random(11);
  FeatureTable    table;
  table.columns = 6;
  for (int p = 0; p < 60; ++p)
  {
    float center[6];
    for (float & value : center)
      value = static_cast<float>(Normal(random));
    for (int i = 0; i < 5; ++i)
    {
      for (const float value : center)
        table.values.push_back(value + 0.01F * static_cast<float>(Normal(random)));
      table.classes.push_back(p % 2);
      table.groups.push_back("p" + std::to_string(p));
    }
  }
  const auto share = [&](const FeatureTable & of) {
    const auto found = CrossPredict(of, 2, { { .kind = Kind::NearestNeighbours, .neighbours = 1 } }, 5);
    double     right = 0;
    for (std::size_t i = 0; i < of.Rows(); ++i)
      right += found.probabilities[i][static_cast<std::size_t>(of.classes[i])] / static_cast<double>(of.Rows());
    return right;
  };
  EXPECT_NEAR(share(table), 0.5, 0.2);
  auto rows = table;
  rows.groups.clear();
  EXPECT_GT(share(rows), 0.95);
}

TEST(CrossPredict, ChoosesInEachFoldAndKeepsPatientsTogether)
{
  const auto                       table = Patients(9, 6, 3, true, 5);
  const std::vector<ClassicalSpec> candidates{ { .cost = 1e-4 }, { .cost = 1 } };
  const auto                       found = CrossPredict(table, 2, candidates, 3);
  ASSERT_EQ(found.chosen.size(), 3U);
  for (std::size_t i = 0; i < table.Rows(); ++i)
  {
    EXPECT_EQ(found.foldOf[i], found.foldOf[i / 6 * 6]);
    EXPECT_NEAR(found.probabilities[i].at(0) + found.probabilities[i].at(1), 1, 1e-12);
  }
  // A fold's rows alter nothing of their own model, but the others' do.
  auto changed = table;
  for (std::size_t i = 0; i < table.Rows(); ++i)
    if (found.foldOf[i] == 0)
      changed.classes[i] = 1 - changed.classes[i];
  const auto again = CrossPredict(changed, 2, candidates, 3);
  for (std::size_t i = 0; i < table.Rows(); ++i)
    EXPECT_EQ(again.probabilities[i] == found.probabilities[i], found.foldOf[i] == 0) << i;
}

TEST(CrossPredict, RefusesMoreFoldsThanPatients)
{
  const auto table = Patients(3, 6, 3, true, 5);
  EXPECT_THROW(CrossPredict(table, 2, { {} }, 4), Error);
  EXPECT_THROW(CrossPredict(table, 2, { {} }, 1), Error);
  EXPECT_THROW(CrossPredict(table, 2, {}, 3), Error);
}

} // namespace
} // namespace serval
