#include "serval/Similarity/Comparison.h"
#include "serval/Core/Error.h"
#include "serval/Core/Text.h"
#include "serval/Similarity/LabelledDistance.h"
#include "serval/Similarity/Transferability.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <set>
#include <utility>

namespace serval
{
namespace
{

using PairMeasure = std::function<Answer(const LabelledSample &, const LabelledSample &)>;
using SingleMeasure = std::function<Answer(const NamedSample &)>;

const std::vector<std::pair<std::string, PairMeasure>> & PairMeasures()
{
  static const std::vector<std::pair<std::string, PairMeasure>> measures{
    { "frechet", [](const auto & a, const auto & b) { return Answer::Of(FrechetDistance(a.features, b.features)); } },
    { "mmd", [](const auto & a, const auto & b) { return Answer::Of(MaximumMeanDiscrepancy(a.features, b.features).biased); } },
    { "energy", [](const auto & a, const auto & b) { return Answer::Of(EnergyDistance(a.features, b.features)); } },
    { "sliced-wasserstein", [](const auto & a, const auto & b) { return Answer::Of(SlicedWasserstein(a.features, b.features)); } },
    { "otdd", [](const auto & a, const auto & b) { return LabelledTransport(a, b); } }
  };
  return measures;
}

Answer FromProbabilities(const NamedSample & network, Answer (*score)(std::span<const float>, std::size_t, const std::vector<int> &))
{
  if (network.sourceProbabilities.empty())
    return Answer::None("no predictions of the source's classes are given");
  return score(network.sourceProbabilities, network.sourceClasses, network.sample.classes);
}

const std::vector<std::pair<std::string, SingleMeasure>> & SingleMeasures()
{
  static const std::vector<std::pair<std::string, SingleMeasure>> measures{
    { "leep", [](const auto & n) { return FromProbabilities(n, Leep); } },
    { "nce", [](const auto & n) { return FromProbabilities(n, NegativeConditionalEntropy); } },
    { "nleep", [](const auto & n) { return GaussianLeep(n.sample); } },
    { "logme", [](const auto & n) { return LogEvidence(n.sample); } },
    { "h-score", [](const auto & n) { return ShrunkHScore(n.sample); } },
    { "parc", [](const auto & n) { return PairwiseCorrelation(n.sample); } },
    { "transrate", [](const auto & n) { return TransRate(n.sample); } },
    { "features-gradients", [](const auto & n) { return FeaturesAndGradients(n.sample); } }
  };
  return measures;
}

void CheckMeasures(const ComparisonSpec & spec, const std::vector<std::string> & known, std::size_t samples, std::size_t needed)
{
  Require(samples >= needed, Fault::Usage, samples, " feature file(s) are given; at least ", needed, " are compared");
  for (const auto & measure : spec.measures)
    Require(std::ranges::count(known, measure) == 1, Fault::Usage, "the measure '", measure, "' is unknown here; expected ", Join(known, ", "));
}

/// The p of the MMD; none where a patient stands in both data sets.
std::optional<double> PermutationP(const LabelledSample & a, const LabelledSample & b, const ComparisonSpec & spec)
{
  const std::set<std::string> inA(a.features.groups.begin(), a.features.groups.end());
  if (spec.permutations == 0 || std::ranges::any_of(b.features.groups, [&](const auto & group) { return inA.contains(group); }))
    return std::nullopt;
  return MaximumMeanDiscrepancy(a.features, b.features, { .permutations = spec.permutations, .seed = spec.seed }).p;
}

/// Distances of the classifiers' ranks, each data set ranked once.
void CompareRanks(const std::vector<NamedSample> & sets, std::uint64_t seed, std::vector<Comparison> & found)
{
  std::vector<std::optional<ClassifierRanks>> ranks;
  std::vector<std::string>                    reasons(sets.size());
  for (std::size_t i = 0; i < sets.size(); ++i)
    ranks.push_back(RankClassifiers(sets[i].sample, reasons[i], seed));
  for (std::size_t i = 0; i < sets.size(); ++i)
    for (std::size_t j = i + 1; j < sets.size(); ++j)
    {
      const auto answer = ranks[i] && ranks[j] ? Answer::Of(RankDistance(*ranks[i], *ranks[j])) : Answer::None(ranks[i] ? reasons[j] : reasons[i]);
      found.push_back({ "classifier-ranks", sets[i].name, sets[j].name, answer, {}, {} });
    }
}

void ComparePairs(const std::vector<NamedSample> & sets, const std::string & name, const PairMeasure & measure, const ComparisonSpec & spec,
                  std::vector<Comparison> & found)
{
  for (std::size_t i = 0; i < sets.size(); ++i)
    for (std::size_t j = i + 1; j < sets.size(); ++j)
    {
      Comparison comparison{ name, sets[i].name, sets[j].name, measure(sets[i].sample, sets[j].sample), {}, {} };
      if (comparison.answer.value)
        comparison.interval = BootstrapInterval(
          *comparison.answer.value, [&](std::mt19937_64 & random) {
            const auto a = Resample(sets[i].sample, random);
            return measure(a, Resample(sets[j].sample, random));
          },
          spec.replicates, spec.seed);
      if (comparison.interval) // no distance is below 0
        comparison.interval->low = std::max(0.0, comparison.interval->low);
      if (name == "mmd")
        comparison.p = PermutationP(sets[i].sample, sets[j].sample, spec);
      found.push_back(std::move(comparison));
    }
}

NamedSample ResampleNetwork(const NamedSample & network, std::mt19937_64 & random)
{
  NamedSample              drawn;
  std::vector<std::size_t> order;
  drawn.sample = Resample(network.sample, random, &order);
  drawn.sourceClasses = network.sourceClasses;
  if (!network.sourceProbabilities.empty())
    for (const auto row : order)
      for (std::size_t z = 0; z < network.sourceClasses; ++z)
        drawn.sourceProbabilities.push_back(network.sourceProbabilities[row * network.sourceClasses + z]);
  return drawn;
}

/// Both networks' features of one draw of patients.
Answer AlignmentOfDraw(const NamedSample & a, const NamedSample & b, std::mt19937_64 & random)
{
  auto       same = random;
  const auto drawnA = Resample(a.sample, random), drawnB = Resample(b.sample, same);
  return LinearAlignment(drawnA.features, drawnB.features);
}

void CompareAlignment(const std::vector<NamedSample> & networks, const ComparisonSpec & spec, std::vector<Comparison> & found)
{
  for (std::size_t i = 0; i < networks.size(); ++i)
    for (std::size_t j = i + 1; j < networks.size(); ++j)
    {
      Comparison comparison{ "cka", networks[i].name, networks[j].name, LinearAlignment(networks[i].sample.features, networks[j].sample.features), {}, {} };
      if (comparison.answer.value)
        comparison.interval = BootstrapInterval(*comparison.answer.value, [&](std::mt19937_64 & random) { return AlignmentOfDraw(networks[i], networks[j], random); },
                                                spec.replicates, spec.seed);
      found.push_back(std::move(comparison));
    }
}

} // namespace

std::vector<std::string> DataSetMeasures()
{
  std::vector<std::string> names;
  for (const auto & [name, measure] : PairMeasures())
    names.push_back(name);
  names.emplace_back("classifier-ranks");
  return names;
}

std::vector<std::string> NetworkMeasures()
{
  std::vector<std::string> names;
  for (const auto & [name, measure] : SingleMeasures())
    names.push_back(name);
  names.emplace_back("cka");
  return names;
}

std::vector<Comparison> CompareDataSets(const std::vector<NamedSample> & sets, const ComparisonSpec & spec, Progress & progress)
{
  CheckMeasures(spec, DataSetMeasures(), sets.size(), 2);
  std::vector<Comparison> found;
  for (std::size_t m = 0; m < spec.measures.size(); ++m)
  {
    progress.Report(static_cast<double>(m) / static_cast<double>(spec.measures.size()), spec.measures[m]);
    if (spec.measures[m] == "classifier-ranks")
      CompareRanks(sets, spec.seed, found);
    else
      ComparePairs(sets, spec.measures[m], std::ranges::find(PairMeasures(), spec.measures[m], [](const auto & entry) { return entry.first; })->second,
                   spec, found);
  }
  return found;
}

std::vector<Comparison> CompareNetworks(const std::vector<NamedSample> & networks, const ComparisonSpec & spec, Progress & progress)
{
  CheckMeasures(spec, NetworkMeasures(), networks.size(), 1);
  for (const auto & network : networks)
    Require(network.identities == networks[0].identities && network.sample.classes == networks[0].sample.classes, Fault::Input, "'", network.name,
            "' and '", networks[0].name, "' hold features of different rows; extract both from the same cache and patients");
  std::vector<Comparison> found;
  for (std::size_t m = 0; m < spec.measures.size(); ++m)
  {
    progress.Report(static_cast<double>(m) / static_cast<double>(spec.measures.size()), spec.measures[m]);
    if (spec.measures[m] == "cka")
    {
      CompareAlignment(networks, spec, found);
      continue;
    }
    const auto & measure = std::ranges::find(SingleMeasures(), spec.measures[m], [](const auto & entry) { return entry.first; })->second;
    for (const auto & network : networks)
    {
      Comparison comparison{ spec.measures[m], network.name, "", measure(network), {}, {} };
      if (comparison.answer.value)
        comparison.interval =
          BootstrapInterval(*comparison.answer.value, [&](std::mt19937_64 & random) { return measure(ResampleNetwork(network, random)); }, spec.replicates, spec.seed);
      found.push_back(std::move(comparison));
    }
  }
  return found;
}

std::vector<std::optional<double>> MatrixOf(const std::vector<Comparison> & comparisons, const std::string & measure,
                                            const std::vector<std::string> & names)
{
  std::vector<std::optional<double>> matrix(names.size() * names.size());
  for (std::size_t i = 0; i < names.size(); ++i)
    matrix[i * names.size() + i] = 0;
  for (const auto & comparison : comparisons)
    if (comparison.measure == measure && !comparison.b.empty())
    {
      const auto i = static_cast<std::size_t>(std::ranges::find(names, comparison.a) - names.begin());
      const auto j = static_cast<std::size_t>(std::ranges::find(names, comparison.b) - names.begin());
      auto       value = comparison.answer.value;
      if (value && measure == "cka")
        value = 1 - *value;
      matrix[i * names.size() + j] = matrix[j * names.size() + i] = value;
    }
  return matrix;
}

void StandardiseTogether(std::vector<NamedSample> & samples)
{
  const std::size_t columns = samples.empty() ? 0 : samples[0].sample.features.columns;
  for (std::size_t j = 0; j < columns; ++j)
  {
    double sum = 0, squares = 0, count = 0;
    for (const auto & [name, sample, identities, probabilities, classes] : samples)
    {
      Require(sample.features.columns == columns, Fault::Input, "'", name, "' has ", sample.features.columns, " features, the first data set ", columns);
      for (std::size_t i = j; i < sample.features.values.size(); i += columns, ++count)
        sum += sample.features.values[i];
    }
    const double mean = sum / count;
    for (const auto & named : samples)
      for (std::size_t i = j; i < named.sample.features.values.size(); i += columns)
        squares += (named.sample.features.values[i] - mean) * (named.sample.features.values[i] - mean);
    const double deviation = std::sqrt(squares / count);
    for (auto & named : samples)
      for (std::size_t i = j; i < named.sample.features.values.size(); i += columns)
      {
        float & value = named.sample.features.values[i];
        value = deviation > 1e-7 * std::abs(mean) ? static_cast<float>((value - mean) / deviation) : 0.0F;
      }
  }
}

} // namespace serval
