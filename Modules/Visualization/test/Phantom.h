#pragma once

#include "serval/Visualization/Scene.h"

#include <cmath>
#include <functional>
#include <vector>

namespace serval::phantom
{

using Direction = std::array<double, 9>;

inline constexpr Direction identity{ 1, 0, 0, 0, 1, 0, 0, 0, 1 };
inline constexpr Direction flipped{ -1, 0, 0, 0, -1, 0, 0, 0, 1 };
inline constexpr Direction mirrored{ -1, 0, 0, 0, 1, 0, 0, 0, 1 }; ///< left-handed
inline constexpr Direction sagittal{ 0, 0, 1, 1, 0, 0, 0, -1, 0 };

/// Turned by 25 degrees about z, then by -15 degrees about x.
inline Direction Oblique()
{
  const double c = std::cos(0.436), s = std::sin(0.436), d = std::cos(-0.262), e = std::sin(-0.262);
  return { c, -s, 0, d * s, d * c, -e, e * s, e * c, d };
}

/// Voxels of about 40 x 48 x 36 mm around the patient's point (10, -20, 30), valued by a function of the distance (mm,
/// LPS) from there.
struct Body
{
  Geometry                   geometry;
  std::vector<float>         voxels;
  std::vector<std::uint16_t> labels;

  Body(const Direction & direction, Spacing spacing)
  {
    geometry = { { static_cast<std::int64_t>(40 / spacing.x), static_cast<std::int64_t>(48 / spacing.y),
                   static_cast<std::int64_t>(36 / spacing.z) },
                 spacing,
                 {},
                 direction };
    const Point middle = geometry.PointAt(double(geometry.extent.x - 1) / 2, double(geometry.extent.y - 1) / 2,
                                          double(geometry.extent.z - 1) / 2);
    for (std::size_t axis = 0; axis < 3; ++axis)
      geometry.origin[axis] = centre[axis] - middle[axis];
    voxels.assign(static_cast<std::size_t>(geometry.extent.Voxels()), 0);
    labels.assign(voxels.size(), 0);
  }

  void ForEach(const std::function<void(std::size_t, Point)> & act) const
  {
    std::size_t i = 0;
    for (std::int64_t z = 0; z < geometry.extent.z; ++z)
      for (std::int64_t y = 0; y < geometry.extent.y; ++y)
        for (std::int64_t x = 0; x < geometry.extent.x; ++x)
        {
          const Point p = geometry.PointAt(double(x), double(y), double(z));
          act(i++, { p[0] - centre[0], p[1] - centre[1], p[2] - centre[2] });
        }
  }

  /// A ball of this value: bright in the voxels, or a label.
  template <typename T>
  void Ball(std::vector<T> & values, Point middle, double radius, T value)
  {
    ForEach([&](std::size_t i, Point p) {
      if (std::hypot(p[0] - middle[0], p[1] - middle[1], p[2] - middle[2]) <= radius)
        values[i] = value;
    });
  }

  Scene AsScene() const
  {
    Scene scene;
    scene.volume = { voxels, geometry };
    scene.window = { 500, 1000, "" };
    scene.position = centre;
    scene.size = { 1200, 500 };
    return scene;
  }

  static constexpr Point centre{ 10, -20, 30 };
};

} // namespace serval::phantom
