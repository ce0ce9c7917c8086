#pragma once
// Some rows of a features file.

#include "serval/Cache/FeatureFile.h"
#include "serval/Dataset/Lineage.h"

#include <filesystem>
#include <set>
#include <vector>

namespace serval
{

inline FeatureFile::Layer Chosen(const FeatureFile::Layer & layer, const std::vector<std::size_t> & rows)
{
  FeatureFile::Layer chosen{ layer.width, {} };
  chosen.values.reserve(rows.size() * layer.width);
  for (const auto row : rows)
    chosen.values.insert(chosen.values.end(), layer.values.begin() + static_cast<std::ptrdiff_t>(row * layer.width), layer.values.begin() + static_cast<std::ptrdiff_t>((row + 1) * layer.width));
  return chosen;
}

/// The rows of the patients in `list`, of all where there is none. Files may hold more patients than take part: of a network that serves the whole study, and of one that serves a training.
inline FeatureFile OfPatients(FeatureFile read, const std::filesystem::path & list)
{
  const std::set<std::string> everyone(read.patients.begin(), read.patients.end());
  auto                        wanted = everyone;
  if (!list.empty())
  {
    const auto listed = ReadPatientList(list, { everyone.begin(), everyone.end() });
    wanted = { listed.begin(), listed.end() };
  }
  FeatureFile kept;
  kept.classNames = read.classNames;
  std::vector<std::size_t> rows;
  for (std::size_t row = 0; row < read.Rows(); ++row)
    if (wanted.contains(read.patients[row]))
      rows.push_back(row);
  for (const auto row : rows)
  {
    kept.classes.push_back(read.classes[row]);
    kept.cases.push_back(read.cases[row]);
    kept.patients.push_back(read.patients[row]);
    kept.unitIds.push_back(read.unitIds[row]);
  }
  for (const auto & [name, layer] : read.layers)
    kept.layers[name] = Chosen(layer, rows);
  return kept;
}

} // namespace serval
