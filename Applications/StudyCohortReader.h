#pragma once
// What a manifest's volumes and segmentations hold, for a new study.

#include "serval/Core/Error.h"
#include "serval/Core/Progress.h"
#include "serval/Dataset/Manifest.h"
#include "serval/PseudoSegmentation/Background.h"
#include "serval/Study/NewStudy.h"
#include "serval/Volume/LabelsOnGrid.h"

#include <algorithm>
#include <array>
#include <vector>

namespace serval
{

/// Looks at a manifest's volumes, and into its segmentations where their labels are the classes.
class StudyCohortReader
{
public:
  StudyCohortReader(const std::filesystem::path & manifest, Progress & progress)
    : m_Manifest(Manifest::Read(manifest))
    , m_Progress(progress)
  {
    m_Cohort.manifest = manifest;
    const bool byLabel = HasLabelClasses(manifest);
    RequireNoProblems(m_Manifest.Check({}), "the manifest cannot be used for a study");
    ReadGrids();
    if (byLabel)
      ReadAllLabels();
    else
      LookForBackground();
  }
  const StudyCohort & Cohort() const { return m_Cohort; }

private:
  void ReadGrids()
  {
    std::array<std::vector<double>, 3> spacings;
    const auto &                       cases = m_Manifest.Cases();
    for (const auto & one : cases)
    {
      m_Progress.Report(0.2 * double(m_Grids.size()) / double(cases.size()), "Looking at volumes");
      const auto   grid = m_Grids.emplace_back(ReadGeometry(one.image));
      const auto & e = grid.extent;
      auto &       low = m_Cohort.smallest;
      low = m_Grids.size() == 1 ? e : Extent{ std::min(low.x, e.x), std::min(low.y, e.y), std::min(low.z, e.z) };
      spacings[0].push_back(grid.spacing.x);
      spacings[1].push_back(grid.spacing.y);
      spacings[2].push_back(grid.spacing.z);
    }
    for (auto & all : spacings)
      std::nth_element(all.begin(), all.begin() + std::ssize(all) / 2, all.end());
    const auto middle = cases.size() / 2;
    m_Cohort.usual = { spacings[0][middle], spacings[1][middle], spacings[2][middle] };
    m_Cohort.cases = cases.size();
  }

  void ReadAllLabels()
  {
    for (std::size_t i = 0; i < m_Grids.size(); ++i)
    {
      m_Progress.Report(0.2 + 0.8 * double(i) / double(m_Grids.size()), "Looking at labels");
      AddLabels(ReadLabelsOn(m_Grids[i], m_Manifest.Cases()[i].segmentation));
    }
  }

  // A patch about the voxel lies wholly inside: only such places can be taken.
  void AddLabels(const LabelVolume & map)
  {
    const auto                 patch = OfferedPatch(m_Cohort.smallest, m_Cohort.usual);
    const auto &               e = map.geometry.extent;
    std::vector<std::uint32_t> places(65536, 0);
    for (const auto label : map.labels)
      if (label != 0)
        m_Cohort.casesWith.try_emplace(label, 0);
    for (auto z = patch.z / 2; z <= e.z - patch.z + patch.z / 2; ++z)
      for (auto y = patch.y / 2; y <= e.y - patch.y + patch.y / 2; ++y)
        for (auto x = patch.x / 2; x <= e.x - patch.x + patch.x / 2; ++x)
          ++places[map.labels[static_cast<std::size_t>((z * e.y + y) * e.x + x)]];
    m_Cohort.casesWith.try_emplace(0, 0);
    for (auto & [label, cases] : m_Cohort.casesWith)
      cases += places[label] >= patchesPerLabel;
  }

  // In some volumes.
  void LookForBackground()
  {
    constexpr std::size_t   most = 12;
    const auto &            cases = m_Manifest.Cases();
    const auto              count = std::min(most, cases.size());
    std::vector<Background> found;
    for (std::size_t i = 0; i < count; ++i)
    {
      m_Progress.Report(0.2 + 0.8 * double(i) / double(count), "Looking for background");
      found.push_back(BackgroundOf(ReadVolume(cases[i * cases.size() / count].image)));
    }
    const auto places = PlacesWithin(found);
    m_Cohort.foreground = places.preset;
    m_Cohort.background = places.share;
  }

  Manifest              m_Manifest;
  Progress &            m_Progress;
  std::vector<Geometry> m_Grids;
  StudyCohort           m_Cohort;
};

} // namespace serval
