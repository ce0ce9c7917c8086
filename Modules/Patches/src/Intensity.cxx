#include "serval/Patches/Intensity.h"

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <utility>

namespace serval
{
namespace
{

constexpr double      lowShare = 0.005, highShare = 0.995;
constexpr std::size_t lanes = 4; // counters side by side: equal neighbours do not wait for each other

using Histogram = std::vector<std::uint64_t>;

template <typename TBin>
Histogram Count(std::size_t voxels, std::size_t bins, TBin binOf)
{
  std::vector<std::uint32_t> counts(lanes * bins);
  Histogram                  sum(bins);
  const auto                 empty = [&] {
    for (std::size_t bin = 0; bin < bins; ++bin)
      for (std::size_t lane = 0; lane < lanes; ++lane)
        sum[bin] += std::exchange(counts[lane * bins + bin], 0U);
  };
  constexpr std::size_t most = 1U << 31; // before a counter could run over
  for (std::size_t first = 0; first < voxels; first += most)
  {
    const std::size_t last = std::min(voxels, first + most);
    std::size_t       i = first;
    for (; i + lanes <= last; i += lanes)
      for (std::size_t lane = 0; lane < lanes; ++lane)
        ++counts[lane * bins + binOf(i + lane)];
    for (; i < last; ++i)
      ++counts[binOf(i)];
    empty();
  }
  return sum;
}

// The bin that holds the voxel of this rank, and the rank inside it.
std::pair<std::size_t, std::uint64_t> Find(const Histogram & histogram, std::uint64_t rank)
{
  std::size_t bin = 0;
  while (rank >= histogram[bin])
    rank -= histogram[bin++];
  return { bin, rank };
}

std::uint64_t RankOf(double share, std::size_t voxels)
{
  return static_cast<std::uint64_t>(share * double(voxels - 1));
}

template <typename T>
IntensitySummary SummariseWhole(std::span<const T> voxels)
{
  constexpr std::int64_t low = std::numeric_limits<T>::min(), bins = std::numeric_limits<T>::max() - low + 1;
  const auto             histogram =
    Count(voxels.size(), bins, [&](std::size_t i) { return static_cast<std::size_t>(voxels[i] - low); });
  double       sum = 0, squares = 0;
  const double count = double(voxels.size());
  for (std::size_t bin = 0; bin < histogram.size(); ++bin)
    sum += double(histogram[bin]) * double(std::int64_t(bin) + low);
  const double mean = sum / count;
  for (std::size_t bin = 0; bin < histogram.size(); ++bin)
    squares += double(histogram[bin]) * std::pow(double(std::int64_t(bin) + low) - mean, 2);
  const auto at = [&](double share) {
    return double(std::int64_t(Find(histogram, RankOf(share, voxels.size())).first) + low);
  };
  return { mean, std::sqrt(squares / count), at(lowShare), at(highShare) };
}

// Order-preserving bits of a float: negative numbers turned round, positive ones above them.
std::uint32_t KeyOf(float value)
{
  const auto bits = std::bit_cast<std::uint32_t>(value);
  return bits & 0x80000000U ? ~bits : bits | 0x80000000U;
}

float ValueOf(std::uint32_t key)
{
  return std::bit_cast<float>(key & 0x80000000U ? key & 0x7fffffffU : ~key);
}

double PercentileOf(std::span<const float> voxels, const Histogram & upper, double share)
{
  const auto [high, rank] = Find(upper, RankOf(share, voxels.size()));
  Histogram lower(1U << 16);
  for (const float value : voxels)
    if (const auto key = KeyOf(value); key >> 16 == high)
      ++lower[key & 0xffffU];
  return ValueOf(static_cast<std::uint32_t>(high << 16 | Find(lower, rank).first));
}

IntensitySummary SummariseFloat(std::span<const float> voxels)
{
  const double count = double(voxels.size());
  double       sum = 0, squares = 0;
  for (const float value : voxels)
    sum += value;
  const double mean = sum / count;
  for (const float value : voxels)
    squares += (value - mean) * (value - mean);
  const auto upper = Count(voxels.size(), 1U << 16, [&](std::size_t i) { return std::size_t(KeyOf(voxels[i]) >> 16); });
  return { mean, std::sqrt(squares / count), PercentileOf(voxels, upper, lowShare),
           PercentileOf(voxels, upper, highShare) };
}

} // namespace

IntensitySummary Summarise(const Volume & volume)
{
  return std::visit(
    []<typename T>(const std::vector<T> & voxels) {
      if constexpr (std::is_same_v<T, float>)
        return SummariseFloat(voxels);
      else
        return SummariseWhole<T>(voxels);
    },
    volume.voxels);
}

} // namespace serval
