#ifndef itkMaskRuns_h
#define itkMaskRuns_h

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <thread>
#include <vector>

namespace itk
{

/** Size of a mask in voxels, x fastest; its voxels are bytes of 0 or 1. */
using MaskSize = std::array<std::int64_t, 3>;

/** Which voxels of a mask are neighbours. */
enum class MaskConnectivity
{
  InSlice, ///< 4 neighbours in the slice
  Faces,   ///< 6 neighbours
  Full     ///< 26 neighbours
};

/** Calls work(first, end) for slabs of [0, count) on as many threads. */
template <typename TWork>
void
ForSlabs(std::int64_t count, int threads, TWork work)
{
  const std::int64_t       slabs = std::max<std::int64_t>(1, std::min<std::int64_t>(threads, count));
  std::vector<std::thread> others;
  for (std::int64_t slab = 1; slab < slabs; ++slab)
  {
    others.emplace_back(work, count * slab / slabs, count * (slab + 1) / slabs);
  }
  work(std::int64_t{ 0 }, count / slabs);
  for (auto & thread : others)
  {
    thread.join();
  }
}

/** \class MaskRuns
 * \brief The components of the ones (or zeros) of a mask, by union-find over the runs of its rows.
 *
 * Rows are searched and joined in slabs of slices on threads, then the slabs are joined; the numbers of the components
 * do not depend on the threads. A component's number follows its first voxel.
 */
class MaskRuns
{
public:
  struct Component
  {
    std::uint64_t voxels{ 0 };
    bool          isAtEdge{ false }; ///< of a slice
    bool          isAtEnd{ false };  ///< in the first or last slice
  };

  MaskRuns(const std::uint8_t * mask, MaskSize size, bool ofZeros, MaskConnectivity connectivity, int threads)
    : m_Size(size)
    , m_Connectivity(connectivity)
  {
    this->FindRuns(mask, ofZeros, threads);
    // The slabs are those of the search; no run of one is touched by the thread of another.
    ForSlabs(size[2], threads, [this](std::int64_t first, std::int64_t end) { this->JoinSlices(first, end, first); });
    for (const std::int64_t seam : m_Seams)
    {
      this->JoinSlices(seam, seam + 1, -1);
    }
    this->Measure();
  }

  const std::vector<Component> &
  Components() const
  {
    return m_Components;
  }

  /** Writes `value` into the components that chosen(number) names. */
  template <typename TChosen>
  void
  Paint(std::uint8_t * mask, std::uint8_t value, TChosen chosen) const
  {
    for (std::size_t row = 0; row + 1 < m_RowStart.size(); ++row)
    {
      for (std::uint32_t run = m_RowStart[row]; run < m_RowStart[row + 1]; ++run)
      {
        if (chosen(m_Number[run]))
        {
          std::memset(mask + row * static_cast<std::size_t>(m_Size[0]) + m_Runs[run].begin, value,
                      m_Runs[run].end - m_Runs[run].begin);
        }
      }
    }
  }

private:
  /** Voxels begin <= x < end of one row. */
  struct Run
  {
    std::uint32_t begin, end;
  };

  /** The runs of a slab of slices. */
  struct Slab
  {
    std::int64_t               first{ 0 };
    std::vector<Run>           runs;
    std::vector<std::uint32_t> rowSizes;
  };

  void
  FindRuns(const std::uint8_t * mask, bool ofZeros, int threads)
  {
    const std::int64_t slabCount = std::max<std::int64_t>(1, std::min<std::int64_t>(threads, m_Size[2]));
    std::vector<Slab>  slabs(static_cast<std::size_t>(slabCount));
    ForSlabs(slabCount, static_cast<int>(slabCount), [&](std::int64_t slab, std::int64_t) {
      Slab & found = slabs[static_cast<std::size_t>(slab)];
      found.first = m_Size[2] * slab / slabCount;
      this->FindRunsOfSlab(mask, ofZeros, m_Size[2] * (slab + 1) / slabCount, found);
    });
    std::size_t total = 0;
    for (const Slab & slab : slabs)
    {
      total += slab.runs.size();
    }
    if (total > UINT32_MAX)
    {
      throw std::length_error("a mask has too many runs to be numbered with 32 bits");
    }
    m_RowStart.reserve(static_cast<std::size_t>(m_Size[1] * m_Size[2]) + 1);
    m_RowStart.push_back(0);
    for (Slab & slab : slabs)
    {
      m_Seams.push_back(slab.first);
      for (const std::uint32_t runs : slab.rowSizes)
      {
        m_RowStart.push_back(m_RowStart.back() + runs);
      }
      if (m_Runs.empty())
      {
        m_Runs.swap(slab.runs);
        m_Runs.reserve(total);
      }
      else
      {
        m_Runs.insert(m_Runs.end(), slab.runs.begin(), slab.runs.end());
      }
    }
    m_Parent.resize(total);
    for (std::size_t run = 0; run < total; ++run)
    {
      m_Parent[run] = static_cast<std::uint32_t>(run);
    }
  }

