#pragma once

#include "serval/Core/Geometry.h"
#include "serval/Core/Random.h"

#include <algorithm>
#include <cstdint>
#include <random>
#include <unordered_map>
#include <vector>

namespace serval
{

/// The voxels of a box that fulfil a condition, numbered in scan order; finds the voxel of a number without keeping a
/// list.
template <typename TCondition>
class RankedVoxels
{
public:
  RankedVoxels(Extent first, Extent count, TCondition isWanted)
    : m_First(first)
    , m_Count(count)
    , m_IsWanted(std::move(isWanted))
  {
    std::uint64_t before = 0;
    m_Before.reserve(static_cast<std::size_t>(count.y * count.z) + 1);
    for (std::int64_t z = 0; z < count.z; ++z)
      for (std::int64_t y = 0; y < count.y; ++y)
      {
        m_Before.push_back(before);
        for (std::int64_t x = 0; x < count.x; ++x)
          before += m_IsWanted({ first.x + x, first.y + y, first.z + z }) ? 1 : 0;
      }
    m_Before.push_back(before);
  }

  std::uint64_t Size() const { return m_Before.back(); }

  Extent At(std::uint64_t rank) const
  {
    const auto row = std::upper_bound(m_Before.begin(), m_Before.end(), rank) - m_Before.begin() - 1;
    Extent     voxel{ m_First.x, m_First.y + row % m_Count.y, m_First.z + row / m_Count.y };
    for (auto left = rank - m_Before[static_cast<std::size_t>(row)];; ++voxel.x)
      if (m_IsWanted(voxel) && left-- == 0)
        return voxel;
  }

private:
  Extent                     m_First, m_Count;
  TCondition                 m_IsWanted;
  std::vector<std::uint64_t> m_Before; ///< wanted voxels before each row; the last: all
};

/// 0 .. size-1 in random order, each once, drawn one by one: Fisher-Yates on a list that is kept only where it changed.
class RandomOrder
{
public:
  explicit RandomOrder(std::uint64_t size)
    : m_Left(size)
  {}
  bool          IsEmpty() const { return m_Left == 0; }
  std::uint64_t Next(std::mt19937_64 & random)
  {
    const std::uint64_t at = UniformBelow(m_Left--, random), drawn = Held(at);
    m_Moved[at] = Held(m_Left);
    m_Moved.erase(m_Left);
    return drawn;
  }

private:
  std::uint64_t Held(std::uint64_t at) const
  {
    const auto found = m_Moved.find(at);
    return found == m_Moved.end() ? at : found->second;
  }
  std::uint64_t                                    m_Left;
  std::unordered_map<std::uint64_t, std::uint64_t> m_Moved;
};

} // namespace serval
