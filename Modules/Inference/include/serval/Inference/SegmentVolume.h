#pragma once

#include "serval/Training/Learning.h"
#include "serval/Volume/Volume.h"

#include <optional>
#include <string>
#include <vector>

namespace serval
{

struct SegmentPlan
{
  double      overlap = 0.5;       ///< of neighbouring windows, share of an edge
  std::string windows = "patches"; ///< Tiling::Choose
  bool        wantsProbabilities = false;
  Computing   computing;
};

struct SegmentationResult
{
  LabelVolume              labels; ///< of the largest blended logit, on the grid of the input
  std::vector<Volume>      probabilities; ///< of each label, where wanted
  std::size_t              windows = 0;
  bool                     isWhole = false; ///< as one window over the volume would have it
  std::vector<std::string> warnings;
};

/// A segmenting model's labels for a volume: windows of the model's patch over the volume (resampled to the patches'
/// spacing where these have one), logits blended, or larger windows without blending (Tiling). Fault::Input when the volume is outside of the model's
/// contract, or the model's patches do not lie along the volume's axes.
SegmentationResult SegmentVolume(std::vector<Volume> channels, ModelFile model, const SegmentPlan & plan, Progress & progress);

} // namespace serval