  void
  FindRunsOfSlab(const std::uint8_t * mask, bool ofZeros, std::int64_t end, Slab & slab) const
  {
    const auto width = static_cast<std::size_t>(m_Size[0]);
    slab.rowSizes.reserve(static_cast<std::size_t>((end - slab.first) * m_Size[1]));
    const auto next = [&](const std::uint8_t * row, std::size_t from, bool zero) { // memchr looks at many bytes at once
      const void * at = from < width ? std::memchr(row + from, zero ? 0 : 1, width - from) : nullptr;
      return at ? static_cast<std::size_t>(static_cast<const std::uint8_t *>(at) - row) : width;
    };
    for (std::int64_t line = slab.first * m_Size[1]; line < end * m_Size[1]; ++line)
    {
      const std::uint8_t * row = mask + static_cast<std::size_t>(line) * width;
      const std::size_t    before = slab.runs.size();
      for (std::size_t begin = next(row, 0, ofZeros); begin < width;)
      {
        const std::size_t stop = next(row, begin + 1, !ofZeros);
        slab.runs.push_back({ static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(stop) });
        begin = next(row, stop + 1, ofZeros);
      }
      slab.rowSizes.push_back(static_cast<std::uint32_t>(slab.runs.size() - before));
    }
  }

  /** Joins the rows of slices [first, end) with their neighbours before them, but slice `lowest` with none before it. */
  void
  JoinSlices(std::int64_t first, std::int64_t end, std::int64_t lowest)
  {
    const bool isFull = m_Connectivity == MaskConnectivity::Full;
    for (std::int64_t z = first; z < end; ++z)
    {
      for (std::int64_t y = 0; y < m_Size[1]; ++y)
      {
        const std::int64_t row = y + z * m_Size[1];
        if (y > 0)
        {
          this->JoinRows(row, row - 1, isFull);
        }
        if (z == lowest || z == 0 || m_Connectivity == MaskConnectivity::InSlice)
        {
          continue;
        }
        for (std::int64_t other = isFull ? y - 1 : y; other <= (isFull ? y + 1 : y); ++other)
        {
          if (other >= 0 && other < m_Size[1])
          {
            this->JoinRows(row, other + (z - 1) * m_Size[1], isFull);
          }
        }
      }
    }
  }

  void
  JoinRows(std::int64_t row, std::int64_t otherRow, bool isDiagonal)
  {
    const std::uint32_t reach = isDiagonal ? 1 : 0;
    std::uint32_t       a = m_RowStart[static_cast<std::size_t>(row)], b = m_RowStart[static_cast<std::size_t>(otherRow)];
    const std::uint32_t aEnd = m_RowStart[static_cast<std::size_t>(row) + 1];
    const std::uint32_t bEnd = m_RowStart[static_cast<std::size_t>(otherRow) + 1];
    while (a < aEnd && b < bEnd)
    {
      if (m_Runs[a].begin < m_Runs[b].end + reach && m_Runs[b].begin < m_Runs[a].end + reach)
      {
        this->Join(a, b);
      }
      if (m_Runs[a].end < m_Runs[b].end)
      {
        ++a;
      }
      else
      {
        ++b;
      }
    }
  }

  std::uint32_t
  Root(std::uint32_t run)
  {
    while (m_Parent[run] != run)
    {
      run = m_Parent[run] = m_Parent[m_Parent[run]];
    }
    return run;
  }

  void
  Join(std::uint32_t a, std::uint32_t b)
  {
    a = this->Root(a);
    b = this->Root(b);
    m_Parent[std::max(a, b)] = std::min(a, b);
  }

  void
  Measure()
  {
    m_Number.resize(m_Runs.size());
    const auto width = static_cast<std::uint32_t>(m_Size[0]);
    for (std::size_t row = 0; row + 1 < m_RowStart.size(); ++row)
    {
      const auto y = static_cast<std::int64_t>(row) % m_Size[1], z = static_cast<std::int64_t>(row) / m_Size[1];
      const bool isEdge = y == 0 || y == m_Size[1] - 1, isEnd = z == 0 || z == m_Size[2] - 1;
      for (std::uint32_t run = m_RowStart[row]; run < m_RowStart[row + 1]; ++run)
      {
        const std::uint32_t root = this->Root(run); // never behind the run: its number is known
        if (root == run)
        {
          m_Number[run] = static_cast<std::uint32_t>(m_Components.size());
          m_Components.emplace_back();
        }
        m_Number[run] = m_Number[root];
        Component & component = m_Components[m_Number[run]];
        component.voxels += m_Runs[run].end - m_Runs[run].begin;
        component.isAtEdge |= isEdge || m_Runs[run].begin == 0 || m_Runs[run].end == width;
        component.isAtEnd |= isEnd;
      }
    }
  }

  MaskSize                   m_Size;
  MaskConnectivity           m_Connectivity;
  std::vector<Run>           m_Runs;
  std::vector<std::uint32_t> m_RowStart, m_Parent, m_Number;
  std::vector<std::int64_t>  m_Seams; // first slices of the slabs
  std::vector<Component>     m_Components;
};

} // namespace itk

#endif
