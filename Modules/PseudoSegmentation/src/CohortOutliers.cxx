#include "serval/Core/Error.h"
#include "serval/Core/Text.h"
#include "serval/PseudoSegmentation/Cohort.h"

#include <algorithm>
#include <cmath>

namespace serval
{
namespace
{

constexpr std::size_t fewestCases = 5;
constexpr double      steadyScale = 0.01; // shares and places nearer than this are alike, however small the MAD
constexpr double      madToSigma = 1.4826;

/// One number of every case, 0..1.
struct Feature
{
  std::string         name;
  std::vector<double> values;
};

double Median(std::vector<double> values)
{
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return values.size() % 2 == 1 ? *middle : (*middle + *std::max_element(values.begin(), middle)) / 2;
}

double ShareOf(const PseudoSummary & summary, std::size_t label)
{
  double all = 0;
  for (const auto & entry : summary.classes)
    all += static_cast<double>(entry.voxels);
  return static_cast<double>(summary.classes[label].voxels) / all;
}

std::vector<Feature> FeaturesOf(const std::vector<CohortCase *> & cases, bool hasFoundThresholds)
{
  std::vector<Feature> features;
  const auto &         first = cases.front()->summary;
  for (std::size_t label = 0; label < first.classes.size(); ++label)
  {
    features.push_back({ "the share of " + first.classes[label].name, {} });
    for (const auto * one : cases)
      features.back().values.push_back(ShareOf(one->summary, label));
  }
  for (std::size_t i = 0; hasFoundThresholds && i < first.thresholds.size(); ++i)
  {
    features.push_back({ Concat("the place of threshold ", i + 1, " in the intensity range"), {} });
    for (const auto * one : cases)
      features.back().values.push_back((one->summary.thresholds[i] - one->summary.low) /
                                       (one->summary.high - one->summary.low));
  }
  return features;
}

void Measure(const Feature & feature, const std::vector<CohortCase *> & cases, double limit)
{
  const double        median = Median(feature.values);
  std::vector<double> distances;
  for (const double value : feature.values)
    distances.push_back(std::abs(value - median));
  const double scale = std::max(madToSigma * Median(distances), steadyScale);
  for (std::size_t i = 0; i < cases.size(); ++i)
  {
    const double deviation = distances[i] / scale;
    if (!(deviation > cases[i]->deviation))
      continue;
    cases[i]->deviation = deviation;
    PseudoSummary & summary = cases[i]->summary;
    if (deviation <= limit || (summary.verdict != Verdict::Ok && summary.verdict != Verdict::Outlier))
      continue;
    summary.verdict = Verdict::Outlier;
    summary.reason = Concat(feature.name, " is ", FormatFixed(100 * feature.values[i], 2), " %, ", FormatFixed(deviation, 1),
                            " robust deviations from the cohort's median of ", FormatFixed(100 * median, 2), " %; at most ",
                            FormatNumber(limit), " are expected");
  }
}

} // namespace

void MarkOutliers(std::vector<CohortCase> & cases, const CohortPlan & plan)
{
  std::vector<CohortCase *> measured;
  for (auto & one : cases)
    if (one.summary.verdict != Verdict::Failed)
      measured.push_back(&one);
  const bool hasFound = plan.recipe.method != ThresholdMethod::Fixed;
  // Without a body no thresholds are found: such a case is Empty already.
  std::erase_if(measured, [&](const CohortCase * one) { return hasFound && !(one->summary.high > one->summary.low); });
  if (measured.size() < fewestCases)
    return;
  for (const auto & feature : FeaturesOf(measured, hasFound))
    Measure(feature, measured, plan.outlierLimit);
}

bool IsUsed(const CohortCase & one, const CohortPlan & plan)
{
  return one.summary.verdict == Verdict::Ok || (plan.acceptGate && one.summary.verdict != Verdict::Failed);
}

} // namespace serval
