#include "serval/Visualization/PatchGallery.h"

#include "Legend.h"
#include "PatchSlice.h"
#include "Sheet.h"
#include "SliceCell.h"
#include "serval/Core/Error.h"

#include <algorithm>
#include <cmath>
#include <optional>

namespace serval
{
namespace
{

/// Sizes in pixels that hold for the whole gallery.
struct GalleryLayout
{
  double font = 0, gap = 0, cell = 0, scale = 0; ///< scale: mm a pixel
  double picture = 0, line = 0;                  ///< heights of a cell's picture and of one of its lines
  int    across = 0;
};

void RequireCell(const PatchCell & cell)
{
  const auto voxels = static_cast<std::size_t>(std::max<std::int64_t>(cell.patch.geometry.extent.Voxels(), 0));
  Require(cell.patch.voxels.empty() || cell.patch.voxels.size() == voxels, Fault::Input, "a patch has ", cell.patch.voxels.size(), " voxels; its grid has ", voxels);
  Require(cell.heat.empty() || cell.heat.size() == cell.patch.voxels.size(), Fault::Input, "a heat map has ", cell.heat.size(), " voxels; its patch has ", cell.patch.voxels.size());
  Require(cell.patch.voxels.empty() || cell.window.width > 0, Fault::Usage, "the window has the width ", cell.window.width, "; a width above 0 is expected");
}

void RequireCells(const PatchGallery & gallery)
{
  std::size_t count = 0;
  for (const auto & row : gallery.rows)
  {
    count += row.cells.size();
    Require(gallery.columns.empty() || row.cells.size() == gallery.columns.size(), Fault::Input, "a row of the gallery has ", row.cells.size(), " cells; ",
            gallery.columns.size(), " are expected");
    for (const auto & cell : row.cells)
      RequireCell(cell);
  }
  Require(count > 0, Fault::Input, "there is no patch to show");
  Require(gallery.plane >= 0 && gallery.plane < 3 && gallery.across > 0, Fault::Usage, "a gallery of plane ", gallery.plane, " with ", gallery.across,
          " patches side by side cannot be drawn");
}

GalleryLayout LayoutOf(const PatchGallery & gallery, const Sheet & sheet)
{
  GalleryLayout layout;
  double        widest = 0, highest = 0;
  for (const auto & row : gallery.rows)
    for (const auto & cell : row.cells)
      if (!cell.patch.voxels.empty())
      {
        const PatchSlice slice(cell.patch.geometry, gallery.plane);
        widest = std::max(widest, slice.Width());
        highest = std::max(highest, slice.Height());
      }
  layout.font = sheet.font;
  layout.gap = 0.7 * sheet.font;
  layout.across = gallery.columns.empty() ? gallery.across : static_cast<int>(gallery.columns.size());
  layout.cell = (gallery.width - 2 * sheet.font - (layout.across - 1) * layout.gap) / layout.across;
  Require(layout.cell >= 48, Fault::Usage, layout.across, " patches side by side have no room in ", gallery.width, " pixels; make the picture wider");
  layout.scale = widest > 0 ? std::max(widest, highest / 1.5) / layout.cell : 1; // a slice is at most half as high again as wide
  layout.picture = highest / layout.scale;
  layout.line = 1.25 * sheet.small.size;
  return layout;
}

/// Where the picture of a cell goes once the words are drawn.
struct PlacedCell
{
  const PatchCell * cell;
  double            x, y;
};

// A tick in green or a cross in red: the shape tells them apart too. Returns how wide it is.
double DrawMark(Sheet & sheet, AnswerMark mark, double x, double y)
{
  if (mark == AnswerMark::None)
    return 0;
  const double side = 0.3 * sheet.small.size, width = sheet.small.size / 6.0;
  if (mark == AnswerMark::Right)
    sheet.drawing.shapes.emplace_back(Drawing::Line{ { { x, y }, { x + 0.7 * side, y + side }, { x + 2 * side, y - side } }, LabelColor(3), width });
  else
    for (const double slope : { -side, side })
      sheet.drawing.Segment({ x, y - slope }, { x + 2 * side, y + slope }, LabelColor(5), width);
  return 3.2 * side;
}

// Below the picture, or in the middle where others of the row have one. Returns how high the cell is.
double DrawCellWords(Sheet & sheet, const PatchCell & cell, const GalleryLayout & layout, double x, double y, bool hasPicture)
{
  const double middle = (layout.picture - layout.line * double(cell.lines.size())) / 2;
  double       at = y + (!hasPicture ? 0 : cell.patch.voxels.empty() ? middle : layout.picture + 0.3 * layout.font);
  for (std::size_t i = 0; i < cell.lines.size(); ++i)
  {
    const double start = i == 0 ? DrawMark(sheet, cell.mark, x, at + layout.line / 2) : 0;
    sheet.drawing.Text(Canvas::Fitted(cell.lines[i], sheet.small, static_cast<int>(layout.cell - start)), x + start, at + layout.line / 2, sheet.small);
    at += layout.line;
  }
  return at - y;
}

// Returns where the next row may begin.
double DrawRow(Sheet & sheet, const PatchGallery::Row & row, const GalleryLayout & layout, double y, std::vector<PlacedCell> & placed)
{
  if (!row.name.empty())
  {
    sheet.drawing.Text(Canvas::Fitted(row.name, sheet.bold, sheet.drawing.size.width - 2 * sheet.font), layout.font, y + 0.7 * layout.font, sheet.bold);
    y += 1.7 * layout.font;
  }
  const bool hasPicture = std::any_of(row.cells.begin(), row.cells.end(), [](const PatchCell & cell) { return !cell.patch.voxels.empty(); });
  double     high = 0;
  for (std::size_t i = 0; i < row.cells.size(); ++i)
  {
    const auto column = i % static_cast<std::size_t>(layout.across);
    if (i > 0 && column == 0)
    {
      y += high + layout.gap;
      high = 0;
    }
    const double x = layout.font + double(column) * (layout.cell + layout.gap);
    placed.push_back({ &row.cells[i], x, y });
    high = std::max(high, DrawCellWords(sheet, row.cells[i], layout, x, y, hasPicture));
  }
  return y + high + 1.2 * layout.font;
}

double DrawHeadings(Sheet & sheet, const PatchGallery & gallery, const GalleryLayout & layout)
{
  for (std::size_t i = 0; i < gallery.columns.size(); ++i)
    sheet.drawing.Text(Canvas::Fitted(gallery.columns[i], sheet.bold, static_cast<int>(layout.cell)), layout.font + double(i) * (layout.cell + layout.gap),
                       sheet.top + 0.7 * layout.font, sheet.bold);
  return sheet.top + (gallery.columns.empty() ? 0 : 1.9 * layout.font);
}

void DrawPatch(Canvas & canvas, const PlacedCell & placed, const GalleryLayout & layout, const PatchGallery & gallery)
{
  const auto &     cell = *placed.cell;
  const PatchSlice slice(cell.patch.geometry, gallery.plane, gallery.isSmooth);
  const int        width = std::max(1, static_cast<int>(std::lround(slice.Width() / layout.scale))), height = std::max(1, static_cast<int>(std::lround(slice.Height() / layout.scale)));
  const int        left = static_cast<int>(placed.x + (layout.cell - width) / 2), top = static_cast<int>(placed.y + (layout.picture - height) / 2);
  const double     low = cell.window.level - cell.window.width / 2;
  const float      most = cell.heat.empty() ? 0 : *std::max_element(cell.heat.begin(), cell.heat.end());
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x)
    {
      const double right = (x + 0.5) / width, up = 1 - (y + 0.5) / height;
      const double share = (slice.At(cell.patch.voxels, right, up) - low) / cell.window.width;
      const auto   grey = static_cast<std::uint8_t>(share > 0 ? std::lround(255 * std::min(share, 1.0)) : 0);
      canvas.Blend(left + x, top + y, { grey, grey, grey }, 1);
      if (most > 0)
      {
        const double heat = slice.At(cell.heat, right, up) / most;
        canvas.Blend(left + x, top + y, HeatColor(heat), HeatOpacity(heat));
      }
    }
}

} // namespace

