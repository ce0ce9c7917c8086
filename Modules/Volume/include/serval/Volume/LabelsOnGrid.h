#pragma once

#include "serval/Volume/Volume.h"

#include <filesystem>

namespace serval
{

/// Labels of any file on the grid of their volume; a segmentation of 3D Slicer is put there from the box that it holds.
LabelVolume ReadLabelsOn(const Geometry & grid, const std::filesystem::path & path, const ReadOptions & options = {});

} // namespace serval
