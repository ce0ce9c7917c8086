#include "Canvas.h"
#include "Legend.h"
#include "SlicePlane.h"
#include "VtkVolume.h"
#include "serval/Core/Error.h"
#include "serval/Core/Text.h"

#include <algorithm>
#include <cmath>

namespace serval
{
namespace
{

void RequireInside(const Point & position, const std::array<Point, 2> & box)
{
  static constexpr std::array<char, 3> names{ 'x', 'y', 'z' };
  for (std::size_t axis = 0; axis < 3; ++axis)
    Require(position[axis] >= box[0][axis] && position[axis] <= box[1][axis], Fault::Usage, "the position has ", names[axis],
            " = ", position[axis], " mm (LPS); the volume reaches from ", box[0][axis], " to ", box[1][axis], " mm");
}

// "S 12.3 mm": on which side of the origin the plane lies, and how far.
std::string PlaceText(const SliceGrid & grid)
{
  static constexpr std::array<char, 3> towards{ 'L', 'P', 'S' }, away{ 'R', 'A', 'I' };
  const std::size_t axis = grid.plane.across;
  const double      place = grid.corner[axis];
  return Concat(place >= 0 ? towards[axis] : away[axis], ' ', FormatFixed(std::abs(place), 1), " mm");
}

void DrawImage(Canvas & canvas, const SliceImage & slice, const Box & at, const DisplayWindow & window)
{
  const double low = window.level - window.width / 2;
  for (int y = 0; y < slice.height; ++y)
    for (int x = 0; x < slice.width; ++x)
    {
      const double share = (slice.values[static_cast<std::size_t>(y * slice.width + x)] - low) / window.width;
      const auto   grey = static_cast<std::uint8_t>(share > 0 ? std::lround(255 * std::min(share, 1.0)) : 0);
      canvas.Blend(at.x + x, at.y + y, { grey, grey, grey }, 1);
    }
}

// Half-transparent, with an opaque outline two pixels wide inside the label.
void DrawLabels(Canvas & canvas, const SliceImage & slice, const Box & at)
{
  const auto label = [&slice](int x, int y) -> std::uint16_t {
    const bool inside = x >= 0 && y >= 0 && x < slice.width && y < slice.height;
    return inside ? slice.labels[static_cast<std::size_t>(y * slice.width + x)] : std::uint16_t{ 0 };
  };
  for (int y = 0; y < slice.height; ++y)
    for (int x = 0; x < slice.width; ++x)
      if (const auto own = label(x, y); own != 0)
      {
        const bool edge = label(x - 2, y) != own || label(x + 2, y) != own || label(x, y - 2) != own || label(x, y + 2) != own;
        canvas.Blend(at.x + x, at.y + y, LabelColor(own), edge ? 1 : 0.3);
      }
}

// Where the other two slices cut this one, outside the image so that nothing of it is hidden.
void DrawCrossing(Canvas & canvas, const SliceGrid & grid, const Box & at, const Point & focus, double scale, int length)
{
  const Color amber{ 255, 200, 60 };
  const auto  place = grid.Project(focus);
  const int   x = at.x + static_cast<int>(place[0] / scale), y = at.y + at.height - 1 - static_cast<int>(place[1] / scale);
  canvas.Fill({ x, at.y - length - 2, 1, length }, amber);
  canvas.Fill({ x, at.y + at.height + 2, 1, length }, amber);
  canvas.Fill({ at.x - length - 2, y, length, 1 }, amber);
  canvas.Fill({ at.x + at.width + 2, y, length, 1 }, amber);
}

void DrawLetters(Canvas & canvas, const SlicePlane & plane, const Box & at, int font)
{
  const TextStyle style{ .size = font, .color = { 120, 200, 255 }, .bold = true };
  const double    middleX = at.x + at.width / 2.0, middleY = at.y + at.height / 2.0, away = font * 1.15;
  canvas.Text({ plane.left }, at.x - away, middleY, style, Align::Centre);
  canvas.Text({ plane.rightLetter }, at.x + at.width + away, middleY, style, Align::Centre);
  canvas.Text({ plane.top }, middleX, at.y - away, style, Align::Centre);
  canvas.Text({ plane.bottom }, middleX, at.y + at.height + away, style, Align::Centre);
}

/// How the picture is divided: three equal cells in a row over a foot.
struct SliceLayout
{
  int    font, pad, margin, top, cellWidth, cellHeight, foot;
  double scale; ///< mm a pixel, the same in all cells

