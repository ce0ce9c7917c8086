#pragma once

#include "serval/Volume/Volume.h"

#include <itkImageIOBase.h>

#include <mutex>
#include <sstream>
#include <string>

namespace serval
{

/// ITK's and GDCM's own warnings go nowhere: a Slicer module keeps stderr empty.
void SilenceLibraries();

/// Holds back what a library writes to std::cerr (MetaIO does), for its error message.
class HeldErrorStream
{
public:
  HeldErrorStream();
  ~HeldErrorStream();
  HeldErrorStream(const HeldErrorStream &) = delete;
  HeldErrorStream & operator=(const HeldErrorStream &) = delete;
  std::string Text() const { return m_Held.str(); }

private:
  std::unique_lock<std::mutex> m_Lock;
  std::ostringstream           m_Held;
  std::streambuf *             m_Original;
};

/// What a library said, on one line.
std::string OneLine(const std::string & text);

/// Fault::Input when a volume of `bytes` cannot be held in this machine's memory.
void RequireMemory(const std::filesystem::path & path, const Extent & extent, double bytes);

/// All voxels of the image whose information `io` has read.
Voxels ReadVoxels(itk::ImageIOBase & io, std::size_t count, const std::filesystem::path & path);

/// A NIfTI, NRRD or MetaImage file.
Volume ReadImageFile(const std::filesystem::path & path);

/// Fault::Input when the columns are not perpendicular unit vectors, or a spacing is not positive.
void RequireRightAngles(const Geometry & geometry, const std::filesystem::path & path);

} // namespace serval
