#pragma once

#include "serval/Core/Geometry.h"

#include <array>
#include <optional>
#include <string>
#include <vector>

namespace serval
{

/// Where one patch is centred. A copied patch takes the voxel, a resampled one the exact point.
struct PatchPlace
{
  Extent               voxel;
  Point                point{}; ///< mm, LPS
  int                  classIndex = -1;
  std::string          candidate; ///< id of the candidate or lesion; empty for drawn places
  std::optional<Point> direction; ///< of the candidate (LPS); instead of the shape's
};

/// One grid of voxels around a place: voxels of the volume along its own index axes, or resampled.
struct PatchView
{
  Extent                size;
  bool                  isCopy = true;
  std::array<int, 3>    axis{ 0, 1, 2 }; ///< of a copy: the volume's index axis that each axis of the patch follows
  std::array<int, 3>    sign{ 1, 1, 1 }; ///< of a copy: -1 where it runs backwards
  std::array<double, 9> frame{ 1, 0, 0, 0, 1, 0, 0, 0, 1 }; ///< columns: the patch's axes, LPS
  Spacing               spacing;
};

/// Voxels that a patch needs below and above the voxel of its place, along the volume's index axes.
struct Reach
{
  Extent below, above;
};

/// What one patch is.
struct PatchShape
{
  enum class Plane
  {
    None,    ///< a block along the volume's index axes; 2D where size.z is 1
    Axial,   ///< the index plane nearest to the anatomical one, turned so that columns run to the patient's left
    Coronal, ///< (axial, coronal) or posterior (sagittal), rows to posterior (axial) or inferior
    Sagittal,
    X, ///< perpendicular to the volume's x index axis, as stored
    Y,
    Z,
    Orthogonal ///< 2.5D: axial, coronal and sagittal plane through the place, as channels
  };
  enum class Scales
  {
    Channels, ///< all scales of a place are channels of one patch
    Patches   ///< each scale is a patch of its own
  };
  enum class Border
  {
    Inside, ///< a patch lies wholly inside its volume
    Pad     ///< a patch may leave it; what lies outside is filled by `padding`
  };
  enum class Padding
  {
    Constant, ///< `padValue`
    Edge      ///< the nearest voxel
  };
  enum class Interpolation
  {
    Linear,
    BSpline ///< cubic
  };
  Plane                plane = Plane::None;
  Extent               size{ 16, 16, 16 }; ///< voxels of the stored patch; z is 1 where there is a plane
  Spacing              spacing{ 0, 0, 0 }; ///< mm of the stored voxels; 0: the volume's own, copied
  std::vector<double>  scales;             ///< mm, lengths of the patch's first edge; empty: one scale
  Scales               scalesAs = Scales::Channels;
  std::optional<Point> direction; ///< LPS; the patch's z axis, to be set with or without candidates' own
  bool                 hasCandidateDirections = false;
  Interpolation        interpolation = Interpolation::Linear;
  Border               border = Border::Inside;
  Padding              padding = Padding::Constant;
  double               padValue = 0;

  /// Stored channels for each channel of the volume, and patches for each place.
  std::size_t ViewsPerPatch() const;
  std::size_t PatchesPerPlace() const;
  /// Fault::Usage: an empty size, a plane with thickness, scales or directions that contradict each other.
  void Check() const;
};

/// The frame (columns x, y, z; right-handed) whose z axis runs along `direction` and whose x axis lies in the patient's
/// transverse plane, as nearly to the left as can be. Fault::Input when the direction has no length.
std::array<double, 9> FrameAlong(const Point & direction);

/// The views of a place, patch after patch: PatchesPerPlace() lists of ViewsPerPatch() views.
std::vector<std::vector<PatchView>> ViewsOf(const PatchShape & shape, const Geometry & volume,
                                            const std::optional<Point> & direction = {});

/// The volume's voxel at which a copied view begins.
Extent FirstVoxel(const PatchView & view, const Extent & place);

/// The patch's grid in the patient.
Geometry GridOf(const PatchView & view, const Geometry & volume, const PatchPlace & place);

/// What all views need around a voxel.
Reach ReachOf(const std::vector<std::vector<PatchView>> & views, const Geometry & volume);

/// Whether all that the views need lies inside; for a place between voxels.
bool IsInside(const std::vector<std::vector<PatchView>> & views, const Geometry & volume, const PatchPlace & place);

} // namespace serval
