#include "serval/CommandLine/Application.h"
#include "serval/Core/Error.h"
#include "serval/Core/Text.h"
#include "serval/Evaluation/Intervals.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>

namespace serval
{
namespace
{

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
             "interval in which whole patients are drawn. The AUC of two classes takes the second for positive; of more it is "
             "the mean of each class against the rest." };
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
    const auto          read = Predictions::Read(predictions, UnitFrom(unit));
    const BootstrapPlan plan{ bootstrap, confidence, seed };
    Table               table({ "metric", "value", "low", "high" });
    nlohmann::json      json{ { "schema", "serval-scores/1" }, { "unit", ToText(read.unit) }, { "rows", read.rows.size() },
                              { "patients", read.Patients().size() }, { "classes", read.classNames }, { "confidence", confidence },
                              { "bootstrap", bootstrap }, { "seed", seed }, { "confusion", ConfusionMatrix(read) } };
    context.Say(Concat(read.rows.size(), " rows (unit: ", ToText(read.unit), ") of ", read.Patients().size(), " patients; intervals of ",
                       FormatNumber(100 * confidence), " % from ", bootstrap, " bootstrap samples of patients"));
    const std::pair<Metric, const char *> metrics[]{ { Metric::Accuracy, "accuracy" },
                                                     { Metric::BalancedAccuracy, "balancedAccuracy" },
                                                     { Metric::Auc, "auc" } };
    double done = 0;
    for (const auto & [metric, key] : metrics)
    {
      context.progress.Report(done++ / 4, ToText(metric));
      const auto interval = BootstrapInterval(read, metric, plan);
      table.AddRow({ key, FormatNumber(interval.value), FormatNumber(interval.low), FormatNumber(interval.high) });
      json[key] = ToJson(interval);
      json[key]["redrawn"] = interval.redrawn;
      const auto redrawn = interval.redrawn == 0 ? "" : Concat(" (", interval.redrawn, " samples without a class drawn again)");
      context.Say(Concat(Padded(ToText(metric), 19), Words(interval), redrawn));
    }
    context.progress.Report(done / 4, "confusion matrix");
    const auto shares = ConfusionIntervals(read, plan);
    for (const auto & row : shares)
    {
      json["confusionShares"].push_back(nlohmann::json::array());
      for (const auto & share : row)
        json["confusionShares"].back().push_back(ToJson(share));
    }
    ShowConfusion(context, read, shares);
    if (!output.empty())
      table.Write(output);
    context.WriteNumbers(json.dump());
  }

private:
  static nlohmann::json ToJson(const Interval & interval)
  {
    return { { "value", interval.value }, { "low", interval.low }, { "high", interval.high } };
  }

  static std::string Words(const Interval & interval)
  {
    if (!std::isfinite(interval.value))
      return "not defined: a class has no row";
    if (!std::isfinite(interval.low))
      return FormatFixed(interval.value, 3) + " [no interval: too few patients of a class]";
    return Concat(FormatFixed(interval.value, 3), " [", FormatFixed(interval.low, 3), ", ", FormatFixed(interval.high, 3), "]");
  }

  static std::string Padded(std::string text, std::size_t width) { return text.append(width - std::min(width, text.size()), ' '); }

  static void ShowConfusion(app::Context & context, const Predictions & read, const std::vector<std::vector<Interval>> & shares)
  {
    std::size_t nameWidth = 7;
    for (const auto & name : read.classNames)
      nameWidth = std::max(nameWidth, name.size() + 2);
    const std::size_t width = std::max<std::size_t>(nameWidth, 28);
    std::string       line = Padded("truth", nameWidth);
    for (const auto & name : read.classNames)
      line += Padded(name, width);
    context.Say("Confusion (columns: decision; share of the row's class)\n" + Trim(line));
    const auto matrix = ConfusionMatrix(read);
    for (std::size_t row = 0; row < matrix.size(); ++row)
    {
      line = Padded(read.classNames[row], nameWidth);
      for (std::size_t column = 0; column < matrix.size(); ++column)
      {
        const auto & share = shares[row][column];
        line += Padded(std::to_string(matrix[row][column]) + (std::isfinite(share.value) ? "  " + Words(share) : ""), width);
      }
      context.Say(Trim(line));
    }
  }
};

} // namespace
} // namespace serval

int main(int argc, char ** argv) { return serval::app::Main<serval::EvaluatePredictions>(argc, argv); }
