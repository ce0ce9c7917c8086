#include "SegmentationCases.h"
#include "serval/Core/Hash.h"
#include "serval/Core/JobQueue.h"

#include <nlohmann/json.hpp>

namespace serval
{
namespace
{

struct EvaluateSegmentations final : app::Application
{
  SegmentationPairs     pairs;
  LabelChoice           labels;
  std::filesystem::path output;
  std::string           interval = "percentile", placement = "stated";
  BootstrapPlan         plan;
  int                   threads = 0;

  app::Description Describe() const override
  {
    return { "ServalEvaluateSegmentations", "evaluate-segmentations", "Evaluate segmentations", "Serval.Evaluation",
             "Dice, IoU, 95th percentile (HD95) and mean (ASSD) of the surface distances in mm, and the error of the volume, of each label of predicted label "
             "maps against references, case by case; means with bootstrap intervals in which whole patients are drawn. Cases where a label is absent on one or "
             "both sides are counted in words. Label maps on different grids are left out by name, with the mm between them." };
  }
  void Declare(app::Parameters & p) override
  {
    pairs.Declare(p);
    p.Add("output", &output, "Table of the numbers of each case and label").Out("file", ".csv").Optional();
    labels.Declare(p);
    p.Group("Method");
    p.Add("interval", &interval, "Bootstrap interval: percentile with tails widened for few patients, or corrected for bias and acceleration").Choices({ "percentile", "bca" });
    p.Add("bootstrap", &plan.samples, "Bootstrap samples").Range(100, 1000000);
    p.Add("confidence", &plan.confidence, "Level of the intervals").Range(0.5, 0.999);
    p.Add("placement", &placement, "Where a file contradicts itself or states nothing: which statement holds").Choices({ "stated", "sform", "qform", "assumed" });
    p.Add("threads", &threads, "Cases at the same time; 0: all cores. The numbers do not depend on them").Range(0, 1024);
    p.AddSeed(&plan.seed);
  }
  void Run(app::Context & context) override
  {
    labels.Check();
    plan.kind = interval == "bca" ? BootstrapPlan::Kind::Bca : BootstrapPlan::Kind::Percentile;
    plan.threads = static_cast<unsigned>(threads);
    ReadOptions reading;
    reading.placement = PlacementFrom(placement);
    const auto                    list = pairs.List();
    std::vector<SegmentationCase> cases(list.size());
    JobQueue(list.size()).Run(threads, [&](std::size_t i) { cases[i] = SegmentationCase::Of(list[i], labels.values, reading); }, context.progress);
    const auto problems = ProblemsOf(cases, context);
    const auto rows = LabelByLabel(cases, labels);
    Require(!rows.empty(), Fault::Input, "none of the ", cases.size(), " label maps has a label other than 0");
    Report(context, rows, problems);
  }

private:
  // Fault::Input when no case is left.
  static nlohmann::ordered_json ProblemsOf(const std::vector<SegmentationCase> & cases, app::Context & context)
  {
    auto problems = nlohmann::ordered_json::array();
    for (const auto & one : cases)
      if (!one.problem.empty())
        problems.push_back({ { "case", one.pair.caseId }, { "reason", one.problem } });
    Require(problems.size() < cases.size(), Fault::Input, "no pair of label maps can be compared; case ", cases.front().pair.caseId, ": ", cases.front().problem);
    for (const auto & problem : problems)
      context.Say(Concat("case ", problem["case"].get<std::string>(), " is left out: ", problem["reason"].get<std::string>()));
    context.casesExcluded = !problems.empty();
    return problems;
  }

  void Report(app::Context & context, const std::vector<LabelledScores> & rows, const nlohmann::ordered_json & problems) const
  {
    std::vector<SegmentationRow> numbers;
    for (const auto & row : rows)
      numbers.push_back(RowOf(row));
    const auto sheet = SegmentationSheet::Of(numbers, plan);
    if (pairs.manifest.empty() && sheet.cases > 1)
      context.Say("warning: without --manifest each file is its own patient; intervals are too narrow where patients have several");
    context.Say(sheet.ToText());
    if (!output.empty())
      TableOf(rows).Write(output);
    if (!pairs.manifest.empty())
      context.provenance.inputs["manifest"] = Sha256OfFile(pairs.manifest);
    auto json = nlohmann::ordered_json::parse(sheet.ToJson());
    json["excluded"] = problems;
    json["provenance"] = nlohmann::ordered_json::parse(context.provenance.ToJson());
    context.WriteNumbers(json.dump(2));
  }
};

} // namespace
} // namespace serval

int main(int argc, char ** argv) { return serval::app::Main<serval::EvaluateSegmentations>(argc, argv); }
