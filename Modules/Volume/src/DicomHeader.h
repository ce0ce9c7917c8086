#pragma once

#include "DicomElements.h"
#include "serval/Volume/DicomFolder.h"

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace serval
{

/// What all images of one DICOM file share.
struct DicomFile
{
  std::filesystem::path file;
  SeriesRecord          record; ///< of this file alone: its attributes and kind
  std::string           damage; ///< why the file cannot be used; empty when it can
  DicomPixels           pixels;
  int                   rows = 0, columns = 0, frames = 1;
  int                   bitsAllocated = 0, bitsStored = 0, highBit = 0;
  bool                  isSigned = false;
  bool                  isInverted = false; ///< MONOCHROME1: low values are bright
  /// Stored values that stand for "nothing here": PixelPaddingValue to PixelPaddingRangeLimit.
  std::optional<std::array<int, 2>> padding;
  std::string                       units;

  std::size_t PlaneVoxels() const { return static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns); }
};

/// One image plane: a slice, or a frame of a multi-frame file.
struct DicomPlane
{
  std::shared_ptr<const DicomFile> file;
  int                              frame = 0;
  bool                             hasPlace = false; ///< position, orientation and pixel spacing are known
  Point                            position{};       ///< ImagePositionPatient, mm
  std::array<double, 6>            orientation{};    ///< ImageOrientationPatient: cosines along a row, then along a column
  std::array<double, 2>            spacing{};        ///< mm between rows, between columns
  bool                             isRescaled = false;
  double                           slope = 1, intercept = 0;
  /// What tells volumes at one place apart: image type, stack, time, echo, acquisition, diffusion, kernel, dimension indices.
  std::vector<std::string> keys;
};

/// The planes of one file. No image: no plane and no damage.
struct DicomHeader
{
  bool                             isDicom = false;
  std::shared_ptr<const DicomFile> file;
  std::vector<DicomPlane>          planes;
};

DicomHeader ReadDicomHeader(const std::filesystem::path & file);

/// The unit vector from slice to slice: row direction x column direction.
Point NormalOf(const DicomPlane & plane);

} // namespace serval
