#include "VtkVolume.h"

#include "serval/Core/Error.h"

#include <vtkFloatArray.h>
#include <vtkPointData.h>
#include <vtkUnsignedShortArray.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace serval
{
namespace
{

template <typename TArray, typename T>
vtkSmartPointer<vtkImageData> Wrap(const Geometry & geometry, std::span<const T> values)
{
  auto image = vtkSmartPointer<vtkImageData>::New();
  image->SetDimensions(static_cast<int>(geometry.extent.x), static_cast<int>(geometry.extent.y),
                       static_cast<int>(geometry.extent.z));
  image->SetSpacing(geometry.spacing.x, geometry.spacing.y, geometry.spacing.z);
  auto array = vtkSmartPointer<TArray>::New();
  // VTK only reads it; the last argument leaves the memory ours
  array->SetArray(const_cast<T *>(values.data()), static_cast<vtkIdType>(values.size()), 1);
  image->GetPointData()->SetScalars(array);
  return image;
}

Point PointOf(const Geometry & geometry, std::size_t voxel)
{
  const auto i = static_cast<std::int64_t>(voxel), nx = geometry.extent.x, ny = geometry.extent.y;
  return geometry.PointAt(static_cast<double>(i % nx), static_cast<double>(i / nx % ny), static_cast<double>(i / (nx * ny)));
}

Point CentreOfMass(const Scene & scene)
{
  double      sum[3]{};
  std::size_t count = 0;
  for (std::size_t i = 0; i < scene.labels.size(); ++i)
    if (scene.labels[i] != 0)
    {
      const Point p = PointOf(scene.volume.geometry, i);
      for (std::size_t axis = 0; axis < 3; ++axis)
        sum[axis] += p[axis];
      ++count;
    }
  Require(count > 0, Fault::Input, "the segmentation is empty: no voxel is above 0; give one that holds labels, or none");
  return { sum[0] / double(count), sum[1] / double(count), sum[2] / double(count) };
}

} // namespace

vtkSmartPointer<vtkImageData> WrapVoxels(const VolumeView & volume)
{
  return Wrap<vtkFloatArray, float>(volume.geometry, volume.voxels);
}

vtkSmartPointer<vtkImageData> WrapLabels(const Geometry & geometry, std::span<const std::uint16_t> labels)
{
  return Wrap<vtkUnsignedShortArray, std::uint16_t>(geometry, labels);
}

vtkSmartPointer<vtkMatrix4x4> PatientMatrix(const Geometry & geometry)
{
  auto matrix = vtkSmartPointer<vtkMatrix4x4>::New();
  for (int row = 0; row < 3; ++row)
  {
    for (int column = 0; column < 3; ++column)
      matrix->SetElement(row, column, geometry.direction[static_cast<std::size_t>(3 * row + column)]);
    matrix->SetElement(row, 3, geometry.origin[static_cast<std::size_t>(row)]);
  }
  Require(std::abs(matrix->Determinant()) > 1e-3, Fault::Input, "the volume's direction matrix is singular");
  return matrix;
}

std::array<Point, 2> PatientBox(const Geometry & geometry)
{
  constexpr double     far = std::numeric_limits<double>::infinity();
  std::array<Point, 2> box{ { { far, far, far }, { -far, -far, -far } } };
  for (int corner = 0; corner < 8; ++corner)
  {
    const auto  at = [corner](int bit, std::int64_t size) { return (corner >> bit) & 1 ? double(size) - 0.5 : -0.5; };
    const Point p = geometry.PointAt(at(0, geometry.extent.x), at(1, geometry.extent.y), at(2, geometry.extent.z));
    for (std::size_t axis = 0; axis < 3; ++axis)
    {
      box[0][axis] = std::min(box[0][axis], p[axis]);
      box[1][axis] = std::max(box[1][axis], p[axis]);
    }
  }
  return box;
}

void RequireDrawable(const Scene & scene)
{
  const auto & extent = scene.volume.geometry.extent;
  Require(extent.x > 0 && extent.y > 0 && extent.z > 0 &&
            scene.volume.voxels.size() == static_cast<std::size_t>(extent.Voxels()),
          Fault::Input, "the volume has ", scene.volume.voxels.size(), " voxels; its grid of ", ToText(extent), " has ",
          extent.Voxels());
  Require(scene.labels.empty() || scene.labels.size() == scene.volume.voxels.size(), Fault::Input,
          "the segmentation has ", scene.labels.size(), " voxels; the volume of ", ToText(extent), " has ",
          scene.volume.voxels.size());
  Require(scene.labels.empty() || std::any_of(scene.labels.begin(), scene.labels.end(), [](auto l) { return l != 0; }),
          Fault::Input, "the segmentation is empty: no voxel is above 0; give one that holds labels, or none");
  if (scene.heat)
    Require(std::ssize(scene.heat->values.voxels) == scene.heat->values.geometry.extent.Voxels() && scene.heat->low < scene.heat->high, Fault::Input,
            "the heat map '", scene.heat->name, "' has ", scene.heat->values.voxels.size(), " voxels and reaches from ", scene.heat->low, " to ", scene.heat->high,
            "; its grid of ", ToText(scene.heat->values.geometry.extent), " and a range are expected");
  PatientMatrix(scene.volume.geometry);
  Require(std::isfinite(scene.window.level) && scene.window.width > 0 && std::isfinite(scene.window.width), Fault::Usage,
          "the window has level ", scene.window.level, " and width ", scene.window.width, "; a width above 0 is expected");
  Require(scene.size.width >= 480 && scene.size.height >= 320, Fault::Usage, "the picture has ", scene.size.width, " x ",
          scene.size.height, " pixels; at least 480 x 320 are expected");
}

Point FocusOf(const Scene & scene)
{
  const Geometry & geometry = scene.volume.geometry;
  if (scene.position)
    return *scene.position;
  if (scene.labels.empty())
    return geometry.PointAt(double(geometry.extent.x - 1) / 2, double(geometry.extent.y - 1) / 2,
                            double(geometry.extent.z - 1) / 2);
  const Point centre = CentreOfMass(scene);
  Point       nearest{};
  double      smallest = std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < scene.labels.size(); ++i)
    if (scene.labels[i] != 0)
    {
      const Point  p = PointOf(geometry, i);
      const double distance = std::hypot(p[0] - centre[0], p[1] - centre[1], p[2] - centre[2]);
      if (distance < smallest)
      {
        smallest = distance;
        nearest = p;
      }
    }
  return nearest;
}

