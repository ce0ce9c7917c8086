#pragma once

#include "DicomStack.h"
#include "serval/Volume/Volume.h"

namespace serval
{

/// The rescaled voxels of a stack, plane after plane: int16 where all values fit, else uint16, else float; whole numbers are
/// kept whole. MONOCHROME1 is inverted. Padding becomes -1024 HU in CT (where it lies outside -1000..3071 HU), and the
/// smallest other value elsewhere (where it is not 0); what was changed is told in `changes`.
Voxels ReadDicomVoxels(const DicomStack & stack, std::vector<std::string> & changes);

} // namespace serval
