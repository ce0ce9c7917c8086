#pragma once

#include "Hdf5.h"
#include "serval/Cache/PatchCache.h"

#include <string>

namespace serval::cache
{

inline constexpr const char * schema = "serval-patch-cache/1";

hid_t       HdfTypeOf(PixelType type);
PixelType   PixelTypeOf(hid_t type, const std::string & name);
std::string ToJson(const CacheDescription & description);
/// Fault::Input when the text is none of ours.
CacheDescription DescriptionFromJson(const std::string & json);

} // namespace serval::cache
