#pragma once
// The rows of a cohort: those of a spreadsheet, or the segmentations of a folder.

#include "serval/Core/Error.h"
#include "serval/Core/PathDisplay.h"
#include "serval/Dataset/CohortLabels.h"
#include "serval/Dataset/Spreadsheet.h"
#include "serval/Volume/DicomFolder.h"

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace serval
{

using SegmentationFiles = std::map<std::string, std::filesystem::path>; // by the name of what they segment

/// The segmentations below a folder, by their names without endings. Fault::Input for none and for two of one name.
inline SegmentationFiles ListSegmentations(const std::filesystem::path & folder)
{
  SegmentationFiles files;
  for (const auto & entry : std::filesystem::recursive_directory_iterator(folder))
    if (entry.is_regular_file() && IsVolumeFile(entry.path()) && !entry.path().filename().string().starts_with('.'))
      Require(files.emplace(NameOfVolumeFile(entry.path()), entry.path()).second, Fault::Input, "two segmentations have the name of ", Shown(entry.path()),
              "; one for each image is expected");
  Require(!files.empty(), Fault::Input, "the folder of segmentations ", Shown(folder), " holds no NIfTI, NRRD or MetaImage file");
  return files;
}

/// Rows of which each is a segmentation, for cohorts without a spreadsheet.
inline std::vector<CohortLabel> LabelsOf(const SegmentationFiles & files)
{
  std::vector<CohortLabel> labels;
  for (const auto & [name, file] : files)
    labels.push_back({ labels.size() + 1, name, "", "", "", {}, "" });
  return labels;
}

/// The rows of the spreadsheet; those without a segmentation of their name, where there are any, cannot be used.
inline std::vector<CohortLabel> RowsOf(const std::filesystem::path & spreadsheet, const LabelColumns & columns, bool mergesClasses, const SegmentationFiles & files)
{
  Require(!spreadsheet.empty() || !files.empty(), Fault::Usage, "neither --labels nor --segmentations is given; a spreadsheet of classes, a folder of segmentations or both are expected");
  if (spreadsheet.empty())
    return LabelsOf(files);
  auto labels = ReadCohortLabels(ReadSpreadsheet(spreadsheet), columns, mergesClasses);
  for (auto & label : labels)
    if (!files.empty() && label.excluded.empty() && !files.contains(label.id))
      label.excluded = "no segmentation has its name";
  return labels;
}

} // namespace serval
