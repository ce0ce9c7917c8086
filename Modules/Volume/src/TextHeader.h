#pragma once

#include "serval/Volume/Volume.h"

#include <map>
#include <optional>
#include <string>

namespace serval
{

/// The header of an NRRD or MetaImage file: its fields as text, and where its voxels lie when they stand behind it.
struct TextHeader
{
  bool                               isNrrd = false;
  std::map<std::string, std::string> fields; ///< NRRD's names in small letters
  std::size_t                        end = 0;

  std::string Field(const std::string & name) const; ///< empty when it is not there
  /// DICOM's word of the modality; empty when the file does not say.
  std::string Modality() const;
  /// Where voxels of `bytesOfNumber` bytes begin that can be copied as they are: not packed, not as text, not in another
  /// file, and in this machine's byte order.
  std::optional<std::size_t> RawBegin(std::size_t bytesOfNumber) const;
};

/// Nothing when the file is neither.
std::optional<TextHeader> ReadTextHeader(const std::filesystem::path & path);

/// Fault::Input for an NRRD file that does not name its space (unless it is to be assumed) or names one that is not the
/// patient's, and for lengths that are not millimetres.
void RequireKnownSpace(const TextHeader & header, Placement placement, const std::filesystem::path & path);

/// The directions of a MetaImage that gives AnatomicalOrientation (letters of the sides its axes come from, "RAI" for
/// LPS) but no matrix, row-major. Where there is a matrix, it holds.
std::optional<std::array<double, 9>> AnatomicalDirection(const TextHeader & header, const std::filesystem::path & path);

} // namespace serval
