#pragma once

#include "serval/Volume/ExportDicom.h"
#include "serval/Volume/LabelsOnGrid.h"

#include <filesystem>
#include <string>
#include <vector>

namespace serval
{

/// Whether the name is that of a segmentation of 3D Slicer, NAME.seg.nrrd.
bool IsSlicerSegmentation(const std::filesystem::path & path);

/// What a segmentation of 3D Slicer holds, as one label map.
struct SlicerSegmentation
{
  LabelVolume          labels;   ///< on the file's own grid: often only the box of the segments
  std::vector<Segment> segments; ///< name and label of each, in the file's order
};

/// A .seg.nrrd file. Labels are those of the file, or 1, 2, ... in its order where layers share labels. Fault::Input, with
/// their names, where segments overlap and `order` does not name them: there the segment named first has the voxel.
/// Fault::Usage for a name in `order` that no segment has.
SlicerSegmentation ReadSlicerSegmentation(const std::filesystem::path & path, const std::vector<std::string> & order = {});

/// A segmentation that Slicer opens with its names: one segment for each label above 0, as `named`, else `label N`.
void WriteSlicerSegmentation(const LabelVolume & labels, const std::vector<Segment> & named, const std::filesystem::path & path);

} // namespace serval
