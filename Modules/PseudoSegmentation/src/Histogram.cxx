#include "Histogram.h"

#include "serval/Core/Error.h"

#include <itkMaskRuns.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <mutex>
#include <numeric>
#include <type_traits>

namespace serval
{
namespace
{

constexpr std::size_t fineBins = 65536, coarseBins = 1024;
constexpr double      clippedPercent = 0.1;
constexpr int         mostPasses = 6;

struct Range
{
  double low = 0, high = 0;
};

template <typename T>
Range RangeOf(const std::vector<T> & voxels, std::span<const std::uint8_t> region)
{
  T low = std::numeric_limits<T>::max(), high = std::numeric_limits<T>::lowest();
  for (std::size_t i = 0; i < voxels.size(); ++i)
    if (region.empty() || region[i])
    {
      low = std::min(low, voxels[i]);
      high = std::max(high, voxels[i]);
    }
  return { static_cast<double>(low), static_cast<double>(high) };
}

// Bins that cover the range, both ends included.
Histogram Bins(Range range, std::size_t most)
{
  Histogram histogram;
  histogram.low = range.low;
  histogram.width = (range.high - range.low) / static_cast<double>(most);
  histogram.counts.resize(histogram.width > 0 ? most : 1);
  if (!(histogram.width > 0))
    histogram.width = 1;
  return histogram;
}

// The same with whole edges, for whole numbers.
Histogram WholeBins(Range range, std::size_t most)
{
  Histogram histogram;
  histogram.low = range.low;
  histogram.width = std::ceil((range.high - range.low + 1) / static_cast<double>(most));
  histogram.counts.resize(static_cast<std::size_t>((range.high - range.low) / histogram.width) + 1);
  return histogram;
}

template <typename T>
void Count(Histogram & histogram, const std::vector<T> & voxels, std::span<const std::uint8_t> region)
{
  const double low = histogram.low, scale = 1 / histogram.width, last = static_cast<double>(histogram.counts.size() - 1);
  for (std::size_t i = 0; i < voxels.size(); ++i)
    if (region.empty() || region[i])
      ++histogram.counts[static_cast<std::size_t>(std::clamp((static_cast<double>(voxels[i]) - low) * scale, 0.0, last))];
}

/// The counts of every value of a type of at most 16 bits, found in one pass. Neighbouring voxels are often equal: four
/// tables keep one count from waiting for the other.
template <typename T>
std::vector<std::uint64_t> CountValues(const std::vector<T> & voxels, std::span<const std::uint8_t> region, int threads)
{
  constexpr std::size_t      values = std::size_t{ 1 } << (8 * sizeof(T));
  const auto                 place = [](T value) { return static_cast<std::size_t>(static_cast<std::int32_t>(value) - std::numeric_limits<T>::min()); };
  std::vector<std::uint64_t> sums(values, 0);
  std::mutex                 mutex;
  itk::ForSlabs(static_cast<std::int64_t>(voxels.size()), threads, [&](std::int64_t first, std::int64_t end) {
    std::vector<std::uint64_t> counts(4 * values, 0);
    const auto                 last = static_cast<std::size_t>(end);
    auto                       i = static_cast<std::size_t>(first);
    if (region.empty())
      for (; i + 4 <= last; i += 4)
        for (std::size_t table = 0; table < 4; ++table)
          ++counts[table * values + place(voxels[i + table])];
    for (; i < last; ++i)
      if (region.empty() || region[i])
        ++counts[place(voxels[i])];
    const std::lock_guard lock(mutex);
    for (std::size_t at = 0; at < counts.size(); ++at)
      sums[at % values] += counts[at];
  });
  return sums;
}

// As HistogramOf, from the counts of all values.
template <typename T>
Histogram HistogramOfValues(const std::vector<std::uint64_t> & counts)
{
  const auto isUsed = [](std::uint64_t count) { return count > 0; };
  const auto first = std::find_if(counts.begin(), counts.end(), isUsed);
  if (first == counts.end())
    return {};
  const auto      behind = std::find_if(counts.rbegin(), counts.rend(), isUsed).base();
  constexpr auto  lowest = static_cast<double>(std::numeric_limits<T>::min());
  const Histogram fine{ lowest + static_cast<double>(first - counts.begin()), 1, { first, behind } };
  const double    high = fine.Edge(fine.counts.size() - 1);
  const Range range{ std::max(fine.low, fine.Percentile(clippedPercent) - 1), std::min(high, fine.Percentile(100 - clippedPercent)) };
  Histogram   histogram = WholeBins(range, coarseBins);
  const auto  last = static_cast<std::int64_t>(histogram.counts.size()) - 1, width = static_cast<std::int64_t>(histogram.width);
  for (std::size_t i = 0; i < fine.counts.size(); ++i)
  {
    const auto above = static_cast<std::int64_t>(i) - static_cast<std::int64_t>(histogram.low - fine.low);
    histogram.counts[static_cast<std::size_t>(std::clamp<std::int64_t>(above < 0 ? 0 : above / width, 0, last))] += fine.counts[i];
  }
  return histogram;
}

template <typename T>
Histogram HistogramOf(const std::vector<T> & voxels, std::span<const std::uint8_t> region)
{
  Range range = RangeOf(voxels, region);
  if (!(range.low <= range.high)) // an empty region
    return {};
  for (int pass = 0; pass < mostPasses; ++pass)
  { // a few extreme voxels may fill the range: look again at what is left without them
    Histogram fine = Bins(range, fineBins);
    Count(fine, voxels, region);
    const Range  clipped{ fine.Percentile(clippedPercent), fine.Percentile(100 - clippedPercent) };
    const double part = (clipped.high - clipped.low) / (range.high - range.low);
    const bool   isFine = !(part < 0.05);
    range = { std::max(range.low, clipped.low - fine.width), std::min(range.high, clipped.high) };
    if (isFine)
      break;
  }
  Histogram histogram = Bins(range, coarseBins);
  Count(histogram, voxels, region);
  return histogram;
}

} // namespace

std::uint64_t Histogram::Total() const { return std::accumulate(counts.begin(), counts.end(), std::uint64_t{ 0 }); }

double Histogram::Percentile(double percent) const
{
  const double  wanted = percent / 100 * static_cast<double>(Total());
  std::uint64_t sum = 0;
  for (std::size_t bin = 0; bin < counts.size(); ++bin)
  {
    if (static_cast<double>(sum) >= wanted)
      return Edge(bin);
    sum += counts[bin];
  }
  return Edge(counts.size());
}

double Histogram::CountBetween(double from, double to) const
{
  double sum = 0;
  for (std::size_t bin = 0; bin < counts.size(); ++bin)
  {
    const double shared = std::min(to, Edge(bin + 1)) - std::max(from, Edge(bin));
    sum += static_cast<double>(counts[bin]) * std::clamp(shared / width, 0.0, 1.0);
  }
  return sum;
}

Histogram MakeHistogram(const Voxels & voxels, std::span<const std::uint8_t> region, int threads)
{
  return std::visit(
    [region, threads](const auto & v) {
      using T = typename std::decay_t<decltype(v)>::value_type;
      if constexpr (std::is_integral_v<T>)
        return HistogramOfValues<T>(CountValues(v, region, threads));
      else
        return HistogramOf(v, region);
    },
    voxels);
}

std::vector<double> OtsuThresholds(const Histogram & histogram, int classes)
{
  const std::size_t bins = histogram.counts.size(), parts = static_cast<std::size_t>(classes);
  Require(classes >= 2 && bins >= parts, Fault::Internal, "Otsu: ", bins, " bins for ", classes, " classes");
  std::vector<double> weight(bins + 1), moment(bins + 1);
  for (std::size_t bin = 0; bin < bins; ++bin)
  {
    const double count = static_cast<double>(histogram.counts[bin]);
    weight[bin + 1] = weight[bin] + count;
    moment[bin + 1] = moment[bin] + count * (static_cast<double>(bin) + 0.5);
  }
  // The variance between classes is, but for a constant, the sum over the classes of moment^2 / weight.
  const auto gain = [&](std::size_t from, std::size_t to) {
    const double w = weight[to] - weight[from], m = moment[to] - moment[from];
    return w > 0 ? m * m / w : 0;
  };
  std::vector<std::vector<double>>      best(parts + 1, std::vector<double>(bins + 1, -1));
  std::vector<std::vector<std::size_t>> start(parts + 1, std::vector<std::size_t>(bins + 1, 0));
  for (std::size_t to = 1; to <= bins; ++to)
    best[1][to] = gain(0, to);
  for (std::size_t part = 2; part <= parts; ++part)
    for (std::size_t to = part == parts ? bins : part; to <= bins; ++to) // the last class ends at the last bin
      for (std::size_t from = part - 1; from < to; ++from)
        if (const double value = best[part - 1][from] + gain(from, to); value > best[part][to])
        {
          best[part][to] = value;
          start[part][to] = from;
        }
  // Every edge within a gap of empty bins is as good: its middle is the steadiest.
  const auto middle = [&](std::size_t edge) {
    std::size_t below = edge, above = edge;
    while (below > 1 && histogram.counts[below - 1] == 0)
      --below;
    while (above + 1 < bins && histogram.counts[above] == 0)
      ++above;
    return below + (above - below) / 2;
  };
  std::vector<double> thresholds;
  for (std::size_t part = parts, to = bins; part >= 2; --part)
  {
    to = start[part][to];
    thresholds.insert(thresholds.begin(), histogram.Edge(middle(to)));
  }
  return thresholds;
}

} // namespace serval
