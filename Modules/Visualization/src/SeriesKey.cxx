#include "SeriesKey.h"

#include "Canvas.h"
#include "serval/Core/Error.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace serval
{

SeriesKey::SeriesKey(const Sheet & sheet, std::vector<Entry> entries)
  : m_Entries(std::move(entries))
  , m_Style(sheet.style)
  , m_Font(sheet.font)
{
  if (m_Entries.empty() || (m_Entries.size() == 1 && m_Entries[0].name.empty()))
  {
    m_Entries.clear();
    return;
  }
  constexpr std::size_t few = 4;
  const double          room = sheet.drawing.size.width - 2 * m_Font;
  double                end = 0;
  m_Rows = 1;
  for (auto & entry : m_Entries)
  {
    const double width = 2.8 * m_Font + Canvas::TextWidth(entry.name, m_Style);
    if (end > 0 && end + width > room)
    {
      ++m_Rows;
      end = 0;
    }
    m_X.push_back(m_Font + end);
    m_Row.push_back(m_Rows - 1);
    end += width + m_Font;
  }
  m_Column = m_Entries.size() > few || m_Rows > 2;
  m_Style = m_Column ? sheet.small : m_Style;
  const double most = m_Column ? 0.4 * sheet.drawing.size.width : room;
  for (auto & entry : m_Entries)
  {
    entry.name = Canvas::Fitted(entry.name, m_Style, static_cast<int>(most - 2.8 * m_Font));
    m_Width = std::max(m_Width, 2.8 * m_Font + Canvas::TextWidth(entry.name, m_Style));
  }
}

void SeriesKey::Draw(Sheet & sheet, const Frame & frame, const std::vector<Place> & ends) const
{
  if (m_Column)
    DrawColumn(sheet, frame, ends);
  else
    DrawRows(sheet, frame);
}

void SeriesKey::DrawSample(Sheet & sheet, Place left, const Entry & entry) const
{
  if (entry.line)
    sheet.drawing.Segment(left, { left.x + 2 * m_Font, left.y }, entry.look.color, m_Font / 8.0, entry.look.dash);
  if (entry.marker)
    sheet.Marker({ left.x + m_Font, left.y }, m_Font * 0.32, entry.look);
}

void SeriesKey::DrawRows(Sheet & sheet, const Frame & frame) const
{
  for (std::size_t i = 0; i < m_Entries.size(); ++i)
  {
    const double y = frame.Foot() + (m_Row[i] + 0.5) * 1.5 * m_Font;
    DrawSample(sheet, { m_X[i], y }, m_Entries[i]);
    sheet.drawing.Text(m_Entries[i].name, m_X[i] + 2.4 * m_Font, y, m_Style);
  }
}

void SeriesKey::DrawColumn(Sheet & sheet, const Frame & frame, const std::vector<Place> & ends) const
{
  const double        low = sheet.top, high = sheet.drawing.size.height - m_Font, gap = 1.35 * m_Style.size;
  std::vector<double> wanted;
  Require(gap * double(m_Entries.size() - 1) <= high - low, Fault::Usage, "a plot ", sheet.drawing.size.height, " pixels high has no room for ",
          m_Entries.size(), " names; make it higher or draw fewer curves");
  for (std::size_t i = 0; i < m_Entries.size(); ++i)
    wanted.push_back(i < ends.size() && std::isfinite(ends[i].y) ? ends[i].y : high);
  const auto places = SpreadOut(wanted, gap, low, high);
  const double left = frame.Right() + 2.1 * m_Font;
  for (std::size_t i = 0; i < m_Entries.size(); ++i)
  {
    if (i < ends.size() && std::isfinite(ends[i].y))
      sheet.drawing.Segment({ ends[i].x + 0.4 * m_Font, ends[i].y }, { left - 0.3 * m_Font, places[i] }, sheet.inks.soft, 1);
    DrawSample(sheet, { left, places[i] }, m_Entries[i]);
    sheet.drawing.Text(m_Entries[i].name, left + 2.4 * m_Font, places[i], m_Style);
  }
}

} // namespace serval
