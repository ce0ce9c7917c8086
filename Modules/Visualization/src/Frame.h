#pragma once

#include "Axis.h"
#include "Sheet.h"

namespace serval
{

struct FrameTexts
{
  std::string xTitle, yTitle;
};

/// A pair of axes on a sheet, with its grid and ticks drawn.
class Frame
{
public:
  /// Room that other things need, in pixels.
  struct Margins
  {
    double right = 0, below = 0;
    bool   square = false; ///< both axes equally long
  };
  /// Fault::Usage where the axes would be shorter than 64 pixels.
  Frame(Sheet & sheet, const FrameTexts & texts, Axis x, Axis y, const Margins & margins);

  Place  At(double x, double y) const { return { m_X.Pixel(x), m_Y.Pixel(y) }; }
  double Left() const { return m_Left; }
  double Right() const { return m_Right; }
  double Top() const { return m_Top; }
  double Bottom() const { return m_Bottom; }
  double Foot() const { return m_Foot; } ///< below the title of the x axis

private:
  void DrawY(const std::string & title);
  void DrawX(const std::string & title);

  Sheet & m_Sheet;
  Axis    m_X, m_Y;
  double  m_Left, m_Right, m_Top, m_Bottom, m_Foot = 0;
  double  m_TickRoom; ///< below the x axis
  bool    m_Slanted = false;
};

} // namespace serval
