#include "CellShape.h"

#include <algorithm>
#include <array>
#include <filesystem>

namespace serval
{
namespace
{

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 11> nameless{ "--seed", "--steps", "--arm", "--repeat", "--fold", "--rowArm", "--rowRepeat", "--rowFold", "--names", "--title", "--labelNames" };

/// A command line without what differs between cells that take alike.
std::string ShapeOf(const std::vector<std::string> & command)
{
  auto text = fs::path(command.front()).filename().string();
  for (std::size_t i = 1; i < command.size(); ++i)
    if (command[i].find('/') == std::string::npos && std::find(nameless.begin(), nameless.end(), command[i - 1]) == nameless.end())
      text += ' ' + command[i];
  return text + '\n';
}

bool MakesModel(const Cell & cell)
{
  return std::any_of(cell.outputs.begin(), cell.outputs.end(), [](const fs::path & output) { return output.extension() == ".safetensors"; });
}

using Cells = std::map<std::string, const Cell *>;

Cells ByName(const StudyPlan & plan)
{
  Cells cells;
  for (const auto & cell : plan.cells)
    cells[cell.id] = &cell;
  return cells;
}

/// The size of patches that reach a cell through its caches.
std::string SizesOf(const Cells & cells, const Cell & cell)
{
  std::string text;
  for (const auto & command : cell.commands)
    for (std::size_t i = 1; i + 1 < command.size(); ++i)
      if (command[i] == "--size" || command[i] == "--sizeMm" || command[i] == "--scales")
        text += command[i] + ' ' + command[i + 1] + ' ';
  for (const auto & need : cell.needs)
    if (!MakesModel(*cells.at(need)))
      text += SizesOf(cells, *cells.at(need));
  return text;
}

void AddWithNeeds(const Cells & cells, const std::string & id, std::set<std::string> & chosen)
{
  if (chosen.insert(id).second)
    for (const auto & need : cells.at(id)->needs)
      AddWithNeeds(cells, need, chosen);
}

} // namespace

Shapes ShapesOf(const StudyPlan & plan)
{
  const auto cells = ByName(plan);
  Shapes     shapes;
  for (const auto & cell : plan.cells)
  {
    auto & text = shapes[cell.id];
    for (const auto & command : cell.commands)
      text += ShapeOf(command);
    for (const auto & need : cell.needs)
      if (MakesModel(*cells.at(need)))
        text += shapes.at(need);
    text += SizesOf(cells, cell);
  }
  return shapes;
}

std::set<std::string> OneOfEachShape(const StudyPlan & plan, const Shapes & shapes)
{
  const auto            cells = ByName(plan);
  std::set<std::string> seen, chosen;
  for (const auto & cell : plan.cells)
    if (cell.hindrance.empty() && seen.insert(shapes.at(cell.id)).second)
      AddWithNeeds(cells, cell.id, chosen);
  return chosen;
}

} // namespace serval
