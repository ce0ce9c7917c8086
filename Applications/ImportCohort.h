#pragma once

#include "ImportSegmentations.h"
#include "serval/CommandLine/Application.h"
#include "serval/Core/Error.h"
#include "serval/Core/PathDisplay.h"
#include "serval/Core/Text.h"
#include "serval/Dataset/CohortMatching.h"
#include "serval/Dataset/Spreadsheet.h"
#include "serval/Volume/DicomFolder.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace serval
{

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

} // namespace serval
