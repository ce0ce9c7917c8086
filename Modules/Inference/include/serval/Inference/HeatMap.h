#pragma once

#include "serval/Inference/CaseInference.h"
#include "serval/Volume/Volume.h"

#include <cstddef>
#include <vector>

namespace serval
{

/// Mean probability of a class over the patches that cover a voxel; 0 where none does. A patch is the box of its outermost
/// voxels along the volume's axes.
Volume HeatMap(const Geometry & grid, const std::vector<PlaceScore> & places, std::size_t classIndex);

/// The class of the largest mean probability, from 1; 0 where no patch lies.
LabelVolume DecisionMap(const Geometry & grid, const std::vector<PlaceScore> & places, std::size_t classes);

} // namespace serval
