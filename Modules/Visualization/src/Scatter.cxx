#include "Canvas.h"
#include "SeriesKey.h"
#include "serval/Core/Error.h"
#include "serval/Visualization/Comparisons.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace serval
{
namespace
{

struct Rectangle
{
  double left, top, right, bottom;
  double Overlap(const Rectangle & other) const
  {
    return std::max(0.0, std::min(right, other.right) - std::max(left, other.left)) * std::max(0.0, std::min(bottom, other.bottom) - std::max(top, other.top));
  }
};

bool Known(const ScatterPlot::Dot & dot) { return std::isfinite(dot.x) && std::isfinite(dot.y); }

void RequireDots(const ScatterPlot & plot)
{
  Require(std::any_of(plot.dots.begin(), plot.dots.end(), Known), Fault::Input, "the plot '", plot.title, "' has no finite point");
  for (const auto & dot : plot.dots)
    Require(dot.group < std::max<std::size_t>(plot.groups.size(), 1), Fault::Input, "the point '", dot.name, "' is of group ", dot.group, "; ",
            plot.groups.size(), " groups have names");
}

std::array<Axis, 2> AxesOf(const ScatterPlot & plot)
{
  std::vector<double> x, y;
  for (const auto & dot : plot.dots)
    if (Known(dot))
    {
      x.push_back(dot.x);
      y.insert(y.end(), { dot.y, dot.low < dot.high ? dot.low : dot.y, dot.low < dot.high ? dot.high : dot.y });
    }
  if (plot.equalAxes)
  { // the shorter one is widened around its middle
    const auto [xl, xh] = std::minmax_element(x.begin(), x.end());
    const auto [yl, yh] = std::minmax_element(y.begin(), y.end());
    const double reach = std::max(*xh - *xl, *yh - *yl) / 2, xm = (*xl + *xh) / 2, ym = (*yl + *yh) / 2;
    x.insert(x.end(), { xm - reach, xm + reach });
    y.insert(y.end(), { ym - reach, ym + reach });
  }
  return { Axis(x, AxisScale::Linear, 6), Axis(y, AxisScale::Linear, 6) };
}

// Each name where it covers least of the others, of the points and of what lies outside.
void DrawNames(Sheet & sheet, const Frame & frame, const ScatterPlot & plot)
{
  const double           font = sheet.small.size, away = 0.75 * sheet.font;
  std::vector<Rectangle> taken;
  for (const auto & dot : plot.dots)
    if (Known(dot))
    {
      const Place p = frame.At(dot.x, dot.y);
      taken.push_back({ p.x - away / 2, p.y - away / 2, p.x + away / 2, p.y + away / 2 });
      if (dot.low < dot.high) // four times as wide as drawn, so that it counts
        taken.push_back({ p.x - 3, frame.At(dot.x, dot.high).y, p.x + 3, frame.At(dot.x, dot.low).y });
    }
  for (const auto & dot : plot.dots)
  {
    if (!Known(dot) || dot.name.empty())
      continue;
    const Place  p = frame.At(dot.x, dot.y);
    const double width = Canvas::TextWidth(dot.name, sheet.small);
    double       best = std::numeric_limits<double>::infinity();
    Place        chosen{};
    for (const auto & side : { Place{ 1, 0 }, Place{ 0, -1 }, Place{ 0, 1 }, Place{ -1, 0 }, Place{ 1, -1 }, Place{ 1, 1 }, Place{ -1, -1 }, Place{ -1, 1 } })
    {
      const Place     centre{ p.x + side.x * (width / 2 + away), p.y + side.y * (font / 2 + away * (side.x == 0 ? 0.7 : 0.4)) };
      const Rectangle box{ centre.x - width / 2, centre.y - font / 2, centre.x + width / 2, centre.y + font / 2 };
      double          covered = width * font - box.Overlap({ frame.Left(), frame.Top(), frame.Right(), frame.Bottom() });
      for (const auto & other : taken)
        covered += box.Overlap(other);
      if (covered < best - 1)
      {
        best = covered;
        chosen = centre;
      }
    }
    taken.push_back({ chosen.x - width / 2, chosen.y - font / 2, chosen.x + width / 2, chosen.y + font / 2 });
    sheet.drawing.Text(dot.name, chosen.x, chosen.y, sheet.small, Align::Centre);
  }
}

void DrawDots(Sheet & sheet, const Frame & frame, const ScatterPlot & plot)
{
  for (const auto & dot : plot.dots)
    if (Known(dot) && dot.low < dot.high)
      sheet.drawing.Segment(frame.At(dot.x, dot.low), frame.At(dot.x, dot.high), sheet.inks.soft, 1.3);
  const double radius = sheet.font * (plot.dots.size() > 200 ? 0.16 : plot.dots.size() > 60 ? 0.24 : 0.36);
  for (const auto & dot : plot.dots)
    if (Known(dot))
      sheet.Marker(frame.At(dot.x, dot.y), radius, LookOf(plot.groups.empty() ? 6 : dot.group, plot.theme));
}

std::vector<SeriesKey::Entry> EntriesOf(const ScatterPlot & plot)
{
  std::vector<SeriesKey::Entry> entries;
  for (const auto & group : plot.groups)
    entries.push_back({ group, LookOf(entries.size(), plot.theme), false });
  return entries;
}

} // namespace

Drawing DrawScatter(const ScatterPlot & plot)
{
  RequireDots(plot);
  Sheet sheet(plot.size, plot.theme, plot.title);
  if (!plot.statistic.empty())
  {
    sheet.drawing.Text(Canvas::Fitted(plot.statistic, sheet.style, plot.size.width - 2 * sheet.font), sheet.font, sheet.top + sheet.font * 0.2, sheet.style);
    sheet.top += 1.5 * sheet.font;
  }
  const SeriesKey key(sheet, EntriesOf(plot));
  auto            margins = key.Room();
  margins.square = plot.equalAxes;
  auto        axes = AxesOf(plot);
  const Frame frame(sheet, { plot.xTitle, plot.yTitle }, axes[0], axes[1], margins);
  DrawDots(sheet, frame, plot);
  DrawNames(sheet, frame, plot);
  key.Draw(sheet, frame, {});
  return std::move(sheet.drawing);
}

} // namespace serval
