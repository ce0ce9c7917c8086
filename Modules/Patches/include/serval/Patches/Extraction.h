#pragma once

#include "serval/Cache/PatchCacheWriter.h"
#include "serval/Core/Progress.h"
#include "serval/Dataset/Manifest.h"
#include "serval/Patches/CutPatches.h"
#include "serval/Patches/ImageSet.h"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace serval
{

/// One case that has been read: where its patches come from, and how to cut them.
struct ReadCase
{
  CaseSource                              source;
  std::function<CasePatches(CutCounts &)> cut;
};

/// One case that is to be extracted.
struct ExtractionJob
{
  std::string               caseId;
  std::uint64_t             memory = 0; ///< bytes that it takes while it is read and cut, from the sizes of its files
  std::function<ReadCase()> read;       ///< Fault::Input when its files are bad
};

/// The jobs of a manifest's cases. Patches depend on the case, its candidates, plan and seed, not on the other cases.
/// `cases`, `candidates` and `plan` must outlive the jobs.
std::vector<ExtractionJob> JobsOf(const std::vector<Case> & cases, const CandidateLists & candidates,
                                  const ExtractionPlan & plan);

/// The jobs of an image set: one for each patient where patients are known, else one for each image.
std::vector<ExtractionJob> JobsOf(const ImageSet & set, const ExtractionPlan & plan);

/// How many cases are in work at once.
struct ExtractionSettings
{
  int           threads = 0; ///< 0: all cores
  std::uint64_t memory = 0;  ///< bytes that the cases in work may take together; 0: no limit
};

struct ExtractionResult
{
  std::size_t          made = 0, kept = 0; ///< cases
  std::size_t          patches = 0;        ///< of the cases made
  CutCounts            counts;
  std::vector<Problem> problems; ///< in the order of the jobs

  /// One line for people; of `total` cases, `excluded` were left out.
  std::string ToText(std::size_t total, std::size_t excluded) const;
  std::string ToJson(std::size_t total, std::size_t excluded, long peakMemoryMiB) const;
};

/// Makes the cases that are not up to date. A case that fails by Fault::Input becomes a problem; other faults end the
/// run. Fault::Environment when one case alone needs more memory than the settings allow. Progress is reported from the
/// calling thread, twice a second.
ExtractionResult Extract(const std::vector<ExtractionJob> & jobs, const ExtractionSettings & settings,
                         PatchCacheWriter & writer, Progress & progress);

} // namespace serval
