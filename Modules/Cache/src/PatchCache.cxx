#include "serval/Cache/PatchCache.h"

#include "CacheRecord.h"
#include "CacheSchema.h"
#include "Normalise.h"
#include "Shard.h"
#include "WorkerTeam.h"
#include "serval/Core/Error.h"
#include "serval/Core/Hash.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <set>

namespace serval
{
namespace
{

namespace fs = std::filesystem;

struct Place
{
  std::size_t shard, row;
};

PatchRecord RecordOf(const cache::ShardTables & t, std::size_t row, std::size_t caseIndex, Extent patch)
{
  PatchRecord record;
  record.caseIndex = caseIndex;
  record.classIndex = t.classes[row];
  record.corner = { t.corner[3 * row], t.corner[3 * row + 1], t.corner[3 * row + 2] };
  record.geometry.extent = patch;
  record.geometry.spacing = { t.spacing[3 * row], t.spacing[3 * row + 1], t.spacing[3 * row + 2] };
  std::copy_n(t.origin.begin() + std::ptrdiff_t(3 * row), 3, record.geometry.origin.begin());
  std::copy_n(t.direction.begin() + std::ptrdiff_t(9 * row), 9, record.geometry.direction.begin());
  if (!t.candidates.empty())
    record.candidate = t.candidates[row];
  return record;
}

// The map of each channel of a window, after `at` input channels.
cache::LinearMap WindowMap(const IntensityLimits & window, const IntensityPlan & plan, std::size_t at)
{
  if (plan.means.empty())
    return { static_cast<float>((window.low + window.high) / 2), static_cast<float>(2 / (window.high - window.low)), true };
  const double width = window.high - window.low, mean = plan.means.at(at), deviation = plan.deviations.at(at);
  return { static_cast<float>(window.low + mean * width), static_cast<float>(1 / (width * deviation)), true,
           static_cast<float>(-mean / deviation), static_cast<float>((1 - mean) / deviation) };
}

// Of every input channel; those of one stored channel stand in a row.
std::vector<cache::LinearMap> MapsOf(const std::vector<IntensitySummary> & intensity, const IntensityPlan & plan)
{
  std::vector<cache::LinearMap> maps;
  for (const auto & channel : intensity)
  {
    if (plan.windows.empty())
      maps.insert(maps.end(), static_cast<std::size_t>(plan.repeat),
                  { static_cast<float>(channel.mean), static_cast<float>(1 / std::max(channel.standardDeviation, 1e-12)) });
    for (const auto & window : plan.windows)
      for (int time = 0; time < plan.repeat; ++time)
        maps.push_back(WindowMap(window, plan, maps.size()));
  }
  return maps;
}

} // namespace

struct PatchCache::Impl
{
  CacheDescription                     description;
  std::vector<PatchRecord>             patches;
  std::vector<Place>                   places;
  std::vector<CaseRecord>              cases;
  std::vector<cache::ShardView>        shards;
  std::vector<std::string>             files;
  std::vector<int>                     newClasses; ///< of each patch; empty: those of the shards
  std::unique_ptr<std::atomic<bool>[]> checked;
  mutable cache::WorkerTeam            team;

