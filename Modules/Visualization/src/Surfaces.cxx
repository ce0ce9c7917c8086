#include "Surfaces.h"

#include "VtkVolume.h"
#include "serval/Core/Error.h"
#include "serval/Core/Text.h"

#include <vtkActor.h>
#include <vtkAlgorithm.h>
#include <vtkDiscreteFlyingEdges3D.h>
#include <vtkFlyingEdges3D.h>
#include <vtkImageConstantPad.h>
#include <vtkPolyData.h>
#include <vtkPolyDataMapper.h>
#include <vtkPolyDataNormals.h>
#include <vtkProperty.h>
#include <vtkReverseSense.h>
#include <vtkTransform.h>
#include <vtkTransformPolyDataFilter.h>
#include <vtkWindowedSincPolyDataFilter.h>

#include <algorithm>
#include <array>
#include <vector>

namespace serval
{
namespace
{

// One voxel more on each side, so that what touches the border gets a closed surface.
vtkSmartPointer<vtkImageData> Padded(vtkImageData * image, double value)
{
  vtkNew<vtkImageConstantPad> pad;
  int                         extent[6];
  image->GetExtent(extent);
  pad->SetInputData(image);
  pad->SetOutputWholeExtent(extent[0] - 1, extent[1] + 1, extent[2] - 1, extent[3] + 1, extent[4] - 1, extent[5] + 1);
  pad->SetConstant(value);
  pad->Update();
  return pad->GetOutput();
}

// Taubin's smoothing, which keeps volumes (windowed sinc); a pass band of 0.1 takes the voxels' steps away.
vtkSmartPointer<vtkWindowedSincPolyDataFilter> Smoothed(vtkAlgorithmOutput * contour)
{
  auto smooth = vtkSmartPointer<vtkWindowedSincPolyDataFilter>::New();
  smooth->SetInputConnection(contour);
  smooth->SetNumberOfIterations(25);
  smooth->SetPassBand(0.1);
  smooth->NormalizeCoordinatesOn();
  smooth->NonManifoldSmoothingOn();
  smooth->BoundarySmoothingOff();
  return smooth;
}

void AddSurface(Stage & stage, vtkAlgorithmOutput * contour, Color color, const Geometry & geometry)
{
  const auto           matrix = PatientMatrix(geometry);
  vtkNew<vtkTransform> toPatient;
  toPatient->SetMatrix(matrix);
  vtkNew<vtkTransformPolyDataFilter> placed;
  placed->SetInputConnection(contour);
  placed->SetTransform(toPatient);
  vtkNew<vtkReverseSense> turned; // a left-handed grid turns the polygons inside out
  turned->SetInputConnection(placed->GetOutputPort());
  turned->SetReverseCells(matrix->Determinant() < 0);
  vtkNew<vtkPolyDataNormals> normals;
  normals->SetInputConnection(turned->GetOutputPort());
  normals->SplittingOff();
  vtkNew<vtkPolyDataMapper> mapper;
  mapper->SetInputConnection(normals->GetOutputPort());
  mapper->ScalarVisibilityOff();
  vtkNew<vtkActor> actor;
  actor->SetMapper(mapper);
  actor->GetProperty()->SetColor(color.r / 255.0, color.g / 255.0, color.b / 255.0);
  actor->GetProperty()->SetAmbient(0.15);
  actor->GetProperty()->SetDiffuse(0.85);
  actor->GetProperty()->SetSpecular(0.15);
  stage.Renderer().AddActor(actor);
}

/// First and last voxel of a label along each axis.
struct LabelBox
{
  std::array<int, 3> low{ 1 << 30, 1 << 30, 1 << 30 }, high{ -1, -1, -1 };
};

std::vector<LabelBox> BoxesOf(const Scene & scene)
{
  std::vector<LabelBox> boxes(65536);
  const auto &          e = scene.volume.geometry.extent;
  const auto *          label = scene.labels.data();
  for (int z = 0; z < e.z; ++z)
    for (int y = 0; y < e.y; ++y)
      for (int x = 0; x < e.x; ++x)
        if (auto & box = boxes[*label++]; label[-1] != 0)
        {
          const std::array<int, 3> at{ x, y, z };
          for (std::size_t axis = 0; axis < 3; ++axis)
          {
            box.low[axis] = std::min(box.low[axis], at[axis]);
            box.high[axis] = std::max(box.high[axis], at[axis]);
          }
        }
  return boxes;
}

// The voxels of a box and one more on each side, 0 beyond the volume: many small labels cost no more than their own boxes.
vtkSmartPointer<vtkImageData> Block(const Scene & scene, const LabelBox & box)
{
  const auto & e = scene.volume.geometry.extent;
  const auto & spacing = scene.volume.geometry.spacing;
  auto         image = vtkSmartPointer<vtkImageData>::New();
  image->SetExtent(box.low[0] - 1, box.high[0] + 1, box.low[1] - 1, box.high[1] + 1, box.low[2] - 1, box.high[2] + 1);
  image->SetSpacing(spacing.x, spacing.y, spacing.z);
  image->AllocateScalars(VTK_UNSIGNED_SHORT, 1);
  auto * voxel = static_cast<std::uint16_t *>(image->GetScalarPointer());
  for (std::int64_t z = box.low[2] - 1; z <= box.high[2] + 1; ++z)
    for (std::int64_t y = box.low[1] - 1; y <= box.high[1] + 1; ++y)
      for (std::int64_t x = box.low[0] - 1; x <= box.high[0] + 1; ++x)
      {
        const bool isInside = x >= 0 && y >= 0 && z >= 0 && x < e.x && y < e.y && z < e.z;
        *voxel++ = isInside ? scene.labels[static_cast<std::size_t>((z * e.y + y) * e.x + x)] : std::uint16_t{ 0 };
      }
  return image;
}

} // namespace

void AddLabelSurfaces(Stage & stage, const Scene & scene)
{
  if (scene.labels.empty())
    return;
  const auto boxes = BoxesOf(scene);
  for (const auto & entry : LegendOf(scene))
  {
    vtkNew<vtkDiscreteFlyingEdges3D> contour;
    contour->SetInputData(Block(scene, boxes[entry.label]));
    contour->SetValue(0, entry.label);
    contour->ComputeNormalsOff();
    contour->ComputeGradientsOff();
    const auto smooth = Smoothed(contour->GetOutputPort());
    AddSurface(stage, scene.smooth ? smooth->GetOutputPort() : contour->GetOutputPort(), entry.color, scene.volume.geometry);
  }
}

void AddIntensitySurface(Stage & stage, const Scene & scene, double value)
{
  const auto   voxels = scene.volume.voxels;
  const auto   range = std::minmax_element(voxels.begin(), voxels.end());
  Require(*range.first < value && value <= *range.second, Fault::Input, "there is no surface at the intensity ", value,
          ": the volume's values reach from ", *range.first, " to ", *range.second);
  vtkNew<vtkFlyingEdges3D> contour;
  contour->SetInputData(Padded(WrapVoxels(scene.volume), *range.first));
  contour->SetValue(0, value);
  contour->ComputeNormalsOff();
  contour->ComputeGradientsOff();
  AddSurface(stage, contour->GetOutputPort(), { 232, 220, 196 }, scene.volume.geometry);
}

Picture RenderSurface(const Scene & scene)
{
  RequireDrawable(scene);
  const VtkMessages messages;
  Stage             stage(scene);
  std::string       caption = scene.smooth ? "Surfaces of the labels, smoothed" : "Surfaces of the labels as they are";
  if (scene.labels.empty())
  {
    const double value = scene.surfaceValue.value_or(scene.window.level);
    caption = "Surface at intensity " + FormatNumber(value);
    AddIntensitySurface(stage, scene, value);
  }
  AddLabelSurfaces(stage, scene);
  Picture picture = stage.Draw(caption);
  messages.RequireNone();
  return picture;
}

} // namespace serval
