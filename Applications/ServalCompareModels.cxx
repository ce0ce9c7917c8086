#include "serval/CommandLine/Application.h"
#include "serval/Core/AtomicFile.h"
#include "serval/Core/Error.h"
#include "serval/Core/Text.h"
#include "serval/Evaluation/ComparisonSheet.h"

namespace serval
{
namespace
{

struct CompareModels final : app::Application
{
  std::vector<std::filesystem::path> predictions;
  std::filesystem::path              scores, output, latex;
  std::vector<std::string>           test{ "auto" }, names;
  std::string                        metric = "accuracy", ofClass, unit = "auto", correction = "holm";
  ComparisonPlan                     plan;
  double                             alpha = 0.05;
  int                                threads = 0;
  bool                               ranking = false, lowerIsBetter = false;

  app::Description Describe() const override
  {
    return { "ServalCompareModels", "compare-models", "Compare models", "Serval.Evaluation",
             "Tests whether models differ on the same patients. The test follows the design (auto): one test set, permutation of whole patients; the same "
             "patients in several repeats, bootstrap of patients and repeats; folds, the corrected t-test of Nadeau and Bengio; several data sets, Friedman and "
             "Wilcoxon. DeLong and McNemar where each patient has one row, Obuchowski where there are several. All pairs, corrected within each test." };
  }
  void Declare(app::Parameters & p) override
  {
    auto tests = PairedTestNames(), metrics = MetricWords();
    const auto ofOne = ClassMetricWords();
    tests.insert(tests.begin(), "auto");
    metrics.insert(metrics.end(), ofOne.begin(), ofOne.end());
    p.Add("predictions", &predictions, "Predictions of one model; repeat the option for each model").In("file", ".csv").Optional();
    p.Add("names", &names, "Names of the models, in their order; file names when left out");
    p.Add("scores", &scores, "In place of predictions: a table of numbers made elsewhere, a row for each data set (column dataset), a column for each model")
      .In("file", ".csv").Optional();
    p.Add("output", &output, "Table of the tests").Out("file", ".csv").Optional();
    p.Add("latex", &latex, "The same as a LaTeX tabular").Out("file", ".tex").Optional();
    p.Group("Method");
    p.Add("test", &test, "Tests; auto takes the one that fits the design").Choices(tests);
    p.Add("metric", &metric, "Metric; DeLong's and Obuchowski's is the AUC, McNemar's the accuracy").Choices(metrics);
    p.Add("ofClass", &ofClass, "Class of recall, precision, f1, specificity, auc and average-precision; of two classes the second when left out");
    p.Add("unit", &unit, "What counts once; auto takes patients where the truth is the patient's")
      .Choices({ "auto", "patch", "case", "patient" });
    p.Add("correction", &correction, "Correction for the number of comparisons, within each test").Choices({ "holm", "benjamini-hochberg", "none" });
    p.Add("samples", &plan.samples, "Permutations or bootstrap samples").Range(100, 10000000);
    p.Add("alpha", &alpha, "Level below which a corrected p shows a difference").Range(0.0001, 0.5);
    p.Add("testOverTrain", &plan.testOverTrain, "Test size / training size of resampled folds; 0: from the folds' patients").Range(0, 1000);
    p.Add("rope", &plan.rope, "Differences up to this are practically none (Bayesian test)").Range(0, 1);
    p.Add("ranking", &ranking, "Also bootstrap the order of the models, and compare the orders of several metrics");
    p.Add("lowerIsBetter", &lowerIsBetter, "The numbers of --scores are losses");
    p.Add("threads", &threads, "Threads; 0: all cores. The numbers do not depend on them").Range(0, 1024);
    p.AddSeed(&plan.seed);
  }
  void Run(app::Context & context) override
  {
    const auto sheet = scores.empty() ? OfPredictions(context) : OfScores();
    context.Say(sheet.ToText());
    context.Say(sheet.InWords());
    if (!output.empty())
      sheet.ToTable().Write(output);
    if (!latex.empty())
      WriteTextFile(latex, sheet.ToLatex());
    context.WriteNumbers(sheet.ToJson());
  }

private:
  ComparisonSheet OfPredictions(app::Context & context)
  {
    const auto models = ReadModels();
    plan.metric = MetricFrom(metric, models[0].classNames, ofClass);
    plan.confidence = 1 - alpha;
    plan.threads = static_cast<unsigned>(threads);
    context.Say(Concat(Counted(models[0].rows.size(), "row"), " (unit: ", ToText(models[0].unit), ") of ", Counted(models[0].Patients().size(), "patient"), "; ", ToText(DesignOf(models[0]))));
    return ComparisonSheet::Of(models, test, plan, CorrectionFrom(correction), ranking, context.progress);
  }

  std::vector<Predictions> ReadModels() const
  {
    Require(!predictions.empty(), Fault::Usage, "--predictions is missing: the predictions of two models or more, or --scores");
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

  ComparisonSheet OfScores() const
  {
    Require(predictions.empty(), Fault::Usage, "--scores stands in place of --predictions; give one of them");
    return ComparisonSheet::OfTable(Table::Read(scores), lowerIsBetter, alpha, CorrectionFrom(correction));
  }
};

} // namespace
} // namespace serval

int main(int argc, char ** argv) { return serval::app::Main<serval::CompareModels>(argc, argv); }
