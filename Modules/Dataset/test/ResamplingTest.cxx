#include "serval/Core/Error.h"
#include "serval/Dataset/Resampling.h"
#include "serval/Dataset/Split.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

namespace serval
{
namespace
{

using Kind = ResamplingPlan::Kind;

// 40 patients of two scans each: 28 benign, 12 malignant.
std::vector<Case> Cohort()
{
  std::vector<Case> cases;
  for (int scan = 0; scan < 2; ++scan)
    for (int p = 0; p < 40; ++p)
    {
      Case one;
      one.id = Concat("c", p, "-", scan);
      one.patient = Concat("p", p);
      one.className = p % 10 < 7 ? "benign" : "malignant";
      cases.push_back(one);
    }
  return cases;
}

std::map<std::string, int> Counts(const std::vector<std::string> & patients)
{
  const auto                 classes = ClassesOfPatients(Cohort());
  std::map<std::string, int> counts;
  for (const auto & patient : patients)
    ++counts[classes.at(patient)];
  return counts;
}

class EveryResampling : public testing::TestWithParam<Kind>
{};

TEST_P(EveryResampling, DividesWholePatientsAndStratifies)
{
  ResamplingPlan plan;
  plan.kind = GetParam();
  plan.repeats = 3;
  const auto resamples = PlanResampling(Cohort(), plan);
  EXPECT_EQ(resamples.size(), static_cast<std::size_t>(plan.Repeats() * plan.Folds(40)));
  for (const auto & one : resamples)
  {
    std::set<std::string> all(one.training.begin(), one.training.end());
    for (const auto & patient : one.test)
    {
      EXPECT_TRUE(all.insert(patient).second) << patient << " trains and is tested";
    }
    EXPECT_EQ(all.size(), 40U);
    const double ill = Counts(one.test)["malignant"] / double(one.test.size());
    EXPECT_TRUE(plan.kind == Kind::LeaveOnePatientOut || std::abs(ill - 0.3) < 0.11) << ill;
  }
}

INSTANTIATE_TEST_SUITE_P(Resampling, EveryResampling,
                         testing::Values(Kind::HoldOut, Kind::KFold, Kind::FiveByTwo, Kind::LeaveOnePatientOut, Kind::MonteCarlo),
                         [](const auto & tested) { return std::string("Kind") + std::to_string(int(tested.param)); });

TEST(Resampling, FoldsTestEveryPatientOnceARepeat)
{
  ResamplingPlan plan;
  plan.kind = Kind::KFold;
  plan.repeats = 2;
  std::map<int, std::multiset<std::string>> tested;
  for (const auto & one : PlanResampling(Cohort(), plan))
    tested[one.repeat].insert(one.test.begin(), one.test.end());
  for (const auto & [repeat, patients] : tested)
  {
    EXPECT_EQ(patients.size(), 40U);
    EXPECT_EQ(std::set<std::string>(patients.begin(), patients.end()).size(), 40U);
  }
}

TEST(Resampling, HoldOutKeepsItsTestPatientsMonteCarloDoesNot)
{
  ResamplingPlan plan;
  plan.repeats = 2;
  const auto fixed = PlanResampling(Cohort(), plan);
  EXPECT_EQ(fixed[0].test, fixed[1].test);
  EXPECT_NE(fixed[0].training, fixed[1].training);
  plan.kind = Kind::MonteCarlo;
  const auto drawn = PlanResampling(Cohort(), plan);
  EXPECT_NE(drawn[0].test, drawn[1].test);
}

TEST(Resampling, SmallTrainingSetsHoldEachClass)
{
  std::vector<std::string> all;
  for (int p = 0; p < 40; ++p)
    all.push_back(Concat("p", p));
  const auto proportional = TrainingOrder(Cohort(), all, ResamplingPlan::Draw::Proportional, 5);
  EXPECT_EQ(Counts({ proportional.begin(), proportional.begin() + 2 }).size(), 2U);
  EXPECT_NEAR(Counts({ proportional.begin(), proportional.begin() + 20 })["malignant"], 6, 1);
  const auto balanced = TrainingOrder(Cohort(), all, ResamplingPlan::Draw::Balanced, 5);
  EXPECT_EQ(Counts({ balanced.begin(), balanced.begin() + 20 })["malignant"], 10);
}

TEST(Resampling, OrderOfTheRowsDoesNotMatter)
{
  auto turned = Cohort();
  std::reverse(turned.begin(), turned.end());
  ResamplingPlan plan;
  plan.kind = Kind::KFold;
  const auto a = PlanResampling(Cohort(), plan), b = PlanResampling(turned, plan);
  for (std::size_t i = 0; i < a.size(); ++i)
  {
    EXPECT_EQ(a[i].training, b[i].training);
    EXPECT_EQ(a[i].test, b[i].test);
  }
}

TEST(Resampling, ValidationPatientsAreTrainingPatientsOfEachClass)
{
  const auto one = PlanResampling(Cohort(), {}).front();
  const auto parts = HoldOutPatients(Cohort(), one.training, 0.2, 3);
  EXPECT_EQ(parts.validation.size(), 6U);
  EXPECT_EQ(parts.training.size(), 24U);
  EXPECT_EQ(Counts(parts.validation).size(), 2U);
  EXPECT_THROW(HoldOutPatients(Cohort(), { "p1" }, 0.2, 3), Error);
}

TEST(Resampling, UnknownWordIsRefused)
{
  EXPECT_EQ(ResamplingKindFrom("5x2"), Kind::FiveByTwo);
  EXPECT_THROW(ResamplingKindFrom("bootstrap"), Error);
}

} // namespace
} // namespace serval
