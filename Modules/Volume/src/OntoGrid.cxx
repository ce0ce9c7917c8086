#include "serval/Core/Error.h"
#include "serval/Core/Text.h"
#include "serval/Volume/ExportDicom.h"
#include "serval/Volume/Orientation.h"
#include "serval/Volume/Resample.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace serval
{
namespace
{

// Calls `take(position, point in mm)` for every voxel of `grid`, in its order.
template <typename TTake>
void ForEachVoxel(const Geometry & grid, TTake take)
{
  std::size_t position = 0;
  for (std::int64_t z = 0; z < grid.extent.z; ++z)
    for (std::int64_t y = 0; y < grid.extent.y; ++y)
      for (std::int64_t x = 0; x < grid.extent.x; ++x)
        take(position++, grid.PointAt(double(x), double(y), double(z)));
}

// How far (mm) a point lies outside the voxels of a grid; 0 inside.
double Outside(const Point & point, const Geometry & grid)
{
  const double size[]{ double(grid.extent.x), double(grid.extent.y), double(grid.extent.z) };
  const double edge[]{ grid.spacing.x, grid.spacing.y, grid.spacing.z };
  double       squares = 0;
  for (std::size_t axis = 0; axis < 3; ++axis)
  {
    double along = 0; // mm from the first voxel's centre
    for (std::size_t k = 0; k < 3; ++k)
      along += grid.direction[3 * k + axis] * (point[k] - grid.origin[k]);
    squares += std::pow(std::max({ 0.0, -0.5 * edge[axis] - along, along - (size[axis] - 0.5) * edge[axis] }), 2);
  }
  return std::sqrt(squares);
}

void RequireInside(const LabelVolume & labels, const Geometry & grid, const std::string & name)
{
  const auto & edge = labels.geometry.spacing;
  const double allowed = 0.5 * std::max({ edge.x, edge.y, edge.z });
  double       farthest = 0;
  std::size_t  lost = 0;
  ForEachVoxel(labels.geometry, [&](std::size_t position, const Point & p) {
    if (labels.labels[position] == 0)
      return;
    const double distance = Outside(p, grid);
    lost += distance > allowed;
    farthest = std::max(farthest, distance);
  });
  Require(lost == 0, Fault::Input, "the segmentation '", name, "' does not fit the source: ", lost, " labelled voxels lie outside its grid, up to ",
          FormatFixed(farthest, 2), " mm; at most ", FormatFixed(allowed, 2), " mm are allowed");
}

} // namespace

LabelVolume OntoGrid(const LabelVolume & labels, const Geometry & grid, const std::string & labelsName)
{
  RequireInside(labels, grid, labelsName);
  LabelVolume moved = ResampleTo(labels, grid);
  const auto kept = VolumesOf(moved);
  for (const auto & [label, volume] : VolumesOf(labels))
    Require(kept.contains(label), Fault::Input, "label ", label, " of '", labelsName, "' (", FormatFixed(volume, 4), " ml in voxels of ",
            FormatNumber(labels.geometry.spacing.x), " x ", FormatNumber(labels.geometry.spacing.y), " x ", FormatNumber(labels.geometry.spacing.z),
            " mm) falls between the voxels of the source (", FormatNumber(grid.spacing.x), " x ", FormatNumber(grid.spacing.y), " x ",
            FormatNumber(grid.spacing.z), " mm) and would be lost");
  return moved;
}

Volume OntoGrid(const Volume & map, const Geometry & grid, const std::string & mapName)
{
  double nearest = std::numeric_limits<double>::infinity();
  ForEachVoxel(grid, [&](std::size_t, const Point & p) { nearest = std::min(nearest, Outside(p, map.geometry)); });
  Require(nearest == 0, Fault::Input, "the map '", mapName, "' does not meet the grid of the source: it lies ", FormatFixed(nearest, 2), " mm from it");
  // Turned first: on grids that then agree nothing is interpolated.
  return ResampleTo(Reoriented(map, OrientationCode(grid)), grid, { Interpolation::Linear, false, true });
}

} // namespace serval
