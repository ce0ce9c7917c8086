#pragma once

#include "DicomHeader.h"

#include <memory>

namespace serval
{

class DicomBytes;

/// The stored pixels of one file, plane by plane. Uncompressed ones are read from where they lie.
class DicomPixelSource
{
public:
  explicit DicomPixelSource(const DicomFile & file);
  ~DicomPixelSource();
  DicomPixelSource(const DicomPixelSource &) = delete;
  DicomPixelSource & operator=(const DicomPixelSource &) = delete;

  int  BitsAllocated() const { return m_BitsAllocated; }
  int  BitsStored() const { return m_BitsStored; }
  int  HighBit() const { return m_HighBit; }
  bool IsSigned() const { return m_IsSigned; }
  bool IsFloat() const { return m_File.pixels.floatBits != 0; }

  /// Bytes of one frame in this machine's byte order, valid until this thread's next call; Fault::Input when they are not there.
  const char * Plane(int frame);

private:
  const DicomFile &           m_File;
  std::unique_ptr<DicomBytes> m_Bytes;   ///< uncompressed
  std::vector<char>           m_Decoded; ///< all frames
  int                         m_BitsAllocated, m_BitsStored, m_HighBit;
  bool                        m_IsSigned;
};

} // namespace serval
