#include "RunSibling.h"
#include "serval/CommandLine/Application.h"
#include "serval/Core/Error.h"
#include "serval/Core/Text.h"
#include "serval/Study/RunCells.h"
#include "serval/Study/TransferFile.h"

#include <algorithm>

namespace serval
{
namespace
{

struct RunTransfer final : app::Application
{
  std::filesystem::path stages, output;
  bool                  dryRun = false;

  app::Description Describe() const override
  {
    return { "ServalRunTransfer", "transfer", "Run a transfer", "Serval.Learning",
             "Trains the stages of a transfer one after another, each from nothing or from another one's model: double transfer and longer "
             "ones. What is done is kept; ended in any way, it goes on where it was.",
             "The same command line goes on where it was" };
  }
  void Declare(app::Parameters & p) override
  {
    p.Add("stages", &stages, "Stage list (TOML, schema serval-transfer/1)").In("file", ".toml").Positional(0);
    p.Add("output", &output, "Folder for NAME.safetensors and NAME-curve.csv of each stage").Out("directory");
    p.Add("dryRun", &dryRun, "Only print each stage's plan layer by layer; of stages whose source is not made yet, the command line");
  }
  void Run(app::Context & context) override
  {
    const auto folder = std::filesystem::absolute(output).lexically_normal();
    const auto plan = PlanTransfer(TransferFile::Read(stages), folder, app::ExecutableFolder());
    if (dryRun)
      return Show(context, plan);
    std::filesystem::create_directories(folder);
    const auto states = RunCells(plan, folder, 1, context.progress);
    for (const auto & cell : plan.cells)
    {
      const auto & outcome = states.at(cell.id);
      context.Say(Concat(cell.id, ": ", outcome.state == CellState::Done ? "done" : outcome.state == CellState::Failed ? "failed: " + outcome.reason : "not run"));
    }
    Require(std::all_of(states.begin(), states.end(), [](const auto & s) { return s.second.state == CellState::Done; }), Fault::Input,
            "not all stages are done; see cells/*/log.txt in the output. What is done is kept; run again after mending");
  }

private:
  static void Show(app::Context & context, const StudyPlan & plan)
  {
    for (const auto & cell : plan.cells)
    {
      auto       words = cell.commands.front();
      const auto source = std::find(words.begin(), words.end(), "--source");
      context.Say("stage " + cell.id + (cell.needs.empty() ? "" : " after " + cell.needs.front()));
      if (source != words.end() && !std::filesystem::exists(*(source + 1)))
      {
        context.Say("  its source is not made yet: " + Join(words, " "));
        continue;
      }
      std::filesystem::path folder = cell.outputs.front().parent_path();
      std::filesystem::create_directories(folder);
      words.front() = std::filesystem::path(words.front()).filename().string();
      words.insert(words.end(), { "--dryRun", "--progress", "none" });
      Require(RunSibling(words) == 0, Fault::Input, "the plan of stage ", cell.id, " is wrong; what it said stands above");
    }
  }
};

} // namespace
} // namespace serval

int main(int argc, char ** argv) { return serval::app::Main<serval::RunTransfer>(argc, argv); }
