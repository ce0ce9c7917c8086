#include "Legend.h"
#include "Stage.h"
#include "Surfaces.h"
#include "VtkVolume.h"

#include <vtkColorTransferFunction.h>
#include <vtkGPUVolumeRayCastMapper.h>
#include <vtkPiecewiseFunction.h>
#include <vtkVolume.h>
#include <vtkVolumeProperty.h>

namespace serval
{
namespace
{

// From transparent below the window's first third to nearly opaque at its end; with labels, glass around them.
void SetTransfer(vtkVolumeProperty & property, const Scene & scene)
{
  const double low = scene.window.level - scene.window.width / 2, width = scene.window.width;
  const double strength = scene.labels.empty() ? 1 : 0.12;
  vtkNew<vtkPiecewiseFunction> opacity;
  opacity->AddPoint(low + 0.35 * width, 0);
  opacity->AddPoint(low + 0.5 * width, 0.2 * strength);
  opacity->AddPoint(low + width, 0.7 * strength);
  vtkNew<vtkColorTransferFunction> color;
  color->AddRGBPoint(low + 0.3 * width, 0.4, 0.2, 0.12);
  color->AddRGBPoint(low + 0.5 * width, 0.82, 0.56, 0.42);
  color->AddRGBPoint(low + width, 1, 0.97, 0.9);
  property.SetScalarOpacity(opacity);
  property.SetColor(color);
  property.SetScalarOpacityUnitDistance(2 * SmallestSpacing(scene.volume.geometry.spacing));
  property.SetInterpolationTypeToLinear();
  property.ShadeOn();
  property.SetAmbient(0.25);
  property.SetDiffuse(0.75);
  property.SetSpecular(0.1);
}

} // namespace

Picture RenderVolume(const Scene & scene)
{
  RequireDrawable(scene);
  const VtkMessages messages;
  Stage             stage(scene);
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
  AddLabelSurfaces(stage, scene);
  Picture picture = stage.Draw("Volume rendering, " + WindowText(scene.window));
  messages.RequireNone();
  return picture;
}

} // namespace serval
