#include "Components.h"

#include "serval/Core/Error.h"

#include <itkMaskOperations.h>

namespace serval
{
namespace
{

itk::MaskSize SizeOf(std::span<const std::uint8_t> mask, Extent extent)
{
  Require(extent.x < (1LL << 31) && mask.size() == static_cast<std::size_t>(extent.Voxels()), Fault::Internal,
          "components: ", mask.size(), " voxels for a grid of ", ToText(extent));
  return { extent.x, extent.y, extent.z };
}

} // namespace

void OpenWithCross(std::span<std::uint8_t> mask, Extent extent, int radius, int threads)
{
  itk::OpenMaskWithCross(mask.data(), SizeOf(mask, extent), radius, threads);
}

void KeepLargestComponents(std::span<std::uint8_t> mask, Extent extent, int count, Connectivity connectivity, int threads)
{
  itk::KeepLargestOfMask(mask.data(), SizeOf(mask, extent), static_cast<std::size_t>(count), connectivity, threads);
}

void RemoveSmallComponents(std::span<std::uint8_t> mask, Extent extent, double voxels, Connectivity connectivity, int threads)
{
  itk::RemoveSmallOfMask(mask.data(), SizeOf(mask, extent), voxels, connectivity, threads);
}

void FillHoles(std::span<std::uint8_t> mask, Extent extent, Connectivity ofTheHoles, int threads)
{
  itk::FillHolesOfMask(mask.data(), SizeOf(mask, extent), ofTheHoles, threads);
}

} // namespace serval
