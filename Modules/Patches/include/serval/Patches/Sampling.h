#pragma once

#include "serval/Patches/PatchShape.h"

#include <cstdint>
#include <functional>
#include <random>
#include <span>
#include <string>
#include <vector>

namespace serval
{

/// How places are chosen.
struct SamplingPlan
{
  enum class Sampler
  {
    Grid,       ///< a regular grid with `stride`
    Uniform,    ///< `count` voxels, each admissible one equally likely
    Class,      ///< `count` voxels of each label
    Weighted,   ///< `count` voxels, shared out among the labels by `weights` (largest remainder)
    Foreground, ///< `count` voxels whose label is not 0
    Candidates  ///< given points
  };
  enum class Shortfall
  {
    Error, ///< a quota that cannot be met is an error
    Skip,  ///< the case gives no patch
    Fewer  ///< the case gives as many as there are
  };
  Sampler             sampler = Sampler::Uniform;
  Shortfall           shortfall = Shortfall::Error;
  Extent              stride{ 0, 0, 0 }; ///< of the grid, along the volume's index axes; 0: what a patch takes there
  double              overlap = 0;       ///< of the grid where there is no stride: share of the patch, below 1
  int                 count = 8;
  int                 labels = 0; ///< of the class sampler: labels 0 .. labels-1
  std::vector<double> weights;    ///< of labels 0, 1, 2, ...
  double              purity = 0; ///< class and weighted sampler: least share of a patch with its centre's label
  double              minimumDeviation = 0; ///< patches whose standard deviation is lower are rejected

  /// Voxels wanted of each label.
  std::vector<std::size_t> Quotas() const;
  bool                     NeedsLabels() const;
  /// Fault::Usage when options contradict each other.
  void Check() const;
};

/// Words of the enumerations, as in options and files; Fault::Usage when a word is unknown.
std::string             ToText(SamplingPlan::Sampler sampler);
std::string             ToText(SamplingPlan::Shortfall shortfall);
SamplingPlan::Sampler   SamplerFrom(const std::string & text);
SamplingPlan::Shortfall ShortfallFrom(const std::string & text);

/// Where places may lie in one volume.
struct SamplingField
{
  Extent                         volume;
  Reach                          reach; ///< of a patch
  PatchShape::Border             border = PatchShape::Border::Inside;
  std::span<const std::uint16_t> labels;                               ///< x fastest; may be empty where none is needed
  std::function<bool(Extent)>    accept = [](Extent) { return true; }; ///< asked once for each drawn place

  /// The first admissible voxel and the number of admissible ones along each axis; Fault::Input when there is none.
  Extent First() const;
  Extent Count() const;
};

/// Voxels on which patches are centred, each at most once; every admissible voxel is equally likely. Fault::Input when
/// the patch is larger than the volume, the segmentation is empty or, with Shortfall::Error, a quota cannot be met.
std::vector<Extent> SamplePlaces(const SamplingField & field, const SamplingPlan & plan, std::mt19937_64 & random);

/// Whether `found` of `wanted` patches will do; with Shortfall::Error, Fault::Input says of what there are too few.
bool AcceptShortfall(std::size_t found, std::size_t wanted, SamplingPlan::Shortfall shortfall,
                     const std::string & what);

} // namespace serval