Picture RenderPatches(const PatchGallery & gallery)
{
  RequireCells(gallery);
  Sheet                   sheet({ gallery.width, gallery.width }, gallery.theme, gallery.title); // the height follows
  const GalleryLayout     layout = LayoutOf(gallery, sheet);
  std::vector<PlacedCell> placed;
  double                  y = DrawHeadings(sheet, gallery, layout);
  for (const auto & row : gallery.rows)
    if (!row.cells.empty())
      y = DrawRow(sheet, row, layout, y, placed);
  const auto notes = Wrapped(gallery.note, sheet.small, gallery.width - 2 * sheet.font, 6);
  const int  bar = static_cast<int>(y + layout.font / 2);
  y += gallery.hasScale ? 1.6 * layout.font : 0;
  for (const auto & line : notes)
  {
    sheet.drawing.Text(line, layout.font, y + layout.line / 2, sheet.small);
    y += layout.line;
  }
  sheet.drawing.size.height = static_cast<int>(std::ceil(y + layout.font / 2));
  Picture picture = Rasterised(sheet.drawing);
  Canvas  canvas(picture);
  for (const auto & one : placed)
    if (!one.cell->patch.voxels.empty())
      DrawPatch(canvas, one, layout, gallery);
  if (gallery.hasScale)
    DrawScaleBar(canvas, sheet.font, bar, gallery.width / 5, layout.scale, sheet.small);
  return picture;
}

Picture RenderPatch(const PatchCell & cell, int plane, int width)
{
  RequireCell(cell);
  Require(!cell.patch.voxels.empty() && plane >= 0 && plane < 3, Fault::Input, "a cell without voxels, or plane ", plane, ", cannot be drawn alone");
  const PatchSlice slice(cell.patch.geometry, plane);
  GalleryLayout    layout;
  layout.scale = std::max(slice.Width(), slice.Height() / 1.5) / width;
  layout.cell = slice.Width() / layout.scale;
  layout.picture = slice.Height() / layout.scale;
  Picture      picture({ static_cast<int>(std::lround(layout.cell)), static_cast<int>(std::lround(layout.picture)) }, {});
  Canvas       canvas(picture);
  PatchGallery alone;
  alone.plane = plane;
  DrawPatch(canvas, { &cell, 0, 0 }, layout, alone);
  return picture;
}

} // namespace serval
