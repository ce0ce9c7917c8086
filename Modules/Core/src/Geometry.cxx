#include "serval/Core/Geometry.h"

#include "serval/Core/Error.h"

#include <algorithm>
#include <cmath>

namespace serval
{
namespace
{

Point Cross(const Point & a, const Point & b)
{
  return { a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0] };
}

double Dot(const Point & a, const Point & b) { return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]; }

} // namespace

Point Geometry::PointAt(double x, double y, double z) const
{
  const Point scaled{ x * spacing.x, y * spacing.y, z * spacing.z };
  Point       point = origin;
  for (std::size_t row = 0; row < 3; ++row)
    for (std::size_t column = 0; column < 3; ++column)
      point[row] += direction[3 * row + column] * scaled[column];
  return point;
}

Point Geometry::IndexAt(const Point & point) const
{
  const auto & d = direction;
  const Point  p{ point[0] - origin[0], point[1] - origin[1], point[2] - origin[2] };
  // Cramer's rule: the rows of the inverse are cross products of the columns of `direction`.
  const Point  columns[3]{ { d[0], d[3], d[6] }, { d[1], d[4], d[7] }, { d[2], d[5], d[8] } };
  const double edges[3]{ spacing.x, spacing.y, spacing.z };
  const double determinant = Dot(Cross(columns[0], columns[1]), columns[2]);
  Point        index{};
  for (std::size_t a = 0; a < 3; ++a)
    index[a] = Dot(Cross(columns[(a + 1) % 3], columns[(a + 2) % 3]), p) / determinant / edges[a];
  return index;
}

Geometry Geometry::Block(Extent corner, Extent size) const
{
  Geometry block = *this;
  block.extent = size;
  block.origin = PointAt(static_cast<double>(corner.x), static_cast<double>(corner.y), static_cast<double>(corner.z));
  return block;
}

double CornerDistance(const Geometry & a, const Geometry & b)
{
  double largest = 0;
  for (int corner = 0; corner < 8; ++corner)
  {
    const auto   at = [corner](int bit, std::int64_t size) { return (corner >> bit) & 1 ? double(size - 1) : 0.0; };
    const Point  p = a.PointAt(at(0, a.extent.x), at(1, a.extent.y), at(2, a.extent.z));
    const Point  q = b.PointAt(at(0, a.extent.x), at(1, a.extent.y), at(2, a.extent.z));
    const double distance = std::hypot(std::hypot(p[0] - q[0], p[1] - q[1]), p[2] - q[2]); // hypot of three drops NaN
    if (!(distance <= largest)) // a distance that is not a number is the largest of all
      largest = distance;
  }
  return largest;
}

double SmallestSpacing(const Spacing & spacing) { return std::min({ spacing.x, spacing.y, spacing.z }); }

std::string ToText(const Extent & extent) { return Concat(extent.x, 'x', extent.y, 'x', extent.z); }

} // namespace serval
