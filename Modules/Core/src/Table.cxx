#include "serval/Core/Table.h"

#include "serval/Core/AtomicFile.h"
#include "serval/Core/Error.h"
#include "serval/Core/Text.h"

#include <algorithm>

namespace serval
{
namespace
{

struct CsvReader
{
  std::string_view    text;
  const std::string & origin;
  char                separator;
  std::size_t         at = 0;
  std::size_t         line = 1;

  bool Ended() const { return at >= text.size(); }

  std::string QuotedCell()
  {
    std::string       cell;
    const std::size_t first = line;
    for (++at; !Ended(); ++at)
    {
      if (text[at] == '\n')
        ++line;
      if (text[at] != '"')
        cell += text[at];
      else if (at + 1 < text.size() && text[at + 1] == '"')
        cell += text[at++];
      else
      {
        ++at;
        return cell;
      }
    }
    Fail(Fault::Input, origin, ", line ", first, ": a quote (\") is opened and never closed");
  }

  std::vector<std::string> Row()
  {
    const std::string        ends{ separator, '\n' };
    std::vector<std::string> row;
    while (true)
    {
      std::string cell;
      if (!Ended() && text[at] == '"')
        cell = QuotedCell();
      const auto end = std::min(text.find_first_of(ends, at), text.size());
      cell += text.substr(at, end - at);
      at = end;
      row.push_back(Trim(cell));
      if (Ended() || text[at] == '\n')
      {
        ++at;
        ++line;
        return row;
      }
      ++at;
    }
  }
};

std::string Quoted(const std::string & cell)
{
  if (cell.find_first_of(",\"\n\r") == std::string::npos && Trim(cell) == cell)
    return cell;
  std::string quoted = "\"";
  for (const char c : cell)
    quoted.append(c == '"' ? 2 : 1, c);
  return quoted + '"';
}

std::string Line(const std::vector<std::string> & cells)
{
  std::vector<std::string> quoted(cells.size());
  std::transform(cells.begin(), cells.end(), quoted.begin(), Quoted);
  return Join(quoted, ",") + "\n";
}

} // namespace

std::vector<TextRow> ParseRows(std::string_view text, const std::string & origin, char separator)
{
  Require(text.find('\0') == std::string_view::npos, Fault::Input, origin, " is not a text table (it holds zero bytes)");
  CsvReader            reader{ text, origin, separator };
  std::vector<TextRow> rows;
  while (!reader.Ended())
  {
    TextRow row{ reader.line, {} };
    row.cells = reader.Row();
    if (row.cells.size() > 1 || !row.cells.front().empty())
      rows.push_back(std::move(row));
  }
  return rows;
}

Table::Table(std::vector<std::string> columns)
  : m_Columns(std::move(columns))
{}

Table Table::Read(const std::filesystem::path & file)
{
  return Parse(ReadTextFile(file), "'" + file.string() + "'");
}

Table Table::Parse(std::string_view text, const std::string & origin)
{
  if (text.starts_with("\xEF\xBB\xBF"))
    text.remove_prefix(3);
  auto rows = ParseRows(text, origin);
  Require(!rows.empty(), Fault::Input, origin, " is empty; a line of column names is expected");
  Table table(std::move(rows.front().cells));
  table.m_Origin = origin;
  for (auto column = table.m_Columns.begin(); column != table.m_Columns.end(); ++column)
    Require(std::find(table.m_Columns.begin(), column, *column) == column, Fault::Input,
            origin, ": the column '", *column, "' stands twice");
  for (std::size_t i = 1; i < rows.size(); ++i)
  {
    Require(rows[i].cells.size() == table.m_Columns.size(), Fault::Input, origin, ", line ", rows[i].line, ": ",
            rows[i].cells.size(), " cells; the header has ", table.m_Columns.size());
    table.m_Rows.push_back(std::move(rows[i].cells));
  }
  return table;
}

std::string Table::ToText() const
{
  std::string text = Line(m_Columns);
  for (const auto & row : m_Rows)
    text += Line(row);
  return text;
}

void Table::Write(const std::filesystem::path & file) const { WriteTextFile(file, ToText()); }

std::optional<std::size_t> Table::Find(std::string_view column) const
{
  const auto found = std::find(m_Columns.begin(), m_Columns.end(), column);
  if (found == m_Columns.end())
    return std::nullopt;
  return static_cast<std::size_t>(found - m_Columns.begin());
}

std::size_t Table::Column(std::string_view column) const
{
  const auto found = Find(column);
  Require(found.has_value(), Fault::Input, m_Origin.empty() ? "the table" : m_Origin, " has no column '", column,
          "'; it has ", Join(m_Columns, ", "));
  return *found;
}

double Table::Number(std::size_t row, std::string_view column) const
{
  const auto & cell = At(row, column);
  const auto   number = ParseDouble(cell);
  Require(number.has_value(), Fault::Input, m_Origin, ", row ", row + 1, ", column '", column, "': '", cell,
          "' is not a number");
  return *number;
}

void Table::AddRow(std::vector<std::string> row)
{
  Require(row.size() == m_Columns.size(), Fault::Internal, "a row of ", row.size(), " cells for ", m_Columns.size(),
          " columns");
  m_Rows.push_back(std::move(row));
}

std::size_t Table::AddColumn(const std::string & column)
{
  if (const auto found = Find(column))
    return *found;
  m_Columns.push_back(column);
  for (auto & row : m_Rows)
    row.emplace_back();
  return m_Columns.size() - 1;
}

} // namespace serval
