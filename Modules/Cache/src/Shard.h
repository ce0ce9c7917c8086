#pragma once

#include "CacheRecord.h"
#include "Mapping.h"
#include "serval/Cache/PatchCache.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace serval::cache
{

/// All of a shard but its voxels: N patches of M cases.
struct ShardTables
{
  std::vector<std::int32_t>  classes, caseIndex;                         ///< N
  std::vector<std::int32_t>  corner;                                     ///< 3 N
  std::vector<double>        origin, spacing, direction;                 ///< 3 N, 3 N, 9 N
  std::vector<std::uint64_t> checksum, segmentationChecksum;             ///< of native bytes
  std::vector<std::uint64_t> storedChecksum, segmentationStoredChecksum; ///< of compressed bytes
  std::vector<std::string>   candidates;                                 ///< N or none
  std::vector<CaseSource>    cases;                                      ///< M
  std::vector<std::string>   keys;                                       ///< M
  std::vector<double>        intensity;                                  ///< 4 channels M
  std::vector<std::string>   modality;                                   ///< M or none
  std::vector<double>        volume;                                     ///< size and spacing: 6 M or none

  std::size_t Count() const { return classes.size(); }
  /// Appends patches `first` to `first + count` of another shard's case.
  void Append(const ShardTables & other, std::size_t caseIndex, std::size_t first, std::size_t count);
};

using Blocks = std::vector<std::span<const std::byte>>;

/// Tables and stored bytes: of any number of patches a block where uncompressed, of one patch a block where compressed.
struct ShardContent
{
  CacheDescription description;
  PixelType        type = PixelType::Float32;
  ShardTables      tables;
  Blocks           image, segmentation;
};

/// Writes the file and syncs nothing; the record's file name is that of `path`. Fault::Environment on a full disk.
ShardRecord WriteShard(const std::filesystem::path & path, const ShardContent & content);

/// Writes a dataset of texts and numbers for each table; also of index.h5.
void WriteTables(std::int64_t file, const ShardTables & tables, int channels);

/// One opened shard, mapped into memory.
class ShardView
{
public:
  /// Of a listed shard the tables' hash is tested first. Fault::Input when it is missing, damaged or of other patches.
  ShardView(const std::filesystem::path & folder, const ShardRecord & record, const CacheDescription & description);
  /// Of a shard that no record lists.
  ShardView(const std::filesystem::path & file, const CacheDescription & description);

  const ShardRecord &        Record() const { return m_Record; }
  const ShardTables &        Tables() const { return m_Tables; }
  PixelType                  Type() const { return m_Type; }
  std::span<const std::byte> StoredImage(std::size_t row) const { return m_Image.at(row); }
  std::span<const std::byte> StoredSegmentation(std::size_t row) const { return m_Segmentation.at(row); }

  /// Native voxels of one patch: in place where uncompressed, else in `buffer`.
  std::span<const std::byte> Image(std::size_t row, std::vector<std::byte> & buffer) const;
  std::span<const std::byte> Segmentation(std::size_t row, std::vector<std::byte> & buffer) const;
  /// Which of a patch's bytes differ from their checksums: "image", "segmentation" or nothing.
  std::string FindDamage(std::size_t row) const;

private:
  void Open(const CacheDescription & description);
  void LocateVoxels(std::int64_t file, const char * name, std::size_t patchBytes, Blocks & blocks);

  std::filesystem::path m_Path;
  ShardRecord           m_Record;
  Mapping               m_Mapping;
  ShardTables           m_Tables;
  PixelType             m_Type = PixelType::Float32;
  Compression           m_Compression = Compression::None;
  std::size_t           m_ImageBytes = 0, m_SegmentationBytes = 0; ///< native, of one patch
  Blocks                m_Image, m_Segmentation;                   ///< stored, of each patch
};

/// Content hash of all bytes outside the ranges.
std::string HashOutside(std::span<const std::byte> bytes, const std::vector<ByteRange> & data);

} // namespace serval::cache
