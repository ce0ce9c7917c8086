#include "serval/Cache/CacheCare.h"

#include "CacheRecord.h"
#include "CacheSchema.h"
#include "Hdf5.h"
#include "Shard.h"
#include "serval/Core/AtomicFile.h"
#include "serval/Core/Hash.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>
#include <set>

namespace serval
{
namespace
{

namespace fs = std::filesystem;
using namespace cache;

/// Cases that become one pack; all of one voxel type.
struct Bin
{
  std::vector<std::size_t> cases;
  std::uint64_t            bytes = 0;
};

/// A record and its opened shards.
class OpenedCache
{
public:
  explicit OpenedCache(const fs::path & folder)
    : folder(folder)
    , record(CacheRecord::Read(folder))
  {
    for (const auto & shard : record.shards)
      views.emplace_back(folder, shard, record.description);
  }

  const ShardView & ViewOf(const CaseEntry & entry) const { return views[entry.shard]; }
  std::size_t       RowInTables(const CaseEntry & entry) const
  {
    const auto & keys = ViewOf(entry).Tables().keys;
    return static_cast<std::size_t>(std::find(keys.begin(), keys.end(), entry.key) - keys.begin());
  }
  std::uint64_t BytesOf(const CaseEntry & entry) const
  {
    std::uint64_t bytes = 0;
    for (std::size_t row = entry.firstRow; row < entry.firstRow + entry.patches; ++row)
      bytes += ViewOf(entry).StoredImage(row).size();
    return bytes;
  }

