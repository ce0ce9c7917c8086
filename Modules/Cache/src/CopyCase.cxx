#include "CopyCase.h"

namespace serval::cache
{

CasePatches CopyCase(const PatchCache & source, std::span<const std::size_t> patches)
{
  const auto & owner = source.Cases()[source.Patches()[patches.front()].caseIndex];
  CasePatches  copy;
  static_cast<CaseSource &>(copy) = owner;
  static_cast<CaseFacts &>(copy) = owner;
  copy.type = source.TypeOf(patches.front());
  for (const auto at : patches)
  {
    const auto & patch = source.Patches()[at];
    const auto   voxels = source.ReadRaw(at);
    copy.image.insert(copy.image.end(), voxels.begin(), voxels.end());
    copy.classes.push_back(patch.classIndex);
    copy.geometries.push_back(patch.geometry);
    copy.corners.push_back(patch.corner);
    if (!patch.candidate.empty())
      copy.candidates.push_back(patch.candidate);
  }
  if (source.HasSegmentation())
  {
    copy.segmentation.resize(patches.size() * static_cast<std::size_t>(source.Description().patch.Voxels()));
    source.ReadSegmentations(patches, copy.segmentation);
  }
  return copy;
}

} // namespace serval::cache
