#pragma once

#include <string>

namespace serval
{

/// How native intensities become network input: a model's contract, applied when patches are loaded.
struct IntensityPlan
{
  enum class Kind
  {
    ZScore, ///< (v - mean) / standard deviation of the case's volume
    Window  ///< [low, high] to [-1, 1], clipped
  };
  Kind   kind = Kind::ZScore;
  double low = 0, high = 1;

  std::string          ToJson() const;
  static IntensityPlan FromJson(const std::string & json);
};

} // namespace serval
