#include "serval/Visualization/Curves.h"

#include "Axis.h"
#include "Canvas.h"
#include "Legend.h"
#include "serval/Core/Error.h"

#include <algorithm>
#include <cmath>

namespace serval
{
namespace
{

constexpr Color       paper{ 255, 255, 255 }, ink{ 40, 40, 40 }, gridLine{ 225, 225, 225 };
constexpr std::size_t fewPoints = 12;

// Yellow is lost on paper.
Color CurveColor(unsigned number) { return (number - 1) % 8 == 3 ? ink : LabelColor(number); }

void RequireDrawable(const CurvePlot & plot)
{
  Require(!plot.curves.empty(), Fault::Input, "the plot '", plot.title, "' has no curves");
  Require(plot.size.width >= 320 && plot.size.height >= 240, Fault::Usage, "the plot has ", plot.size.width, " x ",
          plot.size.height, " pixels; at least 320 x 240 are expected");
  for (const auto & curve : plot.curves)
  {
    const auto fits = [&curve](const std::vector<double> & bounds) {
      return bounds.empty() || bounds.size() == curve.x.size();
    };
    Require(curve.x.size() == curve.y.size() && fits(curve.low) && fits(curve.high) &&
              curve.low.empty() == curve.high.empty(),
            Fault::Input, "the curve '", curve.name, "' has ", curve.x.size(), " x, ", curve.y.size(), " y, ",
            curve.low.size(), " lower and ", curve.high.size(), " upper bounds; as many of each are expected");
  }
}

std::vector<double> Gather(const CurvePlot & plot, std::initializer_list<std::vector<double> Curve::*> members)
{
  std::vector<double> all;
  for (const auto & curve : plot.curves)
    for (const auto member : members)
      all.insert(all.end(), (curve.*member).begin(), (curve.*member).end());
  return all;
}

std::vector<LegendEntry> EntriesOf(const CurvePlot & plot)
{
  std::vector<LegendEntry> entries;
  for (const auto & curve : plot.curves)
    entries.push_back({ static_cast<unsigned>(entries.size() + 1), curve.name });
  return entries;
}

/// A plot while it is drawn.
class Plotter
{
public:
  explicit Plotter(const CurvePlot & plot)
    : m_Plot(plot)
    , m_Font(std::clamp(std::min(plot.size.width / 52, plot.size.height / 30), 11, 40))
    , m_Style{ .size = m_Font, .color = ink }
    , m_Legend(EntriesOf(plot), { m_Font, ink }, plot.size.width - 2 * m_Font, CurveColor)
    , m_X(Gather(plot, { &Curve::x }), plot.xScale, 8)
    , m_Y(Gather(plot, { &Curve::y, &Curve::low, &Curve::high }), AxisScale::Linear, 6)
    , m_Picture(plot.size, paper)
    , m_Canvas(m_Picture)
  {
    int widest = 0;
    for (const auto & tick : m_Y.Ticks())
      widest = std::max(widest, Canvas::TextWidth(tick.text, m_Style));
    const int left = widest + 7 * m_Font / 2, top = plot.title.empty() ? m_Font : 3 * m_Font;
    const int bottom = plot.size.height - m_Legend.Height() - 9 * m_Font / 2;
    m_Area = { left, top, plot.size.width - left - 3 * m_Font / 2, bottom - top };
    Require(m_Area.width >= 64 && m_Area.height >= 64, Fault::Usage, "a plot of ", plot.size.width, " x ",
            plot.size.height, " pixels has no room beside its legend; make it larger");
    m_X.Place(m_Area.x, m_Area.x + m_Area.width);
    m_Y.Place(m_Area.y + m_Area.height, m_Area.y);
  }

  Picture Draw()
  {
    DrawAxes();
    for (std::size_t i = 0; i < m_Plot.curves.size(); ++i)
      DrawInterval(i);
    for (std::size_t i = 0; i < m_Plot.curves.size(); ++i)
      DrawLine(i);
    m_Legend.Draw(m_Canvas, m_Font, m_Plot.size.height - m_Legend.Height() - m_Font / 2);
    return std::move(m_Picture);
  }

private:
  void   DrawAxes();
  void   DrawInterval(std::size_t number);
  void   DrawLine(std::size_t number);
  double ShiftOf(std::size_t number) const
  {
    const Curve & curve = m_Plot.curves[number];
    return curve.low.empty() || curve.x.size() > fewPoints
             ? 0
             : (static_cast<double>(number) - static_cast<double>(m_Plot.curves.size() - 1) / 2) * m_Font * 0.45;
  }
  Color ColorOf(std::size_t number) const { return CurveColor(static_cast<unsigned>(number + 1)); }

