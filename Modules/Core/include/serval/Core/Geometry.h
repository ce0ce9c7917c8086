#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>

namespace serval
{

/// Size or position in voxels, in image order (x fastest).
struct Extent
{
  std::int64_t x{}, y{}, z{};

  constexpr std::int64_t Voxels() const { return x * y * z; }
  constexpr bool         operator==(const Extent &) const = default;
};

/// Voxel size in millimetres.
struct Spacing
{
  double x{ 1 }, y{ 1 }, z{ 1 };

  constexpr bool operator==(const Spacing &) const = default;
};

using Point = std::array<double, 3>;

/// Tensor order (z,y,x) of an image extent (x,y,z): the only place where the order turns.
constexpr std::array<std::int64_t, 3> TensorShape(Extent e) { return { e.z, e.y, e.x }; }

/// Where a voxel grid lies in the patient, in ITK's convention: millimetres, LPS; the columns of `direction`
/// (row-major 3x3) are the unit vectors of the x, y and z index axes.
struct Geometry
{
  Extent                extent;
  Spacing               spacing;
  Point                 origin{};
  std::array<double, 9> direction{ 1, 0, 0, 0, 1, 0, 0, 0, 1 };

  /// Physical point (mm, LPS) of a continuous index.
  Point PointAt(double x, double y, double z) const;

  /// Continuous index of a physical point (mm, LPS); not a number where `direction` cannot be inverted.
  Point IndexAt(const Point & point) const;

  /// Geometry of the block of `size` voxels whose first voxel is `corner`.
  Geometry Block(Extent corner, Extent size) const;
};

/// Largest distance (mm) between corresponding corners of two grids of one extent.
double CornerDistance(const Geometry & a, const Geometry & b);

/// The smallest voxel edge in millimetres.
double SmallestSpacing(const Spacing & spacing);

std::string ToText(const Extent & extent);

/// One channel's voxels, x fastest, with their place in the patient.
struct VolumeView
{
  std::span<const float> voxels;
  Geometry               geometry;
};

} // namespace serval
