#include "SlicePlane.h"

#include "VtkVolume.h"

#include <vtkImageReslice.h>
#include <vtkNew.h>

#include <algorithm>
#include <cmath>

namespace serval
{
namespace
{

std::size_t AxisOf(const Point & direction)
{
  return direction[0] != 0 ? 0 : direction[1] != 0 ? 1 : 2;
}

// Columns: where one millimetre to the right, up and across leads in the wrapped image, and where the corner lies.
vtkSmartPointer<vtkMatrix4x4> AxesOf(const SliceGrid & grid, const Geometry & geometry)
{
  vtkNew<vtkMatrix4x4> plane, fromPatient;
  for (std::size_t row = 0; row < 3; ++row)
  {
    plane->SetElement(int(row), 0, grid.plane.right[row]);
    plane->SetElement(int(row), 1, grid.plane.up[row]);
    plane->SetElement(int(row), 2, row == grid.plane.across ? 1 : 0);
    plane->SetElement(int(row), 3, grid.corner[row]);
  }
  vtkMatrix4x4::Invert(PatientMatrix(geometry), fromPatient);
  auto axes = vtkSmartPointer<vtkMatrix4x4>::New();
  vtkMatrix4x4::Multiply4x4(fromPatient, plane, axes);
  return axes;
}

struct Sampling
{
  int    width, height;
  double step;       ///< mm
  int    slices = 1; ///< of which the maximum is taken, centred on the plane
  double apart = 1;  ///< mm between them
};

vtkSmartPointer<vtkImageData> Reslice(vtkImageData * image, vtkMatrix4x4 * axes, const Sampling & sampling, double outside,
                                      int interpolation)
{
  vtkNew<vtkImageReslice> reslice;
  reslice->SetInputData(image);
  reslice->SetResliceAxes(axes);
  reslice->SetOutputDimensionality(2);
  reslice->SetOutputExtent(0, sampling.width - 1, 0, sampling.height - 1, 0, 0);
  reslice->SetOutputSpacing(sampling.step, sampling.step, sampling.apart);
  reslice->SetOutputOrigin(sampling.step / 2, sampling.step / 2, 0);
  reslice->SetInterpolationMode(interpolation);
  reslice->SetBackgroundLevel(outside);
  reslice->SetSlabModeToMax();
  reslice->SetSlabNumberOfSlices(sampling.slices);
  reslice->Update();
  return reslice->GetOutput();
}

// VTK's rows come from the bottom.
template <typename T>
std::vector<T> FromTop(vtkImageData & image, int width, int height)
{
  std::vector<T> values;
  const auto *   first = static_cast<const T *>(image.GetScalarPointer());
  for (int y = height - 1; y >= 0; --y)
    values.insert(values.end(), first + std::ptrdiff_t(y) * width, first + std::ptrdiff_t(y + 1) * width);
  return values;
}

// Means of blocks of `factor` x `factor` samples; VTK's rows come from the bottom.
std::vector<float> Average(vtkImageData & fine, int width, int height, int factor)
{
  std::vector<float> values(static_cast<std::size_t>(width) * static_cast<std::size_t>(height));
  const auto *       samples = static_cast<const float *>(fine.GetScalarPointer());
  const std::size_t  row = static_cast<std::size_t>(width) * static_cast<std::size_t>(factor);
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x)
    {
      double sum = 0;
      for (int b = 0; b < factor; ++b)
        for (int a = 0; a < factor; ++a)
          sum += samples[static_cast<std::size_t>(y * factor + b) * row + static_cast<std::size_t>(x * factor + a)];
      values[static_cast<std::size_t>(height - 1 - y) * static_cast<std::size_t>(width) + static_cast<std::size_t>(x)] =
        static_cast<float>(sum / (factor * factor));
    }
  return values;
}

} // namespace

const std::array<SlicePlane, 3> & SlicePlanes()
{
  static const std::array<SlicePlane, 3> planes{ {
    { "Axial", { 1, 0, 0 }, { 0, -1, 0 }, 2, 'R', 'L', 'A', 'P' },
    { "Coronal", { 1, 0, 0 }, { 0, 0, 1 }, 1, 'R', 'L', 'S', 'I' },
    { "Sagittal", { 0, 1, 0 }, { 0, 0, 1 }, 0, 'A', 'P', 'S', 'I' },
  } };
  return planes;
}

SliceGrid::SliceGrid(const SlicePlane & slicePlane, const std::array<Point, 2> & box, const Point & through)
  : plane(slicePlane)
{
  const std::size_t right = AxisOf(plane.right), up = AxisOf(plane.up);
  corner[right] = plane.right[right] > 0 ? box[0][right] : box[1][right];
  corner[up] = plane.up[up] > 0 ? box[0][up] : box[1][up];
  corner[plane.across] = through[plane.across];
  width = box[1][right] - box[0][right];
  height = box[1][up] - box[0][up];
  depth = box[1][plane.across] - box[0][plane.across];
}

std::array<double, 2> SliceGrid::Project(const Point & point) const
{
  std::array<double, 2> place{};
  for (std::size_t axis = 0; axis < 3; ++axis)
  {
    place[0] += plane.right[axis] * (point[axis] - corner[axis]);
    place[1] += plane.up[axis] * (point[axis] - corner[axis]);
  }
  return place;
}

SliceImage SampleSlice(const Scene & scene, const SliceGrid & wanted, double millimetresPerPixel, SliceKind kind)
{
  const Geometry & geometry = scene.volume.geometry;
  const double     smallest = SmallestSpacing(geometry.spacing);
  const auto       pixels = [&](double length) { return std::max(1, static_cast<int>(std::lround(length / millimetresPerPixel))); };
  SliceGrid        grid = wanted;
  Sampling         sampling{ pixels(grid.width), pixels(grid.height), millimetresPerPixel };
  int              factor = std::clamp(static_cast<int>(std::ceil(millimetresPerPixel / smallest - 0.2)), 1, 6);
  if (kind == SliceKind::Projection)
  { // a maximum needs no averaging
    const auto box = PatientBox(geometry);
    grid.corner[grid.plane.across] = (box[0][grid.plane.across] + box[1][grid.plane.across]) / 2;
    sampling.slices = static_cast<int>(std::ceil(grid.depth / smallest));
    sampling.apart = smallest;
    factor = 1;
  }
  const auto axes = AxesOf(grid, geometry);
  SliceImage slice{ sampling.width, sampling.height, {}, {}, {} };
  Sampling   fineSampling = sampling;
  fineSampling.width *= factor;
  fineSampling.height *= factor;
  fineSampling.step /= factor;
  const auto fine = Reslice(WrapVoxels(scene.volume), axes, fineSampling, scene.window.level - scene.window.width / 2,
                            kind == SliceKind::Plane ? VTK_RESLICE_CUBIC : VTK_RESLICE_LINEAR);
  slice.values = Average(*fine, slice.width, slice.height, factor);
  if (!scene.labels.empty())
    slice.labels = FromTop<std::uint16_t>(*Reslice(WrapLabels(geometry, scene.labels), axes, sampling, 0, VTK_RESLICE_NEAREST), slice.width, slice.height);
  if (scene.heat)
    slice.heat = FromTop<float>(*Reslice(WrapVoxels(scene.heat->values), AxesOf(grid, scene.heat->values.geometry), sampling, scene.heat->low, VTK_RESLICE_LINEAR), slice.width, slice.height);
  return slice;
}

} // namespace serval
