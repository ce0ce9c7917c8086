#pragma once

#include "serval/Cache/FeatureFile.h"
#include "serval/Classical/ClassicalModel.h"
#include "serval/Core/Error.h"
#include "serval/Core/PathDisplay.h"
#include "serval/Core/Text.h"

#include <algorithm>
#include <filesystem>
#include <set>

namespace serval
{

/// The layers asked for, or those of `order` that the file has. Fault::Input names those it has when one is missing.
inline std::vector<std::string> ChooseLayers(const FeatureFile & read, const std::filesystem::path & file, const std::vector<std::string> & order,
                                             const std::vector<std::string> & wanted)
{
  std::vector<std::string> chosen, known;
  for (const auto & [name, layer] : read.layers)
    known.push_back(name);
  for (const auto & layer : wanted.empty() ? order : wanted)
    if (!wanted.empty() || read.layers.contains(layer))
      chosen.push_back(layer);
  for (const auto & layer : chosen)
  {
    Require(read.layers.contains(layer), Fault::Input, "'", file.string(), "' has no features of the layer '", layer, "'; it has: ", Join(known, " "));
    Require(std::count(chosen.begin(), chosen.end(), layer) == 1, Fault::Usage, "--layers names '", layer, "' more than once");
  }
  Require(!chosen.empty(), Fault::Input, "'", file.string(), "' has no features of a layer of this network; it has: ", Join(known, " "));
  return chosen;
}

/// Rows of several layers side by side, with the rows' numbers in the file.
struct LabelledRows
{
  FeatureTable             table;
  std::vector<std::size_t> rows;
};

/// The rows of these patients whose class is known, all of them with class -1 as it is where `withUnknown`.
inline LabelledRows JoinLayers(const FeatureFile & read, const std::vector<std::string> & layers, const std::set<std::string> & patients,
                               bool withUnknown = false)
{
  LabelledRows result;
  for (const auto & layer : layers)
    result.table.columns += read.layers.at(layer).width;
  for (std::size_t row = 0; row < read.Rows(); ++row)
  {
    if (!patients.contains(read.patients[row]) || (read.classes[row] < 0 && !withUnknown))
      continue;
    for (const auto & name : layers)
    {
      const auto & layer = read.layers.at(name);
      const auto   first = layer.values.begin() + static_cast<std::ptrdiff_t>(row * layer.width);
      result.table.values.insert(result.table.values.end(), first, first + static_cast<std::ptrdiff_t>(layer.width));
    }
    result.table.classes.push_back(read.classes[row]);
    result.table.groups.push_back(read.patients[row]);
    result.rows.push_back(row);
  }
  return result;
}

} // namespace serval
