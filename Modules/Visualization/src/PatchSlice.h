#pragma once

#include "serval/Core/Geometry.h"

#include <array>
#include <cstddef>
#include <span>

namespace serval
{

/// The middle slice of a patch's own grid that lies nearest to one of the patient's planes, seen as a radiologist does; of a patch
/// without depth the one it has.
class PatchSlice
{
public:
  /// `isSmooth`: linear between the voxels, else the nearest one's value.
  PatchSlice(const Geometry & geometry, int plane, bool isSmooth = true);

  /// Millimetres from edge to edge.
  double Width() const { return m_Width; }
  double Height() const { return m_Height; }
  /// 0 axial, 1 coronal, 2 sagittal.
  int Plane() const { return m_Plane; }
  /// `right` and `up` from 0 to 1 over the slice.
  float At(std::span<const float> voxels, double right, double up) const;

private:
  struct Axis
  {
    std::size_t  stride; ///< between the axis' voxels
    std::int64_t size;
    bool         isReversed;
  };
  std::array<Axis, 2> m_Axes{}; ///< to the right, up
  std::size_t         m_First = 0;
  double              m_Width = 0, m_Height = 0;
  int                 m_Plane = 0;
  bool                m_IsSmooth;
};

} // namespace serval
