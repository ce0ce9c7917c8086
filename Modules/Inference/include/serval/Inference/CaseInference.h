#pragma once

#include "serval/Evaluation/Aggregation.h"
#include "serval/Inference/InferenceSampler.h"
#include "serval/Patches/CutPatches.h"
#include "serval/Training/Learning.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace serval
{

/// How one volume is classified.
struct ClassifyPlan
{
  std::string   sampler = "model"; ///< as InferenceSampler's text; model: what the model file says
  double        overlap = -1;      ///< of a grid; below 0: the training's
  int           count = 0;         ///< of places drawn; 0: the training's
  Aggregation   ofLesions = Aggregation::Mean, ofPatient = Aggregation::Mean; ///< patches -> candidate, candidates or patches -> whole
  std::uint64_t seed = 1;
  Computing     computing;
};

/// Some class's probability in one box of the volume.
struct PlaceScore
{
  Geometry            patch;
  std::string         candidate; ///< empty without candidates
  std::vector<double> probabilities;
};

/// What is found out about a case. Without a verdict `assessed` there is never a probability.
struct CaseFinding
{
  bool                     isAssessed = false;
  std::string              reason; ///< why not
  std::vector<double>      probabilities;
  std::vector<PlaceScore>  places;  ///< patches
  std::vector<PlaceScore>  lesions; ///< candidates, where there are any; `patch` is the first patch's
  std::string              sampler, input; ///< used; content hash of the volume
  std::vector<std::string> warnings;

  int Decision() const; ///< class of the largest probability; -1 when not assessed
};

/// Cuts the model's patches, asks it, and aggregates. `images`: channels, and candidates or labels where the sampler needs
/// them. A volume outside of the model's contract, or without foreground, is not assessed. Fault::Usage when the model's
/// sampler needed labels and no other way is given.
CaseFinding ClassifyCase(CaseImages images, const ModelFile & model, const ClassifyPlan & plan, Progress & progress);

/// serval-classification/1; `modelHash`: SHA-256 of the model file.
std::string ToJson(const CaseFinding & finding, const ModelFile & model, const std::string & modelHash);

} // namespace serval
