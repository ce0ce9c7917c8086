#include "Components.h"

#include "serval/Core/Error.h"

#include <algorithm>
#include <vector>

namespace serval
{
namespace
{

/// Voxels begin <= x < end of one row.
struct Run
{
  std::uint32_t begin, end;
};

/// The runs of a mask and the components that they form, by union-find over the runs of neighbouring rows.
class RunComponents
{
public:
  struct Component
  {
    std::uint64_t voxels = 0;
    bool          isAtEdge = false; // of the slice
    bool          isAtEnd = false;  // in the first or last slice
  };

  RunComponents(std::span<const std::uint8_t> mask, Extent extent, bool ofZeros, Connectivity connectivity)
    : m_Extent(extent)
  {
    Require(extent.x < (1LL << 31) && mask.size() == static_cast<std::size_t>(extent.Voxels()), Fault::Internal,
            "components: ", mask.size(), " voxels for a grid of ", ToText(extent));
    FindRuns(mask, ofZeros);
    for (std::int64_t z = 0; z < extent.z; ++z)
      for (std::int64_t y = 0; y < extent.y; ++y)
        JoinRow(y, z, connectivity);
    Measure();
  }

  std::vector<Component> & Components() { return m_Components; }

  /// Writes `value` into the components that are chosen.
  template <typename TChosen>
  void Paint(std::span<std::uint8_t> mask, std::uint8_t value, TChosen chosen)
  {
    for (std::size_t row = 0; row + 1 < m_RowStart.size(); ++row)
      for (std::size_t run = m_RowStart[row]; run < m_RowStart[row + 1]; ++run)
        if (chosen(m_Number[run]))
          std::fill(mask.begin() + Voxel(row, m_Runs[run].begin), mask.begin() + Voxel(row, m_Runs[run].end), value);
  }

private:
  std::ptrdiff_t Voxel(std::size_t row, std::uint32_t x) const
  {
    return static_cast<std::ptrdiff_t>(row) * m_Extent.x + static_cast<std::ptrdiff_t>(x);
  }

  void FindRuns(std::span<const std::uint8_t> mask, bool ofZeros)
  {
    const auto width = static_cast<std::uint32_t>(m_Extent.x);
    const auto rows = static_cast<std::size_t>(m_Extent.y * m_Extent.z);
    m_RowStart.reserve(rows + 1);
    for (std::size_t row = 0; row < rows; ++row)
    {
      m_RowStart.push_back(m_Runs.size());
      const std::uint8_t * voxel = mask.data() + Voxel(row, 0);
      for (std::uint32_t x = 0; x < width;)
      {
        while (x < width && (voxel[x] == 0) != ofZeros)
          ++x;
        const std::uint32_t begin = x;
        while (x < width && (voxel[x] == 0) == ofZeros)
          ++x;
        if (x > begin)
          m_Runs.push_back({ begin, x });
      }
    }
    m_RowStart.push_back(m_Runs.size());
    m_Parent.resize(m_Runs.size());
    for (std::size_t run = 0; run < m_Runs.size(); ++run)
      m_Parent[run] = run;
  }

  void JoinRow(std::int64_t y, std::int64_t z, Connectivity connectivity)
  {
    const bool isFull = connectivity == Connectivity::Full;
    if (y > 0)
      JoinRows(y, z, y - 1, z, isFull);
    if (z == 0 || connectivity == Connectivity::InSlice)
      return;
    for (std::int64_t other = isFull ? y - 1 : y; other <= (isFull ? y + 1 : y); ++other)
      if (other >= 0 && other < m_Extent.y)
        JoinRows(y, z, other, z - 1, isFull);
  }

  void JoinRows(std::int64_t y, std::int64_t z, std::int64_t otherY, std::int64_t otherZ, bool isDiagonal)
  {
    const auto          row = static_cast<std::size_t>(y + z * m_Extent.y);
    const auto          otherRow = static_cast<std::size_t>(otherY + otherZ * m_Extent.y);
    const std::uint32_t reach = isDiagonal ? 1 : 0;
    std::size_t         a = m_RowStart[row], b = m_RowStart[otherRow];
    while (a < m_RowStart[row + 1] && b < m_RowStart[otherRow + 1])
    {
      if (m_Runs[a].begin < m_Runs[b].end + reach && m_Runs[b].begin < m_Runs[a].end + reach)
        Join(a, b);
      if (m_Runs[a].end < m_Runs[b].end)
        ++a;
      else
        ++b;
    }
  }

  std::size_t Root(std::size_t run)
  {
    while (m_Parent[run] != run)
      run = m_Parent[run] = m_Parent[m_Parent[run]];
    return run;
  }

  void Join(std::size_t a, std::size_t b)
  {
    a = Root(a);
    b = Root(b);
    m_Parent[std::max(a, b)] = std::min(a, b);
  }

  void Measure()
  {
    m_Number.resize(m_Runs.size());
    for (std::size_t row = 0; row + 1 < m_RowStart.size(); ++row)
    {
      const auto y = static_cast<std::int64_t>(row) % m_Extent.y, z = static_cast<std::int64_t>(row) / m_Extent.y;
      for (std::size_t run = m_RowStart[row]; run < m_RowStart[row + 1]; ++run)
      {
        const std::size_t root = Root(run); // never behind the run: its number is known
        if (root == run)
        {
          m_Number[run] = m_Components.size();
          m_Components.emplace_back();
        }
        m_Number[run] = m_Number[root];
        auto & component = m_Components[m_Number[run]];
        component.voxels += m_Runs[run].end - m_Runs[run].begin;
        component.isAtEdge |= y == 0 || y == m_Extent.y - 1 || m_Runs[run].begin == 0 || m_Runs[run].end == m_Extent.x;
        component.isAtEnd |= z == 0 || z == m_Extent.z - 1;
      }
    }
  }

  Extent                   m_Extent;
  std::vector<Run>         m_Runs;
  std::vector<std::size_t> m_RowStart, m_Parent, m_Number;
  std::vector<Component>   m_Components;
};

} // namespace

void KeepLargestComponents(std::span<std::uint8_t> mask, Extent extent, int count, Connectivity connectivity)
{
  RunComponents            found(mask, extent, false, connectivity);
  const auto &             components = found.Components();
  std::vector<std::size_t> order(components.size());
  for (std::size_t i = 0; i < order.size(); ++i)
    order[i] = i;
  std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return components[a].voxels > components[b].voxels; });
  std::vector<bool> isKept(components.size(), false);
  for (std::size_t i = 0; i < std::min(order.size(), static_cast<std::size_t>(count)); ++i)
    isKept[order[i]] = true;
  found.Paint(mask, 0, [&](std::size_t component) { return !isKept[component]; });
}

void RemoveSmallComponents(std::span<std::uint8_t> mask, Extent extent, double voxels, Connectivity connectivity)
{
  RunComponents found(mask, extent, false, connectivity);
  found.Paint(mask, 0, [&](std::size_t c) { return static_cast<double>(found.Components()[c].voxels) < voxels; });
}

void FillHoles(std::span<std::uint8_t> mask, Extent extent, Connectivity ofTheHoles)
{
  const bool    isFlat = ofTheHoles == Connectivity::InSlice;
  RunComponents found(mask, extent, true, ofTheHoles);
  found.Paint(mask, 1, [&](std::size_t c) {
    const auto & hole = found.Components()[c];
    return !hole.isAtEdge && (isFlat || !hole.isAtEnd);
  });
}

} // namespace serval
