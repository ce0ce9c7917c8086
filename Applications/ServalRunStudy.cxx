#include "serval/CommandLine/Application.h"
#include "serval/Core/AtomicFile.h"
#include "serval/Core/Error.h"
#include "serval/Core/Text.h"
#include "serval/Report/Report.h"

#include <algorithm>
#include <iterator>
#include <thread>

namespace serval
{
namespace
{

struct RunStudy final : app::Application
{
  std::string           action = "run";
  std::filesystem::path study, output;
  int                   jobs = 0;

  app::Description Describe() const override
  {
    return { "ServalRunStudy", "study", "Run a study", "Serval.Study",
             "Compares arms (strategies from sources) over training sizes and repeats, as a study file says. check reads the file, plan writes the "
             "command lines, run runs the open cells and goes on where it was, status counts them, report writes the page." };
  }
  void Declare(app::Parameters & p) override
  {
    p.Add("action", &action, "check, plan, run, status or report").Choices({ "check", "plan", "run", "status", "report" }).Positional(0);
    p.Add("study", &study, "Study file (TOML)").In("file", ".toml").Positional(1);
    p.Add("output", &output, "Folder of the study; everything it makes lies there").Out("directory").Optional();
    p.Add("jobs", &jobs, "Cells at a time; 0 takes the number of cores").Range(0, 1024);
  }
  void Run(app::Context & context) override
  {
    const auto read = StudyFile::Read(study);
    if (action == "check")
      Require(std::filesystem::exists(read.manifest), Fault::Input, "the manifest '", read.manifest.string(), "' does not exist");
    Require(action == "check" || !output.empty(), Fault::Usage, "--output is missing: the folder of the study");
    const auto folder = std::filesystem::absolute(output.empty() ? "study" : output).lexically_normal();
    const auto plan = PlanStudy(read, folder, app::ExecutableFolder());
    if (action == "check")
      context.Say(Concat("'", study.string(), "' is right: ", read.arms.size(), " arms, ", read.sources.size(), " sources, ", plan.cells.size(), " cells"));
    else if (action == "plan")
      WritePlan(context, plan, folder);
    else if (action == "run")
      RunAll(context, read, plan, folder);
    else if (action == "status")
      ShowStates(context, StatesOf(plan, folder));
    else
      WriteReport(context, read, plan, folder, StatesOf(plan, folder));
  }

private:
  void WritePlan(app::Context & context, const StudyPlan & plan, const std::filesystem::path & folder) const
  {
    std::string text;
    for (const auto & cell : plan.cells)
    {
      text += "# " + cell.id + (cell.needs.empty() ? "" : " after " + Join(cell.needs, ", ")) + "\n";
      for (const auto & command : cell.commands)
      {
        for (const auto & word : command)
          text += (&word == command.data() ? "" : " ") + Quoted(word);
        text += "\n";
      }
    }
    std::filesystem::create_directories(folder);
    WriteTextFile(folder / "plan.sh", text);
    context.Say(Concat(plan.cells.size(), " cells: ", (folder / "plan.sh").string()));
  }

  static std::string Quoted(const std::string & word)
  {
    if (!word.empty() && word.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./,:=+") == std::string::npos)
      return word;
    std::string quoted = "'";
    for (const char c : word)
      quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return quoted + "'";
  }

  static void ShowStates(app::Context & context, const std::map<std::string, CellOutcome> & states)
  {
    std::map<CellState, int>                        counts;
    std::map<std::string, std::vector<std::string>> notRun; // cells by reason
    for (const auto & [id, outcome] : states)
    {
      ++counts[outcome.state];
      if (outcome.state == CellState::Failed)
        context.Say("failed: " + id + ": " + outcome.reason);
      if (outcome.state == CellState::NotRun)
        notRun[outcome.reason].push_back(id);
    }
    for (const auto & [reason, cells] : notRun)
      context.Say("not run: " + Join(cells, ", ") + ": " + reason);
    context.Say(Concat(states.size(), " cells: ", counts[CellState::Done], " done, ", counts[CellState::Failed], " failed, ", counts[CellState::NotRun], " not run, ",
                       counts[CellState::Open], " open"));
  }

  void RunAll(app::Context & context, const StudyFile & read, const StudyPlan & plan, const std::filesystem::path & folder) const
  {
    std::filesystem::create_directories(folder);
    const int  cores = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
    const auto states = RunCells(plan, folder, jobs > 0 ? jobs : cores, context.progress);
    ShowStates(context, states);
    WriteReport(context, read, plan, folder, states);
    Require(std::none_of(states.begin(), states.end(), [](const auto & s) { return s.second.state == CellState::Failed; }), Fault::Input,
            "cells failed; see the report and cells/*/log.txt. What is done is kept; run again after mending");
  }

  static void WriteReport(app::Context & context, const StudyFile & read, const StudyPlan & plan, const std::filesystem::path & folder,
                          const std::map<std::string, CellOutcome> & states)
  {
    Require(std::filesystem::is_directory(folder), Fault::Input, "'", folder.string(), "' does not exist; run the study first");
    std::filesystem::create_directories(folder / "pictures");
    const auto                 results = GatherResults(read, plan, states);
    std::vector<ReportPicture> pictures;
    for (const auto & picture : plan.pictures)
      pictures.push_back({ picture, picture.stem().string() });
    WriteTextFile(folder / "results.json", results.ToJson() + "\n");
    WriteTextFile(folder / "report.html", MakeReport(read, results, states, DrawPlots(read, results, folder / "pictures"), pictures));
    for (const auto & arm : results.arms)
      context.Say(Concat("n = ", arm.trainPatients, "  ", arm.arm, ": accuracy ", FormatFixed(arm.accuracy.value, 3), " [", FormatFixed(arm.accuracy.low, 3), ", ",
                         FormatFixed(arm.accuracy.high, 3), "]"));
    for (const auto & [arm, reason] : results.notRun)
      context.Say(Concat("not run  ", arm, ": ", reason));
    for (const auto & test : results.tests)
      context.Say(Concat("n = ", test.trainPatients, "  ", test.permutation.a, " - ", test.permutation.b, ": ", FormatFixed(test.permutation.difference, 3), ", p corrected ",
                         FormatFixed(test.permutation.pCorrected, 4), ": ", InWords(test)));
    context.Say("Report: " + (folder / "report.html").string());
    context.WriteNumbers(results.ToJson());
  }
};

} // namespace
} // namespace serval

int main(int argc, char ** argv) { return serval::app::Main<serval::RunStudy>(argc, argv); }
