#include "serval/CommandLine/Application.h"
#include "serval/Core/Error.h"
#include "serval/Core/Text.h"
#include "serval/Evaluation/Metrics.h"

#include <nlohmann/json.hpp>

#include <cmath>

namespace serval
{
namespace
{

nlohmann::json NumberOrNull(double value) { return std::isfinite(value) ? nlohmann::json(value) : nlohmann::json(nullptr); }

struct EvaluatePredictions final : app::Application
{
  std::filesystem::path predictions, output;
  std::string           unit = "auto";
  int                   bootstrap = 2000;
  double                confidence = 0.95;
  std::uint64_t         seed = 1;

  app::Description Describe() const override
  {
    return { "ServalEvaluatePredictions", "evaluate-predictions", "Evaluate predictions", "Serval.Evaluation",
             "Accuracy, balanced accuracy, AUC and confusion matrix of one model's predictions, each number with a bootstrap "
             "interval in which whole patients are drawn." };
  }
  void Declare(app::Parameters & p) override
  {
    p.Add("predictions", &predictions, "Predictions (CSV: patient, case, truth, p_<class>, ...)").In("file", ".csv");
    p.Add("output", &output, "Table of the metrics").Out("file", ".csv").Optional();
    p.Group("Method");
    p.Add("unit", &unit, "What counts once: auto takes patients where the truth is the patient's, else the rows")
      .Choices({ "auto", "patch", "case", "patient" });
    p.Add("bootstrap", &bootstrap, "Bootstrap samples").Range(100, 1000000);
    p.Add("confidence", &confidence, "Level of the intervals").Range(0.5, 0.999);
    p.AddSeed(&seed);
  }
  void Run(app::Context & context) override
  {
    const auto     read = Predictions::Read(predictions, UnitFrom(unit));
    Table          table({ "metric", "value", "low", "high" });
    nlohmann::json json{ { "schema", "serval-scores/1" }, { "unit", ToText(read.unit) }, { "rows", read.rows.size() },
                         { "patients", read.Patients().size() }, { "classes", read.classNames }, { "confidence", confidence },
                         { "confusion", ConfusionMatrix(read) } };
    context.Say(Concat(read.rows.size(), " rows (unit: ", ToText(read.unit), ") of ", read.Patients().size(), " patients"));
    const std::pair<Metric, const char *> metrics[]{ { Metric::Accuracy, "accuracy" }, { Metric::BalancedAccuracy, "balancedAccuracy" }, { Metric::Auc, "auc" } };
    for (const auto & [metric, key] : metrics)
    {
      context.progress.Report(double(json.size()) / 12, ToText(metric));
      const auto interval = BootstrapInterval(read, metric, { bootstrap, confidence, seed });
      table.AddRow({ key, FormatNumber(interval.value), FormatNumber(interval.low), FormatNumber(interval.high) });
      json[key] = { { "value", NumberOrNull(interval.value) }, { "low", NumberOrNull(interval.low) }, { "high", NumberOrNull(interval.high) } };
      context.Say(Concat(ToText(metric), ": ", FormatFixed(interval.value, 3), " [", FormatFixed(interval.low, 3), ", ", FormatFixed(interval.high, 3), "]"));
    }
    ShowConfusion(context, read);
    if (!output.empty())
      table.Write(output);
    context.WriteNumbers(json.dump());
  }

private:
  static void ShowConfusion(app::Context & context, const Predictions & read)
  {
    std::size_t width = 8;
    for (const auto & name : read.classNames)
      width = std::max(width, name.size() + 2);
    const auto  padded = [&](std::string text) { return text.append(width - std::min(width, text.size()), ' '); };
    std::string line = padded("truth");
    for (const auto & name : read.classNames)
      line += padded(name);
    context.Say("Confusion (columns: decision)\n" + line);
    const auto matrix = ConfusionMatrix(read);
    for (std::size_t row = 0; row < matrix.size(); ++row)
    {
      line = padded(read.classNames[row]);
      for (const int count : matrix[row])
        line += padded(std::to_string(count));
      context.Say(line);
    }
  }
};

} // namespace
} // namespace serval

int main(int argc, char ** argv) { return serval::app::Main<serval::EvaluatePredictions>(argc, argv); }
