#pragma once

#include "serval/Evaluation/Intervals.h"
#include "serval/Evaluation/SampleTests.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace serval
{

/// One test of a difference a - b; numbers that a test does not give are NaN.
struct TestResult
{
  std::string name, a, b;
  double      difference = 0, standardError = 0, statistic = 0, p = 1, pCorrected = 1;
  double      low = 0, high = 0; ///< interval of the difference
  std::vector<std::pair<std::string, double>> details = {}; ///< what else the test gives, by name
};

/// How models are compared.
struct ComparisonPlan
{
  Metric        metric = Metric::Accuracy;
  int           samples = 10000; ///< permutations, and bootstrap samples
  double        confidence = 0.95;
  std::uint64_t seed = 1;
  unsigned      threads = 1;       ///< of which the numbers do not depend
  double        testOverTrain = 0; ///< sizes of resampled folds; 0: from the patients of the folds
  double        rope = 0.01;       ///< half width of the region of practical equivalence
};

/// Fault::Input, with how many and examples, when two models did not predict the same units (repeat, patient, case and
/// unit id) of the same truth.
void RequirePaired(const Predictions & a, const Predictions & b);

/// Share of the units for which the two decide otherwise. Errors as RequirePaired's.
double ChangedDecisions(const Predictions & a, const Predictions & b);

/// How the predictions were made, which decides the test.
enum class TestDesign
{
  FixedTest,            ///< one set of test patients: permutation of patients
  FixedTestWithRepeats, ///< the same test patients in several repeats: bootstrap of patients and repeats
  Resampled,            ///< folds or hold-outs of different patients: Nadeau-Bengio
  SeveralDatasets       ///< a column `dataset`: Friedman, Wilcoxon
};
TestDesign  DesignOf(const Predictions & predictions);
/// Name of the test that fits: permutation, bootstrap, nadeau-bengio or wilcoxon.
std::string TestFor(TestDesign design);
/// The design and its test in words.
std::string ToText(TestDesign design);

/// DeLong, DeLong and Clarke-Pearson 1988: difference of two correlated AUCs of two classes; z statistic. Fault::Input
/// where a patient has several rows or there are more than two classes. No p where unequal AUCs have no variance.
TestResult DeLongTest(const Predictions & a, const Predictions & b, const ComparisonPlan & plan);

/// The same for patients of several rows, which are one cluster (Obuchowski 1997); equal to DeLong's for one row each.
/// Fault::Input for several repeats.
TestResult ObuchowskiTest(const Predictions & a, const Predictions & b, const ComparisonPlan & plan);

/// Whether the AUCs of several models are all equal: chi-square of the contrasts with as many degrees of freedom as they
/// have directions with variance (DeLong 1988, equation 5); covariance after Obuchowski where patients have several rows.
struct JointAucTest
{
  std::vector<double>              aucs;
  std::vector<std::vector<double>> covariance;
  SampleTest                       test;
};
JointAucTest TestAllAucs(const std::vector<Predictions> & models);

/// McNemar 1947 on right and wrong decisions: exact two-sided binomial p; the statistic is the chi-square with Edwards'
/// continuity correction. Details: pAsymptotic of it, chiSquare and pChiSquare without correction, onlyFirst and onlySecond
/// (rows only one model has right), oddsRatio. Fault::Input where a patient has several rows.
TestResult McNemarTest(const Predictions & a, const Predictions & b, const ComparisonPlan & plan);

/// Paired permutation: the two models' rows are exchanged for whole patients, in all repeats at once. All 2^n exchanges
/// up to n = 13 patients, else `samples` random ones; p = (1 + as extreme) / (1 + samples) (Phipson and Smyth 2010). Several
/// repeats are taken as they are: the test speaks of these training runs.
TestResult PermutationTest(const Predictions & a, const Predictions & b, const ComparisonPlan & plan);

/// Paired bootstrap of patients, and of repeats where there are several: standard error, percentile interval with widened
/// tails (Intervals.h), and p by inversion of that interval. Samples where the metric is not defined are drawn again.
TestResult BootstrapTest(const Predictions & a, const Predictions & b, const ComparisonPlan & plan);

/// The bootstrap test's interval of the difference alone; no limits where it cannot be had.
Interval DifferenceInterval(const Predictions & a, const Predictions & b, const ComparisonPlan & plan);

/// On the patients' mean differences of a metric that is a mean over rows, or on differences of data sets: exact sign test
/// without zeros, and Wilcoxon's. Fault::Input for another metric and for resampled folds, which depend on each other.
TestResult SignTestOf(const Predictions & a, const Predictions & b, const ComparisonPlan & plan);
TestResult WilcoxonTestOf(const Predictions & a, const Predictions & b, const ComparisonPlan & plan);

/// On differences of the metric in each fold of each repeat. Fault::Input where the predictions are not resampled, for the
/// 5x2 tests where they are not five repeats of two folds, and where a fold has no value.
TestResult NadeauBengioTestOf(const Predictions & a, const Predictions & b, const ComparisonPlan & plan);
TestResult FiveByTwoTestOf(const Predictions & a, const Predictions & b, const ComparisonPlan & plan);
TestResult BayesianTestOf(const Predictions & a, const Predictions & b, const ComparisonPlan & plan);

/// Names of the tests of two models, as CompareBy takes them.
std::vector<std::string> PairedTestNames();
TestResult CompareBy(const std::string & test, const Predictions & a, const Predictions & b, const ComparisonPlan & plan);

} // namespace serval
