#include "DicomVolume.h"

#include "DicomRepair.h"
#include "DicomVoxels.h"
#include "GridChecks.h"
#include "serval/Core/Error.h"
#include "serval/Core/PathDisplay.h"
#include "serval/Core/Text.h"

#include <algorithm>

namespace serval
{
namespace
{

namespace fs = std::filesystem;

std::string Listing(const std::vector<SeriesRecord> & all)
{
  std::string text;
  for (std::size_t i = 0; i < all.size(); ++i)
  {
    const auto & s = all[i];
    text += Concat(i ? "; " : "", i + 1, ": ", ToText(s.kind), ", ", s.modality.empty() ? "?" : s.modality, ", ", s.slices,
                   s.slices == 1 ? " slice" : " slices", " of ", s.extent.x, 'x', s.extent.y, " voxels of ",
                   FormatFixed(s.spacing.x, 3), 'x', FormatFixed(s.spacing.y, 3), " mm, ", ShownText(s.seriesUid));
  }
  return text;
}

// A number in the listing, a SeriesInstanceUID, its short shown id; or nothing, where there is only one volume.
const SeriesRecord & ChooseSeries(const std::vector<SeriesRecord> & all, const std::string & wanted, const fs::path & path)
{
  const auto number = ParseInteger(wanted);
  if (number && *number >= 1 && *number <= static_cast<long long>(all.size()))
    return all[static_cast<std::size_t>(*number - 1)];
  const auto fitting = MatchSeries(all, { .minimumSlices = 1, .series = wanted });
  Require(!fitting.empty() || !wanted.empty() || all.size() != 1, Fault::Input, "the DICOM series of '", Shown(path), "' has ",
          all.front().slices, all.front().slices == 1 ? " slice" : " slices", " and is no volume (kind ", ToText(all.front().kind),
          "); a volume of at least 2 slices is expected (name the folder of the series)");
  Require(!fitting.empty(), Fault::Input, "'", Shown(path), "' holds no DICOM volume",
          wanted.empty() ? "" : Concat(" of the series '", ShownText(wanted), "'"), "; it holds ", Listing(all));
  Require(fitting.size() == 1, Fault::Input, "'", Shown(path), "' holds ", fitting.size(), " DICOM volumes",
          wanted.empty() ? "; name one by its number or its SeriesInstanceUID (option series): "
                         : " of that series (several orientations, sizes or time points); name one by its number: ",
          Listing(all));
  return all[fitting.front()];
}

// A damaged file of a known series is that series' problem already.
void RequireNoStrayDamage(const DicomFolder & folder, const fs::path & path)
{
  const bool isTold = std::any_of(folder.series.begin(), folder.series.end(), [](const SeriesRecord & series) {
    return std::any_of(series.problems.begin(), series.problems.end(), [](const auto & p) { return p.name == "missing-slice"; });
  });
  Require(folder.damaged.empty() || isTold, Fault::Input, "'", Shown(path), "' holds ", folder.damaged.size(), " damaged DICOM ",
          folder.damaged.size() == 1 ? "file: '" : "files, the first: '", folder.damaged.empty() ? "" : Shown(folder.damaged.front()), "', ",
          folder.damaged.empty() ? "" : ReadDicomHeader(folder.damaged.front()).file->damage);
}

} // namespace

Volume ReadSeries(const SeriesRecord & series, const RepairRule & repair)
{
  if (!series.stack && series.files.size() == 1 && IsVolumeFile(series.files.front()))
    return ReadVolume(series.files.front());
  Require(series.kind == SeriesKind::Volume && series.stack, Fault::Input, "the DICOM series ", ShownText(series.seriesUid), " (",
          series.slices, series.slices == 1 ? " slice" : " slices", ") is no volume but of kind ", ToText(series.kind));
  RequireMendable(series, repair);
  const DicomStack & stack = *series.stack;
  Volume             volume;
  volume.geometry = GeometryOf(stack);
  volume.modality = series.modality;
  volume.units = stack.First().file->units;
  volume.voxels = ReadDicomVoxels(stack, volume.changes);
  if (!series.IsRegular())
    Mend(series, volume);
  RequireRightAngles(volume.geometry, series.files.front());
  return volume;
}

Volume ReadDicom(const fs::path & path, const ReadOptions & options)
{
  const DicomFolder folder = ListDicomFolder(path);
  if (options.series.empty())
    RequireNoStrayDamage(folder, path);
  Require(!folder.series.empty(), Fault::Input, "'", Shown(path), "' holds ", folder.skipped, folder.skipped == 1 ? " file" : " files",
          " but no DICOM image; name a folder with one DICOM series");
  return ReadSeries(ChooseSeries(folder.series, options.series, path), options.repair);
}

} // namespace serval
