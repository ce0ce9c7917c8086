#pragma once

#include "serval/Core/Geometry.h"
#include "serval/Network/ReceptiveField.h"

#include <cstdint>
#include <string>
#include <vector>

namespace serval
{

/// Windows over a volume, and how much each voxel of a window counts.
class Tiling
{
public:
  /// Windows of the model's patch that overlap by a share of an edge; the middle of a window counts more (TileWeights).
  static Tiling Blended(const Extent & volume, const Extent & patch, double overlap);
  /// Windows as large as maps of `bytes` in float32 (or those of the patch, where these are larger) allow, of which only those voxels count whose whole
  /// neighbourhood of the network's receptive field lies inside; together they give what one window over the whole volume would.
  /// Not for networks without bounded receptive field. Empty where the field leaves nothing of a window.
  static Tiling Exact(const Extent & volume, const Extent & patch, const LayerGraph & graph, const ReceptiveField & field, std::int64_t bytes = std::int64_t{ 256 } << 20);
  /// By its word: patches (Blended), whole (Exact; Fault::Usage where that cannot be), or auto: Exact where it computes
  /// fewer voxels.
  static Tiling Choose(const std::string & windows, const Extent & volume, const Extent & patch, double overlap, const LayerGraph & graph);

  const Extent &              Window() const { return m_Window; }
  const std::vector<Extent> & Corners() const { return m_Corners; }
  bool                        IsExact() const { return m_IsExact; }
  double                      Voxels() const { return double(m_Corners.size()) * double(m_Window.Voxels()); }
  /// Of a window's voxels, x fastest.
  std::vector<float> Weights(const Extent & corner) const;

private:
  bool                m_IsExact = false;
  Extent              m_Window, m_Covered; ///< the volume, up to multiples of the network's stride
  std::vector<Extent> m_Corners;
  int                 m_Margin = 0;
};

} // namespace serval
