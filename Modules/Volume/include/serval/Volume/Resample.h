#pragma once

#include "serval/Volume/Volume.h"

#include <array>
#include <string>

namespace serval
{

enum class Interpolation
{
  Linear,
  BSpline ///< cubic, through the voxels (Thevenaz, Blu, Unser 2000)
};

struct ResampleOptions
{
  Interpolation interpolation = Interpolation::BSpline;
  bool          keepsType = true; ///< whole numbers stay whole: rounded, and clamped to their type's range
  bool          smooths = true;   ///< Gaussian against aliasing where voxels grow; see SmoothingSigma
};

/// The grid of `spacing` (mm) about the same centre with the same axes, as large as fits into the old one's voxels:
/// nothing is made up at the border. Fault::Input when fewer than 2 voxels are left along an axis.
Geometry GridWithSpacing(const Geometry & geometry, const Spacing & spacing);

/// Standard deviation (mm) along each axis of `from` of the Gaussian that widens its voxels to those of `to`:
/// sqrt(max(0, t^2 - s^2)) / (2 sqrt(2 ln 2)), with a voxel's edge as full width at half maximum (Cardoso et al.,
/// "Scale factor point spread function matching", MICCAI 2015); t is the width of a voxel of `to` along that axis.
std::array<double, 3> SmoothingSigma(const Geometry & from, const Geometry & to);

/// The image on another grid, wherever that lies in the patient; outside of the image its smallest value. The result's
/// voxels are float unless `keepsType`.
Volume      ResampleTo(Volume image, const Geometry & grid, const ResampleOptions & options = {});
/// Nearest label; 0 outside.
LabelVolume ResampleTo(LabelVolume labels, const Geometry & grid);

} // namespace serval
