// Excel's workbooks by liborcus's XML parser: its own import (0.17) drops what openpyxl and pandas write, targets from the
// archive's root and strings within cells. The parts: ECMA-376, 5th edition, part 1, 12.3 and 18.3.
#include "Workbook.h"

#include "serval/Core/Error.h"
#include "serval/Core/Text.h"
#include "serval/Core/ZipArchive.h"

#include <orcus/sax_parser.hpp>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <utility>

namespace serval
{
namespace
{

using Attributes = std::map<std::string, std::string>;

/// Tells elements and attributes by their names without namespaces; with its end an element has the text that came since
/// the last beginning or end.
class Walker : public orcus::sax_handler
{
public:
  std::function<void(const std::string & name, const Attributes & attributes)> begin = [](const auto &, const auto &) {};
  std::function<void(const std::string & name, const std::string & text)>      end = [](const auto &, const auto &) {};

  void attribute(const orcus::sax::parser_attribute & a) { m_Attributes[std::string(a.name)] = a.value; }
  void start_element(const orcus::sax::parser_element & element)
  {
    begin(std::string(element.name), std::exchange(m_Attributes, {}));
    m_Text.clear();
  }
  void characters(std::string_view text, bool) { m_Text += text; }
  void end_element(const orcus::sax::parser_element & element)
  {
    end(std::string(element.name), m_Text);
    m_Text.clear();
  }
  void end_declaration(std::string_view) { m_Attributes.clear(); }

  void Walk(const ZipArchive & archive, const std::string & part)
  {
    const auto                xml = archive.Read(part);
    orcus::sax_parser<Walker> parser(reinterpret_cast<const char *>(xml.data()), xml.size(), *this);
    parser.parse();
  }

private:
  Attributes  m_Attributes;
  std::string m_Text;
};

std::string Value(const Attributes & attributes, const std::string & name)
{
  const auto found = attributes.find(name);
  return found == attributes.end() ? std::string() : found->second;
}

/// What a part refers to: its type's last word and its part, by its number.
struct Relation
{
  std::string type, part;
};
std::map<std::string, Relation> RelationsOf(const ZipArchive & archive, const std::filesystem::path & part)
{
  std::map<std::string, Relation> relations;
  const auto                      list = (part.parent_path() / "_rels" / (part.filename().string() + ".rels")).string();
  Walker                          walker;
  walker.begin = [&](const std::string & name, const Attributes & attributes) {
    const auto type = Value(attributes, "Type"), target = Value(attributes, "Target");
    if (name != "Relationship" || target.empty())
      return;
    const auto whole = target.front() == '/' ? std::filesystem::path(target.substr(1)) : part.parent_path() / target;
    relations[Value(attributes, "Id")] = { type.substr(type.rfind('/') + 1), whole.lexically_normal().string() };
  };
  if (archive.Has(list))
    walker.Walk(archive, list);
  return relations;
}

/// The first part of a type; none where there is no such.
std::optional<std::string> PartOf(const std::map<std::string, Relation> & relations, const std::string & type)
{
  const auto found = std::ranges::find_if(relations, [&](const auto & entry) { return entry.second.type == type; });
  return found == relations.end() ? std::nullopt : std::optional(found->second.part);
}

/// The strings that cells name by their number; what tells how a word sounds is left out.
std::vector<std::string> SharedStrings(const ZipArchive & archive, const std::string & part)
{
  std::vector<std::string> strings;
  bool                     isSound = false;
  Walker                   walker;
  walker.begin = [&](const std::string & name, const Attributes &) {
    if (name == "si")
      strings.emplace_back();
    isSound = isSound || name == "rPh";
  };
  walker.end = [&](const std::string & name, const std::string & text) {
    if (name == "t" && !isSound && !strings.empty())
      strings.back() += text;
    isSound = isSound && name != "rPh";
  };
  walker.Walk(archive, part);
  return strings;
}

/// The column of a reference as `BC12`, from 0.
std::optional<std::size_t> ColumnOf(const std::string & reference)
{
  std::size_t column = 0;
  for (const char c : reference)
    if (c >= 'A' && c <= 'Z')
      column = std::min<std::size_t>(26 * column + static_cast<std::size_t>(c - 'A' + 1), maximumColumns + 1);
  return column == 0 ? std::nullopt : std::optional(column - 1);
}

std::size_t Number(const std::string & text, std::size_t otherwise)
{
  const auto number = ParseInteger(text);
  return number && *number >= 0 ? static_cast<std::size_t>(*number) : otherwise;
}

/// The text of a cell of a type; `written` stands in it.
std::string TextOf(const std::string & type, const std::string & written, const std::vector<std::string> & strings)
{
  if (type == "s")
  {
    const auto index = Number(written, strings.size());
    Require(index < strings.size(), Fault::Input, "a cell names a string that is not there");
    return strings[index];
  }
  if (type == "b")
    return written == "1" ? "TRUE" : "FALSE";
  const auto number = type.empty() || type == "n" ? ParseDouble(written) : std::nullopt;
  return number ? CellText(*number) : written;
}

std::vector<TextRow> RowsOf(const ZipArchive & archive, const std::string & part, const std::vector<std::string> & strings)
{
  std::vector<TextRow> rows;
  std::size_t          row = 0, column = 0; // from 1 and from 0; those of the next without a number of its own
  std::string          type, written;
  Walker               walker;
  walker.begin = [&](const std::string & name, const Attributes & attributes) {
    if (name == "row")
    {
      row = Number(Value(attributes, "r"), row + 1);
      column = 0;
    }
    else if (name == "c")
    {
      column = ColumnOf(Value(attributes, "r")).value_or(column);
      type = Value(attributes, "t");
      written.clear();
    }
  };
  walker.end = [&](const std::string & name, const std::string & text) {
    if (name == "v")
      written = text;
    else if (name == "t") // within the cell, in one piece or several
      written += text;
    else if (name == "c")
    {
      Require(row <= maximumRows && column < maximumColumns, Fault::Input, "a cell lies outside the sheet");
      if (const auto cell = written.empty() ? std::string() : Trim(TextOf(type, written, strings)); !cell.empty())
      {
        if (rows.empty() || rows.back().line != row)
          rows.push_back({ row, {} });
        rows.back().cells.resize(std::max(rows.back().cells.size(), column + 1));
        rows.back().cells[column] = cell;
      }
      ++column;
    }
  };
  walker.Walk(archive, part);
  return rows;
}

} // namespace

std::vector<TextRow> ReadExcelWorkbook(const std::string & bytes)
{
  const ZipArchive archive(bytes, "the workbook");
  const auto       workbook = PartOf(RelationsOf(archive, ""), "officeDocument");
  Require(workbook.has_value(), Fault::Input, "the workbook has no first part");
  const auto  relations = RelationsOf(archive, *workbook);
  std::string sheet;
  Walker      walker;
  walker.begin = [&](const std::string & name, const Attributes & attributes) {
    if (const auto found = relations.find(Value(attributes, "id")); name == "sheet" && sheet.empty() && found != relations.end() && found->second.type == "worksheet")
      sheet = found->second.part;
  };
  walker.Walk(archive, *workbook);
  Require(!sheet.empty(), Fault::Input, "the workbook has no sheet");
  const auto strings = PartOf(relations, "sharedStrings");
  return RowsOf(archive, sheet, strings && archive.Has(*strings) ? SharedStrings(archive, *strings) : std::vector<std::string>());
}

} // namespace serval
