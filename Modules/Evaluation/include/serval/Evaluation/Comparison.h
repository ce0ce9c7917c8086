#pragma once

#include "serval/Evaluation/Metrics.h"

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace serval
{

/// One test of a difference a - b; numbers that a test does not give are NaN.
struct TestResult
{
  std::string name, a, b;
  double      difference = 0, standardError = 0, statistic = 0, p = 1, pCorrected = 1;
  double      low = 0, high = 0; ///< interval of the difference
  double      pAsymptotic = std::numeric_limits<double>::quiet_NaN(); ///< McNemar: p of the statistic
};

/// How models are compared.
struct ComparisonPlan
{
  Metric        metric = Metric::Accuracy;
  int           samples = 10000; ///< permutations, and bootstrap samples
  double        confidence = 0.95;
  std::uint64_t seed = 1;
};

/// Fault::Input, with how many and examples, when two models did not predict the same units (repeat, patient, case and
/// unit id) of the same truth.
void RequirePaired(const Predictions & a, const Predictions & b);

/// DeLong, DeLong and Clarke-Pearson 1988: difference of two correlated AUCs of two classes; z statistic. Fault::Input
/// where a patient has several rows or there are more than two classes. No p where unequal AUCs have no variance.
TestResult DeLongTest(const Predictions & a, const Predictions & b, const ComparisonPlan & plan);

/// McNemar 1947 on right and wrong decisions: exact two-sided binomial p; the statistic is the chi-square with Edwards'
/// continuity correction, and `pAsymptotic` its p. Fault::Input where a patient has several rows.
TestResult McNemarTest(const Predictions & a, const Predictions & b, const ComparisonPlan & plan);

/// Paired permutation: the two models' rows are exchanged for whole patients, in all repeats at once. All 2^n exchanges
/// up to n = 13 patients, else `samples` random ones; p = (1 + as extreme) / (1 + samples) (Phipson and Smyth 2010).
TestResult PermutationTest(const Predictions & a, const Predictions & b, const ComparisonPlan & plan);

/// Paired bootstrap of patients: standard error, percentile interval, and p by inversion of the interval. Samples where
/// the metric is not defined are drawn again.
TestResult BootstrapTest(const Predictions & a, const Predictions & b, const ComparisonPlan & plan);

/// The test by its name: delong, mcnemar, permutation or bootstrap.
TestResult CompareBy(const std::string & test, const Predictions & a, const Predictions & b, const ComparisonPlan & plan);

/// Holm 1979: p values corrected for their number, in their order. A p that is not defined counts and stays so.
std::vector<double> HolmCorrected(const std::vector<double> & p);

} // namespace serval
