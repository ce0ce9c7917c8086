#include "serval/Evaluation/Curves.h"

#include "PatientBootstrap.h"
#include "serval/Core/Error.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <set>

namespace serval
{
namespace
{

constexpr double notDefined = std::numeric_limits<double>::quiet_NaN();

/// How many rows of the class, and of others, have at least the threshold.
struct Kept
{
  double threshold, positives, negatives;
};

// One entry for each probability that occurs, falling.
std::vector<Kept> KeptByThreshold(const Predictions & predictions, int ofClass)
{
  std::map<double, std::array<double, 2>, std::greater<>> counts;
  for (const auto & row : predictions.rows)
    ++counts[row.probabilities[static_cast<std::size_t>(ofClass)]][row.truth == ofClass];
  std::vector<Kept> kept;
  double            positives = 0, negatives = 0;
  for (const auto & [threshold, count] : counts)
    kept.push_back({ threshold, positives += count[1], negatives += count[0] });
  Require(positives > 0 && negatives > 0, Fault::Input, "a curve of '", predictions.name, "' needs rows of ",
          predictions.classNames[static_cast<std::size_t>(ofClass)], " and others; there are ", positives, " and ", negatives);
  return kept;
}

/// A lesion by its best candidate, or a false positive.
struct Finding
{
  double      score;
  std::size_t patient;
  bool        isLesion;
};

struct Candidates
{
  std::vector<Finding> findings; ///< by falling score
  std::vector<int>     scans;    ///< of each patient
};

Candidates CandidatesOf(const Predictions & predictions, int ofClass)
{
  std::map<std::string, std::size_t> places;
  for (const auto & patient : predictions.Patients())
    places.emplace(patient, places.size());
  Candidates                                   made{ {}, std::vector<int>(places.size(), 0) };
  std::set<std::pair<std::size_t, std::string>> scans;
  std::map<std::array<std::string, 3>, Finding> lesions;
  for (const auto & row : predictions.rows)
  {
    Require(row.repeat == predictions.rows[0].repeat, Fault::Input, "a FROC curve is that of one repeat; '", predictions.name, "' holds several");
    const auto   patient = places.at(row.patient);
    const double score = row.probabilities[static_cast<std::size_t>(ofClass)];
    made.scans[patient] += scans.emplace(patient, row.caseId).second;
    if (row.truth != ofClass)
      made.findings.push_back({ score, patient, false });
    else
    {
      auto & lesion = lesions.try_emplace({ row.patient, row.caseId, row.lesion.empty() ? "row " + row.unitId : row.lesion }, Finding{ score, patient, true }).first->second;
      lesion.score = std::max(lesion.score, score);
    }
  }
  for (const auto & [key, lesion] : lesions)
    made.findings.push_back(lesion);
  std::sort(made.findings.begin(), made.findings.end(), [](const Finding & a, const Finding & b) { return a.score > b.score; });
  return made;
}

// Threshold, false positives a scan and sensitivity, at each score that occurs above 0.
std::vector<CurvePoint> FrocPoints(const Candidates & candidates, const std::vector<int> & weights)
{
  double scans = 0, lesions = 0, found = 0, falsePositives = 0;
  for (std::size_t i = 0; i < weights.size(); ++i)
    scans += weights[i] * candidates.scans[i];
  for (const auto & finding : candidates.findings)
    lesions += finding.isLesion ? weights[finding.patient] : 0;
  std::vector<CurvePoint> points;
  for (std::size_t i = 0; i < candidates.findings.size() && candidates.findings[i].score > 0; ++i)
  {
    const auto & finding = candidates.findings[i];
    (finding.isLesion ? found : falsePositives) += weights[finding.patient];
    if (i + 1 == candidates.findings.size() || candidates.findings[i + 1].score < finding.score)
      points.push_back({ finding.score, falsePositives / scans, lesions > 0 ? found / lesions : notDefined });
  }
  return points;
}

double SensitivityAt(const std::vector<CurvePoint> & points, double rate)
{
  double best = points.empty() ? notDefined : 0 * points[0].y; // not defined without a lesion
  for (const auto & point : points)
    if (point.x <= rate)
      best = point.y;
  return best;
}

} // namespace

std::vector<CurvePoint> RocCurve(const Predictions & predictions, int ofClass)
{
  const auto              kept = KeptByThreshold(predictions, ofClass);
  std::vector<CurvePoint> curve{ { std::numeric_limits<double>::infinity(), 0, 0 } };
  for (const auto & k : kept)
    curve.push_back({ k.threshold, k.negatives / kept.back().negatives, k.positives / kept.back().positives });
  return curve;
}

namespace
{

/// The band is known at some rising x and linear between.
std::vector<BandedPoint> WithBand(const std::vector<CurvePoint> & curve, const std::vector<double> & at, const std::vector<Interval> & band)
{
  std::vector<BandedPoint> points;
  for (const auto & point : curve)
  {
    const auto   after = std::upper_bound(at.begin(), at.end(), point.x) - at.begin();
    const auto   i = static_cast<std::size_t>(std::clamp<std::ptrdiff_t>(after - 1, 0, std::ssize(at) - 2));
    const double share = (point.x - at[i]) / (at[i + 1] - at[i]);
    points.push_back({ point, std::lerp(band[i].low, band[i + 1].low, share), std::lerp(band[i].high, band[i + 1].high, share) });
  }
  return points;
}

} // namespace

std::vector<BandedPoint> RocWithBand(const Predictions & predictions, int ofClass, const BootstrapPlan & plan)
{
  static const std::vector<double> rates{ 0, 0.005, 0.01, 0.02, 0.03, 0.04, 0.05, 0.075, 0.1, 0.125, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1 };
  return WithBand(RocCurve(predictions, ofClass), rates, SensitivityAtRates(predictions, ofClass, plan, rates));
}

std::vector<BandedPoint> PrecisionRecallWithBand(const Predictions & predictions, int ofClass, const BootstrapPlan & plan)
{
  static const std::vector<double> recalls{ 0, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.875, 0.9, 0.925, 0.95, 0.96, 0.97, 0.98, 0.99, 0.995, 1 };
  return WithBand(PrecisionRecallCurve(predictions, ofClass), recalls, PrecisionAtRecalls(predictions, ofClass, plan, recalls));
}

std::vector<CurvePoint> PrecisionRecallCurve(const Predictions & predictions, int ofClass)
{
  const auto              kept = KeptByThreshold(predictions, ofClass);
  std::vector<CurvePoint> curve;
  for (const auto & k : kept)
    curve.push_back({ k.threshold, k.positives / kept.back().positives, k.positives / (k.positives + k.negatives) });
  return curve;
}

namespace
{

/// A row as the bootstrap sees it.
struct RankedRow
{
  double      probability;
  std::size_t patient, repeat;
  bool        isOfClass;
};

std::vector<RankedRow> RankedRows(const Predictions & predictions, int ofClass, UnitWeights & ones)
{
  std::map<std::string, std::size_t> patients, repeats;
  std::vector<RankedRow>             rows;
  for (const auto & row : predictions.rows)
    rows.push_back({ row.probabilities[static_cast<std::size_t>(ofClass)], patients.try_emplace(row.patient, patients.size()).first->second,
                     repeats.try_emplace(row.repeat, repeats.size()).first->second, row.truth == ofClass });
  std::stable_sort(rows.begin(), rows.end(), [](const RankedRow & a, const RankedRow & b) { return a.probability > b.probability; });
  ones = { std::vector<int>(patients.size(), 1), std::vector<int>(repeats.size(), 1) };
  return rows;
}

double SensitivityAtRate(const std::vector<RankedRow> & rows, const UnitWeights & weights, double rate)
{
  double positives = 0, negatives = 0;
  for (const auto & row : rows)
    (row.isOfClass ? positives : negatives) += weights.patients[row.patient] * weights.repeats[row.repeat];
  if (!(positives > 0 && negatives > 0))
    return notDefined;
  double x = 0, y = 0, beforeX = 0, beforeY = 0; // the curve's last two corners
  for (std::size_t i = 0; i < rows.size() && x <= rate; ++i)
  {
    if (i == 0 || rows[i].probability < rows[i - 1].probability)
    {
      beforeX = x;
      beforeY = y;
    }
    const double weight = weights.patients[rows[i].patient] * weights.repeats[rows[i].repeat];
    (rows[i].isOfClass ? y : x) += weight / (rows[i].isOfClass ? positives : negatives);
    if (x > rate) // the rest of a group of equal probabilities is part of its segment
      for (++i; i < rows.size() && rows[i].probability == rows[i - 1].probability; ++i)
        (rows[i].isOfClass ? y : x) += weights.patients[rows[i].patient] * weights.repeats[rows[i].repeat] / (rows[i].isOfClass ? positives : negatives);
  }
  return x > rate ? beforeY + (y - beforeY) * (rate - beforeX) / (x - beforeX) : y;
}

double PrecisionAtRecall(const std::vector<RankedRow> & rows, const UnitWeights & weights, double recall)
{
  const auto weightOf = [&weights](const RankedRow & row) { return double(weights.patients[row.patient]) * weights.repeats[row.repeat]; };
  double     all = 0, found = 0, kept = 0;
  for (const auto & row : rows)
    all += row.isOfClass ? weightOf(row) : 0;
  for (std::size_t i = 0; i < rows.size() && all > 0; ++i)
  {
    found += rows[i].isOfClass ? weightOf(rows[i]) : 0;
    kept += weightOf(rows[i]);
    const bool isLastOfEqual = i + 1 == rows.size() || rows[i + 1].probability < rows[i].probability;
    if (isLastOfEqual && kept > 0 && found >= recall * all * (1 - 1e-12)) // a recall of 1 / 3 x 3 is reached
      return found / kept;
  }
  return notDefined;
}

/// `heightAt` of a curve at each of the places, with its interval over patients.
template <typename HeightAt>
std::vector<Interval> IntervalsAt(const Predictions & predictions, int ofClass, const BootstrapPlan & plan, const std::vector<double> & places, HeightAt heightAt)
{
  KeptByThreshold(predictions, ofClass); // refuses what has no curve
  UnitWeights           ones;
  const auto            rows = RankedRows(predictions, ofClass, ones);
  std::vector<Interval> intervals;
  for (const double place : places)
    intervals.push_back(evaluation::IntervalOf(ones, plan, [&rows, place, heightAt](const UnitWeights & weights) { return heightAt(rows, weights, place); }));
  return intervals;
}

} // namespace

std::vector<Interval> SensitivityAtRates(const Predictions & predictions, int ofClass, const BootstrapPlan & plan, const std::vector<double> & rates)
{
  return IntervalsAt(predictions, ofClass, plan, rates, SensitivityAtRate);
}

std::vector<Interval> PrecisionAtRecalls(const Predictions & predictions, int ofClass, const BootstrapPlan & plan, const std::vector<double> & recalls)
{
  return IntervalsAt(predictions, ofClass, plan, recalls, PrecisionAtRecall);
}

FrocCurve Froc(const Predictions & predictions, int ofClass, const BootstrapPlan & plan, std::vector<double> rates)
{
  const auto        candidates = CandidatesOf(predictions, ofClass);
  const UnitWeights ones{ std::vector<int>(candidates.scans.size(), 1), { 1 } };
  FrocCurve         curve{ FrocPoints(candidates, ones.patients), std::move(rates), {}, {}, 0, 0 };
  for (const auto & finding : candidates.findings)
    curve.lesions += finding.isLesion;
  for (const int scans : candidates.scans)
    curve.scans += static_cast<std::size_t>(scans);
  Require(curve.lesions > 0, Fault::Input, "a FROC curve needs a row of ", predictions.classNames[static_cast<std::size_t>(ofClass)], "; '", predictions.name, "' has none");
  for (const double rate : curve.rates)
    curve.sensitivity.push_back(evaluation::IntervalOf(ones, plan, [&](const UnitWeights & weights) { return SensitivityAt(FrocPoints(candidates, weights.patients), rate); }));
  curve.mean = evaluation::IntervalOf(ones, plan, [&](const UnitWeights & weights) {
    const auto points = FrocPoints(candidates, weights.patients);
    double     sum = 0;
    for (const double rate : curve.rates)
      sum += SensitivityAt(points, rate);
    return sum / double(curve.rates.size());
  });
  return curve;
}

std::vector<DecisionPoint> DecisionCurve(const Predictions & predictions, int ofClass)
{
  const auto                 kept = KeptByThreshold(predictions, ofClass);
  const double               positives = kept.back().positives, negatives = kept.back().negatives, rows = positives + negatives;
  std::vector<DecisionPoint> curve;
  for (int percent = 1; percent < 100; ++percent)
  {
    const double threshold = percent / 100.0, odds = threshold / (1 - threshold);
    double       hits = 0, falsePositives = 0;
    for (const auto & k : kept)
      if (k.threshold >= threshold)
      {
        hits = k.positives;
        falsePositives = k.negatives;
      }
    curve.push_back({ threshold, (hits - falsePositives * odds) / rows, (positives - negatives * odds) / rows });
  }
  return curve;
}

std::vector<ReliabilityBin> Reliability(const Predictions & predictions)
{
  std::vector<ReliabilityBin> bins(eceBins);
  for (int i = 0; i < eceBins; ++i)
    bins[static_cast<std::size_t>(i)] = { double(i) / eceBins, double(i + 1) / eceBins, 0, 0, 0 };
  for (const auto & row : predictions.rows)
  {
    const double p = row.probabilities[static_cast<std::size_t>(row.Decision())];
    auto &       bin = bins[static_cast<std::size_t>(CalibrationBin(p))];
    bin.confidence += p;
    bin.accuracy += row.Decision() == row.truth;
    ++bin.rows;
  }
  for (auto & bin : bins)
  {
    bin.confidence = bin.rows > 0 ? bin.confidence / bin.rows : notDefined;
    bin.accuracy = bin.rows > 0 ? bin.accuracy / bin.rows : notDefined;
  }
  return bins;
}

} // namespace serval
