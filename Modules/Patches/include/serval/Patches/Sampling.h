#pragma once

#include "serval/Core/Geometry.h"

#include <cstdint>
#include <random>
#include <span>
#include <string>
#include <vector>

namespace serval
{

/// Where patches are taken. Every patch lies wholly inside its volume: padding would give its position away.
struct SamplingPlan
{
  enum class Sampler
  {
    Grid,      ///< all patches of a regular grid with `stride`
    Uniform,   ///< corners drawn uniformly
    Class,     ///< `count` centres drawn from the voxels of each label
    Foreground ///< centres drawn from the voxels whose label is not 0
  };
  enum class Shortfall
  {
    Error, ///< a quota that cannot be met is an error
    Skip,  ///< the case gives no patch
    Fewer  ///< the case gives as many as there are
  };
  Sampler   sampler = Sampler::Uniform;
  Shortfall shortfall = Shortfall::Error;
  Extent    patch{ 16, 16, 16 };
  Extent    stride{ 16, 16, 16 }; ///< of the grid
  int       count = 8;            ///< per volume, or per label
  int       labels = 0;           ///< of the class sampler: labels 0 .. labels-1
  /// Share of a patch's voxels that must carry the centre's label, for the class sampler.
  double purity = 0;

  static Sampler   SamplerFrom(const std::string & text);
  static Shortfall ShortfallFrom(const std::string & text);
};

/// Corners (first voxels) of patches in a volume of this extent, each at most once. `labels` (x fastest) is needed by
/// the class and foreground samplers. Fault::Input when the patch is larger than the volume, the segmentation is empty
/// or, with Shortfall::Error, a quota cannot be met (says how many there are).
std::vector<Extent> SampleCorners(Extent volume, const SamplingPlan & plan, std::span<const std::uint16_t> labels,
                                  std::mt19937_64 & random);

/// The voxel that stands for a patch: half its size from the corner.
Extent CentreOf(Extent corner, Extent patch);

} // namespace serval
