#pragma once

#include "serval/Core/IntensityPlan.h"
#include "serval/Volume/Volume.h"

#include <string>
#include <vector>

namespace serval
{

/// Which voxels a statistic is taken from.
enum class Foreground
{
  All,
  Positive, ///< above 0: what skull stripping leaves
  Mean      ///< above the mean of all voxels: the body, where most voxels are air (Nyul, Udupa 2000)
};
Foreground ForegroundFrom(const std::string & name);

/// 1 in the foreground, on the volume's grid. Fault::Input when it is empty.
LabelVolume ForegroundMask(const Volume & volume, Foreground kind);

/// The values below which these percentages of the voxels with a mask above 0 lie, linear between neighbouring values.
std::vector<double> Percentiles(const Volume & volume, const LabelVolume & mask, const std::vector<double> & percentages);

/// What lies outside of the limits gets the nearer limit. The type is kept, whole numbers get the next whole limit inside.
Volume Clipped(Volume volume, const IntensityLimits & limits);
/// A window as radiologists use it: low becomes 0, high becomes 1, what lies outside the nearer of them; float.
Volume Windowed(Volume volume, const IntensityLimits & window);
/// (v - mean) / standard deviation of the voxels with a mask above 0; float. Fault::Input when they are all equal.
Volume ZScored(Volume volume, const LabelVolume & mask);
/// Histogram matched to the reference's: 1024 levels and 15 quantiles of what is brighter than the mean (Nyul, Udupa 2000,
/// as itk::HistogramMatchingImageFilter does it); float.
Volume HistogramMatched(Volume volume, Volume reference);

/// A common scale of MR intensities, fitted on a training set (Nyul, Udupa, Zhang, "New variants of a method of MRI scale
/// standardization", IEEE TMI 2000): the first landmark stands at 0 and the last at 100.
struct IntensityStandard
{
  std::vector<double> percentages{ 1, 10, 20, 30, 40, 50, 60, 70, 80, 90, 99 };
  std::vector<double> values; ///< where each landmark stands on the common scale
};
/// From the landmarks (Percentiles) of each training volume. Fault::Input when there are none.
IntensityStandard FitStandard(const std::vector<std::vector<double>> & landmarks);
/// The volume's landmarks moved to the standard's, linear between them and beyond; float.
Volume Standardised(Volume volume, const LabelVolume & mask, const IntensityStandard & standard);

struct BiasOptions
{
  int    shrink = 4;             ///< the field is found on every so many voxels along an axis, with at least 16 left
  int    levels = 4;             ///< each doubles the spline's control points, of which there are 4 along an axis at first
  int    iterations = 50;        ///< at most, a level
  double convergence = 0.001;
};
/// The smooth field that makes one tissue brighter in one place than in another, divided away: N4 (Tustison et al., IEEE
/// TMI 2010) over the voxels with a mask above 0 that are positive; float. Fault::Input when fewer than 1000 are left.
Volume BiasCorrected(Volume volume, const LabelVolume & mask, const BiasOptions & options = {});

} // namespace serval
