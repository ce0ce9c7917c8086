#pragma once
// Whole volumes for the page of a study, on request only.

#include "serval/CommandLine/Application.h"
#include "serval/Core/AtomicFile.h"
#include "serval/Core/Table.h"
#include "serval/Report/Report.h"

#include <filesystem>
#include <set>
#include <string>

namespace serval
{

inline bool IsNifti(const std::filesystem::path & file) { return file.string().ends_with(".nii.gz") || file.extension() == ".nii"; }

/// Beside the executables, where Utilities/setup-viewer.sh puts it; nothing when it was not run.
inline std::string ViewerScript()
{
  const auto file = app::ExecutableFolder() / ".." / "viewer" / "niivue.js";
  return std::filesystem::exists(file) ? ReadTextFile(file) : std::string();
}

/// The volumes of a target's two most confident errors, with their expert labels.
inline void AddVolumesOf(const StudyTarget & target, ReportInput & input)
{
  const auto            table = Table::Read(target.manifest);
  const auto            inFolder = [&](const std::string & path) { return target.manifest.parent_path() / path; };
  const auto *          best = BestArm(input.study, input.results, target.name);
  std::set<std::string> seen;
  for (const auto * one : best ? ConfidentErrorsFirst(input.results, target.name, best->arm) : std::vector<const CaseResult *>())
    for (std::size_t row = 0; row < table.Rows(); ++row)
    {
      if (table.At(row, "case") != one->caseId || seen.size() >= 2 || !seen.insert(one->caseId).second)
        continue;
      const auto volume = inFolder(table.At(row, "image"));
      const auto labels = table.Find("segmentation") && !table.At(row, "segmentation").empty() ? inFolder(table.At(row, "segmentation")) : std::filesystem::path();
      if (IsNifti(volume))
        input.volumes.push_back({ volume, IsNifti(labels) ? labels : std::filesystem::path(),
                                  "Patient " + input.pseudonymOf(one->patient).substr(0, 16) + ", truth " + one->truth + ", decided " + one->decision });
    }
}

/// Says what is embedded, or how the viewer is set up; without it the page says so too.
inline void AddVolumes(app::Context & context, ReportInput & input)
{
  input.viewer = ViewerScript();
  context.Say(input.viewer.empty() ? "--embedVolumes: the viewer is not set up; run Utilities/setup-viewer.sh once. No volume is embedded."
                                   : "--embedVolumes: the page will hold whole volumes. A volume of a head shows a face; give the page on only to those who may see it.");
  if (input.viewer.empty())
    return input.volumes.push_back({});
  for (const auto & target : input.study.targets)
    if (target.manifest.extension() == ".csv")
      AddVolumesOf(target, input);
}

} // namespace serval
