#pragma once

#include "serval/Core/Geometry.h"
#include "serval/Visualization/Picture.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace serval
{

/// Intensities from level - width / 2 (black) to level + width / 2 (white), in the volume's own units (HU for CT).
struct DisplayWindow
{
  double      level = 40, width = 400;
  std::string name;
};

enum class WindowPreset
{
  Auto, ///< Soft for a volume that reaches -500 or less, as CT does in air; else Mr
  Lung, ///< -600 / 1500 HU
  Soft, ///< 40 / 400 HU
  Bone, ///< 400 / 1800 HU
  Mr    ///< from the 1st to the 99.5th percentile
};

/// The window of a preset for this volume.
DisplayWindow WindowFor(WindowPreset preset, const VolumeView & volume);

/// A volume with what is drawn over it.
struct Scene
{
  VolumeView                     volume;
  std::span<const std::uint16_t> labels;     ///< on the volume's grid, 0 is background; an empty span: no labels
  std::vector<std::string>       labelNames; ///< of the labels 1, 2, ...; the others are called by number
  DisplayWindow                  window;
  std::optional<Point>           position;     ///< mm, LPS; default: see FocusOf
  std::optional<double>          surfaceValue; ///< intensity of the surface when there are no labels; default: the level
  std::string                    title;
  PictureSize                    size;
};

/// Where the slices cross: the labelled voxel nearest to the labels' centre of mass; without labels the centre of the
/// volume. mm, LPS.
Point FocusOf(const Scene & scene);

/// Axial, coronal and sagittal slice through one point, in radiological convention (the patient's right is on the left
/// of the picture, anterior and superior are up, sagittal seen from the patient's left side with anterior on the left).
/// The planes are the patient's own (LPS), not the scanner's: an oblique volume is resampled (cubic; labels nearest).
/// One millimetre is equally long in all three. Fault::Input: empty labels or voxels of another number than the grid
/// has; Fault::Usage: position outside the volume, window without width, picture too small.
Picture RenderSlices(const Scene & scene);

/// Ray casting seen from the patient's front; labels stand in it as coloured surfaces. Needs OpenGL (Display.h).
Picture RenderVolume(const Scene & scene);

/// Smoothed surfaces of the labels, or of one intensity when there are none, seen from the patient's front.
/// Fault::Input when there is no surface at that intensity. Needs OpenGL (Display.h).
Picture RenderSurface(const Scene & scene);

} // namespace serval
