#pragma once

#include "serval/Cache/PatchCache.h"

#include <filesystem>
#include <string>
#include <vector>

namespace serval
{

/// What a union of caches holds.
struct UnionResult
{
  std::size_t patches = 0, cases = 0;
  bool        hasSegmentation = false; ///< kept only where all sources name the same labels
};

/// Writes all patches of `sources` as one cache of the classes and cases NAME/class, NAME/case and, unless `samePatients`, patients
/// NAME/patient. Patches without a class stay so. Fault::Input, naming the source, when patches differ in size, channels or voxel type,
/// or when one image is in two sources under patients that would become two.
UnionResult WriteUnion(const std::vector<const PatchCache *> & sources, const std::vector<std::string> & names, bool samePatients,
                       const std::string & provenance, const std::filesystem::path & folder);

} // namespace serval
