#include "serval/Cache/PatchCacheWriter.h"

#include "CacheRecord.h"
#include "CacheSchema.h"
#include "Codec.h"
#include "Shard.h"
#include "serval/Core/AtomicFile.h"
#include "serval/Core/BackgroundSync.h"
#include "serval/Core/Hash.h"

#include <nlohmann/json.hpp>

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <map>
#include <mutex>
#include <optional>

namespace serval
{
namespace
{

namespace fs = std::filesystem;
using namespace cache;

// A cache may be gone on with, and an empty folder filled; any other folder would be mixed with what it holds.
const fs::path & Usable(const fs::path & folder)
{
  Require(!fs::exists(folder) || fs::is_directory(folder), Fault::Usage, "the output '", folder.string(),
          "' is a file; name a folder");
  std::error_code unreadable;
  for (const auto & entry : fs::directory_iterator(folder, unreadable))
  {
    const auto name = entry.path().filename().string();
    Require(!name.starts_with("shard-"), Fault::Input, "'", folder.string(),
            "' is a patch cache of the schema serval-patch-cache/1; ", schema,
            " is written now: name a new folder, or remove the old one first");
    Require(IsShardName(name) || name == recordName || name == indexName || IsPartial(entry.path()), Fault::Usage,
            "the folder '", folder.string(), "' holds '", name,
            "' and is no patch cache; it is not written to. Name a new folder");
  }
  return folder;
}

void MakeFolder(const fs::path & folder, std::uint64_t expectedBytes)
{
  const auto parent = fs::absolute(folder / "").lexically_normal().parent_path().parent_path();
  Require(fs::is_directory(parent), Fault::Input, "the folder of the output '", folder.string(),
          "' does not exist; create '", parent.string(), "' first");
  RequireDiskSpace(parent, expectedBytes);
  std::error_code failure;
  fs::create_directory(folder, failure);
  const bool isWritable = !failure && ::access(folder.c_str(), W_OK) == 0;
  Require(isWritable, Fault::Environment, "the folder '", (failure ? parent : folder).string(),
          "' cannot be written to: ", failure ? failure.message() : std::strerror(errno));
}

std::optional<CacheRecord> RecordIn(const fs::path & folder, std::string & problem)
{
  if (!fs::exists(folder / recordName))
    return {};
  try
  {
    return CacheRecord::Read(folder);
  }
  catch (const Error & e)
  {
    Require(e.Kind() == Fault::Input, e.Kind(), e.what());
    problem = e.what();
    return {};
  }
}

template <typename TVector>
std::span<const std::byte> Bytes(const TVector & values)
{
  return std::as_bytes(std::span(values));
}

std::vector<std::uint64_t> Checksums(const Blocks & blocks)
{
  std::vector<std::uint64_t> all;
  for (const auto & block : blocks)
    all.push_back(FastHash(block));
  return all;
}

Blocks Divided(std::span<const std::byte> bytes, std::size_t count)
{
  Blocks blocks;
  for (std::size_t n = 0; n < count; ++n)
    blocks.push_back(bytes.subspan(n * (bytes.size() / count), bytes.size() / count));
  return blocks;
}

/// Patches as they are stored; owns compressed bytes.
struct Compressed
{
  std::vector<std::vector<std::byte>> patches;
  Blocks                              blocks;

