#include "Histogram.h"

#include "serval/Core/Error.h"

#include <algorithm>
#include <cmath>
#include <limits>
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

// Bins that cover the range, both ends included; whole edges for whole numbers.
template <typename T>
Histogram Bins(Range range, std::size_t most)
{
  Histogram histogram;
  if constexpr (std::is_integral_v<T>)
  {
    histogram.low = std::floor(range.low);
    histogram.width = std::ceil((std::floor(range.high) - histogram.low + 1) / static_cast<double>(most));
    histogram.counts.resize(static_cast<std::size_t>((std::floor(range.high) - histogram.low) / histogram.width) + 1);
  }
  else
  {
    histogram.low = range.low;
    histogram.width = (range.high - range.low) / static_cast<double>(most);
    histogram.counts.resize(histogram.width > 0 ? most : 1);
    if (!(histogram.width > 0))
      histogram.width = 1;
  }
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

template <typename T>
Histogram HistogramOf(const std::vector<T> & voxels, std::span<const std::uint8_t> region)
{
  Range range = RangeOf(voxels, region);
  if (!(range.low <= range.high)) // an empty region
    return {};
  for (int pass = 0; pass < mostPasses; ++pass)
  { // a few extreme voxels may fill the range: look again at what is left without them
    Histogram fine = Bins<T>(range, fineBins);
    Count(fine, voxels, region);
    const Range  clipped{ fine.Percentile(clippedPercent), fine.Percentile(100 - clippedPercent) };
    const double part = (clipped.high - clipped.low) / (range.high - range.low);
    const bool   isFine = std::is_integral_v<T> || !(part < 0.05);
    range = { std::max(range.low, clipped.low - fine.width), std::min(range.high, clipped.high) };
    if (isFine)
      break;
  }
  Histogram histogram = Bins<T>(range, coarseBins);
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

Histogram MakeHistogram(const Voxels & voxels, std::span<const std::uint8_t> region)
{
  return std::visit([region](const auto & v) { return HistogramOf(v, region); }, voxels);
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
    for (std::size_t to = part; to <= bins; ++to)
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
