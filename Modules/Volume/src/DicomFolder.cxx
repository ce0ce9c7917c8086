#include "serval/Volume/DicomFolder.h"

#include "DicomGroups.h"
#include "DicomStack.h"
#include "serval/Core/Error.h"
#include "serval/Core/JobQueue.h"
#include "serval/Core/PathDisplay.h"
#include "serval/Core/Text.h"

#include <algorithm>
#include <map>
#include <regex>
#include <set>
#include <tuple>
#include <vector>

namespace serval
{
namespace
{

namespace fs = std::filesystem;

// Names that begin with a dot are the system's own (macOS leaves ._NAME beside every file).
std::vector<fs::path> FilesBelow(const fs::path & folder)
{
  std::error_code failure;
  Require(fs::exists(folder, failure), Fault::Input, "the folder '", Shown(folder), "' does not exist");
  if (!fs::is_directory(folder))
    return { folder };
  std::vector<fs::path> files;
  fs::recursive_directory_iterator entry(folder, failure), end;
  for (; !failure && entry != end; entry.increment(failure))
  {
    const bool isHidden = entry->path().filename().string().starts_with('.');
    if (isHidden && entry->is_directory(failure))
      entry.disable_recursion_pending();
    else if (!isHidden && entry->is_regular_file(failure))
      files.push_back(entry->path());
  }
  Require(!failure, Fault::Environment, "the folder '", Shown(folder), "' cannot be searched: ", failure.message());
  Require(!files.empty(), Fault::Input, "the folder '", Shown(folder), "' holds no file; DICOM images are expected");
  std::sort(files.begin(), files.end());
  return files;
}

SeriesRecord RecordOf(std::vector<DicomPlane> planes)
{
  const DicomPlane & first = planes.front();
  SeriesRecord       record = first.file->record;
  record.slices = static_cast<int>(planes.size());
  record.extent = { first.file->columns, first.file->rows, record.slices };
  if (record.kind == SeriesKind::Volume && (planes.size() < 2 || !first.hasPlace))
    record.kind = SeriesKind::Other;
  if (first.hasPlace)
  {
    const auto stack = std::make_shared<const DicomStack>(std::move(planes));
    record.spacing = { stack->First().spacing[1], stack->First().spacing[0], stack->UsualGap() };
    record.problems = record.kind == SeriesKind::Volume ? ProblemsOf(*stack) : record.problems;
    record.stack = stack;
  }
  std::set<fs::path> known;
  for (const auto & plane : record.stack ? record.stack->planes : planes)
  {
    record.hasBurnedInAnnotation = record.hasBurnedInAnnotation || plane.file->record.hasBurnedInAnnotation;
    if (known.insert(plane.file->file).second)
      record.files.push_back(plane.file->file);
  }
  return record;
}

// Planes of another orientation in the same series would be left out without a word.
void MarkMixedOrientations(std::vector<SeriesRecord> & all)
{
  for (auto & record : all)
    for (const auto & other : all)
    {
      if (record.kind != SeriesKind::Volume || &other == &record || !other.stack || other.seriesUid != record.seriesUid ||
          other.stack->First().file->record.kind != SeriesKind::Volume)
        continue;
      const double angle = AngleBetween(record.stack->First(), other.stack->First());
      if (angle < 0.06)
        continue;
      record.problems.push_back({ "mixed-orientation", Concat("the series also holds ", other.slices, other.slices == 1 ? " slice" : " slices",
                                                              " turned by ", FormatFixed(angle, 2), " degrees") });
      break;
    }
}

using DamagedFiles = std::map<std::string, std::vector<const DicomFile *>>; // by series

void MarkDamagedSlices(std::vector<SeriesRecord> & all, const DamagedFiles & damagedOf)
{
  for (auto & record : all)
    if (const auto found = damagedOf.find(record.seriesUid); found != damagedOf.end() && record.kind == SeriesKind::Volume)
    {
      const auto & files = found->second;
      record.problems.push_back({ "missing-slice", Concat(files.size(), files.size() == 1 ? " file" : " files", " cannot be used: '",
                                                          Shown(files.front()->file), "', ", files.front()->damage) });
    }
}

} // namespace

std::string ToText(SeriesKind kind)
{
  switch (kind)
  {
    case SeriesKind::Volume: return "volume";
    case SeriesKind::Localizer: return "localizer";
    case SeriesKind::SecondaryCapture: return "secondary-capture";
    case SeriesKind::ScreenCapture: return "screen-capture";
    case SeriesKind::Segmentation: return "segmentation";
    case SeriesKind::Other: break;
  }
  return "other";
}

DicomFolder ListDicomFolder(const fs::path & folder)
{
  const auto               files = FilesBelow(folder);
  std::vector<DicomHeader> headers(files.size());
  JobQueue(files.size()).Run(2, [&](std::size_t i) { headers[i] = ReadDicomHeader(files[i]); });
  DicomFolder             result;
  std::vector<DicomPlane> planes;
  DamagedFiles            damagedOf;
  for (auto & header : headers)
  {
    const DicomFile & file = *header.file;
    if (!file.damage.empty())
    {
      result.damaged.push_back(file.file);
      damagedOf[file.record.seriesUid].push_back(&file);
    }
    else if (header.planes.empty())
      result.others.push_back(file.file);
    std::move(header.planes.begin(), header.planes.end(), std::back_inserter(planes));
  }
  result.skipped = result.others.size();
  for (auto & group : GroupPlanes(std::move(planes)))
    result.series.push_back(RecordOf(std::move(group)));
  MarkMixedOrientations(result.series);
  MarkDamagedSlices(result.series, damagedOf);
  std::stable_sort(result.series.begin(), result.series.end(), [](const SeriesRecord & a, const SeriesRecord & b) {
    const fs::path folderOfA = a.files.front().parent_path(), folderOfB = b.files.front().parent_path();
    return std::tie(folderOfA, a.seriesNumber, a.seriesUid) < std::tie(folderOfB, b.seriesNumber, b.seriesUid);
  });
  return result;
}

std::vector<std::size_t> MatchSeries(const std::vector<SeriesRecord> & series, const SeriesRule & rule)
{
  std::regex pattern;
  try
  {
    pattern = std::regex(rule.descriptionPattern, std::regex::ECMAScript | std::regex::icase);
  }
  catch (const std::regex_error & e)
  {
    Fail(Fault::Usage, "'", rule.descriptionPattern, "' is no regular expression: ", e.what());
  }
  std::vector<std::size_t> matches;
  for (std::size_t i = 0; i < series.size(); ++i)
  {
    const auto & s = series[i];
    if (s.kind == SeriesKind::Volume && (rule.modality.empty() || s.modality == rule.modality) && s.slices >= rule.minimumSlices &&
        (rule.descriptionPattern.empty() || std::regex_search(s.description, pattern)) &&
        (rule.series.empty() || s.seriesUid == rule.series || ShownText(s.seriesUid) == rule.series))
      matches.push_back(i);
  }
  return matches;
}

} // namespace serval
