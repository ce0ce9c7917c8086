#pragma once

#include "serval/Network/ModelFile.h"
#include "serval/Patches/CandidateList.h"
#include "serval/Patches/ExtractionPlan.h"
#include "serval/PseudoSegmentation/PseudoSegmentation.h"

#include <optional>
#include <string>
#include <vector>

namespace serval
{

/// Where patches of a new volume come from. As text, in model files and options: `grid`, `uniform`, `candidates`, `labels`,
/// or `pseudo-segmentation:RECIPE` with a preset's name, `otsu`, `multi-otsu:CLASSES`, `fixed:T,T,...` or
/// `percentile:P,P,...`.
struct InferenceSampler
{
  enum class Kind
  {
    Grid,
    Uniform,
    Candidates, ///< given points
    Labels,     ///< a given label map
    Pseudo      ///< a label map by thresholds
  };
  Kind            kind = Kind::Grid;
  ThresholdRecipe recipe; ///< of Pseudo

  /// Fault::Usage for a text that is none.
  static InferenceSampler From(const std::string & text);
};

/// The plan of a model's patches, for places by the sampler and without classes. Fault::Input when the model does not say
/// how its patches are made.
ExtractionPlan PlanOf(const ModelFile & model, InferenceSampler::Kind kind);

} // namespace serval