  const CurvePlot & m_Plot;
  int               m_Font;
  TextStyle         m_Style;
  Legend            m_Legend;
  Axis              m_X, m_Y;
  Picture           m_Picture;
  Canvas            m_Canvas;
  Box               m_Area;
};

void Plotter::DrawAxes()
{
  const int bottom = m_Area.y + m_Area.height, right = m_Area.x + m_Area.width;
  for (const auto & tick : m_Y.Ticks())
  {
    const int y = static_cast<int>(std::lround(m_Y.Pixel(tick.value)));
    m_Canvas.Fill({ m_Area.x, y, m_Area.width, 1 }, gridLine);
    m_Canvas.Text(tick.text, m_Area.x - m_Font / 2, y, m_Style, Align::Right);
  }
  int free = -m_Font; // where the next label may begin
  for (const auto & tick : m_X.Ticks())
  {
    const int x = static_cast<int>(std::lround(m_X.Pixel(tick.value))), width = Canvas::TextWidth(tick.text, m_Style);
    m_Canvas.Fill({ x, m_Area.y, 1, m_Area.height + m_Font / 3 }, gridLine);
    if (x - width / 2 < free)
      continue;
    m_Canvas.Text(tick.text, x, bottom + m_Font, m_Style, Align::Centre);
    free = x + width / 2 + m_Font / 2;
  }
  m_Canvas.Fill({ m_Area.x, bottom, m_Area.width, 1 }, ink);
  m_Canvas.Fill({ m_Area.x, m_Area.y, 1, m_Area.height }, ink);
  const TextStyle bold{ .size = m_Font * 5 / 4, .color = ink, .bold = true };
  m_Canvas.Text(Canvas::Fitted(m_Plot.title, bold, m_Plot.size.width - 2 * m_Font), m_Area.x, 3 * m_Font / 2, bold);
  m_Canvas.Text(Canvas::Fitted(m_Plot.xTitle, m_Style, m_Area.width), (m_Area.x + right) / 2.0, bottom + 5 * m_Font / 2,
                m_Style, Align::Centre);
  TextStyle turned = m_Style;
  turned.degrees = 90;
  m_Canvas.Text(Canvas::Fitted(m_Plot.yTitle, m_Style, m_Area.height), m_Font, m_Area.y + m_Area.height / 2.0, turned,
                Align::Centre);
}

void Plotter::DrawInterval(std::size_t number)
{
  const Curve & curve = m_Plot.curves[number];
  const Color   color = ColorOf(number);
  const double  shift = ShiftOf(number), cap = m_Font / 3.5;
  const auto    known = [&curve](std::size_t i) { return std::isfinite(curve.low[i]) && std::isfinite(curve.high[i]); };
  for (std::size_t i = 0; i < curve.low.size(); ++i)
  {
    const double x = m_X.Pixel(curve.x[i]) + shift;
    if (!std::isfinite(x) || !known(i))
      continue;
    const double low = m_Y.Pixel(curve.low[i]), high = m_Y.Pixel(curve.high[i]);
    if (curve.x.size() <= fewPoints)
    {
      m_Canvas.Line(x, low, x, high, 1.5, color);
      m_Canvas.Line(x - cap, low, x + cap, low, 1.5, color);
      m_Canvas.Line(x - cap, high, x + cap, high, 1.5, color);
    }
    else if (i + 1 < curve.low.size() && known(i + 1))
    {
      const double next = m_X.Pixel(curve.x[i + 1]), nextLow = m_Y.Pixel(curve.low[i + 1]), nextHigh = m_Y.Pixel(curve.high[i + 1]);
      for (int column = static_cast<int>(std::ceil(x)); column < next; ++column)
      {
        const double share = (column - x) / (next - x), from = high + share * (nextHigh - high);
        const int    begin = static_cast<int>(std::lround(from));
        const int    end = static_cast<int>(std::lround(low + share * (nextLow - low)));
        m_Canvas.Fill({ column, begin, 1, end - begin }, color, 0.18);
      }
    }
  }
}

void Plotter::DrawLine(std::size_t number)
{
  const Curve & curve = m_Plot.curves[number];
  const double  shift = ShiftOf(number);
  const auto    drawn = [&curve](std::size_t i) {
    return i < curve.x.size() && std::isfinite(curve.x[i]) && std::isfinite(curve.y[i]);
  };
  for (std::size_t i = 0; i < curve.x.size(); ++i)
  {
    if (!drawn(i))
      continue;
    const double x = m_X.Pixel(curve.x[i]) + shift, y = m_Y.Pixel(curve.y[i]);
    if (drawn(i + 1))
      m_Canvas.Line(x, y, m_X.Pixel(curve.x[i + 1]) + shift, m_Y.Pixel(curve.y[i + 1]), 2, ColorOf(number));
    const bool alone = !drawn(i + 1) && (i == 0 || !drawn(i - 1));
    if (curve.x.size() <= fewPoints || alone)
      m_Canvas.Disc(x, y, m_Font * 0.28, ColorOf(number));
  }
}

} // namespace

Picture RenderCurves(const CurvePlot & plot)
{
  RequireDrawable(plot);
  return Plotter(plot).Draw();
}

} // namespace serval
