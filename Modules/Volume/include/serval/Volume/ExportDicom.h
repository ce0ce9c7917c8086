#pragma once

#include "serval/Volume/DicomFolder.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace serval
{

/// One code of a coding scheme, as DICOM's code sequences hold it.
struct CodedEntry
{
  std::string value, scheme, meaning;
};

/// What one label value of a label map stands for. The defaults are of SNOMED CT, DICOM PS3.16, CID 7150 and CID 7166.
struct Segment
{
  std::uint16_t label = 0;
  std::string   name; ///< UTF-8, 64 characters at most
  CodedEntry    category{ "91723000", "SCT", "Anatomical Structure" };
  CodedEntry    type{ "85756007", "SCT", "Tissue" };
};

/// Names of label values from a table with the columns `value` (or `label`), `name` and as needed `category` and `type`,
/// codes written as `85756007:SCT:Tissue`. Fault::Input names row and column of what is wrong.
std::vector<Segment> ReadSegments(const std::filesystem::path & table);
/// The same from words LABEL:NAME; Fault::Usage for any other form.
std::vector<Segment> ParseSegments(const std::vector<std::string> & words);

/// One segment for each label above 0 that occurs, in their order: as `named`, else called `label N`.
std::vector<Segment> SegmentsOf(const LabelVolume & labels, const std::vector<Segment> & named);

/// Millilitres of each label above 0 that occurs.
std::map<std::uint16_t, double> VolumesOf(const LabelVolume & labels);

enum class SegmentAlgorithm
{
  Automatic,
  Semiautomatic,
  Manual
};
/// automatic, semiautomatic, manual
SegmentAlgorithm SegmentAlgorithmOf(const std::string & text);

/// What a DICOM segmentation says about itself.
struct SegmentationText
{
  SegmentAlgorithm algorithm = SegmentAlgorithm::Automatic;
  std::string      description = "Segmentation"; ///< of the series, 64 characters at most
  std::string      created;                      ///< YYYYMMDDhhmmss
  bool             hasEmptyFrames = false;       ///< a frame for every slice, also where a segment has no voxel
};

/// Writes labels as a DICOM segmentation (SEG) of `source`: one binary segment for each of `segments`, which are numbered
/// from 1 in their order, one frame for each slice with voxels. The labels lie on the grid of the source as ReadSeries
/// gives it. Patient, study, frame of reference and the place of every frame are those of the source's files; UIDs of
/// series and instance are derived from all that is written, so that equal calls give equal bytes. Written whole or not
/// at all. Returns the number of frames. Fault::Input when no voxel has a label or a slice has no image in the source.
std::size_t WriteDicomSegmentation(const LabelVolume & labels, const SeriesRecord & source, const std::vector<Segment> & segments,
                                   const SegmentationText & text, const std::filesystem::path & output);

/// The labels on another grid: each voxel takes the label of the nearest voxel. Exact for grids that differ by exchanged
/// or turned axes. Fault::Input when a labelled voxel lies outside `grid` by more than half of its own edge, or when a
/// label loses all its voxels; says by how many mm.
LabelVolume OntoGrid(const LabelVolume & labels, const Geometry & grid, const std::string & labelsName);

/// A probability or heat map on another grid as float, linearly interpolated (smoothed where voxels grow), its smallest
/// value outside its field of view; exact for grids that differ by exchanged or turned axes. Fault::Input when the two
/// do not meet; says how many mm they lie apart.
Volume OntoGrid(const Volume & map, const Geometry & grid, const std::string & mapName);

} // namespace serval
