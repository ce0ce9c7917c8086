#pragma once

#include "serval/CommandLine/Application.h"
#include "serval/Core/Error.h"
#include "serval/Core/PathDisplay.h"
#include "serval/Core/Text.h"
#include "serval/Dataset/CohortMatching.h"
#include "serval/Dataset/Spreadsheet.h"
#include "serval/Volume/DicomFolder.h"
#include "serval/Volume/LabelsOnGrid.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace serval
{

using SegmentationFiles = std::map<std::string, std::filesystem::path>; // by the name of what they segment

/// How the volumes of a cohort are written.
struct VolumeOutput
{
  std::string       extension;
  RepairRule        repair;
  bool              skipsFailures = false;
  SegmentationFiles segmentations;
};

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

/// Where a person finds the series: its folder, or its file.
inline std::string PlaceOf(const SeriesRecord & series) { return (series.stack ? series.files.front().parent_path() : series.files.front()).string(); }

inline std::string WarningsOf(const SeriesRecord & series)
{
  return Trim(std::string(series.hasBurnedInAnnotation ? "burned-in-annotation " : "") + (series.mayShowFace ? "face" : ""));
}

// Problems are judged only in what would otherwise be used: a localizer is no irregular volume.
inline std::string ExclusionOf(const SeriesRecord & series, bool isMatch, bool repairs)
{
  if (series.kind != SeriesKind::Volume)
    return "kind " + ToText(series.kind);
  if (!isMatch)
    return "not asked for by --modality, --minimumSlices, --description";
  std::vector<std::string> problems;
  for (const auto & problem : series.problems)
    problems.push_back(problem.name + ": " + problem.detail);
  return repairs ? "" : Join(problems, "; ");
}

inline std::vector<std::string> FoldersOf(const std::filesystem::path & file, const std::filesystem::path & root)
{
  std::vector<std::string> folders;
  const auto               parent = file.parent_path().lexically_relative(root);
  for (const auto & name : parent)
    if (name != ".")
      folders.insert(folders.begin(), name.string());
  return folders;
}

/// The series of a folder as the matching wants them, in the same order.
inline std::vector<SeriesCandidate> CandidatesOf(const DicomFolder & found, const SeriesRule & rule, bool repairs, const std::filesystem::path & root)
{
  const auto                   matches = MatchSeries(found.series, rule);
  std::set<std::string>        known;
  std::vector<SeriesCandidate> candidates;
  for (std::size_t i = 0; i < found.series.size(); ++i)
  {
    const auto &    s = found.series[i];
    SeriesCandidate c;
    c.series = "series-" + ShownText(s.seriesUid); // parts of one series are numbered
    for (int part = 2; !known.insert(c.series).second; ++part)
      c.series = Concat("series-", ShownText(s.seriesUid), "-", part);
    c.patientId = Trim(s.patientId), c.studyUid = s.studyUid, c.seriesUid = s.seriesUid;
    c.accessionNumber = Trim(s.accessionNumber), c.studyTime = s.studyTime;
    c.folders = FoldersOf(s.files.front(), root);
    c.file = s.stack ? std::string() : NameOfVolumeFile(s.files.front());
    c.description = s.description, c.modality = s.modality, c.number = s.seriesNumber, c.slices = s.slices;
    c.size = ToText(s.extent);
    c.spacing = Concat(FormatFixed(s.spacing.x, 3), " x ", FormatFixed(s.spacing.y, 3), " x ", FormatFixed(s.spacing.z, 3));
    c.warnings = WarningsOf(s);
    c.excluded = ExclusionOf(s, std::find(matches.begin(), matches.end(), i) != matches.end(), repairs);
    candidates.push_back(std::move(c));
  }
  return candidates;
}

/// The report of the matching, and the damaged files.
inline Table ReportOf(const Cohort & cohort, const DicomFolder & found)
{
  Table table = cohort.Report();
  for (const auto & file : found.damaged)
    table.AddRow({ "file", Shown(file), "", "excluded", "damaged DICOM file", "" });
  return table;
}

/// Says what of the used images might name or show a patient; for a person at a terminal also what is undecided.
inline void WarnOfImages(const app::Context & context, const DicomFolder & found, const Cohort & cohort, bool showsNames)
{
  int burned = 0, faces = 0;
  for (const auto & one : cohort.cases)
  {
    burned += found.series[one.series].hasBurnedInAnnotation ? 1 : 0;
    faces += found.series[one.series].mayShowFace ? 1 : 0;
  }
  if (burned > 0)
    context.Say(Concat("Warning: ", burned, " of the used series have burned-in annotation, which may show the patient's name in the image"));
  if (faces > 0)
    context.Say(Concat("Warning: ", faces, " of the used series show head or neck, of which the face can be rendered; deface them before they leave the site"));
  if (!found.damaged.empty())
    context.Say(Concat("Warning: ", found.damaged.size(), " DICOM files are damaged"));
  for (std::size_t i = 0; showsNames && i < cohort.series.size(); ++i)
    if (cohort.seriesOutcomes[i].status != "used")
      context.Say(Concat(cohort.series[i].series, " (", cohort.seriesOutcomes[i].status, "): ", PlaceOf(found.series[i]), ", patient ",
                         found.series[i].patientId, ", ", found.series[i].description));
}

/// The expert's labels of one case, on the grid of its volume.
inline void WriteSegmentation(Cohort & cohort, std::size_t index, const Geometry & grid, const VolumeOutput & output, const std::filesystem::path & folder)
{
  CohortCase & one = cohort.cases[index];
  const auto & file = output.segmentations.at(cohort.labels[one.label].id);
  const auto   labels = ReadLabelsOn(grid, file);
  RequireSameGrid(grid, labels.geometry, "the image", Shown(file));
  one.segmentation = "segmentations/" + one.id + output.extension;
  std::filesystem::create_directories(folder / "segmentations");
  WriteLabels(labels, folder / one.segmentation);
}

/// Writes images/CASE.EXTENSION below `folder`; what fails leaves the cohort, or with Fault::Input names all failures.
/// Returns whether every case was written.
inline bool WriteVolumes(app::Context & context, Cohort & cohort, const DicomFolder & found, const VolumeOutput & output,
                         const std::filesystem::path & folder)
{
  std::filesystem::create_directories(folder / "images");
  std::vector<std::string> failures;
  const std::size_t        all = cohort.cases.size();
  for (std::size_t done = 0, i = 0; done < all; ++done)
  {
    const CohortCase one = cohort.cases[i];
    context.progress.Report(0.1 + 0.9 * double(done) / double(all), Concat("Case ", done + 1, " of ", all));
    try
    {
      const Volume volume = ReadSeries(found.series[one.series], output.repair);
      if (!output.segmentations.empty())
        WriteSegmentation(cohort, i, volume.geometry, output, folder);
      WriteVolume(volume, folder / "images" / (one.id + output.extension));
      cohort.seriesOutcomes[one.series].reason = Join(volume.changes, "; ");
      ++i;
    }
    catch (const Error & e)
    {
      Require(e.Kind() == Fault::Input, e.Kind(), "case ", one.id, ": ", e.what());
      failures.push_back("case " + one.id + " (" + cohort.series[one.series].series + "): " + e.what());
      cohort.LeaveOut(i, e.what());
    }
  }
  Require(failures.empty() || output.skipsFailures, Fault::Input, failures.size(), " of ", all,
          " series cannot be read; --onError skip goes on without them: ", Join(failures, "\n  "));
  return failures.empty();
}

} // namespace serval
