#pragma once

#include "DicomHeader.h"

#include <array>
#include <string>
#include <vector>

namespace serval
{

/// Planes of one orientation and size, sorted along their normal.
struct DicomStack
{
  std::vector<DicomPlane> planes;
  Point                   normal{}; ///< unit vector

  explicit DicomStack(std::vector<DicomPlane> unsorted);

  const DicomPlane & First() const { return planes.front(); }
  std::size_t        Gaps() const { return planes.size() - 1; }
  /// mm along the normal.
  double At(std::size_t plane) const;
  double Gap(std::size_t i) const { return At(i + 1) - At(i); }
  /// How far (mm, along a row and along a column) a plane's first pixel lies from the first plane's.
  std::array<double, 2> Shift(std::size_t plane) const;
  /// The lower median of the gaps between different places, mm; 0 when there is none.
  double UsualGap() const;
  /// Gaps may differ from the usual one by 1 % or 0.01 mm.
  double GapTolerance() const;
  /// Planes that stand where another one stands.
  std::size_t Doubled() const;
};

/// Two planes closer than this (mm along the normal) stand at one place.
inline constexpr double samePlace = 0.01;

/// duplicate-position, gantry-tilt, missing-slice, uneven-spacing, partial-rescale: what keeps the stack from being regular.
std::vector<SeriesProblem> ProblemsOf(const DicomStack & stack);

/// Angle between two planes' normals, degrees 0..90.
double AngleBetween(const DicomPlane & a, const DicomPlane & b);

} // namespace serval
