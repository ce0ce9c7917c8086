#include "serval/Cache/PatchCache.h"

#include "CacheSchema.h"
#include "serval/Core/Hash.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <set>

namespace serval
{
namespace
{

namespace fs = std::filesystem;

/// A file's bytes, mapped read-only.
class Mapping
{
public:
  explicit Mapping(const fs::path & file)
    : m_Size(fs::file_size(file))
  {
    const int handle = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
    Require(handle >= 0, Fault::Input, "cannot read '", file.string(), "'");
    void * address = ::mmap(nullptr, m_Size, PROT_READ, MAP_PRIVATE, handle, 0);
    ::close(handle);
    Require(address != MAP_FAILED, Fault::Environment, "cannot map '", file.string(), "' into memory");
    m_Data = static_cast<const std::byte *>(address);
  }
  Mapping(Mapping && other) noexcept
    : m_Data(std::exchange(other.m_Data, nullptr))
    , m_Size(other.m_Size)
  {}
  ~Mapping()
  {
    if (m_Data)
      ::munmap(const_cast<std::byte *>(m_Data), m_Size);
  }
  std::span<const std::byte> Bytes() const { return { m_Data, m_Size }; }

private:
  const std::byte * m_Data = nullptr;
  std::size_t       m_Size;
};

struct ShardView
{
  fs::path                   path;
  Mapping                    mapping;
  PixelType                  type = PixelType::Float32;
  std::span<const std::byte> image, segmentation;
  std::vector<std::uint64_t> checksums;
};

struct Place
{
  std::size_t shard, row;
};

std::span<const std::byte> Mapped(const Mapping & mapping, hid_t dataset, std::size_t bytes, const fs::path & path)
{
  const haddr_t offset = H5Dget_offset(dataset);
  Require(offset != HADDR_UNDEF && offset <= mapping.Bytes().size() && bytes <= mapping.Bytes().size() - offset, Fault::Input,
          "'", path.string(), "' is no uncompressed, contiguous shard, or it is truncated");
  return mapping.Bytes().subspan(offset, bytes);
}

template <typename T>
void Normalise(std::span<const std::byte> raw, double shift, double scale, bool clip, std::span<float> target)
{
  const auto * values = reinterpret_cast<const T *>(raw.data());
  const auto   a = static_cast<float>(scale), b = static_cast<float>(-shift * scale);
  for (std::size_t i = 0; i < target.size(); ++i)
  {
    const float value = static_cast<float>(values[i]) * a + b;
    target[i] = clip ? std::clamp(value, -1.0F, 1.0F) : value;
  }
}

} // namespace

struct PatchCache::Impl
{
  CacheDescription         description;
  std::vector<PatchRecord> patches;
  std::vector<Place>       places;
  std::vector<CaseRecord>  cases;
  std::vector<ShardView>   shards;
  mutable std::vector<bool> checked;

