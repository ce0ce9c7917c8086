#include "CopyPatches.h"

#include <algorithm>

namespace serval
{

CasePatches CopyPatches(const PatchCache & source, std::span<const std::size_t> chosen, const std::vector<int> & newClass)
{
  const auto & owner = source.Cases()[source.Patches()[chosen.front()].caseIndex];
  CasePatches  copy;
  static_cast<CaseSource &>(copy) = owner;
  static_cast<CaseFacts &>(copy) = owner;
  copy.type = source.TypeOf(chosen.front());
  for (const auto at : chosen)
  {
    const auto & patch = source.Patches()[at];
    const auto   voxels = source.ReadRaw(at);
    copy.image.insert(copy.image.end(), voxels.begin(), voxels.end());
    copy.classes.push_back(patch.classIndex < 0 || newClass.empty() ? patch.classIndex : newClass[static_cast<std::size_t>(patch.classIndex)]);
    copy.geometries.push_back(patch.geometry);
    copy.corners.push_back(patch.corner);
    if (!patch.candidate.empty())
      copy.candidates.push_back(patch.candidate);
  }
  if (source.HasSegmentation())
  {
    copy.segmentation.resize(chosen.size() * static_cast<std::size_t>(source.Description().patch.Voxels()));
    source.ReadSegmentations(chosen, copy.segmentation);
  }
  return copy;
}

std::span<const std::size_t> OneCase(const PatchCache & source, std::span<const std::size_t> patches)
{
  const auto caseIndex = source.Patches()[patches.front()].caseIndex;
  const auto last = std::find_if(patches.begin(), patches.end(), [&](std::size_t at) { return source.Patches()[at].caseIndex != caseIndex; });
  return patches.first(static_cast<std::size_t>(last - patches.begin()));
}

} // namespace serval
