#pragma once

#include "serval/Cache/PatchCache.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace serval
{

/// What a cache folder holds, without reading voxels.
struct CacheReport
{
  struct CaseLine
  {
    CaseSource    source;
    std::string   key, file;
    std::size_t   patches = 0;
    std::uint64_t bytes = 0; ///< of its voxels as stored
    std::string   state;     ///< whole, missing or truncated
  };
  CacheDescription         description;
  std::vector<CaseLine>    cases;
  std::size_t              patches = 0, shards = 0;
  std::uint64_t            bytes = 0;      ///< of all files that are listed
  std::uint64_t            batchBytes = 0; ///< of one patch as float32 in memory
  std::vector<std::string> stale;          ///< files that nothing lists
  std::uint64_t            staleBytes = 0;
  std::size_t              partial = 0; ///< outputs of dead processes
  std::size_t              running = 0; ///< outputs of processes that are at work
  bool                     hasIndex = false;
};
/// Fault::Input as PatchCache.
CacheReport InspectCache(const std::filesystem::path & folder);

/// The description in cache.json or, where that is lost, in any shard. Fault::Input where there is none.
CacheDescription DescriptionOf(const std::filesystem::path & folder);

/// One thing that is not as it was written.
struct CacheDamage
{
  std::string file, caseId, what; ///< case: empty where it touches all or none
};
/// Tests every byte of cache.json, index.h5 and all listed shards, by this many threads.
std::vector<CacheDamage> VerifyCache(const std::filesystem::path & folder, int threads);

/// Joins small shards into packs of up to `packBytes` and writes index.h5: virtual datasets over all patches for h5py,
/// MATLAB and R. Number of shards before and after. Fault::Input when something is damaged.
std::pair<std::size_t, std::size_t> PackCache(const std::filesystem::path & folder, std::uint64_t packBytes);
/// Writes index.h5 alone.
void IndexCache(const std::filesystem::path & folder);

struct PruneRule
{
  bool   stale = false; ///< also shards that cache.json does not list
  double olderThanDays = 0;
  bool   dryRun = false;
};
/// Removes what dead processes left, an index that nothing lists, and stale shards on request; names of the files.
/// Fault::Usage while an extraction works on the folder, or when stale shards are asked for and there is no cache.json.
std::vector<std::string> PruneCache(const std::filesystem::path & folder, const PruneRule & rule);

/// One patch, or numbers on its grid, as a raw NRRD file in LPS; x fastest.
void WriteNrrd(const std::filesystem::path & file, const Geometry & geometry, PixelType type, std::span<const std::byte> voxels);

/// Writes `count` random patches as NRRD with true geometry, one file a channel and one for the segmentation, and
/// samples.csv into the folder, which is made.
void WriteSamples(const PatchCache & cache, std::size_t count, std::uint64_t seed,
                  const std::filesystem::path & folder);

} // namespace serval
