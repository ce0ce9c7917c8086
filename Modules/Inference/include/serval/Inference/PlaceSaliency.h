#pragma once

#include "serval/Patches/CutPatches.h"
#include "serval/Training/Learning.h"
#include "serval/Volume/Volume.h"

#include <string>
#include <vector>

namespace serval
{

/// Where a classifier's answer at one place of a volume comes from.
struct PlaceSaliency
{
  Volume                   map; ///< on the volume's grid; 0 outside of the patch
  Geometry                 patch;
  SaliencyMap              found; ///< on the patch's grid
  std::vector<std::string> warnings;
};

/// Cuts the model's patch at a point (mm, LPS) and maps its saliency. Fault::Input for a volume outside of the model's contract
/// or a patch that leaves it, Fault::Usage for a point outside of it.
PlaceSaliency MapSaliencyAt(CaseImages images, const ModelFile & model, const Point & point, const SaliencyRequest & request, const Computing & computing, Progress & progress);

} // namespace serval
