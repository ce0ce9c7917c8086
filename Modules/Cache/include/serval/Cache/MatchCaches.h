#pragma once

#include "serval/Cache/PatchCache.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace serval
{

/// What all sources of a comparison shall have alike.
struct MatchPlan
{
  std::size_t   perClass = 1; ///< patches of each class, or of the whole source where no source has classes
  std::size_t   classes = 0;  ///< so many, those with the most patches; 0: all, which must be equally many
  std::uint64_t seed = 1;
};

/// What one source gives.
struct MatchedPatches
{
  std::vector<int>         classes; ///< of the source, which become 0, 1, 2, ...; empty where there are none
  std::vector<std::size_t> patches; ///< in the source's order
};

/// Equally many patches of equal size and equally many classes from every source. A patch's turn depends on the seed, its
/// case and its patient alone: a larger number adds to the smaller one's patches, and every patient gives its first patch
/// before any gives its second. Fault::Input, naming the source, when one cannot supply that.
std::vector<MatchedPatches> MatchSources(const std::vector<const PatchCache *> & sources,
                                         const std::vector<std::string> & names, const MatchPlan & plan);

/// Writes these patches of `source` as a cache of their own.
void WriteMatched(const PatchCache & source, const MatchedPatches & matched, const MatchPlan & plan,
                  const std::string & provenance, const std::filesystem::path & folder);

} // namespace serval
