#include "DicomPixelSource.h"

#include "DecodeDicom.h"
#include "DicomBytes.h"
#include "serval/Core/Error.h"
#include "serval/Core/PathDisplay.h"

#include <algorithm>
#include <mutex>

namespace serval
{
namespace
{

DecodedPixels Decoded(const DicomFile & file)
{
  static std::mutex      one; // GDCM's codecs are not promised to be safe in several threads
  const std::scoped_lock lock(one);
  return DecodeDicom(file.file);
}

} // namespace

DicomPixelSource::DicomPixelSource(const DicomFile & file)
  : m_File(file)
  , m_BitsAllocated(file.bitsAllocated)
  , m_BitsStored(file.bitsStored)
  , m_HighBit(file.highBit)
  , m_IsSigned(file.isSigned)
{
  if (file.pixels.isEncapsulated)
  {
    DecodedPixels decoded = Decoded(file);
    m_Decoded = std::move(decoded.bytes);
    m_BitsAllocated = decoded.bitsAllocated;
    m_BitsStored = decoded.bitsStored;
    m_HighBit = decoded.highBit;
    m_IsSigned = decoded.isSigned;
  }
  else
    m_Bytes = OpenDataSet(file.file, file.pixels);
}

DicomPixelSource::~DicomPixelSource() = default;

const char * DicomPixelSource::Plane(int frame)
{
  const std::size_t edge = static_cast<std::size_t>(m_BitsAllocated) / 8, bytes = m_File.PlaneVoxels() * edge;
  const std::size_t start = bytes * static_cast<std::size_t>(frame);
  if (m_File.pixels.isEncapsulated)
  {
    Require(start + bytes <= m_Decoded.size(), Fault::Input, "the DICOM file '", Shown(m_File.file), "' is truncated: ",
            m_Decoded.size(), " bytes of decompressed pixels, ", start + bytes, " are expected");
    return m_Decoded.data() + start;
  }
  static thread_local std::vector<char> frameBytes; // one for all files: a new one for each costs its page faults
  frameBytes.resize(bytes);
  Require(m_Bytes->Copy(m_File.pixels.offset + start, bytes, frameBytes.data()), Fault::Input, "the DICOM file '",
          Shown(m_File.file), "' ends within its pixels; it has changed since its header was read");
  if (m_File.pixels.isBigEndian)
    for (std::size_t at = 0; at < bytes; at += edge)
      std::reverse(frameBytes.begin() + static_cast<std::ptrdiff_t>(at), frameBytes.begin() + static_cast<std::ptrdiff_t>(at + edge));
  return frameBytes.data();
}

} // namespace serval
