#include "serval/Inference/Tiling.h"

#include "serval/Core/Error.h"
#include "serval/Core/TilePlan.h"

#include <algorithm>

namespace serval
{
namespace
{

std::int64_t UpTo(std::int64_t size, std::int64_t multiple) { return (size + multiple - 1) / multiple * multiple; }

// Of a single map set, in float32.
std::int64_t LargestBytes(const LayerGraph & graph, const Extent & window)
{
  std::int64_t most = 0;
  for (const auto & shape : graph.Shapes(window))
    most = std::max(most, 4 * shape.Count());
  return most;
}

// First voxels along an axis; none where no voxel of a window would count.
std::vector<std::int64_t> CornersAlong(std::int64_t covered, std::int64_t window, int margin, int stride)
{
  if (window >= covered)
    return { 0 };
  const auto step = (window - 2 * margin) / stride * stride;
  if (step <= 0)
    return {};
  std::vector<std::int64_t> corners;
  for (std::int64_t at = 0; at + window < covered; at += step)
    corners.push_back(at);
  corners.push_back(covered - window);
  return corners;
}

// 1 where a voxel's neighbourhood is inside the window, or ends with the volume.
std::vector<float> CountsAlong(std::int64_t corner, std::int64_t window, std::int64_t covered, int margin)
{
  std::vector<float> counts(static_cast<std::size_t>(window), 1);
  for (std::int64_t i = 0; i < window; ++i)
    if ((corner > 0 && i < margin) || (corner + window < covered && i >= window - margin))
      counts[static_cast<std::size_t>(i)] = 0;
  return counts;
}

} // namespace

Tiling Tiling::Blended(const Extent & volume, const Extent & patch, double overlap)
{
  Tiling tiling;
  tiling.m_Window = patch;
  tiling.m_Corners = PlanTiles(volume, patch, overlap);
  return tiling;
}

Tiling Tiling::Exact(const Extent & volume, const Extent & patch, const LayerGraph & graph, const ReceptiveField & field, std::int64_t bytes)
{
  Tiling tiling;
  tiling.m_IsExact = true;
  tiling.m_Margin = field.radius;
  const bool isFlat = graph.dimension == 2;
  tiling.m_Covered = { UpTo(volume.x, field.stride), UpTo(volume.y, field.stride), isFlat ? volume.z : UpTo(volume.z, field.stride) };
  const auto allowed = std::max(bytes, LargestBytes(graph, patch));
  Extent     window = tiling.m_Covered;
  if (isFlat)
    window.z = 1;
  while (LargestBytes(graph, window) > allowed) // the longest axis shrinks
  {
    auto & longest = window.x >= window.y && window.x >= window.z ? window.x : window.y >= window.z ? window.y : window.z;
    if (longest <= field.stride)
      return tiling;
    longest = std::max<std::int64_t>(field.stride, longest * 7 / 8 / field.stride * field.stride);
  }
  tiling.m_Window = window;
  const auto xs = CornersAlong(tiling.m_Covered.x, window.x, field.radius, field.stride), ys = CornersAlong(tiling.m_Covered.y, window.y, field.radius, field.stride),
             zs = CornersAlong(tiling.m_Covered.z, window.z, isFlat ? 0 : field.radius, isFlat ? 1 : field.stride);
  for (const auto z : zs)
    for (const auto y : ys)
      for (const auto x : xs)
        tiling.m_Corners.push_back({ x, y, z });
  return tiling;
}

Tiling Tiling::Choose(const std::string & windows, const Extent & volume, const Extent & patch, double overlap, const LayerGraph & graph)
{
  Require(windows == "auto" || windows == "patches" || windows == "whole", Fault::Usage, "the windows '", windows, "' are none of auto, patches, whole");
  auto       blended = Blended(volume, patch, overlap);
  const auto field = ReceptiveFieldOf(graph, "segmentation");
  if (windows == "patches" || (windows == "auto" && !field.isBounded))
    return blended;
  Require(field.isBounded, Fault::Usage, "--windows whole: the network normalises over its window or has dense layers, so that its answer depends on the window; use patches");
  auto exact = Exact(volume, patch, graph, field);
  Require(windows == "auto" || !exact.m_Corners.empty(), Fault::Usage, "--windows whole: the network sees ", field.radius, " voxels far, more than half of the largest window; use patches");
  return windows == "whole" || (!exact.m_Corners.empty() && exact.Voxels() < blended.Voxels()) ? exact : blended;
}

std::vector<float> Tiling::Weights(const Extent & corner) const
{
  if (!m_IsExact)
    return TileWeights(m_Window);
  const auto xs = CountsAlong(corner.x, m_Window.x, m_Covered.x, m_Margin), ys = CountsAlong(corner.y, m_Window.y, m_Covered.y, m_Margin),
             zs = CountsAlong(corner.z, m_Window.z, m_Covered.z, m_Window.z == 1 ? 0 : m_Margin);
  std::vector<float> weights;
  for (const float z : zs)
    for (const float y : ys)
      for (const float x : xs)
        weights.push_back(x * y * z);
  return weights;
}

} // namespace serval
