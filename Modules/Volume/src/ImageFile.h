#pragma once

#include "serval/Volume/Volume.h"

#include <itkImageIOBase.h>

#include <mutex>
#include <sstream>
#include <string>

namespace serval
{

/// ITK's own warnings go nowhere: a Slicer module keeps stderr empty.
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
std::string OneLine(std::string text, const std::filesystem::path & path);

/// A NIfTI, NRRD or MetaImage file.
Volume              ReadImageFile(const std::filesystem::path & path, const ReadOptions & options);
Geometry            ReadImageGeometry(const std::filesystem::path & path, const ReadOptions & options);
std::vector<Volume> ReadImageChannels(const std::filesystem::path & path, const ReadOptions & options);

} // namespace serval
