#pragma once

#include "serval/PseudoSegmentation/Cohort.h"

#include <filesystem>
#include <string>
#include <vector>

namespace serval
{

/// Fault::Input when a case's id cannot be the name of a file.
void RequireFileName(const std::string & id);

/// The text with the image's path, and what is named below it, as Shown() names them.
std::string WithoutPaths(const std::string & text, const std::filesystem::path & image);

/// The folder of a cohort's pseudo-segmentations.
class CohortFiles
{
public:
  explicit CohortFiles(std::filesystem::path folder);

  const std::filesystem::path & Folder() const { return m_Folder; }
  std::filesystem::path         Labels(const std::string & id) const;
  std::filesystem::path         Record(const std::string & id) const;

  /// Makes the folders. Fault::Usage, before anything is written, when the column holds labels of an expert or a file
  /// would be replaced that is not of an earlier run.
  void Prepare(const Manifest & manifest, const CohortPlan & plan) const;

  /// pseudo-segmentation.csv: one row a case and label.
  void WriteTable(const std::vector<CohortCase> & cases, const CohortPlan & plan) const;
  /// excluded.csv, or none when no case is left out.
  void WriteExcludedCases(const std::vector<CohortCase> & cases, const CohortPlan & plan) const;
  void WriteManifest(const Manifest & manifest, const std::vector<CohortCase> & cases, const CohortPlan & plan) const;

private:
  std::filesystem::path m_Folder;
};

} // namespace serval
