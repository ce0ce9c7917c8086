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

/// Values drawn over a volume in colours that begin transparent: a saliency map or a probability.
struct HeatMap
{
  VolumeView  values;           ///< on any grid, such as that of a patch
  double      low = 0, high = 1; ///< no colour at `low` and below, all of it at `high`
  std::string name;
};

/// Where a patch was cut, as the outline of its outer faces.
struct PatchBox
{
  Geometry geometry;
  unsigned label = 0; ///< of its colour; 0: amber
};

/// How ray casting turns intensities into light.
enum class VolumePreset
{
  Window,  ///< from the window's first third to its end
  CtBone,  ///< bone from 150 HU on
  CtLung,  ///< airways and the lungs' vessels, from -900 to -400 HU
  CtSoft,  ///< organs from -20 HU on, and bone
  MrTissue ///< tissue brighter than a quarter of the window, the brightest most
};

/// A volume with what is drawn over it.
struct Scene
{
  VolumeView                     volume;
  std::span<const std::uint16_t> labels;     ///< on the volume's grid, 0 is background; an empty span: no labels
  std::vector<std::string>       labelNames; ///< of the labels 1, 2, ...; the others are called by number
  std::optional<HeatMap>         heat;
  std::vector<PatchBox>          boxes;
  DisplayWindow                  window;
  std::optional<Point>           position;     ///< mm, LPS; default: see FocusOf
  std::optional<double>          surfaceValue; ///< intensity of the surface when there are no labels; default: the level
  std::string                    title;
  PictureSize                    size;
  VolumePreset                   preset = VolumePreset::Window;
  bool                           smooth = true; ///< surfaces of labels; false: the voxels' own faces
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

/// The highest intensity along lines through the whole volume, in the same three planes. Errors as RenderSlices'.
Picture RenderProjections(const Scene & scene);

/// Slices of one plane (0 axial, 1 coronal, 2 sagittal), evenly spread over the labels, or over the volume without labels;
/// axial ones from inferior to superior, coronal from anterior, sagittal from the right. Fault::Usage where `count` slices
/// have no room.
Picture RenderMosaic(const Scene & scene, int plane, int count);

/// Ray casting seen from the patient's front; labels stand in it as coloured surfaces. Needs OpenGL (Display.h).
Picture RenderVolume(const Scene & scene);

/// Smoothed surfaces of the labels, or of one intensity when there are none, seen from the patient's front.
/// Fault::Input when there is no surface at that intensity. Needs OpenGL (Display.h).
Picture RenderSurface(const Scene & scene);

} // namespace serval
