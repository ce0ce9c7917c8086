#pragma once

#include "serval/Visualization/Scene.h"

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace serval
{

/// One of the patient's planes as a radiologist sees it: unit vectors in LPS, letters at the picture's edges.
struct SlicePlane
{
  std::string name;
  Point       right, up;
  std::size_t across; ///< axis (0 L, 1 P, 2 S) along which the plane moves
  char        left, rightLetter, top, bottom;
};

/// Axial, coronal, sagittal.
const std::array<SlicePlane, 3> & SlicePlanes();

/// A plane through a point over a box (mm, LPS), and its pixels.
struct SliceGrid
{
  SlicePlane plane;
  Point      corner;        ///< outer corner at the bottom left
  double     width, height; ///< mm
  double     depth;         ///< mm, of the box across the plane

  SliceGrid(const SlicePlane & plane, const std::array<Point, 2> & box, const Point & through);
  /// How far right and up (mm from the corner) a point lies.
  std::array<double, 2> Project(const Point & point) const;
};

/// Intensities and labels, rows from the top.
struct SliceImage
{
  int                        width, height;
  std::vector<float>         values;
  std::vector<std::uint16_t> labels; ///< empty without labels
  std::vector<float>         heat;   ///< empty without a heat map
};

enum class SliceKind
{
  Plane,
  Projection ///< the maximum over the whole volume
};

/// Samples the scene's volume (cubic, averaged over the pixel where pixels are larger than voxels) and labels (nearest).
/// Outside the volume the value is black's and the label 0.
SliceImage SampleSlice(const Scene & scene, const SliceGrid & grid, double millimetresPerPixel, SliceKind kind = SliceKind::Plane);

} // namespace serval
