#include "StudyOutputs.h"
#include "StudyStart.h"

#include <algorithm>
#include <thread>

namespace serval
{
namespace
{

struct RunStudy final : app::Application
{
  std::string           action = "run", scale = "full", budget, cell, arm;
  std::filesystem::path study, output, manifest;
  int                   jobs = 0;
  bool                  embedVolumes = false;
  std::vector<std::string> labelNames;

  app::Description Describe() const override
  {
    return { "ServalRunStudy", "study", "Run a study", "Serval.Study",
             "Compares arms (strategies from sources) over training sizes, folds and repeats, as a study file says. new writes a file, check reads it and tells which sizes are hopeless, "
             "plan prints cells, time and disk, run runs the open cells and goes on where it was, status counts them, report writes the page, replay runs a cell again and compares bits, "
             "finish makes one arm a model for new patients, schema prints the JSON schema for editors." };
  }
  void Declare(app::Parameters & p) override
  {
    p.Add("action", &action, "What is done").Choices({ "new", "check", "plan", "run", "status", "report", "replay", "finish", "schema" }).Positional(0);
    p.Add("study", &study, "Study file (TOML)").Out("file", ".toml").Positional(1);
    p.Add("output", &output, "Folder of the study; everything it makes lies there").Out("directory").Optional();
    p.Group("Running");
    p.Add("jobs", &jobs, "Cells at a time; 0 takes the number of cores").Range(0, 1024);
    p.Add("scale", &scale, "smoke: few patients, steps and runs, to see that all arms work; no result").Choices({ "full", "smoke" });
    p.Add("budget", &budget, "With plan: the time there is, as 8h or 90min; tells which cells would be left out");
    p.Add("cell", &cell, "With replay: the cell, as plan names it");
    p.Add("arm", &arm, "With finish: the arm; the file's compare.finish when left out");
    p.Add("embedVolumes", &embedVolumes, "Volumes of two confident errors in the report, to be turned there. A head volume shows a face");
    p.Add("manifest", &manifest, "With new: the manifest that the study is about").In("file", ".csv").Optional();
    p.Add("labelNames", &labelNames, "With new: labels of the segmentations that are classes, as 1=liver,2=spleen; others are left out (0 is called outside; 0=- leaves it out). Asked for, or all of them, when left out");
  }
  void Run(app::Context & context) override
  {
    if (action == "schema")
      return WriteTextFile(study, StudySchema());
    if (action == "new")
      return WriteNewStudy(context, manifest, study, labelNames);
    auto read = StudyFile::Read(study);
    if (scale == "smoke")
      read = SmokeScaled(read);
    for (const auto & what : read.shrunk)
      context.Say("smoke: " + what);
    Require(action == "check" || !output.empty(), Fault::Usage, "--output is missing: the folder of the study");
    const ScratchFolder scratch; // for check without a folder
    const auto          folder = std::filesystem::absolute(output.empty() ? scratch.Path() : output).lexically_normal();
    const auto          modules = app::ExecutableFolder();
    Prepare(context, read, folder);
    const auto   plan = PlanStudy(read, folder, modules);
    StudyOutputs outputs{ read, plan, folder, embedVolumes };
    if (action == "check")
      Check(context, read, plan);
    else if (action == "plan")
      ShowPlan(context, read, plan, folder);
    else if (action == "run")
      RunAll(context, outputs);
    else if (action == "status")
      ShowStates(context, StatesOf(plan, folder));
    else if (action == "replay")
      outputs.Replay(context, cell);
    else if (action == "finish")
      outputs.Finish(context, arm.empty() ? read.finish : arm, modules, Jobs());
    else
      outputs.Write(context, StatesOf(plan, folder));
  }

private:
  int Jobs() const { return jobs > 0 ? jobs : static_cast<int>(std::max(1U, std::thread::hardware_concurrency())); }

  void Prepare(app::Context & context, const StudyFile & read, const std::filesystem::path & folder) const
  {
    const auto before = PlanPreparation(read, folder, app::ExecutableFolder());
    if (before.cells.empty())
      return;
    std::filesystem::create_directories(folder);
    for (const auto & [id, outcome] : RunCells(before, folder, Jobs(), context.progress))
      Require(outcome.state == CellState::Done, Fault::Input, id, " failed: ", outcome.reason);
  }

  static void Check(app::Context & context, const StudyFile & read, const StudyPlan & plan)
  {
    context.Say(Concat("'", read.file.string(), "' is right: ", read.targets.size(), " target(s), ", read.sources.size(), " sources, ", read.arms.size(), " arms, ", read.trainPatients.size(),
                       " training sizes, ", plan.targets.front().resamples.size(), " run(s) each: ", plan.cells.size(), " cells"));
    for (const auto & one : read.arms)
      context.Say(Concat("  ", one.name, ": ", one.InWords()));
    for (const auto & line : Advice(read, plan))
      context.Say(line);
    for (const auto & one : plan.cells)
      if (!one.hindrance.empty())
        context.Say(Concat("cannot be run here: ", one.id, ": ", one.hindrance));
  }

  void ShowPlan(app::Context & context, const StudyFile & read, const StudyPlan & plan, const std::filesystem::path & folder) const
  {
    const auto seconds = BudgetSeconds(budget);
    std::filesystem::create_directories(folder);
    WriteTextFile(folder / "plan.sh", Script(plan));
    context.Say(SharedWork(plan) + ": " + (folder / "plan.sh").string());
    context.Say("trying one run of each kind with few steps ...");
    auto forecast = ForecastStudy(read, plan, folder, Jobs(), context.progress);
    if (seconds)
      KeepWithin(forecast, read, plan, *seconds, Jobs());
    ShowForecast(context, forecast, Jobs());
    context.WriteNumbers(Concat("{\"schema\":\"serval-plan/2\",\"cells\":", plan.cells.size(), ",\"openCells\":", forecast.secondsOf.size(), ",\"seconds\":", FormatNumber(forecast.seconds),
                                ",\"wallSeconds\":", FormatNumber(forecast.wall), ",\"megabytes\":", FormatNumber(forecast.megabytes), ",\"dropped\":", forecast.dropped.size(), "}"));
  }

  void RunAll(app::Context & context, const StudyOutputs & outputs) const
  {
    std::filesystem::create_directories(outputs.folder);
    RecordDeclaration(outputs.study, outputs.folder);
    const auto states = RunCells(outputs.plan, outputs.folder, Jobs(), context.progress);
    ShowStates(context, states);
    outputs.Write(context, states);
    Require(std::none_of(states.begin(), states.end(), [](const auto & s) { return s.second.state == CellState::Failed; }), Fault::Input,
            "cells failed; see the report and cells/*/log.txt. What is done is kept; run again after mending");
  }
};

} // namespace
} // namespace serval

int main(int argc, char ** argv) { return serval::app::Main<serval::RunStudy>(argc, argv); }
