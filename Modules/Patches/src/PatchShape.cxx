#include "serval/Patches/PatchShape.h"

#include "serval/Core/Error.h"

#include <itkOrientedPatchImageFilter.h>

#include <algorithm>
#include <cmath>

namespace serval
{
namespace
{

using Plane = PatchShape::Plane;
using Views = std::vector<std::vector<PatchView>>;

constexpr double tolerance = 1e-6; // voxels

std::array<std::int64_t, 3> Numbers(const Extent & e)
{
  return { e.x, e.y, e.z };
}
std::array<double, 3> Numbers(const Spacing & s)
{
  return { s.x, s.y, s.z };
}
Extent ExtentOf(const std::array<std::int64_t, 3> & v)
{
  return { v[0], v[1], v[2] };
}

double Dot(const Point & a, const Point & b)
{
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

Point Column(const std::array<double, 9> & m, std::size_t column)
{
  return { m[column], m[3 + column], m[6 + column] };
}

void SetColumn(std::array<double, 9> & m, std::size_t column, const Point & v)
{
  for (std::size_t row = 0; row < 3; ++row)
    m[3 * row + column] = v[row];
}

// The index axis nearest to each patient axis (left, posterior, superior), each used once, and which way it runs.
struct Anatomy
{
  std::array<int, 3> axis{}, sign{};
};

Anatomy AnatomyOf(const Geometry & volume)
{
  std::array<int, 3> order{ 0, 1, 2 }, best = order;
  double             most = -1;
  do
  {
    double sum = 0;
    for (std::size_t row = 0; row < 3; ++row)
      sum += std::abs(volume.direction[3 * row + static_cast<std::size_t>(order[row])]);
    if (sum > most + 1e-9)
    {
      most = sum;
      best = order;
    }
  } while (std::next_permutation(order.begin(), order.end()));
  Anatomy anatomy{ best, {} };
  for (std::size_t row = 0; row < 3; ++row)
    anatomy.sign[row] = volume.direction[3 * row + static_cast<std::size_t>(best[row])] < 0 ? -1 : 1;
  return anatomy;
}

// Axes x, y and z of a plane; the normal turns so that the patch keeps the volume's handedness.
void SetAxes(PatchView & view, const Geometry & volume, std::array<int, 3> axis, std::array<int, 3> sign)
{
  view.axis = axis;
  view.sign = sign;
  const bool isEven = (axis[1] - axis[0] + 3) % 3 == 1;
  view.sign[2] = (isEven ? 1 : -1) * sign[0] * sign[1];
  for (std::size_t i = 0; i < 3; ++i)
  {
    Point column = Column(volume.direction, static_cast<std::size_t>(axis[i]));
    for (double & number : column)
      number *= view.sign[i];
    SetColumn(view.frame, i, column);
  }
  const auto edges = Numbers(volume.spacing);
  view.spacing = { edges[static_cast<std::size_t>(axis[0])], edges[static_cast<std::size_t>(axis[1])],
                   edges[static_cast<std::size_t>(axis[2])] };
}

PatchView PlaneView(Plane plane, const Geometry & volume)
{
  PatchView  view;
  const auto a = AnatomyOf(volume);
  switch (plane)
  {
    case Plane::None:
    case Plane::Orthogonal:
    case Plane::Z:
      SetAxes(view, volume, { 0, 1, 2 }, { 1, 1, 1 });
      break;
    case Plane::X:
      SetAxes(view, volume, { 1, 2, 0 }, { 1, 1, 1 });
      break;
    case Plane::Y:
      SetAxes(view, volume, { 0, 2, 1 }, { 1, 1, 1 });
      break;
    case Plane::Axial:
      SetAxes(view, volume, a.axis, a.sign);
      break;
    case Plane::Coronal:
      SetAxes(view, volume, { a.axis[0], a.axis[2], a.axis[1] }, { a.sign[0], -a.sign[2], 1 });
      break;
    case Plane::Sagittal:
      SetAxes(view, volume, { a.axis[1], a.axis[2], a.axis[0] }, { a.sign[1], -a.sign[2], 1 });
      break;
  }
  return view;
}

PatchView WithSize(PatchView view, const PatchShape & shape, const Spacing & spacing)
{
  view.size = shape.size;
  view.isCopy = spacing.x <= 0;
  if (!view.isCopy)
    view.spacing = spacing;
  return view;
}

PatchView OrientedView(const PatchShape & shape, const Geometry & volume, const Point & direction, Spacing spacing)
{
  PatchView    view;
  const double smallest = SmallestSpacing(volume.spacing);
  view.frame = FrameAlong(direction);
  return WithSize(view, shape, spacing.x > 0 ? spacing : Spacing{ smallest, smallest, smallest });
}

std::vector<PatchView> ViewsOfScale(const PatchShape & shape, const Geometry & volume,
                                    const std::optional<Point> & direction, const Spacing & spacing)
{
  if (direction)
    return { OrientedView(shape, volume, *direction, spacing) };
  if (shape.plane != Plane::Orthogonal)
    return { WithSize(PlaneView(shape.plane, volume), shape, spacing) };
  std::vector<PatchView> views;
  for (const Plane plane : { Plane::Axial, Plane::Coronal, Plane::Sagittal })
    views.push_back(WithSize(PlaneView(plane, volume), shape, spacing));
  return views;
}

// Half of a resampled view's edges, in voxels of the volume.
std::array<double, 3> HalfWidths(const PatchView & view, const Geometry & volume)
{
  const auto            size = Numbers(view.size);
  const auto            spacing = Numbers(view.spacing), edges = Numbers(volume.spacing);
  std::array<double, 3> half{};
  for (std::size_t a = 0; a < 3; ++a)
    for (std::size_t i = 0; i < 3; ++i)
      half[a] += std::abs(Dot(Column(volume.direction, a), Column(view.frame, i))) * double(size[i] - 1) / 2 *
                 spacing[i] / edges[a];
  return half;
}

Reach ReachOfView(const PatchView & view, const Geometry & volume)
{
  std::array<std::int64_t, 3> below{}, above{};
  if (view.isCopy)
  {
    const auto first = Numbers(FirstVoxel(view, {})), size = Numbers(view.size);
    for (std::size_t i = 0; i < 3; ++i)
    {
      const auto a = static_cast<std::size_t>(view.axis[i]);
      const auto low = view.sign[i] > 0 ? first[a] : first[a] - size[i] + 1;
      below[a] = -low;
      above[a] = low + size[i] - 1;
    }
  }
  else
  {
    const auto half = HalfWidths(view, volume);
    for (std::size_t a = 0; a < 3; ++a)
      below[a] = above[a] = static_cast<std::int64_t>(std::ceil(half[a] - tolerance));
  }
  return { ExtentOf(below), ExtentOf(above) };
}

Extent Larger(const Extent & a, const Extent & b)
{
  return { std::max(a.x, b.x), std::max(a.y, b.y), std::max(a.z, b.z) };
}

} // namespace

std::size_t PatchShape::ViewsPerPatch() const
{
  const std::size_t planes = plane == Plane::Orthogonal ? 3 : 1;
  return planes * (scalesAs == Scales::Channels ? std::max<std::size_t>(scales.size(), 1) : 1);
}

std::size_t PatchShape::PatchesPerPlace() const
{
  return scalesAs == Scales::Patches ? std::max<std::size_t>(scales.size(), 1) : 1;
}

void PatchShape::Check() const
{
  const bool isOriented = direction || hasCandidateDirections;
  Require(size.x > 0 && size.y > 0 && size.z > 0, Fault::Usage, "a patch of ", ToText(size), " voxels is empty");
  Require(plane == Plane::None || size.z == 1, Fault::Usage, "a plane is one voxel thick; give --size as x,y or x,y,1");
  Require(plane == Plane::None || !isOriented, Fault::Usage, "--plane and a direction exclude each other");
  Require(scales.empty() || spacing.x <= 0, Fault::Usage,
          "--scales says how large a voxel is; leave --spacing and --sizeMm out");
  Require(std::all_of(scales.begin(), scales.end(), [](double mm) { return mm > 0; }), Fault::Usage,
          "--scales must be above 0 mm");
  Require((spacing.x > 0) == (spacing.y > 0) && (spacing.x > 0) == (spacing.z > 0), Fault::Usage,
          "--spacing must be above 0 mm along x, y and z");
}

std::array<double, 9> FrameAlong(const Point & direction)
{
  const double length = std::sqrt(Dot(direction, direction));
  Require(std::isfinite(length) && length > 0, Fault::Input, "the direction ", direction[0], ", ", direction[1], ", ",
          direction[2], " has no length; three numbers along left, posterior and superior (LPS) are expected");
  using Filter = itk::OrientedPatchImageFilter<itk::Image<float, 3>, itk::Image<float, 3>>;
  const auto            axes = Filter::DirectionAlong(Filter::VectorType(direction.data()));
  std::array<double, 9> frame{};
  for (unsigned i = 0; i < 9; ++i)
    frame[i] = axes[i / 3][i % 3];
  return frame;
}

Views ViewsOf(const PatchShape & shape, const Geometry & volume, const std::optional<Point> & direction)
{
  const auto           along = direction ? direction : shape.direction;
  std::vector<Spacing> spacings;
  for (const double mm : shape.scales)
    spacings.push_back({ mm / double(shape.size.x), mm / double(shape.size.x), mm / double(shape.size.x) });
  if (spacings.empty())
    spacings.push_back(shape.spacing);
  Views views(1);
  for (std::size_t s = 0; s < spacings.size(); ++s)
  {
    if (s > 0 && shape.scalesAs == PatchShape::Scales::Patches)
      views.emplace_back();
    const auto more = ViewsOfScale(shape, volume, along, spacings[s]);
    views.back().insert(views.back().end(), more.begin(), more.end());
  }
  return views;
}

Extent FirstVoxel(const PatchView & view, const Extent & place)
{
  auto       first = Numbers(place);
  const auto size = Numbers(view.size);
  for (std::size_t i = 0; i < 3; ++i)
    first[static_cast<std::size_t>(view.axis[i])] -= view.sign[i] * (size[i] / 2);
  return ExtentOf(first);
}

Geometry GridOf(const PatchView & view, const Geometry & volume, const PatchPlace & place)
{
  Geometry grid{ view.size, view.spacing, place.point, view.frame };
  if (view.isCopy)
  {
    const Extent first = FirstVoxel(view, place.voxel);
    grid.origin = volume.PointAt(double(first.x), double(first.y), double(first.z));
  }
  else
    grid.origin = grid.PointAt(double(1 - view.size.x) / 2, double(1 - view.size.y) / 2, double(1 - view.size.z) / 2);
  return grid;
}

Reach ReachOf(const Views & views, const Geometry & volume)
{
  Reach whole;
  for (const auto & patch : views)
    for (const auto & view : patch)
    {
      const Reach one = ReachOfView(view, volume);
      whole = { Larger(whole.below, one.below), Larger(whole.above, one.above) };
    }
  return whole;
}

bool IsInside(const Views & views, const Geometry & volume, const PatchPlace & place)
{
  const auto size = Numbers(volume.extent), voxel = Numbers(place.voxel);
  const auto point = volume.IndexAt(place.point);
  for (const auto & patch : views)
    for (const auto & view : patch)
    {
      const auto reach = ReachOfView(view, volume);
      const auto below = Numbers(reach.below), above = Numbers(reach.above);
      const auto half = view.isCopy ? std::array<double, 3>{} : HalfWidths(view, volume);
      for (std::size_t a = 0; a < 3; ++a)
      {
        const double low = view.isCopy ? double(voxel[a] - below[a]) : point[a] - half[a];
        const double high = view.isCopy ? double(voxel[a] + above[a]) : point[a] + half[a];
        if (!(low >= -tolerance && high <= double(size[a] - 1) + tolerance))
          return false;
      }
    }
  return true;
}

} // namespace serval
