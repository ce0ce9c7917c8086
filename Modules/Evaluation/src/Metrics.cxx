#include "serval/Evaluation/Metrics.h"

#include "PatientBootstrap.h"
#include "serval/Core/Error.h"
#include "serval/Core/Random.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <set>

namespace serval
{
namespace
{

constexpr double notDefined = std::numeric_limits<double>::quiet_NaN();

// A patient's confusion matrices, truth by truth, one after the other.
using PatientCounts = std::vector<std::vector<double>>;

PatientCounts CountByPatient(const Predictions & predictions, const std::vector<std::string> & patients)
{
  const std::size_t                  classes = predictions.classNames.size();
  PatientCounts                      counts(patients.size(), std::vector<double>(classes * classes, 0));
  std::map<std::string, std::size_t> places;
  for (std::size_t i = 0; i < patients.size(); ++i)
    places[patients[i]] = i;
  for (const auto & row : predictions.rows)
    ++counts[places.at(row.patient)][static_cast<std::size_t>(row.truth) * classes + static_cast<std::size_t>(row.Decision())];
  return counts;
}

// Shares of the decisions among the rows of class `truth`; empty without such a row.
std::vector<double> SharesOf(const PatientCounts & counts, const std::vector<int> & weights, std::size_t truth, std::size_t classes)
{
  std::vector<double> shares(classes, 0);
  for (std::size_t p = 0; p < counts.size(); ++p)
    for (std::size_t c = 0; weights[p] > 0 && c < classes; ++c)
      shares[c] += weights[p] * counts[p][truth * classes + c];
  const double all = std::accumulate(shares.begin(), shares.end(), 0.0);
  for (double & share : shares)
    share /= all;
  return all > 0 ? shares : std::vector<double>{};
}

} // namespace

namespace evaluation
{

BootstrapValues DrawBootstrap(std::size_t patients, int samples, std::uint64_t seed, const WeightedValue & value)
{
  std::mt19937_64  random(DeriveSeed(seed, { "bootstrap" }));
  BootstrapValues  drawn;
  std::vector<int> weights;
  const long long  limit = 100LL * samples;
  while (static_cast<int>(drawn.values.size()) < samples && drawn.redrawn < limit)
  {
    weights.assign(patients, 0);
    for (std::size_t i = 0; i < patients; ++i)
      ++weights[UniformBelow(patients, random)];
    const double found = value(weights);
    if (std::isfinite(found))
      drawn.values.push_back(found);
    else
      ++drawn.redrawn;
  }
  if (static_cast<int>(drawn.values.size()) < samples)
    drawn.values.clear();
  return drawn;
}

} // namespace evaluation

Metric MetricFrom(const std::string & text)
{
  return text == "accuracy"            ? Metric::Accuracy
         : text == "balanced-accuracy" ? Metric::BalancedAccuracy
         : text == "auc"               ? Metric::Auc
                                       : throw Error(Fault::Usage, "the metric '" + text + "' is unknown");
}

std::string ToText(Metric metric)
{
  return metric == Metric::Accuracy ? "accuracy" : metric == Metric::BalancedAccuracy ? "balanced accuracy" : "AUC";
}

double AreaUnderCurve(std::span<const double> positives, std::span<const double> negatives)
{
  if (positives.empty() || negatives.empty())
    return notDefined;
  std::vector<double> sorted(negatives.begin(), negatives.end());
  std::sort(sorted.begin(), sorted.end());
  double sum = 0;
  for (const double p : positives)
  {
    const auto [first, last] = std::equal_range(sorted.begin(), sorted.end(), p);
    sum += double(first - sorted.begin()) + 0.5 * double(last - first);
  }
  return sum / (double(positives.size()) * double(negatives.size()));
}

PatientWiseMetric::PatientWiseMetric(const Predictions & predictions, Metric metric, const std::vector<std::string> & patients)
  : m_Metric(metric)
  , m_Classes(predictions.classNames.size())
{
  std::map<std::string, std::size_t> places, repeats;
  for (std::size_t i = 0; i < patients.size(); ++i)
    places[patients[i]] = i;
  for (const auto & row : predictions.rows)
  {
    const auto repeat = repeats.emplace(row.repeat, repeats.size()).first->second;
    m_Repeats.resize(repeats.size());
    m_Repeats[repeat].push_back({ places.at(row.patient), row.truth, row.Decision(), &row.probabilities });
  }
  if (metric != Metric::Auc)
    return;
  for (const auto & entries : m_Repeats)
  {
    m_Order.emplace_back();
    for (std::size_t c = 0; c < m_Classes; ++c)
    {
      std::vector<std::size_t> order(entries.size());
      std::iota(order.begin(), order.end(), std::size_t{ 0 });
      std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return (*entries[a].probabilities)[c] < (*entries[b].probabilities)[c]; });
      m_Order.back().push_back(std::move(order));
    }
  }
}

