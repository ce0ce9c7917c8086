#include "Canvas.h"
#include "Sheet.h"
#include "serval/Core/Error.h"
#include "serval/Core/Text.h"
#include "serval/Visualization/Comparisons.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace serval
{
namespace
{

void RequireRanks(const CriticalDifferencePlot & plot)
{
  Require(plot.names.size() >= 2 && plot.names.size() == plot.meanRanks.size(), Fault::Input, "the diagram has ", plot.names.size(), " names and ",
          plot.meanRanks.size(), " mean ranks; as many of each, at least two, are expected");
  for (const double rank : plot.meanRanks)
    Require(rank >= 1 && rank <= double(plot.names.size()), Fault::Input, "a mean rank is ", rank, "; 1 to ", plot.names.size(), " is expected");
  Require(plot.criticalDifference > 0 && std::isfinite(plot.criticalDifference), Fault::Input, "the critical difference is ",
          plot.criticalDifference, "; a number above 0 is expected");
}

/// Ranks from the left (1, the best) to the right.
struct RankAxis
{
  double left, right, y, last;
  double At(double rank) const { return left + (rank - 1) / (last - 1) * (right - left); }
};

void DrawRankAxis(Sheet & sheet, const RankAxis & axis, double criticalDifference)
{
  const double font = sheet.font, above = axis.y - 2.6 * font, end = std::min(axis.At(1 + criticalDifference), axis.right);
  sheet.drawing.Segment({ axis.left, axis.y }, { axis.right, axis.y }, sheet.inks.ink, 1.5);
  for (int rank = 1; rank <= axis.last; ++rank)
  {
    sheet.drawing.Segment({ axis.At(rank), axis.y }, { axis.At(rank), axis.y - font / 2 }, sheet.inks.ink, 1.5);
    sheet.drawing.Text(std::to_string(rank), axis.At(rank), axis.y - 1.2 * font, sheet.style, Align::Centre);
  }
  sheet.drawing.Segment({ axis.left, above }, { end, above }, sheet.inks.ink, 2);
  for (const double x : { axis.left, end })
    sheet.drawing.Segment({ x, above - font / 3 }, { x, above + font / 3 }, sheet.inks.ink, 2);
  sheet.drawing.Text("critical difference " + FormatFixed(criticalDifference, 2), end + font / 2, above, sheet.style);
}

// The better half to the left, the best on top; the other to the right, the worst on top, so that no two lines cross.
void DrawMethods(Sheet & sheet, const CriticalDifferencePlot & plot, const std::vector<std::size_t> & order, const RankAxis & axis, double first)
{
  const std::size_t half = (order.size() + 1) / 2;
  const double      row = 1.5 * sheet.font;
  for (std::size_t i = 0; i < order.size(); ++i)
  {
    const bool   better = i < half;
    const double y = first + row * double(better ? i : order.size() - 1 - i), rank = plot.meanRanks[order[i]], x = axis.At(rank);
    const double end = better ? axis.left - sheet.font / 2.0 : axis.right + sheet.font / 2.0;
    const auto   name = plot.names[order[i]] + "  " + FormatFixed(rank, 2);
    const int    room = static_cast<int>(better ? end - 1.5 * sheet.font : sheet.drawing.size.width - end - 1.5 * sheet.font);
    sheet.drawing.shapes.emplace_back(Drawing::Line{ { { x, axis.y }, { x, y }, { end, y } }, sheet.inks.soft, 1.3 });
    sheet.drawing.shapes.emplace_back(Drawing::Disc{ { x, axis.y }, sheet.font * 0.22, LookOf(6, sheet.theme).color });
    sheet.drawing.Text(Canvas::Fitted(name, sheet.style, room), better ? end - sheet.font * 0.4 : end + sheet.font * 0.4, y, sheet.style,
                       better ? Align::Right : Align::Left);
  }
}

} // namespace

std::vector<std::pair<std::size_t, std::size_t>> RanksJoined(const std::vector<double> & sortedRanks, double criticalDifference)
{
  std::vector<std::pair<std::size_t, std::size_t>> bars;
  for (std::size_t first = 0; first < sortedRanks.size(); ++first)
  {
    std::size_t last = first;
    while (last + 1 < sortedRanks.size() && sortedRanks[last + 1] - sortedRanks[first] <= criticalDifference)
      ++last;
    if (last > first && (bars.empty() || last > bars.back().second))
      bars.emplace_back(first, last);
  }
  return bars;
}

Drawing DrawCriticalDifference(const CriticalDifferencePlot & plot)
{
  RequireRanks(plot);
  std::vector<std::size_t> order(plot.names.size());
  std::iota(order.begin(), order.end(), std::size_t{ 0 });
  std::stable_sort(order.begin(), order.end(), [&plot](auto a, auto b) { return plot.meanRanks[a] < plot.meanRanks[b]; });
  std::vector<double> ranks;
  for (const auto i : order)
    ranks.push_back(plot.meanRanks[i]);
  const auto     bars = RanksJoined(ranks, plot.criticalDifference);
  Sheet          sheet({ plot.width, plot.width }, plot.theme, plot.title); // the height follows
  const double   font = sheet.font, width = plot.width;
  int            widest = 0;
  for (const auto & name : plot.names)
    widest = std::max(widest, Canvas::TextWidth(name + "  00.00", sheet.style));
  const double   side = std::min(widest + 2.4 * font, 0.4 * width);
  const RankAxis axis{ side, width - side, sheet.top + 4.2 * font, double(plot.names.size()) };
  const double   first = axis.y + (double(bars.size()) * 0.6 + 1.3) * font;
  const double   last = first + 1.5 * font * (double((order.size() + 1) / 2) - 1);
  DrawRankAxis(sheet, axis, plot.criticalDifference);
  DrawMethods(sheet, plot, order, axis, first);
  for (std::size_t i = 0; i < bars.size(); ++i)
  {
    const double y = axis.y + (double(i) + 1) * 0.6 * font + 0.2 * font;
    sheet.drawing.Segment({ axis.At(ranks[bars[i].first]) - font * 0.3, y }, { axis.At(ranks[bars[i].second]) + font * 0.3, y }, LookOf(4, plot.theme).color, font * 0.32);
  }
  sheet.drawing.Text(Canvas::Fitted(plot.note, sheet.small, static_cast<int>(width - 2 * font)), font, last + 2.2 * font, sheet.small);
  sheet.drawing.size.height = static_cast<int>(std::ceil(last + (plot.note.empty() ? 1.2 : 3.2) * font));
  return std::move(sheet.drawing);
}

} // namespace serval
