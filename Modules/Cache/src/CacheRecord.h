#pragma once

#include "serval/Cache/PatchCache.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace serval::cache
{

/// Bytes of a file from `offset` on.
struct ByteRange
{
  std::uint64_t offset = 0, size = 0;
};

/// One HDF5 file of a cache. Voxels lie in `data` and have checksums of their own; all other bytes have `tables`.
struct ShardRecord
{
  std::string            file; ///< name in the folder
  std::uint64_t          size = 0;
  std::string            tables; ///< content hash of the bytes outside `data`
  std::vector<ByteRange> data;   ///< in ascending order
};

/// Where the patches of one case lie.
struct CaseEntry
{
  CaseSource  source;
  std::string key;
  std::size_t shard = 0, firstRow = 0, patches = 0;
};

/// cache.json: what a cache holds.
struct CacheRecord
{
  CacheDescription         description;
  std::vector<ShardRecord> shards;
  std::vector<CaseEntry>   cases;
  std::string              index; ///< content hash of index.h5, or empty

  /// Fault::Input when the folder is no cache, has not been finished, is of another schema, or cache.json is damaged.
  static CacheRecord Read(const std::filesystem::path & folder);
  /// Whole or not at all; the last line is a checksum of all others.
  void        Write(const std::filesystem::path & folder) const;
  std::string ToText() const;
};

} // namespace serval::cache
