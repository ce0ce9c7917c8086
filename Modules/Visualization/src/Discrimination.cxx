#include "serval/Visualization/Discrimination.h"

#include "Canvas.h"
#include "Series.h"
#include "SeriesKey.h"
#include "serval/Core/Error.h"
#include "serval/Core/Text.h"

#include <algorithm>
#include <cmath>
#include <optional>

namespace serval
{
namespace
{

const Axis & Share()
{
  static const Axis axis(0, 1, 0.2);
  return axis;
}

void RequireShares(const UnitPlot & plot)
{
  Require(!plot.curves.empty(), Fault::Input, "the plot '", plot.title, "' has no curves");
  const auto outside = [](double v) { return v < -1e-9 || v > 1 + 1e-9; };
  for (const auto & curve : plot.curves)
  {
    Require(curve.x.size() == curve.y.size() && curve.low.size() == curve.high.size() && (curve.low.empty() || curve.low.size() == curve.x.size()),
            Fault::Input, "the curve '", curve.name, "' has ", curve.x.size(), " x, ", curve.y.size(), " y, ", curve.low.size(), " lower and ",
            curve.high.size(), " upper bounds; as many of each are expected");
    for (const auto * values : { &curve.x, &curve.y })
      for (const double value : *values)
        Require(!outside(value), Fault::Input, "the curve '", curve.name, "' has the value ", value, "; rates from 0 to 1 are expected");
  }
}

/// What chance would reach; `curve`: whose colour it has, none where it is that of all.
struct ChanceLine
{
  Place                      from, to;
  std::optional<std::size_t> curve{};
};

Drawing DrawUnit(const UnitPlot & plot, const FrameTexts & texts, const std::vector<ChanceLine> & chances)
{
  RequireShares(plot);
  Sheet                         sheet(plot.size, plot.theme, plot.title);
  std::vector<SeriesKey::Entry> entries;
  for (const auto & curve : plot.curves)
    entries.push_back({ curve.name, LookOf(entries.size(), plot.theme) });
  const SeriesKey key(sheet, entries);
  auto            margins = key.Room();
  margins.square = true;
  const Frame frame(sheet, texts, Share(), Share(), margins);
  for (const auto & line : chances)
    sheet.drawing.Segment(frame.At(line.from.x, line.from.y), frame.At(line.to.x, line.to.y), line.curve ? entries[*line.curve].look.color : sheet.inks.soft, 1.5, 5);
  for (std::size_t i = 0; i < plot.curves.size(); ++i)
    DrawBand(sheet, frame, plot.curves[i], entries[i].look, BandOpacity(plot.curves.size()));
  std::vector<Place> ends;
  for (std::size_t i = 0; i < plot.curves.size(); ++i)
    ends.push_back(DrawSeries(sheet, frame, plot.curves[i], entries[i].look, sheet.font * 0.25));
  key.Draw(sheet, frame, ends);
  sheet.drawing.size.height = std::min(plot.size.height, static_cast<int>(std::ceil(key.Foot(frame))));
  return std::move(sheet.drawing);
}

// Counts as bars that hang together at the foot of the sheet.
void DrawHistogram(Sheet & sheet, const Frame & above, const std::vector<ReliabilityBin> & bins, double height)
{
  int most = 0;
  for (const auto & bin : bins)
    most = std::max(most, bin.rows);
  const double bottom = above.Foot() + height, top = above.Foot() + 1.2 * sheet.font;
  sheet.drawing.Text("rows", above.Left() - sheet.font / 2.0, (top + bottom) / 2, sheet.small, Align::Right);
  for (const auto & bin : bins)
  {
    const double left = above.At(bin.low, 0).x, right = above.At(bin.high, 0).x, y = bottom - (bottom - top) * bin.rows / most;
    sheet.drawing.Rectangle(left + 1, y, right - left - 2, bottom - y, LookOf(6, sheet.theme).color, 0.8);
    if (bin.rows > 0)
      sheet.drawing.Text(std::to_string(bin.rows), (left + right) / 2, y - 0.6 * sheet.font, sheet.small, Align::Centre);
  }
  sheet.drawing.Rectangle(above.Left(), std::round(bottom), above.Right() - above.Left(), 1, sheet.inks.ink);
}

void RequireBins(const ReliabilityPlot & plot)
{
  Require(std::any_of(plot.bins.begin(), plot.bins.end(), [](const auto & b) { return b.rows > 0; }), Fault::Input, "the plot '", plot.title,
          "' has no bin with rows");
  Require(plot.intervals.empty() || plot.intervals.size() == plot.bins.size(), Fault::Input, "the plot '", plot.title, "' has ", plot.bins.size(),
          " bins and ", plot.intervals.size(), " intervals; one for each bin is expected");
}

} // namespace

Drawing DrawRoc(const UnitPlot & plot) { return DrawUnit(plot, { "1 - specificity", "sensitivity" }, { { { 0, 0 }, { 1, 1 } } }); }

Drawing DrawPrecisionRecall(const UnitPlot & plot, const std::vector<double> & prevalences)
{
  Require(prevalences.size() == 1 || prevalences.size() == plot.curves.size(), Fault::Input, "the plot '", plot.title, "' has ", plot.curves.size(), " curves and ", prevalences.size(),
          " prevalences; one for all or one for each is expected");
  std::vector<ChanceLine> chances;
  for (const double prevalence : prevalences)
  {
    Require(prevalence >= 0 && prevalence <= 1, Fault::Input, "the prevalence is ", prevalence, "; 0 to 1 is expected");
    chances.push_back({ { 0, prevalence }, { 1, prevalence }, chances.size() });
  }
  if (std::all_of(prevalences.begin(), prevalences.end(), [&prevalences](double p) { return std::abs(p - prevalences[0]) < 0.002; }))
    chances = { { chances[0].from, chances[0].to } };
  return DrawUnit(plot, { "recall", "precision" }, chances);
}

Drawing DrawReliability(const ReliabilityPlot & plot)
{
  RequireBins(plot);
  Sheet            sheet(plot.size, plot.theme, plot.title);
  const double     histogram = 0.17 * plot.size.height, note = plot.note.empty() ? 0 : 1.6 * sheet.font;
  const Frame      frame(sheet, { "probability of the decision", "share of right decisions" }, Share(), Share(), { 0, histogram + note + sheet.font, true });
  const SeriesLook look = LookOf(6, plot.theme);
  Curve            curve;
  sheet.drawing.Segment(frame.At(0, 0), frame.At(1, 1), sheet.inks.soft, 1.5, 5);
  for (std::size_t i = 0; i < plot.bins.size(); ++i)
  {
    const auto & bin = plot.bins[i];
    if (bin.rows == 0)
      continue;
    curve.x.push_back(bin.confidence);
    curve.y.push_back(bin.accuracy);
    if (!plot.intervals.empty() && std::isfinite(plot.intervals[i].low))
      sheet.drawing.Segment(frame.At(bin.confidence, plot.intervals[i].low), frame.At(bin.confidence, plot.intervals[i].high), look.color, sheet.font / 9.0);
  }
  DrawSeries(sheet, frame, curve, { look.color, 0, 0, false }, sheet.font * 0.31);
  DrawHistogram(sheet, frame, plot.bins, histogram);
  sheet.drawing.Text(Canvas::Fitted(plot.note, sheet.style, plot.size.width - 2 * sheet.font), frame.Left(), frame.Foot() + histogram + 1.2 * sheet.font, sheet.style);
  sheet.drawing.size.height = std::min(plot.size.height, static_cast<int>(std::ceil(frame.Foot() + histogram + note + sheet.font)));
  return std::move(sheet.drawing);
}

} // namespace serval
