#pragma once

#include <filesystem>

namespace serval
{

/// True for a file with DICOM's preamble.
bool IsDicomFile(const std::filesystem::path & file);

/// Walks the elements of a DICOM file (with preamble) and their lengths; Fault::Input, naming the file, when it ends
/// before its elements do. GDCM may be built with assertions, which would end the process on such a file.
void RequireWholeDicom(const std::filesystem::path & file);

} // namespace serval
