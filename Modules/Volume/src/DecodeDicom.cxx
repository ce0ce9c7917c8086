#include "DecodeDicom.h"

#include <gdcmImageReader.h>
#include <gdcmTrace.h>

// The library's one entry; false when the pixels cannot be decompressed.
extern "C" __attribute__((visibility("default"))) bool ServalDecodeDicom(const char * file, serval::DecodedPixels & pixels)
{
  gdcm::Trace::DebugOff();
  gdcm::Trace::WarningOff(); // a Slicer module keeps stderr empty
  gdcm::Trace::ErrorOff();
  gdcm::ImageReader reader;
  reader.SetFileName(file);
  if (!reader.Read())
    return false;
  const gdcm::Image &       image = reader.GetImage();
  const gdcm::PixelFormat & format = image.GetPixelFormat();
  pixels.bitsAllocated = format.GetBitsAllocated();
  pixels.bitsStored = format.GetBitsStored();
  pixels.highBit = format.GetHighBit();
  pixels.isSigned = format.GetPixelRepresentation() == 1;
  pixels.bytes.resize(image.GetBufferLength());
  return format.GetSamplesPerPixel() == 1 && image.GetBuffer(pixels.bytes.data());
}
