#include "PatientBootstrap.h"
#include "UnitPairs.h"
#include "serval/Core/Error.h"
#include "serval/Core/Random.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <map>
#include <numeric>

namespace serval
{
namespace
{

using evaluation::UnitPair;

constexpr std::size_t exactPatients = 13; // 2^13 exchanges are all tried

// Which patients' rows are exchanged between the models.
using Exchange = std::vector<char>;

std::map<std::string, std::size_t> PlacesOf(const std::vector<std::string> & names)
{
  std::map<std::string, std::size_t> places;
  for (const auto & name : names)
    places.emplace(name, places.size());
  return places;
}

/// Both accuracies are sums over rows, so a patient adds a part to the difference, whose sign an exchange turns.
std::vector<double> PartsOfDifference(const std::vector<UnitPair> & pairs, bool balanced, std::size_t classes,
                                      const std::vector<std::string> & patients)
{
  const auto                                 places = PlacesOf(patients);
  std::map<std::string, std::vector<double>> counts; // repeat: rows of each class
  for (const auto & pair : pairs)
    ++counts.try_emplace(pair.first->repeat, classes, 0.0).first->second[static_cast<std::size_t>(pair.first->truth)];
  std::vector<double> parts(patients.size(), 0);
  for (const auto & [first, second] : pairs)
  {
    const auto & rows = counts.at(first->repeat);
    const double present = static_cast<double>(std::count_if(rows.begin(), rows.end(), [](double n) { return n > 0; }));
    const double share = balanced ? present * rows[static_cast<std::size_t>(first->truth)] : std::accumulate(rows.begin(), rows.end(), 0.0);
    const int    gain = int(first->Decision() == first->truth) - int(second->Decision() == second->truth);
    parts[places.at(first->patient)] += gain / (share * static_cast<double>(counts.size()));
  }
  return parts;
}

/// Difference of two models' AUCs; all scores are sorted once and stay in place when models are exchanged.
class AucDifference
{
public:
  AucDifference(const std::vector<UnitPair> & pairs, std::size_t classes, const std::vector<std::string> & patients)
  {
    const auto                                      places = PlacesOf(patients);
    std::map<std::string, std::vector<std::size_t>> repeats;
    for (std::size_t i = 0; i < pairs.size(); ++i)
      repeats[pairs[i].first->repeat].push_back(i);
    const std::size_t positive = classes == 2 ? 1 : 0; // two classes: the second is the positive one
    for (const auto & [repeat, rows] : repeats)
      for (std::size_t c = positive; c < classes; ++c)
      {
        auto & scores = m_Curves.emplace_back();
        for (const std::size_t i : rows)
          for (const int model : { 0, 1 })
          {
            const auto & row = model == 0 ? *pairs[i].first : *pairs[i].second;
            scores.push_back({ row.probabilities[c], places.at(row.patient), model, row.truth == static_cast<int>(c) });
          }
        std::sort(scores.begin(), scores.end(), [](const Score & x, const Score & y) { return x.value < y.value; });
      }
  }

  double operator()(const Exchange & exchange) const
  {
    double sum = 0;
    for (const auto & scores : m_Curves)
      sum += DifferenceOf(scores, exchange);
    return sum / static_cast<double>(m_Curves.size());
  }

private:
  struct Score
  {
    double      value;
    std::size_t patient;
    int         model;
    bool        positive;
  };

  // Mann-Whitney of both models in one walk over rising scores, ties in half; NaN without both classes.
  static double DifferenceOf(const std::vector<Score> & scores, const Exchange & exchange)
  {
    std::array<double, 2> below{}, positives{}, sum{};
    for (std::size_t i = 0; i < scores.size();)
    {
      const double                         value = scores[i].value;
      std::array<std::array<double, 2>, 2> tied{}; // model, positive
      for (; i < scores.size() && scores[i].value == value; ++i)
        ++tied[static_cast<std::size_t>(scores[i].model ^ exchange[scores[i].patient])][scores[i].positive];
      for (const std::size_t model : { 0, 1 })
      {
        sum[model] += tied[model][1] * (below[model] + 0.5 * tied[model][0]);
        below[model] += tied[model][0];
        positives[model] += tied[model][1];
      }
    }
    return (sum[0] - sum[1]) / (positives[0] * below[0]); // both models have the same rows
  }

