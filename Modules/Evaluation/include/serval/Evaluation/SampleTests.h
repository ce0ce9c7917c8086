#pragma once

#include <span>
#include <string>
#include <vector>

namespace serval
{

/// Statistic, degrees of freedom and two-sided p; numbers that a test does not define are NaN.
struct SampleTest
{
  double statistic = 0, degrees = 0, p = 1;
};

/// Nadeau and Bengio 2003: t = mean / sqrt(s^2 (1/J + rho)) with J - 1 degrees of freedom; `differences` are one per fold of
/// J, rho is test size / training size (k-fold: 1 / (k - 1)). Fault::Input below two folds, at NaN or where rho <= 0.
/// Differences without variance have no p unless all are 0 (p = 1).
SampleTest NadeauBengioTest(std::span<const double> differences, double testOverTrain);

/// What Wilcoxon's test does with differences of 0: their ranks are split evenly (Demsar 2006), or left out (Wilcoxon 1945).
enum class ZeroRule
{
  Split,
  Drop
};

/// Sums of ranks of positive and negative differences, and the p of the smaller.
struct WilcoxonResult
{
  double      positive = 0, negative = 0, z = 0, p = 1;
  bool        exact = false;
  std::string rule; ///< in words: zeros, ties, exact or normal
};

/// Wilcoxon signed-rank, mid-ranks for ties. Exact p up to 25 differences without ties and zeros; else normal without
/// continuity correction, its variance that of the ranks given (ties and dropped zeros); with split zeros
/// n (n + 1) (2n + 1) / 24 (Demsar 2006). Fault::Input at none or NaN. Only zeros: p = 1.
WilcoxonResult WilcoxonTest(std::span<const double> differences, ZeroRule zeros);

/// Exact sign test: two-sided binomial p of the positive among the differences that are not 0; p = 1 without any.
/// Fault::Input at none or NaN.
struct SignResult
{
  double positive = 0, negative = 0, p = 1;
};
SignResult SignTest(std::span<const double> differences);

/// Five repeats of two folds: Dietterich's t = d(1,1) / sqrt(mean variance of the repeats) with 5 degrees of freedom, and
/// Alpaydin's F = sum d^2 / (2 sum of the variances) with 10 and 5 (1999). Fault::Input unless there are 10 finite
/// differences, repeat by repeat. NaN without variance, but p = 1 where all are 0.
struct FiveByTwoResult
{
  SampleTest t, f;
};
FiveByTwoResult FiveByTwoTest(std::span<const double> differences);

/// Corani and Benavoli 2015: posterior Student t of the mean difference with J - 1 degrees of freedom, its scale that of
/// Nadeau and Bengio. Probabilities that it lies below, within and above [-rope, rope]. Errors as NadeauBengioTest's;
/// without variance one of them is 1.
struct BayesianResult
{
  double mean = 0, scale = 0, degrees = 0;
  double below = 0, within = 0, above = 0;
};
BayesianResult BayesianCorrelatedTest(std::span<const double> differences, double testOverTrain, double rope);

/// Friedman 1937, methods in columns of equal length, data sets in rows; the greatest value has rank 1.
struct FriedmanResult
{
  std::vector<double> meanRanks;
  SampleTest          chiSquare;       ///< (Demsar 2006, equation 6), without correction for ties
  SampleTest          imanDavenport;   ///< F with k - 1 and (k - 1)(N - 1); `degrees` is the first; NaN where all ranks agree
  SampleTest          tieCorrected;    ///< chi-square over 1 - sum(t^3 - t) / (N k (k^2 - 1)); NaN where all values are tied
};

/// Fault::Input for fewer than two methods or data sets, rows of unequal length or NaN.
FriedmanResult FriedmanTest(const std::vector<std::vector<double>> & rows);

/// Mean ranks farther apart than this differ (Demsar 2006): Nemenyi between all methods, q of the studentised range over
/// sqrt 2; Bonferroni-Dunn against one control, normal quantile at alpha / (2 (k - 1)). Fault::Usage for alpha outside 0..1.
double NemenyiDifference(std::size_t methods, std::size_t datasets, double alpha);
double BonferroniDunnDifference(std::size_t methods, std::size_t datasets, double alpha);
/// p of one difference of mean ranks by Nemenyi's test.
double NemenyiP(double rankDifference, std::size_t methods, std::size_t datasets);

/// P(range of k independent standard normal values <= q): the studentised range with infinite degrees of freedom.
double RangeBelow(double q, std::size_t k);

/// p values corrected for their number, in their order; a p that is not defined counts and stays so. Holm 1979 bounds the
/// chance of any false difference, Benjamini and Hochberg 1995 the share of false ones among those shown.
std::vector<double> HolmCorrected(const std::vector<double> & p);
std::vector<double> BenjaminiHochbergCorrected(const std::vector<double> & p);

/// Sizes of a paired effect. NaN where they have no meaning (no variance, only zeros). Fault::Input below two differences.
struct EffectSize
{
  double cohen = 0;        ///< mean / standard deviation of the differences (Cohen's d of pairs)
  double hedges = 0;       ///< the same times 1 - 3 / (4 (n - 1) - 1), less biased in small samples
  double rankBiserial = 0; ///< (R+ - R-) / (R+ + R-), zeros left out (Kerby 2014)
};
EffectSize EffectSizeOf(std::span<const double> differences);
/// P(a > b) - P(a < b) over all pairs (Cliff 1993). Fault::Input at none or NaN.
double CliffDelta(std::span<const double> a, std::span<const double> b);

/// Variance of values over seeds and patients, the patients nested in folds, by the expected mean squares of a mixed model
/// (negative estimates are 0). `rows`: seeds x patients; `folds`: of each patient. Fault::Input below two seeds, two folds
/// or where every fold has one patient only.
struct VarianceSplit
{
  double seed = 0, fold = 0, patient = 0, rest = 0;
};
VarianceSplit SplitVariance(const std::vector<std::vector<double>> & rows, const std::vector<std::size_t> & folds);

/// Kendall 1945: tau-b of two rankings of equal length; NaN where one is constant. Fault::Input below two values or at NaN.
double KendallTau(std::span<const double> a, std::span<const double> b);

} // namespace serval
