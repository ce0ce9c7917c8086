#include "UnitPairs.h"
#include "serval/Core/Error.h"
#include "serval/Core/Text.h"

#include <boost/math/distributions/students_t.hpp>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>

namespace serval
{
namespace
{

/// Patients by repeat and fold.
using Folds = std::map<std::pair<std::string, std::string>, std::set<std::string>>;

Folds FoldsOf(const Predictions & predictions)
{
  Folds folds;
  for (const auto & row : predictions.rows)
    folds[{ row.repeat, row.fold }].insert(row.patient);
  return folds;
}

struct NamedDifferences
{
  std::vector<double> values;
  double              testOverTrain = 0;
};

// One difference of the metric for each part of the predictions; `part` names it.
template <typename Part>
std::vector<double> DifferencesBy(const Predictions & a, const Predictions & b, const Metric & metric, const char * what, const Part & part)
{
  evaluation::PairUnits(a, b);
  std::set<decltype(part(a.rows[0]))> names;
  for (const auto & row : a.rows)
    names.insert(part(row));
  std::vector<double> differences;
  for (const auto & name : names)
  {
    const auto   chosen = [&](const Prediction & row) { return part(row) == name; };
    const double difference = Evaluate(a.Where(chosen), metric) - Evaluate(b.Where(chosen), metric);
    Require(std::isfinite(difference), Fault::Input, "the ", ToText(metric), " is not defined in ", what, " ", differences.size() + 1, " of ", names.size(),
            ": a class has no row. Choose accuracy or balanced-accuracy, or fewer folds");
    differences.push_back(difference);
  }
  return differences;
}

// Differences by repeat and fold; refuses predictions that are not resampled.
NamedDifferences FoldDifferences(const Predictions & a, const Predictions & b, const ComparisonPlan & plan, const std::string & test)
{
  Require(DesignOf(a) == TestDesign::Resampled, Fault::Input, "the test ", test, " compares folds of different patients; '", a.name, "' is ", ToText(DesignOf(a)));
  NamedDifferences found{ DifferencesBy(a, b, plan.metric, "fold", [](const Prediction & row) { return std::pair(row.repeat, row.fold); }), plan.testOverTrain };
  if (found.testOverTrain > 0)
    return found;
  const auto   folds = FoldsOf(a);
  const double all = double(a.Patients().size());
  double       tested = 0;
  for (const auto & [key, patients] : folds)
    tested += double(patients.size()) / double(folds.size());
  Require(tested < all, Fault::Input, "the folds of '", a.name, "' leave no patient for training; give --testOverTrain");
  found.testOverTrain = tested / (all - tested);
  return found;
}

// What sign and Wilcoxon's test compare: data sets, else patients.
std::vector<double> IndependentDifferences(const Predictions & a, const Predictions & b, const ComparisonPlan & plan, const std::string & test)
{
  const auto design = DesignOf(a);
  if (design == TestDesign::SeveralDatasets)
    return DifferencesBy(a, b, plan.metric, "data set", [](const Prediction & row) { return row.dataset; });
  Require(design != TestDesign::Resampled, Fault::Input, "the test ", test, " needs independent differences; folds share their training patients. Use --test nadeau-bengio");
  Require(IsMeanOverRows(plan.metric), Fault::Input, "the test ", test, " compares patients, who have an accuracy, a log loss or a Brier score but no ",
          ToText(plan.metric), ". Use --test permutation or bootstrap");
  return DifferencesBy(a, b, plan.metric, "patient", [](const Prediction & row) { return row.patient; });
}

double MeanOf(const std::vector<double> & values) { return std::accumulate(values.begin(), values.end(), 0.0) / double(values.size()); }

} // namespace

TestDesign DesignOf(const Predictions & predictions)
{
  Require(!predictions.rows.empty(), Fault::Input, "'", predictions.name, "' holds no prediction");
  const auto & first = predictions.rows[0];
  if (std::any_of(predictions.rows.begin(), predictions.rows.end(), [&](const Prediction & row) { return row.dataset != first.dataset; }))
    return TestDesign::SeveralDatasets;
  const auto folds = FoldsOf(predictions);
  if (folds.size() == 1)
    return TestDesign::FixedTest;
  const bool isFixed = std::all_of(folds.begin(), folds.end(), [&](const auto & fold) { return fold.second == folds.begin()->second; });
  return isFixed ? TestDesign::FixedTestWithRepeats : TestDesign::Resampled;
}

std::string TestFor(TestDesign design)
{
  switch (design)
  {
    case TestDesign::FixedTest: return "permutation";
    case TestDesign::FixedTestWithRepeats: return "bootstrap";
    case TestDesign::Resampled: return "nadeau-bengio";
    case TestDesign::SeveralDatasets: break;
  }
  return "wilcoxon";
}

std::string ToText(TestDesign design)
{
  switch (design)
  {
    case TestDesign::FixedTest: return "one fixed set of test patients (test: permutation of patients)";
    case TestDesign::FixedTestWithRepeats: return "the same test patients in several repeats (test: bootstrap of patients and repeats)";
    case TestDesign::Resampled: return "folds of different patients (test: corrected resampled t-test of Nadeau and Bengio)";
    case TestDesign::SeveralDatasets: break;
  }
  return "several data sets (tests: Friedman, Wilcoxon's signed ranks)";
}

TestResult SignTestOf(const Predictions & a, const Predictions & b, const ComparisonPlan & plan)
{
  const auto differences = IndependentDifferences(a, b, plan, "sign");
  const auto test = SignTest(differences);
  auto       result = evaluation::NamedResult("sign", a, b);
  result.difference = MeanOf(differences);
  result.statistic = test.positive;
  result.p = test.p;
  result.details = { { "positive", test.positive }, { "negative", test.negative }, { "zero", double(differences.size()) - test.positive - test.negative } };
  return result;
}

TestResult WilcoxonTestOf(const Predictions & a, const Predictions & b, const ComparisonPlan & plan)
{
  const auto differences = IndependentDifferences(a, b, plan, "wilcoxon");
  const auto test = WilcoxonTest(differences, ZeroRule::Split);
  auto       result = evaluation::NamedResult("wilcoxon", a, b);
  result.difference = MeanOf(differences);
  result.statistic = std::min(test.positive, test.negative);
  result.p = test.p;
  result.details = { { "positiveRanks", test.positive }, { "negativeRanks", test.negative }, { "exact", test.exact } };
  return result;
}

TestResult NadeauBengioTestOf(const Predictions & a, const Predictions & b, const ComparisonPlan & plan)
{
  const auto found = FoldDifferences(a, b, plan, "nadeau-bengio");
  const auto test = NadeauBengioTest(found.values, found.testOverTrain);
  const auto posterior = BayesianCorrelatedTest(found.values, found.testOverTrain, plan.rope); // for mean and scale
  auto       result = evaluation::NamedResult("nadeau-bengio", a, b);
  result.difference = posterior.mean;
  result.standardError = posterior.scale;
  result.statistic = test.statistic;
  result.p = test.p;
  const double t = boost::math::quantile(boost::math::students_t(posterior.degrees), (1 + plan.confidence) / 2);
  result.low = posterior.mean - t * posterior.scale;
  result.high = posterior.mean + t * posterior.scale;
  result.details = { { "folds", double(found.values.size()) }, { "testOverTrain", found.testOverTrain }, { "degrees", posterior.degrees } };
  return result;
}

TestResult FiveByTwoTestOf(const Predictions & a, const Predictions & b, const ComparisonPlan & plan)
{
  const auto folds = FoldsOf(a);
  std::map<std::string, int> ofRepeat;
  for (const auto & [key, patients] : folds)
    ++ofRepeat[key.first];
  Require(ofRepeat.size() == 5 && std::all_of(ofRepeat.begin(), ofRepeat.end(), [](const auto & one) { return one.second == 2; }), Fault::Input,
          "the 5x2 test needs five repeats of two folds; '", a.name, "' has ", ofRepeat.size(), " repeats and ", folds.size(), " folds in all");
  const auto found = FoldDifferences(a, b, plan, "5x2");
  const auto test = FiveByTwoTest(found.values);
  auto       result = evaluation::NamedResult("5x2", a, b);
  result.difference = MeanOf(found.values);
  result.statistic = test.f.statistic;
  result.p = test.f.p;
  result.details = { { "t", test.t.statistic }, { "pOfT", test.t.p } };
  return result;
}

TestResult BayesianTestOf(const Predictions & a, const Predictions & b, const ComparisonPlan & plan)
{
  const auto found = FoldDifferences(a, b, plan, "bayesian");
  const auto posterior = BayesianCorrelatedTest(found.values, found.testOverTrain, plan.rope);
  auto       result = evaluation::NamedResult("bayesian", a, b);
  result.difference = posterior.mean;
  result.standardError = posterior.scale;
  result.details = { { "below", posterior.below }, { "within", posterior.within }, { "above", posterior.above }, { "rope", plan.rope } };
  return result;
}

} // namespace serval
