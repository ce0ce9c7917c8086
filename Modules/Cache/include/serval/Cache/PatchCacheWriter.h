#pragma once

#include "serval/Cache/PatchCache.h"

#include <filesystem>
#include <memory>
#include <span>
#include <string>

namespace serval
{

/// Whether a case's patches are there already, and why they are or are not.
struct Freshness
{
  bool        isUpToDate = false;
  std::string reason; ///< new | source changed | labels changed | parameters changed: seed 1 -> 2 | shard missing | ...
};

/// Fills a cache folder with one shard a case and lists them in cache.json. Shards that are there already are kept, so
/// an extraction that was ended in any way is gone on with by starting it again. May be used by several threads, and
/// by several processes and machines on one folder: equal keys have equal bytes.
class PatchCacheWriter
{
public:
  /// Fault::Usage when the folder holds anything but a cache, Fault::Environment when the disk is too small.
  PatchCacheWriter(const std::filesystem::path & folder, CacheDescription description, std::uint64_t expectedBytes = 0);
  ~PatchCacheWriter();
  /// Tests every byte of what is there of the case. An up-to-date case is part of the cache; any other is to be Added.
  /// Fault::Input when another patient's case has the same source fingerprint.
  Freshness Look(const CaseSource & source);
  /// Writes the case's shard whole or not at all; it lies on the disk when Commit returns. Fault::Input as Look.
  void Add(const CasePatches & patches);
  /// Writes cache.json, the last act: the cases in this order, or in the order they came when it is empty.
  void Commit(std::span<const std::string> caseIds = {});

private:
  struct Impl;
  std::unique_ptr<Impl> m_Impl;
};

} // namespace serval
