#pragma once

#include "serval/Visualization/Curves.h"

#include <string>
#include <vector>

namespace serval
{

/// One axis of a plot: from values to pixels, and its ticks.
class Axis
{
public:
  struct Tick
  {
    double      value;
    std::string text;
  };

  /// Spans the finite ones of `values` with a little room; about `wanted` round ticks. A logarithmic axis has its ticks
  /// at the values themselves as long as there are few, else at 1, 2, 5, 10, ...
  Axis(const std::vector<double> & values, AxisScale scale, int wanted);
  /// Exactly from `low` to `high`, with a tick every `step`.
  Axis(double low, double high, double step);
  /// One tick for each name, at 0, 1, ...
  explicit Axis(const std::vector<std::string> & names);

  /// Where the ends of the axis lie, in pixels.
  void   Place(double first, double last);
  double Pixel(double value) const;
  /// Whether its ticks are names rather than numbers.
  bool Named() const { return m_Named; }

  const std::vector<Tick> & Ticks() const { return m_Ticks; }

private:
  double Scaled(double value) const;
  void   AddRoundTicks(int wanted);
  void   AddTicks(double step);
  void   AddLogarithmicTicks(std::vector<double> distinct);

  AxisScale         m_Scale = AxisScale::Linear;
  bool              m_Named = false;
  double            m_Low, m_High; ///< after scaling
  double            m_First = 0, m_Last = 1;
  std::vector<Tick> m_Ticks;
};

} // namespace serval