  std::vector<std::vector<Score>> m_Curves; ///< of each repeat and class
};

std::function<double(const Exchange &)> DifferenceWhenExchanged(const std::vector<UnitPair> & pairs, Metric metric, std::size_t classes,
                                                                const std::vector<std::string> & patients)
{
  if (metric == Metric::Auc)
    return AucDifference(pairs, classes, patients);
  return [parts = PartsOfDifference(pairs, metric == Metric::BalancedAccuracy, classes, patients)](const Exchange & exchange) {
    double sum = 0;
    for (std::size_t i = 0; i < parts.size(); ++i)
      sum += exchange[i] ? -parts[i] : parts[i];
    return sum;
  };
}

} // namespace

TestResult PermutationTest(const Predictions & a, const Predictions & b, const ComparisonPlan & plan)
{
  const auto pairs = evaluation::PairUnits(a, b);
  TestResult result = evaluation::NamedResult("permutation", a, b);
  const auto patients = a.Patients();
  const auto difference = DifferenceWhenExchanged(pairs, plan.metric, a.classNames.size(), patients);
  Exchange   exchange(patients.size(), 0);
  result.difference = result.statistic = difference(exchange);
  Require(std::isfinite(result.difference), Fault::Input, "the ", ToText(plan.metric), " of '", a.name, "' and '", b.name,
          "' is not defined: a class has no row");
  const double    extreme = std::abs(result.difference) - 1e-12; // equal differences may be summed in another order
  const bool      exact = patients.size() <= exactPatients;
  const int       samples = exact ? 1 << patients.size() : plan.samples;
  std::mt19937_64 random(DeriveSeed(plan.seed, { "permutation" }));
  double          asExtreme = 0;
  for (int sample = 0; sample < samples; ++sample)
  {
    for (std::size_t i = 0; i < patients.size(); ++i)
      exchange[i] = static_cast<char>(exact ? (sample >> i) & 1 : random() >> 63);
    asExtreme += std::abs(difference(exchange)) >= extreme;
  }
  result.p = exact ? asExtreme / samples : (1 + asExtreme) / (1 + samples);
  return result;
}

TestResult BootstrapTest(const Predictions & a, const Predictions & b, const ComparisonPlan & plan)
{
  evaluation::PairUnits(a, b);
  TestResult              result = evaluation::NamedResult("bootstrap", a, b);
  const auto              patients = a.Patients();
  const PatientWiseMetric first(a, plan.metric, patients), second(b, plan.metric, patients);
  const auto              difference = [&](const std::vector<int> & weights) { return first(weights) - second(weights); };
  result.difference = difference(std::vector<int>(patients.size(), 1));
  Require(std::isfinite(result.difference), Fault::Input, "the ", ToText(plan.metric), " of '", a.name, "' and '", b.name,
          "' is not defined: a class has no row");
  const auto drawn = evaluation::DrawBootstrap(patients.size(), plan.samples, plan.seed, difference).values;
  Require(drawn.size() >= 2, Fault::Input, "the ", ToText(plan.metric), " is not defined in nearly all bootstrap samples of ",
          patients.size(), " patients: a class has too few; use --test permutation");
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
  result.p = std::min(1.0, 2 * (1 + std::min(above, below)) / (1 + count));
  const double tail = (1 - plan.confidence) / 2;
  result.low = Quantile(drawn, tail);
  result.high = Quantile(drawn, 1 - tail);
  return result;
}

} // namespace serval