  SliceLayout(const Scene & scene, const std::vector<SliceGrid> & grids, int legendHeight)
    : font(FontSizeFor(scene.size))
    , pad(font)
    , margin(2 * font)
    , top(scene.title.empty() ? font / 2 : 5 * font / 2)
    , cellWidth((scene.size.width - 4 * pad) / 3)
  {
    const int heading = 2 * font, footHeight = 2 * font + legendHeight + font / 2;
    top += heading;
    cellHeight = scene.size.height - top - footHeight;
    foot = scene.size.height - footHeight;
    scale = 0;
    for (const auto & grid : grids)
      scale = std::max({ scale, grid.width / (cellWidth - 2 * margin), grid.height / (cellHeight - 2 * margin) });
    Require(cellHeight > 2 * margin + 96, Fault::Usage, "a picture ", scene.size.height,
            " pixels high has no room for the slices beside the legend; make it higher");
  }
  int CellX(int column) const { return pad + column * (cellWidth + pad); }
};

void DrawCell(Canvas & canvas, const Scene & scene, const SliceGrid & grid, const SliceLayout & layout, int column)
{
  const int  x = layout.CellX(column);
  const auto slice = SampleSlice(scene, grid, layout.scale);
  const Box  at{ x + (layout.cellWidth - slice.width) / 2, layout.top + (layout.cellHeight - slice.height) / 2, slice.width,
                slice.height };
  canvas.Fill({ x, layout.top, layout.cellWidth, layout.cellHeight }, { 0, 0, 0 });
  DrawImage(canvas, slice, at, scene.window);
  if (!scene.labels.empty())
    DrawLabels(canvas, slice, at);
  DrawCrossing(canvas, grid, at, FocusOf(scene), layout.scale, layout.font / 3);
  DrawLetters(canvas, grid.plane, at, layout.font);
  const int heading = layout.top - layout.font;
  canvas.Text(grid.plane.name, x, heading, { .size = layout.font, .color = white, .bold = true });
  canvas.Text(PlaceText(grid), x + layout.cellWidth, heading, { .size = layout.font, .color = textColor }, Align::Right);
}

void DrawFoot(Canvas & canvas, const Scene & scene, const SliceLayout & layout, const Legend & legend)
{
  const TextStyle style{ .size = layout.font, .color = textColor };
  const int       middle = layout.foot + 5 * layout.font / 4, right = scene.size.width - layout.pad;
  const int       bar = DrawScaleBar(canvas, layout.pad, middle, layout.cellWidth / 3, layout.scale, style);
  const int       start = std::max(bar + 2 * layout.font, layout.CellX(1));
  canvas.Text(Canvas::Fitted(WindowText(scene.window), style, right - start), start, middle, style);
  legend.Draw(canvas, layout.pad, layout.foot + 2 * layout.font);
}

} // namespace

Picture RenderSlices(const Scene & scene)
{
  RequireDrawable(scene);
  const auto  box = PatientBox(scene.volume.geometry);
  const Point focus = FocusOf(scene);
  RequireInside(focus, box);
  std::vector<SliceGrid> grids;
  for (const auto & plane : SlicePlanes())
    grids.emplace_back(plane, box, focus);
  const int         font = FontSizeFor(scene.size);
  const Legend      legend(LegendOf(scene), { font, textColor }, scene.size.width - 2 * font);
  const SliceLayout layout(scene, grids, legend.Height());
  Picture           picture(scene.size, backgroundColor);
  Canvas            canvas(picture);
  if (!scene.title.empty())
  {
    const TextStyle style{ .size = font * 5 / 4, .color = white, .bold = true };
    canvas.Text(Canvas::Fitted(scene.title, style, scene.size.width - 2 * layout.pad), layout.pad, 3 * font / 2, style);
  }
  for (int column = 0; column < 3; ++column)
    DrawCell(canvas, scene, grids[static_cast<std::size_t>(column)], layout, column);
  DrawFoot(canvas, scene, layout, legend);
  return picture;
}

} // namespace serval
