#pragma once

#include "serval/Core/Geometry.h"

#include <cstdint>
#include <random>
#include <span>
#include <string>
#include <vector>

namespace serval
{

/// What is done to a patch before a network has to give it back. Defaults of Restoration are those of Zhou 2019 (Models
/// Genesis), those of Masked of He 2022 with blocks of 4 voxels.
struct CorruptionPlan
{
  double curveProbability = 0.9;   ///< intensities bent by a monotone cubic Bezier curve
  double shuffleProbability = 0.5; ///< voxels shuffled within many small windows
  double paintProbability = 0.9;   ///< regions replaced by noise
  double innerShare = 0.2;         ///< of painted patches: inner regions are replaced, in the others all but them
  double maskedShare = 0.75;       ///< of the blocks that are hidden
  int    maskEdge = 4;             ///< voxels of a block along each axis

  /// Fault::Usage naming the value out of range.
  void Check() const;
};

/// Corrupts one patch (channel, z, y, x) in place.
void Corrupt(std::span<float> patch, const Extent & extent, int channels, const CorruptionPlan & plan, std::mt19937_64 & random);

/// Sets blocks of one patch to 0 in all channels; 1 where a voxel (z, y, x) is hidden. At least one block is hidden, and one
/// is seen.
std::vector<std::uint8_t> Mask(std::span<float> patch, const Extent & extent, int channels, const CorruptionPlan & plan, std::mt19937_64 & random);

} // namespace serval
