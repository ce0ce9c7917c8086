#include "DicomRepair.h"

#include "GridChecks.h"
#include "serval/Core/Error.h"
#include "serval/Core/PathDisplay.h"
#include "serval/Core/Text.h"

#include <algorithm>
#include <cmath>

namespace serval
{
namespace
{

/// Slices to be resampled, in the order of their places.
struct Slices
{
  std::vector<std::size_t> planes;       ///< of the stack
  std::vector<double>      at;           ///< mm along the normal, from the first
  std::vector<double>      right, down;  ///< voxels by which a plane is shifted along a row and a column
};

/// The regular grid, relative to the first plane.
struct Grid
{
  Extent extent;
  int    left = 0, top = 0; ///< voxels of the first plane's grid at which it begins
  double step = 0;          ///< mm between slices
};

template <typename T>
bool AreEqualPlanes(const std::vector<T> & voxels, std::size_t a, std::size_t b, std::size_t size)
{
  const auto first = voxels.begin() + static_cast<std::ptrdiff_t>(a * size);
  return std::equal(first, first + static_cast<std::ptrdiff_t>(size), voxels.begin() + static_cast<std::ptrdiff_t>(b * size));
}

template <typename T>
Slices DistinctSlices(const DicomStack & stack, const std::vector<T> & voxels)
{
  const std::size_t size = stack.First().file->PlaneVoxels();
  Slices            slices;
  for (std::size_t i = 0; i < stack.planes.size(); ++i)
  {
    if (i > 0 && stack.At(i) - stack.At(slices.planes.back()) <= samePlace)
    {
      Require(AreEqualPlanes(voxels, slices.planes.back(), i, size), Fault::Input, "the DICOM series ",
              ShownText(stack.First().file->record.seriesUid), " cannot be repaired: duplicate-position: the two slices at ",
              FormatFixed(stack.At(i), 3), " mm have different pixels; remove one, or name one of several volumes");
      continue;
    }
    const auto shift = stack.Shift(i);
    slices.planes.push_back(i);
    slices.at.push_back(stack.At(i) - stack.At(0));
    slices.right.push_back(shift[0] / stack.First().spacing[1]);
    slices.down.push_back(shift[1] / stack.First().spacing[0]);
  }
  return slices;
}

Grid GridOf(const DicomStack & stack, const Slices & slices)
{
  constexpr double whole = 0.01; // voxels that rounding of positions may shift a slice
  const auto [left, right] = std::minmax_element(slices.right.begin(), slices.right.end());
  const auto [top, bottom] = std::minmax_element(slices.down.begin(), slices.down.end());
  Grid       grid;
  const auto steps = std::max<std::int64_t>(1, std::llround(slices.at.back() / stack.UsualGap()));
  grid.left = static_cast<int>(std::floor(*left + whole));
  grid.top = static_cast<int>(std::floor(*top + whole));
  grid.extent = { stack.First().file->columns + static_cast<int>(std::ceil(*right - whole)) - grid.left,
                  stack.First().file->rows + static_cast<int>(std::ceil(*bottom - whole)) - grid.top, steps + 1 };
  grid.step = slices.at.back() / static_cast<double>(steps);
  return grid;
}

/// A source plane whose voxel (0, 0) lies at (right, down) of the grid; `fill` outside.
template <typename T>
struct ShiftedPlane
{
  const T *    voxels;
  std::int64_t columns, rows;
  double       right, down;
  T            fill;

  double At(std::int64_t x, std::int64_t y) const
  {
    return static_cast<double>(x < 0 || y < 0 || x >= columns || y >= rows ? fill : voxels[x + columns * y]);
  }

