#pragma once

#include "serval/Core/Progress.h"
#include "serval/Dataset/Manifest.h"
#include "serval/Preparation/Preparation.h"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace serval
{

/// A preparation plan of which parts may still have to be fitted.
struct PreparationRequest
{
  PreparationPlan       plan;
  bool                  fitsSpacing = false, fitsStandard = false;
  std::vector<double>   clipFitted; ///< two percentages, when limits are fitted
  std::optional<Volume> reference;  ///< whose histogram is matched

  bool FitsScales() const { return fitsStandard || !clipFitted.empty(); }
  bool NeedsFit() const { return fitsSpacing || FitsScales(); }
};

/// From what a user writes; Fault::Usage when it cannot be understood.
void SetSpacing(PreparationRequest & request, const std::vector<double> & spacing, const std::filesystem::path & planFile);
void SetClip(PreparationRequest & request, const std::vector<double> & percentages, bool isFitted);
void SetReference(PreparationRequest & request, const std::filesystem::path & volume);

struct CohortSettings
{
  std::filesystem::path folder; ///< of the prepared cases; made when it is missing
  PreparationRequest    request;
  ReadOptions           reading;
  std::string           fitSplit = "train"; ///< only these cases are fitted on
  int                   threads = 0;        ///< cases at once; 0: all cores
  bool                  skipsFailing = false;
};

struct CohortResult
{
  PreparationPlan      plan; ///< with what was fitted
  std::size_t          cases = 0;
  std::vector<Problem> problems;
};

/// Fits on the training cases, prepares every case into the folder, and writes its manifest.csv, without cases that failed.
/// Cases that are there already and were made alike are kept. Fault::Input, naming all failed cases, unless they are skipped.
CohortResult PrepareCohort(const std::filesystem::path & manifest, const CohortSettings & settings, Progress & progress);

} // namespace serval
