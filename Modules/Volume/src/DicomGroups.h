#pragma once

#include "DicomHeader.h"

#include <vector>

namespace serval
{

/// Parts planes by series, kind, size, pixel spacing and orientation; then, where planes stand at one place or no even
/// stack comes out, by the first of their keys (image type, time, echo, acquisition, ...) that parts them into stacks.
std::vector<std::vector<DicomPlane>> GroupPlanes(std::vector<DicomPlane> planes);

} // namespace serval
