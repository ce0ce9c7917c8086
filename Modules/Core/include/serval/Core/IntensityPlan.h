#pragma once

#include <string>
#include <vector>

namespace serval
{

struct IntensityLimits
{
  double low = 0, high = 1;
  friend bool operator==(const IntensityLimits &, const IntensityLimits &) = default;
};

/// Of texts LOW:HIGH, such as -160:240; Fault::Usage names the one that is none.
std::vector<IntensityLimits> WindowsFrom(const std::vector<std::string> & texts);

/// How native intensities become network input: a model's contract, applied when patches are loaded. Each stored channel
/// becomes one of z-scores, (v - mean) / standard deviation of the case's volume, or one of each window, [low, high] to
/// [-1, 1] and clipped; each of these stands `repeat` times in a row (a network for colours takes a grey image thrice).
struct IntensityPlan
{
  std::vector<IntensityLimits> windows = {};
  int                          repeat = 1;
  /// What the windows' [0, 1] becomes in each input channel, (v - mean) / deviation; empty: 0.5 and 0.5, that is [-1, 1].
  std::vector<double> means = {}, deviations = {};

  /// Channels of the network's input where `stored` channels lie in the cache.
  int  Channels(int stored) const;
  /// Fault::Usage: an empty window, less than one repeat, means and deviations without windows, or not one of them for
  /// each of `input` channels.
  void Check(int input) const;

  std::string          ToJson() const;
  static IntensityPlan FromJson(const std::string & json);
  friend bool          operator==(const IntensityPlan &, const IntensityPlan &) = default;
};

} // namespace serval
