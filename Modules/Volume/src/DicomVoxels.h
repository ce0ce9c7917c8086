#pragma once

#include "DicomStack.h"
#include "serval/Volume/Volume.h"

namespace serval
{

/// The rescaled voxels of a stack, plane after plane: int16 where all values fit, else uint16, else float; whole numbers are
/// kept whole. MONOCHROME1 is inverted. In CT, values up to -1500 HU and a declared padding outside -1000..3071 HU become
/// -1024 HU; elsewhere a declared padding other than 0 becomes the smallest other value. What was changed is told in `changes`.
Voxels ReadDicomVoxels(const DicomStack & stack, std::vector<std::string> & changes);

} // namespace serval
