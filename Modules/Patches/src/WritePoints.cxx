#include "serval/Core/AtomicFile.h"
#include "serval/Core/Error.h"
#include "serval/Core/PathDisplay.h"
#include "serval/Core/Table.h"
#include "serval/Core/Text.h"
#include "serval/Patches/PointList.h"

#include <nlohmann/json.hpp>

namespace serval
{
namespace
{

using Json = nlohmann::ordered_json;

// Slicer's name for the format, by which it knows the file.
constexpr const char * schema =
  "https://raw.githubusercontent.com/slicer/slicer/master/Modules/Loadable/Markups/Resources/Schema/markups-schema-v1.0.3.json#";

struct Placed
{
  Point       point{}; ///< mm, LPS
  std::string id, label;
};

std::string Markups(const std::vector<Placed> & points)
{
  Json list{ { "type", "Fiducial" }, { "coordinateSystem", "LPS" }, { "coordinateUnits", "mm" }, { "controlPoints", Json::array() } };
  for (const auto & one : points)
    list["controlPoints"].push_back({ { "id", one.id }, { "label", one.label }, { "position", one.point }, { "positionStatus", "defined" } });
  return Json{ { "@schema", schema }, { "markups", Json::array({ list }) } }.dump(1) + "\n";
}

Table Tabled(const std::vector<Placed> & points)
{
  Table table({ "x", "y", "z", "label", "id", "coordinates" });
  for (const auto & one : points)
    table.AddRow({ FormatNumber(one.point[0]), FormatNumber(one.point[1]), FormatNumber(one.point[2]), one.label, one.id, "LPS" });
  return table;
}

// The columns that Slicer's reader takes: id, position, orientation, visible, selected, locked, label, description, node.
std::string Fcsv(const std::vector<Placed> & points)
{
  Table table({ "id", "x", "y", "z", "ow", "ox", "oy", "oz", "vis", "sel", "lock", "label", "desc", "associatedNodeID" });
  for (const auto & one : points)
    table.AddRow({ one.id, FormatNumber(one.point[0]), FormatNumber(one.point[1]), FormatNumber(one.point[2]), "0", "0", "0", "1", "1", "1", "0", one.label, "", "" });
  const auto text = table.ToText();
  return "# Markups fiducial file version = 4.11\n# CoordinateSystem = LPS\n# columns = " + text;
}

} // namespace

void WritePoints(const std::vector<Candidate> & points, const std::filesystem::path & file)
{
  std::vector<Placed> placed;
  for (const auto & one : points)
  {
    Require(one.coordinates != Coordinates::Index, Fault::Usage, "a point in voxels has no place without its volume; give it in LPS");
    placed.push_back({ one.PointIn({}), one.id.empty() ? std::to_string(placed.size() + 1) : one.id, one.label });
  }
  const auto name = file.filename().string();
  if (name.ends_with(".json"))
    WriteTextFile(file, Markups(placed));
  else if (name.ends_with(".fcsv"))
    WriteTextFile(file, Fcsv(placed));
  else if (name.ends_with(".csv"))
    Tabled(placed).Write(file);
  else
    Fail(Fault::Usage, "the points ", Shown(file), " have no known extension; .mrk.json, .fcsv or .csv is expected");
}

} // namespace serval
