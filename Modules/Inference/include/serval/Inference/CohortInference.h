#pragma once

#include "serval/Dataset/Manifest.h"
#include "serval/Inference/CaseInference.h"

#include <filesystem>
#include <string>
#include <vector>

namespace serval
{

/// How all cases of a manifest are classified.
struct CohortInferencePlan
{
  ClassifyPlan   classify;
  ReadOptions    reading;
  CandidateLists candidates; ///< by case; empty: none
  bool           usesSegmentation = false; ///< the column `segmentation` gives the labels of the sampler `labels`
};

struct CohortInferenceResult
{
  std::size_t          assessed = 0, notAssessed = 0, kept = 0; ///< cases; `kept` of both were finished before
  std::vector<Problem> problems;                                ///< cases that could not be read
};

/// Writes CASE.json for each case into `folder` (made when missing), then classifications.csv, and excluded.csv where cases
/// failed. Cases whose file was made from the same volume, model and settings are kept. Fault::Environment when another run
/// works in the folder.
CohortInferenceResult ClassifyCohort(const Manifest & manifest, const ModelFile & model, const std::string & modelHash, const CohortInferencePlan & plan,
                                     const std::filesystem::path & folder, Progress & progress);

/// The case's channels, with candidates and labels as the plan has them.
CaseImages ReadCaseImages(const Case & one, const CohortInferencePlan & plan);

} // namespace serval
