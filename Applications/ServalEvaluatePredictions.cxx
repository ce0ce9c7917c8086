#include "CalibrationOptions.h"
#include "CurveOptions.h"
#include "SubgroupOptions.h"
#include "serval/Core/AtomicFile.h"

#include <algorithm>

namespace serval
{
namespace
{

struct EvaluatePredictions final : app::Application
{
  std::filesystem::path predictions, output, latex;
  std::string           unit = "auto", interval = "percentile";
  BootstrapPlan         plan;
  int                   threads = 0;
  CalibrationOptions    calibration;
  SubgroupOptions       subgroups;
  CurveOptions          curves;

  app::Description Describe() const override
  {
    return { "ServalEvaluatePredictions", "evaluate-predictions", "Evaluate predictions", "Serval.Evaluation",
             "All metrics and the confusion matrix of one model's predictions, each number with a bootstrap interval in which whole patients are drawn, and "
             "whole repeats where there are several. Of two classes the second is the positive one; of more, AUC and average precision are the mean of each "
             "class against the rest. Says in words what was shown and what was not." };
  }
  void Declare(app::Parameters & p) override
  {
    p.Add("predictions", &predictions, "Predictions (CSV: patient, case, truth, p_<class>, ...)").In("file", ".csv");
    p.Add("output", &output, "Table of the metrics").Out("file", ".csv").Optional();
    p.Add("latex", &latex, "The same as a LaTeX tabular").Out("file", ".tex").Optional();
    p.Group("Method");
    p.Add("unit", &unit, "What counts once: auto takes patients where the truth is the patient's, else the rows")
      .Choices({ "auto", "patch", "case", "patient" });
    p.Add("interval", &interval, "Bootstrap interval: percentile with tails widened for few patients, or corrected for bias and acceleration").Choices({ "percentile", "bca" });
    p.Add("bootstrap", &plan.samples, "Bootstrap samples").Range(100, 1000000);
    p.Add("confidence", &plan.confidence, "Level of the intervals").Range(0.5, 0.999);
    p.Add("threads", &threads, "Threads; 0: all cores. The numbers do not depend on them").Range(0, 1024);
    p.AddSeed(&plan.seed);
    calibration.Declare(p);
    subgroups.Declare(p);
    curves.Declare(p);
  }
  void Run(app::Context & context) override
  {
    const auto read = Predictions::Read(predictions, UnitFrom(unit));
    RequireTwoClasses(read);
    if (Table::Read(predictions).Find("baseline"))
      context.Say("these predictions are marked as a baseline (column baseline): no real model made them");
    plan.kind = interval == "bca" ? BootstrapPlan::Kind::Bca : BootstrapPlan::Kind::Percentile;
    plan.threads = static_cast<unsigned>(threads);
    context.Say(Concat(Counted(read.rows.size(), "row"), " (unit: ", ToText(read.unit), ") of ", Counted(read.Patients().size(), "patient"), "; intervals of ",
                       FormatNumber(100 * plan.confidence), " % from ", plan.samples, " bootstrap samples of patients"));
    const auto sheet = ScoreSheet::Of(read, plan, context.progress);
    auto       json = nlohmann::json::parse(sheet.ToJson());
    context.Say(sheet.ToText());
    calibration.Report(context, read, UnitFrom(unit), plan, json);
    subgroups.Report(context, read, plan, json);
    curves.Report(context, read, plan, json);
    context.Say(sheet.InWords());
    if (!output.empty())
      sheet.ToTable().Write(output);
    if (!latex.empty())
      WriteTextFile(latex, sheet.ToLatex());
    context.WriteNumbers(json.dump());
  }

private:
  void RequireTwoClasses(const Predictions & read) const
  {
    const auto & first = read.rows.front();
    const bool   hasTwo = std::any_of(read.rows.begin(), read.rows.end(), [&](const Prediction & row) { return row.truth != first.truth; });
    Require(hasTwo, Fault::Input, "'", predictions.string(), "': all ", read.rows.size(), " rows, from patient '", first.patient, "', case '", first.caseId, "' on, have the truth '",
            read.classNames[static_cast<std::size_t>(first.truth)], "'; two classes are needed to tell how well they are told apart");
  }
};

} // namespace
} // namespace serval

int main(int argc, char ** argv) { return serval::app::Main<serval::EvaluatePredictions>(argc, argv); }
