#pragma once

#include "serval/Volume/Volume.h"

#include <itkImage.h>

#include <vector>

namespace serval
{

template <typename T>
using ItkImage = itk::Image<T, 3>;

template <typename T>
void SetGrid(ItkImage<T> & image, const Geometry & geometry)
{
  typename ItkImage<T>::SizeType      size;
  typename ItkImage<T>::SpacingType   spacing;
  typename ItkImage<T>::PointType     origin;
  typename ItkImage<T>::DirectionType direction;
  const std::int64_t                  extent[]{ geometry.extent.x, geometry.extent.y, geometry.extent.z };
  const double                        edges[]{ geometry.spacing.x, geometry.spacing.y, geometry.spacing.z };
  for (unsigned axis = 0; axis < 3; ++axis)
  {
    size[axis] = static_cast<itk::SizeValueType>(extent[axis]);
    spacing[axis] = edges[axis];
    origin[axis] = geometry.origin[axis];
    for (unsigned column = 0; column < 3; ++column)
      direction[axis][column] = geometry.direction[3 * axis + column];
  }
  image.SetRegions(size);
  image.SetSpacing(spacing);
  image.SetOrigin(origin);
  image.SetDirection(direction);
}

/// An ITK image over voxels that live elsewhere and must outlive it.
template <typename T>
typename ItkImage<T>::Pointer ViewOf(std::vector<T> & voxels, const Geometry & geometry)
{
  auto image = ItkImage<T>::New();
  SetGrid(*image, geometry);
  image->GetPixelContainer()->SetImportPointer(voxels.data(), voxels.size(), false);
  return image;
}

template <typename T>
std::vector<T> VoxelsOf(const ItkImage<T> & image)
{
  const T * first = image.GetBufferPointer();
  return { first, first + image.GetBufferedRegion().GetNumberOfPixels() };
}

/// The voxels as float, moved where they are float.
inline std::vector<float> TakeFloat(Volume & volume)
{
  if (auto * floats = std::get_if<std::vector<float>>(&volume.voxels))
    return std::move(*floats);
  std::vector<float> result = volume.AsFloat();
  volume.voxels = std::vector<float>{};
  return result;
}

} // namespace serval
