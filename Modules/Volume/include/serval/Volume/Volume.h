#pragma once

#include "serval/Core/Geometry.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <variant>
#include <vector>

namespace serval
{

/// Voxels in the smallest of few types that holds them without loss, x fastest.
using Voxels = std::variant<std::vector<std::uint8_t>, std::vector<std::int16_t>, std::vector<std::uint16_t>, std::vector<float>>;

/// One scalar CT or MR volume in native intensities (HU for CT).
struct Volume
{
  Geometry    geometry;
  Voxels      voxels;
  std::string modality; ///< DICOM's word (CT, MR, ...); empty when the file does not say
  std::string units = {}; ///< HU, or DICOM's word (BQML, ...); empty when the file does not say
  /// What reading changed, with numbers, for provenance: repairs, padding, inverted MONOCHROME1.
  std::vector<std::string> changes = {};

  std::vector<float> AsFloat() const;
};

/// A label map on a volume's grid.
struct LabelVolume
{
  Geometry                   geometry;
  std::vector<std::uint16_t> labels;
};

/// Which statement about how a grid lies in the patient is believed.
enum class Placement
{
  Stated, ///< the file's own; refused: NIfTI whose sform and qform disagree, and files that state nothing
  Sform,  ///< NIfTI's sform, whatever its qform and pixdim say
  Qform,  ///< NIfTI's qform, whatever its sform says
  Assumed ///< what a file does not state is LPS: x runs to the left, y to posterior, z to superior
};

/// Of stated, sform, qform, assumed; Fault::Usage for another word.
Placement PlacementFrom(const std::string & name);

/// How DICOM series that are no regular volume are resampled onto one, where that is possible.
struct RepairRule
{
  bool   isWanted = false;
  double maximumGap = 2.5; ///< as a multiple of the usual slice distance; slices are interpolated across no wider one
};

struct ReadOptions
{
  /// Of a DICOM folder with several: the SeriesInstanceUID, its short shown id, or its number in the listing.
  std::string series = {};
  bool        allowNotFinite = false;
  RepairRule  repair = {};
  int         channel = -1; ///< of a file with several channels or time points, from 0; without it the file is refused
  Placement   placement = Placement::Stated;
};

/// A NIfTI, NRRD or MetaImage file, a DICOM file or a folder with one DICOM series, with its true geometry.
/// Fault::Input, naming the path: missing, empty folder, no image, several series (listed), not three-dimensional,
/// voxels that are not finite, DICOM series that are no regular volume (see SeriesProblem), unless `repair` mends them (told in Volume::changes).
Volume      ReadVolume(const std::filesystem::path & path, const ReadOptions & options = {});
/// Every channel or time point of a file, in its order, all on one grid; one for a DICOM series or a 3D file.
std::vector<Volume> ReadChannels(const std::filesystem::path & path, const ReadOptions & options = {});
/// Whole numbers 0..65535 are expected.
LabelVolume ReadLabels(const std::filesystem::path & path, const ReadOptions & options = {});
/// The grid alone: of NIfTI, NRRD and MetaImage without their voxels.
Geometry    ReadGeometry(const std::filesystem::path & path, const ReadOptions & options = {});

/// Fault::Usage when the extension is none of .nii, .nii.gz, .nrrd, .mha: to be asked before long work.
void RequireVolumeExtension(const std::filesystem::path & path);

/// Written whole or not at all; the format is that of the extension (.nii, .nii.gz, .nrrd, .mha).
void WriteVolume(const Volume & volume, const std::filesystem::path & path);
/// 8 bits where the labels allow it, else 16.
void WriteLabels(const LabelVolume & labels, const std::filesystem::path & path);

/// Fault::Input when the grids differ in size, or by more than a tenth of a voxel edge at a corner; says by how many mm.
void RequireSameGrid(const Geometry & image, const Geometry & labels, const std::string & imageName,
                     const std::string & labelsName);

/// Content hash (32 hexadecimal digits) of voxels, their type, and geometry; not of the modality.
std::string VoxelFingerprint(const Volume & volume);

} // namespace serval
