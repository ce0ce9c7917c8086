#pragma once

#include "serval/Volume/Volume.h"

#include <cstdint>
#include <span>
#include <vector>

namespace serval
{

/// Counts in bins of equal width: bin i holds [low + i width, low + (i + 1) width). What lies beyond the ends is counted
/// in the end bins. Of whole numbers, low and width are whole.
struct Histogram
{
  double                     low = 0, width = 1;
  std::vector<std::uint64_t> counts;

  double        Edge(std::size_t bin) const { return low + width * static_cast<double>(bin); }
  std::uint64_t Total() const;
  /// Smallest bin edge with at least `percent` of the counts below it.
  double Percentile(double percent) const;
  /// Counts with low <= value < high, whole bins shared out evenly.
  double CountBetween(double from, double to) const;
};

/// At most 1024 bins between the 0.1 and the 99.9 percentile of the voxels where `region` (empty: everywhere) is not 0.
Histogram MakeHistogram(const Voxels & voxels, std::span<const std::uint8_t> region, int threads = 1);

/// The `classes` - 1 bin edges that make the variance between the classes largest (Otsu 1979), found exactly by dynamic
/// programming over the bins. Needs at least as many bins as classes.
std::vector<double> OtsuThresholds(const Histogram & histogram, int classes);

} // namespace serval