namespace
{

void GiveColors(std::vector<LegendEntry> & entries)
{
  std::vector<bool> isTaken(labelColors + 1, false);
  for (auto & entry : entries)
    if (entry.label <= labelColors)
    {
      entry.color = LabelColor(entry.label);
      isTaken[entry.label] = true;
    }
  unsigned next = 1, shared = 0;
  for (auto & entry : entries)
  {
    if (entry.label <= labelColors)
      continue;
    while (next <= labelColors && isTaken[next])
      ++next;
    entry.color = LabelColor(next <= labelColors ? next++ : ++shared);
  }
}

} // namespace

std::vector<LegendEntry> LegendOf(const Scene & scene)
{
  std::vector<bool> occurs(65536, false);
  for (const auto label : scene.labels)
    occurs[label] = true;
  std::vector<LegendEntry> entries;
  for (unsigned label = 1; label < occurs.size(); ++label)
    if (occurs[label])
      entries.push_back({ label, label <= scene.labelNames.size() && !scene.labelNames[label - 1].empty()
                                   ? scene.labelNames[label - 1]
                                   : "label " + std::to_string(label),
                          {} });
  GiveColors(entries);
  return entries;
}

LabelColors::LabelColors(const std::vector<LegendEntry> & entries)
  : m_Colors(65536)
{
  for (const auto & entry : entries)
    m_Colors[entry.label] = entry.color;
}

} // namespace serval
