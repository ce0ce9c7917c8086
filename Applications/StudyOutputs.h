#pragma once
// What `serval study` writes about a study that ran, wholly or in part.

#include "StudyReport.h"
#include "StudyTexts.h"
#include "serval/Cache/TableFile.h"
#include "serval/Study/Finish.h"
#include "serval/Study/Replay.h"

#include "serval/Core/ScratchFolder.h"

#include <filesystem>

namespace serval
{

struct StudyOutputs
{
  const StudyFile &     study;
  const StudyPlan &     plan;
  std::filesystem::path folder;
  bool                  embedVolumes = false; ///< whole volumes in the page

  /// results.json, summary.md, CSV and HDF5 tables, pictures and the page.
  StudyResults Write(app::Context & context, const std::map<std::string, CellOutcome> & states) const
  {
    Require(std::filesystem::is_directory(folder), Fault::Input, "'", folder.string(), "' does not exist; run the study first");
    std::filesystem::create_directories(folder / "pictures");
    const auto results = GatherResults(study, plan, states, context.progress);
    WriteTextFile(folder / "results.json", results.ToJson() + "\n");
    results.ToTable().Write(folder / "results.csv");
    results.TestTable().Write(folder / "tests.csv");
    results.CaseTable().Write(folder / "cases-tested.csv");
    const auto runs = RunTable(study, plan);
    runs.Write(folder / "runs.csv");
    WriteTableFile(runs, folder / "runs.h5");
    WriteTextFile(folder / "summary.md", SummaryInMarkdown(study, results, states));
    StudyReport{ study, plan, results, folder, embedVolumes }.Write(context, states);
    Say(context, results);
    return results;
  }

  void Say(app::Context & context, const StudyResults & results) const
  {
    const bool hasTargets = study.targets.size() > 1;
    for (const auto & arm : results.arms)
      context.Say(Concat(hasTargets ? arm.target + "  " : "", "n = ", arm.trainPatients, "  ", arm.arm, ": ", results.metric, " ", ToText(arm.scores.at(results.metric))));
    for (const auto & [arm, reason] : results.notRun)
      context.Say(Concat("not run  ", arm, ": ", reason));
    for (const auto & test : results.tests)
      context.Say(Concat(hasTargets ? test.target + "  " : "", "n = ", test.size, "  ", test.test.a, " - ", test.test.b, ": ", FormatFixed(test.test.difference, 3), ", p corrected ",
                         FormatFixed(test.test.pCorrected, 4), ": ", InWords(test, study)));
    for (const auto & warning : results.warnings)
      context.Say("Note: " + warning);
    context.Say(results.Verdict(study));
    context.Say("Report: " + (folder / "report.html").string());
    context.WriteNumbers(results.ToJson());
  }

  void Replay(app::Context & context, const std::string & cell) const
  {
    int different = 0;
    for (const auto & file : ReplayCell(plan, folder, cell, context.progress))
    {
      context.Say(Concat(file.isEqual ? "equal      " : "different  ", file.file.string(), file.isEqual ? "" : ": " + file.difference));
      different += !file.isEqual;
    }
    Require(different == 0, Fault::Input, different, " file(s) of the cell '", cell, "' are not the same bits; another processor, thread count or version of the libraries explains that, else it is a bug");
  }

  void Finish(app::Context & context, const std::string & arm, const std::filesystem::path & modules, int jobs) const
  {
    const auto finish = PlanFinish(study, arm, folder, modules);
    context.Say(Concat("training ", arm, " on ", Counted(finish.trainingPatients, "patient"), "; ", finish.calibrationPatients, " more calibrate it"));
    std::filesystem::create_directories(finish.folder);
    for (const auto & [id, outcome] : RunCells(finish.plan, finish.folder, jobs, context.progress))
      Require(outcome.state == CellState::Done, Fault::Input, "the cell ", id, " of ", finish.folder.string(), " is not done: ", outcome.reason);
    NoProgress quiet;
    const auto model = WriteFinished(finish, study, plan, GatherResults(study, plan, StatesOf(plan, folder), quiet));
    context.Say(Concat("Model: ", model.string(), ", card: ", (finish.folder / "CARD.md").string()));
  }
};

} // namespace serval
