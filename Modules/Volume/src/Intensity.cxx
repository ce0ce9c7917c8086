#include "serval/Volume/Intensity.h"

#include "ImageFile.h"
#include "ItkImage.h"
#include "serval/Core/Error.h"

#include <itkHistogramMatchingImageFilter.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace serval
{
namespace
{

void RequireMaskOf(const Volume & volume, const LabelVolume & mask)
{
  Require(mask.labels.size() == static_cast<std::size_t>(volume.geometry.extent.Voxels()), Fault::Internal, "a mask of ",
          mask.labels.size(), " voxels for a volume of ", ToText(volume.geometry.extent));
}

// The values under the mask, in the volume's own type.
template <typename T>
std::vector<T> Masked(const std::vector<T> & voxels, const LabelVolume & mask)
{
  std::vector<T> values;
  for (std::size_t i = 0; i < voxels.size(); ++i)
    if (mask.labels[i] > 0)
      values.push_back(voxels[i]);
  return values;
}

template <typename T>
double PercentileOf(std::vector<T> & values, double percentage)
{
  const double place = percentage / 100 * static_cast<double>(values.size() - 1);
  const auto   at = values.begin() + static_cast<std::ptrdiff_t>(place);
  std::nth_element(values.begin(), at, values.end());
  const double low = *at, share = place - std::floor(place);
  return share > 0 ? low + share * (static_cast<double>(*std::min_element(at + 1, values.end())) - low) : low;
}

double MeanOf(const Volume & volume)
{
  return std::visit(
    [](const auto & voxels) { return std::accumulate(voxels.begin(), voxels.end(), 0.0) / static_cast<double>(voxels.size()); },
    volume.voxels);
}

template <typename F>
Volume Mapped(Volume volume, const F & f)
{
  std::vector<float> voxels = TakeFloat(volume);
  std::transform(voxels.begin(), voxels.end(), voxels.begin(), [&](float v) { return static_cast<float>(f(v)); });
  volume.voxels = std::move(voxels);
  return volume;
}

} // namespace

Foreground ForegroundFrom(const std::string & name)
{
  if (name == "all")
    return Foreground::All;
  if (name == "positive")
    return Foreground::Positive;
  Require(name == "mean", Fault::Usage, "'", name, "' is no foreground; all, positive or mean is expected");
  return Foreground::Mean;
}

LabelVolume ForegroundMask(const Volume & volume, Foreground kind)
{
  constexpr double lowest = -std::numeric_limits<double>::infinity();
  const double threshold = kind == Foreground::All ? lowest : kind == Foreground::Positive ? 0 : MeanOf(volume);
  LabelVolume  mask{ volume.geometry, {} };
  mask.labels.reserve(static_cast<std::size_t>(volume.geometry.extent.Voxels()));
  std::visit(
    [&](const auto & voxels) {
      for (const auto v : voxels)
        mask.labels.push_back(static_cast<double>(v) > threshold);
    },
    volume.voxels);
  Require(std::find(mask.labels.begin(), mask.labels.end(), 1) != mask.labels.end(), Fault::Input,
          "the foreground is empty: no voxel lies above ", threshold);
  return mask;
}

std::vector<double> Percentiles(const Volume & volume, const LabelVolume & mask, const std::vector<double> & percentages)
{
  RequireMaskOf(volume, mask);
  std::vector<double> result;
  std::visit(
    [&](const auto & voxels) {
      auto values = Masked(voxels, mask);
      Require(!values.empty(), Fault::Input, "the mask is empty: no percentile can be taken");
      for (const double percentage : percentages)
      {
        Require(percentage >= 0 && percentage <= 100, Fault::Usage, percentage, " is no percentage; 0 to 100 is expected");
        result.push_back(PercentileOf(values, percentage));
      }
    },
    volume.voxels);
  return result;
}

Volume Clipped(Volume volume, const IntensityLimits & limits)
{
  Require(limits.low < limits.high, Fault::Input, "the intensity limits ", limits.low, " to ", limits.high, " are empty");
  std::visit(
    [&]<typename T>(std::vector<T> & voxels) {
      double low = limits.low, high = limits.high;
      if constexpr (std::is_integral_v<T>)
      {
        low = std::max<double>(std::ceil(low), std::numeric_limits<T>::min());
        high = std::min<double>(std::floor(high), std::numeric_limits<T>::max());
        Require(low <= high, Fault::Input, "no whole number lies between the intensity limits ", limits.low, " and ", limits.high);
      }
      for (T & v : voxels)
        v = std::clamp(v, static_cast<T>(low), static_cast<T>(high));
    },
    volume.voxels);
  return volume;
}

Volume Windowed(Volume volume, const IntensityLimits & window)
{
  Require(window.low < window.high, Fault::Usage, "the window ", window.low, " to ", window.high, " is empty");
  return Mapped(std::move(volume), [&](double v) { return std::clamp((v - window.low) / (window.high - window.low), 0.0, 1.0); });
}

Volume ZScored(Volume volume, const LabelVolume & mask)
{
  RequireMaskOf(volume, mask);
  double sum = 0, squares = 0, count = 0;
  const auto each = [&](const auto & act) {
    std::visit(
      [&](const auto & voxels) {
        for (std::size_t i = 0; i < voxels.size(); ++i)
          if (mask.labels[i] > 0)
            act(static_cast<double>(voxels[i]));
      },
      volume.voxels);
  };
  each([&](double v) { sum += v, count += 1; });
  const double mean = sum / count;
  each([&](double v) { squares += (v - mean) * (v - mean); });
  const double deviation = std::sqrt(squares / count);
  Require(deviation > 0, Fault::Input, "the intensities under the mask (", count, " voxels) are all equal: they have no z-score");
  return Mapped(std::move(volume), [&](double v) { return (v - mean) / deviation; });
}

Volume HistogramMatched(Volume volume, Volume reference)
{
  SilenceLibraries();
  using Filter = itk::HistogramMatchingImageFilter<ItkImage<float>, ItkImage<float>>;
  auto voxels = TakeFloat(volume), model = TakeFloat(reference);
  auto filter = Filter::New();
  filter->SetSourceImage(ViewOf(voxels, volume.geometry));
  filter->SetReferenceImage(ViewOf(model, reference.geometry));
  filter->SetNumberOfHistogramLevels(1024);
  filter->SetNumberOfMatchPoints(15);
  filter->ThresholdAtMeanIntensityOn();
  filter->Update();
  volume.voxels = VoxelsOf(*filter->GetOutput());
  return volume;
}

IntensityStandard FitStandard(const std::vector<std::vector<double>> & landmarks)
{
  Require(!landmarks.empty(), Fault::Input, "a scale of intensities needs at least one training volume");
  IntensityStandard standard;
  standard.values.assign(standard.percentages.size(), 0);
  for (const auto & one : landmarks)
  {
    Require(one.size() == standard.percentages.size() && one.front() < one.back(), Fault::Input,
            "a training volume has no contrast: its first and last landmarks are ", one.front(), " and ", one.back());
    for (std::size_t i = 0; i < one.size(); ++i)
      standard.values[i] += 100 * (one[i] - one.front()) / (one.back() - one.front()) / static_cast<double>(landmarks.size());
  }
  return standard;
}

Volume Standardised(Volume volume, const LabelVolume & mask, const IntensityStandard & standard)
{
  const auto   own = Percentiles(volume, mask, standard.percentages);
  const auto & to = standard.values;
  Require(own.size() == to.size() && own.size() >= 2 && own.front() < own.back(), Fault::Input,
          "a volume has no contrast: its first and last landmarks are ", own.front(), " and ", own.back());
  return Mapped(std::move(volume), [&](double v) {
    auto after = static_cast<std::size_t>(std::upper_bound(own.begin() + 1, own.end() - 1, v) - own.begin());
    auto before = after - 1;
    while (own[after] == own[before] && after + 1 < own.size()) // landmarks that coincide
      ++after;
    while (own[after] == own[before])
      --before;
    return to[before] + (v - own[before]) / (own[after] - own[before]) * (to[after] - to[before]);
  });
}

} // namespace serval