  void                       AddCase(const cache::CaseEntry & entry);
  const cache::ShardView &   Checked(std::size_t patch) const;
  std::span<const std::byte> Image(std::size_t patch) const;
};

void PatchCache::Impl::AddCase(const cache::CaseEntry & entry)
{
  const auto & tables = shards[entry.shard].Tables();
  Require(entry.firstRow <= tables.Count() && entry.patches <= tables.Count() - entry.firstRow, Fault::Input, "case ",
          entry.source.caseId, " is said to lie behind the end of '", files[entry.shard], "'");
  if (entry.patches == 0)
    return;
  const auto channels = static_cast<std::size_t>(description.channels);
  const auto index = static_cast<std::size_t>(tables.caseIndex[entry.firstRow]);
  Require(tables.keys[index] == entry.key, Fault::Input, "'", files[entry.shard], "' holds another case where ",
          entry.source.caseId, " should be");
  CaseRecord record;
  static_cast<CaseSource &>(record) = entry.source;
  for (std::size_t c = 0; c < channels; ++c)
  {
    const double * s = tables.intensity.data() + 4 * (index * channels + c);
    record.intensity.push_back({ s[0], s[1], s[2], s[3] });
  }
  if (!tables.volume.empty())
  {
    const double * v = tables.volume.data() + 6 * index;
    record.modality = tables.modality[index];
    record.volume = { std::int64_t(v[0]), std::int64_t(v[1]), std::int64_t(v[2]) };
    record.volumeSpacing = { v[3], v[4], v[5] };
  }
  for (std::size_t row = entry.firstRow; row < entry.firstRow + entry.patches; ++row)
  {
    patches.push_back(RecordOf(tables, row, cases.size(), description.patch));
    places.push_back({ entry.shard, row });
  }
  cases.push_back(std::move(record));
}

// Threads that read one patch at once for the first time all test it; none reads it untested.
const cache::ShardView & PatchCache::Impl::Checked(std::size_t patch) const
{
  const Place & place = places.at(patch);
  const auto &  shard = shards[place.shard];
  if (!checked[patch].load(std::memory_order_relaxed))
  {
    const auto damage = shard.FindDamage(place.row);
    Require(damage.empty(), Fault::Input, "the ", damage, " of patch ", place.row, " (case ",
            cases[patches[patch].caseIndex].caseId, ") in '", files[place.shard],
            "' is damaged: its checksum differs; `serval cache repair` makes it again");
    checked[patch].store(true, std::memory_order_relaxed);
  }
  return shard;
}

std::span<const std::byte> PatchCache::Impl::Image(std::size_t patch) const
{
  thread_local std::vector<std::byte> inflated;
  return Checked(patch).Image(places[patch].row, inflated);
}

PatchCache::PatchCache(const fs::path & folder)
  : m_Impl(new Impl)
{
  auto record = cache::CacheRecord::Read(folder);
  m_Impl->description = std::move(record.description);
  m_Impl->shards.reserve(record.shards.size());
  for (const auto & shard : record.shards)
  {
    m_Impl->shards.emplace_back(folder, shard, m_Impl->description);
    m_Impl->files.push_back((folder / shard.file).string());
  }
  for (const auto & entry : record.cases)
    m_Impl->AddCase(entry);
  m_Impl->checked = std::make_unique<std::atomic<bool>[]>(m_Impl->patches.size());
}

PatchCache::~PatchCache() = default;
PatchCache::PatchCache(PatchCache &&) noexcept = default;
PatchCache & PatchCache::operator=(PatchCache &&) noexcept = default;

const CacheDescription & PatchCache::Description() const
{
  return m_Impl->description;
}
const std::vector<PatchRecord> & PatchCache::Patches() const
{
  return m_Impl->patches;
}
const std::vector<PatchCache::CaseRecord> & PatchCache::Cases() const
{
  return m_Impl->cases;
}
bool PatchCache::HasSegmentation() const
{
  return !m_Impl->description.segmentationNames.empty();
}
bool PatchCache::IsMapped() const
{
  return m_Impl->description.compression == Compression::None;
}

std::size_t PatchCache::VoxelsPerPatch() const
{
  return static_cast<std::size_t>(m_Impl->description.patch.Voxels()) *
         static_cast<std::size_t>(m_Impl->description.channels);
}

std::string PatchCache::Fingerprint() const
{
  auto json = cache::ToJson(m_Impl->description);
  json.erase("compression");
  std::string text = json.dump();
  for (const auto & place : m_Impl->places)
  {
    const auto & tables = m_Impl->shards[place.shard].Tables();
    for (const auto * checksums : { &tables.checksum, &tables.segmentationChecksum })
      if (!checksums->empty())
        text.append(reinterpret_cast<const char *>(checksums->data() + place.row), sizeof(std::uint64_t));
  }
  const auto & given = m_Impl->newClasses;
  text.append(reinterpret_cast<const char *>(given.data()), given.size() * sizeof(int));
  return ContentHash(std::as_bytes(std::span(text.data(), text.size())));
}

void PatchCache::Relabel(const std::vector<int> & classes)
{
  auto &     patches = m_Impl->patches;
  const auto names = static_cast<int>(m_Impl->description.classNames.size());
  Require(classes.size() == patches.size(), Fault::Internal, classes.size(), " classes for ", patches.size(), " patches");
  for (std::size_t i = 0; i < patches.size(); ++i)
  {
    Require(classes[i] >= -1 && classes[i] < names, Fault::Internal, "class ", classes[i], " of ", names);
    patches[i].classIndex = classes[i];
  }
  m_Impl->newClasses = classes;
}

std::vector<std::string> PatchCache::Patients() const
{
  std::set<std::string> patients;
  for (const auto & one : m_Impl->cases)
    patients.insert(one.patient);
  return { patients.begin(), patients.end() };
}

std::vector<std::size_t> PatchCache::PatchesOf(const std::vector<std::string> & patients) const
{
  const std::set<std::string> wanted(patients.begin(), patients.end());
  std::vector<std::size_t>    found;
  for (std::size_t i = 0; i < m_Impl->patches.size(); ++i)
    if (wanted.contains(m_Impl->cases[m_Impl->patches[i].caseIndex].patient))
      found.push_back(i);
  return found;
}

void PatchCache::ReadImages(std::span<const std::size_t> patches, const IntensityPlan & plan, std::span<float> target,
                            int threads) const
{
  const auto voxels = static_cast<std::size_t>(m_Impl->description.patch.Voxels());
  const auto stored = static_cast<std::size_t>(m_Impl->description.channels);
  const auto input = static_cast<std::size_t>(plan.Channels(m_Impl->description.channels)), perStored = input / stored;
  const auto size = input * voxels;
  plan.Check(static_cast<int>(input));
  Require(target.size() == patches.size() * size, Fault::Internal, "a buffer of another size for ", patches.size(),
          " patches");
  m_Impl->team.Run(threads, patches.size(), [&](std::size_t i) {
    const auto type = TypeOf(patches[i]);
    const auto raw = m_Impl->Image(patches[i]);
    const auto maps = MapsOf(m_Impl->cases[m_Impl->patches[patches[i]].caseIndex].intensity, plan);
    for (std::size_t c = 0; c < maps.size(); ++c)
      cache::Normalise(raw.subspan(c / perStored * voxels * SizeOf(type)), type, maps[c],
                       target.subspan(i * size + c * voxels, voxels));
  });
}

void PatchCache::ReadSegmentations(std::span<const std::size_t> patches, std::span<std::uint8_t> target) const
{
  Require(HasSegmentation(), Fault::Input, "the patch cache holds no segmentation; extract it with --dense");
  const auto size = static_cast<std::size_t>(m_Impl->description.patch.Voxels());
  Require(target.size() == patches.size() * size, Fault::Internal, "a buffer of another size for ", patches.size(),
          " patches");
  std::vector<std::byte> inflated;
  for (std::size_t i = 0; i < patches.size(); ++i)
    std::memcpy(target.data() + i * size,
                m_Impl->Checked(patches[i]).Segmentation(m_Impl->places[patches[i]].row, inflated).data(), size);
}

std::span<const std::byte> PatchCache::RawImage(std::size_t patch) const
{
  Require(IsMapped(), Fault::Internal, "a compressed patch cannot be viewed in place");
  return m_Impl->Image(patch);
}

std::vector<std::byte> PatchCache::ReadRaw(std::size_t patch) const
{
  const auto raw = m_Impl->Image(patch);
  return { raw.begin(), raw.end() };
}

PixelType PatchCache::TypeOf(std::size_t patch) const
{
  return m_Impl->shards[m_Impl->places.at(patch).shard].Type();
}

} // namespace serval
