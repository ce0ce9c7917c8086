#pragma once

#include "serval/Volume/Volume.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace serval::support
{

/// One more element, as text or as a short.
struct DicomExtra
{
  std::uint16_t group = 0, element = 0;
  std::string   type; ///< LO, CS, UI, US, ...
  std::string   value;
};

/// One DICOM file of a phantom series.
struct DicomPlane
{
  std::string               series = "1.2.3.4.1";
  std::string               modality = "CT";
  std::string               sopClass = "1.2.840.10008.5.1.4.1.1.2";
  int                       columns = 0, rows = 0;
  std::string               position, orientation, spacing; ///< DICOM's text, parted by backslashes
  std::string               slope = "1", intercept = "0"; ///< empty: the elements are left out
  std::string               photometric = "MONOCHROME2";
  bool                      isSigned = true;
  std::vector<std::int16_t> stored;
  std::vector<float>        real = {}; ///< written as float pixel data instead of `stored`
  std::vector<DicomExtra>   extra = {};
};

void WriteDicomPlane(const DicomPlane & plane, int instance, const std::filesystem::path & file);

/// One enhanced multi-frame CT or MR file of the planes in their order, each in its own functional groups; pixel spacing is shared.
/// `times` is the TemporalPositionIndex of each frame (none: left out), `stacks` its Stack ID.
void WriteEnhanced(const std::vector<DicomPlane> & planes, const std::vector<int> & times, const std::filesystem::path & file,
                   const std::vector<std::string> & stacks = {});

/// Planes of a volume in the order of z; stored values are (value - intercept) / slope.
std::vector<DicomPlane> PlanesOf(const Volume & volume, int slope = 1, int intercept = 0);

/// Writes the planes under names and instance numbers that do not follow their order.
void WriteShuffled(const std::vector<DicomPlane> & planes, const std::filesystem::path & folder, const std::string & prefix = "f");

} // namespace serval::support
