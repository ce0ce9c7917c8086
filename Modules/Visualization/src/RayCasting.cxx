#include "Legend.h"
#include "Stage.h"
#include "Surfaces.h"
#include "VtkVolume.h"

#include <vtkColorTransferFunction.h>
#include <vtkGPUVolumeRayCastMapper.h>
#include <vtkPiecewiseFunction.h>
#include <vtkVolume.h>
#include <vtkVolumeProperty.h>

#include <algorithm>
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

// Means of blocks, so that no axis has more voxels than wanted; the image itself where none has.
vtkSmartPointer<vtkImageData> Shrunk(const VolumeView & volume, std::int64_t most)
{
  const auto & e = volume.geometry.extent;
  const auto   factor = [most](std::int64_t size) { return (size + most - 1) / most; };
  const Extent block{ factor(e.x), factor(e.y), factor(e.z) }, left{ e.x / block.x, e.y / block.y, e.z / block.z };
  if (block.Voxels() == 1)
    return WrapVoxels(volume);
  const auto & s = volume.geometry.spacing;
  auto         image = vtkSmartPointer<vtkImageData>::New();
  image->SetDimensions(int(left.x), int(left.y), int(left.z));
  image->SetSpacing(s.x * double(block.x), s.y * double(block.y), s.z * double(block.z));
  image->SetOrigin(s.x * double(block.x - 1) / 2, s.y * double(block.y - 1) / 2, s.z * double(block.z - 1) / 2);
  image->AllocateScalars(VTK_FLOAT, 1);
  auto * const       means = static_cast<float *>(image->GetScalarPointer());
  std::vector<float> row(static_cast<std::size_t>(left.x));
  for (std::int64_t z = 0; z < left.z; ++z)
    for (std::int64_t y = 0; y < left.y; ++y)
    {
      std::fill(row.begin(), row.end(), 0.F);
      for (std::int64_t line = 0; line < block.y * block.z; ++line)
      {
        const auto * from = volume.voxels.data() + ((z * block.z + line / block.y) * e.y + y * block.y + line % block.y) * e.x;
        for (std::int64_t x = 0; x < left.x * block.x; ++x)
          row[static_cast<std::size_t>(x / block.x)] += from[x];
      }
      std::transform(row.begin(), row.end(), means + (z * left.y + y) * left.x, [&block](float sum) { return sum / float(block.Voxels()); });
    }
  return image;
}

} // namespace

vtkSmartPointer<vtkGPUVolumeRayCastMapper> AddRayCasting(Stage & stage, const Scene & scene, std::int64_t mostVoxels)
{
  // The fixed-point mapper would need no OpenGL, but VTK 9.1's places the volume by a stale aspect ratio.
  auto       mapper = vtkSmartPointer<vtkGPUVolumeRayCastMapper>::New();
  const auto image = Shrunk(scene.volume, mostVoxels);
  const auto spacing = image->GetSpacing();
  mapper->SetInputData(image);
  mapper->AutoAdjustSampleDistancesOff();
  mapper->SetSampleDistance(static_cast<float>(SmallestSpacing({ spacing[0], spacing[1], spacing[2] }) / 2));
  mapper->SetImageSampleDistance(1);
  mapper->UseJitteringOn(); // a fixed pattern, against rings
  vtkNew<vtkVolume> volume;
  volume->SetMapper(mapper);
  volume->SetUserMatrix(PatientMatrix(scene.volume.geometry));
  SetTransfer(*volume->GetProperty(), scene);
  stage.Renderer().AddVolume(volume);
  return mapper;
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
