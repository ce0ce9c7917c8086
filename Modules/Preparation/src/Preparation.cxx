#include "serval/Preparation/Preparation.h"

#include "serval/Core/AtomicFile.h"
#include "serval/Core/Error.h"
#include "serval/Core/PathDisplay.h"
#include "serval/Core/Hash.h"
#include "serval/Core/Provenance.h"
#include "serval/Volume/Orientation.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <span>

namespace serval
{
namespace
{

namespace fs = std::filesystem;

// All volumes of a case as they are on disk, on one grid.
PreparedCase ReadCase(const CaseFiles & files)
{
  Require(!files.images.empty(), Fault::Internal, "a case without an image");
  PreparedCase found;
  const auto & first = files.images.front().second;
  for (const auto & [name, path] : files.images)
  {
    found.images.emplace_back(name, ReadVolume(path, files.reading));
    for (const auto & change : found.images.back().second.changes)
      found.changes.push_back(name + ": " + change);
    RequireSameGrid(found.images.front().second.geometry, found.images.back().second.geometry, Shown(first), Shown(path));
  }
  for (const auto & [name, path] : files.labels)
  {
    found.labels.emplace_back(name, ReadLabels(path, { .placement = files.reading.placement }));
    RequireSameGrid(found.images.front().second.geometry, found.labels.back().second.geometry, Shown(first), Shown(path));
    found.labels.back().second.geometry = found.images.front().second.geometry;
  }
  return found;
}

// Everything that changes the grid; the bias field is found on the voxels as they were measured.
void MoveToGrid(PreparedCase & one, const PreparationPlan & plan)
{
  const Geometry own = one.images.front().second.geometry;
  const auto     turned = [&](auto it) { return plan.orientation.empty() ? it : Reoriented(std::move(it), plan.orientation); };
  Geometry       grid = turned(own);
  if (plan.spacing)
    grid = GridWithSpacing(grid, plan.spacing->spacing);
  for (auto & [name, volume] : one.images)
  {
    volume.geometry = own;
    if (plan.correctsBias)
    {
      const auto mask = ForegroundMask(volume, plan.foreground);
      volume = BiasCorrected(std::move(volume), mask);
    }
    volume = ResampleTo(turned(std::move(volume)), grid, { plan.interpolation });
  }
  for (auto & [name, labels] : one.labels)
    labels = ResampleTo(turned(std::move(labels)), grid);
}

Volume Scaled(Volume volume, const PreparationPlan & plan, const ChannelScale & scale, const Volume * reference)
{
  const auto mask = ForegroundMask(volume, plan.foreground);
  if (!plan.percentileClip.empty())
  {
    const auto limits = Percentiles(volume, mask, plan.percentileClip);
    volume = Clipped(std::move(volume), { limits[0], limits[1] });
  }
  if (scale.clip)
    volume = Clipped(std::move(volume), *scale.clip);
  if (scale.standard)
    volume = Standardised(std::move(volume), mask, *scale.standard);
  if (!plan.reference.empty())
  {
    Require(reference != nullptr, Fault::Internal, "the reference of the histogram is missing");
    volume = HistogramMatched(std::move(volume), *reference);
  }
  if (plan.zScores)
    volume = ZScored(std::move(volume), mask);
  return volume;
}

bool ChangesIntensities(const PreparationPlan & plan)
{
  return !plan.percentileClip.empty() || !plan.channels.empty() || !plan.reference.empty() || plan.zScores;
}

void MakeWindows(PreparedCase & one, const std::vector<IntensityLimits> & windows)
{
  Require(windows.size() <= 1 || one.images.size() == 1, Fault::Usage,
          "several windows make channels of one image; the case has ", one.images.size(), " images");
  for (std::size_t at = 1; at < windows.size(); ++at)
    one.images.emplace_back(Concat(one.images.front().first, "_window", at + 1), Windowed(one.images.front().second, windows[at]));
  const std::size_t first = windows.size() > 1 ? 1 : one.images.size();
  for (std::size_t at = 0; at < first && !windows.empty(); ++at)
    one.images[at].second = Windowed(std::move(one.images[at].second), windows.front());
}

IntensityLimits MedianLimits(const std::vector<std::vector<double>> & limits)
{
  const auto median = [&](std::size_t end) {
    std::vector<double> values;
    for (const auto & one : limits)
      values.push_back(one[end]);
    std::sort(values.begin(), values.end());
    return (values[(values.size() - 1) / 2] + values[values.size() / 2]) / 2;
  };
  return { median(0), median(1) };
}

std::string HashOfPath(const fs::path & path)
{
  std::vector<fs::path> files{ path };
  if (fs::is_directory(path))
  {
    files.clear();
    for (const auto & entry : fs::recursive_directory_iterator(path))
      if (entry.is_regular_file())
        files.push_back(entry.path());
    std::sort(files.begin(), files.end());
  }
  std::string hashes;
  for (const auto & file : files)
  {
    const std::string content = ReadTextFile(file, 1ULL << 40);
    hashes += ContentHash(std::as_bytes(std::span(content)));
  }
  return ContentHash(std::as_bytes(std::span(hashes)));
}

// What a prepared case was made of and by.
nlohmann::json RecordOf(const CaseFiles & files, const PreparationPlan & plan)
{
  nlohmann::json inputs = nlohmann::json::object();
  for (const auto * group : { &files.images, &files.labels })
    for (const auto & [name, path] : *group)
    {
      Require(fs::exists(path), Fault::Input, Shown(path), " does not exist");
      inputs[name] = HashOfPath(path);
    }
  return nlohmann::json{ { "schema", "serval-prepared-case/1" }, { "version", Version() }, { "inputs", inputs },
                         { "placement", static_cast<int>(files.reading.placement) }, { "channel", files.reading.channel },
                         { "repair", files.reading.repair.isWanted }, { "maximumGap", files.reading.repair.maximumGap },
                         { "plan", nlohmann::json::parse(plan.ToJson()) } };
}

// Whether a case was made so; what reading changed shows only afterwards and follows from the rest.
bool IsRecord(const fs::path & file, const nlohmann::json & record)
{
  if (!fs::exists(file))
    return false;
  auto found = nlohmann::json::parse(ReadTextFile(file), nullptr, false);
  if (found.is_object())
    found.erase("changes");
  return found == record;
}

std::map<std::string, fs::path> NamesIn(const fs::path & folder, const CaseFiles & files, const PreparationPlan & plan)
{
  std::map<std::string, fs::path> names;
  for (const auto * group : { &files.images, &files.labels })
    for (const auto & [name, path] : *group)
      names[name] = folder / (name + ".nii.gz");
  for (std::size_t at = 1; at < plan.windows.size(); ++at)
    names[Concat("image_window", at + 1)] = folder / Concat("image_window", at + 1, ".nii.gz");
  return names;
}

} // namespace

PreparedCase PrepareCase(const CaseFiles & files, const PreparationPlan & plan, const Volume * reference)
{
  PreparedCase one = ReadCase(files);
  MoveToGrid(one, plan);
  Require(plan.channels.empty() || plan.channels.size() == one.images.size(), Fault::Input, "the plan was fitted on ",
          plan.channels.size(), " channels, the case has ", one.images.size());
  if (ChangesIntensities(plan))
    for (std::size_t at = 0; at < one.images.size(); ++at)
      one.images[at].second = Scaled(std::move(one.images[at].second), plan,
                                     plan.channels.empty() ? ChannelScale{} : plan.channels[at], reference);
  MakeWindows(one, plan.windows);
  return one;
}

std::map<std::string, fs::path> PrepareInto(const fs::path & folder, const CaseFiles & files, const PreparationPlan & plan,
                                            const Volume * reference)
{
  Require(!files.id.empty() && files.id.front() != '.' && files.id.find('/') == std::string::npos, Fault::Input, "the case '",
          files.id, "' cannot be the name of a folder; a name without '/' that does not begin with '.' is expected");
  const fs::path    target = folder / files.id;
  auto              record = RecordOf(files, plan);
  const auto        names = NamesIn(target, files, plan);
  const bool        isComplete = std::all_of(names.begin(), names.end(), [](const auto & name) { return fs::exists(name.second); });
  if (isComplete && IsRecord(target / "case.json", record))
    return names;
  const PreparedCase one = PrepareCase(files, plan, reference);
  AtomicOutput       output(target, AtomicOutput::Kind::Folder);
  for (const auto & [name, volume] : one.images)
    WriteVolume(volume, output.Path() / (name + ".nii.gz"));
  for (const auto & [name, labels] : one.labels)
    WriteLabels(labels, output.Path() / (name + ".nii.gz"));
  record["changes"] = one.changes;
  WriteTextFile(output.Path() / "case.json", record.dump(1));
  output.Commit();
  return names;
}

CaseLandmarks MeasureLandmarks(CaseFiles files, const PreparationPlan & plan, const std::vector<double> & clipPercentages)
{
  files.labels.clear();
  PreparedCase one = ReadCase(files);
  MoveToGrid(one, plan);
  CaseLandmarks found;
  for (const auto & [name, volume] : one.images)
  {
    const auto mask = ForegroundMask(volume, plan.foreground);
    found.standard.push_back(Percentiles(volume, mask, IntensityStandard().percentages));
    found.clip.push_back(Percentiles(volume, mask, clipPercentages));
  }
  return found;
}

std::vector<ChannelScale> FitScales(const std::vector<CaseLandmarks> & training, bool fitsStandard)
{
  std::vector<ChannelScale> scales(training.empty() ? 0 : training.front().standard.size());
  for (std::size_t channel = 0; channel < scales.size(); ++channel)
  {
    std::vector<std::vector<double>> landmarks, limits;
    for (const auto & one : training)
    {
      landmarks.push_back(one.standard.at(channel));
      limits.push_back(one.clip.at(channel));
    }
    if (fitsStandard)
      scales[channel].standard = FitStandard(landmarks);
    if (!limits.front().empty())
      scales[channel].clip = MedianLimits(limits);
  }
  return scales;
}

} // namespace serval
