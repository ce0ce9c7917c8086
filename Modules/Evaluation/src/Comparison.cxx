#include "serval/Evaluation/Comparison.h"

#include "serval/Core/Error.h"
#include "serval/Core/Random.h"
#include "serval/Core/Text.h"

#include <boost/math/distributions/binomial.hpp>
#include <boost/math/distributions/normal.hpp>

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

using Key = std::pair<std::string, std::string>; // repeat, unit

std::map<Key, const Prediction *> ByUnit(const Predictions & predictions)
{
  std::map<Key, const Prediction *> rows;
  for (const auto & row : predictions.rows)
    rows[{ row.repeat, row.unitId }] = &row;
  return rows;
}

void RequireOneRowAPatient(const Predictions & predictions, const std::string & test)
{
  std::set<std::string> patients;
  for (const auto & row : predictions.rows)
    Require(patients.insert(row.patient).second, Fault::Input, "the ", test, " test needs one row a patient, but '", predictions.name,
            "' has several of patient '", row.patient, "': patches of one patient are not independent. Use --test permutation or bootstrap");
}

TestResult Begin(const std::string & name, const Predictions & a, const Predictions & b)
{
  RequirePaired(a, b);
  TestResult result{ name, a.name, b.name, notDefined, notDefined, notDefined, notDefined, notDefined, notDefined, notDefined };
  return result;
}

double TwoSided(double z) { return 2 * boost::math::cdf(boost::math::complement(boost::math::normal(), std::abs(z))); }

/// Each case's share in the AUC: V10 of positives, V01 of negatives (DeLong 1988, equations 3 and 4).
struct Components
{
  std::vector<double> positives, negatives;
  double              auc = 0;
};

Components ComponentsOf(const std::vector<double> & positives, const std::vector<double> & negatives)
{
  Components c;
  for (const double p : positives)
    c.positives.push_back(AreaUnderCurve(std::span(&p, 1), negatives));
  for (const double n : negatives)
    c.negatives.push_back(AreaUnderCurve(positives, std::span(&n, 1)));
  c.auc = std::accumulate(c.positives.begin(), c.positives.end(), 0.0) / double(c.positives.size());
  return c;
}

double VarianceOfDifference(const std::vector<double> & a, const std::vector<double> & b, double meanDifference)
{
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    sum += std::pow(a[i] - b[i] - meanDifference, 2);
  return sum / double(a.size() - 1);
}

// Swaps the rows of a and b for the patients marked in `swapped`.
double SwappedDifference(const Predictions & a, const Predictions & b, Metric metric, const std::vector<std::string> & patients,
                         const std::vector<bool> & swapped)
{
  Predictions first = a, second = b;
  std::map<std::string, bool> isSwapped;
  for (std::size_t i = 0; i < patients.size(); ++i)
    isSwapped[patients[i]] = swapped[i];
  const auto others = ByUnit(b);
  for (std::size_t i = 0; i < first.rows.size(); ++i)
    if (isSwapped.at(first.rows[i].patient))
      first.rows[i].probabilities = others.at({ first.rows[i].repeat, first.rows[i].unitId })->probabilities;
  const auto own = ByUnit(a);
  for (auto & row : second.rows)
    if (isSwapped.at(row.patient))
      row.probabilities = own.at({ row.repeat, row.unitId })->probabilities;
  return Evaluate(first, metric) - Evaluate(second, metric);
}

/// The accuracy of repeats of equal size is a mean over rows: exchanging a patient flips the sign of its contribution.
std::vector<double> AccuracyContributions(const Predictions & a, const Predictions & b, const std::vector<std::string> & patients)
{
  std::map<std::string, double>      sums, sizes;
  const auto                         others = ByUnit(b);
  for (const auto & row : a.rows)
    ++sizes[row.repeat];
  for (const auto & row : a.rows)
  {
    const auto * other = others.at({ row.repeat, row.unitId });
    sums[row.patient] += (double(row.Decision() == row.truth) - double(other->Decision() == row.truth)) / (sizes[row.repeat] * double(sizes.size()));
  }
  std::vector<double> contributions;
  for (const auto & patient : patients)
    contributions.push_back(sums[patient]);
  return contributions;
}

} // namespace

