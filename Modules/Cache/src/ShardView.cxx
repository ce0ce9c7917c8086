#include "CacheSchema.h"
#include "Codec.h"
#include "Hdf5.h"
#include "Shard.h"
#include "serval/Core/Hash.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace serval::cache
{
namespace
{

namespace fs = std::filesystem;

ShardTables ReadTables(hid_t file, const CacheDescription & d)
{
  ShardTables t;
  t.classes = hdf5::ReadVector<std::int32_t>(file, "/patches/class", 1);
  t.caseIndex = hdf5::ReadVector<std::int32_t>(file, "/patches/case", 1);
  t.corner = hdf5::ReadVector<std::int32_t>(file, "/patches/corner", 2);
  t.origin = hdf5::ReadVector<double>(file, "/patches/origin", 2);
  t.spacing = hdf5::ReadVector<double>(file, "/patches/spacing", 2);
  t.direction = hdf5::ReadVector<double>(file, "/patches/direction", 2);
  t.checksum = hdf5::ReadVector<std::uint64_t>(file, "/patches/checksum", 1);
  const bool hasLabels = !d.segmentationNames.empty(), isCompressed = d.compression != Compression::None;
  if (hasLabels)
    t.segmentationChecksum = hdf5::ReadVector<std::uint64_t>(file, "/patches/segmentation_checksum", 1);
  if (isCompressed)
    t.storedChecksum = hdf5::ReadVector<std::uint64_t>(file, "/patches/stored_checksum", 1);
  if (isCompressed && hasLabels)
    t.segmentationStoredChecksum = hdf5::ReadVector<std::uint64_t>(file, "/patches/segmentation_stored_checksum", 1);
  if (H5Lexists(file, "/patches/candidate", H5P_DEFAULT) > 0)
    t.candidates = hdf5::ReadTexts(file, "/patches/candidate");
  t.intensity = hdf5::ReadVector<double>(file, "/cases/intensity", 3);
  t.keys = hdf5::ReadTexts(file, "/cases/key");
  if (H5Lexists(file, "/cases/volume", H5P_DEFAULT) > 0)
  {
    t.modality = hdf5::ReadTexts(file, "/cases/modality");
    t.volume = hdf5::ReadVector<double>(file, "/cases/volume", 2);
  }
  return t;
}

void ReadCases(hid_t file, ShardTables & t)
{
  t.cases.resize(t.keys.size());
  for (const auto & [name, member] : { std::pair{ "case", &CaseSource::caseId },
                                       { "patient", &CaseSource::patient },
                                       { "time_point", &CaseSource::timePoint },
                                       { "class", &CaseSource::className },
                                       { "source_fingerprint", &CaseSource::sourceFingerprint },
                                       { "label_fingerprint", &CaseSource::labelFingerprint } })
  {
    const auto texts = hdf5::ReadTexts(file, std::string("/cases/") + name);
    Require(texts.size() == t.cases.size(), Fault::Input, "the tables of cases have different lengths");
    for (std::size_t i = 0; i < texts.size(); ++i)
      t.cases[i].*member = texts[i];
  }
}

void CheckTables(const ShardTables & t, const CacheDescription & d, const fs::path & path)
{
  const auto n = t.Count(), m = t.cases.size();
  const auto fits = [n](const auto & table) { return table.size() == n; };
  Require(fits(t.caseIndex) && t.corner.size() == 3 * n && t.origin.size() == 3 * n && t.spacing.size() == 3 * n &&
            t.direction.size() == 9 * n && fits(t.checksum) && (t.candidates.empty() || fits(t.candidates)) &&
            (t.segmentationChecksum.empty() || fits(t.segmentationChecksum)) &&
            (t.storedChecksum.empty() || fits(t.storedChecksum)) &&
            (t.segmentationStoredChecksum.empty() || fits(t.segmentationStoredChecksum)) &&
            t.intensity.size() == 4 * m * static_cast<std::size_t>(d.channels) &&
            (t.modality.empty() || t.modality.size() == m) && (t.volume.empty() || t.volume.size() == 6 * m),
          Fault::Input, "the tables of '", path.string(), "' have different lengths");
  for (std::size_t i = 0; i < n; ++i)
    Require(t.caseIndex[i] >= 0 && static_cast<std::size_t>(t.caseIndex[i]) < m && t.classes[i] >= -1 &&
              t.classes[i] < std::max<int>(static_cast<int>(d.classNames.size()), 0),
            Fault::Input, "patch ", i, " of '", path.string(), "' has no such case or class");
}

} // namespace

ShardView::ShardView(const fs::path & folder, const ShardRecord & record, const CacheDescription & description)
  : m_Path(folder / record.file)
  , m_Record(record)
  , m_Mapping(m_Path)
{
  const auto bytes = m_Mapping.Bytes();
  Require(bytes.size() == record.size, Fault::Input, "'", m_Path.string(), "' is truncated or grown: it has ",
          bytes.size(), " bytes; ", record.size, " are expected");
  Require(HashOutside(bytes, record.data) == record.tables, Fault::Input, "the tables of '", m_Path.string(),
          "' are damaged: their checksum differs");
  Open(description);
}

ShardView::ShardView(const fs::path & file, const CacheDescription & description)
  : m_Path(file)
  , m_Mapping(m_Path)
{
  Open(description);
  const auto voxels = { &m_Image, &m_Segmentation };
  for (const auto * blocks : voxels)
    for (const auto & block : *blocks)
      m_Record.data.push_back({ static_cast<std::uint64_t>(block.data() - m_Mapping.Bytes().data()), block.size() });
  std::sort(m_Record.data.begin(), m_Record.data.end(),
            [](const auto & a, const auto & b) { return a.offset < b.offset; });
  std::vector<ByteRange> joined;
  for (const auto & range : m_Record.data)
    if (!joined.empty() && joined.back().offset + joined.back().size == range.offset)
      joined.back().size += range.size;
    else
      joined.push_back(range);
  m_Record = { m_Path.filename().string(), m_Mapping.Bytes().size(), HashOutside(m_Mapping.Bytes(), joined), joined };
}

void ShardView::Open(const CacheDescription & d)
{
  const std::lock_guard lock(hdf5::Lock());
  const hdf5::File      file = hdf5::OpenForReading(m_Path);
  const auto            found = DescriptionFromText(hdf5::ReadTextAttribute(file, "description"));
  Require(ToJson(found) == ToJson(d), Fault::Input, "'", m_Path.string(),
          "' was made with other parameters than its cache says");
  m_Tables = ReadTables(file, d);
  ReadCases(file, m_Tables);
  CheckTables(m_Tables, d, m_Path);
  m_Compression = d.compression;
  const hdf5::Dataset image(H5Dopen2(file, "/patches/image", H5P_DEFAULT), "opening '/patches/image'");
  const hdf5::Type    type(H5Dget_type(image), "reading '/patches/image'");
  m_Type = PixelTypeOf(type, "/patches/image");
  const auto shape = hdf5::ShapeOf(image, 5, "/patches/image");
  const auto expected = TensorShape(d.patch);
  Require(
    std::equal(expected.begin(), expected.end(), shape.begin() + 2, [](auto a, auto b) { return hsize_t(a) == b; }) &&
      shape[1] == hsize_t(d.channels) && shape[0] == m_Tables.Count(),
    Fault::Input, "'/patches/image' of '", m_Path.string(), "' has another size than the cache's description says");
  m_SegmentationBytes = static_cast<std::size_t>(d.patch.Voxels());
  m_ImageBytes = m_SegmentationBytes * shape[1] * SizeOf(m_Type);
  LocateVoxels(file, "/patches/image", m_ImageBytes, m_Image);
  if (!d.segmentationNames.empty())
    LocateVoxels(file, "/patches/segmentation", m_SegmentationBytes, m_Segmentation);
}

void ShardView::LocateVoxels(std::int64_t file, const char * name, std::size_t patchBytes, Blocks & blocks)
{
  const hdf5::Dataset  dataset(H5Dopen2(file, name, H5P_DEFAULT), Concat("opening '", name, "'"));
  const auto           bytes = m_Mapping.Bytes();
  const auto           rank = std::string_view(name).ends_with("image") ? 5U : 4U;
  std::vector<hsize_t> at(rank, 0);
  Require(hdf5::ShapeOf(dataset, rank, name)[0] == m_Tables.Count(), Fault::Input, "'", name, "' of '", m_Path.string(),
          "' has another length");
  haddr_t offset = m_Compression == Compression::None && m_Tables.Count() > 0 ? H5Dget_offset(dataset) : 0;
  for (std::size_t row = 0; row < m_Tables.Count(); ++row)
  {
    hsize_t  size = patchBytes;
    unsigned mask = 0;
    at[0] = row;
    const bool found =
      m_Compression == Compression::None || H5Dget_chunk_info_by_coord(dataset, at.data(), &mask, &offset, &size) >= 0;
    Require(found && mask == 0 && offset != HADDR_UNDEF && offset <= bytes.size() && size <= bytes.size() - offset,
            Fault::Input, "'", m_Path.string(), "' does not hold patch ", row, " of ", name,
            " where it should; it is truncated or none of ours");
    blocks.push_back(bytes.subspan(offset, size));
    if (m_Compression == Compression::None)
      offset += size;
  }
}

std::span<const std::byte> ShardView::Image(std::size_t row, std::vector<std::byte> & buffer) const
{
  if (m_Compression == Compression::None)
    return m_Image[row];
  buffer.resize(m_ImageBytes);
  Inflate(m_Image[row], SizeOf(m_Type), m_Compression, buffer);
  return buffer;
}

std::span<const std::byte> ShardView::Segmentation(std::size_t row, std::vector<std::byte> & buffer) const
{
  if (m_Compression == Compression::None)
    return m_Segmentation[row];
  buffer.resize(m_SegmentationBytes);
  Inflate(m_Segmentation[row], 1, m_Compression, buffer);
  return buffer;
}

std::string ShardView::FindDamage(std::size_t row) const
{
  const bool isCompressed = m_Compression != Compression::None;
  const auto differs = [&](const Blocks & blocks, const auto & native, const auto & stored) {
    return !blocks.empty() && FastHash(blocks[row]) != (isCompressed ? stored : native)[row];
  };
  if (differs(m_Image, m_Tables.checksum, m_Tables.storedChecksum))
    return "image";
  return differs(m_Segmentation, m_Tables.segmentationChecksum, m_Tables.segmentationStoredChecksum) ? "segmentation"
                                                                                                     : "";
}

} // namespace serval::cache
