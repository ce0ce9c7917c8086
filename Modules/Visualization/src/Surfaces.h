#pragma once

#include "Stage.h"

namespace serval
{

/// Puts a smoothed surface for each label on the stage.
void AddLabelSurfaces(Stage & stage, const Scene & scene);

/// The surface of one intensity; Fault::Input when there is none.
void AddIntensitySurface(Stage & stage, const Scene & scene, double value);

/// The volume by ray casting, glass where labels stand in it.
void AddRayCasting(Stage & stage, const Scene & scene);

} // namespace serval
