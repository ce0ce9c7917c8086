#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace serval
{

/// The cells of one row of separated text, without blanks around them, and the line it begins on (from 1).
struct TextRow
{
  std::size_t              line = 0;
  std::vector<std::string> cells;
};
/// The rows of separated text (RFC 4180 quoting, LF or CRLF); rows without text are left out. Fault::Input with
/// `origin` and line when a quote stays open or a zero byte is found.
std::vector<TextRow> ParseRows(std::string_view text, const std::string & origin, char separator = ',');

/// A CSV table: named columns of text. Reads RFC 4180 quoting, a byte order mark and CRLF; writes LF.
class Table
{
public:
  Table() = default;
  explicit Table(std::vector<std::string> columns);

  /// Fault::Input with file and line for a repeated column, a row of another length or an open quote.
  static Table Read(const std::filesystem::path & file);
  static Table Parse(std::string_view text, const std::string & origin);
  std::string  ToText() const;
  void         Write(const std::filesystem::path & file) const;

  const std::vector<std::string> & Columns() const { return m_Columns; }
  std::size_t                      Rows() const { return m_Rows.size(); }
  std::optional<std::size_t>       Find(std::string_view column) const;
  /// Fault::Input naming the columns there are, when `column` is missing.
  std::size_t         Column(std::string_view column) const;
  const std::string & At(std::size_t row, std::size_t column) const { return m_Rows[row][column]; }
  const std::string & At(std::size_t row, std::string_view column) const { return m_Rows[row][Column(column)]; }
  /// The number in a cell; Fault::Input with row and column when it is none.
  double Number(std::size_t row, std::string_view column) const;
  void   Set(std::size_t row, std::size_t column, std::string value) { m_Rows[row][column] = std::move(value); }
  void   AddRow(std::vector<std::string> row);
  /// Index of the column, added at the end (empty cells) when it is new.
  std::size_t         AddColumn(const std::string & column);
  const std::string & Origin() const { return m_Origin; }

private:
  std::vector<std::string>              m_Columns;
  std::vector<std::vector<std::string>> m_Rows;
  std::string                           m_Origin;
};

} // namespace serval
