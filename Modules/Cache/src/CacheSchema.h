#pragma once

#include "Hdf5.h"
#include "serval/Cache/PatchCache.h"

#include <nlohmann/json_fwd.hpp>

#include <string>

namespace serval::cache
{

inline constexpr const char * schema = "serval-patch-cache/2";
inline constexpr const char * recordName = "cache.json";
inline constexpr const char * indexName = "index.h5";

hid_t     HdfTypeOf(PixelType type);
PixelType PixelTypeOf(hid_t type, const std::string & name);

/// All but the provenance.
nlohmann::json ToJson(const CacheDescription & description);
/// Fault::Input when it is none of ours.
CacheDescription DescriptionFrom(const nlohmann::json & json);
CacheDescription DescriptionFromText(const std::string & text);

nlohmann::json ToJson(const CaseSource & source);
CaseSource     CaseSourceFrom(const nlohmann::json & json);

/// 32 hexadecimal digits: XXH3-128 over schema, description and source.
std::string KeyOf(const CacheDescription & description, const CaseSource & source);
std::string ShardNameOf(const std::string & key);
/// The 32 digits of a case's shard or a pack.
bool IsShardName(const std::string & fileName);
/// What differs between two makings of one case: "source changed; parameters changed: seed 1 -> 2".
std::string Difference(const CacheDescription & before, const CaseSource & sourceBefore, const CacheDescription & now,
                       const CaseSource & source);

} // namespace serval::cache