void RequirePaired(const Predictions & a, const Predictions & b)
{
  Require(a.classNames == b.classNames, Fault::Input, "'", a.name, "' and '", b.name, "' have different classes: ", Join(a.classNames, ", "),
          " and ", Join(b.classNames, ", "));
  const auto               first = ByUnit(a), second = ByUnit(b);
  std::vector<std::string> missing;
  const auto               gather = [&](const auto & here, const auto & there, const std::string & name) {
    for (const auto & [key, row] : here)
    {
      const auto other = there.find(key);
      if (other == there.end() || other->second->truth != row->truth || other->second->patient != row->patient)
        missing.push_back("unit '" + key.second + "' of patient '" + row->patient + "' of '" + name + "'");
    }
  };
  gather(first, second, a.name);
  gather(second, first, b.name);
  Require(missing.empty(), Fault::Input, "the models were not tested on the same units: ", missing.size(),
          " have no partner of equal truth, for example ", missing.empty() ? "" : missing.front());
}

TestResult DeLongTest(const Predictions & a, const Predictions & b, const ComparisonPlan & plan)
{
  TestResult result = Begin("delong", a, b);
  Require(a.classNames.size() == 2, Fault::Input, "the DeLong test compares AUCs of two classes; there are ", a.classNames.size());
  RequireOneRowAPatient(a, "DeLong");
  std::vector<double> scores[2][2]; // model, truth
  const auto          others = ByUnit(b);
  for (const auto & row : a.rows)
  {
    scores[0][row.truth].push_back(row.probabilities[1]);
    scores[1][row.truth].push_back(others.at({ row.repeat, row.unitId })->probabilities[1]);
  }
  Require(scores[0][0].size() >= 2 && scores[0][1].size() >= 2, Fault::Input, "the DeLong test needs two patients of each class");
  const auto first = ComponentsOf(scores[0][1], scores[0][0]), second = ComponentsOf(scores[1][1], scores[1][0]);
  result.difference = first.auc - second.auc;
  result.standardError = std::sqrt(VarianceOfDifference(first.positives, second.positives, result.difference) / double(first.positives.size()) +
                                   VarianceOfDifference(first.negatives, second.negatives, result.difference) / double(first.negatives.size()));
  result.statistic = result.standardError > 0 ? result.difference / result.standardError : 0;
  result.p = result.standardError > 0 ? TwoSided(result.statistic) : result.difference == 0 ? 1 : 0;
  const double z = boost::math::quantile(boost::math::normal(), (1 + plan.confidence) / 2);
  result.low = result.difference - z * result.standardError;
  result.high = result.difference + z * result.standardError;
  return result;
}

TestResult McNemarTest(const Predictions & a, const Predictions & b, const ComparisonPlan &)
{
  TestResult result = Begin("mcnemar", a, b);
  RequireOneRowAPatient(a, "McNemar");
  double     onlyFirst = 0, onlySecond = 0;
  const auto others = ByUnit(b);
  for (const auto & row : a.rows)
  {
    const bool first = row.Decision() == row.truth, second = others.at({ row.repeat, row.unitId })->Decision() == row.truth;
    onlyFirst += first && !second;
    onlySecond += second && !first;
  }
  const double discordant = onlyFirst + onlySecond, count = double(a.rows.size());
  result.difference = (onlyFirst - onlySecond) / count;
  result.standardError = std::sqrt(discordant - std::pow(onlyFirst - onlySecond, 2) / count) / count;
  result.statistic = discordant > 0 ? std::pow(std::max(0.0, std::abs(onlyFirst - onlySecond) - 1), 2) / discordant : 0;
  result.p = discordant > 0 ? std::min(1.0, 2 * boost::math::cdf(boost::math::binomial(discordant, 0.5), std::min(onlyFirst, onlySecond))) : 1;
  return result;
}

