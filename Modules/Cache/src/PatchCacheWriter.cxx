#include "CacheSchema.h"
#include "serval/Cache/PatchCache.h"
#include "serval/Core/AtomicFile.h"
#include "serval/Core/Hash.h"

#include <array>
#include <cstdio>
#include <map>

namespace serval
{
namespace
{

constexpr std::size_t shardBytes = 128U << 20;

// Cases that wait to be written as one shard; all of one voxel type.
struct Shard
{
  std::vector<CasePatches> cases;
  std::size_t              bytes = 0;
};

template <typename T, typename TGet>
std::vector<T> Gather(const Shard & shard, TGet get)
{
  std::vector<T> all;
  for (std::size_t c = 0; c < shard.cases.size(); ++c)
    for (std::size_t n = 0; n < shard.cases[c].Count(); ++n)
      get(all, c, n);
  return all;
}

void WriteGeometry(hid_t file, const Shard & shard, hsize_t count)
{
  const auto corner = Gather<std::int32_t>(shard, [&](auto & all, std::size_t c, std::size_t n) {
    const Extent e = shard.cases[c].corners[n];
    all.insert(all.end(), { std::int32_t(e.x), std::int32_t(e.y), std::int32_t(e.z) });
  });
  const auto origin = Gather<double>(shard, [&](auto & all, std::size_t c, std::size_t n) {
    const Point & p = shard.cases[c].geometries[n].origin;
    all.insert(all.end(), p.begin(), p.end());
  });
  const auto spacing = Gather<double>(shard, [&](auto & all, std::size_t c, std::size_t n) {
    const Spacing & s = shard.cases[c].geometries[n].spacing;
    all.insert(all.end(), { s.x, s.y, s.z });
  });
  const auto direction = Gather<double>(shard, [&](auto & all, std::size_t c, std::size_t n) {
    const auto & d = shard.cases[c].geometries[n].direction;
    all.insert(all.end(), d.begin(), d.end());
  });
  hdf5::WriteVector(file, "/patches/corner", { count, 3 }, corner);
  hdf5::WriteVector(file, "/patches/origin", { count, 3 }, origin);
  hdf5::WriteVector(file, "/patches/spacing", { count, 3 }, spacing);
  hdf5::WriteVector(file, "/patches/direction", { count, 9 }, direction);
}

void WriteCases(hid_t file, const Shard & shard)
{
  std::vector<std::string> ids, patients, fingerprints;
  std::vector<double>      intensity;
  for (const auto & one : shard.cases)
  {
    ids.push_back(one.caseId);
    patients.push_back(one.patient);
    fingerprints.push_back(one.sourceFingerprint);
    const auto & s = one.intensity;
    intensity.insert(intensity.end(), { s.mean, s.standardDeviation, s.low, s.high });
  }
  hdf5::WriteTexts(file, "/cases/case", ids);
  hdf5::WriteTexts(file, "/cases/patient", patients);
  hdf5::WriteTexts(file, "/cases/source_fingerprint", fingerprints);
  hdf5::WriteVector(file, "/cases/intensity", { shard.cases.size(), 4 }, intensity);
}

void WriteShard(const std::filesystem::path & path, const Shard & shard, const CacheDescription & d)
{
  const hdf5::File file = hdf5::Create(path);
  hdf5::WriteAttribute(file, "description", cache::ToJson(d));
  std::vector<std::byte>    image;
  std::vector<std::uint8_t> segmentation;
  image.reserve(shard.bytes);
  for (const auto & one : shard.cases)
  {
    image.insert(image.end(), one.image.begin(), one.image.end());
    segmentation.insert(segmentation.end(), one.segmentation.begin(), one.segmentation.end());
  }
  const auto  classes = Gather<std::int32_t>(shard, [&](auto & all, std::size_t c, std::size_t n) { all.push_back(shard.cases[c].classes[n]); });
  const auto  caseIndex = Gather<std::int32_t>(shard, [](auto & all, std::size_t c, std::size_t) { all.push_back(std::int32_t(c)); });
  const auto  count = static_cast<hsize_t>(classes.size());
  const auto  shape = TensorShape(d.patch);
  const std::vector<hsize_t> imageShape{ count, hsize_t(d.channels), hsize_t(shape[0]), hsize_t(shape[1]), hsize_t(shape[2]) };
  hdf5::WriteDataset(file, "/patches/image", cache::HdfTypeOf(shard.cases.front().type), imageShape, image.data());
  if (!d.segmentationNames.empty())
    hdf5::WriteVector(file, "/patches/segmentation", { count, imageShape[2], imageShape[3], imageShape[4] }, segmentation);
  hdf5::WriteVector(file, "/patches/class", { count }, classes);
  hdf5::WriteVector(file, "/patches/case", { count }, caseIndex);
  std::vector<std::uint64_t> checksums;
  const std::size_t          size = image.size() / count;
  for (std::size_t n = 0; n < count; ++n)
    checksums.push_back(FastHash(std::span(image).subspan(n * size, size)));
  hdf5::WriteVector(file, "/patches/checksum", { count }, checksums);
  WriteGeometry(file, shard, count);
  WriteCases(file, shard);
  Require(H5Fflush(file, H5F_SCOPE_GLOBAL) >= 0, Fault::Environment, "HDF5 failed while writing '", path.string(),
          "'; is the disk full?");
}

// A cache may be replaced, and an empty folder; any other folder would be lost with all it holds.
const std::filesystem::path & Replaceable(const std::filesystem::path & folder)
{
  std::error_code unreadable;
  for (const auto & entry : std::filesystem::directory_iterator(folder, unreadable))
  {
    const auto name = entry.path().filename().string();
    Require(name.starts_with("shard-") && name.ends_with(".h5"), Fault::Usage, "the folder '", folder.string(), "' holds '", name,
            "' and is no patch cache; it is not replaced. Name a new folder");
  }
  return folder;
}

} // namespace

struct PatchCacheWriter::Impl
{
  CacheDescription           description;
  AtomicOutput               output;
  std::map<PixelType, Shard> open;
  int                        written = 0;
  std::map<std::string, std::pair<std::string, std::string>> sources; ///< fingerprint -> patient, case

