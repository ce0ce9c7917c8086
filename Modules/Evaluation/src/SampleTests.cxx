#include "serval/Evaluation/SampleTests.h"
#include "serval/Core/Error.h"

#include <boost/math/distributions/binomial.hpp>
#include <boost/math/distributions/chi_squared.hpp>
#include <boost/math/distributions/fisher_f.hpp>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace serval
{
namespace
{

constexpr double      notDefined = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t exactDifferences = 25;

void RequireNumbers(std::span<const double> values, std::size_t least, const std::string & test)
{
  Require(values.size() >= least, Fault::Input, test, " needs at least ", least, " values; there are ", values.size());
  for (std::size_t i = 0; i < values.size(); ++i)
    Require(std::isfinite(values[i]), Fault::Input, test, ": value ", i + 1, " of ", values.size(), " is not a finite number");
}

// Ascending from 1; equal values share the mean of their ranks.
std::vector<double> MidRanks(std::span<const double> values)
{
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t(0));
  std::sort(order.begin(), order.end(), [&](auto a, auto b) { return values[a] < values[b]; });
  std::vector<double> ranks(values.size());
  for (std::size_t first = 0, last = 0; first < order.size(); first = last)
  {
    while (last < order.size() && values[order[last]] == values[order[first]])
      ++last;
    for (std::size_t i = first; i < last; ++i)
      ranks[order[i]] = double(first + last + 1) / 2;
  }
  return ranks;
}

struct Moments
{
  double mean, variance; // of a sample
};

Moments MomentsOf(std::span<const double> values)
{
  const double count = double(values.size()), mean = std::accumulate(values.begin(), values.end(), 0.0) / count;
  double       squares = 0;
  for (const double v : values)
    squares += (v - mean) * (v - mean);
  return { mean, squares / (count - 1) };
}

// P(W <= w) of n ranks without ties: the number of subsets of 1..n with each sum.
double ExactBelow(std::size_t n, double w)
{
  std::vector<double> subsets(n * (n + 1) / 2 + 1, 0);
  subsets[0] = 1;
  for (std::size_t rank = 1; rank <= n; ++rank)
    for (std::size_t sum = subsets.size(); sum-- > rank;)
      subsets[sum] += subsets[sum - rank];
  return std::accumulate(subsets.begin(), subsets.begin() + std::ptrdiff_t(w) + 1, 0.0) / std::exp2(double(n));
}

} // namespace

SampleTest NadeauBengioTest(std::span<const double> differences, double testOverTrain)
{
  RequireNumbers(differences, 2, "the corrected resampled t-test");
  Require(std::isfinite(testOverTrain) && testOverTrain > 0, Fault::Input, "the corrected resampled t-test needs test size / training size above 0; it is ",
          testOverTrain);
  const auto   moments = MomentsOf(differences);
  const double count = double(differences.size()), mean = moments.mean, error = std::sqrt(moments.variance * (1 / count + testOverTrain));
  if (error <= 1e-12 * std::abs(mean))
    return mean == 0 ? SampleTest{ 0, count - 1, 1 } : SampleTest{ notDefined, count - 1, notDefined };
  const double t = mean / error;
  return { t, count - 1, 2 * boost::math::cdf(boost::math::complement(boost::math::students_t(count - 1), std::abs(t))) };
}

WilcoxonResult WilcoxonTest(std::span<const double> differences, ZeroRule zeros)
{
  RequireNumbers(differences, 1, "the Wilcoxon signed-rank test");
  std::vector<double> kept(differences.begin(), differences.end()), sizes;
  if (zeros == ZeroRule::Drop)
    std::erase(kept, 0.0);
  std::transform(kept.begin(), kept.end(), std::back_inserter(sizes), [](double d) { return std::abs(d); });
  const auto     ranks = MidRanks(sizes);
  WilcoxonResult result;
  double         squares = 0;
  for (std::size_t i = 0; i < kept.size(); ++i)
  {
    result.positive += kept[i] > 0 ? ranks[i] : kept[i] == 0 ? ranks[i] / 2 : 0;
    result.negative += kept[i] < 0 ? ranks[i] : kept[i] == 0 ? ranks[i] / 2 : 0;
    squares += ranks[i] * ranks[i];
  }
  std::sort(sizes.begin(), sizes.end());
  const bool   plain = std::adjacent_find(sizes.begin(), sizes.end()) == sizes.end() && (sizes.empty() || sizes.front() > 0);
  const double n = double(kept.size()), smaller = std::min(result.positive, result.negative);
  const double variance = zeros == ZeroRule::Split ? n * (n + 1) * (2 * n + 1) / 24 : squares / 4;
  result.exact = plain && kept.size() <= exactDifferences;
  result.rule = Concat("zeros ", zeros == ZeroRule::Split ? "split evenly" : "left out", ", ties by mid-ranks, p ", result.exact ? "exact" : "normal");
  if (std::all_of(kept.begin(), kept.end(), [](double d) { return d == 0; }))
    return result;
  result.z = (smaller - n * (n + 1) / 4) / std::sqrt(variance);
  result.p = result.exact ? std::min(1.0, 2 * ExactBelow(kept.size(), smaller)) : std::min(1.0, 2 * boost::math::cdf(boost::math::normal(), result.z));
  return result;
}

SignResult SignTest(std::span<const double> differences)
{
  RequireNumbers(differences, 1, "the sign test");
  SignResult result;
  for (const double d : differences)
  {
    result.positive += d > 0;
    result.negative += d < 0;
  }
  if (const double trials = result.positive + result.negative; trials > 0)
    result.p = std::min(1.0, 2 * boost::math::cdf(boost::math::binomial(trials, 0.5), std::min(result.positive, result.negative)));
  return result;
}

