#pragma once

#include "serval/Visualization/Scene.h"

#include <vtkImageData.h>
#include <vtkMatrix4x4.h>
#include <vtkSmartPointer.h>

#include <array>
#include <vector>

namespace serval
{

/// The voxels as VTK sees them, not copied: origin 0, no direction, spacing in mm. PatientMatrix carries the rest.
vtkSmartPointer<vtkImageData> WrapVoxels(const VolumeView & volume);
vtkSmartPointer<vtkImageData> WrapLabels(const Geometry & geometry, std::span<const std::uint16_t> labels);

/// From the wrapped image's own millimetres to LPS. Fault::Input when the direction matrix is singular.
vtkSmartPointer<vtkMatrix4x4> PatientMatrix(const Geometry & geometry);

/// Lowest and highest x, y, z (mm, LPS) of the voxels' outer faces.
std::array<Point, 2> PatientBox(const Geometry & geometry);

/// Fault::Input or Fault::Usage for what RenderSlices promises to refuse.
void RequireDrawable(const Scene & scene);

struct LegendEntry
{
  unsigned    label;
  std::string name;
};

/// The labels that occur, in order, with their names.
std::vector<LegendEntry> LegendOf(const Scene & scene);

} // namespace serval
