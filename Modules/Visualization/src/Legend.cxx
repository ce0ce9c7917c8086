#include "Legend.h"

#include "serval/Core/Error.h"
#include "serval/Core/Text.h"

#include <algorithm>
#include <cmath>

namespace serval
{

Legend::Legend(const std::vector<LegendEntry> & entries, const TextStyle & style, int width)
  : m_Style(style)
  , m_RowHeight(style.size * 8 / 5)
{
  constexpr std::size_t most = 8; // as many as there are colours
  for (std::size_t i = 0; i < std::min(entries.size(), most); ++i)
    Place(entries[i].name, entries[i].label, width);
  if (entries.size() > most)
    Place("and " + std::to_string(entries.size() - most) + " more", 0, width);
}

void Legend::Place(const std::string & text, unsigned label, int width)
{
  const int  swatch = label ? 3 * m_Style.size / 2 : 0, gap = 3 * m_Style.size / 2;
  const auto fitted = Canvas::Fitted(text, m_Style, width - swatch);
  const int  needed = swatch + Canvas::TextWidth(fitted, m_Style);
  if (m_Rows == 0 || m_End + needed > width)
  {
    ++m_Rows;
    m_End = 0;
  }
  m_Items.push_back({ fitted, label, m_End, m_Rows - 1 });
  m_End += needed + gap;
}

void Legend::Draw(Canvas & canvas, int x, int y) const
{
  for (const auto & item : m_Items)
  {
    const int middle = y + item.row * m_RowHeight + m_RowHeight / 2, side = m_Style.size;
    if (item.label)
      canvas.Fill({ x + item.x, middle - side / 2, side, side }, LabelColor(item.label));
    canvas.Text(item.text, x + item.x + (item.label ? 3 * side / 2 : 0), middle, m_Style);
  }
}

int FontSizeFor(PictureSize size) { return std::clamp(std::min(size.width / 80, size.height / 30), 12, 40); }

int DrawScaleBar(Canvas & canvas, int x, int y, int width, double millimetresPerPixel, const TextStyle & style)
{
  const double most = width * millimetresPerPixel, power = std::pow(10, std::floor(std::log10(most)));
  const double length = power * (most >= 5 * power ? 5 : most >= 2 * power ? 2 : 1);
  const int    end = x + static_cast<int>(std::lround(length / millimetresPerPixel)), cap = style.size / 3;
  canvas.Fill({ x, y - 1, end - x, 2 }, style.color);
  canvas.Fill({ x, y - cap, 2, 2 * cap }, style.color);
  canvas.Fill({ end - 2, y - cap, 2, 2 * cap }, style.color);
  const std::string text = FormatNumber(length) + " mm";
  canvas.Text(text, end + style.size / 2, y, style);
  return end + style.size / 2 + Canvas::TextWidth(text, style);
}

std::string WindowText(const DisplayWindow & window)
{
  const auto number = [&window](double value) { return FormatFixed(value, window.width >= 20 ? 0 : window.width >= 0.2 ? 2 : 5); };
  return Concat("window ", window.name, window.name.empty() ? "" : ", ", "level ", number(window.level), ", width ",
                number(window.width));
}

} // namespace serval