  // One scan under two patients would stand on both sides of a split.
  void RefuseDuplicates(const CasePatches & patches)
  {
    const auto [at, fresh] = sources.try_emplace(patches.sourceFingerprint, patches.patient, patches.caseId);
    Require(fresh || at->second.first == patches.patient, Fault::Input, "its voxels are those of case ", at->second.second,
            ", which is given to another patient; remove one of them or give both to one patient");
  }

  void Flush(Shard & shard)
  {
    std::array<char, 32> name{};
    std::snprintf(name.data(), name.size(), "shard-%05d.h5", written++);
    WriteShard(output.Path() / name.data(), shard, description);
    shard = {};
  }
};

PatchCacheWriter::PatchCacheWriter(const std::filesystem::path & folder, CacheDescription description, std::uint64_t expectedBytes)
  : m_Impl(new Impl{ std::move(description), AtomicOutput(Replaceable(folder), AtomicOutput::Kind::Folder, expectedBytes), {}, 0, {} })
{}

PatchCacheWriter::~PatchCacheWriter() = default;

void PatchCacheWriter::Add(const CasePatches & patches)
{
  const auto & d = m_Impl->description;
  const auto   count = patches.Count();
  const auto   voxels = static_cast<std::size_t>(d.patch.Voxels());
  Require(patches.image.size() == count * voxels * std::size_t(d.channels) * SizeOf(patches.type) &&
            patches.segmentation.size() == (d.segmentationNames.empty() ? 0 : count * voxels) &&
            patches.corners.size() == count && patches.geometries.size() == count,
          Fault::Internal, "the patches of case '", patches.caseId, "' do not fit the cache's description");
  m_Impl->RefuseDuplicates(patches);
  if (count == 0)
    return;
  Shard & shard = m_Impl->open[patches.type];
  if (!shard.cases.empty() && shard.bytes + patches.image.size() > shardBytes)
    m_Impl->Flush(shard);
  shard.bytes += patches.image.size();
  shard.cases.push_back(patches);
}

void PatchCacheWriter::Commit()
{
  for (auto & [type, shard] : m_Impl->open)
    if (!shard.cases.empty())
      m_Impl->Flush(shard);
  Require(m_Impl->written > 0, Fault::Input, "no patch was extracted; the cache would be empty");
  m_Impl->output.Commit();
}

} // namespace serval
