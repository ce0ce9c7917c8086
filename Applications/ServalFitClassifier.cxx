#include "ClassOptions.h"
#include "ClassifierOptions.h"
#include "FeatureInput.h"
#include "FeatureRows.h"
#include "LearningOptions.h"
#include "ShuffleOptions.h"
#include "serval/Core/Table.h"

#include <algorithm>
#include <set>

namespace serval
{
namespace
{

struct FitClassifier final : app::Application
{
  FeatureInput             input;
  std::filesystem::path    output, predictions;
  LearningOptions          learning; // for patients and key
  std::vector<std::string> layers;
  ClassOptions             classes;
  ClassifierOptions        classifier;
  ShuffleOptions           shuffle;
  bool                     isBaseline = false; ///< labels are shuffled here, or were for the network
  int                      folds = 5;

  app::Description Describe() const override
  {
    return { "ServalFitClassifier", "fit-classifier", "Fit a classical classifier", "Serval.Learning",
             "Fits an SVM, logistic regression, forest or other classical classifier on features and stores it with their network, so that it can be applied." };
  }
  void Declare(app::Parameters & p) override
  {
    input.Declare(p);
    p.Add("output", &output, "Model to write: the network or networks with the classifier").Out("file", ".safetensors");
    p.Add("patients", &learning.patients, "Text file with the patients that take part, one a line; all when left out").In("file", ".txt").Optional();
    p.Add("layers", &layers, "Layers whose features are joined in this order; 2/LAYER is of the second network; all of the files, in the networks' order, when left out");
    classes.Declare(p);
    classifier.Declare(p);
    p.Group("Nested cross-validation");
    p.Add("predictions", &predictions, "Predictions (CSV) of each row by a model, chosen and fitted without the row's fold").Out("file", ".csv").Optional();
    p.Add("folds", &folds, "Folds of patients for these predictions").Range(2, 1000);
    shuffle.Declare(p);
    p.Group("Lineage");
    p.Add("key", &learning.key, "Site key file for the model's lineage; created (mode 0600) when it does not exist").Out("file", ".key").Optional();
  }
  void Run(app::Context & context) override
  {
    auto read = input.Read(learning.patients);
    auto written = input.Networks(context);
    classes.Apply(read);
    const auto   joined = ChooseLayers(read, input.features.front(), FeatureInput::LayersOf(written), layers);
    auto         chosenRows = RowsOf(read, joined);
    const auto & table = chosenRows.table;
    isBaseline = shuffle.isWanted || LearnedShuffledLabels(written);
    shuffle.Deal(table.groups, chosenRows.table.classes, classifier.spec.seed, context);
    const int    classCount = static_cast<int>(read.classNames.size());
    const auto candidates = classifier.Candidates();
    const auto [chosen, fitted] = ChooseAndFit(table, classCount, candidates);
    if (candidates.size() > 1)
      context.Say(Concat("chosen among ", candidates.size(), ": ", ClassifierOptions::Words(candidates[chosen])));
    if (!predictions.empty())
      WritePredictions(read, table, chosenRows.rows, CrossPredict(table, classCount, candidates, static_cast<std::size_t>(folds)));

    std::erase_if(written.arrays, [](const auto & entry) { return entry.first.starts_with("classical."); });
    written.classical = { { "layers", Join(joined, ",") } };
    fitted.Store(written.arrays, written.classical);
    written.classNames = read.classNames;
    const std::set<std::string> trained(table.groups.begin(), table.groups.end());
    written.lineage = learning.Extended(written.lineage, { trained.begin(), trained.end() }, Role::TargetClass).ToJson();
    written.provenance = context.provenance.ToJson();
    written.Write(output);
    Report(context, fitted, table, trained.size(), read.classNames.size());
  }

  /// The labelled rows of the patients that take part.
  LabelledRows RowsOf(const FeatureFile & read, const std::vector<std::string> & joined) const
  {
    const std::set<std::string> everyone(read.patients.begin(), read.patients.end());
    if (learning.patients.empty())
      return JoinLayers(read, joined, everyone);
    const auto listed = ReadPatientList(learning.patients, { everyone.begin(), everyone.end() });
    return JoinLayers(read, joined, { listed.begin(), listed.end() });
  }

  void WritePredictions(const FeatureFile & read, const FeatureTable & table, const std::vector<std::size_t> & rows,
                        const OutOfFold & found) const
  {
    std::vector<std::string> columns{ "patient", "case", "unit", "unit_id", "fold", "truth" };
    for (const auto & name : read.classNames)
      columns.push_back("p_" + name);
    if (isBaseline)
      columns.emplace_back("baseline");
    Table written(columns);
    for (std::size_t i = 0; i < table.Rows(); ++i)
    {
      const auto               row = rows[i];
      std::vector<std::string> cells{ read.patients[row], read.cases[row], "patch", read.unitIds[row], std::to_string(found.foldOf[i]),
                                      read.classNames[static_cast<std::size_t>(read.classes[row])] };
      for (const double p : found.probabilities[i])
        cells.push_back(FormatNumber(p));
      if (isBaseline)
        cells.emplace_back("shuffled labels");
      written.AddRow(cells);
    }
    written.Write(predictions);
  }

  void Report(app::Context & context, const ClassicalModel & fitted, const FeatureTable & table, std::size_t patients, std::size_t classCount) const
  {
    double right = 0;
    for (std::size_t i = 0; i < table.Rows(); ++i)
    {
      const auto p = fitted.Probabilities({ table.values.data() + i * table.columns, table.columns });
      right += std::max_element(p.begin(), p.end()) - p.begin() == table.classes[i];
    }
    const double accuracy = right / static_cast<double>(table.Rows());
    context.Say(Concat(classifier.kind, " on ", Counted(table.Rows(), "row"), " of ", table.columns, " features of ", Counted(patients, "patient"), ": accuracy on the training rows ", FormatFixed(accuracy, 3)));
    context.WriteNumbers(Concat("{\"schema\":\"serval-fit/1\",\"rows\":", table.Rows(), ",\"columns\":", table.columns, ",\"classes\":",
                                classCount, ",\"patients\":", patients, ",\"trainingAccuracy\":", FormatNumber(accuracy), "}"));
  }
};

} // namespace
} // namespace serval

int main(int argc, char ** argv) { return serval::app::Main<serval::FitClassifier>(argc, argv); }
