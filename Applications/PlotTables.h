#pragma once
// Tables of results become plots.

#include "serval/Core/Error.h"
#include "serval/Core/Table.h"
#include "serval/Visualization/Comparisons.h"
#include "serval/Visualization/Discrimination.h"

#include <algorithm>
#include <limits>

namespace serval
{

struct PlotWords
{
  std::string title, x, y, note;
};

/// An empty cell, or a column that is missing, is not a number.
inline double NumberOrNone(const Table & table, std::size_t row, const std::string & column)
{
  const auto found = table.Find(column);
  return found && !table.At(row, *found).empty() ? table.Number(row, column) : std::numeric_limits<double>::quiet_NaN();
}

inline std::string TextOrNone(const Table & table, std::size_t row, const std::string & column)
{
  const auto found = table.Find(column);
  return found ? table.At(row, *found) : std::string();
}

/// The place of a name in a list, added at its end when it is new.
inline std::size_t PlaceOf(std::vector<std::string> & names, const std::string & name)
{
  const auto found = std::find(names.begin(), names.end(), name);
  if (found != names.end())
    return static_cast<std::size_t>(found - names.begin());
  names.push_back(name);
  return names.size() - 1;
}

/// Rows of one name make a curve, in the order of the table; only those of the kind where the table has a column `curve`.
inline std::vector<Curve> CurvesOf(const Table & table, const std::string & kind)
{
  std::vector<std::string> names;
  std::vector<Curve>       curves;
  const bool               bounded = table.Find("low") && table.Find("high");
  for (std::size_t row = 0; row < table.Rows(); ++row)
  {
    if (!kind.empty() && table.Find("curve") && table.At(row, "curve") != kind)
      continue;
    const auto place = PlaceOf(names, TextOrNone(table, row, "name"));
    if (place == curves.size())
      curves.push_back({ names.back() });
    curves[place].x.push_back(table.Number(row, "x"));
    curves[place].y.push_back(NumberOrNone(table, row, "y"));
    if (bounded)
    {
      curves[place].low.push_back(NumberOrNone(table, row, "low"));
      curves[place].high.push_back(NumberOrNone(table, row, "high"));
    }
  }
  Require(!curves.empty(), Fault::Input, "the table ", table.Origin(), " has no row of the curve '", kind, "'");
  return curves;
}

inline CurvePlot CurvePlotOf(const Table & table, const PlotWords & words, const std::vector<std::string> & names, bool logarithmic)
{
  CurvePlot plot{ "", words.x, words.y, CurvesOf(table, "") };
  plot.xNames = names;
  plot.xScale = logarithmic ? AxisScale::Logarithmic : AxisScale::Linear;
  return plot;
}

inline UnitPlot UnitPlotOf(const Table & table, const std::string & kind) { return { "", CurvesOf(table, kind) }; }

/// Of evaluate-predictions: `threshold` is the bin's lower end, x the mean probability, y the share of right ones, all the rows.
inline ReliabilityPlot ReliabilityPlotOf(const Table & table, const PlotWords & words)
{
  ReliabilityPlot plot;
  for (std::size_t row = 0; row < table.Rows(); ++row)
    if (table.At(row, "curve") == "reliability")
      plot.bins.push_back({ table.Number(row, "threshold"), 1, table.Number(row, "x"), table.Number(row, "y"), static_cast<int>(table.Number(row, "all")) });
  double width = 1; // the bins are equally wide, and empty ones are left out
  for (std::size_t i = 1; i < plot.bins.size(); ++i)
    width = std::min(width, plot.bins[i].low - plot.bins[i - 1].low);
  for (auto & bin : plot.bins)
    bin.high = std::min(1.0, bin.low + (plot.bins.size() > 1 ? width : 1));
  plot.note = words.note;
  return plot;
}

inline MatrixPlot MatrixPlotOf(const Table & table, const PlotWords & words, int digits, bool diverging)
{
  MatrixPlot plot{ "", words.y, words.x };
  for (std::size_t row = 0; row < table.Rows(); ++row)
  {
    PlaceOf(plot.rows, table.At(row, "row"));
    PlaceOf(plot.columns, table.At(row, "column"));
  }
  plot.values.assign(plot.rows.size() * plot.columns.size(), std::numeric_limits<double>::quiet_NaN());
  for (std::size_t row = 0; row < table.Rows(); ++row)
    plot.values[PlaceOf(plot.rows, table.At(row, "row")) * plot.columns.size() + PlaceOf(plot.columns, table.At(row, "column"))] = NumberOrNone(table, row, "value");
  plot.digits = digits;
  plot.diverging = diverging;
  return plot;
}

inline ForestPlot ForestPlotOf(const Table & table, const PlotWords & words, int digits, double baseline)
{
  ForestPlot plot{ "", words.x };
  for (std::size_t row = 0; row < table.Rows(); ++row)
    plot.rows.push_back({ table.At(row, "name"), NumberOrNone(table, row, "value"), NumberOrNone(table, row, "low"), NumberOrNone(table, row, "high"), TextOrNone(table, row, "note") });
  plot.digits = digits;
  plot.baseline = baseline;
  return plot;
}

inline ScatterPlot ScatterPlotOf(const Table & table, const PlotWords & words)
{
  ScatterPlot plot{ "", words.x, words.y, words.note };
  for (std::size_t row = 0; row < table.Rows(); ++row)
    plot.dots.push_back({ table.At(row, "name"), table.Number(row, "x"), table.Number(row, "y"), NumberOrNone(table, row, "low"), NumberOrNone(table, row, "high"),
                          table.Find("group") ? PlaceOf(plot.groups, table.At(row, "group")) : 0 });
  return plot;
}

inline CriticalDifferencePlot RankPlotOf(const Table & table, const PlotWords & words, double criticalDifference)
{
  CriticalDifferencePlot plot;
  for (std::size_t row = 0; row < table.Rows(); ++row)
  {
    plot.names.push_back(table.At(row, "name"));
    plot.meanRanks.push_back(table.Number(row, "rank"));
  }
  plot.criticalDifference = criticalDifference;
  plot.note = words.note;
  return plot;
}

} // namespace serval
