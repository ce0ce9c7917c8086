#include "serval/Dataset/Spreadsheet.h"

#include "Workbook.h"
#include "serval/Core/AtomicFile.h"
#include "serval/Core/Error.h"
#include "serval/Core/PathDisplay.h"
#include "serval/Core/Text.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace serval
{
namespace
{

using Rows = std::vector<TextRow>;

void AppendUtf8(std::string & text, std::uint32_t code)
{
  const auto tail = [&](int shift) { text += static_cast<char>(0x80 | ((code >> shift) & 0x3F)); };
  if (code < 0x80)
    text += static_cast<char>(code);
  else if (code < 0x800)
    text += static_cast<char>(0xC0 | (code >> 6)), tail(0);
  else if (code < 0x10000)
    text += static_cast<char>(0xE0 | (code >> 12)), tail(6), tail(0);
  else
    text += static_cast<char>(0xF0 | (code >> 18)), tail(12), tail(6), tail(0);
}

std::string FromUtf16(std::string_view bytes, bool isBigEndian)
{
  const auto unit = [&](std::size_t i) {
    const auto low = static_cast<unsigned char>(bytes[2 * i + (isBigEndian ? 1 : 0)]);
    const auto high = static_cast<unsigned char>(bytes[2 * i + (isBigEndian ? 0 : 1)]);
    return static_cast<std::uint32_t>(high << 8 | low);
  };
  const std::size_t units = bytes.size() / 2;
  std::string       text;
  for (std::size_t i = 0; i < units; ++i)
  {
    std::uint32_t code = unit(i);
    if (code >= 0xD800 && code < 0xDC00 && i + 1 < units)
      code = 0x10000 + ((code - 0xD800) << 10) + (unit(++i) - 0xDC00);
    AppendUtf8(text, code);
  }
  return text;
}

bool IsUtf8(std::string_view text)
{
  for (std::size_t i = 0; i < text.size();)
  {
    const auto first = static_cast<unsigned char>(text[i++]);
    const int  tail = first < 0x80 ? 0 : first >= 0xC2 && first < 0xE0 ? 1 : first >= 0xE0 && first < 0xF0 ? 2
                                                                     : first >= 0xF0 && first < 0xF5 ? 3
                                                                                                     : -1;
    if (tail < 0)
      return false;
    for (int k = 0; k < tail; ++k)
      if (i == text.size() || (static_cast<unsigned char>(text[i++]) & 0xC0) != 0x80)
        return false;
  }
  return true;
}

// Windows-1252, which is Latin-1 but for 0x80 to 0x9F.
std::string FromLatin(std::string_view bytes)
{
  static constexpr std::array<std::uint16_t, 32> windows{
    0x20AC, 0x81,   0x201A, 0x192,  0x201E, 0x2026, 0x2020, 0x2021, 0x2C6, 0x2030, 0x160, 0x2039, 0x152, 0x8D, 0x17D, 0x8F,
    0x90,   0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x2DC, 0x2122, 0x161, 0x203A, 0x153, 0x9D, 0x17E, 0x178
  };
  std::string text;
  for (const char byte : bytes)
  {
    const auto code = static_cast<unsigned char>(byte);
    AppendUtf8(text, code >= 0x80 && code < 0xA0 ? windows[code - 0x80U] : code);
  }
  return text;
}

std::string AsUtf8(std::string_view bytes)
{
  const auto hasZeroAt = [&](std::size_t i) { return bytes.size() > 3 && bytes[i] == '\0' && bytes[i + 2] == '\0'; };
  if (bytes.starts_with("\xFF\xFE") || hasZeroAt(1))
    return FromUtf16(bytes.substr(bytes.starts_with("\xFF\xFE") ? 2 : 0), false);
  if (bytes.starts_with("\xFE\xFF") || hasZeroAt(0))
    return FromUtf16(bytes.substr(bytes.starts_with("\xFE\xFF") ? 2 : 0), true);
  if (bytes.starts_with("\xEF\xBB\xBF"))
    bytes.remove_prefix(3);
  return IsUtf8(bytes) ? std::string(bytes) : FromLatin(bytes);
}

// CR and CRLF become LF, no-break spaces become blanks.
std::string WithPlainBlanks(const std::string & text)
{
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i)
    if (text[i] == '\r')
      plain.append(i + 1 < text.size() && text[i + 1] == '\n' ? "" : "\n");
    else if (text.compare(i, 2, "\xC2\xA0") == 0)
      plain += ' ', ++i;
    else
      plain += text[i];
  return plain;
}

// The separator that stands most often in the first line, outside of quotes.
char SeparatorOf(std::string_view text)
{
  std::array<std::pair<int, char>, 3> counts{ { { 0, '\t' }, { 0, ';' }, { 0, ',' } } };
  bool                                isQuoted = false;
  for (const char c : text)
  {
    isQuoted = isQuoted != (c == '"');
    if (c == '\n' && !isQuoted)
      break;
    for (auto & [count, separator] : counts)
      count += !isQuoted && c == separator;
  }
  return std::max_element(counts.begin(), counts.end(), [](auto a, auto b) { return a.first < b.first; })->second;
}

// The rows of separated text, and its separator.
std::pair<Rows, char> ReadText(std::string_view bytes, const std::string & origin)
{
  std::string text = WithPlainBlanks(AsUtf8(bytes));
  text.erase(0, text.find_first_not_of(" \n"));
  char separator = SeparatorOf(text);
  if (text.size() > 5 && text.starts_with("sep=") && (text[5] == '\n'))
  {
    separator = text[4];
    text.erase(0, 6);
  }
  return { ParseRows(text, origin, separator), separator };
}

void DropEmptyEnds(Rows & rows)
{
  for (auto & row : rows)
    while (!row.cells.empty() && row.cells.back().empty())
      row.cells.pop_back();
  std::erase_if(rows, [](const TextRow & row) { return row.cells.empty(); });
}

Table TableOf(Rows rows, const std::string & origin)
{
  DropEmptyEnds(rows);
  Require(!rows.empty(), Fault::Input, origin, " is empty; a row of column names is expected");
  const auto & names = rows.front().cells;
  for (std::size_t i = 0; i < names.size(); ++i)
  {
    const auto first = static_cast<std::size_t>(std::find(names.begin(), names.end(), names[i]) - names.begin());
    Require(!names[i].empty(), Fault::Input, origin, ": column ", i + 1, " has no name; the first row must name the columns");
    Require(first == i, Fault::Input, origin, ": columns ", first + 1, " and ", i + 1, " have the same name");
  }
  Table table(names);
  for (std::size_t i = 1; i < rows.size(); ++i)
  {
    auto & cells = rows[i].cells;
    Require(cells.size() <= names.size(), Fault::Input, origin, ", line ", rows[i].line, ": ", cells.size(),
            " cells; the header has ", names.size(), "; quote the cells that hold the separator");
    cells.resize(names.size());
    table.AddRow(std::move(cells));
  }
  return table;
}

// The number with a dot, of a text with one decimal comma; nothing when it is none.
std::optional<std::string> WithDot(std::string text)
{
  if (const auto comma = text.find(','); comma != std::string::npos)
    text[comma] = '.';
  return ParseDouble(text) ? std::optional(text) : std::nullopt;
}

void TurnDecimalCommas(Table & table)
{
  for (std::size_t column = 0; column < table.Columns().size(); ++column)
  {
    bool isNumeric = true, hasComma = false;
    for (std::size_t row = 0; row < table.Rows(); ++row)
    {
      const auto & cell = table.At(row, column);
      isNumeric = isNumeric && (cell.empty() || WithDot(cell));
      hasComma = hasComma || cell.find(',') != std::string::npos;
    }
    for (std::size_t row = 0; isNumeric && hasComma && row < table.Rows(); ++row)
      if (const auto number = WithDot(table.At(row, column)))
        table.Set(row, column, *number);
  }
}

} // namespace

Table ReadSpreadsheet(const std::filesystem::path & file)
{
  const std::string origin = "the spreadsheet '" + Shown(file) + "'";
  std::error_code   failure;
  Require(std::filesystem::is_regular_file(file, failure), Fault::Input, origin, " does not exist or is not a file");
  const std::string bytes = ReadTextFile(file, 256U << 20);
  if (IsWorkbook(bytes))
    return TableOf(ReadWorkbook(bytes, origin), origin);
  Require(!bytes.starts_with("\xD0\xCF\x11\xE0"), Fault::Input, origin,
          " is an old or encrypted workbook; save it as CSV (UTF-8) or .xlsx without a password");
  auto [rows, separator] = ReadText(bytes, origin);
  Table table = TableOf(std::move(rows), origin);
  if (separator != ',')
    TurnDecimalCommas(table);
  return table;
}

} // namespace serval
