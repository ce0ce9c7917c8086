#pragma once

#include "serval/Core/Geometry.h"

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>

namespace serval
{

/// One NIfTI-1 file at `path`, packed by ISA-L where the name ends in .gz (level 2, no name or time inside: equal volumes
/// give equal bytes). `datatype` is NIfTI's code. Sform and qform state the same grid; where its axes are not exactly at
/// right angles there is only the sform, since a quaternion cannot say so. `modality`: DICOM's word, or empty; kept in the description.
void WriteNifti(const std::filesystem::path & path, const Geometry & geometry, const std::string & modality, int datatype, int bitsOfVoxel,
                std::span<const std::byte> voxels);

} // namespace serval
