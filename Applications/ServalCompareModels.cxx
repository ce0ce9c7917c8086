#include "serval/CommandLine/Application.h"
#include "serval/Core/Error.h"
#include "serval/Core/Text.h"
#include "serval/Evaluation/Comparison.h"

#include <nlohmann/json.hpp>

#include <cmath>

namespace serval
{
namespace
{

struct CompareModels final : app::Application
{
  std::vector<std::filesystem::path> predictions;
  std::vector<std::string>           test{ "permutation" }, names;
  std::string                        metric = "accuracy", unit = "auto";
  int                                samples = 10000;
  double                             alpha = 0.05;
  std::uint64_t                      seed = 1;

  app::Description Describe() const override
  {
    return { "ServalCompareModels", "compare-models", "Compare models", "Serval.Evaluation",
             "Tests whether models differ on the same patients: paired permutation and clustered bootstrap of whole patients; "
             "DeLong and McNemar where each patient has one row. All pairs, corrected after Holm within each test." };
  }
  void Declare(app::Parameters & p) override
  {
    p.Add("predictions", &predictions, "Predictions of one model; repeat the option for each model").In("file", ".csv");
    p.Add("names", &names, "Names of the models, in their order; file names when left out");
    p.Group("Method");
    p.Add("test", &test, "Tests").Choices({ "delong", "mcnemar", "permutation", "bootstrap" });
    p.Add("metric", &metric, "Metric of permutation and bootstrap").Choices({ "accuracy", "balanced-accuracy", "auc" });
    p.Add("unit", &unit, "What counts once; auto takes patients where the truth is the patient's")
      .Choices({ "auto", "patch", "case", "patient" });
    p.Add("samples", &samples, "Permutations or bootstrap samples").Range(100, 10000000);
    p.Add("alpha", &alpha, "Level below which a corrected p shows a difference").Range(0.0001, 0.5);
    p.AddSeed(&seed);
  }
  void Run(app::Context & context) override
  {
    const auto models = ReadModels();
    context.Say(Concat(models[0].rows.size(), " rows (unit: ", ToText(models[0].unit), ") of ", models[0].Patients().size(), " patients"));
    const ComparisonPlan plan{ MetricFrom(metric), samples, 1 - alpha, seed };
    nlohmann::json       tests = nlohmann::json::array();
    for (const auto & name : test)
    {
      std::vector<TestResult> results;
      for (std::size_t a = 0; a < models.size(); ++a)
        for (std::size_t b = a + 1; b < models.size(); ++b)
        {
          context.progress.Report(double(tests.size() + results.size()) / double(test.size() * models.size() * (models.size() - 1) / 2), name);
          results.push_back(CompareBy(name, models[a], models[b], plan));
        }
      Correct(results);
      for (const auto & result : results)
      {
        Show(context, result);
        tests.push_back(ToJson(result, models[0]));
      }
    }
    context.WriteNumbers(nlohmann::json{ { "schema", "serval-comparison/1" }, { "tests", tests } }.dump());
  }

private:
  std::vector<Predictions> ReadModels() const
  {
    Require(predictions.size() >= 2, Fault::Usage, "--predictions is given ", predictions.size(), " time(s); two models or more are compared");
    Require(names.empty() || names.size() == predictions.size(), Fault::Usage, names.size(), " names for ", predictions.size(), " models");
    std::vector<Predictions> models;
    for (std::size_t i = 0; i < predictions.size(); ++i)
    {
      auto read = Predictions::Read(predictions[i], UnitFrom(unit));
      read.name = names.empty() ? predictions[i].string() : names[i];
      models.push_back(i == 0 ? read : InClassOrder(read, models[0].classNames));
    }
    return models;
  }

  static void Correct(std::vector<TestResult> & results)
  {
    std::vector<double> p;
    for (const auto & result : results)
      p.push_back(result.p);
    const auto corrected = HolmCorrected(p);
    for (std::size_t i = 0; i < results.size(); ++i)
      results[i].pCorrected = corrected[i];
  }

  std::string MetricOf(const TestResult & r) const { return r.name == "delong" ? "auc" : r.name == "mcnemar" ? "accuracy" : metric; }

  void Show(app::Context & context, const TestResult & r) const
  {
    const auto interval = std::isfinite(r.low) ? Concat(" [", FormatFixed(r.low, 4), ", ", FormatFixed(r.high, 4), "]") : std::string();
    const auto p = std::isfinite(r.p) ? Concat("p ", FormatFixed(r.p, 5), ", corrected ", FormatFixed(r.pCorrected, 5))
                                      : std::string("no p, as the difference has no variance");
    context.Say(Concat(r.name, ": ", r.a, " - ", r.b, ": difference of ", ToText(MetricFrom(MetricOf(r))), " ", FormatFixed(r.difference, 4),
                       interval, ", ", p, r.pCorrected <= alpha ? "" : ": no difference shown"));
  }

  nlohmann::json ToJson(const TestResult & r, const Predictions & tested) const
  {
    nlohmann::json json{ { "name", r.name }, { "a", r.a }, { "b", r.b }, { "difference", r.difference },
                         { "standardError", r.standardError }, { "statistic", r.statistic }, { "p", r.p },
                         { "pCorrected", r.pCorrected }, { "low", r.low }, { "high", r.high },
                         { "metric", MetricOf(r) }, { "unit", ToText(tested.unit) },
                         { "patients", tested.Patients().size() }, { "rows", tested.rows.size() } };
    if (r.name == "mcnemar")
      json["pAsymptotic"] = r.pAsymptotic;
    return json;
  }
};

} // namespace
} // namespace serval

int main(int argc, char ** argv) { return serval::app::Main<serval::CompareModels>(argc, argv); }
