#pragma once

#include "Stage.h"

namespace serval
{

/// Puts a smoothed surface for each label on the stage.
void AddLabelSurfaces(Stage & stage, const Scene & scene);

} // namespace serval