  void AddTo(std::vector<double> & sum, const Extent & extent, double weight) const
  {
    const double fromX = std::floor(-right), fromY = std::floor(-down), fx = -right - fromX, fy = -down - fromY;
    for (std::int64_t y = 0; y < extent.y; ++y)
      for (std::int64_t x = 0; x < extent.x; ++x)
      {
        const auto   sx = x + static_cast<std::int64_t>(fromX), sy = y + static_cast<std::int64_t>(fromY);
        const double upper = (1 - fx) * At(sx, sy) + fx * At(sx + 1, sy), lower = (1 - fx) * At(sx, sy + 1) + fx * At(sx + 1, sy + 1);
        sum[static_cast<std::size_t>(x + extent.x * y)] += weight * ((1 - fy) * upper + fy * lower);
      }
  }
};

template <typename T>
std::vector<T> Resampled(const DicomStack & stack, const Slices & slices, const Grid & grid, const std::vector<T> & voxels)
{
  const DicomFile & file = *stack.First().file;
  const T           fill = *std::min_element(voxels.begin(), voxels.end());
  const auto        plane = [&](std::size_t i) {
    return ShiftedPlane<T>{ voxels.data() + slices.planes[i] * file.PlaneVoxels(), file.columns, file.rows,
                            slices.right[i] - grid.left, slices.down[i] - grid.top, fill };
  };
  std::vector<T> result;
  result.reserve(static_cast<std::size_t>(grid.extent.Voxels()));
  for (std::int64_t z = 0; z < grid.extent.z; ++z)
  {
    const double        at = static_cast<double>(z) * grid.step;
    std::vector<double> sum(static_cast<std::size_t>(grid.extent.x * grid.extent.y));
    const auto          next = std::upper_bound(slices.at.begin(), slices.at.end() - 1, at);
    const auto          i = static_cast<std::size_t>(next - slices.at.begin());
    const double        share = std::clamp((at - slices.at[i - 1]) / (slices.at[i] - slices.at[i - 1]), 0.0, 1.0);
    plane(i - 1).AddTo(sum, grid.extent, 1 - share);
    plane(i).AddTo(sum, grid.extent, share);
    for (const double value : sum)
      result.push_back(static_cast<T>(std::is_integral_v<T> ? std::round(value) : value));
  }
  return result;
}

// What was done about one problem.
std::string Remedy(const SeriesProblem & problem, const Grid & grid)
{
  const bool isSampled = problem.name == "missing-slice" || problem.name == "uneven-spacing";
  return Concat(problem.name, " (", problem.detail, "): ",
                problem.name == "duplicate-position"  ? "of slices with equal pixels one was kept"
                : problem.name == "mixed-orientation" ? "only the slices of this orientation were kept"
                : problem.name == "gantry-tilt" ? Concat("slices moved back within their plane, grid of ", ToText(grid.extent), " voxels")
                : isSampled ? Concat("slices interpolated every ", FormatFixed(grid.step, 3), " mm")
                            : "");
}

} // namespace

void RequireMendable(const SeriesRecord & series, const RepairRule & repair)
{
  if (series.IsRegular())
    return;
  std::vector<std::string> told;
  bool                     canMend = true;
  for (const auto & problem : series.problems)
  {
    told.push_back(problem.name + ": " + problem.detail);
    canMend = canMend && problem.name != "partial-rescale";
  }
  Require(repair.isWanted, Fault::Input, "the DICOM series ", ShownText(series.seriesUid), " is no regular volume: ", Join(told, "; "),
          canMend ? "; restore the series, or ask for its repair" : "; restore the series");
  Require(canMend, Fault::Input, "the DICOM series ", ShownText(series.seriesUid), " cannot be repaired: ", Join(told, "; "));
  const DicomStack & stack = *series.stack;
  for (std::size_t i = 0; i < stack.Gaps(); ++i)
    Require(stack.Gap(i) <= repair.maximumGap * stack.UsualGap(), Fault::Input, "the DICOM series ", ShownText(series.seriesUid),
            " cannot be repaired: missing-slice: a gap of ", FormatFixed(stack.Gap(i), 3), " mm between ", FormatFixed(stack.At(i), 3),
            " and ", FormatFixed(stack.At(i + 1), 3), " mm is more than ", FormatNumber(repair.maximumGap), " times the usual ",
            FormatFixed(stack.UsualGap(), 3), " mm");
  Require(stack.UsualGap() > 0, Fault::Input, "the DICOM series ", ShownText(series.seriesUid),
          " cannot be repaired: all its slices stand at one place");
}

Geometry GeometryOf(const DicomStack & stack)
{
  const auto & first = stack.First();
  const auto & o = first.orientation;
  const auto & n = stack.normal;
  Geometry     geometry;
  geometry.extent = { first.file->columns, first.file->rows, static_cast<std::int64_t>(stack.planes.size()) };
  geometry.spacing = { first.spacing[1], first.spacing[0],
                       (stack.At(stack.Gaps()) - stack.At(0)) / static_cast<double>(stack.Gaps()) };
  geometry.origin = first.position;
  geometry.direction = { o[0], o[3], n[0], o[1], o[4], n[1], o[2], o[5], n[2] };
  return geometry;
}

void Mend(const SeriesRecord & series, Volume & volume)
{
  const DicomStack & stack = *series.stack;
  Grid               grid;
  std::visit(
    [&](auto & voxels) {
      const Slices slices = DistinctSlices(stack, voxels);
      grid = GridOf(stack, slices);
      RequireMemory(series.files.front(), grid.extent, 4.0 * static_cast<double>(grid.extent.Voxels()));
      voxels = Resampled(stack, slices, grid, voxels);
    },
    volume.voxels);
  volume.geometry.origin = volume.geometry.PointAt(grid.left, grid.top, 0);
  volume.geometry.spacing.z = grid.step;
  volume.geometry.extent = grid.extent;
  for (const auto & problem : series.problems)
    volume.changes.push_back(Remedy(problem, grid));
}

} // namespace serval
