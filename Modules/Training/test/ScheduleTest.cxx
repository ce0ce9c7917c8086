// Courses of the learning rate, accumulation, averages, and what validation decides.
#include "SlabCohort.h"
#include "serval/Core/Error.h"

#include <cmath>

namespace serval
{
namespace
{

using Schedule = OptimiserPlan::Schedule;

double RateAt(Schedule schedule, int step, int falls = 0, int rampUp = 0)
{
  OptimiserPlan plan;
  plan.schedule = schedule;
  plan.factor = 0.5;
  plan.every = 2;
  plan.rampUp = rampUp;
  return plan.RateAt(step, 100, 10, falls); // ten epochs of ten steps
}

TEST(Schedules, FollowTheirFormulas)
{
  EXPECT_EQ(RateAt(Schedule::Constant, 77), 1);
  EXPECT_EQ(RateAt(Schedule::Cosine, 1), 1);
  EXPECT_NEAR(RateAt(Schedule::Cosine, 51), 0.5, 1e-12);
  EXPECT_EQ(RateAt(Schedule::Cosine, 100), 1e-3);
  EXPECT_EQ(RateAt(Schedule::Step, 20), 1);
  EXPECT_EQ(RateAt(Schedule::Step, 21), 0.5);
  EXPECT_EQ(RateAt(Schedule::Step, 41), 0.25);
  EXPECT_EQ(RateAt(Schedule::Exponential, 10), 1);
  EXPECT_EQ(RateAt(Schedule::Exponential, 31), 0.125);
  EXPECT_NEAR(RateAt(Schedule::Polynomial, 51), std::pow(0.5, 0.9), 1e-12);
  EXPECT_EQ(RateAt(Schedule::Plateau, 60, 3), 0.125);
  EXPECT_NEAR(RateAt(Schedule::Constant, 1, 0, 4), 0.2, 1e-12);
  EXPECT_NEAR(RateAt(Schedule::Constant, 4, 0, 4), 0.8, 1e-12);
  EXPECT_EQ(RateAt(Schedule::Constant, 5, 0, 4), 1);
}

class Optimisation : public Training
{
protected:
  NoProgress quiet;
  TrainResult Train(const TrainRequest & request) { return LoadLearning().Train(*cache, request, quiet); }
  static double Distance(const TrainResult & a, const TrainResult & b)
  {
    double squares = 0, size = 0;
    for (const auto & [name, array] : a.arrays)
      for (std::size_t i = 0; i < array.values.size(); ++i)
      {
        squares += std::pow(array.values[i] - b.arrays.at(name).values[i], 2);
        size += std::pow(array.values[i], 2);
      }
    return std::sqrt(squares / size);
  }
};

// Without batch norm the mean gradient of two halves is that of the whole.
TEST_F(Optimisation, TwoBatchesAccumulatedAreOneOfTwiceTheSize)
{
  auto request = Segmentation();
  request.network.normalisation = "none";
  request.loss.overlap = LossPlan::Overlap::None;
  request.computing.precision = "float32";
  request.learningRate = 0.1;
  request.steps = 5;
  request.batch = 12;
  request.optimiser.method = OptimiserPlan::Method::Sgd;
  const auto whole = Train(request);
  request.parts = 3;
  EXPECT_LT(Distance(whole, Train(request)), 1e-5);
  request.parts = 5;
  EXPECT_THROW(Train(request), Error) << "12 are not 5 equal parts";
  request.parts = 0;
  request.batch = 6;
  request.optimiser.accumulation = 2;
  EXPECT_LT(Distance(whole, Train(request)), 1e-5);
  request.optimiser.accumulation = 1;
  EXPECT_GT(Distance(whole, Train(request)), 1e-4);
}

TEST_F(Optimisation, TheBestEvaluationIsKeptAndEndsTraining)
{
  auto request = Classification();
  request.validation = test;
  request.steps = 400;
  request.learningRate = 3e-2;
  request.optimiser.schedule = Schedule::Constant;
  request.optimiser.evaluateEvery = 5;
  request.optimiser.patience = 4;
  std::size_t told = 0;
  request.onCurve = [&](const std::vector<CurvePoint> & curve) {
    EXPECT_GT(curve.size(), told);
    told = curve.size();
  };
  const auto result = Train(request);
  EXPECT_EQ(told, result.curve.size());
  EXPECT_LT(result.lastStep, 400);
  EXPECT_EQ(result.lastStep, result.bestStep + 4 * 5);
  double best = 1e9;
  for (const auto & point : result.curve)
    if (std::isfinite(point.validationLoss))
    {
      if (point.step <= result.bestStep)
        best = std::min(best, point.validationLoss);
      EXPECT_TRUE(point.step != result.bestStep || point.validationLoss == best);
      EXPECT_GE(point.validationLoss, point.step < result.bestStep ? 0 : best);
    }
  EXPECT_NE(result.arrays.at("encoder1.first.weight").values, result.lastArrays.at("encoder1.first.weight").values);
  request.onCurve = {};
  request.optimiser.keepsBest = false;
  EXPECT_EQ(Train(request).arrays.at("encoder1.first.weight").values, result.lastArrays.at("encoder1.first.weight").values);
}

TEST_F(Optimisation, PlateausLowerTheRate)
{
  auto request = Classification();
  request.validation = test;
  request.learningRate = 3e-2;
  request.steps = 200;
  request.optimiser.schedule = Schedule::Plateau;
  request.optimiser.every = 2;
  request.optimiser.evaluateEvery = 5;
  const auto result = Train(request);
  EXPECT_LT(result.curve.back().rate, 0.5 * request.learningRate);
  for (std::size_t i = 1; i < result.curve.size(); ++i)
    EXPECT_LE(result.curve[i].rate, result.curve[i - 1].rate);
}

TEST_F(Optimisation, TheAverageLagsBehind)
{
  auto       request = Classification();
  const auto plain = Train(request);
  request.optimiser.averaging = 1e-9;
  EXPECT_LT(Distance(plain, Train(request)), 1e-6) << "an average of the last value alone";
  request.optimiser.averaging = 0.9;
  EXPECT_GT(Distance(plain, Train(request)), 1e-3);
}

TEST_F(Optimisation, Float16LearnsToo)
{
  auto request = Classification();
  request.steps = 60;
  request.computing.precision = "float16";
  const auto result = Train(request);
  EXPECT_EQ(result.precision, "float16");
  EXPECT_GT(result.curve.back().accuracy, 0.9);
}

TEST_F(Optimisation, ValidationIsNeededWhereItDecides)
{
  auto request = Classification();
  request.optimiser.patience = 3;
  EXPECT_THROW(Train(request), Error);
  request = Classification();
  request.optimiser.schedule = Schedule::Plateau;
  EXPECT_THROW(Train(request), Error);
}

} // namespace
} // namespace serval
