#pragma once

#include "serval/Volume/Volume.h"

#include <cstdint>
#include <optional>
#include <string>

namespace serval
{

/// How one label of a predicted label map agrees with the reference. Numbers that are not defined are missing.
///
/// The surface of a mask are its voxels with a face neighbour outside it (all beyond the volume is outside); distances are
/// those of voxel centres in mm, from each voxel of one surface to the nearest of the other.
struct SegmentationScores
{
  double                referenceVolume = 0, predictedVolume = 0; ///< ml
  std::optional<double> dice, iou;     ///< missing where the label is absent in both, 0 where it is in one
  std::optional<double> hd95;          ///< mm: the larger of both directions' 95th percentiles (linear between order statistics); missing where the label is absent
  std::optional<double> assd;          ///< mm: mean over the voxels of both surfaces; missing where the label is absent
  std::optional<double> volumePercent; ///< predicted - reference, of the reference; missing where that is absent

  double      VolumeError() const { return predictedVolume - referenceVolume; } ///< ml
  std::string Remark() const; ///< "absent in both", "absent in the reference", "absent in the prediction", or nothing
};

/// Both label maps on one grid: see RequireSameGrid. Direction and origin play no part.
SegmentationScores ScoreSegmentation(const LabelVolume & reference, const LabelVolume & predicted, std::uint16_t label);

} // namespace serval
