#pragma once

#include "DicomStack.h"
#include "serval/Volume/DicomFolder.h"

namespace serval
{

/// Fault::Input unless `repair` wants and can mend the series' problems: rescale present in some slices only, and gaps
/// wider than `maximumGap` times the usual one, cannot be mended.
void RequireMendable(const SeriesRecord & series, const RepairRule & repair);

/// The voxels of a stack on a regular grid: of slices at one place with equal pixels one is kept (Fault::Input when they
/// differ), each slice is moved back within its plane (bilinear), then slices are interpolated linearly at even distances.
/// The grid grows where slices were shifted; what no slice covers gets the smallest value. What was done is told in its `changes`.
void Mend(const SeriesRecord & series, Volume & volume);

/// The grid of a regular stack.
Geometry GeometryOf(const DicomStack & stack);

} // namespace serval
