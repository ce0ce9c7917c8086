#pragma once
// A new study file: what the manifest's volumes and segmentations hold, and what is asked at a terminal.

#include "serval/CommandLine/Application.h"
#include "serval/Core/AtomicFile.h"
#include "serval/Core/Error.h"
#include "serval/Core/Text.h"
#include "serval/Dataset/Manifest.h"
#include "serval/Study/NewStudy.h"
#include "serval/Volume/LabelsOnGrid.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <iostream>
#include <string>
#include <vector>

namespace serval
{

/// The answer typed at a terminal; the one offered anywhere else.
inline std::string AskOnTerminal(const std::string & question, const std::string & offered)
{
  if (::isatty(STDIN_FILENO) == 0 || ::isatty(STDOUT_FILENO) == 0)
    return offered;
  std::cout << question << " [" << offered << "] " << std::flush;
  std::string answer;
  return std::getline(std::cin, answer) && !Trim(answer).empty() ? Trim(answer) : offered;
}

/// Of VALUE=NAME words.
inline std::map<unsigned, std::string> LabelNamesFrom(const std::vector<std::string> & words)
{
  std::map<unsigned, std::string> names;
  for (const auto & word : words)
  {
    const auto equals = word.find('=');
    const auto label = ParseInteger(word.substr(0, equals));
    Require(equals != std::string::npos && label && *label >= 0 && *label <= 65535 && !Trim(word.substr(equals + 1)).empty(), Fault::Usage, "--labelNames: '", word,
            "' is not VALUE=NAME with a label from 0 to 65535, as 2=liver");
    Require(names.emplace(unsigned(*label), Trim(word.substr(equals + 1))).second, Fault::Usage, "--labelNames names the label ", *label, " twice");
  }
  return names;
}

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
    ReadGrids(byLabel ? 0.2 : 1);
    if (byLabel)
      ReadAllLabels();
  }
  const StudyCohort & Cohort() const { return m_Cohort; }

private:
  void ReadGrids(double until)
  {
    std::array<std::vector<double>, 3> spacings;
    const auto &                       cases = m_Manifest.Cases();
    for (const auto & one : cases)
    {
      m_Progress.Report(until * double(m_Grids.size()) / double(cases.size()), "Looking at volumes");
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

  Manifest              m_Manifest;
  Progress &            m_Progress;
  std::vector<Geometry> m_Grids;
  StudyCohort           m_Cohort;
};

inline std::vector<std::string> LabelsOf(const StudyCohort & cohort)
{
  std::vector<std::string> labels;
  for (const auto & [label, cases] : cohort.casesWith)
    labels.push_back(std::to_string(label));
  return labels;
}

/// Asks and writes a study file about a manifest.
inline void WriteNewStudy(app::Context & context, const std::filesystem::path & manifest, const std::filesystem::path & study, const std::vector<std::string> & labelNames)
{
  Require(!manifest.empty(), Fault::Usage, "--manifest is missing: the manifest that the study is about");
  Require(!std::filesystem::exists(study), Fault::Usage, "'", study.string(), "' exists already; name another file");
  const auto names = LabelNamesFrom(labelNames);
  auto       cohort = StudyCohortReader(manifest, context.progress).Cohort();
  cohort.labelNames = names;
  context.Say(Concat(cohort.cases, " volumes of at least ", ToText(cohort.smallest), " voxels; usual are voxels of ", FormatFixed(cohort.usual.x, 2), " x ", FormatFixed(cohort.usual.y, 2), " x ",
                     FormatFixed(cohort.usual.z, 2), " mm"));
  if (!cohort.casesWith.empty())
    context.Say("the segmentations hold the labels " + Join(LabelsOf(cohort), ", ") + "; classNames and classLabels of the file say which are classes, and how they are called");
  WriteTextFile(study, NewStudy(cohort, study, AskOnTerminal));
  context.Say(Concat("'", study.string(), "' is written; `serval study check ", study.string(), "` tells whether it can show anything"));
}

} // namespace serval
