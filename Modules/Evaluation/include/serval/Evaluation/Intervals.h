#pragma once

#include "serval/Evaluation/Metrics.h"

#include <cstdint>
#include <string>
#include <vector>

namespace serval
{

/// A value with a confidence interval; NaN where it is not defined.
struct Interval
{
  double      value = 0, low = 0, high = 0;
  int         redrawn = 0; ///< bootstrap samples without a value that were drawn again
  std::string method = {}; ///< in words
};

/// How bootstrap intervals are made.
struct BootstrapPlan
{
  enum class Kind
  {
    Percentile, ///< of tails widened for few patients: Phi(-sqrt(n / (n - 1)) t(n - 1)) (Hesterberg 2015)
    Bca         ///< corrected for bias and acceleration, the latter by leaving out single patients (Efron 1987)
  };
  int           samples = 2000;
  double        confidence = 0.95;
  std::uint64_t seed = 1;
  Kind          kind = Kind::Percentile;
  unsigned      threads = 1; ///< of which the numbers do not depend
};

/// Whole patients are drawn with all their rows and, where there are several repeats, whole repeats too (two-way bootstrap,
/// Owen 2007). Samples without a value (a class is missing) are drawn again and counted; no limits when that does not help
/// or there is one patient.
Interval BootstrapInterval(const Predictions & predictions, Metric metric, const BootstrapPlan & plan);

/// A number that a patient's row has, made elsewhere: the Dice of a case.
struct PatientNumber
{
  std::string patient;
  double      value = 0;
};
/// Mean over all rows; whole patients are drawn with theirs. NaN without rows. Fault::Input for a number that is not finite.
Interval MeanInterval(const std::vector<PatientNumber> & rows, const BootstrapPlan & plan);

/// Share of each decision among the rows of a true class (rows: truth), over all repeats; intervals as above, from the
/// samples that hold the class.
std::vector<std::vector<Interval>> ConfusionIntervals(const Predictions & predictions, const BootstrapPlan & plan);

/// What decisions are worth where the classes have other shares: their recalls weighted by the shares, and of two classes
/// the predictive values by Bayes' rule. No value where a class has no row. Fault::Usage unless there is a share of each
/// class, of sum 1.
struct AtPrevalenceScores
{
  Interval accuracy, positivePredictive, negativePredictive; ///< the last two: NaN for more than two classes
};
AtPrevalenceScores ScoresAtPrevalence(const Predictions & predictions, const std::vector<double> & shares, const BootstrapPlan & plan);

/// Of a share of independent trials: score interval (Wilson 1927) and the exact one (Clopper and Pearson 1934).
/// Fault::Input unless 0 <= successes <= trials and trials > 0.
Interval WilsonInterval(double successes, double trials, double confidence);
Interval ClopperPearsonInterval(double successes, double trials, double confidence);

/// AUC of two classes with the variance of DeLong 1988, of Obuchowski 1997 where patients have several rows; on the logit
/// scale, so that it stays within 0 and 1 (Pepe 2003). Fault::Input with fewer than two patients of a class, more classes
/// or several repeats. No limits at an AUC of 0 or 1.
Interval DeLongInterval(const Predictions & predictions, double confidence);

/// Whether each patient has one row, so that intervals and tests of independent rows hold.
bool HasOneRowEach(const Predictions & predictions);

/// Value at a share (0..1) of the sorted values, linear between neighbours.
double Quantile(std::vector<double> values, double share);

} // namespace serval