TestResult PermutationTest(const Predictions & a, const Predictions & b, const ComparisonPlan & plan)
{
  TestResult   result = Begin("permutation", a, b);
  const auto   patients = a.Patients();
  const auto   contributions = plan.metric == Metric::Accuracy ? AccuracyContributions(a, b, patients) : std::vector<double>{};
  const auto   differenceFor = [&](const std::vector<bool> & swapped) {
    if (contributions.empty())
      return SwappedDifference(a, b, plan.metric, patients, swapped);
    double sum = 0;
    for (std::size_t i = 0; i < contributions.size(); ++i)
      sum += swapped[i] ? -contributions[i] : contributions[i];
    return sum;
  };
  result.difference = differenceFor(std::vector<bool>(patients.size(), false));
  Require(std::isfinite(result.difference), Fault::Input, "the metric is not defined for '", a.name, "' or '", b.name, "'");
  const double    extreme = std::abs(result.difference) - 1e-12;
  const bool      exact = patients.size() <= 13;
  const int       samples = exact ? 1 << patients.size() : plan.samples;
  std::mt19937_64 random(DeriveSeed(plan.seed, { "permutation" }));
  double          asExtreme = 0;
  for (int sample = 0; sample < samples; ++sample)
  {
    std::vector<bool> swapped(patients.size());
    for (std::size_t i = 0; i < patients.size(); ++i)
      swapped[i] = exact ? (sample >> i) & 1 : random() >> 63;
    asExtreme += std::abs(differenceFor(swapped)) >= extreme;
  }
  result.statistic = result.difference;
  result.p = exact ? asExtreme / samples : (1 + asExtreme) / (1 + samples);
  return result;
}

TestResult BootstrapTest(const Predictions & a, const Predictions & b, const ComparisonPlan & plan)
{
  TestResult              result = Begin("bootstrap", a, b);
  const auto              patients = a.Patients();
  const PatientWiseMetric first(a, plan.metric, patients), second(b, plan.metric, patients);
  const std::vector<int>  once(patients.size(), 1);
  result.difference = first(once) - second(once);
  std::vector<double> differences;
  for (const auto & weights : DrawPatients(patients.size(), plan.samples, plan.seed))
    if (const double d = first(weights) - second(weights); std::isfinite(d))
      differences.push_back(d);
  Require(differences.size() >= 2, Fault::Input, "the metric is not defined in the bootstrap samples");
  const double count = double(differences.size()), mean = std::accumulate(differences.begin(), differences.end(), 0.0) / count;
  double       squares = 0, above = 0, below = 0;
  for (const double d : differences)
  {
    squares += (d - mean) * (d - mean);
    above += d >= 0;
    below += d <= 0;
  }
  result.standardError = std::sqrt(squares / (count - 1));
  result.statistic = result.standardError > 0 ? result.difference / result.standardError : 0;
  result.p = std::min(1.0, 2 * (1 + std::min(above, below)) / (1 + count));
  const double tail = (1 - plan.confidence) / 2;
  result.low = Quantile(differences, tail);
  result.high = Quantile(differences, 1 - tail);
  return result;
}

TestResult CompareBy(const std::string & test, const Predictions & a, const Predictions & b, const ComparisonPlan & plan)
{
  if (test == "delong")
    return DeLongTest(a, b, plan);
  if (test == "mcnemar")
    return McNemarTest(a, b, plan);
  if (test == "permutation")
    return PermutationTest(a, b, plan);
  Require(test == "bootstrap", Fault::Usage, "the test '", test, "' is unknown; delong, mcnemar, permutation and bootstrap are known");
  return BootstrapTest(a, b, plan);
}

std::vector<double> HolmCorrected(const std::vector<double> & p)
{
  std::vector<std::size_t> order(p.size());
  std::iota(order.begin(), order.end(), std::size_t{ 0 });
  std::sort(order.begin(), order.end(), [&](auto a, auto b) { return p[a] < p[b]; });
  std::vector<double> corrected(p.size());
  double              largest = 0;
  for (std::size_t rank = 0; rank < order.size(); ++rank)
  {
    largest = std::max(largest, std::min(1.0, p[order[rank]] * double(p.size() - rank)));
    corrected[order[rank]] = largest;
  }
  return corrected;
}

} // namespace serval
