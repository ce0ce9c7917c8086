#pragma once

#include "serval/Core/Progress.h"
#include "serval/Dataset/Manifest.h"
#include "serval/Patches/CutPatches.h"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace serval
{

/// Reads one case and cuts its patches. They depend on the case, its candidates, plan and seed, not on the other cases.
CasePatches ExtractCase(const Case & one, const std::vector<Candidate> & candidates, const ExtractionPlan & plan, CutCounts & counts);

/// How many cases are in work at once.
struct ExtractionSettings
{
  int           threads = 0; ///< 0: all cores
  std::uint64_t memory = 0;  ///< bytes that the cases in work may take together; 0: no limit
};

struct ExtractionResult
{
  std::size_t          patches = 0;
  CutCounts            counts;
  std::vector<Problem> problems; ///< in the order of the cases
};

/// Bytes of memory that one case takes while it is read and cut, from the sizes of its files.
std::uint64_t ExpectedMemory(const Case & one, const ExtractionPlan & plan);

/// Cuts the cases in threads and hands their patches on in the order of the cases, one at a time. A case that fails by
/// Fault::Input becomes a problem; other faults end the run. Fault::Environment when one case alone needs more memory
/// than the settings allow. Progress is reported from the calling thread, twice a second.
ExtractionResult ExtractCases(const std::vector<Case> & cases, const CandidateLists & candidates, const ExtractionPlan & plan,
                              const ExtractionSettings & settings, const std::function<void(const CasePatches &)> & take,
                              Progress & progress);

} // namespace serval
