#include "serval/Core/TilePlan.h"

#include "serval/Core/Error.h"

#include <algorithm>
#include <cmath>

namespace serval
{
namespace
{

std::vector<std::int64_t> TilesAlong(std::int64_t volume, std::int64_t window, double overlap)
{
  if (volume <= window)
    return { -(window - volume) / 2 };
  const double step = std::max(1.0, std::floor(double(window) * (1 - overlap)));
  const auto   steps = static_cast<std::int64_t>(std::ceil(double(volume - window) / step));
  std::vector<std::int64_t> corners;
  for (std::int64_t i = 0; i <= steps; ++i)
    corners.push_back(std::llround(double(i) * double(volume - window) / double(steps)));
  return corners;
}

std::vector<double> WeightsAlong(std::int64_t edge)
{
  std::vector<double> weights;
  for (std::int64_t i = 0; i < edge; ++i)
    weights.push_back(std::exp(-0.5 * std::pow((double(i) - double(edge - 1) / 2) / (double(edge) / 8), 2)));
  return weights;
}

} // namespace

std::vector<Extent> PlanTiles(const Extent & volume, const Extent & window, double overlap)
{
  Require(overlap >= 0 && overlap < 1, Fault::Usage, "an overlap of ", overlap, "; 0 to below 1 is possible");
  std::vector<Extent> tiles;
  for (const auto z : TilesAlong(volume.z, window.z, overlap))
    for (const auto y : TilesAlong(volume.y, window.y, overlap))
      for (const auto x : TilesAlong(volume.x, window.x, overlap))
        tiles.push_back({ x, y, z });
  return tiles;
}

std::vector<float> TileWeights(const Extent & window)
{
  const auto         xs = WeightsAlong(window.x), ys = WeightsAlong(window.y), zs = WeightsAlong(window.z);
  std::vector<float> weights;
  for (const double z : zs)
    for (const double y : ys)
      for (const double x : xs)
        weights.push_back(static_cast<float>(std::max(x * y * z, 1e-3)));
  return weights;
}

} // namespace serval
