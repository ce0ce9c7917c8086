#include "serval/Visualization/Curves.h"

#include "Series.h"
#include "SeriesKey.h"
#include "serval/Core/Error.h"

#include <algorithm>
#include <cmath>

namespace serval
{
namespace
{

void RequireDrawable(const CurvePlot & plot)
{
  Require(!plot.curves.empty(), Fault::Input, "the plot '", plot.title, "' has no curves");
  for (const auto & curve : plot.curves)
  {
    const auto fits = [&curve](const std::vector<double> & bounds) {
      return bounds.empty() || bounds.size() == curve.x.size();
    };
    Require(curve.x.size() == curve.y.size() && fits(curve.low) && fits(curve.high) &&
              curve.low.empty() == curve.high.empty(),
            Fault::Input, "the curve '", curve.name, "' has ", curve.x.size(), " x, ", curve.y.size(), " y, ",
            curve.low.size(), " lower and ", curve.high.size(), " upper bounds; as many of each are expected");
    for (const double x : curve.x)
      Require(plot.xNames.empty() || !(x < 0 || x > double(plot.xNames.size() - 1)), Fault::Input, "the curve '", curve.name, "' has x = ", x,
              "; the axis has names for 0 to ", plot.xNames.size() - 1);
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

Axis XAxisOf(const CurvePlot & plot)
{
  return plot.xNames.empty() ? Axis(Gather(plot, { &Curve::x }), plot.xScale, 8) : Axis(plot.xNames);
}

Axis YAxisOf(const CurvePlot & plot)
{
  auto values = Gather(plot, { &Curve::y, &Curve::low, &Curve::high });
  for (const auto & reference : plot.references)
    values.push_back(reference.y);
  return Axis(values, plot.yScale, 6);
}

std::vector<SeriesKey::Entry> EntriesOf(const CurvePlot & plot, const Sheet & sheet)
{
  std::vector<SeriesKey::Entry> entries;
  for (const auto & curve : plot.curves)
    entries.push_back({ curve.name, LookOf(entries.size(), plot.theme) });
  for (const auto & reference : plot.references)
    entries.push_back({ reference.name, ReferenceLook(sheet), true, false });
  return entries;
}

/// A plot while it is drawn.
class Plotter
{
public:
  explicit Plotter(const CurvePlot & plot)
    : m_Plot(plot)
    , m_Sheet(plot.size, plot.theme, plot.title)
    , m_Key(m_Sheet, EntriesOf(plot, m_Sheet))
    , m_Frame(m_Sheet, { plot.xTitle, plot.yTitle }, XAxisOf(plot), YAxisOf(plot), m_Key.Room())
  {
    const bool few = plot.curves.size() <= 3 && std::all_of(plot.curves.begin(), plot.curves.end(), [](const Curve & c) { return c.x.size() <= fewPoints; });
    m_Bars = plot.intervals == IntervalStyle::Bars || (plot.intervals == IntervalStyle::Auto && few);
  }

  Drawing Draw()
  {
    for (std::size_t i = 0; i < m_Plot.curves.size() && !m_Bars; ++i)
      DrawBand(m_Sheet, m_Frame, m_Plot.curves[i], LookOf(i, m_Plot.theme), BandOpacity(m_Plot.curves.size()));
    for (const auto & reference : m_Plot.references)
      DrawReference(m_Sheet, m_Frame, reference);
    for (std::size_t i = 0; i < m_Plot.curves.size() && m_Bars; ++i)
      DrawBars(i);
    const double       radius = m_Sheet.font * (m_Plot.curves.size() > 6 ? 0.27 : 0.31);
    std::vector<Place> ends;
    for (std::size_t i = 0; i < m_Plot.curves.size(); ++i)
      ends.push_back(DrawSeries(m_Sheet, m_Frame, m_Plot.curves[i], LookOf(i, m_Plot.theme), radius, ShiftOf(i)));
    for (const auto & reference : m_Plot.references)
      ends.push_back({ m_Frame.Right(), m_Frame.At(0, reference.y).y });
    m_Key.Draw(m_Sheet, m_Frame, ends);
    return std::move(m_Sheet.drawing);
  }

private:
  void   DrawBars(std::size_t number);
  double ShiftOf(std::size_t number) const
  {
    const double apart = m_Bars && !m_Plot.curves[number].low.empty() ? m_Sheet.font * 0.45 : 0;
    return (double(number) - double(m_Plot.curves.size() - 1) / 2) * apart;
  }

  const CurvePlot & m_Plot;
  Sheet             m_Sheet;
  SeriesKey         m_Key;
  Frame             m_Frame;
  bool              m_Bars = false;
};

void Plotter::DrawBars(std::size_t number)
{
  const Curve & curve = m_Plot.curves[number];
  const Color   color = LookOf(number, m_Plot.theme).color;
  const double  cap = m_Sheet.font / 3.5, width = m_Sheet.font / 11.0;
  for (std::size_t i = 0; i < curve.low.size(); ++i)
  {
    Place low = m_Frame.At(curve.x[i], curve.low[i]), high = m_Frame.At(curve.x[i], curve.high[i]);
    if (!std::isfinite(low.x) || !std::isfinite(low.y) || !std::isfinite(high.y))
      continue;
    low.x = high.x = low.x + ShiftOf(number);
    m_Sheet.drawing.Segment(low, high, color, width);
    m_Sheet.drawing.Segment({ low.x - cap, low.y }, { low.x + cap, low.y }, color, width);
    m_Sheet.drawing.Segment({ high.x - cap, high.y }, { high.x + cap, high.y }, color, width);
  }
}

} // namespace

Drawing DrawCurves(const CurvePlot & plot)
{
  RequireDrawable(plot);
  return Plotter(plot).Draw();
}

Picture RenderCurves(const CurvePlot & plot) { return Rasterised(DrawCurves(plot)); }

} // namespace serval
