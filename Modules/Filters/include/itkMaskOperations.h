#ifndef itkMaskOperations_h
#define itkMaskOperations_h

#include "itkMaskRuns.h"

#include <memory>
#include <numeric>

namespace itk
{

/** One half of an opening: voxel = the least (TIsErosion) or greatest of itself and of its neighbours up to `radius`
 * away along each axis. What lies beyond the mask neither erodes nor dilates. */
template <bool TIsErosion>
void
MorphWithCross(const std::uint8_t * in, std::uint8_t * out, MaskSize size, std::int64_t radius, int threads)
{
  const auto width = static_cast<std::size_t>(size[0]);
  const auto merge = [](std::uint8_t * a, const std::uint8_t * b, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) // bytes of 0 or 1: vectorised by the compiler
    {
      a[i] = static_cast<std::uint8_t>(TIsErosion ? a[i] & b[i] : a[i] | b[i]);
    }
  };
  ForSlabs(size[2], threads, [&](std::int64_t first, std::int64_t end) {
    for (std::int64_t z = first; z < end; ++z)
    {
      for (std::int64_t y = 0; y < size[1]; ++y)
      {
        const auto           row = static_cast<std::size_t>(y + z * size[1]) * width;
        const std::uint8_t * source = in + row;
        std::uint8_t *       target = out + row;
        std::memcpy(target, source, width);
        for (std::int64_t k = 1; k <= radius; ++k)
        {
          const auto step = static_cast<std::size_t>(k), slice = step * static_cast<std::size_t>(size[1]);
          if (step < width)
          {
            merge(target + step, source, width - step);
            merge(target, source + step, width - step);
          }
          if (y >= k)
          {
            merge(target, source - step * width, width);
          }
          if (y + k < size[1])
          {
            merge(target, source + step * width, width);
          }
          if (z >= k)
          {
            merge(target, source - slice * width, width);
          }
          if (z + k < size[2])
          {
            merge(target, source + slice * width, width);
          }
        }
      }
    }
  });
}

/** Opening (erosion, then dilation) by a cross of `radius` voxels along each axis. */
inline void
OpenMaskWithCross(std::uint8_t * mask, MaskSize size, std::int64_t radius, int threads)
{
  const auto                      voxels = static_cast<std::size_t>(size[0] * size[1] * size[2]);
  std::unique_ptr<std::uint8_t[]> eroded(new std::uint8_t[voxels]); // every byte is written below
  MorphWithCross<true>(mask, eroded.get(), size, radius, threads);
  MorphWithCross<false>(eroded.get(), mask, size, radius, threads);
}

/** Keeps the `count` components that have most voxels; of equal ones the first in the mask. */
inline void
KeepLargestOfMask(std::uint8_t * mask, MaskSize size, std::size_t count, MaskConnectivity connectivity, int threads)
{
  const MaskRuns           runs(mask, size, false, connectivity, threads);
  const auto &             components = runs.Components();
  std::vector<std::size_t> order(components.size());
  std::iota(order.begin(), order.end(), std::size_t{ 0 });
  std::stable_sort(
    order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return components[a].voxels > components[b].voxels; });
  std::vector<std::uint8_t> isKept(components.size(), 0);
  for (std::size_t i = 0; i < std::min(order.size(), count); ++i)
  {
    isKept[order[i]] = 1;
  }
  runs.Paint(mask, 0, [&](std::uint32_t component) { return isKept[component] == 0; });
}

/** Clears components with fewer than `voxels` voxels. */
inline void
RemoveSmallOfMask(std::uint8_t * mask, MaskSize size, double voxels, MaskConnectivity connectivity, int threads)
{
  const MaskRuns runs(mask, size, false, connectivity, threads);
  runs.Paint(mask, 0, [&](std::uint32_t c) { return static_cast<double>(runs.Components()[c].voxels) < voxels; });
}

/** Sets what is enclosed: components of zeros that touch no face of the mask (InSlice: no edge of their slice). */
inline void
FillHolesOfMask(std::uint8_t * mask, MaskSize size, MaskConnectivity ofTheHoles, int threads)
{
  const bool     isFlat = ofTheHoles == MaskConnectivity::InSlice;
  const MaskRuns runs(mask, size, true, ofTheHoles, threads);
  runs.Paint(mask, 1, [&](std::uint32_t c) {
    const auto & hole = runs.Components()[c];
    return !hole.isAtEdge && (isFlat || !hole.isAtEnd);
  });
}

} // namespace itk

#endif