  fs::path               folder;
  CacheRecord            record;
  std::vector<ShardView> views;
};

void Append(ShardContent & content, const OpenedCache & opened, const CaseEntry & entry)
{
  const auto & view = opened.ViewOf(entry);
  content.tables.Append(view.Tables(), opened.RowInTables(entry), entry.firstRow, entry.patches);
  for (std::size_t row = entry.firstRow; row < entry.firstRow + entry.patches; ++row)
  {
    const auto damage = view.FindDamage(row);
    Require(damage.empty(), Fault::Input, "the ", damage, " of patch ", row, " (case ", entry.source.caseId, ") in '",
            view.Record().file, "' is damaged; `serval cache repair` makes it again");
    content.image.push_back(view.StoredImage(row));
    if (!content.description.segmentationNames.empty())
      content.segmentation.push_back(view.StoredSegmentation(row));
  }
}

// Writes the bin as one file and moves its cases there.
void WritePack(OpenedCache & opened, const Bin & bin, CacheRecord & packed)
{
  ShardContent content{
    opened.record.description, opened.ViewOf(opened.record.cases[bin.cases.front()]).Type(), {}, {}, {}
  };
  std::string keys;
  for (const auto at : bin.cases)
  {
    const auto & entry = opened.record.cases[at];
    packed.cases[at].firstRow = content.tables.Count();
    packed.cases[at].shard = packed.shards.size();
    Append(content, opened, entry);
    keys += entry.key;
  }
  const auto   name = "pack-" + ContentHash(std::as_bytes(std::span(keys.data(), keys.size()))) + ".h5";
  AtomicOutput output(opened.folder / name, AtomicOutput::Kind::File, bin.bytes, AtomicOutput::Leftovers::Ignore);
  packed.shards.push_back(WriteShard(output.Path(), content));
  packed.shards.back().file = name;
  output.Commit();
}

// Large shards stay as they are; the cases of the others are gathered in their order.
std::vector<Bin> GatherBins(const OpenedCache & opened, std::uint64_t packBytes)
{
  std::vector<std::uint64_t> sizes(opened.record.shards.size(), 0);
  for (const auto & entry : opened.record.cases)
    sizes[entry.shard] += opened.BytesOf(entry);
  std::map<PixelType, Bin> open;
  std::vector<Bin>         bins;
  for (std::size_t i = 0; i < opened.record.cases.size(); ++i)
  {
    const auto & entry = opened.record.cases[i];
    const auto   bytes = opened.BytesOf(entry);
    if (sizes[entry.shard] > packBytes / 2)
      continue;
    Bin & bin = open[opened.ViewOf(entry).Type()];
    if (bin.bytes + bytes > packBytes)
      bins.push_back(std::exchange(bin, {}));
    bin.cases.push_back(i);
    bin.bytes += bytes;
  }
  for (auto & [type, bin] : open)
    bins.push_back(std::move(bin));
  // One shard alone is no pack to be made.
  std::erase_if(bins, [&](const Bin & bin) {
    return std::all_of(bin.cases.begin(), bin.cases.end(), [&](std::size_t at) {
      return opened.record.cases[at].shard == opened.record.cases[bin.cases[0]].shard;
    });
  });
  return bins;
}

void DropUnusedShards(CacheRecord & record)
{
  std::vector<ShardRecord>           used;
  std::map<std::size_t, std::size_t> places;
  for (auto & entry : record.cases)
  {
    const auto [place, fresh] = places.try_emplace(entry.shard, used.size());
    if (fresh)
      used.push_back(record.shards[entry.shard]);
    entry.shard = place->second;
  }
  record.shards = std::move(used);
}

void SelectRows(hid_t space, std::vector<hsize_t> count, hsize_t first)
{
  std::vector<hsize_t> start(count.size(), 0);
  start[0] = first;
  H5Sselect_hyperslab(space, H5S_SELECT_SET, start.data(), nullptr, count.data(), nullptr);
}

// One dataset over the rows of all cases, which stay in their files.
void WriteVirtual(hid_t file, const char * name, hid_t type, std::vector<hsize_t> shape, const OpenedCache & opened)
{
  const hdf5::Properties creation(H5Pcreate(H5P_DATASET_CREATE), "making properties");
  H5Pset_obj_track_times(creation, false);
  const hdf5::Space space(H5Screate_simple(static_cast<int>(shape.size()), shape.data(), nullptr), "making a space");
  hsize_t           row = 0;
  for (const auto & entry : opened.record.cases)
  {
    if (entry.patches == 0)
      continue;
    auto part = shape;
    part[0] = opened.ViewOf(entry).Tables().Count();
    const hdf5::Space source(H5Screate_simple(static_cast<int>(part.size()), part.data(), nullptr), "making a space");
    part[0] = entry.patches;
    SelectRows(source, part, entry.firstRow);
    SelectRows(space, part, row);
    Require(H5Pset_virtual(creation, space, opened.record.shards[entry.shard].file.c_str(), name, source) >= 0,
            Fault::Internal, "HDF5 failed while describing a virtual dataset");
    row += entry.patches;
  }
  const hdf5::Dataset dataset(H5Dcreate2(file, name, type, space, H5P_DEFAULT, creation, H5P_DEFAULT),
                              Concat("creating '", name, "'"));
}

// All voxels as one dataset: float32 where shards differ in type.
hid_t CommonType(const OpenedCache & opened)
{
  std::set<PixelType> types;
  for (const auto & entry : opened.record.cases)
    types.insert(opened.ViewOf(entry).Type());
  return types.size() == 1 ? HdfTypeOf(*types.begin()) : H5T_NATIVE_FLOAT;
}

std::string WriteIndex(const OpenedCache & opened)
{
  const auto & d = opened.record.description;
  ShardTables  tables;
  for (const auto & entry : opened.record.cases)
    tables.Append(opened.ViewOf(entry).Tables(), opened.RowInTables(entry), entry.firstRow, entry.patches);
  const auto   count = static_cast<hsize_t>(tables.Count());
  const auto   shape = TensorShape(d.patch);
  AtomicOutput output(opened.folder / indexName, AtomicOutput::Kind::File, 0, AtomicOutput::Leftovers::Ignore);
  {
    const std::lock_guard lock(hdf5::Lock());
    const hdf5::File      file = hdf5::Create(output.Path());
    hdf5::WriteAttribute(file, "description", ToJson(d).dump());
    WriteTables(file, tables, d.channels);
    WriteVirtual(file, "/patches/image", CommonType(opened),
                 { count, hsize_t(d.channels), hsize_t(shape[0]), hsize_t(shape[1]), hsize_t(shape[2]) }, opened);
    if (!d.segmentationNames.empty())
      WriteVirtual(file, "/patches/segmentation", H5T_NATIVE_UINT8,
                   { count, hsize_t(shape[0]), hsize_t(shape[1]), hsize_t(shape[2]) }, opened);
  }
  const auto hash = ContentHash(Mapping(output.Path()).Bytes());
  output.Commit();
  return hash;
}

} // namespace

void IndexCache(const fs::path & folder)
{
  OpenedCache opened(folder);
  opened.record.index = WriteIndex(opened);
  opened.record.Write(folder);
}

std::pair<std::size_t, std::size_t> PackCache(const fs::path & folder, std::uint64_t packBytes)
{
  RemoveDeadPartials(folder);
  std::set<std::string> before;
  {
    OpenedCache opened(folder);
    auto        packed = opened.record;
    for (const auto & shard : packed.shards)
      before.insert(shard.file);
    for (const auto & bin : GatherBins(opened, packBytes))
      WritePack(opened, bin, packed);
    DropUnusedShards(packed);
    packed.index.clear();
    packed.Write(folder);
  }
  IndexCache(folder);
  const auto after = CacheRecord::Read(folder);
  for (const auto & file : before)
    if (std::none_of(after.shards.begin(), after.shards.end(),
                     [&](const ShardRecord & shard) { return shard.file == file; }))
      fs::remove(folder / file);
  return { before.size(), after.shards.size() };
}

} // namespace serval
