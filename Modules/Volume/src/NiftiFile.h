#pragma once

#include "serval/Volume/Volume.h"

namespace serval
{

/// The name ends as NIfTI files' names do: .nii, .hdr or .img, each also with .gz.
bool IsNiftiName(const std::filesystem::path & path);

/// NIfTI-1 and NIfTI-2 files, in one file or two, packed or not, scaled as their header says. Read here and not by ITK,
/// whose reader turns voxels that are not finite into zeros and fills the missing part of a truncated file with zeros.
Volume              ReadNiftiFile(const std::filesystem::path & path, const ReadOptions & options);
Geometry            ReadNiftiGeometry(const std::filesystem::path & path, const ReadOptions & options);
std::vector<Volume> ReadNiftiChannels(const std::filesystem::path & path, const ReadOptions & options);

} // namespace serval
