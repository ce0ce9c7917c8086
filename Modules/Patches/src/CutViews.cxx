#include "CutViews.h"

#include "serval/Core/Error.h"

#include <itkBSplineInterpolateImageFunction.h>
#include <itkDiscreteGaussianImageFilter.h>
#include <itkImportImageFilter.h>
#include <itkLinearInterpolateImageFunction.h>
#include <itkOrientedPatchImageFilter.h>

#include <cmath>

namespace serval
{
namespace
{

using Image = itk::Image<float, 3>;

constexpr double kernelSigmas = 3; // what the Gaussian's kernel reaches

std::array<double, 3> Numbers(const Spacing & s)
{
  return { s.x, s.y, s.z };
}

// Standard deviations in voxels of the volume that keep a coarser grid from aliasing: a step of f voxels is a box of
// variance (f^2 - 1) / 12 beyond the voxel's own, doubled for the Gaussian's softer end.
std::array<double, 3> SigmasFor(const Geometry & volume, const Geometry & grid)
{
  const auto            fine = Numbers(volume.spacing), coarse = Numbers(grid.spacing);
  std::array<double, 3> sigmas{};
  for (std::size_t a = 0; a < 3; ++a)
  {
    double square = 0;
    for (std::size_t i = 0; i < 3; ++i)
    {
      double cosine = 0;
      for (std::size_t row = 0; row < 3; ++row)
        cosine += volume.direction[3 * row + a] * grid.direction[3 * row + i];
      square += cosine * cosine * coarse[i] * coarse[i] / (fine[a] * fine[a]);
    }
    sigmas[a] = square > 1 + 1e-6 ? std::sqrt((square - 1) / 6) : 0;
  }
  return sigmas;
}

Image::Pointer AsImage(std::span<const float> block, const Geometry & geometry)
{
  auto         import = itk::ImportImageFilter<float, 3>::New();
  const auto & g = geometry;
  const double origin[3]{ g.origin[0], g.origin[1], g.origin[2] }, spacing[3]{ g.spacing.x, g.spacing.y, g.spacing.z };
  Image::DirectionType direction;
  for (unsigned row = 0; row < 3; ++row)
    for (unsigned column = 0; column < 3; ++column)
      direction[row][column] = g.direction[3 * row + column];
  const Image::SizeType size{ { itk::SizeValueType(g.extent.x), itk::SizeValueType(g.extent.y),
                                itk::SizeValueType(g.extent.z) } };
  import->SetRegion(Image::RegionType(size));
  import->SetOrigin(origin);
  import->SetSpacing(spacing);
  import->SetDirection(direction);
  import->SetImportPointer(const_cast<float *>(block.data()), block.size(), false); // read only
  import->Update();
  return import->GetOutput();
}

Image::Pointer Smoothed(const Image::Pointer & image, const std::array<double, 3> & sigmas)
{
  if (sigmas == std::array<double, 3>{})
    return image;
  using Gaussian = itk::DiscreteGaussianImageFilter<Image, Image>;
  auto                gaussian = Gaussian::New();
  Gaussian::ArrayType variance;
  for (unsigned a = 0; a < 3; ++a)
    variance[a] = sigmas[a] * sigmas[a];
  gaussian->SetInput(image);
  gaussian->SetUseImageSpacing(false);
  gaussian->SetVariance(variance);
  gaussian->SetMaximumError(0.01);
  gaussian->SetMaximumKernelWidth(128);
  gaussian->SetNumberOfWorkUnits(1); // cases run beside each other
  gaussian->Update();
  return gaussian->GetOutput();
}

} // namespace

AxisOffsets OffsetsAlong(std::int64_t first, int sign, std::int64_t size, std::int64_t volume, std::int64_t stride)
{
  AxisOffsets along;
  for (std::int64_t i = 0; i < size; ++i)
  {
    const std::int64_t at = first + sign * i, inside = std::clamp<std::int64_t>(at, 0, volume - 1);
    along.offset.push_back(inside * stride);
    along.isOutside.push_back(at != inside);
    along.hasOutside = along.hasOutside || at != inside;
  }
  return along;
}

BoxReading BoxAround(const Geometry & volume, const Geometry & grid, PatchShape::Interpolation interpolation,
                     bool mayBeCut)
{
  const auto   sigmas = SigmasFor(volume, grid);
  const double support = interpolation == PatchShape::Interpolation::BSpline ? 8 : 1; // the spline's poles die out
  std::array<double, 3> low{ 1e300, 1e300, 1e300 }, high{ -1e300, -1e300, -1e300 };
  for (int corner = 0; corner < 8; ++corner)
  {
    const auto  at = [corner](int bit, std::int64_t size) { return (corner >> bit) & 1 ? double(size - 1) : 0.0; };
    const Point index = volume.IndexAt(grid.PointAt(at(0, grid.extent.x), at(1, grid.extent.y), at(2, grid.extent.z)));
    for (std::size_t a = 0; a < 3; ++a)
    {
      low[a] = std::min(low[a], index[a]);
      high[a] = std::max(high[a], index[a]);
    }
  }
  const std::array<std::int64_t, 3> extent{ volume.extent.x, volume.extent.y, volume.extent.z };
  std::array<std::int64_t, 3>       first{}, last{};
  for (std::size_t a = 0; a < 3; ++a)
  {
    const auto margin = static_cast<std::int64_t>(support + std::ceil(kernelSigmas * sigmas[a]));
    first[a] = std::int64_t(std::floor(low[a])) - margin;
    last[a] = std::int64_t(std::ceil(high[a])) + margin;
    if (mayBeCut)
    { // a patch wholly outside keeps one voxel
      first[a] = std::clamp(first[a], -margin, extent[a] - 1);
      last[a] = std::clamp(last[a], std::max<std::int64_t>(first[a], 0), extent[a] - 1 + margin);
    }
  }
  return { { first[0], first[1], first[2] },
           { last[0] - first[0] + 1, last[1] - first[1] + 1, last[2] - first[2] + 1 } };
}

void ResampleView(std::span<const float> block, const Geometry & blockGeometry, const Geometry & grid,
                  PatchShape::Interpolation interpolation, std::span<float> target)
{
  const auto image = Smoothed(AsImage(block, blockGeometry), SigmasFor(blockGeometry, grid));
  using Filter = itk::OrientedPatchImageFilter<Image, Image>;
  auto                  filter = Filter::New();
  Filter::DirectionType frame;
  for (unsigned row = 0; row < 3; ++row)
    for (unsigned column = 0; column < 3; ++column)
      frame[row][column] = grid.direction[3 * row + column];
  const Point centre =
    grid.PointAt(double(grid.extent.x - 1) / 2, double(grid.extent.y - 1) / 2, double(grid.extent.z - 1) / 2);
  const double spacing[3]{ grid.spacing.x, grid.spacing.y, grid.spacing.z };
  filter->SetInput(image);
  filter->SetCenter(Filter::PointType(centre.data()));
  filter->SetOutputDirection(frame);
  filter->SetOutputSpacing(spacing);
  filter->SetSize(
    { { itk::SizeValueType(grid.extent.x), itk::SizeValueType(grid.extent.y), itk::SizeValueType(grid.extent.z) } });
  if (interpolation == PatchShape::Interpolation::BSpline)
    filter->SetInterpolator(itk::BSplineInterpolateImageFunction<Image>::New());
  filter->SetNumberOfWorkUnits(1);
  filter->Update();
  std::copy_n(filter->GetOutput()->GetBufferPointer(), target.size(), target.begin());
}

std::vector<char> OutsideOf(const Geometry & volume, const Geometry & grid)
{
  std::vector<char> isOutside;
  isOutside.reserve(static_cast<std::size_t>(grid.extent.Voxels()));
  const double high[3]{ double(volume.extent.x) - 0.5, double(volume.extent.y) - 0.5, double(volume.extent.z) - 0.5 };
  for (std::int64_t z = 0; z < grid.extent.z; ++z)
    for (std::int64_t y = 0; y < grid.extent.y; ++y)
      for (std::int64_t x = 0; x < grid.extent.x; ++x)
      {
        const Point index = volume.IndexAt(grid.PointAt(double(x), double(y), double(z)));
        isOutside.push_back(index[0] < -0.5 || index[1] < -0.5 || index[2] < -0.5 || index[0] > high[0] ||
                            index[1] > high[1] || index[2] > high[2]);
      }
  return isOutside;
}

void CutLabels(std::span<const std::uint16_t> labels, const Geometry & volume, const PatchView & view,
               const PatchPlace & place, std::span<std::uint16_t> target)
{
  if (view.isCopy)
    return CopyBox(labels, volume.extent, { FirstVoxel(view, place.voxel), view.size, view.axis, view.sign }, Filling{},
                   target.data());
  const Geometry grid = GridOf(view, volume, place);
  const auto &   e = volume.extent;
  std::size_t    n = 0;
  for (std::int64_t z = 0; z < view.size.z; ++z)
    for (std::int64_t y = 0; y < view.size.y; ++y)
      for (std::int64_t x = 0; x < view.size.x; ++x, ++n)
      {
        const Point  index = volume.IndexAt(grid.PointAt(double(x), double(y), double(z)));
        const Extent at{ std::llround(index[0]), std::llround(index[1]), std::llround(index[2]) };
        const bool   isInside = at.x >= 0 && at.y >= 0 && at.z >= 0 && at.x < e.x && at.y < e.y && at.z < e.z;
        target[n] = isInside ? labels[static_cast<std::size_t>(at.x + e.x * (at.y + e.y * at.z))] : std::uint16_t{ 0 };
      }
}

} // namespace serval
