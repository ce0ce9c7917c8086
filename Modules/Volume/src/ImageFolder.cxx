#include "serval/Core/Error.h"
#include "serval/Volume/DicomFolder.h"
#include "serval/Volume/SlicerSegmentation.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace serval
{
namespace
{

namespace fs = std::filesystem;

constexpr std::array endings{ ".nii.gz", ".nii", ".nrrd", ".nhdr", ".mha", ".mhd" };

std::string Lower(std::string text)
{
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

bool IsBelow(const fs::path & file, const fs::path & folder)
{
  const auto way = fs::weakly_canonical(file).lexically_relative(fs::weakly_canonical(folder));
  return !way.empty() && *way.begin() != "..";
}

SeriesRecord RecordOf(const fs::path & file, const fs::path & folder)
{
  SeriesRecord record;
  record.kind = SeriesKind::Volume;
  record.files = { file };
  record.description = NameOfVolumeFile(file);
  record.seriesUid = file.lexically_relative(folder).string();
  record.studyUid = "files of " + file.parent_path().lexically_relative(folder).string(); // of which one is to be chosen
  try
  {
    const Geometry geometry = ReadGeometry(file);
    record.extent = geometry.extent;
    record.spacing = geometry.spacing;
    record.slices = static_cast<int>(geometry.extent.z);
  }
  catch (const Error & e)
  {
    record.problems.push_back({ "unreadable", e.what() });
  }
  return record;
}

} // namespace

bool IsVolumeFile(const fs::path & file)
{
  const auto name = Lower(file.filename().string());
  return std::any_of(endings.begin(), endings.end(), [&](const char * ending) { return name.ends_with(ending); });
}

std::string NameOfVolumeFile(const fs::path & file)
{
  const auto        name = file.filename().string();
  const auto        lower = Lower(name);
  const std::string slicer = ".seg";
  for (const std::string_view ending : endings)
    if (lower.ends_with(ending))
    {
      const auto length = name.size() - ending.size();
      return name.substr(0, length - (lower.substr(0, length).ends_with(slicer) ? slicer.size() : 0));
    }
  return file.stem().string();
}

DicomFolder ListImageFolder(const fs::path & folder, const fs::path & except)
{
  DicomFolder found = ListDicomFolder(folder);
  std::erase_if(found.series, [&](const SeriesRecord & series) { return !except.empty() && IsBelow(series.files.front(), except); });
  for (const auto & file : found.others)
    if (IsVolumeFile(file) && !IsSlicerSegmentation(file) && (except.empty() || !IsBelow(file, except)))
      found.series.push_back(RecordOf(file, folder));
  std::erase_if(found.others, [](const fs::path & file) { return IsVolumeFile(file); });
  found.skipped = found.others.size();
  return found;
}

} // namespace serval