// Weighted Mann-Whitney over the entries in rising order of the class's probability, ties in half.
static double WeightedAuc(const std::vector<std::size_t> & order, const auto & entries, const std::vector<int> & weights, std::size_t c)
{
  double below = 0, sum = 0, positives = 0;
  for (std::size_t i = 0; i < order.size();)
  {
    const double value = (*entries[order[i]].probabilities)[c];
    double       tiedPositives = 0, tiedNegatives = 0;
    for (; i < order.size() && (*entries[order[i]].probabilities)[c] == value; ++i)
    {
      const auto & entry = entries[order[i]];
      (entry.truth == static_cast<int>(c) ? tiedPositives : tiedNegatives) += weights[entry.patient];
    }
    sum += tiedPositives * (below + 0.5 * tiedNegatives);
    below += tiedNegatives;
    positives += tiedPositives;
  }
  return positives > 0 && below > 0 ? sum / (positives * below) : notDefined;
}

double PatientWiseMetric::One(std::size_t repeat, const std::vector<int> & weights) const
{
  const auto & entries = m_Repeats[repeat];
  if (m_Metric == Metric::Auc)
  {
    double            sum = 0;
    const std::size_t first = m_Classes == 2 ? 1 : 0; // two classes: the second is the positive one
    for (std::size_t c = first; c < m_Classes; ++c)
      sum += WeightedAuc(m_Order[repeat][c], entries, weights, c);
    return sum / double(m_Classes - first);
  }
  std::vector<double> right(m_Classes), all(m_Classes);
  for (const auto & entry : entries)
  {
    all[static_cast<std::size_t>(entry.truth)] += weights[entry.patient];
    right[static_cast<std::size_t>(entry.truth)] += entry.truth == entry.decision ? weights[entry.patient] : 0;
  }
  if (m_Metric == Metric::Accuracy)
    return std::accumulate(right.begin(), right.end(), 0.0) / std::accumulate(all.begin(), all.end(), 0.0);
  double sum = 0, classes = 0;
  for (std::size_t c = 0; c < m_Classes; ++c)
    if (all[c] > 0)
    {
      sum += right[c] / all[c];
      ++classes;
    }
  return sum / classes;
}

double PatientWiseMetric::operator()(const std::vector<int> & weights) const
{
  double sum = 0;
  for (std::size_t repeat = 0; repeat < m_Repeats.size(); ++repeat)
    sum += One(repeat, weights);
  return sum / double(m_Repeats.size());
}

double Evaluate(const Predictions & predictions, Metric metric)
{
  const auto patients = predictions.Patients();
  return PatientWiseMetric(predictions, metric, patients)(std::vector<int>(patients.size(), 1));
}

std::vector<std::vector<int>> ConfusionMatrix(const Predictions & predictions)
{
  const std::size_t             classes = predictions.classNames.size();
  std::vector<std::vector<int>> matrix(classes, std::vector<int>(classes, 0));
  for (const auto & row : predictions.rows)
    ++matrix[static_cast<std::size_t>(row.truth)][static_cast<std::size_t>(row.Decision())];
  return matrix;
}

double Quantile(std::vector<double> values, double share)
{
  if (values.empty())
    return notDefined;
  std::sort(values.begin(), values.end());
  const double at = share * double(values.size() - 1);
  const auto   below = static_cast<std::size_t>(at);
  const auto   above = std::min(below + 1, values.size() - 1);
  return values[below] + (at - double(below)) * (values[above] - values[below]);
}

Interval BootstrapInterval(const Predictions & predictions, Metric metric, const BootstrapPlan & plan)
{
  const auto              patients = predictions.Patients();
  const PatientWiseMetric evaluate(predictions, metric, patients);
  const double            value = evaluate(std::vector<int>(patients.size(), 1));
  if (!std::isfinite(value))
    return { notDefined, notDefined, notDefined };
  const auto   drawn = evaluation::DrawBootstrap(patients.size(), plan.samples, plan.seed, evaluate);
  const double tail = (1 - plan.confidence) / 2;
  return { value, Quantile(drawn.values, tail), Quantile(drawn.values, 1 - tail), drawn.redrawn };
}

std::vector<std::vector<Interval>> ConfusionIntervals(const Predictions & predictions, const BootstrapPlan & plan)
{
  const auto                                    patients = predictions.Patients();
  const auto                                    counts = CountByPatient(predictions, patients);
  const std::size_t                             classes = predictions.classNames.size();
  std::vector<std::vector<std::vector<double>>> values(classes, std::vector<std::vector<double>>(classes)); // truth, decision
  const auto gather = [&](const std::vector<int> & weights) {
    for (std::size_t truth = 0; truth < classes; ++truth)
    {
      const auto shares = SharesOf(counts, weights, truth, classes);
      for (std::size_t c = 0; c < shares.size(); ++c)
        values[truth][c].push_back(shares[c]);
    }
    return 0.0;
  };
  evaluation::DrawBootstrap(patients.size(), plan.samples, plan.seed, gather);
  const double                       tail = (1 - plan.confidence) / 2;
  std::vector<std::vector<Interval>> intervals(classes, std::vector<Interval>(classes, { notDefined, notDefined, notDefined }));
  for (std::size_t truth = 0; truth < classes; ++truth)
  {
    const auto shares = SharesOf(counts, std::vector<int>(patients.size(), 1), truth, classes);
    for (std::size_t c = 0; c < shares.size(); ++c)
      intervals[truth][c] = { shares[c], Quantile(values[truth][c], tail), Quantile(values[truth][c], 1 - tail) };
  }
  return intervals;
}

} // namespace serval
