#pragma once

#include "serval/Visualization/Drawing.h"

#include <string>
#include <utility>
#include <vector>

namespace serval
{

/// Mean ranks of several methods (1 is the best) on one axis (Demsar 2006).
struct CriticalDifferencePlot
{
  std::string              title{};
  std::vector<std::string> names{};
  std::vector<double>      meanRanks{};
  double                   criticalDifference = 0;
  std::string              note{}; ///< such as the test and its p
  int                      width = 900; ///< the height follows from the names
  Theme                    theme = Theme::Light;
};
/// A thick bar joins methods whose ranks differ by no more than the critical difference: no difference was shown. Of bars
/// within others the longest is drawn. Fault::Input below two methods, lists of unequal length or no critical difference.
Drawing DrawCriticalDifference(const CriticalDifferencePlot & plot);
/// The bars as first and last place in the order of the ranks.
std::vector<std::pair<std::size_t, std::size_t>> RanksJoined(const std::vector<double> & sortedRanks, double criticalDifference);

/// Values in rows and columns as shades with their numbers: sources x targets, features x layers.
struct MatrixPlot
{
  std::string              title{}, rowTitle{}, columnTitle{};
  std::vector<std::string> rows{}, columns{};
  std::vector<double>      values{}; ///< row by row; not a number: crossed out
  int                      digits = 2;
  bool                     diverging = false; ///< differences: blue below 0, orange above, white at 0
  int                      width = 760; ///< the height follows from the rows
  Theme                    theme = Theme::Light;
};
/// Fault::Input unless there are rows x columns values, one of them finite; Fault::Usage where the numbers have no room.
Drawing DrawMatrix(const MatrixPlot & plot);

/// Differences from a baseline with their intervals, one a row.
struct ForestPlot
{
  struct Row
  {
    std::string name{};
    double      value = 0, low = 0, high = 0; ///< not a number: unknown
    std::string note{};                       ///< at the right end, such as the corrected p
  };
  std::string      title{}, xTitle{};
  std::vector<Row> rows{};
  double           baseline = 0;
  std::string      below{}, above{}; ///< what values below and above the baseline speak for
  int              digits = 3;
  int              width = 900;      ///< the height follows from the rows
  Theme            theme = Theme::Light;
};
/// Intervals that hold the baseline are drawn hollow; names too long for one line are broken at blanks. Fault::Input without a finite row.
Drawing DrawForest(const ForestPlot & plot);

/// Named points, such as a source's similarity to the target against what it gained.
struct ScatterPlot
{
  struct Dot
  {
    std::string name{};
    double      x = 0, y = 0;
    double      low = 0, high = 0; ///< interval of y; equal: none
    std::size_t group = 0;         ///< of the same colour and marker
  };
  std::string              title{}, xTitle{}, yTitle{};
  std::string              statistic{}; ///< second line of the title: the rank correlation with its interval
  std::vector<Dot>         dots{};
  std::vector<std::string> groups{};         ///< names of the groups 0, 1, ...; none: one group
  bool                     equalAxes = false; ///< one unit equally long in x and y, for maps of distances
  PictureSize              size{ 760, 600 };
  Theme                    theme = Theme::Light;
};
/// Names stand beside their points without covering another one where there is room. Fault::Input without a finite dot or
/// for a group that has no name.
Drawing DrawScatter(const ScatterPlot & plot);

} // namespace serval
