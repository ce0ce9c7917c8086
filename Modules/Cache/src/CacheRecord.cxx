#include "CacheRecord.h"

#include "CacheSchema.h"
#include "serval/Core/AtomicFile.h"
#include "serval/Core/Hash.h"

#include <nlohmann/json.hpp>

namespace serval::cache
{
namespace
{

namespace fs = std::filesystem;

std::string ChecksumLine(const std::string & text)
{
  return "\"checksum\":\"" + ContentHash(std::as_bytes(std::span(text.data(), text.size()))) + "\"}\n";
}

// One entry a line, so that two records can be compared by eye.
template <typename TEntries, typename TToJson>
std::string Lines(const TEntries & entries, TToJson toJson)
{
  std::string text;
  for (const auto & entry : entries)
    text += (text.empty() ? "\n" : ",\n") + toJson(entry).dump();
  return "[" + text + "],\n";
}

nlohmann::json ShardToJson(const ShardRecord & shard)
{
  nlohmann::json data = nlohmann::json::array();
  for (const auto & range : shard.data)
    data.push_back({ range.offset, range.size });
  return { { "file", shard.file }, { "size", shard.size }, { "tables", shard.tables }, { "data", data } };
}

ShardRecord ShardFrom(const nlohmann::json & json)
{
  ShardRecord shard{ json.at("file"), json.at("size"), json.at("tables"), {} };
  Require(IsShardName(shard.file), Fault::Input, "cache.json names a shard '", shard.file, "' that is none of ours");
  for (const auto & range : json.at("data"))
    shard.data.push_back({ range.at(0), range.at(1) });
  return shard;
}

nlohmann::json CaseToJson(const CaseEntry & entry)
{
  auto json = ToJson(entry.source);
  json.update(
    { { "key", entry.key }, { "shard", entry.shard }, { "row", entry.firstRow }, { "patches", entry.patches } });
  return json;
}

CaseEntry CaseFrom(const nlohmann::json & json, std::size_t shards)
{
  CaseEntry entry{ CaseSourceFrom(json), json.at("key"), json.at("shard"), json.at("row"), json.at("patches") };
  Require(entry.shard < shards, Fault::Input, "cache.json is damaged: a case lies in no shard");
  return entry;
}

CacheRecord Parse(const std::string & text)
{
  try
  {
    const auto  json = nlohmann::json::parse(text);
    CacheRecord record;
    record.description = DescriptionFrom(json.at("description"));
    json.at("provenance").get_to(record.description.provenance);
    json.at("index").get_to(record.index);
    for (const auto & shard : json.at("shards"))
      record.shards.push_back(ShardFrom(shard));
    for (const auto & entry : json.at("cases"))
      record.cases.push_back(CaseFrom(entry, record.shards.size()));
    return record;
  }
  catch (const nlohmann::json::exception &)
  {
    Fail(Fault::Input, "cache.json is damaged");
  }
}

// Says what a folder without cache.json is.
[[noreturn]] void RefuseFolder(const fs::path & folder)
{
  bool hasShard = false;
  for (const auto & entry : fs::directory_iterator(folder))
  {
    const auto name = entry.path().filename().string();
    Require(!name.starts_with("shard-") || !name.ends_with(".h5"), Fault::Input, "'", folder.string(),
            "' is a patch cache of the schema serval-patch-cache/1; ", schema,
            " is expected: extract again, into a new folder");
    hasShard |= IsShardName(name) || IsPartial(entry.path());
  }
  Require(!hasShard, Fault::Input, "the extraction of the patch cache '", folder.string(),
          "' has not finished; run it again to go on");
  Fail(Fault::Input, "'", folder.string(), "' is no patch cache: it holds no ", recordName);
}

} // namespace

std::string CacheRecord::ToText() const
{
  std::string text = Concat("{\"schema\":\"", schema, "\",\n\"description\":", ToJson(description).dump(),
                            ",\n\"provenance\":", nlohmann::json(description.provenance).dump(), ",\n\"index\":\"",
                            index, "\",\n\"shards\":");
  text += Lines(shards, ShardToJson) + "\"cases\":" + Lines(cases, CaseToJson);
  return text + ChecksumLine(text);
}

CacheRecord CacheRecord::Read(const fs::path & folder)
{
  Require(fs::is_directory(folder), Fault::Input, "'", folder.string(),
          "' is no patch cache: a folder of shards is expected");
  if (!fs::exists(folder / recordName))
    RefuseFolder(folder);
  const auto text = ReadTextFile(folder / recordName);
  const auto last = text.empty() ? std::string::npos : text.rfind('\n', text.size() - 2);
  const auto whole = last != std::string::npos && text.substr(last + 1) == ChecksumLine(text.substr(0, last + 1));
  const auto other = nlohmann::json::parse(text, nullptr, false);
  if (!whole && other.is_object() && other.contains("schema") && other["schema"] != schema)
    DescriptionFrom(other);
  Require(whole, Fault::Input, "'", (folder / recordName).string(),
          "' is damaged: its checksum differs; run the extraction again, it keeps whole shards");
  return Parse(text);
}

void CacheRecord::Write(const fs::path & folder) const
{
  WriteTextFile(folder / recordName, ToText());
}

} // namespace serval::cache
