#pragma once
// What a study's networks off the shelf offer their classifiers, as maps for its page.

#include "EmbeddingPlot.h"
#include "StudySaliency.h"
#include "serval/Core/AtomicFile.h"
#include "serval/Report/AddPlot.h"

#include <algorithm>

namespace serval
{

/// The word that follows an option in the first of a cell's commands that has it; empty: none has.
inline std::string WordAfter(const Cell & cell, const std::string & option)
{
  for (const auto & command : cell.commands)
    if (const auto found = std::find(command.begin(), command.end(), option); found != command.end() && found + 1 != command.end())
      return *(found + 1);
  return {};
}

/// The patches that one run's classifier was fitted on, as it saw them: by class on the plane of largest variance. Nothing where it has no features.
inline void AddFeaturePlot(const StudyFile & study, const StudyPlan & plan, const PlannedResult & run, std::vector<ReportPlot> & plots)
{
  const auto &                cell = plan.At(run.cell);
  const std::filesystem::path file = WordAfter(cell, "--features"), list = WordAfter(cell, "--patients");
  if (!std::filesystem::is_regular_file(file) || !std::filesystem::is_regular_file(list))
    return;
  EmbeddedRows rows{ Split(WordAfter(cell, "--layers"), ',') };
  for (const auto & patient : Split(ReadTextFile(list), '\n'))
    if (!patient.empty())
      rows.patients.insert(patient);
  const auto title = Concat("Features of ", run.arm, study.targets.size() > 1 ? ", " + run.target : ""), name = Concat("features-", run.target, "-", run.arm);
  const auto caption = Concat(title, ": patches of the ", Counted(rows.patients.size(), "patient"), " on whom the classifier of the first run was fitted; their classes were not used to make the map");
  try
  {
    auto plot = EmbeddingPlotOf(file, std::move(rows), {});
    plot.title = title;
    AddPlot(plots, ReportPlot::Part::Features, name, caption, plot, DrawScatter);
  }
  catch (const Error & error) // too few rows, or equal ones
  {
    plots.push_back({ ReportPlot::Part::Features, name, Concat(caption, " (not drawn: ", error.what(), ")"), {}, {} });
  }
}

/// Of each arm's first run at the largest size.
inline void AddFeaturePlots(const StudyFile & study, const StudyPlan & plan, std::vector<ReportPlot> & plots)
{
  for (const auto & target : plan.targets)
    for (const auto & run : plan.results)
      if (IsFirst(study, target, run))
        AddFeaturePlot(study, plan, run, plots);
}

} // namespace serval
