#include "serval/Training/Corruption.h"

#include "serval/Core/Error.h"
#include "serval/Core/Random.h"

#include <algorithm>
#include <array>
#include <numeric>

namespace serval
{
namespace
{

/// A block of voxels within a patch.
struct Box
{
  Extent corner, size;
};

std::int64_t Between(std::mt19937_64 & random, std::int64_t low, std::int64_t high) // both included
{
  return low + static_cast<std::int64_t>(Uniform01(random) * double(high - low + 1));
}

// Edges are shares of the patch's, 1 voxel at least.
Box RandomBox(const Extent & extent, double low, double high, std::mt19937_64 & random)
{
  const auto edge = [&](std::int64_t size) {
    const auto least = std::max<std::int64_t>(1, static_cast<std::int64_t>(low * double(size)));
    return Between(random, least, std::max(least, static_cast<std::int64_t>(high * double(size))));
  };
  Box box;
  box.size = { edge(extent.x), edge(extent.y), edge(extent.z) };
  box.corner = { Between(random, 0, extent.x - box.size.x), Between(random, 0, extent.y - box.size.y), Between(random, 0, extent.z - box.size.z) };
  return box;
}

template <typename TAct>
void ForEach(const Box & box, const Extent & extent, const TAct & act)
{
  for (auto z = box.corner.z; z < box.corner.z + box.size.z; ++z)
    for (auto y = box.corner.y; y < box.corner.y + box.size.y; ++y)
      for (auto x = box.corner.x; x < box.corner.x + box.size.x; ++x)
        act(static_cast<std::size_t>((z * extent.y + y) * extent.x + x));
}

/// A monotone cubic curve from (0,0) to (1,1) (or falling), by its two inner points, as a table over x.
class BezierCurve
{
public:
  explicit BezierCurve(std::mt19937_64 & random)
  {
    const std::array<double, 4> xs{ 0, Uniform01(random), Uniform01(random), 1 }, ys{ 0, Uniform01(random), Uniform01(random), 1 };
    const bool                  isFalling = Uniform01(random) < 0.5;
    std::vector<double>         x, y;
    for (std::size_t i = 0; i <= 200; ++i)
    {
      const double t = double(i) / 200, u = 1 - t;
      const auto   at = [&](const std::array<double, 4> & p) { return u * u * u * p[0] + 3 * u * u * t * p[1] + 3 * u * t * t * p[2] + t * t * t * p[3]; };
      x.push_back(at(xs));
      y.push_back(at(ys));
    }
    std::sort(x.begin(), x.end()); // made monotone, as in the publication's code
    std::sort(y.begin(), y.end());
    if (isFalling)
      std::reverse(y.begin(), y.end());
    std::size_t right = 1;
    for (std::size_t i = 0; i < m_Table.size(); ++i)
    {
      const double at = double(i) / double(m_Table.size() - 1);
      while (right + 1 < x.size() && x[right] < at)
        ++right;
      const double width = x[right] - x[right - 1], share = width > 0 ? std::clamp((at - x[right - 1]) / width, 0.0, 1.0) : 1;
      m_Table[i] = static_cast<float>(y[right - 1] + share * (y[right] - y[right - 1]));
    }
  }
  float operator()(float value) const { return m_Table[static_cast<std::size_t>(std::clamp(value, 0.0F, 1.0F) * float(m_Table.size() - 1))]; }

private:
  std::array<float, 1024> m_Table{};
};

void Bend(std::span<float> maps, float low, float range, std::mt19937_64 & random)
{
  const BezierCurve curve(random);
  for (float & value : maps)
    value = low + range * curve((value - low) / range);
}

// Windows of up to a tenth of an edge; as many as give each voxel about four turns, as in the publication.
void ShuffleWindows(std::span<float> maps, const Extent & extent, std::mt19937_64 & random)
{
  std::vector<std::size_t> places;
  std::vector<float>       values;
  for (std::int64_t turns = 0; turns < 4 * extent.Voxels(); turns += static_cast<std::int64_t>(std::max<std::size_t>(1, places.size())))
  {
    places.clear();
    values.clear();
    ForEach(RandomBox(extent, 0, 0.1, random), extent, [&](std::size_t at) {
      places.push_back(at);
      values.push_back(maps[at]);
    });
    Shuffle(values, random);
    for (std::size_t i = 0; i < places.size(); ++i)
      maps[places[i]] = values[i];
  }
}

// Up to five inner regions become noise, or everything but up to five larger ones.
void Paint(std::span<float> patch, const Extent & extent, int channels, float low, float range, bool isInner, std::mt19937_64 & random)
{
  const auto        voxels = static_cast<std::size_t>(extent.Voxels());
  std::vector<char> isNoise(voxels, isInner ? 0 : 1);
  for (int count = 0; count < 5 && (count == 0 || Uniform01(random) < 0.95); ++count)
    ForEach(RandomBox(extent, isInner ? 1.0 / 6 : 3.0 / 7, isInner ? 1.0 / 3 : 4.0 / 7, random), extent, [&](std::size_t at) { isNoise[at] = isInner ? 1 : 0; });
  for (std::size_t c = 0; c < static_cast<std::size_t>(channels); ++c)
    for (std::size_t at = 0; at < voxels; ++at)
      if (isNoise[at])
        patch[c * voxels + at] = low + range * static_cast<float>(Uniform01(random));
}

} // namespace

void CorruptionPlan::Check() const
{
  for (const double share : { curveProbability, shuffleProbability, paintProbability, innerShare })
    Require(share >= 0 && share <= 1, Fault::Usage, "a probability of ", share, "; 0 to 1 is possible");
  Require(maskedShare > 0 && maskedShare < 1, Fault::Usage, "a masked share of ", maskedShare, "; between 0 and 1 is possible");
  Require(maskEdge >= 1, Fault::Usage, "mask blocks of ", maskEdge, " voxels; 1 or more is possible");
}

void Corrupt(std::span<float> patch, const Extent & extent, int channels, const CorruptionPlan & plan, std::mt19937_64 & random)
{
  const auto [least, most] = std::minmax_element(patch.begin(), patch.end());
  const float low = *least, range = std::max(*most - low, 1e-6F);
  const auto  voxels = static_cast<std::size_t>(extent.Voxels());
  if (Uniform01(random) < plan.shuffleProbability)
    for (std::size_t c = 0; c < static_cast<std::size_t>(channels); ++c)
      ShuffleWindows(patch.subspan(c * voxels, voxels), extent, random);
  if (Uniform01(random) < plan.curveProbability)
    Bend(patch, low, range, random);
  if (Uniform01(random) < plan.paintProbability)
    Paint(patch, extent, channels, low, range, Uniform01(random) < plan.innerShare, random);
}

std::vector<std::uint8_t> Mask(std::span<float> patch, const Extent & extent, int channels, const CorruptionPlan & plan, std::mt19937_64 & random)
{
  const auto   edge = static_cast<std::int64_t>(plan.maskEdge);
  const auto   blocksAlong = [&](std::int64_t size) { return (size + edge - 1) / edge; };
  const Extent blocks{ blocksAlong(extent.x), blocksAlong(extent.y), blocksAlong(extent.z) };
  Require(blocks.Voxels() > 1, Fault::Usage, "mask blocks of ", edge, " voxels leave one block of a patch of ", ToText(extent), "; smaller ones are needed");
  std::vector<std::int64_t> order(static_cast<std::size_t>(blocks.Voxels()));
  std::iota(order.begin(), order.end(), 0);
  Shuffle(order, random);
  const auto hidden = std::clamp<std::int64_t>(std::llround(plan.maskedShare * double(order.size())), 1, blocks.Voxels() - 1);
  std::vector<std::uint8_t> isHidden(static_cast<std::size_t>(extent.Voxels()), 0);
  for (std::int64_t i = 0; i < hidden; ++i)
  {
    const auto block = order[static_cast<std::size_t>(i)];
    Box        box;
    box.corner = { block % blocks.x * edge, block / blocks.x % blocks.y * edge, block / (blocks.x * blocks.y) * edge };
    box.size = { std::min(edge, extent.x - box.corner.x), std::min(edge, extent.y - box.corner.y), std::min(edge, extent.z - box.corner.z) };
    ForEach(box, extent, [&](std::size_t at) { isHidden[at] = 1; });
  }
  for (std::size_t c = 0; c < static_cast<std::size_t>(channels); ++c)
    for (std::size_t at = 0; at < isHidden.size(); ++at)
      if (isHidden[at])
        patch[c * isHidden.size() + at] = 0;
  return isHidden;
}

} // namespace serval
