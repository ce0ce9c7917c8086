#pragma once

#include "serval/Cache/PatchCache.h"
#include "serval/Patches/Sampling.h"
#include "serval/Volume/Volume.h"

#include <map>
#include <random>
#include <string>
#include <vector>

namespace serval
{

/// Voxels of one block, x fastest. The block must lie inside the volume.
template <typename T>
std::vector<T> CutBlock(std::span<const T> voxels, Extent volume, Extent corner, Extent size);

/// What to take from one case.
struct CutPlan
{
  SamplingPlan       sampling;
  std::map<int, int> mergeLabels;           ///< label of the dense segmentation -> its new label
  int                denseLabels = 0;       ///< labels 0 .. denseLabels-1 are allowed in the dense segmentation
  int                caseClass = -1;        ///< class of all patches, or
  bool               classFromCentre = false; ///< the label of the sampling segmentation at each patch's centre
};

/// Chooses and cuts the patches of one case. `labels`: on which centres are drawn and classes read (may be null);
/// `dense`: what is stored as the patches' segmentation (may be null). Grids must agree (Fault::Input).
CasePatches CutPatches(const Volume & volume, const LabelVolume * labels, const LabelVolume * dense, const CutPlan & plan,
                       std::mt19937_64 & random);

/// Mean, standard deviation and percentiles 0.5 and 99.5 over all voxels.
IntensitySummary Summarise(const Volume & volume);

} // namespace serval
