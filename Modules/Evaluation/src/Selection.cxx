#include "serval/Evaluation/Selection.h"

#include "serval/Core/Error.h"
#include "serval/Core/Random.h"
#include "serval/Evaluation/Comparison.h"

#include <algorithm>
#include <cmath>

namespace serval
{
namespace
{

using Metrics = std::vector<PatientWiseMetric>;

std::size_t BestOf(const Metrics & metrics, const UnitWeights & weights, bool lowerIsBetter)
{
  std::size_t best = metrics.size();
  double      value = 0;
  for (std::size_t m = 0; m < metrics.size(); ++m)
    if (const double own = metrics[m](weights); std::isfinite(own) && (best == metrics.size() || (lowerIsBetter ? own < value : own > value)))
    {
      best = m;
      value = own;
    }
  return best;
}

/// How often each patient is drawn, and who is not.
std::pair<UnitWeights, UnitWeights> DrawPatients(const UnitWeights & ones, std::uint64_t seed, int sample)
{
  auto            drawn = ones, left = ones;
  std::mt19937_64 random(DeriveSeed(seed, { "selection", std::to_string(sample) }));
  std::fill(drawn.patients.begin(), drawn.patients.end(), 0);
  for (std::size_t i = 0; i < drawn.patients.size(); ++i)
    ++drawn.patients[UniformBelow(drawn.patients.size(), random)];
  for (std::size_t i = 0; i < drawn.patients.size(); ++i)
    left.patients[i] = drawn.patients[i] == 0;
  return { drawn, left };
}

} // namespace

SelectedModel SelectBest(const std::vector<Predictions> & models, const Metric & metric, const BootstrapPlan & plan)
{
  Require(models.size() >= 2, Fault::Input, "a choice needs two models or more; ", models.size(), " given");
  Metrics metrics;
  for (const auto & model : models)
  {
    RequirePaired(models.front(), model);
    metrics.emplace_back(model, metric);
  }
  const auto ones = metrics.front().Ones();
  Require(ones.patients.size() >= 2, Fault::Input, "a choice is corrected over patients; one is not enough");
  SelectedModel chosen;
  chosen.index = BestOf(metrics, ones, LowerIsBetter(metric));
  Require(chosen.index < models.size(), Fault::Input, ToText(metric), " is not defined for any of the ", models.size(), " models");
  chosen.name = models[chosen.index].name;
  chosen.apparent = BootstrapInterval(models[chosen.index], metric, plan);
  chosen.chosenShare.assign(models.size(), 0);
  std::vector<double> values;
  for (int sample = 0; sample < plan.samples; ++sample)
  {
    const auto [drawn, left] = DrawPatients(ones, plan.seed, sample);
    const auto best = BestOf(metrics, drawn, LowerIsBetter(metric));
    if (best == models.size())
      continue;
    chosen.chosenShare[best] += 1;
    if (const double value = metrics[best](left); std::isfinite(value))
      values.push_back(value);
  }
  double sum = 0;
  for (const double value : values)
    sum += value;
  double all = 0;
  for (const double share : chosen.chosenShare)
    all += share;
  for (double & share : chosen.chosenShare)
    share /= std::max(1.0, all);
  const double tail = (1 - plan.confidence) / 2;
  chosen.corrected = values.empty() ? Interval{ std::nan(""), std::nan(""), std::nan(""), 0, "no bootstrap sample gave a value" }
                                    : Interval{ sum / double(values.size()), Quantile(values, tail), Quantile(values, 1 - tail), plan.samples - static_cast<int>(values.size()),
                                                "choice repeated in each bootstrap sample of patients, measured on those left out" };
  return chosen;
}

} // namespace serval
