#include "UnitPairs.h"
#include "serval/Core/Error.h"
#include "serval/Core/Text.h"

#include <boost/math/distributions/binomial.hpp>
#include <boost/math/distributions/chi_squared.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <limits>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

namespace serval
{
namespace
{

constexpr double      notDefined = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t examplesShown = 3;

struct UnitKey
{
  std::string_view repeat, patient, unit;
  bool             operator==(const UnitKey &) const = default;
};

UnitKey KeyOf(const Prediction & row) { return { row.repeat, row.patient, row.unitId }; }

struct UnitHash
{
  std::size_t operator()(const UnitKey & key) const
  {
    const std::hash<std::string_view> hash;
    return (hash(key.unit) * 31 + hash(key.patient)) * 31 + hash(key.repeat);
  }
};

using UnitRows = std::unordered_map<UnitKey, const Prediction *, UnitHash>;

UnitRows ByUnit(const Predictions & predictions)
{
  UnitRows rows;
  rows.reserve(predictions.rows.size());
  for (const auto & row : predictions.rows)
    Require(rows.emplace(KeyOf(row), &row).second, Fault::Input, "'", predictions.name, "' has the unit '", row.unitId, "' of patient '", row.patient, "' twice");
  return rows;
}

// How many of the model's rows the other lacks or knows by another truth; the first few go to `examples`.
std::size_t CountUnpaired(const Predictions & predictions, const UnitRows & others, std::vector<std::string> & examples)
{
  std::size_t count = 0;
  for (const auto & row : predictions.rows)
  {
    const auto other = others.find(KeyOf(row));
    if (other != others.end() && other->second->truth == row.truth)
      continue;
    const auto repeat = row.repeat.empty() ? "" : ", repeat '" + row.repeat + "'";
    if (++count <= examplesShown)
      examples.push_back(Concat("patient '", row.patient, "', unit '", row.unitId, "'", repeat,
                                other == others.end() ? "" : ", whose truth differs,", " of '", predictions.name, "'"));
  }
  return count;
}

bool AreInOneOrder(const Predictions & a, const Predictions & b)
{
  return std::equal(a.rows.begin(), a.rows.end(), b.rows.begin(), b.rows.end(),
                    [](const Prediction & x, const Prediction & y) { return x.truth == y.truth && KeyOf(x) == KeyOf(y); });
}

double ChiSquareAbove(double statistic) { return boost::math::cdf(boost::math::complement(boost::math::chi_squared(1), statistic)); }

} // namespace

namespace evaluation
{

std::vector<UnitPair> PairUnits(const Predictions & a, const Predictions & b)
{
  Require(a.classNames == b.classNames, Fault::Input, "'", a.name, "' and '", b.name, "' have different classes: ", Join(a.classNames, ", "),
          " and ", Join(b.classNames, ", "));
  Require(!a.rows.empty(), Fault::Input, "'", a.name, "' holds no prediction");
  std::vector<UnitPair> pairs;
  pairs.reserve(a.rows.size());
  const auto first = ByUnit(a);
  if (AreInOneOrder(a, b))
  {
    for (std::size_t i = 0; i < a.rows.size(); ++i)
      pairs.push_back({ &a.rows[i], &b.rows[i] });
    return pairs;
  }
  const auto               second = ByUnit(b);
  std::vector<std::string> examples;
  const std::size_t        ofFirst = CountUnpaired(a, second, examples), ofSecond = CountUnpaired(b, first, examples);
  Require(examples.empty(), Fault::Input, "the models were not tested on the same units: ", ofFirst, " of '", a.name, "' and ", ofSecond,
          " of '", b.name, "' have no partner of equal truth, for example ", Join(examples, "; "));
  for (const auto & row : a.rows)
    pairs.push_back({ &row, second.at(KeyOf(row)) });
  return pairs;
}

TestResult NamedResult(const std::string & test, const Predictions & a, const Predictions & b)
{
  return { test, a.name, b.name, notDefined, notDefined, notDefined, notDefined, notDefined, notDefined, notDefined };
}

void RequireOneRowAPatient(const Predictions & predictions, const std::string & test, const std::string & others)
{
  std::unordered_set<std::string_view> patients;
  for (const auto & row : predictions.rows)
    Require(patients.insert(row.patient).second, Fault::Input, "the ", test, " needs one row a patient, but '", predictions.name, "' has several of patient '",
            row.patient, "': patches and repeats of one patient are not independent. Use --test ", others);
}

} // namespace evaluation

void RequirePaired(const Predictions & a, const Predictions & b) { evaluation::PairUnits(a, b); }

double ChangedDecisions(const Predictions & a, const Predictions & b)
{
  const auto pairs = evaluation::PairUnits(a, b);
  return double(std::count_if(pairs.begin(), pairs.end(), [](const evaluation::UnitPair & pair) { return pair.first->Decision() != pair.second->Decision(); })) / double(pairs.size());
}

TestResult McNemarTest(const Predictions & a, const Predictions & b, const ComparisonPlan &)
{
  const auto pairs = evaluation::PairUnits(a, b);
  TestResult result = evaluation::NamedResult("mcnemar", a, b);
  evaluation::RequireOneRowAPatient(a, "McNemar test", "permutation or bootstrap");
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
  result.p = discordant > 0 ? std::min(1.0, 2 * boost::math::cdf(boost::math::binomial(discordant, 0.5), std::min(onlyFirst, onlySecond))) : 1;
  const double chi = discordant > 0 ? std::pow(onlyFirst - onlySecond, 2) / discordant : 0;
  result.details = { { "pAsymptotic", ChiSquareAbove(result.statistic) }, { "chiSquare", chi }, { "pChiSquare", ChiSquareAbove(chi) },
                     { "onlyFirst", onlyFirst }, { "onlySecond", onlySecond }, { "oddsRatio", onlySecond > 0 ? onlyFirst / onlySecond : notDefined } };
  return result;
}

namespace
{

using PairedTest = TestResult (*)(const Predictions &, const Predictions &, const ComparisonPlan &);

constexpr std::array<std::pair<const char *, PairedTest>, 10> pairedTests{ { { "permutation", PermutationTest },
                                                                             { "bootstrap", BootstrapTest },
                                                                             { "delong", DeLongTest },
                                                                             { "obuchowski", ObuchowskiTest },
                                                                             { "mcnemar", McNemarTest },
                                                                             { "sign", SignTestOf },
                                                                             { "wilcoxon", WilcoxonTestOf },
                                                                             { "nadeau-bengio", NadeauBengioTestOf },
                                                                             { "5x2", FiveByTwoTestOf },
                                                                             { "bayesian", BayesianTestOf } } };

} // namespace

std::vector<std::string> PairedTestNames()
{
  std::vector<std::string> names;
  for (const auto & [name, run] : pairedTests)
    names.emplace_back(name);
  return names;
}

TestResult CompareBy(const std::string & test, const Predictions & a, const Predictions & b, const ComparisonPlan & plan)
{
  const auto found = std::find_if(pairedTests.begin(), pairedTests.end(), [&](const auto & one) { return one.first == test; });
  Require(found != pairedTests.end(), Fault::Usage, "the test '", test, "' is unknown; ", Join(PairedTestNames(), ", "), " are known");
  return found->second(a, b, plan);
}

} // namespace serval
