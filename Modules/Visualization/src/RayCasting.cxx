#include "Legend.h"
#include "Stage.h"
#include "Surfaces.h"
#include "VtkVolume.h"

#include <vtkColorTransferFunction.h>
#include <vtkGPUVolumeRayCastMapper.h>
#include <vtkPiecewiseFunction.h>
#include <vtkVolume.h>
#include <vtkVolumeProperty.h>

#include <string>
#include <vector>

namespace serval
{
namespace
{

struct TransferPoint
{
  double value, opacity;
  Color  color;
};

// Of a preset: Hounsfield units for CT, from the window's low end for the others.
std::vector<TransferPoint> PointsOf(const Scene & scene)
{
  const double low = scene.window.level - scene.window.width / 2, width = scene.window.width;
  switch (scene.preset)
  {
    case VolumePreset::CtBone:
      return { { 140, 0, { 150, 80, 50 } }, { 220, 0.45, { 225, 170, 120 } }, { 700, 0.8, { 250, 240, 215 } }, { 1800, 0.95, { 255, 255, 255 } } };
    case VolumePreset::CtLung:
      return { { -950, 0, { 150, 190, 230 } }, { -880, 0.03, { 170, 200, 230 } }, { -760, 0.06, { 215, 215, 225 } }, { -550, 0.22, { 255, 205, 175 } }, { -380, 0.06, { 250, 180, 150 } }, { -280, 0, { 250, 170, 140 } } };
    case VolumePreset::CtSoft:
      return { { -40, 0, { 140, 60, 40 } }, { 30, 0.12, { 190, 95, 70 } }, { 130, 0.35, { 225, 150, 110 } }, { 350, 0.8, { 250, 235, 210 } }, { 1500, 0.95, { 255, 255, 255 } } };
    case VolumePreset::MrTissue:
      return { { low + 0.2 * width, 0, { 70, 60, 60 } }, { low + 0.35 * width, 0.1, { 170, 140, 125 } }, { low + 0.7 * width, 0.35, { 225, 205, 185 } }, { low + width, 0.8, { 255, 250, 240 } } };
    case VolumePreset::Window:
      break;
  }
  return { { low + 0.35 * width, 0, { 120, 66, 48 } }, { low + 0.5 * width, 0.2, { 209, 143, 107 } }, { low + width, 0.7, { 255, 247, 230 } } };
}

std::string NameOf(VolumePreset preset)
{
  switch (preset)
  {
    case VolumePreset::CtBone:
      return "CT bone";
    case VolumePreset::CtLung:
      return "CT lung";
    case VolumePreset::CtSoft:
      return "CT soft tissue";
    case VolumePreset::MrTissue:
      return "MR tissue";
    case VolumePreset::Window:
      break;
  }
  return "window";
}

// With labels the rest is glass around them.
void SetTransfer(vtkVolumeProperty & property, const Scene & scene)
{
  const double                     strength = scene.labels.empty() ? 1 : 0.12;
  vtkNew<vtkPiecewiseFunction>     opacity;
  vtkNew<vtkColorTransferFunction> color;
  for (const auto & point : PointsOf(scene))
  {
    opacity->AddPoint(point.value, strength * point.opacity);
    color->AddRGBPoint(point.value, point.color.r / 255.0, point.color.g / 255.0, point.color.b / 255.0);
  }
  property.SetScalarOpacity(opacity);
  property.SetColor(color);
  property.SetScalarOpacityUnitDistance(2 * SmallestSpacing(scene.volume.geometry.spacing));
  property.SetInterpolationTypeToLinear();
  property.ShadeOn();
  property.SetAmbient(scene.preset == VolumePreset::CtLung ? 0.5 : 0.25); // the noise of lungs is no surface
  property.SetDiffuse(0.75);
  property.SetSpecular(0.1);
}

} // namespace

void AddRayCasting(Stage & stage, const Scene & scene)
{
  // The fixed-point mapper would need no OpenGL, but VTK 9.1's places the volume by a stale aspect ratio.
  vtkNew<vtkGPUVolumeRayCastMapper> mapper;
  mapper->SetInputData(WrapVoxels(scene.volume));
  mapper->AutoAdjustSampleDistancesOff();
  mapper->SetSampleDistance(static_cast<float>(SmallestSpacing(scene.volume.geometry.spacing) / 2));
  mapper->SetImageSampleDistance(1);
  mapper->UseJitteringOn(); // a fixed pattern, against rings
  vtkNew<vtkVolume> volume;
  volume->SetMapper(mapper);
  volume->SetUserMatrix(PatientMatrix(scene.volume.geometry));
  SetTransfer(*volume->GetProperty(), scene);
  stage.Renderer().AddVolume(volume);
}

Picture RenderVolume(const Scene & scene)
{
  RequireDrawable(scene);
  const VtkMessages messages;
  Stage             stage(scene);
  AddRayCasting(stage, scene);
  AddLabelSurfaces(stage, scene);
  Picture picture = stage.Draw("Volume rendering, " + (scene.preset == VolumePreset::Window ? WindowText(scene.window) : NameOf(scene.preset)));
  messages.RequireNone();
  return picture;
}

} // namespace serval
