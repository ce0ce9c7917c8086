#pragma once

#include "serval/Volume/Volume.h"

#include <string>

namespace serval
{

/// A folder with one DICOM series (or the one of several that `series` names), or a multi-frame file. Loads the library
/// servalDicom at its first call: GDCM's dictionaries take 15 ms to start, which a program that answers --xml has not.
/// Fault::Environment when that library is missing.
Volume ReadDicom(const std::filesystem::path & path, const std::string & series);

} // namespace serval