  Compressed(const Blocks & native, std::size_t elementSize, Compression compression)
  {
    for (const auto & patch : native)
      patches.push_back(Compress(patch, elementSize, compression));
    for (const auto & patch : patches)
      blocks.push_back(patch);
  }
};

ShardTables TablesOf(const CasePatches & p, const std::string & key)
{
  ShardTables t;
  t.classes.assign(p.classes.begin(), p.classes.end());
  t.caseIndex.assign(p.Count(), 0);
  for (const auto & c : p.corners)
    t.corner.insert(t.corner.end(), { std::int32_t(c.x), std::int32_t(c.y), std::int32_t(c.z) });
  for (const auto & g : p.geometries)
  {
    t.origin.insert(t.origin.end(), g.origin.begin(), g.origin.end());
    t.spacing.insert(t.spacing.end(), { g.spacing.x, g.spacing.y, g.spacing.z });
    t.direction.insert(t.direction.end(), g.direction.begin(), g.direction.end());
  }
  t.candidates = p.candidates;
  t.cases.push_back(p);
  t.keys.push_back(key);
  for (const auto & s : p.intensity)
    t.intensity.insert(t.intensity.end(), { s.mean, s.standardDeviation, s.low, s.high });
  t.modality.push_back(p.modality);
  t.volume = { double(p.volume.x), double(p.volume.y), double(p.volume.z), p.volumeSpacing.x, p.volumeSpacing.y, p.volumeSpacing.z };
  return t;
}

ShardRecord WriteCase(const fs::path & path, const CacheDescription & d, const CasePatches & p, const std::string & key)
{
  ShardContent content{ d, p.type, TablesOf(p, key), {}, {} };
  content.image = Divided(p.image, p.Count());
  content.tables.checksum = Checksums(content.image);
  if (!d.segmentationNames.empty())
    content.segmentation = Divided(Bytes(p.segmentation), p.Count());
  content.tables.segmentationChecksum = Checksums(content.segmentation);
  if (d.compression == Compression::None)
  { // contiguous in memory and in the file: written in one go
    content.image = { Bytes(p.image) };
    content.segmentation = { Bytes(p.segmentation) };
    return WriteShard(path, content);
  }
  const Compressed image(content.image, SizeOf(p.type), d.compression),
    segmentation(content.segmentation, 1, d.compression);
  content.tables.storedChecksum = Checksums(content.image = image.blocks);
  content.tables.segmentationStoredChecksum = Checksums(content.segmentation = segmentation.blocks);
  return WriteShard(path, content);
}

// A partial output that is never finished: it shows that this process works on the folder.
class Presence
{
public:
  explicit Presence(const fs::path & folder)
    : m_Output(folder / "extraction", AtomicOutput::Kind::File, 0, AtomicOutput::Leftovers::Ignore)
  {
    std::ofstream(m_Output.Path()).put('\n');
  }

private:
  AtomicOutput m_Output;
};

} // namespace

struct PatchCacheWriter::Impl
{
  std::optional<Presence>            presence;
  fs::path                           folder;
  CacheDescription                   description;
  std::string                        recordProblem; ///< why there is a cache.json but no former record
  std::optional<CacheRecord>         former;
  /// Shards lie on the disk before the record lists them; one that a power cut damages before is found by its checksums.
  BackgroundSync                     sync;
  std::map<std::string, std::size_t> formerCases; ///< id -> index

  std::mutex                                                 mutex; ///< guards what follows
  std::map<std::string, std::shared_ptr<const ShardView>>    packs; ///< opened, by file name
  std::map<std::string, ShardRecord>                         shards;
  std::vector<std::pair<std::string, CaseEntry>>             done;    ///< file of the shard, case
  std::map<std::string, std::size_t>                         places;  ///< case -> index in `done`
  std::map<std::string, std::pair<std::string, std::string>> sources; ///< fingerprint -> patient, case

  // One scan under two patients would stand on both sides of a split.
  void RefuseDuplicates(const CaseSource & source)
  {
    const std::lock_guard lock(mutex);
    const auto [at, fresh] = sources.try_emplace(source.sourceFingerprint, source.patient, source.caseId);
    Require(fresh || at->second.first == source.patient, Fault::Input, "its voxels are those of case ",
            at->second.second, ", which is given to another patient; remove one of them or give both to one patient");
  }

  void Remember(const ShardRecord & shard, CaseEntry entry)
  {
    const std::lock_guard lock(mutex);
    shards[shard.file] = shard;
    const auto [at, fresh] = places.try_emplace(entry.source.caseId, done.size());
    if (fresh)
      done.emplace_back();
    done[at->second] = { shard.file, std::move(entry) };
  }

  const CaseEntry * Former(const std::string & caseId) const
  {
    const auto at = formerCases.find(caseId);
    return at == formerCases.end() ? nullptr : &former->cases[at->second];
  }

  std::shared_ptr<const ShardView> Opened(const ShardRecord & shard)
  {
    {
      const std::lock_guard lock(mutex);
      if (const auto at = packs.find(shard.file); at != packs.end())
        return at->second;
    }
    const auto view = std::make_shared<const ShardView>(folder, shard, description);
    if (shard.file.starts_with("pack-"))
    {
      const std::lock_guard lock(mutex);
      packs.try_emplace(shard.file, view);
    }
    return view;
  }

  std::string Reason(const CaseSource & source, const CaseEntry * before) const
  {
    if (before)
      return Difference(former->description, before->source, description, source);
    return recordProblem.empty() ? "new" : "new, or its record is lost: " + recordProblem;
  }

  // The case as the former record lists it, or as an unfinished or concurrent extraction left it.
  Freshness Adopt(const CaseSource & source, const std::string & key)
  {
    const auto * before = Former(source.caseId);
    const bool   isListed = before && before->key == key;
    const auto   file = isListed ? former->shards[before->shard].file : ShardNameOf(key);
    if (!fs::exists(folder / file))
      return { false, isListed ? "shard missing" : Reason(source, before) };
    try
    {
      const auto view = isListed ? Opened(former->shards[before->shard])
                                 : std::make_shared<const ShardView>(folder / file, description);
      CaseEntry  entry = isListed ? *before : CaseEntry{ source, key, 0, 0, view->Tables().Count() };
      Require(isListed || (view->Tables().keys.size() == 1 && view->Tables().keys[0] == key), Fault::Input,
              "it holds another case");
      for (std::size_t row = entry.firstRow; row < entry.firstRow + entry.patches; ++row)
        if (const auto damage = view->FindDamage(row); !damage.empty())
          return { false, Concat("shard damaged: ", damage, " of patch ", row, " in ", file) };
      Remember(view->Record(), std::move(entry));
      return { true, isListed ? "up to date" : "made by an extraction that has not finished" };
    }
    catch (const Error & e)
    {
      Require(e.Kind() == Fault::Input, e.Kind(), e.what());
      return { false, Concat("shard damaged: ", e.what()) };
    }
  }

