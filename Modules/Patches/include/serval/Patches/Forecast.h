#pragma once

#include "serval/Patches/Extraction.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace serval
{

/// What an extraction would do, and how large it would be, judged by one case that is really made, in a scratch folder.
struct Forecast
{
  struct CaseVerdict
  {
    std::string caseId, reason;
    bool        isUpToDate = false;
  };
  std::vector<CaseVerdict> cases;
  std::size_t              patches = 0; ///< of the cases to be made
  std::uint64_t            bytes = 0;   ///< on disk
  double                   minutes = 0;

  std::string ToText() const;
  /// Every case with its reason; names its schema.
  std::string ToJson() const;
};

/// Reads every case whose patches might be there; writes nothing into `cache`. A case that cannot be read has its
/// problem as reason.
Forecast ForecastExtraction(const std::vector<ExtractionJob> & jobs, const CacheDescription & description,
                            const std::filesystem::path & cache, int threads, Progress & progress);

} // namespace serval
