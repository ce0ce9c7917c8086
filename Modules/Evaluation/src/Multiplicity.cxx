#include "serval/Core/Error.h"
#include "serval/Evaluation/SampleTests.h"

#include <boost/math/distributions/normal.hpp>
#include <boost/math/quadrature/gauss_kronrod.hpp>
#include <boost/math/tools/roots.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

namespace serval
{
namespace
{

constexpr double notDefined = std::numeric_limits<double>::quiet_NaN();

std::vector<std::size_t> DefinedByRisingP(const std::vector<double> & p)
{
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < p.size(); ++i)
    if (std::isfinite(p[i]))
      order.push_back(i);
  std::sort(order.begin(), order.end(), [&](auto a, auto b) { return p[a] < p[b]; });
  return order;
}

double NormalBelow(double z) { return boost::math::cdf(boost::math::normal(), z); }

double RankError(std::size_t methods, std::size_t datasets)
{
  const double k = double(methods);
  return std::sqrt(k * (k + 1) / (6 * double(datasets)));
}

void RequireRanks(std::size_t methods, std::size_t datasets, double alpha)
{
  Require(methods >= 2 && datasets >= 1, Fault::Input, "a difference of ranks needs two methods and a data set; there are ", methods, " and ", datasets);
  Require(alpha > 0 && alpha < 1, Fault::Usage, "alpha is ", alpha, "; a number between 0 and 1 is expected");
}

} // namespace

std::vector<double> HolmCorrected(const std::vector<double> & p)
{
  const auto          order = DefinedByRisingP(p);
  std::vector<double> corrected(p.size(), notDefined);
  double              largest = 0;
  for (std::size_t rank = 0; rank < order.size(); ++rank)
  {
    largest = std::max(largest, std::min(1.0, p[order[rank]] * double(p.size() - rank)));
    corrected[order[rank]] = largest;
  }
  return corrected;
}

std::vector<double> BenjaminiHochbergCorrected(const std::vector<double> & p)
{
  const auto          order = DefinedByRisingP(p);
  std::vector<double> corrected(p.size(), notDefined);
  double              smallest = 1;
  for (std::size_t rank = order.size(); rank-- > 0;)
  {
    smallest = std::min(smallest, p[order[rank]] * double(p.size()) / double(rank + 1));
    corrected[order[rank]] = smallest;
  }
  return corrected;
}

double RangeBelow(double q, std::size_t k)
{
  if (q <= 0)
    return 0;
  const auto   density = [&](double z) { return std::exp(-z * z / 2) * std::pow(NormalBelow(z) - NormalBelow(z - q), double(k) - 1); };
  const double reach = 9; // the density of the largest value is below 1e-17 beyond
  const double integral = boost::math::quadrature::gauss_kronrod<double, 61>::integrate(density, -reach, q + reach, 10, 1e-12);
  return std::min(1.0, double(k) * integral / std::sqrt(2 * 3.14159265358979323846));
}

double NemenyiDifference(std::size_t methods, std::size_t datasets, double alpha)
{
  RequireRanks(methods, datasets, alpha);
  const auto     gap = [&](double q) { return RangeBelow(q, methods) - (1 - alpha); };
  std::uintmax_t steps = 100;
  const auto [low, high] = boost::math::tools::toms748_solve(gap, 1e-6, 100.0, boost::math::tools::eps_tolerance<double>(40), steps);
  return (low + high) / 2 / std::sqrt(2.0) * RankError(methods, datasets);
}

double BonferroniDunnDifference(std::size_t methods, std::size_t datasets, double alpha)
{
  RequireRanks(methods, datasets, alpha);
  return boost::math::quantile(boost::math::complement(boost::math::normal(), alpha / (2 * double(methods - 1)))) * RankError(methods, datasets);
}

double NemenyiP(double rankDifference, std::size_t methods, std::size_t datasets)
{
  RequireRanks(methods, datasets, 0.5);
  return 1 - RangeBelow(std::abs(rankDifference) / RankError(methods, datasets) * std::sqrt(2.0), methods);
}

} // namespace serval
