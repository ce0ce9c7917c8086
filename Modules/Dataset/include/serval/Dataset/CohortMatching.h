#pragma once

#include "serval/Core/Table.h"
#include "serval/Dataset/CohortLabels.h"
#include "serval/Dataset/Lineage.h"

#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace serval
{

/// One image series that might become a case; filled by whoever reads the images.
struct SeriesCandidate
{
  std::string series; ///< short keyed id, unique among the candidates
  /// Identifying: used for matching and pseudonyms; of all tables only the link table holds them.
  std::string              patientId, studyUid, seriesUid, accessionNumber, studyTime;
  std::vector<std::string> folders;     ///< names of the folders around it, innermost first; identifying as well
  std::string              file;        ///< name of a volume file without its endings; empty for DICOM; identifying as well
  std::string              description; ///< free text: only radiology's own words of it are written
  std::string              modality, size, spacing;
  int                      number = 0, slices = 0;
  std::string              warnings;
  std::string              excluded; ///< why it cannot become a case; empty when it can
};

/// What the ids of the spreadsheet are.
enum class JoinBy
{
  PatientId,
  StudyUid,
  AccessionNumber,
  Folder,
  File
};
/// PatientID, StudyUID, AccessionNumber, folder, file
JoinBy JoinByFrom(const std::string & name);

/// What became of a series or of a row of the spreadsheet.
struct Outcome
{
  std::string status = "unmatched"; ///< used, excluded, unmatched, undecided
  std::string cases, reason;
};

struct CohortCase
{
  std::string id, patient, timePoint; ///< pseudonyms; a time point only for patients with several cases
  std::size_t label = 0, series = 0;  ///< indices
  std::string segmentation = {};      ///< its file in the cohort
};

/// A person's decisions: (case, series) -> whether to use it; an empty series stands for a case without images.
using Choices = std::map<std::pair<std::string, std::string>, bool>;

/// How many labels the series have under each way to join, the first of the most being `best`.
struct JoinCounts
{
  std::vector<std::pair<std::string, std::size_t>> matched; ///< name of the way, labels with a series
  std::string                                      best;    ///< empty when no label has one
};
JoinCounts CountJoins(const std::vector<CohortLabel> & labels, const std::vector<SeriesCandidate> & series);

/// Reads an edited choices.csv; Fault::Input, with the row, when `use` is neither yes, no nor empty.
Choices ReadChoices(const std::filesystem::path & file);

/// Series and rows of a spreadsheet brought together, and what is left for a person to decide.
struct Cohort
{
  std::vector<CohortLabel>     labels;
  std::vector<SeriesCandidate> series;
  std::vector<CohortCase>      cases;
  std::vector<Outcome>         labelOutcomes, seriesOutcomes;
  std::size_t                  undecided = 0;
  /// case, row, study, series, number, modality, words, slices, size, spacing, reason, use
  Table choices;

  /// Takes a case that fails out again.
  void LeaveOut(std::size_t caseIndex, const std::string & reason);
  /// kind, id, case, status, reason, warnings: every series and every row of the spreadsheet.
  Table Report() const;
  /// The manifest: case, patient, image (images/CASE + extension), class and as known segmentation, site, time_point, x_...
  Table ManifestTable(const LabelColumns & columns, const std::string & extension) const;
  /// case, patient, and what identifies them: PatientID, StudyUID, SeriesUID, AccessionNumber, row.
  Table Links() const;
  /// Cases, patients, and the counts of each outcome: as a line, and as JSON (serval-import/1).
  std::string Summary() const;
  std::string Numbers() const;
};

/// Which series is which case with which label. The series of one study and one label must come down to one: none or
/// several are left undecided unless `choices` decides. Several studies of a patient are several cases, with time
/// points t1, t2, ... by date. Ids of cases and patients are 12 digits of keyed hashes, checked for collisions.
/// Fault::Input when choices name two series of one case.
Cohort MatchCohort(std::vector<CohortLabel> labels, std::vector<SeriesCandidate> series, JoinBy join, const SiteKey & key,
                   const Choices & choices);

/// The words of a series description that are radiology's own (T1, FLAIR, lung, venous, ...): free text may hold names.
std::string RadiologyWords(const std::string & description);

} // namespace serval
