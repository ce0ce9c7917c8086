#include "serval/Volume/Orientation.h"

#include "serval/Core/Error.h"

#include <algorithm>
#include <cmath>

namespace serval
{
namespace
{

constexpr std::string_view positive = "LPS", negative = "RAI"; // along +x, +y, +z of the patient

// For each new axis the old one that runs nearest to it, and whether it is turned.
struct AxisMap
{
  std::array<std::size_t, 3> from{};
  std::array<bool, 3>        turned{};

  bool IsIdentity() const { return from == std::array<std::size_t, 3>{ 0, 1, 2 } && turned == std::array<bool, 3>{}; }
};

AxisMap MapTo(const Geometry & geometry, const std::string & code)
{
  RequireOrientationCode(code);
  const std::string own = OrientationCode(geometry);
  AxisMap           map;
  for (std::size_t to = 0; to < 3; ++to)
    for (std::size_t from = 0; from < 3; ++from)
    {
      const auto pairOf = [](char letter) { return std::min(positive.find(letter), negative.find(letter)); };
      if (pairOf(code[to]) == pairOf(own[from]))
        map.from[to] = from, map.turned[to] = code[to] != own[from];
    }
  return map;
}

Geometry Turned(const Geometry & old, const AxisMap & map)
{
  const std::int64_t size[]{ old.extent.x, old.extent.y, old.extent.z };
  const double       edge[]{ old.spacing.x, old.spacing.y, old.spacing.z };
  double             first[3]{}; // old index of the new first voxel
  Geometry           geometry;
  std::int64_t *     newSize[]{ &geometry.extent.x, &geometry.extent.y, &geometry.extent.z };
  double *           newEdge[]{ &geometry.spacing.x, &geometry.spacing.y, &geometry.spacing.z };
  for (std::size_t to = 0; to < 3; ++to)
  {
    const std::size_t from = map.from[to];
    *newSize[to] = size[from];
    *newEdge[to] = edge[from];
    first[from] = map.turned[to] ? static_cast<double>(size[from] - 1) : 0;
    for (std::size_t row = 0; row < 3; ++row)
      geometry.direction[3 * row + to] = (map.turned[to] ? -1 : 1) * old.direction[3 * row + from] + 0.0;
  }
  geometry.origin = old.PointAt(first[0], first[1], first[2]);
  return geometry;
}

template <typename T>
std::vector<T> Turned(const std::vector<T> & old, const Extent & oldSize, const Extent & size, const AxisMap & map)
{
  const std::int64_t oldStep[]{ 1, oldSize.x, oldSize.x * oldSize.y }, length[]{ size.x, size.y, size.z };
  std::int64_t       step[3]{}, start = 0;
  for (std::size_t to = 0; to < 3; ++to)
  {
    step[to] = (map.turned[to] ? -1 : 1) * oldStep[map.from[to]];
    start += map.turned[to] ? (length[to] - 1) * oldStep[map.from[to]] : 0;
  }
  std::vector<T> voxels(old.size());
  auto           to = voxels.begin();
  for (std::int64_t z = 0; z < size.z; ++z)
    for (std::int64_t y = 0; y < size.y; ++y)
    {
      std::int64_t from = start + z * step[2] + y * step[1];
      for (std::int64_t x = 0; x < size.x; ++x, from += step[0])
        *to++ = old[static_cast<std::size_t>(from)];
    }
  return voxels;
}

} // namespace

std::string OrientationCode(const Geometry & geometry)
{
  // The assignment of index axes to patient axes with the largest sum of cosines: no patient axis is named twice.
  std::array<std::size_t, 3> order{ 0, 1, 2 }, best = order;
  double                     bestSum = -1;
  do
  {
    double sum = 0;
    for (std::size_t axis = 0; axis < 3; ++axis)
      sum += std::abs(geometry.direction[3 * order[axis] + axis]);
    if (sum > bestSum + 1e-9)
      bestSum = sum, best = order;
  } while (std::next_permutation(order.begin(), order.end()));
  std::string code;
  for (std::size_t axis = 0; axis < 3; ++axis)
    code += (geometry.direction[3 * best[axis] + axis] < 0 ? negative : positive)[best[axis]];
  return code;
}

void RequireOrientationCode(const std::string & code)
{
  std::string pairs;
  for (const char letter : code)
    if (const auto pair = std::min(positive.find(letter), negative.find(letter)); pair < 3)
      pairs += static_cast<char>('0' + pair);
  std::sort(pairs.begin(), pairs.end());
  Require(code.size() == 3 && pairs == "012", Fault::Usage, "'", code, "' is no orientation; three letters are expected, one of each ",
          "pair L or R, P or A, S or I, such as LPS or RAS");
}

Geometry Reoriented(const Geometry & geometry, const std::string & code) { return Turned(geometry, MapTo(geometry, code)); }

Volume Reoriented(Volume volume, const std::string & code)
{
  const AxisMap map = MapTo(volume.geometry, code);
  if (map.IsIdentity())
    return volume;
  const Extent old = volume.geometry.extent;
  volume.geometry = Turned(volume.geometry, map);
  std::visit([&](auto & voxels) { voxels = Turned(voxels, old, volume.geometry.extent, map); }, volume.voxels);
  return volume;
}

LabelVolume Reoriented(LabelVolume labels, const std::string & code)
{
  const AxisMap map = MapTo(labels.geometry, code);
  if (map.IsIdentity())
    return labels;
  const Extent old = labels.geometry.extent;
  labels.geometry = Turned(labels.geometry, map);
  labels.labels = Turned(labels.labels, old, labels.geometry.extent, map);
  return labels;
}

} // namespace serval
