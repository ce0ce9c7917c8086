#pragma once

#include "serval/Core/Table.h"

#include <filesystem>
#include <string>
#include <vector>

namespace serval
{

/// One volume with its labels. Paths are absolute; texts that the manifest does not give are empty.
struct Case
{
  std::string           id, patient, className, site, split, source;
  std::filesystem::path image, segmentation, pseudoSegmentation;
  std::vector<std::filesystem::path> furtherChannels; ///< as Manifest::ChannelNames, without the first
  std::string                        timePoint;       ///< rows of one patient are paired by it
};

/// What is wrong with one case, and in which step.
struct Problem
{
  std::string caseId, step, reason;
};

/// The table of cases: `case, patient, image[, segmentation, pseudo_segmentation, class, site, split, source]` as CSV;
/// paths are relative to the manifest. Further channels on the grid of `image` stand in columns `image_NAME`, the time
/// point of a case in `time_point`. Columns whose name begins with `x_` are carried along.
class Manifest
{
public:
  /// Fault::Input for a missing or unknown column, an empty or repeated case, a patient in several splits.
  static Manifest Read(const std::filesystem::path & file);

  const std::vector<Case> & Cases() const { return m_Cases; }
  /// False when there is no patient column: each case is then its own patient.
  bool HasPatients() const { return m_HasPatients; }
  /// Sorted, without empty ones.
  std::vector<std::string> ClassNames() const;
  std::vector<std::string> Patients() const;
  /// `image`, and NAME of each column `image_NAME` in the order of the table.
  std::vector<std::string> ChannelNames() const;

  /// Sets one column of all cases (in their order) and writes the manifest with paths relative to `file`.
  void WriteWith(const std::string & column, const std::vector<std::string> & values,
                 const std::filesystem::path & file) const;

  /// All cases at once: files that are named but missing, columns that are needed but empty.
  std::vector<Problem> Check(const std::vector<std::string> & neededColumns) const;

private:
  Table                 m_Table;
  std::filesystem::path m_Folder;
  std::vector<Case>     m_Cases;
  bool                  m_HasPatients = false;
};

/// Fault::Input listing every problem (the first 20 in words), when there is any.
void RequireNoProblems(const std::vector<Problem> & problems, const std::string & what);

/// `excluded.csv`: case, step, reason.
void WriteExcluded(const std::vector<Problem> & problems, const std::filesystem::path & file);

} // namespace serval
