#include "serval/Volume/Resample.h"

#include "ImageFile.h"
#include "ItkImage.h"
#include "serval/Core/Error.h"

#include <itkBSplineInterpolateImageFunction.h>
#include <itkDiscreteGaussianImageFilter.h>
#include <itkLinearInterpolateImageFunction.h>
#include <itkNearestNeighborInterpolateImageFunction.h>
#include <itkResampleImageFilter.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace serval
{
namespace
{

bool IsSameGrid(const Geometry & a, const Geometry & b)
{
  return a.extent == b.extent && CornerDistance(a, b) <= 1e-6 * SmallestSpacing(a.spacing);
}

std::array<double, 3> Edges(const Geometry & g) { return { g.spacing.x, g.spacing.y, g.spacing.z }; }

ItkImage<float>::Pointer Smoothed(ItkImage<float>::Pointer image, const std::array<double, 3> & sigma)
{
  if (*std::max_element(sigma.begin(), sigma.end()) == 0)
    return image;
  using Filter = itk::DiscreteGaussianImageFilter<ItkImage<float>, ItkImage<float>>;
  auto              filter = Filter::New();
  Filter::ArrayType variance;
  for (unsigned axis = 0; axis < 3; ++axis)
    variance[axis] = sigma[axis] * sigma[axis];
  filter->SetInput(image);
  filter->SetVariance(variance);
  filter->SetMaximumError(1e-3);
  filter->SetMaximumKernelWidth(128);
  filter->Update();
  return filter->GetOutput();
}

template <typename T, typename TInterpolator>
std::vector<T> Resampled(ItkImage<T> & image, const Geometry & grid, TInterpolator * interpolator, T outside)
{
  auto model = ItkImage<T>::New();
  SetGrid(*model, grid);
  using Filter = itk::ResampleImageFilter<ItkImage<T>, ItkImage<T>>;
  auto filter = Filter::New();
  filter->SetInput(&image);
  filter->SetInterpolator(interpolator);
  filter->SetOutputParametersFromImage(model);
  filter->SetDefaultPixelValue(outside);
  filter->Update();
  return VoxelsOf(*filter->GetOutput());
}

template <typename T>
std::vector<T> Rounded(const std::vector<float> & values)
{
  const float     low = std::numeric_limits<T>::lowest(), high = std::numeric_limits<T>::max();
  std::vector<T>  result(values.size());
  std::transform(values.begin(), values.end(), result.begin(),
                 [low, high](float v) { return static_cast<T>(std::clamp(std::nearbyint(v), low, high)); });
  return result;
}

std::vector<float> ResampledFloat(std::vector<float> & voxels, const Geometry & geometry, const Geometry & grid,
                                  const ResampleOptions & options)
{
  const float lowest = *std::min_element(voxels.begin(), voxels.end());
  const auto  image = Smoothed(ViewOf(voxels, geometry), options.smooths ? SmoothingSigma(geometry, grid) : std::array<double, 3>{});
  if (options.interpolation == Interpolation::Linear)
    return Resampled<float>(*image, grid, itk::LinearInterpolateImageFunction<ItkImage<float>>::New().GetPointer(), lowest);
  auto spline = itk::BSplineInterpolateImageFunction<ItkImage<float>, double, float>::New();
  spline->SetSplineOrder(3);
  return Resampled<float>(*image, grid, spline.GetPointer(), lowest);
}

} // namespace

Geometry GridWithSpacing(const Geometry & geometry, const Spacing & spacing)
{
  const std::int64_t    size[]{ geometry.extent.x, geometry.extent.y, geometry.extent.z };
  const auto            edge = Edges(geometry);
  const double          wanted[]{ spacing.x, spacing.y, spacing.z };
  std::array<double, 3> first{}; // old index of the new first voxel
  std::int64_t          fitting[3]{};
  for (std::size_t axis = 0; axis < 3; ++axis)
  {
    Require(wanted[axis] > 0 && std::isfinite(wanted[axis]), Fault::Usage, "a spacing of ", wanted[axis],
            " mm was asked for; a positive length is expected");
    const double length = static_cast<double>(size[axis]) * edge[axis];
    fitting[axis] = static_cast<std::int64_t>(std::floor(length / wanted[axis] + 1e-6));
    Require(fitting[axis] >= 2, Fault::Input, "a volume ", length, " mm long along axis ", axis, " has no two voxels of ",
            wanted[axis], " mm");
    const double between = static_cast<double>(size[axis] - 1) * edge[axis] - static_cast<double>(fitting[axis] - 1) * wanted[axis];
    first[axis] = between / 2 / edge[axis];
  }
  Geometry grid{ { fitting[0], fitting[1], fitting[2] }, spacing, geometry.PointAt(first[0], first[1], first[2]), geometry.direction };
  return grid;
}

std::array<double, 3> SmoothingSigma(const Geometry & from, const Geometry & to)
{
  const double          halfWidths = 2 * std::sqrt(2 * std::numbers::ln2);
  const auto            fine = Edges(from), coarse = Edges(to);
  std::array<double, 3> sigma{};
  for (std::size_t a = 0; a < 3; ++a)
  {
    double square = -fine[a] * fine[a];
    for (std::size_t b = 0; b < 3; ++b)
    {
      double cosine = 0;
      for (std::size_t row = 0; row < 3; ++row)
        cosine += from.direction[3 * row + a] * to.direction[3 * row + b];
      square += cosine * cosine * coarse[b] * coarse[b];
    }
    sigma[a] = square > 1e-9 * fine[a] * fine[a] ? std::sqrt(square) / halfWidths : 0;
  }
  return sigma;
}

Volume ResampleTo(Volume image, const Geometry & grid, const ResampleOptions & options)
{
  SilenceLibraries();
  if (IsSameGrid(image.geometry, grid))
    return image;
  const std::size_t type = image.voxels.index();
  auto              voxels = TakeFloat(image);
  auto              result = ResampledFloat(voxels, image.geometry, grid, options);
  image.geometry = grid;
  if (!options.keepsType || type == Voxels(std::vector<float>{}).index())
    image.voxels = std::move(result);
  else if (type == Voxels(std::vector<std::uint8_t>{}).index())
    image.voxels = Rounded<std::uint8_t>(result);
  else if (type == Voxels(std::vector<std::int16_t>{}).index())
    image.voxels = Rounded<std::int16_t>(result);
  else
    image.voxels = Rounded<std::uint16_t>(result);
  return image;
}

LabelVolume ResampleTo(LabelVolume labels, const Geometry & grid)
{
  SilenceLibraries();
  if (IsSameGrid(labels.geometry, grid))
    return labels;
  using Nearest = itk::NearestNeighborInterpolateImageFunction<ItkImage<std::uint16_t>>;
  const auto image = ViewOf(labels.labels, labels.geometry);
  return { grid, Resampled<std::uint16_t>(*image, grid, Nearest::New().GetPointer(), 0) };
}

} // namespace serval
