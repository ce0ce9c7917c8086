#pragma once

#include "Stage.h"

#include <cstdint>

class vtkGPUVolumeRayCastMapper;

namespace serval
{

/// Puts a smoothed surface for each label on the stage.
void AddLabelSurfaces(Stage & stage, const Scene & scene);

/// The surface of one intensity; Fault::Input when there is none.
void AddIntensitySurface(Stage & stage, const Scene & scene, double value);

/// The volume by ray casting, glass where labels stand in it; means of blocks where an axis has more than `mostVoxels`.
vtkSmartPointer<vtkGPUVolumeRayCastMapper> AddRayCasting(Stage & stage, const Scene & scene, std::int64_t mostVoxels = 1 << 20);

} // namespace serval
