#include "serval/CommandLine/Application.h"
#include "serval/Core/Error.h"
#include "serval/Core/Text.h"
#include "serval/Evaluation/Ensemble.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace serval
{
namespace
{

struct CombinePredictions final : app::Application
{
  std::vector<std::filesystem::path> predictions, validation;
  std::filesystem::path              output, chosen;
  std::string                        rule = "mean";
  EnsembleNames                      names;

  app::Description Describe() const override
  {
    return { "ServalCombinePredictions", "combine-predictions", "Combine predictions", "Serval.Evaluation",
             "Makes the predictions of several models on the same patches one: their mean, vote or product, the mean of models chosen on "
             "validation predictions, or a cascade of a detector and a classifier of what it detects." };
  }
  void Declare(app::Parameters & p) override
  {
    p.Add("predictions", &predictions, "Predictions (CSV) of each model, of the same units; of a cascade the detector's, then the classifier's").In("file", ".csv");
    p.Add("output", &output, "Predictions to write, columns as those of predict").Out("file", ".csv");
    p.Add("rule", &rule, "mean; vote: share of the models that decide for a class; product: geometric mean, divided by the sum; forward-selection: mean of "
                         "models added one by one, with replacement, by macro F1 on --validation (Caruana 2004); cascade: p(positive) of the first times the second's")
      .Choices(EnsembleRuleWords());
    p.Add("validation", &validation, "Forward selection: predictions (CSV) of other patients by the same models, in the same order").In("file", ".csv").Optional();
    p.Add("chosen", &chosen, "Forward selection: also write how often each model was chosen (CSV: model, times), in the order of --predictions; distillation reads it").Out("file", ".csv").Optional();
    p.Group("Columns");
    p.Add("arm", &names.arm, "Name of the study's arm, written to each row");
    p.Add("fold", &names.fold, "Fold, written to each row; as in the files when left out");
    p.Add("repeat", &names.repeat, "Repeat, written to each row; as in the files when left out");
  }
  void Run(app::Context & context) override
  {
    const auto how = EnsembleRuleFrom(rule);
    const bool selects = how == EnsembleRule::ForwardSelection;
    Require(selects != validation.empty(), Fault::Usage, "--validation and --rule forward-selection belong together");
    Require(!selects || validation.size() == predictions.size(), Fault::Usage, predictions.size(), " files of predictions and ", validation.size(),
            " of validation are given; one of each for each model is needed, in the same order");
    Require(selects || chosen.empty(), Fault::Usage, "--chosen belongs to --rule forward-selection");
    const auto     rows = Read(predictions);
    nlohmann::json numbers{ { "schema", "serval-ensemble/1" }, { "rule", rule }, { "models", rows.Models() }, { "rows", rows.Rows() } };
    const auto     counts = selects ? Select(context, rows, numbers) : std::vector<int>(rows.Models(), 1);
    const auto     combined = how == EnsembleRule::Cascade ? Cascade(rows, names) : Combine(rows, how, counts, names);
    combined.Write(output);
    if (!chosen.empty())
      WriteChosen(counts);
    context.Say(Concat(combined.Rows(), " rows of ", rows.Models(), " models, rule ", rule));
    context.WriteNumbers(numbers.dump());
  }

private:
  static EnsembleRows Read(const std::vector<std::filesystem::path> & files)
  {
    std::vector<Table> tables;
    std::transform(files.begin(), files.end(), std::back_inserter(tables), [](const auto & file) { return Table::Read(file); });
    return EnsembleRows(std::move(tables));
  }

  std::vector<int> Select(app::Context & context, const EnsembleRows & rows, nlohmann::json & numbers) const
  {
    const auto others = Read(validation);
    RequireSameClasses(rows, others);
    const auto found = SelectForward(others);
    for (std::size_t m = 0; m < found.counts.size(); ++m)
      context.Say(Concat(predictions[m].stem().string(), ": chosen ", found.counts[m], " times"));
    context.Say(Concat("macro F1 on the validation rows ", FormatFixed(found.scores[found.steps - 1], 4), " after ", found.steps, " of ", found.scores.size(),
                       " steps; the selection saw these rows"));
    numbers["counts"] = found.counts;
    numbers["steps"] = found.steps;
    numbers["scores"] = found.scores;
    return found.counts;
  }

  void WriteChosen(const std::vector<int> & counts) const
  {
    Table table({ "model", "times" });
    for (std::size_t m = 0; m < counts.size(); ++m)
      table.AddRow({ std::to_string(m + 1), std::to_string(counts[m]) });
    table.Write(chosen);
  }

  // Files of another order would be noticed too late, or never.
  static void RequireSameClasses(const EnsembleRows & rows, const EnsembleRows & others)
  {
    for (std::size_t m = 0; m < rows.Models(); ++m)
    {
      const auto & a = rows.ClassNames(m);
      const auto & b = others.ClassNames(m);
      Require(std::is_permutation(a.begin(), a.end(), b.begin(), b.end()), Fault::Input, "model ", m + 1, " predicts the classes ", Join(a, ", "),
              ", its validation file has ", Join(b, ", "), "; give --validation in the order of --predictions");
    }
  }
};

} // namespace
} // namespace serval

int main(int argc, char ** argv) { return serval::app::Main<serval::CombinePredictions>(argc, argv); }
