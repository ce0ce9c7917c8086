#include "serval/Evaluation/Ranking.h"

#include "PatientBootstrap.h"
#include "UnitPairs.h"
#include "serval/Core/Error.h"
#include "serval/Core/Text.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <mutex>
#include <set>

namespace serval
{
namespace
{

// 1 for the best; equal values share the mean.
std::vector<double> RanksOf(const std::vector<double> & values, bool lowerIsBetter)
{
  std::vector<double> ranks;
  for (const double value : values)
  {
    double better = 0, equal = 0;
    for (const double other : values)
    {
      better += lowerIsBetter ? other < value : other > value;
      equal += other == value;
    }
    ranks.push_back(better + (equal + 1) / 2);
  }
  return ranks;
}

bool AreFinite(const std::vector<double> & values)
{
  return std::all_of(values.begin(), values.end(), [](double v) { return std::isfinite(v); });
}

void RequireModels(const std::vector<Predictions> & models)
{
  Require(models.size() >= 2, Fault::Input, "a ranking needs two models; there are ", models.size());
  for (std::size_t i = 1; i < models.size(); ++i)
    RequirePaired(models[0], models[i]);
}

using PartOf = std::function<std::string(const Prediction &)>;

// Mean rank of each model over the parts; empty where a part has no value.
std::vector<double> MeanRanks(const std::vector<Predictions> & models, const Metric & metric, const PartOf & part)
{
  std::set<std::string> parts;
  for (const auto & row : models[0].rows)
    parts.insert(part(row));
  std::vector<double> mean(models.size(), 0);
  for (const auto & name : parts)
  {
    std::vector<double> values;
    for (const auto & model : models)
      values.push_back(Evaluate(model.Where([&](const Prediction & row) { return part(row) == name; }), metric));
    if (!AreFinite(values))
      return {};
    const auto ranks = RanksOf(values, LowerIsBetter(metric));
    for (std::size_t i = 0; i < ranks.size(); ++i)
      mean[i] += ranks[i] / double(parts.size());
  }
  return mean;
}

} // namespace

Ranking BootstrapRanking(const std::vector<Predictions> & models, const Metric & metric, const BootstrapPlan & plan)
{
  RequireModels(models);
  std::vector<PatientWiseMetric> metrics;
  for (const auto & model : models)
    metrics.emplace_back(model, metric);
  const auto valuesOf = [&](const UnitWeights & weights) {
    std::vector<double> values;
    for (const auto & one : metrics)
      values.push_back(one(weights));
    return values;
  };
  const auto ones = metrics[0].Ones();
  const auto observed = valuesOf(ones);
  Require(AreFinite(observed), Fault::Input, "the ", ToText(metric), " of a model is not defined: a class has no row");
  const auto                       ranks = RanksOf(observed, LowerIsBetter(metric));
  std::vector<std::vector<double>> drawn(models.size());
  std::mutex                       mutex;
  const auto                       taus = evaluation::DrawBootstrap(ones, plan, [&](const UnitWeights & weights) {
    const auto values = valuesOf(weights);
    if (!AreFinite(values))
      return std::numeric_limits<double>::quiet_NaN();
    const auto            sample = RanksOf(values, LowerIsBetter(metric));
    const double          tau = KendallTau(sample, ranks);
    const std::lock_guard lock(mutex);
    for (std::size_t i = 0; i < sample.size(); ++i)
      drawn[i].push_back(sample[i]);
    return std::isfinite(tau) ? tau : 0; // all models are equal: the sample has no order to agree with
  }).values;
  Ranking    result{ metric, {}, std::numeric_limits<double>::quiet_NaN() };
  const auto tails = evaluation::PercentileTails(std::max<std::size_t>(2, ones.patients.size()), plan.confidence);
  for (std::size_t i = 0; i < models.size(); ++i)
  {
    double first = 0;
    for (std::size_t sample = 0; sample < drawn[i].size(); ++sample)
    {
      double best = std::numeric_limits<double>::infinity(), atBest = 0;
      for (const auto & other : drawn)
        best = std::min(best, other[sample]);
      for (const auto & other : drawn)
        atBest += other[sample] == best;
      first += drawn[i][sample] == best ? 1 / atBest : 0;
    }
    result.models.push_back({ models[i].name, observed[i], ranks[i], Quantile(drawn[i], tails.low), Quantile(drawn[i], tails.high), first / double(drawn[i].size()) });
  }
  if (std::adjacent_find(ranks.begin(), ranks.end(), std::not_equal_to<>()) != ranks.end() && !taus.empty())
  {
    result.tau = 0;
    for (const double tau : taus)
      result.tau += tau / double(taus.size());
  }
  return result;
}

std::vector<RankingWay> RankingWays(const std::vector<Predictions> & models, const std::vector<Metric> & metrics)
{
  RequireModels(models);
  std::vector<RankingWay> ways;
  std::set<std::string>   repeats;
  for (const auto & row : models[0].rows)
    repeats.insert(row.repeat);
  const auto add = [&](const std::string & text, const std::vector<double> & values, bool lowerIsBetter) {
    if (!values.empty() && AreFinite(values))
      ways.push_back({ text, RanksOf(values, lowerIsBetter) });
  };
  for (const auto & metric : metrics)
  {
    std::vector<double> values;
    for (const auto & model : models)
      values.push_back(Evaluate(model, metric));
    add(ToText(metric), values, LowerIsBetter(metric));
    if (repeats.size() > 1)
      add(ToText(metric) + ", mean rank over repeats", MeanRanks(models, metric, [](const Prediction & row) { return row.repeat; }), true);
    if (IsMeanOverRows(metric))
      add(ToText(metric) + ", mean rank over patients", MeanRanks(models, metric, [](const Prediction & row) { return row.patient; }), true);
  }
  return ways;
}

std::vector<std::vector<double>> Agreement(const std::vector<RankingWay> & ways)
{
  std::vector<std::vector<double>> taus;
  for (const auto & one : ways)
  {
    taus.emplace_back();
    for (const auto & other : ways)
      taus.back().push_back(KendallTau(one.ranks, other.ranks));
  }
  return taus;
}

DatasetComparison CompareOverDatasets(std::vector<std::string> datasets, std::vector<std::string> models, std::vector<std::vector<double>> values, bool lowerIsBetter, double alpha)
{
  auto signedValues = values;
  for (auto & row : signedValues)
    for (double & value : row)
      value = lowerIsBetter ? -value : value;
  DatasetComparison result{ std::move(datasets), std::move(models), std::move(values), FriedmanTest(signedValues), alpha, 0, 0 };
  result.nemenyi = NemenyiDifference(result.models.size(), result.datasets.size(), alpha);
  result.bonferroniDunn = BonferroniDunnDifference(result.models.size(), result.datasets.size(), alpha);
  return result;
}

DatasetComparison CompareOverDatasets(const std::vector<Predictions> & models, const Metric & metric, double alpha)
{
  RequireModels(models);
  std::set<std::string> datasets;
  for (const auto & row : models[0].rows)
    datasets.insert(row.dataset);
  std::vector<std::vector<double>> values;
  std::vector<std::string>         names;
  for (const auto & model : models)
    names.push_back(model.name);
  for (const auto & name : datasets)
  {
    values.emplace_back();
    for (const auto & model : models)
    {
      values.back().push_back(Evaluate(model.Where([&](const Prediction & row) { return row.dataset == name; }), metric));
      Require(std::isfinite(values.back().back()), Fault::Input, "the ", ToText(metric), " of '", model.name, "' is not defined in the data set '", name, "'");
    }
  }
  return CompareOverDatasets({ datasets.begin(), datasets.end() }, names, values, LowerIsBetter(metric), alpha);
}

} // namespace serval
