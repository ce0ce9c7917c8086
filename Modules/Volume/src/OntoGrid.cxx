#include "serval/Core/Error.h"
#include "serval/Core/Text.h"
#include "serval/Volume/ExportDicom.h"

#include <algorithm>
#include <cmath>

namespace serval
{
namespace
{

/// index' = turn * index + shift: from the indices of one grid to the continuous indices of another.
struct IndexMap
{
  std::array<double, 9> turn{};
  Point                 shift{};

  Point At(double x, double y, double z) const
  {
    Point p{};
    for (std::size_t i = 0; i < 3; ++i)
      p[i] = turn[3 * i] * x + turn[3 * i + 1] * y + turn[3 * i + 2] * z + shift[i];
    return p;
  }
};

IndexMap MapBetween(const Geometry & from, const Geometry & to)
{
  const double a[]{ from.spacing.x, from.spacing.y, from.spacing.z }, b[]{ to.spacing.x, to.spacing.y, to.spacing.z };
  IndexMap     map;
  for (std::size_t i = 0; i < 3; ++i)
    for (std::size_t k = 0; k < 3; ++k)
    {
      map.shift[i] += to.direction[3 * k + i] * (from.origin[k] - to.origin[k]) / b[i];
      for (std::size_t j = 0; j < 3; ++j)
        map.turn[3 * i + j] += to.direction[3 * k + i] * from.direction[3 * k + j] * a[j] / b[i];
    }
  return map;
}

// The nearest voxel, or -1 outside; a centre on the border belongs to the grid.
std::int64_t Nearest(const Point & p, const Extent & e)
{
  const std::int64_t x = std::llround(p[0]), y = std::llround(p[1]), z = std::llround(p[2]);
  return x < 0 || y < 0 || z < 0 || x >= e.x || y >= e.y || z >= e.z ? -1 : x + e.x * (y + e.y * z);
}

// Calls `take(position, continuous index in the other grid)` for every voxel of `grid`, in its order.
template <typename TTake>
void ForEachVoxel(const Geometry & grid, const IndexMap & map, TTake take)
{
  std::size_t position = 0;
  for (std::int64_t z = 0; z < grid.extent.z; ++z)
    for (std::int64_t y = 0; y < grid.extent.y; ++y)
      for (std::int64_t x = 0; x < grid.extent.x; ++x)
        take(position++, map.At(double(x), double(y), double(z)));
}

// How far (mm) a continuous index lies outside the voxels of a grid; 0 inside.
double Outside(const Point & p, const Geometry & grid)
{
  const double size[]{ double(grid.extent.x), double(grid.extent.y), double(grid.extent.z) };
  const double edge[]{ grid.spacing.x, grid.spacing.y, grid.spacing.z };
  double       sum = 0;
  for (std::size_t i = 0; i < 3; ++i)
    sum += std::pow(std::max({ 0.0, -0.5 - p[i], p[i] - (size[i] - 0.5) }) * edge[i], 2);
  return std::sqrt(sum);
}

void RequireInside(const LabelVolume & labels, const Geometry & grid, const std::string & name)
{
  const auto & edge = labels.geometry.spacing;
  const double allowed = 0.5 * std::max({ edge.x, edge.y, edge.z });
  double       farthest = 0;
  std::size_t  lost = 0;
  ForEachVoxel(labels.geometry, MapBetween(labels.geometry, grid), [&](std::size_t position, const Point & p) {
    if (labels.labels[position] == 0)
      return;
    const double distance = Outside(p, grid);
    lost += distance > allowed;
    farthest = std::max(farthest, distance);
  });
  Require(lost == 0, Fault::Input, "the segmentation '", name, "' does not fit the source: ", lost, " labelled voxels lie outside its grid, up to ",
          FormatFixed(farthest, 2), " mm; at most ", FormatFixed(allowed, 2), " mm are allowed");
}

// True when every voxel centre of `grid` falls on one of the other grid's lattice, to a hundredth of a voxel.
bool IsSameLattice(const IndexMap & map, const Extent & e)
{
  for (int corner = 0; corner < 8; ++corner)
    for (const double index : map.At(corner & 1 ? double(e.x - 1) : 0, corner & 2 ? double(e.y - 1) : 0, corner & 4 ? double(e.z - 1) : 0))
      if (!(std::abs(index - std::round(index)) < 0.01))
        return false;
  return std::all_of(map.turn.begin(), map.turn.end(), [](double cosine) { return std::abs(cosine - std::round(cosine)) < 0.01; });
}

template <typename T>
double Linear(const std::vector<T> & values, const Extent & e, const Point & p)
{
  const std::int64_t size[]{ e.x, e.y, e.z };
  std::int64_t       low[3], step[3];
  double             weight[3];
  for (std::size_t i = 0; i < 3; ++i)
  {
    if (!(p[i] >= -0.5 && p[i] <= double(size[i]) - 0.5))
      return 0;
    const double inside = std::clamp(p[i], 0.0, double(size[i] - 1));
    low[i] = std::min(static_cast<std::int64_t>(inside), std::max<std::int64_t>(0, size[i] - 2));
    weight[i] = inside - double(low[i]);
    step[i] = size[i] > 1 ? 1 : 0;
  }
  double sum = 0;
  for (int corner = 0; corner < 8; ++corner)
  {
    const bool   dx = corner & 1, dy = corner & 2, dz = corner & 4;
    const double part = (dx ? weight[0] : 1 - weight[0]) * (dy ? weight[1] : 1 - weight[1]) * (dz ? weight[2] : 1 - weight[2]);
    const auto   at = low[0] + dx * step[0] + e.x * (low[1] + dy * step[1] + e.y * (low[2] + dz * step[2]));
    sum += part * double(values[static_cast<std::size_t>(at)]);
  }
  return sum;
}

} // namespace

LabelVolume OntoGrid(const LabelVolume & labels, const Geometry & grid, const std::string & labelsName)
{
  RequireInside(labels, grid, labelsName);
  LabelVolume moved{ grid, std::vector<std::uint16_t>(static_cast<std::size_t>(grid.extent.Voxels())) };
  ForEachVoxel(grid, MapBetween(grid, labels.geometry), [&](std::size_t position, const Point & p) {
    if (const auto at = Nearest(p, labels.geometry.extent); at >= 0)
      moved.labels[position] = labels.labels[static_cast<std::size_t>(at)];
  });
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
  const IndexMap     toMap = MapBetween(grid, map.geometry);
  const bool         isExact = IsSameLattice(toMap, grid.extent);
  const auto &       extent = map.geometry.extent;
  std::vector<float> moved(static_cast<std::size_t>(grid.extent.Voxels()));
  std::size_t        met = 0;
  std::visit(
    [&](const auto & values) {
      ForEachVoxel(grid, toMap, [&](std::size_t position, const Point & p) {
        const auto at = Nearest(p, extent);
        met += at >= 0;
        if (at >= 0)
          moved[position] = static_cast<float>(isExact ? double(values[static_cast<std::size_t>(at)]) : Linear(values, extent, p));
      });
    },
    map.voxels);
  Require(met > 0, Fault::Input, "the map '", mapName, "' does not meet the grid of the source; its first voxel lies ",
          FormatFixed(Outside(MapBetween(map.geometry, grid).At(0, 0, 0), grid), 2), " mm from it");
  return { grid, std::move(moved), map.modality };
}

} // namespace serval
