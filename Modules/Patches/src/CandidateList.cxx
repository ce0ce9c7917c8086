#include "serval/Patches/PointList.h"

#include "serval/Core/AtomicFile.h"
#include "serval/Core/Error.h"
#include "serval/Core/PathDisplay.h"
#include "serval/Core/Table.h"
#include "serval/Core/Text.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cctype>
#include <cmath>

namespace serval
{
namespace
{

namespace fs = std::filesystem;

std::optional<Coordinates> KnownCoordinates(std::string text)
{
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return char(std::toupper(c)); });
  // Slicer before 4.11 wrote the number of its enumeration.
  return text == "LPS" || text == "1"   ? std::optional(Coordinates::Lps)
         : text == "RAS" || text == "0" ? std::optional(Coordinates::Ras)
         : text == "IJK" || text == "2" ? std::optional(Coordinates::Index)
                                        : std::nullopt;
}

// LPS and RAS differ in the sign of their first two numbers.
Point Turned(const Point & p, Coordinates coordinates)
{
  return coordinates == Coordinates::Ras ? Point{ -p[0], -p[1], p[2] } : p;
}

std::string CellOf(const Table & table, std::size_t row, std::string_view column)
{
  const auto at = table.Find(column);
  return at ? Trim(table.At(row, *at)) : std::string();
}

Point PointOf(const Table & table, std::size_t row, const std::string & before)
{
  const Point point{ table.Number(row, before + "x"), table.Number(row, before + "y"),
                     table.Number(row, before + "z") };
  Require(std::isfinite(point[0]) && std::isfinite(point[1]) && std::isfinite(point[2]), Fault::Input, table.Origin(),
          ", row ", row + 1, ": ", before, "x, ", before, "y and ", before, "z must be finite numbers");
  return point;
}

Candidate CandidateOf(const Table & table, std::size_t row, Coordinates usual)
{
  Candidate  one{ PointOf(table, row, ""), usual, CellOf(table, row, "id"), CellOf(table, row, "label"), {} };
  const auto stated = CellOf(table, row, "coordinates");
  const auto known = KnownCoordinates(stated);
  Require(stated.empty() || known, Fault::Input, table.Origin(), ", row ", row + 1, ": the coordinates '", stated,
          "' are unknown; LPS, ", "RAS or IJK is expected");
  one.coordinates = known.value_or(usual);
  if (!CellOf(table, row, "direction_x").empty())
  {
    Require(one.coordinates != Coordinates::Index, Fault::Input, table.Origin(), ", row ", row + 1,
            ": a direction needs LPS or RAS");
    one.direction = PointOf(table, row, "direction_");
  }
  return one;
}

void AddTable(const Table & table, const std::string & fileCase, Coordinates usual, CandidateLists & lists)
{
  for (std::size_t row = 0; row < table.Rows(); ++row)
    lists[fileCase.empty() ? table.At(row, "case") : fileCase].push_back(CandidateOf(table, row, usual));
}

std::vector<Candidate> ReadMarkups(const fs::path & file)
{
  std::vector<Candidate> candidates;
  try
  {
    const auto json = nlohmann::json::parse(ReadTextFile(file));
    for (const auto & markup : json.at("markups"))
    {
      const auto stated = markup.value("coordinateSystem", std::string());
      const auto known = KnownCoordinates(stated);
      Require(known && *known != Coordinates::Index, Fault::Input, "'", Shown(file), "' states the coordinate system '",
              stated, "'; LPS or RAS is expected");
      for (const auto & point : markup.at("controlPoints"))
        if (point.value("positionStatus", std::string("defined")) == "defined")
          candidates.push_back({ point.at("position").get<Point>(),
                                 *known,
                                 point.value("id", std::string()),
                                 point.value("label", std::string()),
                                 {} });
    }
  }
  catch (const nlohmann::json::exception &)
  {
    Fail(Fault::Input, "'", Shown(file),
         "' is no markups file of Slicer: markups with controlPoints of three numbers are expected");
  }
  return candidates;
}

// "# CoordinateSystem = LPS", "# columns = id,x,y,z,...,label,...", then a row a point.
std::vector<Candidate> ReadFcsv(const fs::path & file)
{
  std::optional<Coordinates> known;
  std::string                table;
  for (const auto & line : Split(ReadTextFile(file), '\n'))
  {
    const auto equal = line.find('=');
    if (!line.starts_with('#'))
      table += line + "\n";
    else if (line.find("CoordinateSystem") != std::string::npos && equal != std::string::npos)
      known = KnownCoordinates(Trim(line.substr(equal + 1)));
    else if (line.find("columns") != std::string::npos && equal != std::string::npos)
      table = Trim(line.substr(equal + 1)) + "\n" + table;
  }
  Require(known && *known != Coordinates::Index, Fault::Input, "'", Shown(file),
          "' does not state '# CoordinateSystem = LPS' or RAS");
  CandidateLists lists;
  AddTable(Table::Parse(table, Shown(file)), "-", *known, lists);
  return lists["-"];
}

bool HasEnding(const fs::path & file, std::string_view ending) { return file.filename().string().ends_with(ending); }

bool IsMarkups(const fs::path & file) { return HasEnding(file, ".mrk.json") || HasEnding(file, ".fcsv") || HasEnding(file, ".json"); }

void AddFile(const fs::path & file, Coordinates tables, CandidateLists & lists)
{
  for (const char * ending : { ".mrk.json", ".fcsv", ".csv" })
    if (HasEnding(file, ending))
    {
      const auto name = file.filename().string();
      lists[name.substr(0, name.size() - std::string_view(ending).size())] = ReadPoints(file, tables);
      return;
    }
}

} // namespace

std::string ToText(Coordinates coordinates)
{
  return coordinates == Coordinates::Lps ? "LPS" : coordinates == Coordinates::Ras ? "RAS" : "IJK";
}

Coordinates CoordinatesFrom(const std::string & text)
{
  const auto known = KnownCoordinates(text);
  Require(known.has_value(), Fault::Usage, "the coordinates '", text, "' are unknown; there are: LPS, RAS, IJK");
  return *known;
}

Point Candidate::PointIn(const Geometry & volume) const
{
  return coordinates == Coordinates::Index ? volume.PointAt(position[0], position[1], position[2])
                                           : Turned(position, coordinates);
}

std::optional<Point> Candidate::DirectionInLps() const
{
  return direction ? std::optional(Turned(*direction, coordinates)) : std::nullopt;
}

CandidateLists ReadCandidates(const fs::path & path, Coordinates tables)
{
  CandidateLists lists;
  if (!fs::is_directory(path))
  {
    Require(!IsMarkups(path), Fault::Usage, "'", Shown(path),
            "' holds the points of one case; ", "give a folder with one file CASE.mrk.json or CASE.fcsv for each case");
    AddTable(Table::Read(path), "", tables, lists);
    return lists;
  }
  for (const auto & entry : fs::directory_iterator(path))
    AddFile(entry.path(), tables, lists);
  Require(!lists.empty(), Fault::Input, "the folder '", Shown(path), "' holds no CASE.csv, CASE.mrk.json or CASE.fcsv");
  return lists;
}

std::vector<Candidate> ReadPoints(const fs::path & file, Coordinates tables)
{
  if (HasEnding(file, ".fcsv"))
    return ReadFcsv(file);
  if (IsMarkups(file))
    return ReadMarkups(file);
  CandidateLists lists;
  AddTable(Table::Read(file), "-", tables, lists);
  return lists["-"];
}

} // namespace serval
