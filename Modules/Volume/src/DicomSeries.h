#pragma once

#include "serval/Volume/Volume.h"

#include <array>
#include <optional>
#include <string>
#include <vector>

namespace serval
{

/// One image plane of a DICOM file: a slice, or a frame of a multi-frame file.
struct DicomSlice
{
  std::filesystem::path file;
  int                   frame = 0;
  bool                  isMultiFrame = false;
  int                   seriesNumber = 0;
  std::string           series, modality; ///< SeriesInstanceUID; CT, MR, ...
  int                   rows = 0, columns = 0;
  Point                 position{};        ///< ImagePositionPatient, mm
  std::array<double, 6> orientation{};     ///< ImageOrientationPatient: cosines along a row, then along a column
  std::array<double, 2> spacing{};         ///< mm between rows, between columns
  double                slope = 1, intercept = 0;
};

/// The planes of one DICOM file; none when it is no DICOM file or no image. Fault::Input when it is damaged or an
/// image without position, orientation or pixel spacing.
std::vector<DicomSlice> ReadDicomHeader(const std::filesystem::path & file);

/// Slices of one SeriesInstanceUID, orientation and size.
using DicomSeries = std::vector<DicomSlice>;

std::vector<DicomSeries> GroupIntoSeries(const std::vector<DicomSlice> & slices);

/// Sorts the slices along their normal and gives the grid they stand on; Fault::Input with file names and numbers when
/// slices are missing, doubled, unevenly spaced (beyond 1 % or 0.01 mm), or shifted within their plane (gantry tilt).
Geometry StackSlices(DicomSeries & slices, const std::filesystem::path & path);

/// Rescaled voxels of sorted slices.
Voxels ReadDicomVoxels(const DicomSeries & slices);

} // namespace serval
