#include "CheckPair.h"
#include "Targets.h"
#include "serval/Classical/ClassicalModel.h"
#include "serval/Core/Error.h"
#include "serval/Similarity/Arrangement.h"
#include "serval/Similarity/DataSetProfile.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace serval
{
namespace
{

double BalancedAccuracy(const OutOfFold & found, const std::vector<int> & classes, const std::vector<double> & counts)
{
  double sum = 0;
  for (std::size_t i = 0; i < classes.size(); ++i)
  {
    const auto & p = found.probabilities[i];
    if (std::ranges::max_element(p) - p.begin() == classes[i])
      sum += 1 / counts[static_cast<std::size_t>(classes[i])];
  }
  return sum / static_cast<double>(counts.size());
}

} // namespace

ClassVariety MeasureVariety(const LabelledSample & sample)
{
  const auto   target = similarity::Prepare(sample);
  ClassVariety variety;
  variety.rows = sample.Rows();
  variety.groups = sample.features.groups.empty() ? sample.Rows()
                                                  : std::set<std::string>(sample.features.groups.begin(), sample.features.groups.end()).size();
  variety.classes = target.counts.size();
  double entropy = 0;
  for (const double count : target.counts)
    entropy -= count / static_cast<double>(sample.Rows()) * std::log(count / static_cast<double>(sample.Rows()));
  variety.effectiveClasses = std::exp(entropy);
  variety.spread = std::sqrt(target.centred.squaredNorm() / static_cast<double>(sample.Rows()));
  return variety;
}

std::optional<ClassifierRanks> RankClassifiers(const LabelledSample & sample, std::string & why, std::uint64_t seed)
{
  using Kind = ClassicalSpec::Kind;
  const auto target = similarity::Prepare(sample);
  if (target.counts.size() < 2)
  {
    why = similarity::oneClass;
    return std::nullopt;
  }
  FeatureTable table{ sample.features.columns, sample.features.values, {}, sample.features.groups };
  for (const auto label : target.classOf)
    table.classes.push_back(static_cast<int>(label));
  const int       classes = static_cast<int>(target.counts.size());
  ClassifierRanks result;
  for (const auto kind : { Kind::NearestMean, Kind::Discriminant, Kind::LogisticRegression, Kind::NearestNeighbours, Kind::ExtraTrees,
                           Kind::SvmLinear, Kind::SvmRbf })
    try
    {
      ClassicalSpec spec{ .kind = kind, .calibration = ClassicalSpec::Calibration::None, .trees = 50, .seed = seed };
      const auto    found = CrossPredict(table, classes, { spec }, 3);
      result.names.push_back(ToText(kind));
      result.accuracies.push_back(BalancedAccuracy(found, table.classes, target.counts));
    }
    catch (const Error & error)
    {
      if (error.Kind() != Fault::Input)
        throw;
      why = error.what();
      return std::nullopt;
    }
  std::vector<double> losses;
  for (const double accuracy : result.accuracies)
    losses.push_back(-accuracy);
  result.ranks = MidRanks(losses);
  return result;
}

double RankDistance(const ClassifierRanks & a, const ClassifierRanks & b)
{
  Require(a.ranks.size() == b.ranks.size(), Fault::Input, "ranks of ", a.ranks.size(), " and ", b.ranks.size(), " classifiers are compared");
  double sum = 0;
  for (std::size_t c = 0; c < a.ranks.size(); ++c)
    sum += (a.ranks[c] - b.ranks[c]) * (a.ranks[c] - b.ranks[c]);
  return std::sqrt(sum);
}

} // namespace serval
