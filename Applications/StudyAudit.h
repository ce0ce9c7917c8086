#pragma once
// What a study read: cases of the manifest, and the volumes and patches of its cache, for the page.

#include "serval/Cache/PatchCache.h"
#include "serval/Core/Error.h"
#include "serval/Core/Table.h"
#include "serval/Core/Text.h"
#include "serval/Report/Report.h"
#include "serval/Study/StudyFile.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace serval
{

/// Least, median and greatest of a quantity, in words.
inline std::string RangeInWords(std::vector<double> values)
{
  std::sort(values.begin(), values.end());
  const auto text = [](double value) { return FormatNumber(std::round(value * 1000) / 1000); };
  return values.front() == values.back() ? text(values.front()) : Concat(text(values.front()), " to ", text(values.back()), ", median ", text(values[values.size() / 2]));
}

/// The same along x, y and z.
inline std::string RangesInWords(const std::array<std::vector<double>, 3> & axes, const std::string & unit)
{
  return Concat("x ", RangeInWords(axes[0]), "; y ", RangeInWords(axes[1]), "; z ", RangeInWords(axes[2]), " ", unit);
}

/// Cases and patients of a target's manifests.
inline CohortCounts CohortOf(const StudyTarget & target)
{
  CohortCounts          counts;
  std::set<std::string> patients;
  for (const auto & file : { target.manifest, target.testManifest })
  {
    if (file.extension() != ".csv" || !std::filesystem::exists(file))
      continue;
    const auto table = Table::Read(file);
    const auto column = table.Find("patient") ? table.Find("patient") : table.Find("case");
    for (std::size_t row = 0; column && row < table.Rows(); ++row)
      patients.insert(table.At(row, *column));
    counts.cases += table.Rows();
  }
  counts.patients = patients.size();
  return counts;
}

/// Volumes whose voxels are equal though their patients are not: they would stand on both sides of a split.
inline std::string SharedImages(const PatchCache & cache)
{
  std::map<std::string, std::set<std::string>> patientsOf;
  for (const auto & one : cache.Cases())
    patientsOf[one.sourceFingerprint].insert(one.patient);
  const auto shared = std::count_if(patientsOf.begin(), patientsOf.end(), [](const auto & one) { return one.second.size() > 1; });
  return shared == 0 ? "none" : Concat(shared, " images stand under several patients: the patients cannot be kept apart");
}

inline std::string ModalitiesOf(const PatchCache & cache)
{
  std::map<std::string, std::size_t> counts;
  for (const auto & one : cache.Cases())
    ++counts[one.modality.empty() ? "not said by the files" : one.modality];
  std::vector<std::string> words;
  for (const auto & [modality, count] : counts)
    words.push_back(Concat(modality, " ", count));
  return Join(words, ", ");
}

inline std::string PatchesByClass(const PatchCache & cache)
{
  const auto &                       names = cache.Description().classNames;
  std::map<std::string, std::size_t> counts;
  for (const auto & patch : cache.Patches())
    ++counts[patch.classIndex < 0 ? "without a class" : names[static_cast<std::size_t>(patch.classIndex)]];
  std::vector<std::string> words;
  for (const auto & [name, count] : counts)
    words.push_back(Concat(name, " ", count));
  return Join(words, ", ");
}

/// Size, spacing and intensities of the volumes; nothing for caches that did not store them, and for sets of 2D images.
inline void AddVolumeFacts(const PatchCache & cache, std::vector<std::pair<std::string, std::string>> & facts)
{
  std::array<std::vector<double>, 3> size, spacing;
  std::vector<double>                low, high;
  for (const auto & one : cache.Cases())
  {
    if (one.volume.x == 0)
      continue;
    const std::array<double, 3> voxels{ double(one.volume.x), double(one.volume.y), double(one.volume.z) }, edges{ one.volumeSpacing.x, one.volumeSpacing.y, one.volumeSpacing.z };
    for (std::size_t axis = 0; axis < 3; ++axis)
    {
      size[axis].push_back(voxels[axis]);
      spacing[axis].push_back(edges[axis]);
    }
    low.push_back(one.intensity.front().low);
    high.push_back(one.intensity.front().high);
  }
  if (low.empty())
    return;
  facts.emplace_back("Size of the volumes", RangesInWords(size, "voxels"));
  facts.emplace_back("Size of a voxel", RangesInWords(spacing, "mm"));
  facts.emplace_back("Intensity of each volume, percentile 0.5", RangeInWords(low));
  facts.emplace_back("Intensity of each volume, percentile 99.5", RangeInWords(high));
}

/// What is known of a target's images and patches.
inline std::vector<std::pair<std::string, std::string>> FactsOf(const std::filesystem::path & folder)
{
  const PatchCache                                 cache(folder);
  const auto &                                     d = cache.Description();
  std::vector<std::pair<std::string, std::string>> facts{ { "Images read", std::to_string(cache.Cases().size()) }, { "Modality", ModalitiesOf(cache) } };
  AddVolumeFacts(cache, facts);
  facts.emplace_back("Patches", Concat(cache.Patches().size(), " of ", ToText(d.patch), " voxels, sampler ", d.sampler));
  facts.emplace_back("Patches by class", PatchesByClass(cache));
  facts.emplace_back("Equal images of different patients", SharedImages(cache));
  return facts;
}

} // namespace serval
