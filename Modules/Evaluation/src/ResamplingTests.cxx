#include "PatientBootstrap.h"
#include "RepeatMetrics.h"
#include "UnitPairs.h"
#include "serval/Core/Error.h"
#include "serval/Core/JobQueue.h"
#include "serval/Core/Random.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

namespace serval
{
namespace
{

using evaluation::UnitPair;

constexpr std::size_t exactPatients = 13; // 2^13 exchanges are all tried
constexpr std::size_t samplesOfOneJob = 64;

/// The metric's difference when the models' rows of some patients are exchanged. Each patient stands twice, once for each
/// model's rows, and the weights tell which of the two counts.
class ExchangedDifference
{
public:
  ExchangedDifference(const std::vector<UnitPair> & pairs, Metric metric, std::size_t classes)
  {
    std::map<std::string, std::size_t> places;
    for (const auto & pair : pairs)
      places.emplace(pair.first->patient, 0);
    for (auto & [patient, place] : places)
      place = m_Patients++;
    std::map<std::string, std::vector<evaluation::Entry>> repeats;
    for (const auto & [first, second] : pairs)
      for (const auto * row : { first, second })
        repeats[row->repeat].push_back({ 2 * places.at(row->patient) + (row == second), row->truth, row->Decision(), &row->probabilities });
    for (const auto & [name, entries] : repeats)
      m_Repeats.push_back(evaluation::MakeRepeatMetric(metric, entries, classes));
  }

  std::size_t Patients() const { return m_Patients; }

  double operator()(const std::vector<char> & exchange) const
  {
    std::vector<int> first(2 * m_Patients), second(first);
    for (std::size_t i = 0; i < m_Patients; ++i)
    {
      first[2 * i] = second[2 * i + 1] = !exchange[i];
      first[2 * i + 1] = second[2 * i] = exchange[i];
    }
    double sum = 0;
    for (const auto & repeat : m_Repeats)
      sum += (*repeat)(first) - (*repeat)(second);
    return sum / static_cast<double>(m_Repeats.size());
  }

private:
  std::size_t                                                  m_Patients = 0;
  std::vector<std::shared_ptr<const evaluation::RepeatMetric>> m_Repeats;
};

BootstrapPlan BootstrapOf(const ComparisonPlan & plan)
{
  return { plan.samples, plan.confidence, plan.seed, BootstrapPlan::Kind::Percentile, plan.threads };
}

void RequireDefined(double difference, const Metric & metric, const Predictions & a, const Predictions & b)
{
  Require(std::isfinite(difference), Fault::Input, "the ", ToText(metric), " of '", a.name, "' and '", b.name, "' is not defined: a class has no row");
}

} // namespace

TestResult PermutationTest(const Predictions & a, const Predictions & b, const ComparisonPlan & plan)
{
  const auto                pairs = evaluation::PairUnits(a, b);
  TestResult                result = evaluation::NamedResult("permutation", a, b);
  const ExchangedDifference difference(pairs, plan.metric, a.classNames.size());
  const std::size_t         patients = difference.Patients();
  result.difference = result.statistic = difference(std::vector<char>(patients, 0));
  RequireDefined(result.difference, plan.metric, a, b);
  const double        extreme = std::abs(result.difference) - 1e-12; // equal differences may be summed in another order
  const bool          exact = patients <= exactPatients;
  const std::size_t   samples = exact ? std::size_t{ 1 } << patients : static_cast<std::size_t>(plan.samples);
  const auto          base = DeriveSeed(plan.seed, { "permutation" });
  std::vector<double> drawn(samples);
  JobQueue((samples + samplesOfOneJob - 1) / samplesOfOneJob).Run(static_cast<int>(plan.threads), [&](std::size_t job) {
    std::vector<char> exchange(patients);
    for (std::size_t sample = job * samplesOfOneJob; sample < std::min((job + 1) * samplesOfOneJob, samples); ++sample)
    {
      std::mt19937_64 random(base + 0x9e3779b97f4a7c15u * (sample + 1));
      for (std::size_t i = 0; i < patients; ++i)
        exchange[i] = static_cast<char>(exact ? (sample >> i) & 1 : random() >> 63);
      drawn[sample] = std::abs(difference(exchange));
    }
  });
  double asExtreme = 0, defined = 0;
  for (const double d : drawn)
  {
    asExtreme += d >= extreme;
    defined += std::isfinite(d);
  }
  result.p = exact ? asExtreme / defined : (1 + asExtreme) / (1 + defined);
  return result;
}

TestResult BootstrapTest(const Predictions & a, const Predictions & b, const ComparisonPlan & plan)
{
  evaluation::PairUnits(a, b);
  TestResult              result = evaluation::NamedResult("bootstrap", a, b);
  const PatientWiseMetric first(a, plan.metric), second(b, plan.metric);
  const auto              difference = [&](const UnitWeights & weights) { return first(weights) - second(weights); };
  result.difference = difference(first.Ones());
  RequireDefined(result.difference, plan.metric, a, b);
  const auto drawn = evaluation::DrawBootstrap(first.Ones(), BootstrapOf(plan), difference).values;
  Require(drawn.size() >= 2 && first.Patients() >= 2, Fault::Input, "the ", ToText(plan.metric), " is not defined in nearly all bootstrap samples of ",
          first.Patients(), " patients: a class has too few; use --test permutation");
  const double count = static_cast<double>(drawn.size()), mean = std::accumulate(drawn.begin(), drawn.end(), 0.0) / count;
  double       squares = 0, above = 0, below = 0;
  for (const double d : drawn)
  {
    squares += (d - mean) * (d - mean);
    above += d >= 0;
    below += d <= 0;
  }
  result.standardError = std::sqrt(squares / (count - 1));
  result.statistic = result.standardError > 0 ? result.difference / result.standardError : result.difference == 0 ? 0 : std::nan("");
  result.p = evaluation::LevelOfTail((1 + std::min(above, below)) / (1 + count), first.Patients());
  const auto tails = evaluation::PercentileTails(first.Patients(), plan.confidence);
  result.low = Quantile(drawn, tails.low);
  result.high = Quantile(drawn, tails.high);
  return result;
}

Interval DifferenceInterval(const Predictions & a, const Predictions & b, const ComparisonPlan & plan)
{
  evaluation::PairUnits(a, b);
  const PatientWiseMetric first(a, plan.metric), second(b, plan.metric);
  return evaluation::IntervalOf(first.Ones(), BootstrapOf(plan), [&](const UnitWeights & weights) { return first(weights) - second(weights); });
}

} // namespace serval
