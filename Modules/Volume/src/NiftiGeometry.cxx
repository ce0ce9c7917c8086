#include "NiftiHeader.h"

#include "GridChecks.h"
#include "serval/Core/Error.h"
#include "serval/Core/PathDisplay.h"
#include "serval/Core/Text.h"
#include "serval/Volume/Orientation.h"

#include <algorithm>
#include <cmath>

namespace serval
{
namespace
{

namespace fs = std::filesystem;

// NIfTI's RAS becomes LPS: the first two rows change sign.
Geometry FromRows(const NiftiHeader & header, const std::array<double, 12> & rows, double unit)
{
  Geometry       geometry{ { header.dim[1], header.dim[2], header.dim[3] }, {}, {}, {} };
  double * const spacing[]{ &geometry.spacing.x, &geometry.spacing.y, &geometry.spacing.z };
  for (std::size_t axis = 0; axis < 3; ++axis)
  {
    const double edge = std::hypot(rows[axis], rows[4 + axis], rows[8 + axis]);
    *spacing[axis] = edge * unit;
    for (std::size_t row = 0; row < 3; ++row)
      geometry.direction[3 * row + axis] = (row < 2 ? -1 : 1) * (edge > 0 ? rows[4 * row + axis] / edge : 0);
  }
  for (std::size_t row = 0; row < 3; ++row)
    geometry.origin[row] = (row < 2 ? -1 : 1) * unit * rows[4 * row + 3];
  for (double & number : geometry.direction)
    number += 0.0; // no -0
  return geometry;
}

// The quaternion b, c, d as a rotation, its third column turned when pixdim[0], the "qfac", is negative (nifti1.h, method 2).
Geometry FromQuaternion(const NiftiHeader & header, double unit, const fs::path & path)
{
  for (std::size_t axis = 1; axis < 4; ++axis)
    Require(header.pixdim[axis] > 0 && std::isfinite(header.pixdim[axis]), Fault::Input, Shown(path),
            " has a voxel edge of ", header.pixdim[axis], " in pixdim[", axis, "]; a positive length is expected");
  const double b = header.quaternion[0], c = header.quaternion[1], d = header.quaternion[2];
  const double rest = 1 - (b * b + c * c + d * d);
  Require(rest >= -1e-4, Fault::Input, Shown(path), " has a quaternion (", b, ", ", c, ", ", d,
          ") longer than 1 in its qform");
  const double a = std::sqrt(std::max(0.0, rest)), flip = header.pixdim[0] < 0 ? -1 : 1;
  const double length = std::max(1.0, b * b + c * c + d * d); // 1 but for the rounding of half turns
  const double x = header.pixdim[1] / length, y = header.pixdim[2] / length, z = flip * header.pixdim[3] / length;
  return FromRows(header,
                  { (a * a + b * b - c * c - d * d) * x, 2 * (b * c - a * d) * y, 2 * (b * d + a * c) * z, header.quaternion[3],
                    2 * (b * c + a * d) * x, (a * a + c * c - b * b - d * d) * y, 2 * (c * d - a * b) * z, header.quaternion[4],
                    2 * (b * d - a * c) * x, 2 * (c * d + a * b) * y, (a * a + d * d - c * c - b * b) * z, header.quaternion[5] },
                  unit);
}

double MillimetresOf(const NiftiHeader & header, const fs::path & path)
{
  switch (header.units & 7) // codes of nifti1.h; without one millimetres are meant
  {
    case 0:
    case 2: return 1;
    case 1: return 1e3;
    case 3: return 1e-3;
    default: break;
  }
  Fail(Fault::Input, Shown(path), " gives lengths in the unknown unit ", header.units & 7,
       " of xyzt_units; 1 (metres), 2 (millimetres) or 3 (micrometres) is expected");
}

void RequireOneGrid(const Geometry & sform, const Geometry & qform, const fs::path & path)
{
  const double distance = CornerDistance(sform, qform), allowed = 0.1 * SmallestSpacing(qform.spacing);
  Require(distance <= allowed, Fault::Input, Shown(path), " contradicts itself: its sform (axes ",
          OrientationCode(sform), ") and its qform (axes ", OrientationCode(qform), ") place a voxel up to ",
          FormatFixed(distance, 3), " mm apart, ", FormatFixed(allowed, 3),
          " mm are allowed; find out which is right and read it with the placement sform or qform");
}

void RequireStatedEdges(const NiftiHeader & header, const Geometry & sform, double unit, const fs::path & path)
{
  const double edges[]{ sform.spacing.x, sform.spacing.y, sform.spacing.z };
  for (std::size_t axis = 0; axis < 3; ++axis)
  {
    const double stated = unit * std::abs(header.pixdim[axis + 1]);
    Require(std::abs(stated - edges[axis]) <= 0.01 * edges[axis], Fault::Input, Shown(path),
            " contradicts itself: along axis ", axis, " a voxel is ", FormatFixed(edges[axis], 4), " mm long in its sform and ",
            FormatFixed(stated, 4), " mm in pixdim; if the sform is right, read it with the placement sform");
  }
}

Geometry Choose(const NiftiHeader & header, Placement placement, double unit, const fs::path & path)
{
  const bool hasSform = header.sformCode > 0, hasQform = header.qformCode > 0;
  Require((placement != Placement::Sform || hasSform) && (placement != Placement::Qform || hasQform), Fault::Input,
          Shown(path), " has no ", placement == Placement::Sform ? "sform" : "qform", ", which was asked for");
  if (placement == Placement::Qform || !hasSform)
  {
    Require(hasQform || placement == Placement::Assumed, Fault::Input, Shown(path), " does not state how it lies in the ",
            "patient (qform_code and sform_code are 0): left and right are unknown; if its axes run to the left, posterior ",
            "and superior, read it with the placement assumed");
    NiftiHeader own = header;
    if (!hasQform)
    {
      own.quaternion = { 0, 0, 1, 0, 0, 0 }; // half a turn about z: LPS
      own.pixdim[0] = 1;
    }
    return FromQuaternion(own, unit, path);
  }
  const Geometry sform = FromRows(header, header.sform, unit);
  if (placement != Placement::Sform && hasQform)
    RequireOneGrid(sform, FromQuaternion(header, unit, path), path);
  else if (placement != Placement::Sform)
    RequireStatedEdges(header, sform, unit, path);
  return sform;
}

} // namespace

Geometry GeometryOf(const NiftiHeader & header, Placement placement, const fs::path & path)
{
  const double   unit = MillimetresOf(header, path);
  const Geometry geometry = Choose(header, placement, unit, path);
  RequireRightAngles(geometry, path);
  const Spacing & edge = geometry.spacing;
  Require(unit == 1 || (SmallestSpacing(edge) >= 1e-3 && std::max({ edge.x, edge.y, edge.z }) <= 100), Fault::Input,
          Shown(path), " has voxels of ", edge.x, "x", edge.y, "x", edge.z, " mm because its xyzt_units say ",
          unit > 1 ? "metres" : "micrometres", "; correct the unit in its header");
  return geometry;
}

} // namespace serval
