#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace serval
{

/// Rows of features of one data set, taken as they are: columns in different units should be standardised before, both
/// data sets alike. Rows of one group (a patient) belong together; without groups each row stands alone.
struct FeatureSample
{
  std::size_t              columns = 0;
  std::vector<float>       values; ///< row after row
  std::vector<std::string> groups;

  std::size_t Rows() const { return columns == 0 ? 0 : values.size() / columns; }
};

/// How two data sets are compared by kernel.
struct DiscrepancySpec
{
  double        bandwidth = 0;    ///< sigma of exp(-d^2 / (2 sigma^2)); 0: the median distance of the joined rows
  int           permutations = 0; ///< of the test; 0: no test
  std::uint64_t seed = 1;
};

/// The squared maximum mean discrepancy. `p` is NaN without permutations.
struct Discrepancy
{
  double biased = 0;   ///< over all pairs; never negative, 0 for a data set and itself
  double unbiased = 0; ///< without the pairs of a row with itself; about 0 for samples of one distribution
  double bandwidth = 0;
  double p = 0;
};

/// Squared maximum mean discrepancy with a Gaussian kernel (Gretton 2012, equations 3 and 5). The test permutes which
/// groups belong to which data set, and p = (1 + as large or larger) / (1 + permutations). The median distance is that
/// of at most about 1000 rows, evenly spaced. Fault::Input for fewer than 2 rows, unequal columns, values that are not
/// finite, or, when testing, a group in both data sets.
Discrepancy MaximumMeanDiscrepancy(const FeatureSample & a, const FeatureSample & b, const DiscrepancySpec & spec = {});

/// Squared Frechet distance of the Gaussians with the samples' means and covariances (Dowson and Landau 1982):
/// |m1 - m2|^2 + tr(C1 + C2 - 2 (C1 C2)^(1/2)). Fault::Input as above.
double FrechetDistance(const FeatureSample & a, const FeatureSample & b);

} // namespace serval
