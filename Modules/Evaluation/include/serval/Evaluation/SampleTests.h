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

/// Friedman 1937, methods in columns of equal length, data sets in rows; the greatest value has rank 1.
struct FriedmanResult
{
  std::vector<double> meanRanks;
  SampleTest          chiSquare;       ///< (Demsar 2006, equation 6), without correction for ties
  SampleTest          imanDavenport;   ///< F with k - 1 and (k - 1)(N - 1); `degrees` is the first; NaN where all ranks agree
};

/// Fault::Input for fewer than two methods or data sets, rows of unequal length or NaN.
FriedmanResult FriedmanTest(const std::vector<std::vector<double>> & rows);

/// Kendall 1945: tau-b of two rankings of equal length; NaN where one is constant. Fault::Input below two values or at NaN.
double KendallTau(std::span<const double> a, std::span<const double> b);

} // namespace serval
