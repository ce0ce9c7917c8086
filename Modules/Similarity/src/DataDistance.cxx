#include "CheckPair.h"
#include "serval/Core/Error.h"
#include "serval/Core/Random.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <span>
#include <tuple>
#include <utility>

namespace serval
{
namespace similarity
{

void CheckPair(const FeatureSample & a, const FeatureSample & b)
{
  Require(a.columns > 0 && a.columns == b.columns, Fault::Input, "the data sets have ", a.columns, " and ", b.columns,
          " features; the same number above 0 is expected");
  for (const auto * sample : { &a, &b })
  {
    const std::size_t rows = sample->Rows();
    Require(rows >= 2 && sample->values.size() % sample->columns == 0, Fault::Input, "a data set has ", sample->values.size(),
            " values; at least 2 rows of ", sample->columns, " are expected");
    Require(sample->groups.empty() || sample->groups.size() == rows, Fault::Input, "a data set has ", sample->groups.size(),
            " groups for ", rows, " rows");
    for (std::size_t i = 0; i < sample->values.size(); ++i)
      Require(std::isfinite(sample->values[i]), Fault::Input, "row ", i / sample->columns, ", column ", i % sample->columns,
              " of a data set is ", sample->values[i], "; all must be finite");
  }
}

} // namespace similarity

namespace
{

constexpr std::size_t medianRows = 1000;
constexpr std::size_t groupLimit = 10000; // 8 bytes x groups^2

double SquaredDistance(std::span<const float> x, std::span<const float> y)
{
  double sum = 0;
  for (std::size_t j = 0; j < x.size(); ++j)
  {
    const double difference = static_cast<double>(x[j]) - y[j];
    sum += difference * difference;
  }
  return sum;
}

/// The rows of both data sets, one after the other.
struct Joined
{
  Joined(const FeatureSample & a, const FeatureSample & b)
  {
    for (const auto * sample : { &a, &b })
      for (std::size_t i = 0; i < sample->Rows(); ++i)
        rows.emplace_back(sample->values.data() + i * sample->columns, sample->columns);
  }
  std::vector<std::span<const float>> rows;
};

/// Median distance of different rows; their mean where most are equal, 1 where all are.
double MedianDistance(const FeatureSample & a, const FeatureSample & b)
{
  const std::size_t                   step = (a.Rows() + b.Rows() + medianRows - 1) / medianRows;
  std::vector<std::span<const float>> rows;
  for (const auto * sample : { &a, &b }) // each from its start, so that their order does not matter
    for (std::size_t i = 0; i < sample->Rows(); i += step)
      rows.emplace_back(sample->values.data() + i * sample->columns, sample->columns);
  std::vector<double> distances;
  double              sum = 0;
  for (std::size_t i = 0; i < rows.size(); ++i)
    for (std::size_t j = i + 1; j < rows.size(); ++j)
      sum += distances.emplace_back(std::sqrt(SquaredDistance(rows[i], rows[j])));
  const auto middle = distances.begin() + static_cast<std::ptrdiff_t>(distances.size() / 2);
  std::nth_element(distances.begin(), middle, distances.end());
  if (*middle > 0)
    return *middle;
  return sum > 0 ? sum / static_cast<double>(distances.size()) : 1;
}

/// Sums of the kernel between units, which are the data sets themselves or, for the test, their groups.
struct UnitSums
{
  std::vector<double> sums;    ///< units x units
  std::vector<double> totals;  ///< of each unit with all
  std::vector<double> rows;    ///< of each unit
  std::size_t         ofA = 0; ///< the first units belong to a
};

/// Unit of each row of the joined data sets; `ofA` receives how many belong to a.
std::vector<std::size_t> UnitsOf(const FeatureSample & a, const FeatureSample & b, bool byGroup, std::size_t & ofA)
{
  std::vector<std::size_t> units;
  if (!byGroup)
  {
    units.assign(a.Rows(), 0);
    units.resize(a.Rows() + b.Rows(), 1);
    ofA = 1;
    return units;
  }
  Require(a.groups.empty() == b.groups.empty(), Fault::Input,
          "one data set has groups and the other has none; the test needs them in both or in neither");
  if (a.groups.empty())
  {
    for (std::size_t i = 0; i < a.Rows() + b.Rows(); ++i)
      units.push_back(i);
    ofA = a.Rows();
    return units;
  }
  std::map<std::string, std::size_t> unitOf;
  for (const auto & group : a.groups)
    units.push_back(unitOf.emplace(group, unitOf.size()).first->second);
  ofA = unitOf.size();
  for (const auto & group : b.groups)
  {
    units.push_back(unitOf.emplace(group, unitOf.size()).first->second);
    Require(units.back() >= ofA, Fault::Input, "the group '", group,
            "' is in both data sets; the permutation test needs different patients in each");
  }
  return units;
}

UnitSums SumKernel(const FeatureSample & a, const FeatureSample & b, double bandwidth, bool byGroup)
{
  UnitSums          result;
  const auto        unitOf = UnitsOf(a, b, byGroup, result.ofA);
  const std::size_t units = *std::max_element(unitOf.begin(), unitOf.end()) + 1;
  Require(units <= groupLimit, Fault::Input, "the test would permute ", units, " rows or groups; at most ", groupLimit,
          " are possible, use fewer rows or name their groups");
  result.sums.assign(units * units, 0);
  result.totals.assign(units, 0);
  result.rows.assign(units, 0);
  const Joined joined(a, b);
  const double factor = -1 / (2 * bandwidth * bandwidth);
  for (std::size_t i = 0; i < joined.rows.size(); ++i)
  {
    ++result.rows[unitOf[i]];
    result.sums[unitOf[i] * units + unitOf[i]] += 1;
    for (std::size_t j = i + 1; j < joined.rows.size(); ++j)
    {
      const double value = std::exp(factor * SquaredDistance(joined.rows[i], joined.rows[j]));
      result.sums[unitOf[i] * units + unitOf[j]] += value;
      result.sums[unitOf[j] * units + unitOf[i]] += value;
    }
  }
  for (std::size_t u = 0; u < units; ++u)
    for (std::size_t v = 0; v < units; ++v)
      result.totals[u] += result.sums[u * units + v];
  return result;
}

/// Biased and unbiased when the first `ofA` units of `order` are taken for a.
std::pair<double, double> Discrepancies(const UnitSums & kernel, const std::vector<std::size_t> & order)
{
  const std::size_t units = order.size();
  double            aa = 0, aWithAll = 0, all = 0, n = 0, total = 0;
  for (std::size_t i = 0; i < kernel.ofA; ++i)
  {
    n += kernel.rows[order[i]];
    aWithAll += kernel.totals[order[i]];
    for (std::size_t j = 0; j < kernel.ofA; ++j)
      aa += kernel.sums[order[i] * units + order[j]];
  }
  for (std::size_t u = 0; u < units; ++u)
  {
    total += kernel.rows[u];
    all += kernel.totals[u];
  }
  const double m = total - n, ab = aWithAll - aa, bb = all - aa - 2 * ab;
  const double across = 2 * ab / (n * m);
  return { std::max(0.0, aa / (n * n) + bb / (m * m) - across), (aa - n) / (n * (n - 1)) + (bb - m) / (m * (m - 1)) - across };
}

} // namespace

Discrepancy MaximumMeanDiscrepancy(const FeatureSample & a, const FeatureSample & b, const DiscrepancySpec & spec)
{
  similarity::CheckPair(a, b);
  Require(std::isfinite(spec.bandwidth) && spec.bandwidth >= 0, Fault::Usage, "the bandwidth is ", spec.bandwidth,
          "; it must not be negative");
  Require(spec.permutations >= 0, Fault::Usage, "the number of permutations is ", spec.permutations, "; it must not be negative");
  Discrepancy result;
  result.bandwidth = spec.bandwidth > 0 ? spec.bandwidth : MedianDistance(a, b);
  const auto               kernel = SumKernel(a, b, result.bandwidth, spec.permutations > 0);
  std::vector<std::size_t> order;
  for (std::size_t u = 0; u < kernel.rows.size(); ++u)
    order.push_back(u);
  std::tie(result.biased, result.unbiased) = Discrepancies(kernel, order);
  if (spec.permutations == 0)
  {
    result.p = std::numeric_limits<double>::quiet_NaN();
    return result;
  }
  std::mt19937_64 random(DeriveSeed(spec.seed, { "similarity", "permutation" }));
  int             asLarge = 1;
  for (int i = 0; i < spec.permutations; ++i)
  {
    Shuffle(order, random);
    // Equal splits differ by rounding alone.
    asLarge += Discrepancies(kernel, order).first >= result.biased * (1 - 1e-12) - 1e-15;
  }
  result.p = static_cast<double>(asLarge) / (1.0 + spec.permutations);
  return result;
}

} // namespace serval
