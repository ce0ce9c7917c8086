#include "Legend.h"

#include "serval/Core/Error.h"
#include "serval/Core/Text.h"

#include <algorithm>
#include <cmath>

namespace serval
{

Legend::Legend(const std::vector<LegendEntry> & entries, const TextStyle & style, PictureSize picture, int mostRows)
  : m_Style(style)
  , m_Width(picture.width - 2 * style.size)
  , m_RowHeight(style.size * 8 / 5)
{
  std::vector<Color>                    colors;
  std::vector<std::vector<std::string>> names;
  for (const auto & entry : entries)
  {
    const auto at = static_cast<std::size_t>(std::find(colors.begin(), colors.end(), entry.color) - colors.begin());
    if (at == colors.size())
    {
      colors.push_back(entry.color);
      names.emplace_back();
    }
    names[at].push_back(entry.name);
  }
  for (std::size_t i = 0; i < colors.size(); ++i)
    AddItem(names[i], colors[i]);
  const int most = std::clamp(picture.height / 3 / m_RowHeight, 1, mostRows);
  auto      placed = m_Items;
  m_Rows = Place(placed);
  for (std::size_t count = m_Items.size(); m_Rows > most && count-- > 1;)
    m_Rows = Place(placed = Shortened(count));
  m_Items = placed;
}

// As many names as have room, then how many are left; one alone is cut.
void Legend::AddItem(std::vector<std::string> names, Color color)
{
  Item       item{ Join(names, " or "), color };
  const auto count = names.size();
  item.labels = static_cast<int>(count);
  for (item.width = WidthOf(item); item.width > m_Width && names.size() > 1; item.width = WidthOf(item))
  {
    names.pop_back();
    item.text = Concat(Join(names, " or "), " or ", count - names.size(), " more");
  }
  if (item.width > m_Width)
    item.text = Canvas::Fitted(item.text, m_Style, m_Width - 3 * m_Style.size / 2);
  item.width = std::min(item.width, m_Width);
  m_Items.push_back(item);
}

int Legend::WidthOf(const Item & item) const { return (item.hasSwatch ? 3 * m_Style.size / 2 : 0) + Canvas::TextWidth(item.text, m_Style); }

// One row where they fit; else columns as wide as most items, of which longer ones take several.
int Legend::Place(std::vector<Item> & items) const
{
  if (items.empty())
    return 0;
  const int        gap = 3 * m_Style.size / 2;
  int              end = 0;
  std::vector<int> widths;
  for (auto & item : items)
  {
    item.x = end;
    item.row = 0;
    end += item.width + gap;
    widths.push_back(item.width + gap);
  }
  if (end - gap <= m_Width)
    return 1;
  const auto most = widths.begin() + std::ssize(widths) * 4 / 5;
  std::nth_element(widths.begin(), most, widths.end());
  const int columns = std::max(1, (m_Width + gap) / *most), step = (m_Width + gap) / columns;
  int       row = 0, column = 0;
  for (auto & item : items)
  {
    const int taken = std::min(columns, (item.width + gap + step - 1) / step);
    row += column + taken > columns;
    column = column + taken > columns ? 0 : column;
    item.x = column * step;
    item.row = row;
    column += taken;
  }
  return row + 1;
}

std::vector<Legend::Item> Legend::Shortened(std::size_t count) const
{
  std::vector<Item> items(m_Items.begin(), m_Items.begin() + static_cast<std::ptrdiff_t>(count));
  int               left = 0;
  for (std::size_t i = count; i < m_Items.size(); ++i)
    left += m_Items[i].labels;
  Item last{ Concat("and ", left, left == 1 ? " more label" : " more labels"), {}, false };
  last.width = WidthOf(last);
  items.push_back(last);
  return items;
}

std::vector<std::string> Legend::Texts() const
{
  std::vector<std::string> texts;
  for (const auto & item : m_Items)
    texts.push_back(item.text);
  return texts;
}

void Legend::Draw(Canvas & canvas, int x, int y) const
{
  for (const auto & item : m_Items)
  {
    const int middle = y + item.row * m_RowHeight + m_RowHeight / 2, side = m_Style.size;
    if (item.hasSwatch)
      canvas.Fill({ x + item.x, middle - side / 2, side, side }, item.color);
    canvas.Text(item.text, x + item.x + (item.hasSwatch ? 3 * side / 2 : 0), middle, m_Style);
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
