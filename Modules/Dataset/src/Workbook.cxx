#include "Workbook.h"

#include "serval/Core/Error.h"
#include "serval/Core/Text.h"

#include <orcus/orcus_ods.hpp>
#include <orcus/orcus_xlsx.hpp>
#include <orcus/spreadsheet/import_interface.hpp>

#include <algorithm>
#include <cmath>
#include <exception>
#include <map>
#include <utility>

namespace serval
{
namespace
{

namespace iface = orcus::spreadsheet::iface;
using orcus::spreadsheet::col_t;
using orcus::spreadsheet::row_t;
using orcus::spreadsheet::sheet_t;

/// The strings that cells name by their number.
class SharedStrings final : public iface::import_shared_strings
{
public:
  size_t append(std::string_view text) override
  {
    m_Strings.emplace_back(text);
    return m_Strings.size() - 1;
  }
  size_t add(std::string_view text) override { return append(text); }
  void   set_segment_font(size_t) override {}
  void   set_segment_bold(bool) override {}
  void   set_segment_italic(bool) override {}
  void   set_segment_font_name(std::string_view) override {}
  void   set_segment_font_size(double) override {}
  void   set_segment_font_color(orcus::spreadsheet::color_elem_t, orcus::spreadsheet::color_elem_t,
                                orcus::spreadsheet::color_elem_t, orcus::spreadsheet::color_elem_t) override
  {}
  void   append_segment(std::string_view text) override { m_Segments += text; }
  size_t commit_segments() override { return append(std::exchange(m_Segments, {})); }

  const std::string & At(std::size_t index) const { return m_Strings.at(index); }

private:
  std::vector<std::string> m_Strings;
  std::string              m_Segments;
};

/// The result that is stored with a formula.
class FormulaResult final : public iface::import_formula
{
public:
  explicit FormulaResult(iface::import_sheet & sheet)
    : m_Sheet(sheet)
  {}
  void set_position(row_t row, col_t column) override { m_Row = row, m_Column = column; }
  void set_formula(orcus::spreadsheet::formula_grammar_t, std::string_view) override {}
  void set_shared_formula_index(size_t) override {}
  void set_result_string(std::string_view text) override { m_Sheet.set_auto(m_Row, m_Column, text); }
  void set_result_value(double value) override { m_Sheet.set_value(m_Row, m_Column, value); }
  void set_result_bool(bool value) override { m_Sheet.set_bool(m_Row, m_Column, value); }
  void set_result_empty() override {}
  void commit() override {}

private:
  iface::import_sheet & m_Sheet;
  row_t                 m_Row = 0;
  col_t                 m_Column = 0;
};

struct Cell
{
  std::string text;
  long long   shared = -1; ///< number of a shared string
};

class Sheet final : public iface::import_sheet
{
public:
  void set_auto(row_t row, col_t column, std::string_view text) override { Set(row, column, { std::string(text), -1 }); }
  void set_string(row_t row, col_t column, orcus::spreadsheet::string_id_t index) override
  {
    Set(row, column, { {}, static_cast<long long>(index) });
  }
  void set_value(row_t row, col_t column, double value) override
  {
    Set(row, column, { CellText(value), -1 });
  }
  void set_bool(row_t row, col_t column, bool value) override { Set(row, column, { value ? "TRUE" : "FALSE", -1 }); }
  void set_date_time(row_t row, col_t column, int year, int month, int day, int, int, double) override
  {
    const auto two = [](int number) { return (number < 10 ? "0" : "") + std::to_string(number); };
    Set(row, column, { std::to_string(year) + "-" + two(month) + "-" + two(day), -1 });
  }
  void set_format(row_t, col_t, size_t) override {}
  void set_format(row_t, col_t, row_t, col_t, size_t) override {}
  void fill_down_cells(row_t row, col_t column, row_t count) override
  {
    const auto source = m_Cells.find({ row, column });
    for (row_t i = 1; source != m_Cells.end() && i <= count; ++i)
      Set(row + i, column, Cell(source->second));
  }
  orcus::spreadsheet::range_size_t get_sheet_size() const override { return { maximumRows, maximumColumns }; }
  iface::import_formula *          get_formula() override { return &m_Formula; }

  std::vector<TextRow> Rows(const SharedStrings & strings) const
  {
    std::vector<TextRow> rows;
    for (const auto & [place, cell] : m_Cells)
    {
      const std::string text = Trim(cell.shared < 0 ? cell.text : strings.At(static_cast<std::size_t>(cell.shared)));
      if (text.empty())
        continue;
      const auto line = static_cast<std::size_t>(place.first) + 1;
      if (rows.empty() || rows.back().line != line)
        rows.push_back({ line, {} });
      rows.back().cells.resize(static_cast<std::size_t>(place.second));
      rows.back().cells.push_back(text);
    }
    return rows;
  }

private:
  void Set(row_t row, col_t column, Cell cell)
  {
    Require(row >= 0 && row < maximumRows && column >= 0 && column < maximumColumns, Fault::Input, "a cell lies outside the sheet");
    m_Cells[{ row, column }] = std::move(cell);
  }

  std::map<std::pair<row_t, col_t>, Cell> m_Cells;
  FormulaResult                           m_Formula{ *this };
};

/// Takes the cells of the first sheet; the others are read into nothing.
class Factory final : public iface::import_factory
{
public:
  iface::import_shared_strings * get_shared_strings() override { return &m_Strings; }
  iface::import_sheet *          append_sheet(sheet_t index, std::string_view name) override
  {
    m_Names[std::string(name)] = index;
    return get_sheet(index);
  }
  iface::import_sheet * get_sheet(std::string_view name) override
  {
    const auto found = m_Names.find(std::string(name));
    return found == m_Names.end() ? nullptr : get_sheet(found->second);
  }
  iface::import_sheet * get_sheet(sheet_t index) override { return &m_Sheets[index]; }
  void                  finalize() override {}

  std::vector<TextRow> Rows() { return m_Sheets[0].Rows(m_Strings); }

private:
  SharedStrings                  m_Strings;
  std::map<sheet_t, Sheet>       m_Sheets;
  std::map<std::string, sheet_t> m_Names;
};

} // namespace

bool IsWorkbook(const std::string & bytes) { return bytes.starts_with("PK\x03\x04"); }

std::string CellText(double value)
{
  const bool isWhole = std::abs(value) < 1e15 && value == std::floor(value);
  return isWhole ? FormatFixed(value, 0) : FormatNumber(value);
}

std::vector<TextRow> ReadWorkbook(const std::string & bytes, const std::string & origin)
{
  const auto * data = reinterpret_cast<const unsigned char *>(bytes.data());
  bool         isWorkbook = false;
  try
  {
    if (isWorkbook = orcus::orcus_xlsx::detect(data, bytes.size()); isWorkbook)
      return ReadExcelWorkbook(bytes);
    if (isWorkbook = orcus::orcus_ods::detect(data, bytes.size()); isWorkbook)
    {
      Factory          factory;
      orcus::orcus_ods filter(&factory);
      filter.read_stream(bytes);
      return factory.Rows();
    }
  }
  catch (const std::exception &) // its text may quote a cell
  {}
  Fail(Fault::Input, origin, isWorkbook ? " is a damaged workbook" : " is no .xlsx or .ods workbook", "; open it in a spreadsheet program and save it as CSV (UTF-8)");
}

} // namespace serval
