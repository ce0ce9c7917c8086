#pragma once

#include "serval/Cache/PatchCache.h"
#include "serval/Volume/Volume.h"

namespace serval
{

/// Mean, standard deviation and percentiles 0.5 and 99.5 over all voxels, exact: whole numbers by one histogram, floats
/// by two passes of a radix histogram; no voxel is copied.
IntensitySummary Summarise(const Volume & volume);

} // namespace serval
