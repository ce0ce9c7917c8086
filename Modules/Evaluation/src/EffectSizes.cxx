#include "serval/Core/Error.h"
#include "serval/Evaluation/SampleTests.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>

namespace serval
{
namespace
{

constexpr double notDefined = std::numeric_limits<double>::quiet_NaN();

void RequireFinite(std::span<const double> values, std::size_t least, const char * what)
{
  Require(values.size() >= least, Fault::Input, what, " needs at least ", least, " values; there are ", values.size());
  Require(std::all_of(values.begin(), values.end(), [](double v) { return std::isfinite(v); }), Fault::Input, what, ": a value is not a finite number");
}

} // namespace

EffectSize EffectSizeOf(std::span<const double> differences)
{
  RequireFinite(differences, 2, "an effect size");
  const double n = double(differences.size()), mean = std::accumulate(differences.begin(), differences.end(), 0.0) / n;
  double       squares = 0;
  for (const double d : differences)
    squares += (d - mean) * (d - mean);
  const double deviation = std::sqrt(squares / (n - 1));
  const auto   ranks = WilcoxonTest(differences, ZeroRule::Drop);
  EffectSize   effect{ notDefined, notDefined, notDefined };
  if (deviation > 1e-12 * std::abs(mean))
  {
    effect.cohen = mean / deviation;
    effect.hedges = n > 2 ? effect.cohen * (1 - 3 / (4 * (n - 1) - 1)) : notDefined;
  }
  if (ranks.positive + ranks.negative > 0)
    effect.rankBiserial = (ranks.positive - ranks.negative) / (ranks.positive + ranks.negative);
  return effect;
}

double CliffDelta(std::span<const double> a, std::span<const double> b)
{
  RequireFinite(a, 1, "Cliff's delta");
  RequireFinite(b, 1, "Cliff's delta");
  std::vector<double> sorted(b.begin(), b.end());
  std::sort(sorted.begin(), sorted.end());
  double sum = 0;
  for (const double value : a)
  {
    const auto [first, last] = std::equal_range(sorted.begin(), sorted.end(), value);
    sum += double(first - sorted.begin()) - double(sorted.end() - last);
  }
  return sum / (double(a.size()) * double(b.size()));
}

VarianceSplit SplitVariance(const std::vector<std::vector<double>> & rows, const std::vector<std::size_t> & folds)
{
  Require(rows.size() >= 2, Fault::Input, "the split of the variance needs two seeds; there are ", rows.size());
  std::map<std::size_t, std::vector<std::size_t>> members;
  for (std::size_t i = 0; i < folds.size(); ++i)
    members[folds[i]].push_back(i);
  const double seeds = double(rows.size()), patients = double(folds.size()), groups = double(members.size());
  Require(members.size() >= 2 && patients > groups, Fault::Input, "the split of the variance needs two folds, one of them with several patients; there are ",
          members.size(), " folds of ", folds.size(), " patients");
  std::vector<double> patientMeans(folds.size(), 0), seedMeans;
  for (const auto & row : rows)
  {
    Require(row.size() == folds.size(), Fault::Input, "the split of the variance: a seed has ", row.size(), " patients, the folds ", folds.size());
    RequireFinite(row, 2, "the split of the variance");
    seedMeans.push_back(std::accumulate(row.begin(), row.end(), 0.0) / patients);
    for (std::size_t i = 0; i < row.size(); ++i)
      patientMeans[i] += row[i] / seeds;
  }
  const double mean = std::accumulate(seedMeans.begin(), seedMeans.end(), 0.0) / seeds;
  double       ofSeeds = 0, ofFolds = 0, ofPatients = 0, ofRest = 0, sizeSquares = 0;
  for (const double m : seedMeans)
    ofSeeds += patients * (m - mean) * (m - mean);
  for (const auto & [fold, places] : members)
  {
    double foldMean = 0;
    for (const auto i : places)
      foldMean += patientMeans[i] / double(places.size());
    ofFolds += seeds * double(places.size()) * (foldMean - mean) * (foldMean - mean);
    sizeSquares += double(places.size() * places.size());
    for (const auto i : places)
      ofPatients += seeds * (patientMeans[i] - foldMean) * (patientMeans[i] - foldMean);
  }
  for (std::size_t s = 0; s < rows.size(); ++s)
    for (std::size_t i = 0; i < folds.size(); ++i)
      ofRest += std::pow(rows[s][i] - patientMeans[i] - seedMeans[s] + mean, 2);
  const double rest = ofRest / ((seeds - 1) * (patients - 1)), meanPatients = ofPatients / (patients - groups), meanFolds = ofFolds / (groups - 1);
  const double foldSize = (patients - sizeSquares / patients) / (groups - 1);
  return { std::max(0.0, (ofSeeds / (seeds - 1) - rest) / patients), std::max(0.0, (meanFolds - meanPatients) / (seeds * foldSize)),
           std::max(0.0, (meanPatients - rest) / seeds), rest };
}

} // namespace serval
