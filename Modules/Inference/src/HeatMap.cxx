#include "serval/Inference/HeatMap.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace serval
{
namespace
{

struct Box
{
  std::array<std::int64_t, 3> first{}, last{};
};

// Voxels of the grid that the patch's corner voxels span.
Box BoxOf(const Geometry & patch, const Geometry & grid)
{
  Box                                box;
  const std::array<std::int64_t, 3> size{ grid.extent.x, grid.extent.y, grid.extent.z };
  for (int corner = 0; corner < 8; ++corner)
  {
    const auto at = [&](int bit, std::int64_t edge) { return (corner >> bit) & 1 ? double(edge - 1) : 0.0; };
    const auto index = grid.IndexAt(patch.PointAt(at(0, patch.extent.x), at(1, patch.extent.y), at(2, patch.extent.z)));
    for (std::size_t a = 0; a < 3; ++a)
    {
      const auto low = std::llround(std::ceil(index[a] - 0.5)), high = std::llround(std::floor(index[a] + 0.5));
      box.first[a] = std::clamp<std::int64_t>(corner == 0 ? low : std::min<std::int64_t>(box.first[a], low), 0, size[a]);
      box.last[a] = std::clamp<std::int64_t>(corner == 0 ? high : std::max<std::int64_t>(box.last[a], high), -1, size[a] - 1);
    }
  }
  return box;
}

// Sum of the probabilities and number of patches at each voxel.
void Add(const Geometry & grid, const Box & box, float value, std::vector<float> & sums)
{
  for (auto z = box.first[2]; z <= box.last[2]; ++z)
    for (auto y = box.first[1]; y <= box.last[1]; ++y)
    {
      float * row = sums.data() + (z * grid.extent.y + y) * grid.extent.x;
      for (auto x = box.first[0]; x <= box.last[0]; ++x)
        row[x] += value;
    }
}

} // namespace

Volume HeatMap(const Geometry & grid, const std::vector<PlaceScore> & places, std::size_t classIndex)
{
  std::vector<float> sums(static_cast<std::size_t>(grid.extent.Voxels())), counts(sums.size());
  for (const auto & place : places)
  {
    const auto box = BoxOf(place.patch, grid);
    Add(grid, box, static_cast<float>(place.probabilities[classIndex]), sums);
    Add(grid, box, 1, counts);
  }
  for (std::size_t i = 0; i < sums.size(); ++i)
    sums[i] = counts[i] > 0 ? sums[i] / counts[i] : 0;
  return { grid, std::move(sums), "" };
}

LabelVolume DecisionMap(const Geometry & grid, const std::vector<PlaceScore> & places, std::size_t classes)
{
  LabelVolume        map{ grid, std::vector<std::uint16_t>(static_cast<std::size_t>(grid.extent.Voxels())) };
  std::vector<float> best(map.labels.size());
  for (std::size_t k = 0; k < classes; ++k)
  {
    const Volume heat = HeatMap(grid, places, k);
    const auto & values = std::get<std::vector<float>>(heat.voxels);
    for (std::size_t i = 0; i < values.size(); ++i)
      if (values[i] > best[i])
      {
        best[i] = values[i];
        map.labels[i] = static_cast<std::uint16_t>(k + 1);
      }
  }
  return map;
}

} // namespace serval