  void Open(const fs::path & path);
  void ReadCases(hid_t file);
  void ReadPatches(hid_t file, std::size_t firstCase, std::size_t count, const fs::path & path);
  std::span<const std::byte> Raw(std::size_t patch) const;
};

void PatchCache::Impl::ReadCases(hid_t file)
{
  const auto ids = hdf5::ReadTexts(file, "/cases/case"), patients = hdf5::ReadTexts(file, "/cases/patient");
  const auto fingerprints = hdf5::ReadTexts(file, "/cases/source_fingerprint");
  const auto intensity = hdf5::ReadVector<double>(file, "/cases/intensity", 2);
  Require(patients.size() == ids.size() && fingerprints.size() == ids.size() && intensity.size() == 4 * ids.size(),
          Fault::Input, "the tables of cases have different lengths");
  for (std::size_t i = 0; i < ids.size(); ++i)
  {
    const double * s = intensity.data() + 4 * i;
    cases.push_back({ ids[i], patients[i], fingerprints[i], { s[0], s[1], s[2], s[3] } });
  }
}

void PatchCache::Impl::ReadPatches(hid_t file, std::size_t firstCase, std::size_t count, const fs::path & path)
{
  const auto classes = hdf5::ReadVector<std::int32_t>(file, "/patches/class", 1);
  const auto caseIndex = hdf5::ReadVector<std::int32_t>(file, "/patches/case", 1);
  const auto corner = hdf5::ReadVector<std::int32_t>(file, "/patches/corner", 2);
  const auto origin = hdf5::ReadVector<double>(file, "/patches/origin", 2);
  const auto spacing = hdf5::ReadVector<double>(file, "/patches/spacing", 2);
  const auto direction = hdf5::ReadVector<double>(file, "/patches/direction", 2);
  Require(classes.size() == count && caseIndex.size() == count && corner.size() == 3 * count && origin.size() == 3 * count &&
            spacing.size() == 3 * count && direction.size() == 9 * count,
          Fault::Input, "the tables of '", path.string(), "' have different lengths");
  for (std::size_t n = 0; n < count; ++n)
  {
    const auto at = static_cast<std::size_t>(caseIndex[n]);
    Require(caseIndex[n] >= 0 && firstCase + at < cases.size() && classes[n] >= -1 &&
              classes[n] < static_cast<int>(description.classNames.size()),
            Fault::Input, "patch ", n, " of '", path.string(), "' names a case or class that is not there");
    PatchRecord record{ firstCase + at, classes[n], { corner[3 * n], corner[3 * n + 1], corner[3 * n + 2] }, {} };
    record.geometry.extent = description.patch;
    record.geometry.spacing = { spacing[3 * n], spacing[3 * n + 1], spacing[3 * n + 2] };
    std::copy_n(origin.begin() + std::ptrdiff_t(3 * n), 3, record.geometry.origin.begin());
    std::copy_n(direction.begin() + std::ptrdiff_t(9 * n), 9, record.geometry.direction.begin());
    patches.push_back(record);
    places.push_back({ shards.size(), n });
  }
}

void PatchCache::Impl::Open(const fs::path & path)
{
  const hdf5::File file = hdf5::OpenForReading(path);
  auto             found = cache::DescriptionFromJson(hdf5::ReadTextAttribute(file, "description"));
  Require(shards.empty() || cache::ToJson(found) == cache::ToJson(description), Fault::Input, "'", path.string(),
          "' was made with other parameters than the shards before it");
  description = std::move(found);
  ShardView           shard{ path, Mapping(path), {}, {}, {}, hdf5::ReadVector<std::uint64_t>(file, "/patches/checksum", 1) };
  const hdf5::Dataset image(H5Dopen2(file, "/patches/image", H5P_DEFAULT), "opening '/patches/image'");
  const auto          shape = hdf5::ShapeOf(image, 5, "/patches/image");
  const auto          expected = TensorShape(description.patch);
  Require(std::equal(expected.begin(), expected.end(), shape.begin() + 2, [](auto a, auto b) { return hsize_t(a) == b; }) &&
            shape[1] == hsize_t(description.channels) && shape[0] == shard.checksums.size(),
          Fault::Input, "'/patches/image' of '", path.string(), "' has another size than the cache's description says");
  const hdf5::Type type(H5Dget_type(image), "reading '/patches/image'");
  shard.type = cache::PixelTypeOf(type, "/patches/image");
  const std::size_t voxels = static_cast<std::size_t>(description.patch.Voxels());
  shard.image = Mapped(shard.mapping, image, shape[0] * voxels * shape[1] * SizeOf(shard.type), path);
  if (!description.segmentationNames.empty())
  {
    const hdf5::Dataset segmentation(H5Dopen2(file, "/patches/segmentation", H5P_DEFAULT), "opening '/patches/segmentation'");
    shard.segmentation = Mapped(shard.mapping, segmentation, shape[0] * voxels, path);
  }
  const std::size_t firstCase = cases.size();
  ReadCases(file);
  ReadPatches(file, firstCase, shape[0], path);
  shards.push_back(std::move(shard));
}

std::span<const std::byte> PatchCache::Impl::Raw(std::size_t patch) const
{
  const Place &     place = places.at(patch);
  const ShardView & shard = shards[place.shard];
  const std::size_t size = shard.image.size() / shard.checksums.size();
  const auto        raw = shard.image.subspan(place.row * size, size);
  if (!checked[patch])
  {
    Require(FastHash(raw) == shard.checksums[place.row], Fault::Input, "patch ", place.row, " (case ",
            cases[patches[patch].caseIndex].caseId, ") of '", shard.path.string(), "' is damaged: its checksum differs; make the cache anew");
    checked[patch] = true;
  }
  return raw;
}

PatchCache::PatchCache(const fs::path & folder)
  : m_Impl(new Impl)
{
  Require(fs::is_directory(folder), Fault::Input, "'", folder.string(), "' is no patch cache: a folder of shards is expected");
  std::set<fs::path> shards;
  for (const auto & entry : fs::directory_iterator(folder))
    if (entry.path().filename().string().starts_with("shard-") && entry.path().extension() == ".h5")
      shards.insert(entry.path());
  Require(!shards.empty(), Fault::Input, "'", folder.string(), "' is no patch cache: it holds no shard-NNNNN.h5");
  m_Impl->shards.reserve(shards.size());
  for (const auto & shard : shards)
    m_Impl->Open(shard);
  m_Impl->checked.assign(m_Impl->patches.size(), false);
}

PatchCache::~PatchCache() = default;
PatchCache::PatchCache(PatchCache &&) noexcept = default;
PatchCache & PatchCache::operator=(PatchCache &&) noexcept = default;

const CacheDescription &                    PatchCache::Description() const { return m_Impl->description; }
const std::vector<PatchRecord> &            PatchCache::Patches() const { return m_Impl->patches; }
const std::vector<PatchCache::CaseRecord> & PatchCache::Cases() const { return m_Impl->cases; }
bool                                        PatchCache::HasSegmentation() const { return !m_Impl->description.segmentationNames.empty(); }

std::size_t PatchCache::VoxelsPerPatch() const
{
  return static_cast<std::size_t>(m_Impl->description.patch.Voxels()) * static_cast<std::size_t>(m_Impl->description.channels);
}

std::string PatchCache::Fingerprint() const
{
  std::string text = cache::ToJson(m_Impl->description);
  for (const auto & shard : m_Impl->shards)
    text.append(reinterpret_cast<const char *>(shard.checksums.data()), shard.checksums.size() * sizeof(std::uint64_t));
  return ContentHash(std::as_bytes(std::span(text.data(), text.size())));
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

void PatchCache::ReadImages(std::span<const std::size_t> patches, const IntensityPlan & plan, std::span<float> target) const
{
  const std::size_t size = VoxelsPerPatch();
  Require(target.size() == patches.size() * size, Fault::Internal, "a buffer of another size for ", patches.size(), " patches");
  for (std::size_t i = 0; i < patches.size(); ++i)
  {
    const auto & intensity = m_Impl->cases[m_Impl->patches.at(patches[i]).caseIndex].intensity;
    const bool   window = plan.kind == IntensityPlan::Kind::Window;
    const double shift = window ? (plan.low + plan.high) / 2 : intensity.mean;
    const double scale = window ? 2 / (plan.high - plan.low) : 1 / std::max(intensity.standardDeviation, 1e-12);
    const auto   raw = m_Impl->Raw(patches[i]);
    const auto   out = target.subspan(i * size, size);
    switch (TypeOf(patches[i]))
    {
      case PixelType::UInt8: Normalise<std::uint8_t>(raw, shift, scale, window, out); break;
      case PixelType::Int16: Normalise<std::int16_t>(raw, shift, scale, window, out); break;
      case PixelType::UInt16: Normalise<std::uint16_t>(raw, shift, scale, window, out); break;
      case PixelType::Float32: Normalise<float>(raw, shift, scale, window, out); break;
    }
  }
}

void PatchCache::ReadSegmentations(std::span<const std::size_t> patches, std::span<std::uint8_t> target) const
{
  Require(HasSegmentation(), Fault::Input, "the patch cache holds no segmentation; extract it with --dense");
  const auto size = static_cast<std::size_t>(m_Impl->description.patch.Voxels());
  Require(target.size() == patches.size() * size, Fault::Internal, "a buffer of another size for ", patches.size(), " patches");
  for (std::size_t i = 0; i < patches.size(); ++i)
  {
    const Place & place = m_Impl->places.at(patches[i]);
    std::memcpy(target.data() + i * size, m_Impl->shards[place.shard].segmentation.data() + place.row * size, size);
  }
}

std::span<const std::byte> PatchCache::RawImage(std::size_t patch) const { return m_Impl->Raw(patch); }
PixelType PatchCache::TypeOf(std::size_t patch) const { return m_Impl->shards[m_Impl->places.at(patch).shard].type; }

} // namespace serval