  void CheckFits(const CasePatches & patches) const
  {
    const auto & d = description;
    const auto   count = patches.Count();
    const auto   voxels = static_cast<std::size_t>(d.patch.Voxels());
    Require(patches.image.size() == count * voxels * std::size_t(d.channels) * SizeOf(patches.type) &&
              patches.segmentation.size() == (d.segmentationNames.empty() ? 0 : count * voxels) &&
              patches.corners.size() == count && patches.geometries.size() == count &&
              (patches.candidates.empty() || patches.candidates.size() == count) &&
              patches.intensity.size() == std::size_t(d.channels),
            Fault::Internal, "the patches of case '", patches.caseId, "' do not fit the cache's description");
  }

  CacheRecord Record(std::span<const std::string> caseIds)
  {
    CacheRecord                        record{ description, {}, {}, {} };
    std::map<std::string, std::size_t> at;
    const auto                         add = [&](const std::pair<std::string, CaseEntry> & one) {
      const auto [shard, fresh] = at.try_emplace(one.first, record.shards.size());
      if (fresh)
        record.shards.push_back(shards.at(one.first));
      record.cases.push_back(one.second);
      record.cases.back().shard = shard->second;
    };
    if (caseIds.empty())
      std::for_each(done.begin(), done.end(), add);
    for (const auto & id : caseIds)
      if (const auto found = places.find(id); found != places.end())
        add(done[found->second]);
    return record;
  }
};

PatchCacheWriter::PatchCacheWriter(const fs::path & folder, CacheDescription description, std::uint64_t expectedBytes)
  : m_Impl(new Impl)
{
  m_Impl->folder = Usable(folder);
  m_Impl->description = std::move(description);
  MakeFolder(folder, expectedBytes);
  RemoveDeadPartials(folder);
  m_Impl->presence.emplace(folder);
  m_Impl->former = RecordIn(folder, m_Impl->recordProblem);
  for (std::size_t i = 0; m_Impl->former && i < m_Impl->former->cases.size(); ++i)
    m_Impl->formerCases[m_Impl->former->cases[i].source.caseId] = i;
}

PatchCacheWriter::~PatchCacheWriter()
{
  const fs::path folder = m_Impl->folder;
  m_Impl.reset();
  std::error_code isNotEmpty;
  fs::remove(folder, isNotEmpty); // a folder in which nothing was made
}

Freshness PatchCacheWriter::Look(const CaseSource & source)
{
  m_Impl->RefuseDuplicates(source);
  return m_Impl->Adopt(source, KeyOf(m_Impl->description, source));
}

void PatchCacheWriter::Add(const CasePatches & patches)
{
  m_Impl->CheckFits(patches);
  m_Impl->RefuseDuplicates(patches);
  const auto   key = KeyOf(m_Impl->description, patches);
  AtomicOutput output(m_Impl->folder / ShardNameOf(key), AtomicOutput::Kind::File,
                      patches.image.size() + patches.segmentation.size(), AtomicOutput::Leftovers::Ignore);
  auto         shard = WriteCase(output.Path(), m_Impl->description, patches, key);
  shard.file = ShardNameOf(key);
  output.Commit(AtomicOutput::Durability::Later);
  m_Impl->sync.Add(m_Impl->folder / shard.file);
  m_Impl->Remember(shard, { patches, key, 0, 0, patches.Count() });
}

void PatchCacheWriter::Commit(std::span<const std::string> caseIds)
{
  const std::lock_guard lock(m_Impl->mutex);
  auto                  record = m_Impl->Record(caseIds);
  Require(std::any_of(record.cases.begin(), record.cases.end(), [](const CaseEntry & one) { return one.patches > 0; }),
          Fault::Input, "no patch was extracted; the cache would be empty");
  m_Impl->sync.Finish();
  SyncFile(m_Impl->folder);
  if (m_Impl->former)
  { // where nothing changed, the provenance and the index of the first making stay
    auto same = record;
    same.description.provenance = m_Impl->former->description.provenance;
    same.index = m_Impl->former->index;
    if (same.ToText() == m_Impl->former->ToText())
      return;
  }
  record.Write(m_Impl->folder);
  m_Impl->presence.reset();
  fs::remove(m_Impl->folder / indexName);
}

} // namespace serval
