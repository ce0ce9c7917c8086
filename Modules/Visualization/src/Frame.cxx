#include "Frame.h"

#include "Canvas.h"
#include "serval/Core/Error.h"

#include <algorithm>
#include <cmath>

namespace serval
{
namespace
{

constexpr double slant = 35, slantSine = 0.574, slantCosine = 0.819;

int WidestTick(const Axis & axis, const TextStyle & style)
{
  int widest = 0;
  for (const auto & tick : axis.Ticks())
    widest = std::max(widest, Canvas::TextWidth(tick.text, style));
  return widest;
}

} // namespace

Frame::Frame(Sheet & sheet, const FrameTexts & texts, Axis x, Axis y, const Margins & margins)
  : m_Sheet(sheet)
  , m_X(std::move(x))
  , m_Y(std::move(y))
{
  const int font = sheet.font, widest = WidestTick(m_X, sheet.style);
  m_Left = WidestTick(m_Y, sheet.style) + (texts.yTitle.empty() ? 1.0 : 2.6) * font;
  m_Right = sheet.drawing.size.width - margins.right - 1.2 * font;
  m_Top = sheet.top + font / 3.0;
  m_Slanted = m_X.Named() && widest > 0.92 * (m_Right - m_Left) / double(m_X.Ticks().size());
  m_TickRoom = m_Slanted ? slantSine * widest + 1.2 * font : 1.5 * font;
  if (m_Slanted)
    m_Left = std::max(m_Left, std::min(slantCosine * widest, 0.25 * sheet.drawing.size.width));
  const double foot = m_TickRoom + (texts.xTitle.empty() ? 0.4 : 1.6) * font;
  m_Bottom = sheet.drawing.size.height - margins.below - foot;
  if (margins.square)
  {
    const double side = std::min(m_Right - m_Left, m_Bottom - m_Top);
    m_Right = m_Left + side;
    m_Bottom = m_Top + side;
  }
  Require(m_Right - m_Left >= 64 && m_Bottom - m_Top >= 64, Fault::Usage, "a plot of ", sheet.drawing.size.width, " x ",
          sheet.drawing.size.height, " pixels has no room beside its words; make it larger");
  m_X.Place(m_Left, m_Right);
  m_Y.Place(m_Bottom, m_Top);
  m_Foot = m_Bottom + foot;
  DrawY(texts.yTitle);
  DrawX(texts.xTitle);
}

void Frame::DrawY(const std::string & title)
{
  Drawing &   drawing = m_Sheet.drawing;
  const int   font = m_Sheet.font;
  double      free = m_Bottom + font; // where the next label may stand
  for (const auto & tick : m_Y.Ticks())
  {
    const double y = std::round(m_Y.Pixel(tick.value));
    drawing.Rectangle(m_Left, y, m_Right - m_Left, 1, m_Sheet.inks.grid);
    if (y > free)
      continue;
    drawing.Text(tick.text, m_Left - font / 2.0, y, m_Sheet.style, Align::Right);
    free = y - 1.1 * font;
  }
  drawing.Rectangle(std::round(m_Left), m_Top, 1, m_Bottom - m_Top, m_Sheet.inks.ink);
  TextStyle turned = m_Sheet.style;
  turned.degrees = 90;
  drawing.Text(Canvas::Fitted(title, m_Sheet.style, static_cast<int>(m_Sheet.drawing.size.height * 0.9)), font * 1.1, (m_Top + m_Bottom) / 2, turned, Align::Centre);
}

void Frame::DrawX(const std::string & title)
{
  Drawing & drawing = m_Sheet.drawing;
  const int font = m_Sheet.font;
  double    free = -font;
  TextStyle slanted = m_Sheet.style;
  slanted.degrees = slant;
  for (const auto & tick : m_X.Ticks())
  {
    const double x = std::round(m_X.Pixel(tick.value)), half = Canvas::TextWidth(tick.text, m_Sheet.style) / 2.0;
    drawing.Rectangle(x, m_Top, 1, m_Bottom - m_Top + font / 3.0, m_Sheet.inks.grid);
    if (m_Slanted)
      drawing.Text(tick.text, x + font / 3.0, m_Bottom + font * 0.8, slanted, Align::Right);
    else if (x - half >= free)
    {
      drawing.Text(tick.text, x, m_Bottom + font, m_Sheet.style, Align::Centre);
      free = x + half + font / 2.0;
    }
  }
  drawing.Rectangle(m_Left, std::round(m_Bottom), m_Right - m_Left, 1, m_Sheet.inks.ink);
  drawing.Text(Canvas::Fitted(title, m_Sheet.style, static_cast<int>(m_Sheet.drawing.size.width * 0.9)), (m_Left + m_Right) / 2,
               m_Bottom + m_TickRoom + 0.7 * font, m_Sheet.style, Align::Centre);
}

} // namespace serval
