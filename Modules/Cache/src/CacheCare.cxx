#include "serval/Cache/CacheCare.h"

#include "CacheRecord.h"
#include "CacheSchema.h"
#include "Hdf5.h"
#include "Shard.h"
#include "WorkerTeam.h"
#include "serval/Core/AtomicFile.h"
#include "serval/Core/Hash.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <optional>
#include <set>

namespace serval
{
namespace
{

namespace fs = std::filesystem;
using namespace cache;

std::set<std::string> ListedFiles(const CacheRecord & record)
{
  std::set<std::string> files{ recordName };
  for (const auto & shard : record.shards)
    files.insert(shard.file);
  if (!record.index.empty())
    files.insert(indexName);
  return files;
}

bool IsOurs(const std::string & name)
{
  return IsShardName(name) || name == indexName;
}

std::string HashOfFile(const fs::path & file)
{
  return ContentHash(Mapping(file).Bytes());
}

// What differs in one shard; cases are named by the rows they own.
std::vector<CacheDamage> VerifyShard(const fs::path & folder, const CacheRecord & record, std::size_t shard,
                                     const std::vector<std::size_t> & cases)
{
  const auto &             file = record.shards[shard].file;
  std::vector<CacheDamage> found;
  try
  {
    const ShardView view(folder, record.shards[shard], record.description);
    for (const auto at : cases)
      for (std::size_t n = 0; n < record.cases[at].patches; ++n)
        if (const auto damage = view.FindDamage(record.cases[at].firstRow + n); !damage.empty())
          found.push_back({ file, record.cases[at].source.caseId, Concat(damage, " of patch ", n) });
  }
  catch (const Error & e)
  {
    for (const auto at : cases)
      found.push_back({ file, record.cases[at].source.caseId, e.what() });
  }
  return found;
}

void VerifyIndex(const fs::path & folder, const CacheRecord & record, std::vector<CacheDamage> & found)
{
  if (record.index.empty())
    return;
  if (!fs::exists(folder / indexName))
    found.push_back({ indexName, "", "it is missing" });
  else if (HashOfFile(folder / indexName) != record.index)
    found.push_back({ indexName, "", "its checksum differs" });
}

double AgeInDays(const fs::path & file)
{
  std::error_code failure;
  const auto      written = fs::last_write_time(file, failure);
  return failure ? 0
                 : std::chrono::duration<double, std::ratio<86400>>(fs::file_time_type::clock::now() - written).count();
}

} // namespace

CacheReport InspectCache(const fs::path & folder)
{
  const auto  record = CacheRecord::Read(folder);
  const auto  listed = ListedFiles(record);
  CacheReport report;
  report.description = record.description;
  report.shards = record.shards.size();
  report.hasIndex = !record.index.empty();
  report.batchBytes = sizeof(float) * static_cast<std::uint64_t>(record.description.patch.Voxels()) *
                      static_cast<std::uint64_t>(record.description.channels);
  std::vector<std::string>   states;
  std::vector<std::uint64_t> rows(record.shards.size()), stored(record.shards.size());
  for (const auto & shard : record.shards)
  {
    std::error_code failure;
    const auto      size = fs::file_size(folder / shard.file, failure);
    states.push_back(failure ? "missing" : size != shard.size ? "truncated" : "whole");
    report.bytes += shard.size;
    for (const auto & range : shard.data)
      stored[states.size() - 1] += range.size;
  }
  for (const auto & one : record.cases)
    rows[one.shard] += one.patches;
  for (const auto & one : record.cases)
  {
    report.cases.push_back({ one.source, one.key, record.shards[one.shard].file, one.patches,
                             one.patches == 0 ? 0 : stored[one.shard] * one.patches / rows[one.shard],
                             states[one.shard] });
    report.patches += one.patches;
  }
  for (const auto & entry : fs::directory_iterator(folder))
  {
    const auto name = entry.path().filename().string();
    if (IsPartial(entry.path()))
      ++(IsDeadPartial(entry.path()) ? report.partial : report.running);
    else if (IsOurs(name) && !listed.contains(name))
    {
      report.stale.push_back(name);
      report.staleBytes += entry.file_size();
    }
  }
  std::sort(report.stale.begin(), report.stale.end());
  return report;
}

CacheDescription DescriptionOf(const fs::path & folder)
{
  std::string problem;
  try
  {
    return CacheRecord::Read(folder).description;
  }
  catch (const Error & e)
  {
    problem = e.what();
  }
  std::set<fs::path> shards;
  std::error_code    ignored;
  for (const auto & entry : fs::directory_iterator(folder, ignored))
    if (IsShardName(entry.path().filename().string()))
      shards.insert(entry.path());
  for (const auto & shard : shards)
    try
    {
      const std::lock_guard lock(hdf5::Lock());
      return DescriptionFromText(hdf5::ReadTextAttribute(hdf5::OpenForReading(shard), "description"));
    }
    catch (const Error &)
    {
      continue; // the next shard may be whole
    }
  Fail(Fault::Input, problem, "; no shard tells how it was made");
}

std::vector<CacheDamage> VerifyCache(const fs::path & folder, int threads)
{
  std::vector<CacheDamage> found;
  CacheRecord              record;
  try
  {
    record = CacheRecord::Read(folder);
  }
  catch (const Error & e)
  {
    if (!fs::exists(folder / recordName))
      throw;
    return { { recordName, "", e.what() } };
  }
  std::vector<std::vector<std::size_t>> cases(record.shards.size());
  for (std::size_t i = 0; i < record.cases.size(); ++i)
    cases[record.cases[i].shard].push_back(i);
  std::vector<std::vector<CacheDamage>> each(record.shards.size());
  WorkerTeam().Run(threads, record.shards.size(),
                   [&](std::size_t i) { each[i] = VerifyShard(folder, record, i, cases[i]); });
  for (const auto & one : each)
    found.insert(found.end(), one.begin(), one.end());
  VerifyIndex(folder, record, found);
  return found;
}

std::vector<std::string> PruneCache(const fs::path & folder, const PruneRule & rule)
{
  Require(fs::is_directory(folder), Fault::Input, "'", folder.string(),
          "' is no patch cache: a folder of shards is expected");
  const bool hasRecord = fs::exists(folder / recordName);
  Require(hasRecord || !rule.stale, Fault::Usage, "the extraction of '", folder.string(),
          "' has not finished: no shard is stale; run it again to go on");
  const auto               listed = hasRecord ? ListedFiles(CacheRecord::Read(folder)) : std::set<std::string>{};
  std::set<fs::path>       found;
  std::vector<std::string> names;
  for (const auto & entry : fs::directory_iterator(folder))
  {
    const auto name = entry.path().filename().string();
    const bool isPartial = IsPartial(entry.path());
    Require(!isPartial || IsDeadPartial(entry.path()), Fault::Usage, "an extraction works on '", folder.string(),
            "'; prune when it has ended");
    const bool isLeft = isPartial || (hasRecord && name == indexName && !listed.contains(name));
    const bool isStale = rule.stale && IsOurs(name) && !listed.contains(name);
    if ((isLeft || isStale) && AgeInDays(entry.path()) >= rule.olderThanDays)
      found.insert(entry.path());
  }
  for (const auto & path : found)
  {
    names.push_back(path.filename().string());
    std::error_code failure;
    if (!rule.dryRun)
      fs::remove(path, failure);
    Require(!failure, Fault::Environment, "cannot remove '", path.string(), "': ", failure.message());
  }
  return names;
}

} // namespace serval
