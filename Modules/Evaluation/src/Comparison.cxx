#include "UnitPairs.h"
#include "serval/Core/Error.h"
#include "serval/Core/Text.h"

#include <boost/math/distributions/binomial.hpp>
#include <boost/math/distributions/chi_squared.hpp>
#include <boost/math/distributions/normal.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <set>

namespace serval
{
namespace
{

constexpr double      notDefined = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t examplesShown = 3;

using UnitKey = std::array<std::string, 3>; // repeat, patient, unit

std::map<UnitKey, const Prediction *> ByUnit(const Predictions & predictions)
{
  std::map<UnitKey, const Prediction *> rows;
  for (const auto & row : predictions.rows)
    Require(rows.emplace(UnitKey{ row.repeat, row.patient, row.unitId }, &row).second, Fault::Input, "'", predictions.name,
            "' has the unit '", row.unitId, "' of patient '", row.patient, "' twice");
  return rows;
}

// How many of `rows` the other model lacks or knows by another truth; the first few go to `examples`.
std::size_t CountUnpaired(const std::map<UnitKey, const Prediction *> & rows, const std::map<UnitKey, const Prediction *> & others,
                          const std::string & name, std::vector<std::string> & examples)
{
  std::size_t count = 0;
  for (const auto & [key, row] : rows)
  {
    const auto other = others.find(key);
    if (other != others.end() && other->second->truth == row->truth)
      continue;
    const auto repeat = row->repeat.empty() ? "" : ", repeat '" + row->repeat + "'";
    if (++count <= examplesShown)
      examples.push_back(Concat("patient '", row->patient, "', unit '", row->unitId, "'", repeat,
                                other == others.end() ? "" : ", whose truth differs,", " of '", name, "'"));
  }
  return count;
}

void RequireOneRowAPatient(const Predictions & predictions, const std::string & test)
{
  std::set<std::string> patients;
  for (const auto & row : predictions.rows)
    Require(patients.insert(row.patient).second, Fault::Input, "the ", test, " test needs one row a patient, but '", predictions.name,
            "' has several of patient '", row.patient, "': patches and repeats of one patient are not independent. Use --test permutation or bootstrap");
}

double TwoSided(double z) { return 2 * boost::math::cdf(boost::math::complement(boost::math::normal(), std::abs(z))); }

/// Each case's share in the AUC: V10 of positives, V01 of negatives (DeLong 1988, equations 3 and 4).
struct Components
{
  std::vector<double> positives, negatives;
  double              auc = 0;
};

/// Share of `others` below each of `values`, ties half: by one sort, as Sun and Xu 2014 do with ranks.
std::vector<double> SharesBelow(const std::vector<double> & values, std::vector<double> others)
{
  std::sort(others.begin(), others.end());
  std::vector<double> shares;
  shares.reserve(values.size());
  for (const double value : values)
  {
    const auto [first, last] = std::equal_range(others.begin(), others.end(), value);
    shares.push_back(double((first - others.begin()) + (last - others.begin())) / (2 * double(others.size())));
  }
  return shares;
}

Components ComponentsOf(const std::vector<double> & positives, const std::vector<double> & negatives)
{
  Components c{ SharesBelow(positives, negatives), SharesBelow(negatives, positives), 0 };
  for (double & share : c.negatives)
    share = 1 - share;
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

} // namespace

namespace evaluation
{

std::vector<UnitPair> PairUnits(const Predictions & a, const Predictions & b)
{
  Require(a.classNames == b.classNames, Fault::Input, "'", a.name, "' and '", b.name, "' have different classes: ", Join(a.classNames, ", "),
          " and ", Join(b.classNames, ", "));
  Require(!a.rows.empty(), Fault::Input, "'", a.name, "' holds no prediction");
  const auto               first = ByUnit(a), second = ByUnit(b);
  std::vector<std::string> examples;
  const std::size_t        ofFirst = CountUnpaired(first, second, a.name, examples), ofSecond = CountUnpaired(second, first, b.name, examples);
  Require(examples.empty(), Fault::Input, "the models were not tested on the same units: ", ofFirst, " of '", a.name, "' and ", ofSecond,
          " of '", b.name, "' have no partner of equal truth, for example ", Join(examples, "; "));
  std::vector<UnitPair> pairs;
  for (const auto & row : a.rows)
    pairs.push_back({ &row, second.at({ row.repeat, row.patient, row.unitId }) });
  return pairs;
}

TestResult NamedResult(const std::string & test, const Predictions & a, const Predictions & b)
{
  return { test, a.name, b.name, notDefined, notDefined, notDefined, notDefined, notDefined, notDefined, notDefined };
}

} // namespace evaluation

void RequirePaired(const Predictions & a, const Predictions & b) { evaluation::PairUnits(a, b); }

TestResult DeLongTest(const Predictions & a, const Predictions & b, const ComparisonPlan & plan)
{
  const auto pairs = evaluation::PairUnits(a, b);
  TestResult result = evaluation::NamedResult("delong", a, b);
  Require(a.classNames.size() == 2, Fault::Input, "the DeLong test compares AUCs of two classes; there are ", a.classNames.size());
  RequireOneRowAPatient(a, "DeLong");
  std::vector<double> scores[2][2]; // model, truth
  for (const auto & [first, second] : pairs)
  {
    scores[0][first->truth].push_back(first->probabilities[1]);
    scores[1][first->truth].push_back(second->probabilities[1]);
  }
  Require(scores[0][0].size() >= 2 && scores[0][1].size() >= 2, Fault::Input, "the DeLong test needs two patients of each class; there are ",
          scores[0][0].size(), " of ", a.classNames[0], " and ", scores[0][1].size(), " of ", a.classNames[1]);
  const auto first = ComponentsOf(scores[0][1], scores[0][0]), second = ComponentsOf(scores[1][1], scores[1][0]);
  result.difference = first.auc - second.auc;
  result.standardError = std::sqrt(VarianceOfDifference(first.positives, second.positives, result.difference) / double(first.positives.size()) +
                                   VarianceOfDifference(first.negatives, second.negatives, result.difference) / double(first.negatives.size()));
  if (result.standardError > 1e-12)
  {
    result.statistic = result.difference / result.standardError;
    result.p = TwoSided(result.statistic);
    const double z = boost::math::quantile(boost::math::normal(), (1 + plan.confidence) / 2);
    result.low = result.difference - z * result.standardError;
    result.high = result.difference + z * result.standardError;
  }
  else if (std::abs(result.difference) <= 1e-12) // else, as for AUCs of 0 and 1, there is no estimate of the variance and no p
    result.difference = result.standardError = result.statistic = 0, result.p = 1;
  return result;
}

TestResult McNemarTest(const Predictions & a, const Predictions & b, const ComparisonPlan &)
{
  const auto pairs = evaluation::PairUnits(a, b);
  TestResult result = evaluation::NamedResult("mcnemar", a, b);
  RequireOneRowAPatient(a, "McNemar");
  double onlyFirst = 0, onlySecond = 0;
  for (const auto & [first, second] : pairs)
  {
    const bool firstRight = first->Decision() == first->truth, secondRight = second->Decision() == second->truth;
    onlyFirst += firstRight && !secondRight;
    onlySecond += secondRight && !firstRight;
  }
  const double discordant = onlyFirst + onlySecond, count = double(pairs.size());
  result.difference = (onlyFirst - onlySecond) / count;
  result.standardError = std::sqrt(discordant - std::pow(onlyFirst - onlySecond, 2) / count) / count;
  result.statistic = discordant > 0 ? std::pow(std::max(0.0, std::abs(onlyFirst - onlySecond) - 1), 2) / discordant : 0;
  result.pAsymptotic = boost::math::cdf(boost::math::complement(boost::math::chi_squared(1), result.statistic));
  result.p = discordant > 0 ? std::min(1.0, 2 * boost::math::cdf(boost::math::binomial(discordant, 0.5), std::min(onlyFirst, onlySecond))) : 1;
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
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < p.size(); ++i)
    if (std::isfinite(p[i]))
      order.push_back(i);
  std::sort(order.begin(), order.end(), [&](auto a, auto b) { return p[a] < p[b]; });
  std::vector<double> corrected(p.size(), notDefined);
  double              largest = 0;
  for (std::size_t rank = 0; rank < order.size(); ++rank)
  {
    largest = std::max(largest, std::min(1.0, p[order[rank]] * double(p.size() - rank)));
    corrected[order[rank]] = largest;
  }
  return corrected;
}

} // namespace serval
