#include "Support.h"
#include "serval/Core/Error.h"
#include "serval/Visualization/Curves.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <optional>

namespace serval
{
namespace
{

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

int Count(const Picture & picture, Color color, int fromX = 0, std::optional<int> toX = {})
{
  int count = 0;
  for (int y = 0; y < picture.size.height - 60; ++y) // without the legend
    for (int x = fromX; x < toX.value_or(picture.size.width); ++x)
      count += picture.At(x, y) == color;
  return count;
}

CurvePlot Sizes()
{
  CurvePlot plot{ "Accuracy", "training patients", "accuracy", {}, AxisScale::Logarithmic };
  plot.curves.push_back({ "scratch", { 2, 8, 32 }, { 0.71, 0.86, 0.89 }, { 0.6, 0.8, 0.86 }, { 0.8, 0.9, 0.92 } });
  plot.curves.push_back({ "fine-tuned", { 2, 8, 32 }, { 0.77, 0.89, 0.91 }, { 0.7, 0.85, 0.88 }, { 0.83, 0.92, 0.94 } });
  return plot;
}

Fault RefusalOf(const CurvePlot & plot)
{
  try
  {
    RenderCurves(plot);
  }
  catch (const Error & e)
  {
    return e.Kind();
  }
  ADD_FAILURE() << "not refused";
  return Fault::Internal;
}

TEST(Curves, EachHasItsColour)
{
  const Picture picture = RenderCurves(Sizes());
  EXPECT_GT(Count(picture, LabelColor(1)), 100);
  EXPECT_GT(Count(picture, LabelColor(2)), 100);
  EXPECT_EQ(Count(picture, LabelColor(3)), 0);
}

TEST(Curves, HigherValuesStandHigher)
{
  CurvePlot plot = Sizes();
  plot.curves.resize(1);
  plot.curves[0].low.clear();
  plot.curves[0].high.clear();
  const Picture picture = RenderCurves(plot);
  int           first = -1, last = -1; // the line's row at its left and right end
  for (int x = 0; x < picture.size.width; ++x)
    for (int y = 0; y < picture.size.height - 60; ++y)
      if (picture.At(x, y) == LabelColor(1))
      {
        first = first < 0 ? y : first;
        last = y;
      }
  EXPECT_GT(first, last + 100);
}

TEST(Curves, ALogarithmicAxisSpacesRatiosEqually)
{
  CurvePlot plot = Sizes();
  plot.curves = { { "a", { 1, 10, 100 }, { 0, nan, 0 } }, { "b", { 1, 10, 100 }, { nan, 0, nan } } };
  const Picture picture = RenderCurves(plot);
  double        sums[3]{}, counts[3]{};
  for (int y = 0; y < picture.size.height - 60; ++y)
    for (int x = 0; x < picture.size.width; ++x)
    {
      const bool a = picture.At(x, y) == LabelColor(1), b = picture.At(x, y) == LabelColor(2);
      const int  at = b ? 1 : x < picture.size.width / 2 ? 0 : 2;
      if (a || b)
      {
        sums[at] += x;
        ++counts[at];
      }
    }
  EXPECT_NEAR(sums[1] / counts[1], (sums[0] / counts[0] + sums[2] / counts[2]) / 2, 1.5);
}

TEST(Curves, ManyPointsHaveABandAndGapsStayOpen)
{
  CurvePlot plot{ "Loss", "step", "loss", { { "training", {}, {}, {}, {} } } };
  for (int i = 0; i < 100; ++i)
  {
    plot.curves[0].x.push_back(i);
    plot.curves[0].y.push_back(i >= 40 && i < 60 ? nan : std::exp(-i / 30.0));
    plot.curves[0].low.push_back(plot.curves[0].y.back() - 0.1);
    plot.curves[0].high.push_back(plot.curves[0].y.back() + 0.1);
  }
  const Picture picture = RenderCurves(plot);
  const int     width = picture.size.width;
  EXPECT_EQ(Count(picture, LabelColor(1), width * 53 / 100, width * 55 / 100), 0);
  EXPECT_GT(Count(picture, LabelColor(1), width * 70 / 100, width * 80 / 100), 30);
}

TEST(Curves, EqualPlotsGiveEqualBytes) { EXPECT_EQ(EncodePng(RenderCurves(Sizes())), EncodePng(RenderCurves(Sizes()))); }

TEST(Curves, OnePointIsDrawn)
{
  EXPECT_GT(Count(RenderCurves({ "", "x", "y", { { "one", { 3 }, { 7 } } } }), LabelColor(1)), 20);
}

TEST(Curves, WhatCannotBeDrawnIsRefused)
{
  EXPECT_EQ(RefusalOf({}), Fault::Input);
  CurvePlot plot = Sizes();
  plot.curves[0].y.pop_back();
  EXPECT_EQ(RefusalOf(plot), Fault::Input);
  plot = Sizes();
  plot.curves[1].high.clear();
  EXPECT_EQ(RefusalOf(plot), Fault::Input);
  plot = Sizes();
  plot.curves[0].x[0] = 0;
  EXPECT_EQ(RefusalOf(plot), Fault::Input);
  plot = Sizes();
  plot.size = { 100, 100 };
  EXPECT_EQ(RefusalOf(plot), Fault::Usage);
  EXPECT_EQ(RefusalOf({ "", "x", "y", { { "none", { nan, nan }, { nan, nan } } } }), Fault::Input);
}

} // namespace
} // namespace serval
