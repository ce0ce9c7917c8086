#pragma once

#include "serval/Volume/Volume.h"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace serval
{

/// What the images of a series are. Only a Volume becomes a case; the other kinds are no problem.
enum class SeriesKind
{
  Volume,
  Localizer,
  SecondaryCapture,
  ScreenCapture,
  Segmentation,
  Other
};
/// volume, localizer, secondary-capture, screen-capture, segmentation, other
std::string ToText(SeriesKind kind);

/// One thing that keeps a series from being a regular volume: `name` is one of missing-slice, uneven-spacing,
/// duplicate-position, gantry-tilt, mixed-orientation, partial-rescale, or of a volume file unreadable; `detail` holds the
/// numbers and no patient's name.
struct SeriesProblem
{
  std::string name, detail;
};

/// One volume's worth of planes in a folder of DICOM files: grouped by SeriesInstanceUID, orientation, size,
/// acquisition or temporal position, and image type.
struct SeriesRecord
{
  SeriesKind                         kind = SeriesKind::Other;
  std::vector<std::filesystem::path> files;  ///< sorted along the normal; a multi-frame file stands once
  int                                slices = 0;
  Extent                             extent;
  Spacing                            spacing; ///< mm; z is the usual distance along the normal
  std::string                        modality, description, imageType;
  int                                seriesNumber = 0;
  /// Identifying: shown only through ShownText. Never written to a persistent file, except by an export that asks.
  std::string patientId, patientName, studyUid, seriesUid, accessionNumber, frameOfReferenceUid;
  std::string studyTime; ///< StudyDate and StudyTime as one text that sorts; identifying as well
  std::string bodyPart;
  bool        hasBurnedInAnnotation = false; ///< BurnedInAnnotation is YES
  bool        mayShowFace = false;           ///< head or neck CT or MR whose slices can be rendered to a face
  std::vector<SeriesProblem> problems;
  /// What was read of the headers, so that ReadSeries need not read them again; none where positions are unknown.
  std::shared_ptr<const struct DicomStack> stack = {};

  bool IsRegular() const { return problems.empty(); }
};

/// Every series below `folder` (any depth; files that are not DICOM are passed over), or in one file, sorted by folder, series number
/// and series. Fault::Input when the folder does not exist or holds no file. `skipped` counts files that are no DICOM
/// images, `damaged` lists DICOM files that cannot be read; their series get the problem missing-slice.
struct DicomFolder
{
  std::vector<SeriesRecord>          series;
  std::size_t                        skipped = 0;
  std::vector<std::filesystem::path> damaged;
  std::vector<std::filesystem::path> others = {}; ///< the skipped ones, sorted
};
DicomFolder ListDicomFolder(const std::filesystem::path & folder);

/// The same, and behind it every NIfTI, NRRD and MetaImage file that is no segmentation of 3D Slicer, as a series of one
/// file; what lies below `except` is passed over. A file whose header cannot be read has the problem unreadable.
DicomFolder ListImageFolder(const std::filesystem::path & folder, const std::filesystem::path & except = {});

/// Which series a script wants; empty members match all.
struct SeriesRule
{
  std::string modality = {};      ///< CT, MR, ...
  int         minimumSlices = 2;
  std::string descriptionPattern = {}; ///< ECMAScript regular expression, found anywhere, letter case ignored
  std::string series = {};        ///< SeriesInstanceUID, or its short shown id
};
/// The indices of the series of kind Volume that the rule matches.
std::vector<std::size_t> MatchSeries(const std::vector<SeriesRecord> & series, const SeriesRule & rule);

/// Whether the name is that of a volume in one file: .nii, .nii.gz, .nrrd, .nhdr, .mha, .mhd, in any letter case.
bool IsVolumeFile(const std::filesystem::path & file);
/// The name of a volume or segmentation file without its endings: `a` of a.nii.gz and a.seg.nrrd.
std::string NameOfVolumeFile(const std::filesystem::path & file);

/// The volume of one listed series; Fault::Input with the problem's name and numbers when it is not regular.
/// What `repair` wants and can mend is resampled onto a regular grid and told in Volume::changes.
Volume ReadSeries(const SeriesRecord & series, const RepairRule & repair = {});

} // namespace serval
