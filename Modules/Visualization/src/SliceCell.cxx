#include "SliceCell.h"

#include "VtkVolume.h"
#include "serval/Core/Error.h"
#include "serval/Core/Text.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace serval
{
namespace
{

constexpr Color amber{ 255, 200, 60 };

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

void DrawHeat(Canvas & canvas, const SliceImage & slice, const Box & at, const HeatMap & map)
{
  for (int y = 0; y < slice.height; ++y)
    for (int x = 0; x < slice.width; ++x)
    {
      const double share = (slice.heat[static_cast<std::size_t>(y * slice.width + x)] - map.low) / (map.high - map.low);
      if (share > 0)
        canvas.Blend(at.x + x, at.y + y, HeatColor(share), HeatOpacity(share));
    }
}

// Half-transparent, with an opaque outline two pixels wide inside the label; only the outline where a heat map lies below.
void DrawLabels(Canvas & canvas, const SliceImage & slice, const Box & at, const LabelColors & colors)
{
  const auto label = [&slice](int x, int y) -> std::uint16_t {
    const bool inside = x >= 0 && y >= 0 && x < slice.width && y < slice.height;
    return inside ? slice.labels[static_cast<std::size_t>(y * slice.width + x)] : std::uint16_t{ 0 };
  };
  const double inner = slice.heat.empty() ? 0.3 : 0;
  for (int y = 0; y < slice.height; ++y)
    for (int x = 0; x < slice.width; ++x)
      if (const auto own = label(x, y); own != 0)
      {
        const bool edge = label(x - 2, y) != own || label(x + 2, y) != own || label(x, y - 2) != own || label(x, y + 2) != own;
        canvas.Blend(at.x + x, at.y + y, colors[own], edge ? 1 : inner);
      }
}

void DrawBoxes(Canvas & canvas, const Scene & scene, const SliceGrid & grid, const Box & at, double scale)
{
  for (const auto & box : scene.boxes)
  {
    const auto corners = CutBox(box.geometry, grid);
    for (std::size_t i = 0; i < corners.size(); ++i)
    {
      const Place a = corners[i], b = corners[(i + 1) % corners.size()];
      canvas.Line(at.x + a.x / scale, at.y + at.height - a.y / scale, at.x + b.x / scale, at.y + at.height - b.y / scale, 1.6,
                  box.label ? LabelColor(box.label) : amber);
    }
  }
}

// Where the other two slices cut this one, outside the image so that nothing of it is hidden.
void DrawCrossing(Canvas & canvas, const SliceGrid & grid, const Box & at, const Point & focus, double scale, int length)
{
  const auto place = grid.Project(focus);
  if (place[0] < 0 || place[0] > grid.width || place[1] < 0 || place[1] > grid.height)
    return; // beside what is seen
  const int  x = at.x + static_cast<int>(place[0] / scale), y = at.y + at.height - 1 - static_cast<int>(place[1] / scale);
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

// Three digits: more are noise, and take the room of words.
std::string HeatNumber(double value)
{
  const double unit = value != 0 && std::isfinite(value) ? std::pow(10, 2 - std::floor(std::log10(std::abs(value)))) : 1;
  return FormatNumber(std::round(value * unit) / unit);
}

void DrawHeatBar(Canvas & canvas, const HeatMap & map, int right, int y, int width, const TextStyle & style)
{
  const std::string high = HeatNumber(map.high), low = map.name + (map.name.empty() ? "" : "  ") + HeatNumber(map.low);
  const int         end = right - Canvas::TextWidth(high, style) - style.size / 2, start = end - width;
  canvas.Text(high, right, y, style, Align::Right);
  canvas.Text(low, start - style.size / 2, y, style, Align::Right);
  for (int x = start; x < end; ++x)
  {
    const double share = double(x - start) / width;
    canvas.Fill({ x, y - style.size / 2, 1, style.size }, { 110, 110, 110 });
    canvas.Fill({ x, y - style.size / 2, 1, style.size }, HeatColor(share), HeatOpacity(share));
  }
}

} // namespace

std::string PlaceText(const SliceGrid & grid)
{
  static constexpr std::array<char, 3> towards{ 'L', 'P', 'S' }, away{ 'R', 'A', 'I' };
  const std::size_t axis = grid.plane.across;
  const double      place = grid.corner[axis];
  return Concat(place >= 0 ? towards[axis] : away[axis], ' ', FormatFixed(std::abs(place), 1), " mm");
}

// Lightness rises all the way, so that the order is seen without colours too.
Color HeatColor(double share)
{
  static constexpr std::array<Color, 5> stops{ { { 60, 10, 90 }, { 140, 35, 110 }, { 215, 75, 65 }, { 250, 150, 30 }, { 252, 245, 150 } } };
  const double                          at = std::clamp(share, 0.0, 1.0) * (stops.size() - 1);
  const auto                            i = std::min(static_cast<std::size_t>(at), stops.size() - 2);
  const auto mix = [t = at - double(i)](int a, int b) { return static_cast<std::uint8_t>(std::lround(a + (b - a) * t)); };
  return { mix(stops[i].r, stops[i + 1].r), mix(stops[i].g, stops[i + 1].g), mix(stops[i].b, stops[i + 1].b) };
}

double HeatOpacity(double share) { return 0.75 * std::min(1.0, 2.5 * std::clamp(share, 0.0, 1.0)); }

std::vector<Place> CutBox(const Geometry & patch, const SliceGrid & grid)
{
  std::array<Point, 8> corners;
  for (std::size_t i = 0; i < 8; ++i)
  {
    const auto at = [i](int bit, std::int64_t size) { return (i >> bit) & 1 ? double(size) - 0.5 : -0.5; };
    corners[i] = patch.PointAt(at(0, patch.extent.x), at(1, patch.extent.y), at(2, patch.extent.z));
  }
  std::vector<Place> crossings;
  Place              centre{};
  const double       plane = grid.corner[grid.plane.across];
  for (std::size_t i = 0; i < 8; ++i)
    for (const std::size_t bit : { 1u, 2u, 4u })
    {
      const Point & a = corners[i];
      const Point & b = corners[i | bit];
      const double  from = a[grid.plane.across] - plane, to = b[grid.plane.across] - plane;
      if ((i & bit) || (from < 0) == (to < 0))
        continue;
      Point cut;
      for (std::size_t axis = 0; axis < 3; ++axis)
        cut[axis] = a[axis] + (b[axis] - a[axis]) * from / (from - to);
      const auto place = grid.Project(cut);
      crossings.push_back({ place[0], place[1] });
      centre = { centre.x + place[0], centre.y + place[1] };
    }
  centre = { centre.x / double(crossings.size()), centre.y / double(crossings.size()) };
  std::sort(crossings.begin(), crossings.end(),
            [&](const Place & a, const Place & b) { return std::atan2(a.y - centre.y, a.x - centre.x) < std::atan2(b.y - centre.y, b.x - centre.x); });
  return crossings;
}

SliceImage DrawSliceCell(Canvas & canvas, const Scene & scene, const LabelColors & colors, const SliceGrid & grid, const SliceCell & cell)
{
  const auto slice = SampleSlice(scene, grid, cell.scale, cell.kind);
  const Box  at{ cell.box.x + (cell.box.width - slice.width) / 2, cell.box.y + (cell.box.height - slice.height) / 2, slice.width, slice.height };
  canvas.Fill(cell.box, { 0, 0, 0 });
  DrawImage(canvas, slice, at, scene.window);
  if (scene.heat)
    DrawHeat(canvas, slice, at, *scene.heat);
  if (!scene.labels.empty())
    DrawLabels(canvas, slice, at, colors);
  if (cell.kind == SliceKind::Plane)
  {
    canvas.ClipTo({ at.x - 2, at.y - 2, at.width + 4, at.height + 4 });
    DrawBoxes(canvas, scene, grid, at, cell.scale);
    canvas.ClipToPicture();
  }
  if (cell.crossing)
    DrawCrossing(canvas, grid, at, FocusOf(scene), cell.scale, cell.font / 3);
  DrawLetters(canvas, grid.plane, at, cell.font);
  return slice;
}

void DrawSliceLine(Canvas & canvas, const Scene & scene, int font, int y, double millimetresPerPixel, const std::string & told)
{
  const TextStyle style{ .size = font, .color = textColor };
  const int       middle = y + 5 * font / 4, width = scene.size.width;
  int             right = width - font;
  const int       start = DrawScaleBar(canvas, font, middle, width / 9, millimetresPerPixel, style) + 2 * font;
  if (scene.heat)
  {
    HeatMap map = *scene.heat;
    map.name = Canvas::Fitted(map.name, style, width / 4);
    DrawHeatBar(canvas, map, right, middle, width / 8, style);
    right -= width / 8 + 2 * font + Canvas::TextWidth(map.name + HeatNumber(map.low) + HeatNumber(map.high), style);
  }
  canvas.Text(Canvas::Fitted(told, style, right - start), start, middle, style);
}

SliceFoot::SliceFoot(const Scene & scene, int font)
  : m_Scene(scene)
  , m_Entries(LegendOf(scene))
  , m_Colors(m_Entries)
  , m_Legend(m_Entries, { font, textColor }, scene.size)
  , m_Font(font)
{}

int SliceFoot::Height() const { return 2 * m_Font + m_Legend.Height() + m_Font / 2; }

void SliceFoot::Draw(Canvas & canvas, int y, double millimetresPerPixel, const std::string & window) const
{
  DrawSliceLine(canvas, m_Scene, m_Font, y, millimetresPerPixel, window);
  m_Legend.Draw(canvas, m_Font, y + 2 * m_Font);
}

int DrawSliceTitle(Canvas & canvas, const Scene & scene, int font)
{
  if (scene.title.empty())
    return font / 2;
  const TextStyle style{ .size = font * 5 / 4, .color = white, .bold = true };
  canvas.Text(Canvas::Fitted(scene.title, style, scene.size.width - 2 * font), font, 3 * font / 2, style);
  return 5 * font / 2;
}

} // namespace serval
