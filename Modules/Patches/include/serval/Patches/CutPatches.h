#pragma once

#include "serval/Cache/PatchCache.h"
#include "serval/Patches/CandidateList.h"
#include "serval/Patches/ExtractionPlan.h"
#include "serval/Volume/Volume.h"

#include <optional>
#include <random>
#include <vector>

namespace serval
{

/// What the patches of one case are cut from. `labels`: on which places are drawn and classes read; `dense`: what is
/// stored as the patches' segmentation.
struct CaseImages
{
  std::vector<Volume>        channels;
  std::optional<LabelVolume> labels, dense;
  std::vector<Candidate>     candidates;
  int                        caseClass = -1; ///< of all patches, where the class is the case's
};

/// What became of the places of one case.
struct CutCounts
{
  std::size_t homogeneous = 0; ///< rejected below the limit of the standard deviation
  std::size_t outside = 0;     ///< candidates whose patch leaves the volume
};

/// Content hash of voxels and geometry of all channels.
std::string SourceFingerprint(const CaseImages & images);

/// Content hash of the label maps and candidates; empty without any.
std::string LabelFingerprint(const CaseImages & images);

/// Chooses and cuts the patches of one case; its name and source are left empty. Channels of a patch are the case's
/// channels, each in all views of the shape. Channels come to one voxel type and labels become classes in place.
/// Fault::Input when grids differ or a quota cannot be met.
CasePatches CutPatches(CaseImages & images, const ExtractionPlan & plan, std::mt19937_64 & random, CutCounts & counts);

} // namespace serval
