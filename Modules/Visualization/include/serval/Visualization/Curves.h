#pragma once

#include "serval/Visualization/Picture.h"

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

/// Curves over one pair of axes: training curves, or a score over the number of training patients.
struct CurvePlot
{
  std::string        title{}, xTitle{}, yTitle{};
  std::vector<Curve> curves{};
  AxisScale          xScale = AxisScale::Linear;
  PictureSize        size{ 900, 560 };
};

/// Intervals are bars at up to twelve points, moved apart sideways by some pixels where several curves share an x, and a
/// band beyond. Fault::Input: nothing to draw, lists of unequal length, x <= 0 on a logarithmic axis.
Picture RenderCurves(const CurvePlot & plot);

} // namespace serval
