#pragma once

#include "serval/Volume/Volume.h"

namespace serval
{

/// The only DICOM volume in a folder or file, or the one that the options name; Fault::Input listing all otherwise.
Volume ReadDicom(const std::filesystem::path & path, const ReadOptions & options);

} // namespace serval
