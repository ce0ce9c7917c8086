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
  Color       color;
};

/// The labels that occur, in order, with their names and colours: LabelColor's; a label beyond the last colour takes the first
/// one that no other has, and shares one where none is left.
std::vector<LegendEntry> LegendOf(const Scene & scene);

/// The colour of each label that occurs.
class LabelColors
{
public:
  explicit LabelColors(const std::vector<LegendEntry> & entries);
  Color operator[](std::uint16_t label) const { return m_Colors[label]; }

private:
  std::vector<Color> m_Colors;
};

} // namespace serval
