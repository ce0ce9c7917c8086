#include "Samples.h"
#include "serval/Core/Error.h"
#include "serval/Evaluation/Calibration.h"
#include "serval/Evaluation/Comparison.h"
#include "serval/Evaluation/Curves.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

namespace serval
{
namespace
{

Predictions Scored() { return OneRowEach("m", { { 0.9, 1 }, { 0.8, 0 }, { 0.7, 1 }, { 0.3, 1 }, { 0.3, 0 }, { 0.1, 0 } }); }

TEST(RocCurve, HasTheAreaOfTheMetric)
{
  const auto curve = RocCurve(Scored(), 1);
  EXPECT_EQ(curve.front().x + curve.front().y, 0);
  EXPECT_EQ(curve.back().x + curve.back().y, 2);
  double area = 0;
  for (std::size_t i = 1; i < curve.size(); ++i)
    area += (curve[i].x - curve[i - 1].x) * (curve[i].y + curve[i - 1].y) / 2;
  EXPECT_NEAR(area, Evaluate(Scored(), Metric::Auc), 1e-12);
  EXPECT_THROW(RocCurve(OneRowEach("m", { { 0.9, 1 } }), 1), Error);
}

// By hand: falling, the rows are + - + (+ -) -; the tied pair is one slanted segment from (1/3, 2/3) to (2/3, 1).
TEST(SensitivityAtRates, LieOnTheCurveWithTheirIntervals)
{
  const std::vector<double> rates{ 0, 1 / 6.0, 1 / 3.0, 0.5, 2 / 3.0, 1 }, expected{ 1 / 3.0, 1 / 3.0, 2 / 3.0, 5 / 6.0, 1, 1 };
  const auto                intervals = SensitivityAtRates(Scored(), 1, {}, rates);
  ASSERT_EQ(intervals.size(), rates.size());
  for (std::size_t i = 0; i < rates.size(); ++i)
  {
    EXPECT_NEAR(intervals[i].value, expected[i], 1e-12) << rates[i];
    EXPECT_LE(intervals[i].low, intervals[i].value);
    EXPECT_GE(intervals[i].high, intervals[i].value);
  }
  EXPECT_LT(intervals[1].low, intervals[1].high - 0.2) << "six patients say little";
  EXPECT_THROW(SensitivityAtRates(OneRowEach("m", { { 0.9, 1 } }), 1, {}, rates), Error);
}

// Rows of one patient count as one: copies of all rows within their patients change nothing.
TEST(SensitivityAtRates, DrawWholePatients)
{
  auto copied = Scored();
  for (auto row : Scored().rows)
  {
    row.unitId += " again";
    copied.rows.push_back(row);
  }
  const auto once = SensitivityAtRates(Scored(), 1, {}, { 0.2 })[0], twice = SensitivityAtRates(copied, 1, {}, { 0.2 })[0];
  EXPECT_NEAR(once.low, twice.low, 1e-9);
  EXPECT_NEAR(once.high, twice.high, 1e-9);
}

TEST(RocWithBand, IsTheCurveWithinItsIntervals)
{
  const auto plain = RocCurve(Scored(), 1);
  const auto band = RocWithBand(Scored(), 1, {});
  ASSERT_EQ(band.size(), plain.size());
  for (std::size_t i = 0; i < band.size(); ++i)
  {
    EXPECT_EQ(band[i].x, plain[i].x);
    EXPECT_EQ(band[i].y, plain[i].y);
    EXPECT_LE(band[i].low, band[i].high);
  }
  const auto at = SensitivityAtRates(Scored(), 1, {}, { 1 })[0];
  EXPECT_EQ(band.back().low, at.low);
  EXPECT_EQ(band.back().high, at.high);
}

TEST(PrecisionRecallCurve, HasTheAveragePrecisionOfTheMetric)
{
  double area = 0, recall = 0;
  for (const auto & point : PrecisionRecallCurve(Scored(), 1))
  {
    area += (point.x - recall) * point.y;
    recall = point.x;
  }
  EXPECT_NEAR(area, Evaluate(Scored(), Metric::AveragePrecision), 1e-12);
}

// By hand: falling, the rows are + - + (+ -) -, so the precisions are 1, 1/2, 2/3, 3/5 and 1/2; recall 1 is reached with the tied pair.
TEST(PrecisionAtRecalls, IsThatOfTheHighestThresholdWhichReachesTheRecall)
{
  const std::vector<double> recalls{ 0, 0.2, 1 / 3.0, 0.34, 2 / 3.0, 0.7, 1 }, expected{ 1, 1, 1, 2 / 3.0, 2 / 3.0, 0.6, 0.6 };
  const auto                intervals = PrecisionAtRecalls(Scored(), 1, {}, recalls);
  ASSERT_EQ(intervals.size(), recalls.size());
  for (std::size_t i = 0; i < recalls.size(); ++i)
  {
    EXPECT_NEAR(intervals[i].value, expected[i], 1e-12) << recalls[i];
    EXPECT_LE(intervals[i].low, intervals[i].value);
    EXPECT_GE(intervals[i].high, intervals[i].value);
  }
  EXPECT_LT(intervals[4].low, intervals[4].high - 0.2) << "six patients say little";
  EXPECT_THROW(PrecisionAtRecalls(OneRowEach("m", { { 0.9, 1 } }), 1, {}, recalls), Error);
}

TEST(PrecisionRecallWithBand, IsTheCurveWithIntervalsOverPatients)
{
  const auto plain = PrecisionRecallCurve(Scored(), 1);
  const auto band = PrecisionRecallWithBand(Scored(), 1, {});
  ASSERT_EQ(band.size(), plain.size());
  for (std::size_t i = 0; i < band.size(); ++i)
  {
    EXPECT_EQ(band[i].x, plain[i].x);
    EXPECT_EQ(band[i].y, plain[i].y);
    EXPECT_LE(band[i].low, band[i].high);
  }
  const auto at = PrecisionAtRecalls(Scored(), 1, {}, { 1 })[0];
  EXPECT_EQ(band.back().low, at.low);
  EXPECT_EQ(band.back().high, at.high);
  auto copied = Scored(); // rows of one patient are one patient's evidence
  for (auto row : Scored().rows)
  {
    row.unitId += " again";
    copied.rows.push_back(row);
  }
  const auto twice = PrecisionRecallWithBand(copied, 1, {});
  for (std::size_t i = 0; i < band.size(); ++i)
  {
    EXPECT_NEAR(twice[i].low, band[i].low, 1e-9);
    EXPECT_NEAR(twice[i].high, band[i].high, 1e-9);
  }
}

Prediction Candidate(const std::string & patient, const std::string & unit, double p, const std::string & lesion)
{
  Prediction row{ patient, unit, "", lesion.empty() ? 0 : 1, { 1 - p, p } };
  row.caseId = patient;
  row.lesion = lesion;
  return row;
}

// Two scans; lesion A has two candidates and counts by its better one, lesion C is never found.
TEST(Froc, CountsLesionsAndFalsePositivesAScan)
{
  Predictions p{ "m", { "other", "lesion" }, {}, Unit::Patch };
  p.rows = { Candidate("1", "a", 0.9, "A"), Candidate("1", "b", 0.2, "A"), Candidate("1", "c", 0.8, ""), Candidate("2", "a", 0.7, "B"),
             Candidate("2", "b", 0.6, ""),  Candidate("2", "c", 0.5, ""),  Candidate("2", "d", 0, "C") };
  const auto curve = Froc(p, 1, {}, { 0, 0.5, 1, 2 });
  EXPECT_EQ(curve.lesions, 3U);
  EXPECT_EQ(curve.scans, 2U);
  const double expected[]{ 1 / 3.0, 2 / 3.0, 2 / 3.0, 2 / 3.0 };
  for (std::size_t i = 0; i < 4; ++i)
    EXPECT_NEAR(curve.sensitivity[i].value, expected[i], 1e-12) << i;
  EXPECT_NEAR(curve.mean.value, 7 / 12.0, 1e-12);
  for (std::size_t i = 1; i < curve.points.size(); ++i)
  {
    EXPECT_GE(curve.points[i].x, curve.points[i - 1].x);
    EXPECT_GE(curve.points[i].y, curve.points[i - 1].y);
  }
  p.rows.resize(3);
  p.rows[0].truth = p.rows[1].truth = 0;
  EXPECT_THROW(Froc(p, 1, {}), Error);
}

TEST(DecisionCurve, IsTheNetBenefit)
{
  const auto curve = DecisionCurve(Scored(), 1);
  const auto at = [&](double t) { return *std::find_if(curve.begin(), curve.end(), [t](const auto & point) { return std::abs(point.threshold - t) < 1e-9; }); };
  EXPECT_NEAR(at(0.5).model, 2 / 6.0 - 1 / 6.0 * 1, 1e-12);
  EXPECT_NEAR(at(0.5).all, 0, 1e-12);
  EXPECT_NEAR(at(0.2).model, 3 / 6.0 - 2 / 6.0 * 0.25, 1e-12);
  EXPECT_NEAR(at(0.95).model, 0, 1e-12);
}

TEST(Reliability, BinsGiveTheCalibrationError)
{
  double error = 0;
  for (const auto & bin : Reliability(Scored()))
    if (bin.rows > 0)
      error += bin.rows / 6.0 * std::abs(bin.accuracy - bin.confidence);
  EXPECT_NEAR(error, Evaluate(Scored(), Metric::Ece), 1e-12);
}

// Truths follow the probabilities; the model says them with twice the logit.
Predictions Bold(std::size_t classes, int rows, std::uint64_t seed)
{
  std::mt19937_64 random(seed);
  Predictions     p{ "m", {}, {}, Unit::Patient };
  for (std::size_t c = 0; c < classes; ++c)
    p.classNames.push_back(std::to_string(c));
  for (int i = 0; i < rows; ++i)
  {
    std::vector<double> honest(classes), bold(classes);
    double              sum = 0, boldSum = 0;
    for (std::size_t c = 0; c < classes; ++c)
    {
      const double logit = 3 * Uniform01(random);
      sum += honest[c] = std::exp(logit);
      boldSum += bold[c] = std::exp(2 * logit);
    }
    double      at = Uniform01(random) * sum;
    std::size_t truth = 0;
    while (truth + 1 < classes && (at -= honest[truth]) > 0)
      ++truth;
    for (double & b : bold)
      b /= boldSum;
    const auto id = std::to_string(i);
    p.rows.push_back({ id, id, "", static_cast<int>(truth), bold });
  }
  return p;
}

TEST(Calibrator, TemperatureFindsTheFactor)
{
  const auto p = Bold(3, 4000, 1);
  const auto fitted = Calibrator::Fit(p, Calibrator::Kind::Temperature);
  EXPECT_NEAR(fitted.Temperature(), 2, 0.1);
  const auto made = fitted.Apply(p);
  EXPECT_EQ(ChangedDecisions(p, made), 0);
}

TEST(Calibrator, EveryKindLowersTheLossOfOtherPatients)
{
  const auto taught = Bold(2, 3000, 1), other = Bold(2, 3000, 2);
  for (const char * kind : { "temperature", "platt", "isotonic" })
  {
    const auto made = Calibrator::Fit(taught, Calibrator::KindFrom(kind)).Apply(other);
    EXPECT_LT(Evaluate(made, Metric::LogLoss), Evaluate(other, Metric::LogLoss)) << kind;
    EXPECT_LT(Evaluate(made, Metric::Ece), 0.6 * Evaluate(other, Metric::Ece)) << kind;
    for (const auto & row : made.rows)
      EXPECT_NEAR(std::accumulate(row.probabilities.begin(), row.probabilities.end(), 0.0), 1, 1e-9);
  }
  EXPECT_THROW(Calibrator::Fit(OneRowEach("m", { { 0.9, 1 }, { 0.8, 1 } }), Calibrator::Kind::Platt), Error);
  EXPECT_THROW(Calibrator::KindFrom("beta"), Error);
}

// A step function through a group's own truths is perfect on them; only other patients may teach it.
TEST(CrossCalibrated, NoPatientTeachesItself)
{
  std::mt19937_64                     random(3);
  std::vector<std::pair<double, int>> noise;
  for (int i = 0; i < 200; ++i)
    noise.emplace_back(Uniform01(random), random() >> 63);
  const auto p = OneRowEach("m", noise);
  EXPECT_GT(Evaluate(Calibrator::Fit(p, Calibrator::Kind::Isotonic).Apply(p), Metric::Auc), 0.55);
  EXPECT_LT(Evaluate(CrossCalibrated(p, Calibrator::Kind::Isotonic, 5, 1), Metric::Auc), 0.55);
  EXPECT_THROW(CrossCalibrated(p, Calibrator::Kind::Isotonic, 201, 1), Error);
}

TEST(Prevalence, IsMovedAndFoundAgain)
{
  const auto p = Scored();
  const auto moved = AtPrevalence(p, { 0.5, 0.5 }, { 0.9, 0.1 });
  EXPECT_NEAR(moved.rows[0].probabilities[1], 0.9 * 0.2 / (0.9 * 0.2 + 0.1 * 1.8), 1e-12);
  EXPECT_THROW(AtPrevalence(p, { 0.5, 0.5 }, { 0.9, 0.2 }), Error);
  // Rows of a model trained at one half, drawn where one in five is positive.
  std::mt19937_64                     random(5);
  std::vector<std::pair<double, int>> scores;
  for (int i = 0; i < 20000; ++i)
  {
    const int    truth = Uniform01(random) < 0.2;
    const double x = std::sqrt(-2 * std::log(1 - Uniform01(random))) * std::cos(6.283185307 * Uniform01(random)) + (truth ? 2 : 0);
    scores.emplace_back(1 / (1 + std::exp(-2 * x + 2)), truth);
  }
  EXPECT_NEAR(EstimatedPrevalence(OneRowEach("m", scores), { 0.5, 0.5 })[1], 0.2, 0.01);
}

TEST(Prevalence, WeighsTheRecalls)
{
  const auto scores = ScoresAtPrevalence(Scored(), { 0.9, 0.1 }, {}); // recalls 2/3 and 2/3
  EXPECT_NEAR(scores.accuracy.value, 2 / 3.0, 1e-12);
  EXPECT_NEAR(scores.positivePredictive.value, 0.1 * 2 / (0.1 * 2 + 0.9), 1e-12);
  EXPECT_NEAR(scores.negativePredictive.value, 0.9 * 2 / (0.9 * 2 + 0.1), 1e-12);
  EXPECT_THROW(ScoresAtPrevalence(Scored(), { 0.5 }, {}), Error);
}

} // namespace
} // namespace serval