FiveByTwoResult FiveByTwoTest(std::span<const double> differences)
{
  RequireNumbers(differences, 10, "the 5x2 test");
  Require(differences.size() == 10, Fault::Input, "the 5x2 test needs five repeats of two folds; there are ", differences.size(), " differences");
  double squares = 0, variances = 0;
  for (std::size_t repeat = 0; repeat < 5; ++repeat)
  {
    const double a = differences[2 * repeat], b = differences[2 * repeat + 1];
    squares += a * a + b * b;
    variances += (a - b) * (a - b) / 2;
  }
  if (variances <= 1e-24 * squares || squares == 0)
  {
    const double p = squares == 0 ? 1 : notDefined, statistic = squares == 0 ? 0 : notDefined;
    return { { statistic, 5, p }, { statistic, 10, p } };
  }
  const double t = differences[0] / std::sqrt(variances / 5), f = squares / (2 * variances);
  return { { t, 5, 2 * boost::math::cdf(boost::math::complement(boost::math::students_t(5), std::abs(t))) },
           { f, 10, boost::math::cdf(boost::math::complement(boost::math::fisher_f(10, 5), f)) } };
}

BayesianResult BayesianCorrelatedTest(std::span<const double> differences, double testOverTrain, double rope)
{
  NadeauBengioTest(differences, testOverTrain); // refuses what has no meaning
  Require(rope >= 0, Fault::Usage, "the region of practical equivalence has the half width ", rope, "; 0 or more is expected");
  const double   count = double(differences.size());
  const auto     moments = MomentsOf(differences);
  BayesianResult result{ moments.mean, std::sqrt(moments.variance * (1 / count + testOverTrain)), count - 1, 0, 0, 0 };
  if (result.scale <= 1e-12 * std::abs(result.mean))
    (result.mean < -rope ? result.below : result.mean > rope ? result.above : result.within) = 1;
  else
  {
    const boost::math::students_t t(result.degrees);
    result.below = boost::math::cdf(t, (-rope - result.mean) / result.scale);
    result.above = boost::math::cdf(boost::math::complement(t, (rope - result.mean) / result.scale));
    result.within = 1 - result.below - result.above;
  }
  return result;
}

FriedmanResult FriedmanTest(const std::vector<std::vector<double>> & rows)
{
  Require(rows.size() >= 2 && rows[0].size() >= 2, Fault::Input, "the Friedman test needs two data sets and two methods; there are ", rows.size(),
          " data sets", rows.empty() ? "" : Concat(" and ", rows[0].size(), " methods"));
  const double   n = double(rows.size()), k = double(rows[0].size());
  FriedmanResult result{ std::vector<double>(rows[0].size(), 0), {}, {}, {} };
  double         ties = 0;
  for (std::size_t row = 0; row < rows.size(); ++row)
  {
    Require(rows[row].size() == rows[0].size(), Fault::Input, "the Friedman test: data set ", row + 1, " has ", rows[row].size(), " values, the first has ",
            rows[0].size());
    RequireNumbers(rows[row], 2, Concat("the Friedman test, data set ", row + 1));
    const auto ascending = MidRanks(rows[row]);
    for (std::size_t i = 0; i < ascending.size(); ++i)
      result.meanRanks[i] += (k + 1 - ascending[i]) / n;
    for (const double value : rows[row])
      ties += std::pow(double(std::count(rows[row].begin(), rows[row].end(), value)), 2) - 1; // summed over a tie of t: t^3 - t
  }
  double squares = 0; // about the mean rank: no cancellation where all ranks are equal
  for (const double rank : result.meanRanks)
    squares += std::pow(rank - (k + 1) / 2, 2);
  const double chi = 12 * n / (k * (k + 1)) * squares, rest = n * (k - 1) - chi;
  result.chiSquare = { chi, k - 1, boost::math::cdf(boost::math::complement(boost::math::chi_squared(k - 1), chi)) };
  result.imanDavenport = result.tieCorrected = { notDefined, k - 1, notDefined };
  if (const double untied = 1 - ties / (n * k * (k * k - 1)); untied > 1e-9)
    result.tieCorrected = { chi / untied, k - 1, boost::math::cdf(boost::math::complement(boost::math::chi_squared(k - 1), chi / untied)) };
  if (rest > 1e-9 * n * k)
  {
    const double f = (n - 1) * chi / rest;
    result.imanDavenport = { f, k - 1, boost::math::cdf(boost::math::complement(boost::math::fisher_f(k - 1, (k - 1) * (n - 1)), f)) };
  }
  return result;
}

double KendallTau(std::span<const double> a, std::span<const double> b)
{
  Require(a.size() == b.size(), Fault::Input, "Kendall's tau needs rankings of equal length; they have ", a.size(), " and ", b.size(), " values");
  RequireNumbers(a, 2, "Kendall's tau");
  RequireNumbers(b, 2, "Kendall's tau");
  double score = 0, untiedA = 0, untiedB = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
    {
      const int signA = (a[i] > a[j]) - (a[i] < a[j]), signB = (b[i] > b[j]) - (b[i] < b[j]);
      score += signA * signB;
      untiedA += signA != 0;
      untiedB += signB != 0;
    }
  return untiedA > 0 && untiedB > 0 ? score / std::sqrt(untiedA * untiedB) : notDefined;
}

} // namespace serval
