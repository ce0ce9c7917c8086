#pragma once

#include "serval/Network/LayerGraph.h"

#include <string>

namespace serval
{

/// How far an output's voxel sees, which is the same everywhere in a network of convolutions, poolings and what works voxel
/// by voxel; normalisations over an instance and dense layers see all of the input.
struct ReceptiveField
{
  bool isBounded = false;
  int  radius = 0; ///< voxels of the input before and behind an output's voxel that may change it, along each axis (an upper bound)
  int  stride = 1; ///< inputs shifted by it give outputs shifted alike; sizes are multiples of it
};

/// Of an output as fine as the input; others are told as not bounded. Fault::Usage for an unknown output.
ReceptiveField ReceptiveFieldOf(const LayerGraph & graph, const std::string & output);

} // namespace serval
