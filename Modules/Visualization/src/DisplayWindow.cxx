#include "serval/Core/Error.h"
#include "serval/Visualization/Scene.h"

#include <algorithm>
#include <cmath>

namespace serval
{
namespace
{

// Every n-th finite value, at most about four million: enough for a percentile of what is shown.
std::vector<float> Sample(std::span<const float> voxels)
{
  const std::size_t  step = std::max<std::size_t>(1, voxels.size() / 4000000);
  std::vector<float> values;
  values.reserve(voxels.size() / step + 1);
  for (std::size_t i = 0; i < voxels.size(); i += step)
    if (std::isfinite(voxels[i]))
      values.push_back(voxels[i]);
  return values;
}

double Percentile(std::vector<float> & values, double share)
{
  const auto rank = static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), values.begin() + rank, values.end());
  return values[static_cast<std::size_t>(rank)];
}

DisplayWindow RobustWindow(std::span<const float> voxels)
{
  auto values = Sample(voxels);
  Require(!values.empty(), Fault::Input, "the volume has no finite voxel to choose a window from");
  double low = Percentile(values, 0.01), high = Percentile(values, 0.995);
  if (!(high > low)) // nearly all voxels are equal: the whole range, however short
  {
    low = *std::min_element(values.begin(), values.end());
    high = std::max<double>(*std::max_element(values.begin(), values.end()), low + 1);
  }
  return { (low + high) / 2, high - low, "percentiles 1 to 99.5" };
}

} // namespace

DisplayWindow WindowFor(WindowPreset preset, const VolumeView & volume)
{
  switch (preset)
  {
    case WindowPreset::Lung:
      return { -600, 1500, "lung" };
    case WindowPreset::Soft:
      return { 40, 400, "soft tissue" };
    case WindowPreset::Bone:
      return { 400, 1800, "bone" };
    case WindowPreset::Mr:
      return RobustWindow(volume.voxels);
    case WindowPreset::Auto:
      break;
  }
  const bool air = std::any_of(volume.voxels.begin(), volume.voxels.end(), [](float v) { return v <= -500; });
  return WindowFor(air ? WindowPreset::Soft : WindowPreset::Mr, volume);
}

} // namespace serval
