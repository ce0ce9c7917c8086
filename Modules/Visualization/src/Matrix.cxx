#include "Canvas.h"
#include "Sheet.h"
#include "serval/Core/Error.h"
#include "serval/Core/Text.h"
#include "serval/Visualization/Comparisons.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace serval
{
namespace
{

/// From a value to a colour.
class Shades
{
public:
  explicit Shades(const MatrixPlot & plot)
    : m_Plot(plot)
  {
    for (const double value : plot.values)
      if (std::isfinite(value))
      {
        m_Low = std::min(m_Low, value);
        m_High = std::max(m_High, value);
      }
    Require(m_Low <= m_High, Fault::Input, "the matrix '", plot.title, "' has no finite value");
    if (plot.diverging)
    {
      m_High = std::max({ std::abs(m_Low), std::abs(m_High), 1e-300 });
      m_Low = -m_High;
    }
  }
  Color Of(double value) const
  {
    const double share = m_High > m_Low ? (value - m_Low) / (m_High - m_Low) : 0.5;
    if (!m_Plot.diverging)
      return ShadeOf(share, m_Plot.theme);
    const Color middle = m_Plot.theme == Theme::Dark ? Color{ 40, 40, 44 } : Color{ 250, 250, 250 };
    return share < 0.5 ? Mixed(middle, { 0, 114, 178 }, 1 - 2 * share) : Mixed(middle, { 224, 125, 0 }, 2 * share - 1);
  }
  double Low() const { return m_Low; }
  double High() const { return m_High; }

private:
  const MatrixPlot & m_Plot;
  double             m_Low = std::numeric_limits<double>::infinity(), m_High = -std::numeric_limits<double>::infinity();
};

struct Grid
{
  double left, top, cellWidth, cellHeight;
};

void DrawNames(Sheet & sheet, const MatrixPlot & plot, const Grid & grid, bool slanted)
{
  TextStyle turned = sheet.style;
  turned.degrees = 40;
  const double font = sheet.font;
  for (std::size_t row = 0; row < plot.rows.size(); ++row)
    sheet.drawing.Text(Canvas::Fitted(plot.rows[row], sheet.style, static_cast<int>(grid.left - (plot.rowTitle.empty() ? 1 : 2.6) * font)), grid.left - font / 2,
                       grid.top + (double(row) + 0.5) * grid.cellHeight, sheet.style, Align::Right);
  for (std::size_t column = 0; column < plot.columns.size(); ++column)
  {
    const double x = grid.left + (double(column) + 0.5) * grid.cellWidth;
    if (slanted)
      sheet.drawing.Text(plot.columns[column], x, grid.top - 0.7 * font, turned);
    else
      sheet.drawing.Text(plot.columns[column], x, grid.top - 0.9 * font, sheet.style, Align::Centre);
  }
}

void DrawCells(Sheet & sheet, const MatrixPlot & plot, const Grid & grid, const Shades & shades)
{
  TextStyle style = sheet.style;
  for (std::size_t i = 0; i < plot.values.size(); ++i)
  {
    const double x = grid.left + double(i % plot.columns.size()) * grid.cellWidth, y = grid.top + double(i / plot.columns.size()) * grid.cellHeight;
    const double right = x + grid.cellWidth - 1, bottom = y + grid.cellHeight - 1;
    if (!std::isfinite(plot.values[i]))
    {
      sheet.drawing.Rectangle(x, y, grid.cellWidth - 1, grid.cellHeight - 1, sheet.inks.grid);
      sheet.drawing.Segment({ x, y }, { right, bottom }, sheet.inks.soft);
      sheet.drawing.Segment({ x, bottom }, { right, y }, sheet.inks.soft);
      continue;
    }
    const Color color = shades.Of(plot.values[i]);
    sheet.drawing.Rectangle(x, y, grid.cellWidth - 1, grid.cellHeight - 1, color);
    style.color = InkOn(color);
    sheet.drawing.Text(FormatFixed(plot.values[i], plot.digits), (x + right) / 2, (y + bottom) / 2, style, Align::Centre);
  }
}

void DrawShadeBar(Sheet & sheet, const MatrixPlot & plot, const Grid & grid, const Shades & shades, double y)
{
  constexpr int steps = 40;
  const double  font = sheet.font, width = std::min(grid.cellWidth * double(plot.columns.size()), 14 * font), left = grid.left;
  for (int i = 0; i < steps; ++i)
    sheet.drawing.Rectangle(left + width * i / steps, y, width / steps + 0.5, 0.8 * font, shades.Of(shades.Low() + (i + 0.5) / steps * (shades.High() - shades.Low())));
  sheet.drawing.Text(FormatFixed(shades.Low(), plot.digits), left - font / 2, y + 0.4 * font, sheet.small, Align::Right);
  sheet.drawing.Text(FormatFixed(shades.High(), plot.digits), left + width + font / 2, y + 0.4 * font, sheet.small);
}

int Widest(const std::vector<std::string> & texts, const TextStyle & style)
{
  int widest = 0;
  for (const auto & text : texts)
    widest = std::max(widest, Canvas::TextWidth(text, style));
  return widest;
}

int WidestNumber(const MatrixPlot & plot, const TextStyle & style)
{
  std::vector<std::string> texts;
  for (const double value : plot.values)
    texts.push_back(std::isfinite(value) ? FormatFixed(value, plot.digits) : "");
  return Widest(texts, style);
}

} // namespace

Drawing DrawMatrix(const MatrixPlot & plot)
{
  Require(!plot.rows.empty() && !plot.columns.empty() && plot.values.size() == plot.rows.size() * plot.columns.size(), Fault::Input, "the matrix '",
          plot.title, "' has ", plot.rows.size(), " rows, ", plot.columns.size(), " columns and ", plot.values.size(), " values; a value for each pair is expected");
  const Shades shades(plot);
  Sheet        sheet({ plot.width, plot.width }, plot.theme, plot.title); // the height follows
  const double font = sheet.font, columns = double(plot.columns.size()), rows = double(plot.rows.size());
  const int    widestColumn = Widest(plot.columns, sheet.style);
  Grid         grid{ std::min(Widest(plot.rows, sheet.style) + (plot.rowTitle.empty() ? 1.2 : 2.8) * font, 0.4 * plot.width), 0, 0, 2.4 * sheet.font };
  grid.cellWidth = (plot.width - grid.left - 1.5 * font) / columns;
  const bool slanted = widestColumn + font / 2 > grid.cellWidth;
  if (slanted) // the last name leans over the right edge
    grid.cellWidth = (plot.width - grid.left - 0.77 * widestColumn - font) / (columns - 0.5);
  grid.top = sheet.top + (plot.columnTitle.empty() ? 0 : 1.5 * font) + (slanted ? 0.65 * widestColumn + 1.2 * font : 1.8 * font);
  Require(grid.cellWidth >= WidestNumber(plot, sheet.style) + 4, Fault::Usage, "a matrix of ", plot.rows.size(), " x ",
          plot.columns.size(), " numbers has no room in ", plot.width, " pixels; make it wider");
  const double middle = grid.top + rows * grid.cellHeight / 2;
  TextStyle    turned = sheet.style;
  turned.degrees = 90;
  sheet.drawing.Text(plot.rowTitle, 1.1 * font, middle, turned, Align::Centre);
  sheet.drawing.Text(plot.columnTitle, grid.left + columns * grid.cellWidth / 2, sheet.top + 0.6 * font, sheet.style, Align::Centre);
  DrawNames(sheet, plot, grid, slanted);
  DrawCells(sheet, plot, grid, shades);
  DrawShadeBar(sheet, plot, grid, shades, grid.top + rows * grid.cellHeight + font);
  sheet.drawing.size.height = static_cast<int>(std::ceil(grid.top + rows * grid.cellHeight + 2.8 * font));
  return std::move(sheet.drawing);
}

} // namespace serval
