#pragma once

#include "serval/Cache/PatchCache.h"

#include <filesystem>
#include <string>

namespace serval
{

/// A bright cube in the first corner of patches: what a burned-in mark or a scanner's trace could be to a classifier.
struct MarkPlan
{
  int         edge = 3;  ///< voxels; along a shorter axis of the patch its whole length
  std::string className; ///< patches of this class alone get it; empty: all
};

/// Writes the cache again, patch by patch in its order, with the mark: percentile 99.5 of each channel of the case's volume.
/// Fault::Input when the cache has no such class. Number of patches that got the mark.
std::size_t WritePlanted(const PatchCache & source, const MarkPlan & plan, const std::string & provenance, const std::filesystem::path & folder);

} // namespace serval
