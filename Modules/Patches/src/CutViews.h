#pragma once

#include "serval/Patches/PatchShape.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <span>
#include <type_traits>
#include <vector>

namespace serval
{

/// A number in the nearest value of a voxel type.
template <typename T>
T AsVoxel(double value)
{
  if constexpr (std::is_floating_point_v<T>)
    return static_cast<T>(value);
  else
  {
    const double low = std::numeric_limits<T>::min(), high = std::numeric_limits<T>::max();
    return static_cast<T>(std::clamp(value + (value < 0 ? -0.5 : 0.5), low, high));
  }
}

/// How a box of voxels is read: the first voxel, and the steps along the three axes of the target.
struct BoxReading
{
  Extent             first, size;
  std::array<int, 3> axis{ 0, 1, 2 }, sign{ 1, 1, 1 };
};

/// What stands in for voxels outside the volume.
struct Filling
{
  PatchShape::Padding padding = PatchShape::Padding::Constant;
  double              value = 0;
};

/// Offsets of the voxels along one axis of a box, clamped into the volume; whether one had to be.
struct AxisOffsets
{
  std::vector<std::int64_t> offset;
  std::vector<char>         isOutside;
  bool                      hasOutside = false;
};
AxisOffsets OffsetsAlong(std::int64_t first, int sign, std::int64_t size, std::int64_t volume, std::int64_t stride);

/// Copies a box; what lies outside the volume is filled as the shape's padding says.
template <typename T, typename TTarget>
void CopyBox(std::span<const T> voxels, const Extent & volume, const BoxReading & box, const Filling & filling,
             TTarget * target)
{
  const std::int64_t first[3]{ box.first.x, box.first.y, box.first.z }, size[3]{ box.size.x, box.size.y, box.size.z };
  const std::int64_t extent[3]{ volume.x, volume.y, volume.z }, stride[3]{ 1, volume.x, volume.x * volume.y };
  std::array<AxisOffsets, 3> along;
  for (std::size_t i = 0; i < 3; ++i)
  {
    const auto a = static_cast<std::size_t>(box.axis[i]);
    along[i] = OffsetsAlong(first[a], box.sign[i], size[i], extent[a], stride[a]);
  }
  const bool hasOutside = along[0].hasOutside || along[1].hasOutside || along[2].hasOutside;
  const bool isConstant = filling.padding == PatchShape::Padding::Constant;
  const auto pad = AsVoxel<TTarget>(filling.value);
  const bool isRow = !along[0].hasOutside && box.axis[0] == 0 && box.sign[0] > 0 && std::is_same_v<T, TTarget>;
  for (std::size_t z = 0; z < along[2].offset.size(); ++z)
    for (std::size_t y = 0; y < along[1].offset.size(); ++y, target += size[0])
    {
      const T * row = voxels.data() + along[2].offset[z] + along[1].offset[y];
      if (isConstant && (along[2].isOutside[z] || along[1].isOutside[y]))
        std::fill_n(target, size[0], pad);
      else if (isRow)
        std::memcpy(target, row + along[0].offset[0], static_cast<std::size_t>(size[0]) * sizeof(T));
      else
        for (std::size_t x = 0; x < along[0].offset.size(); ++x)
          target[x] =
            hasOutside && isConstant && along[0].isOutside[x] ? pad : static_cast<TTarget>(row[along[0].offset[x]]);
    }
}

/// Values at the points of `grid` from a block of the volume, which a Gaussian smooths first where the grid is coarser.
void ResampleView(std::span<const float> block, const Geometry & blockGeometry, const Geometry & grid,
                  PatchShape::Interpolation interpolation, std::span<float> target);

/// The box of the volume that resampling onto the grid needs; not beyond what lies near the volume where `mayBeCut`.
BoxReading BoxAround(const Geometry & volume, const Geometry & grid, PatchShape::Interpolation interpolation,
                     bool mayBeCut);

/// Which voxels of the grid lie outside the volume: more than half a voxel from its outermost voxels' centres.
std::vector<char> OutsideOf(const Geometry & volume, const Geometry & grid);

/// Cuts one view of a volume: copies voxels, or resamples and rounds to the voxel type. Interpolation never mixes the
/// padding into the body: kernels that reach over the border meet the volume's edge.
template <typename T>
void CutView(std::span<const T> voxels, const Geometry & volume, const PatchView & view, const PatchPlace & place,
             const PatchShape & shape, T * target)
{
  if (view.isCopy)
    return CopyBox(voxels, volume.extent, { FirstVoxel(view, place.voxel), view.size, view.axis, view.sign },
                   { shape.padding, shape.padValue }, target);
  const bool     isPadded = shape.border == PatchShape::Border::Pad && shape.padding == PatchShape::Padding::Constant;
  const Geometry grid = GridOf(view, volume, place);
  const auto     box = BoxAround(volume, grid, shape.interpolation, isPadded);
  std::vector<float> block(static_cast<std::size_t>(box.size.Voxels())),
    values(static_cast<std::size_t>(view.size.Voxels()));
  CopyBox(voxels, volume.extent, box, { PatchShape::Padding::Edge, 0 }, block.data());
  ResampleView(block, volume.Block(box.first, box.size), grid, shape.interpolation, values);
  std::transform(values.begin(), values.end(), target, [](float value) { return AsVoxel<T>(value); });
  if (isPadded)
    for (std::size_t i = 0; const char isOutside : OutsideOf(volume, grid))
      if (T & voxel = target[i++]; isOutside)
        voxel = AsVoxel<T>(shape.padValue);
}

/// The labels of one view: copied, or those of the nearest voxels. Outside the volume the label is 0.
void CutLabels(std::span<const std::uint16_t> labels, const Geometry & volume, const PatchView & view,
               const PatchPlace & place, std::span<std::uint16_t> target);

} // namespace serval
