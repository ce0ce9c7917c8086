#pragma once

#include "serval/Volume/Volume.h"

namespace serval
{

/// The voxels of a NIfTI-1 file, scaled as its header says. Read here and not by ITK, whose reader turns voxels that
/// are not finite into zeros and fills the missing part of a truncated file with zeros.
Voxels ReadNiftiVoxels(const std::filesystem::path & path, std::size_t count);

} // namespace serval
