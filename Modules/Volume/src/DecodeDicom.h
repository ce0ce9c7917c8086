#pragma once

#include <filesystem>
#include <vector>

namespace serval
{

/// The pixels of all frames of a file, decompressed, and how they are stored.
struct DecodedPixels
{
  std::vector<char> bytes;
  int               bitsAllocated = 0, bitsStored = 0, highBit = 0;
  bool              isSigned = false;
};

/// Decompresses JPEG, JPEG-LS, JPEG 2000 and RLE with GDCM, from the library servalDicom, which is loaded at the first
/// call: GDCM's dictionaries take 15 ms to start. Fault::Input when the pixels cannot be decompressed,
/// Fault::Environment when that library is missing.
DecodedPixels DecodeDicom(const std::filesystem::path & file);

} // namespace serval
