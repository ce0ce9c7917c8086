#include "DecodeDicom.h"

#include "LoadLibrary.h"
#include "serval/Core/Error.h"
#include "serval/Core/PathDisplay.h"

namespace serval
{

DecodedPixels DecodeDicom(const std::filesystem::path & file)
{
  using Entry = bool (*)(const char *, DecodedPixels &);
  static const auto entry = reinterpret_cast<Entry>(FunctionOfLibrary(SERVAL_DICOM_LIBRARY, "ServalDecodeDicom"));
  DecodedPixels     pixels;
  Require(entry(file.c_str(), pixels), Fault::Input, "the pixels of the DICOM file '", Shown(file),
          "' cannot be decompressed: they are damaged, or compressed in an unknown way");
  return pixels;
}

} // namespace serval
