#include "Axis.h"
#include "Canvas.h"
#include "Sheet.h"
#include "serval/Core/Error.h"
#include "serval/Core/Text.h"
#include "serval/Visualization/Comparisons.h"

#include <algorithm>
#include <cmath>

namespace serval
{
namespace
{

constexpr double rowHeight = 1.75, lineHeight = 1.15; // in ems

std::string Signed(double value, int digits) { return (value > 0 ? "+" : "") + FormatFixed(value, digits); }

std::string NumbersOf(const ForestPlot::Row & row, int digits)
{
  if (!std::isfinite(row.value))
    return "not known";
  const bool bounded = std::isfinite(row.low) && std::isfinite(row.high);
  return Signed(row.value, digits) + (bounded ? Concat(" [", Signed(row.low, digits), ", ", Signed(row.high, digits), "]") : std::string());
}

bool HasRoomForTicks(const Axis & axis, const TextStyle & style)
{
  const auto & ticks = axis.Ticks();
  for (std::size_t i = 1; i < ticks.size(); ++i)
    if (axis.Pixel(ticks[i].value) - axis.Pixel(ticks[i - 1].value) < (Canvas::TextWidth(ticks[i].text, style) + Canvas::TextWidth(ticks[i - 1].text, style)) / 2.0 + style.size / 2.0)
      return false;
  return true;
}

/// As many ticks as have room, about five at most.
Axis AxisOf(const ForestPlot & plot, const TextStyle & style, double left, double right)
{
  std::vector<double> values{ plot.baseline };
  for (const auto & row : plot.rows)
    values.insert(values.end(), { row.value, row.low, row.high });
  for (int wanted = 5;; --wanted)
  {
    Axis axis(values, AxisScale::Linear, wanted);
    axis.Place(left, right);
    if (wanted == 1 || HasRoomForTicks(axis, style))
      return axis;
  }
}

/// A row's name in its lines, and where it stands.
struct NamedRow
{
  std::vector<std::string> lines;
  double                   top = 0, height = 0;
};

/// Each name in one line where all fit into two fifths of the width, else broken at blanks.
std::vector<NamedRow> NamedRows(const ForestPlot & plot, const Sheet & sheet)
{
  const int  room = plot.width * 2 / 5;
  const bool fit = std::all_of(plot.rows.begin(), plot.rows.end(), [&](const auto & row) { return Canvas::TextWidth(row.name, sheet.style) <= room; });
  std::vector<NamedRow> rows;
  double                top = sheet.top;
  for (const auto & row : plot.rows)
  {
    auto lines = Wrapped(row.name, sheet.style, fit ? room : plot.width * 3 / 10, fit ? 1 : 3);
    const double height = (rowHeight + lineHeight * double(std::max<std::size_t>(lines.size(), 1) - 1)) * sheet.font;
    rows.push_back({ std::move(lines), top, height });
    top += height;
  }
  return rows;
}

void DrawName(Sheet & sheet, const NamedRow & row)
{
  const double line = lineHeight * sheet.font;
  double       y = row.top + row.height / 2 - line * double(row.lines.size() - 1) / 2;
  for (const auto & text : row.lines)
  {
    sheet.drawing.Text(text, sheet.font, y, sheet.style);
    y += line;
  }
}

void DrawRow(Sheet & sheet, const ForestPlot & plot, const ForestPlot::Row & row, const Axis & axis, double y)
{
  const bool       bounded = std::isfinite(row.low) && std::isfinite(row.high);
  const bool       apart = bounded && (row.low > plot.baseline || row.high < plot.baseline);
  const SeriesLook look{ LookOf(apart && row.value > plot.baseline ? 6 : apart ? 4 : 3, plot.theme).color, 1, 0, !apart };
  if (!std::isfinite(row.value))
    return;
  if (bounded)
    sheet.drawing.Segment({ axis.Pixel(row.low), y }, { axis.Pixel(row.high), y }, look.color, sheet.font / 7.0);
  sheet.Marker({ axis.Pixel(row.value), y }, sheet.font * 0.42, look);
}

void DrawScale(Sheet & sheet, const ForestPlot & plot, const Axis & axis, double top, double bottom)
{
  const double font = sheet.font, zero = axis.Pixel(plot.baseline);
  for (const auto & tick : axis.Ticks())
  {
    sheet.drawing.Rectangle(std::round(axis.Pixel(tick.value)), top, 1, bottom - top, sheet.inks.grid);
    sheet.drawing.Text(tick.text, axis.Pixel(tick.value), bottom + 0.9 * font, sheet.small, Align::Centre);
  }
  sheet.drawing.Segment({ zero, top }, { zero, bottom }, sheet.inks.ink, 1.5);
}

void DrawFoot(Sheet & sheet, const ForestPlot & plot, double left, double right, double zero, double y)
{
  const double font = sheet.font;
  sheet.drawing.Text(Canvas::Fitted(plot.xTitle, sheet.style, static_cast<int>(right - left + 8 * font)), (left + right) / 2, y + 2.3 * font, sheet.style, Align::Centre);
  const double row = y + 3.7 * font;
  if (!plot.below.empty())
    sheet.drawing.Text("< " + plot.below, zero - font / 2, row, sheet.small, Align::Right);
  if (!plot.above.empty())
    sheet.drawing.Text(plot.above + " >", zero + font / 2, row, sheet.small);
}

} // namespace

Drawing DrawForest(const ForestPlot & plot)
{
  Require(std::any_of(plot.rows.begin(), plot.rows.end(), [](const auto & r) { return std::isfinite(r.value); }), Fault::Input, "the plot '", plot.title,
          "' has no row with a value");
  const PictureSize letters{ plot.width, plot.width }; // the height follows
  Sheet             sheet(letters, plot.theme, plot.title);
  const double      font = sheet.font;
  const auto        named = NamedRows(plot, sheet);
  int               names = 0, numbers = 0, notes = 0;
  for (const auto & row : named)
    for (const auto & line : row.lines)
      names = std::max(names, Canvas::TextWidth(line, sheet.style));
  for (const auto & row : plot.rows)
  {
    numbers = std::max(numbers, Canvas::TextWidth(NumbersOf(row, plot.digits), sheet.small));
    notes = std::max(notes, Canvas::TextWidth(row.note, sheet.small));
  }
  const double left = names + 2 * font, right = plot.width - numbers - notes - (notes ? 3 : 2) * font;
  Require(right - left >= 100, Fault::Usage, "a plot ", plot.width, " pixels wide has no room beside its words; make it wider");
  const double bottom = named.back().top + named.back().height;
  const Axis   axis = AxisOf(plot, sheet.small, left, right);
  DrawScale(sheet, plot, axis, sheet.top, bottom);
  for (std::size_t i = 0; i < plot.rows.size(); ++i)
  {
    const double y = named[i].top + named[i].height / 2;
    DrawRow(sheet, plot, plot.rows[i], axis, y);
    DrawName(sheet, named[i]);
    sheet.drawing.Text(NumbersOf(plot.rows[i], plot.digits), right + font, y, sheet.small);
    sheet.drawing.Text(plot.rows[i].note, plot.width - font, y, sheet.small, Align::Right);
  }
  DrawFoot(sheet, plot, left, right, axis.Pixel(plot.baseline), bottom);
  sheet.drawing.size.height = static_cast<int>(std::ceil(bottom + (plot.below.empty() && plot.above.empty() ? 3.4 : 4.8) * font));
  return std::move(sheet.drawing);
}

} // namespace serval
