#include "CacheSchema.h"
#include "Codec.h"
#include "Hdf5.h"
#include "Shard.h"
#include "serval/Core/Hash.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>

namespace serval::cache
{
namespace
{

namespace fs = std::filesystem;

// Voxels begin at a page: typed access to the mapped file is aligned.
constexpr hsize_t alignment = 4096, alignedFrom = 65536;

hdf5::Properties VoxelLayout(const CacheDescription & d, std::vector<hsize_t> chunk)
{
  hdf5::Properties creation(H5Pcreate(H5P_DATASET_CREATE), "making properties");
  H5Pset_obj_track_times(creation, false);
  H5Pset_fill_time(creation, H5D_FILL_TIME_NEVER);
  if (d.compression == Compression::None)
  {
    H5Pset_alloc_time(creation, H5D_ALLOC_TIME_EARLY); // the place of the voxels is known before they are written
    return creation;
  }
  chunk.front() = 1;
  H5Pset_chunk(creation, static_cast<int>(chunk.size()), chunk.data());
  H5Pset_shuffle(creation);
  if (d.compression == Compression::Gzip)
    H5Pset_deflate(creation, 1);
  else
  {
    const unsigned level = 1; // optional, so that a file can be made without the filter's plugin
    H5Pset_filter(creation, zstdFilter, H5Z_FLAG_OPTIONAL, 1, &level);
  }
  return creation;
}

// Where the voxels of one dataset are to be written; compressed ones are written here.
std::vector<ByteRange> WriteVoxels(hid_t file, const char * name, hid_t type, const std::vector<hsize_t> & shape,
                                   const ShardContent & content, const Blocks & blocks)
{
  const auto          creation = VoxelLayout(content.description, shape);
  const hdf5::Space   space(H5Screate_simple(static_cast<int>(shape.size()), shape.data(), nullptr), "making a space");
  const hdf5::Dataset dataset(H5Dcreate2(file, name, type, space, H5P_DEFAULT, creation, H5P_DEFAULT),
                              Concat("creating '", name, "'"));
  if (shape.front() == 0)
    return {};
  if (content.description.compression == Compression::None)
    return { { H5Dget_offset(dataset), H5Dget_storage_size(dataset) } };
  std::vector<hsize_t> at(shape.size(), 0);
  for (const auto & block : blocks)
  {
    Require(H5Dwrite_chunk(dataset, H5P_DEFAULT, 0, at.data(), block.size(), block.data()) >= 0, Fault::Environment,
            "HDF5 failed while writing '", name, "'; is the disk full?");
    ++at[0];
  }
  return {};
}

// Blocks that lie one behind another in memory become one, so that small patches do not cost a system call each.
Blocks Joined(const Blocks & blocks)
{
  Blocks joined;
  for (const auto & block : blocks)
    if (!joined.empty() && joined.back().data() + joined.back().size() == block.data())
      joined.back() = { joined.back().data(), joined.back().size() + block.size() };
    else
      joined.push_back(block);
  return joined;
}

void WriteAt(int file, const fs::path & path, std::uint64_t offset, const Blocks & blocks)
{
  for (auto block : Joined(blocks))
    while (!block.empty())
    {
      const auto written = ::pwrite(file, block.data(), block.size(), static_cast<off_t>(offset));
      Require(written > 0 || (written < 0 && errno == EINTR), Fault::Environment, "cannot write '", path.string(),
              "': ", std::strerror(errno), "; is the disk full?");
      const auto bytes = static_cast<std::size_t>(std::max<ssize_t>(written, 0));
      block = block.subspan(bytes);
      offset += bytes;
    }
}

std::vector<std::string> TextsOf(const ShardTables & tables, std::string CaseSource::*member)
{
  std::vector<std::string> texts;
  for (const auto & one : tables.cases)
    texts.push_back(one.*member);
  return texts;
}

// Everything but uncompressed voxels, whose places are returned: image, segmentation.
std::vector<ByteRange> WriteSkeleton(const fs::path & path, const ShardContent & content)
{
  const std::lock_guard lock(hdf5::Lock());
  const auto &          d = content.description;
  const auto            count = static_cast<hsize_t>(content.tables.Count());
  const auto            shape = TensorShape(d.patch);
  const hdf5::File      file =
    d.compression == Compression::None ? hdf5::Create(path, alignedFrom, alignment) : hdf5::Create(path);
  hdf5::WriteAttribute(file, "description", ToJson(d).dump());
  WriteTables(file, content.tables, d.channels);
  auto places = WriteVoxels(file, "/patches/image", HdfTypeOf(content.type),
                            { count, hsize_t(d.channels), hsize_t(shape[0]), hsize_t(shape[1]), hsize_t(shape[2]) },
                            content, content.image);
  if (!d.segmentationNames.empty())
    for (const auto & place :
         WriteVoxels(file, "/patches/segmentation", H5T_NATIVE_UINT8,
                     { count, hsize_t(shape[0]), hsize_t(shape[1]), hsize_t(shape[2]) }, content, content.segmentation))
      places.push_back(place);
  Require(H5Fflush(file, H5F_SCOPE_GLOBAL) >= 0, Fault::Environment, "HDF5 failed while writing '", path.string(),
          "'; is the disk full?");
  return places;
}

} // namespace

void ShardTables::Append(const ShardTables & other, std::size_t index, std::size_t first, std::size_t count)
{
  const auto copy = [&](auto & to, const auto & from, std::size_t width) {
    if (!from.empty())
      to.insert(to.end(), from.begin() + std::ptrdiff_t(first * width),
                from.begin() + std::ptrdiff_t((first + count) * width));
  };
  const auto before = Count(), channels = other.intensity.size() / other.cases.size();
  copy(classes, other.classes, 1);
  copy(corner, other.corner, 3);
  copy(origin, other.origin, 3);
  copy(spacing, other.spacing, 3);
  copy(direction, other.direction, 9);
  copy(checksum, other.checksum, 1);
  copy(segmentationChecksum, other.segmentationChecksum, 1);
  copy(storedChecksum, other.storedChecksum, 1);
  copy(segmentationStoredChecksum, other.segmentationStoredChecksum, 1);
  if (!other.candidates.empty())
    candidates.resize(before); // cases before without candidates
  copy(candidates, other.candidates, 1);
  if (!candidates.empty())
    candidates.resize(before + count);
  caseIndex.insert(caseIndex.end(), count, static_cast<std::int32_t>(cases.size()));
  cases.push_back(other.cases[index]);
  keys.push_back(other.keys[index]);
  intensity.insert(intensity.end(), other.intensity.begin() + std::ptrdiff_t(index * channels),
                   other.intensity.begin() + std::ptrdiff_t((index + 1) * channels));
  modality.push_back(other.modality.empty() ? "" : other.modality[index]);
  for (std::size_t i = 0; i < 6; ++i)
    volume.push_back(other.volume.empty() ? 0 : other.volume[6 * index + i]);
}

void WriteTables(std::int64_t file, const ShardTables & t, int channels)
{
  const auto n = static_cast<hsize_t>(t.Count());
  hdf5::WriteVector(file, "/patches/class", { n }, t.classes);
  hdf5::WriteVector(file, "/patches/case", { n }, t.caseIndex);
  hdf5::WriteVector(file, "/patches/corner", { n, 3 }, t.corner);
  hdf5::WriteVector(file, "/patches/origin", { n, 3 }, t.origin);
  hdf5::WriteVector(file, "/patches/spacing", { n, 3 }, t.spacing);
  hdf5::WriteVector(file, "/patches/direction", { n, 9 }, t.direction);
  const auto optional = [&](const char * name, const std::vector<std::uint64_t> & values) {
    if (!values.empty())
      hdf5::WriteVector(file, name, { n }, values);
  };
  hdf5::WriteVector(file, "/patches/checksum", { n }, t.checksum);
  optional("/patches/segmentation_checksum", t.segmentationChecksum);
  optional("/patches/stored_checksum", t.storedChecksum);
  optional("/patches/segmentation_stored_checksum", t.segmentationStoredChecksum);
  if (!t.candidates.empty())
    hdf5::WriteTexts(file, "/patches/candidate", t.candidates);
  hdf5::WriteTexts(file, "/cases/case", TextsOf(t, &CaseSource::caseId));
  hdf5::WriteTexts(file, "/cases/patient", TextsOf(t, &CaseSource::patient));
  hdf5::WriteTexts(file, "/cases/time_point", TextsOf(t, &CaseSource::timePoint));
  hdf5::WriteTexts(file, "/cases/class", TextsOf(t, &CaseSource::className));
  hdf5::WriteTexts(file, "/cases/source_fingerprint", TextsOf(t, &CaseSource::sourceFingerprint));
  hdf5::WriteTexts(file, "/cases/label_fingerprint", TextsOf(t, &CaseSource::labelFingerprint));
  hdf5::WriteTexts(file, "/cases/key", t.keys);
  hdf5::WriteVector(file, "/cases/intensity", { hsize_t(t.cases.size()), hsize_t(channels), 4 }, t.intensity);
  hdf5::WriteTexts(file, "/cases/modality", t.modality);
  hdf5::WriteVector(file, "/cases/volume", { hsize_t(t.cases.size()), 6 }, t.volume);
}

std::string HashOutside(std::span<const std::byte> bytes, const std::vector<ByteRange> & data)
{
  std::vector<std::byte> outside;
  std::uint64_t          at = 0;
  for (const auto & range : data)
  {
    Require(range.offset >= at && range.offset <= bytes.size() && range.size <= bytes.size() - range.offset,
            Fault::Input, "a shard is shorter than its record says");
    outside.insert(outside.end(), bytes.begin() + std::ptrdiff_t(at), bytes.begin() + std::ptrdiff_t(range.offset));
    at = range.offset + range.size;
  }
  outside.insert(outside.end(), bytes.begin() + std::ptrdiff_t(at), bytes.end());
  return ContentHash(outside);
}

ShardRecord WriteShard(const fs::path & path, const ShardContent & content)
{
  const auto places = WriteSkeleton(path, content);
  if (!places.empty())
  {
    const int handle = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
    Require(handle >= 0, Fault::Environment, "cannot write '", path.string(), "': ", std::strerror(errno));
    const std::unique_ptr<const int, void (*)(const int *)> owner(&handle, [](const int * file) { ::close(*file); });
    WriteAt(handle, path, places[0].offset, content.image);
    if (places.size() > 1)
      WriteAt(handle, path, places[1].offset, content.segmentation);
  }
  return ShardView(path, content.description).Record();
}

} // namespace serval::cache
