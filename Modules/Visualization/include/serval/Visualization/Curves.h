#pragma once

#include "serval/Visualization/Drawing.h"

#include <string>
#include <vector>

namespace serval
{

/// A line through (x, y); points that are not numbers leave a gap. `low` and `high`, when given, are the bounds of each
/// point's interval.
struct Curve
{
  std::string         name{};
  std::vector<double> x{}, y{}, low{}, high{};
};

enum class AxisScale
{
  Linear,
  Logarithmic
};

enum class IntervalStyle
{
  Auto, ///< bars for up to three curves of up to twelve points, moved apart sideways; else bands
  Bars,
  Bands
};

/// A value that all curves are held against, such as that of training from scratch.
struct ReferenceLine
{
  std::string name{};
  double      y = 0;
};

/// Curves over one pair of axes: training curves, a score over the number of training patients, of trained layers or of
/// the layer whose features are used.
struct CurvePlot
{
  std::string                title{}, xTitle{}, yTitle{};
  std::vector<Curve>         curves{};
  AxisScale                  xScale = AxisScale::Linear;
  PictureSize                size{ 900, 560 };
  AxisScale                  yScale = AxisScale::Linear;
  std::vector<std::string>   xNames{}; ///< of the places 0, 1, ... on the x axis, where these are no numbers
  std::vector<ReferenceLine> references{};
  IntervalStyle              intervals = IntervalStyle::Auto;
  Theme                      theme = Theme::Light;
};

/// Colour, marker and line differ from curve to curve (21 kinds). Up to four short names stand below, more stand to the
/// right of the plot in the order in which the curves end there. Fault::Input: nothing to draw, lists of unequal length,
/// a value <= 0 on a logarithmic axis, x beyond the names. Fault::Usage where the names have no room.
Drawing DrawCurves(const CurvePlot & plot);

/// The same as pixels.
Picture RenderCurves(const CurvePlot & plot);

} // namespace serval
