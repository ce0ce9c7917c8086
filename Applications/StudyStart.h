#pragma once
// A new study file: what the manifest's volumes and segmentations hold, and what is asked at a terminal.

#include "LabelNames.h"
#include "StudyCohortReader.h"
#include "serval/CommandLine/Application.h"
#include "serval/Core/AtomicFile.h"
#include "serval/Core/Error.h"
#include "serval/Core/Text.h"
#include "serval/Study/NewStudy.h"

#include <unistd.h>

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
