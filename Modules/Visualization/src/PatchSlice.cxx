#include "PatchSlice.h"

#include "SlicePlane.h"

#include <algorithm>
#include <cmath>

namespace serval
{
namespace
{

/// Along a grid axis: how far it goes with a direction of the patient.
double Along(const Geometry & geometry, std::size_t axis, const Point & direction)
{
  double sum = 0;
  for (std::size_t row = 0; row < 3; ++row)
    sum += geometry.direction[3 * row + axis] * direction[row];
  return sum;
}

/// The plane that a patch without depth lies in.
int PlaneOfFlat(const Geometry & geometry)
{
  int best = 0;
  for (int plane = 1; plane < 3; ++plane)
  {
    const auto share = [&geometry](int p) { return std::abs(geometry.direction[3 * SlicePlanes()[std::size_t(p)].across + 2]); };
    best = share(plane) > share(best) ? plane : best;
  }
  return best;
}

} // namespace

PatchSlice::PatchSlice(const Geometry & geometry, int plane, bool isSmooth)
  : m_Plane(geometry.extent.z == 1 ? PlaneOfFlat(geometry) : plane)
  , m_IsSmooth(isSmooth)
{
  const std::array<std::int64_t, 3> sizes{ geometry.extent.x, geometry.extent.y, geometry.extent.z };
  const std::array<double, 3>       spacing{ geometry.spacing.x, geometry.spacing.y, geometry.spacing.z };
  const std::array<std::size_t, 3>  strides{ 1, std::size_t(sizes[0]), std::size_t(sizes[0] * sizes[1]) };
  const auto &                      seen = SlicePlanes()[std::size_t(m_Plane)];
  std::size_t                       depth = 2;
  if (geometry.extent.z > 1)
    for (const std::size_t axis : { std::size_t{ 1 }, std::size_t{ 0 } })
      if (std::abs(geometry.direction[3 * seen.across + axis]) > std::abs(geometry.direction[3 * seen.across + depth]))
        depth = axis;
  std::size_t right = depth == 0 ? 1 : 0, up = 3 - depth - right;
  if (std::abs(Along(geometry, up, seen.right)) > std::abs(Along(geometry, right, seen.right)))
    std::swap(right, up);
  m_Axes = { { { strides[right], sizes[right], Along(geometry, right, seen.right) < 0 }, { strides[up], sizes[up], Along(geometry, up, seen.up) < 0 } } };
  m_First = strides[depth] * std::size_t(sizes[depth] / 2);
  m_Width = spacing[right] * double(sizes[right]);
  m_Height = spacing[up] * double(sizes[up]);
}

float PatchSlice::At(std::span<const float> voxels, double right, double up) const
{
  std::array<std::array<std::size_t, 2>, 2> near{};
  std::array<double, 2>                     share{};
  const std::array<double, 2>               where{ right, up };
  for (std::size_t i = 0; i < 2; ++i)
  {
    const auto & axis = m_Axes[i];
    const double at = std::clamp((axis.isReversed ? 1 - where[i] : where[i]) * double(axis.size) - 0.5, 0.0, double(axis.size - 1));
    const auto   low = static_cast<std::int64_t>(at);
    share[i] = m_IsSmooth ? at - double(low) : std::floor(at - double(low) + 0.5);
    near[i] = { axis.stride * std::size_t(low), axis.stride * std::size_t(std::min(low + 1, axis.size - 1)) };
  }
  const auto value = [&](std::size_t a, std::size_t b) { return double(voxels[m_First + near[0][a] + near[1][b]]); };
  const auto line = [&](std::size_t b) { return value(0, b) + share[0] * (value(1, b) - value(0, b)); };
  return static_cast<float>(line(0) + share[1] * (line(1) - line(0)));
}

} // namespace serval
