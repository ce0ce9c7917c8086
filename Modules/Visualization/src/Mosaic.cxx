#include "Legend.h"
#include "SliceCell.h"
#include "VtkVolume.h"
#include "serval/Core/Error.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace serval
{
namespace
{

/// Lowest and highest place (mm) along an axis that the labels reach, or the volume without labels.
std::array<double, 2> ReachOf(const Scene & scene, std::size_t axis, const std::array<Point, 2> & box)
{
  if (scene.labels.empty())
    return { box[0][axis], box[1][axis] };
  std::array<double, 2> reach{ std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity() };
  const auto &          extent = scene.volume.geometry.extent;
  std::size_t           i = 0;
  for (std::int64_t z = 0; z < extent.z; ++z)
    for (std::int64_t y = 0; y < extent.y; ++y)
      for (std::int64_t x = 0; x < extent.x; ++x)
        if (scene.labels[i++] != 0)
        {
          const double at = scene.volume.geometry.PointAt(double(x), double(y), double(z))[axis];
          reach = { std::min(reach[0], at), std::max(reach[1], at) };
        }
  return reach;
}

/// So many columns that the slices come out largest.
struct MosaicLayout
{
  int    columns = 0, rows = 0;
  double scale = std::numeric_limits<double>::infinity();

  MosaicLayout(const SliceGrid & grid, int count, PictureSize room, int margin)
  {
    for (int tried = 1; tried <= count; ++tried)
    {
      const int    needed = (count + tried - 1) / tried;
      const double width = double(room.width) / tried - margin, height = double(room.height) / needed - margin;
      const double fits = width > 0 && height > 0 ? std::max(grid.width / width, grid.height / height) : std::numeric_limits<double>::infinity();
      if (fits < scale)
      {
        columns = tried;
        rows = needed;
        scale = fits;
      }
    }
    Require(std::max(grid.width, grid.height) / scale >= 48, Fault::Usage, "a picture of ", room.width, " x ", room.height, " pixels has no room for ", count,
            " slices; ask for fewer or make it larger");
  }
};

} // namespace

Picture RenderMosaic(const Scene & scene, int plane, int count)
{
  RequireDrawable(scene);
  Require(plane >= 0 && plane < 3 && count > 0, Fault::Usage, "a mosaic of ", count, " slices of plane ", plane, " cannot be drawn; planes are 0, 1 and 2");
  const auto &      slicePlane = SlicePlanes()[static_cast<std::size_t>(plane)];
  const auto        box = PatientBox(scene.volume.geometry);
  const auto        reach = ReachOf(scene, slicePlane.across, box);
  const int         font = FontSizeFor(scene.size), small = std::max(11, font * 4 / 5), margin = 4 * small;
  const SliceFoot   foot(scene, font);
  Picture           picture(scene.size, backgroundColor);
  Canvas            canvas(picture);
  const int         top = DrawSliceTitle(canvas, scene, font), height = scene.size.height - foot.Height() - top;
  Point             through = FocusOf(scene);
  const SliceGrid   first(slicePlane, box, through);
  const MosaicLayout layout(first, count, { scene.size.width - font, height }, margin);
  const int         width = (scene.size.width - font) / layout.columns, row = height / layout.rows;
  for (int i = 0; i < count; ++i)
  {
    through[slicePlane.across] = reach[0] + (reach[1] - reach[0]) * (i + 0.5) / count;
    const SliceGrid grid(slicePlane, box, through);
    const Box       cell{ font / 2 + i % layout.columns * width, top + i / layout.columns * row, width - 2, row - 2 };
    DrawSliceCell(canvas, scene, foot.Colors(), grid, { cell, layout.scale, small, SliceKind::Plane, false });
    canvas.Text(PlaceText(grid), cell.x + small / 2, cell.y + small, { .size = small, .color = textColor });
  }
  foot.Draw(canvas, scene.size.height - foot.Height(), layout.scale, slicePlane.name + " slices, " + WindowText(scene.window));
  return picture;
}

} // namespace serval
