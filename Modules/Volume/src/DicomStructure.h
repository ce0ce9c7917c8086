#pragma once

#include <filesystem>

namespace serval
{

/// Walks the elements of a DICOM file (with preamble) and their lengths; Fault::Input, naming the file, when it ends
/// before its elements do. GDCM may be built with assertions, which would end the process on such a file.
void RequireWholeDicom(const std::filesystem::path & file);

} // namespace serval
