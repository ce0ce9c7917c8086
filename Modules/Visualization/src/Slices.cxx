#include "Legend.h"
#include "SliceCell.h"
#include "VtkVolume.h"
#include "serval/Core/Error.h"

#include <algorithm>

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

/// How the picture is divided: three equal cells in a row over a foot.
struct SliceLayout
{
  int    font, pad, top, cellWidth, cellHeight;
  double scale = 0; ///< mm a pixel, the same in all cells

  SliceLayout(const Scene & scene, const std::vector<SliceGrid> & grids, int begin, int footHeight)
    : font(FontSizeFor(scene.size))
    , pad(font)
    , top(begin + 2 * font)
    , cellWidth((scene.size.width - 4 * pad) / 3)
    , cellHeight(scene.size.height - top - footHeight)
  {
    const int margin = 2 * font;
    Require(cellHeight > 2 * margin + 96, Fault::Usage, "a picture ", scene.size.height,
            " pixels high has no room for the slices beside the legend; make it higher");
    for (const auto & grid : grids)
      scale = std::max({ scale, grid.width / (cellWidth - 2 * margin), grid.height / (cellHeight - 2 * margin) });
  }
  int CellX(int column) const { return pad + column * (cellWidth + pad); }
};

Picture RenderPlanes(const Scene & scene, SliceKind kind)
{
  RequireDrawable(scene);
  const auto  box = PatientBox(scene.volume.geometry);
  const Point focus = FocusOf(scene);
  RequireInside(focus, box);
  std::vector<SliceGrid> grids;
  for (const auto & plane : SlicePlanes())
    grids.emplace_back(plane, box, focus);
  const int         font = FontSizeFor(scene.size);
  const SliceFoot   foot(scene, font);
  Picture           picture(scene.size, backgroundColor);
  Canvas            canvas(picture);
  const SliceLayout layout(scene, grids, DrawSliceTitle(canvas, scene, font), foot.Height());
  const bool        slices = kind == SliceKind::Plane;
  for (int column = 0; column < 3; ++column)
  {
    const auto & grid = grids[static_cast<std::size_t>(column)];
    const int    x = layout.CellX(column), heading = layout.top - font;
    DrawSliceCell(canvas, scene, foot.Colors(), grid, { { x, layout.top, layout.cellWidth, layout.cellHeight }, layout.scale, font, kind, slices });
    canvas.Text(grid.plane.name, x, heading, { .size = font, .color = white, .bold = true });
    canvas.Text(slices ? PlaceText(grid) : "maximum", x + layout.cellWidth, heading, { .size = font, .color = textColor }, Align::Right);
  }
  foot.Draw(canvas, scene.size.height - foot.Height(), layout.scale, WindowText(scene.window));
  return picture;
}

} // namespace

Picture RenderSlices(const Scene & scene) { return RenderPlanes(scene, SliceKind::Plane); }

Picture RenderProjections(const Scene & scene) { return RenderPlanes(scene, SliceKind::Projection); }

} // namespace serval
