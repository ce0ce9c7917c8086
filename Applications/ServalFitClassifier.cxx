#include "LearningOptions.h"
#include "serval/Cache/FeatureFile.h"
#include "serval/Classical/ClassicalModel.h"

#include <algorithm>
#include <set>

namespace serval
{
namespace
{

struct FitClassifier final : app::Application
{
  std::filesystem::path    features, model, output;
  LearningOptions          learning; // for patients and key
  std::vector<std::string> layers;
  std::string              classifier = "svm-linear";
  ClassicalSpec            spec;
  std::vector<double>      costs;
  bool                     notBalanced = false;

  app::Description Describe() const override
  {
    return { "ServalFitClassifier", "fit-classifier", "Fit a classical classifier", "Serval.Learning",
             "Fits an SVM or logistic regression on features and stores it with their network, so that it can be applied." };
  }
  void Declare(app::Parameters & p) override
  {
    p.Add("features", &features, "Features (HDF5) of extract-features").In("file", ".h5");
    p.Add("model", &model, "Model the features were extracted with").In("file", ".safetensors");
    p.Add("output", &output, "Model to write: the network with the classifier").Out("file", ".safetensors");
    p.Add("patients", &learning.patients, "Text file with the patients that take part, one a line; all when left out").In("file", ".txt").Optional();
    p.Group("Classifier");
    p.Add("layers", &layers, "Layers whose features are joined in this order; all of the file, in the network's order, when left out");
    p.Add("classifier", &classifier, "Kind of classifier, on standardised features")
      .Choices({ "svm-linear", "svm-rbf", "logistic-regression" });
    p.Add("cost", &spec.cost, "Weight of the loss against the penalty").Range(1e-9, 1e9);
    p.Add("costs", &costs, "Choose the cost among these by cross-validation of the patients, in place of --cost").Range(1e-9, 1e9);
    p.Add("gamma", &spec.gamma, "Width of the RBF kernel exp(-gamma d^2); 0: 1 / number of features").Range(0, 1e9);
    p.Add("notBalanced", &notBalanced, "Rows weigh the same; otherwise classes do");
    p.AddSeed(&spec.seed);
    p.Add("key", &learning.key, "Site key file for the model's lineage; created (mode 0600) when it does not exist").Out("file", ".key").Optional();
  }
  void Run(app::Context & context) override
  {
    const auto read = FeatureFile::Read(features);
    auto       written = ModelFile::Read(model);
    const auto hash = Sha256OfFile(model);
    Require(hash == read.modelHash, Fault::Input, "the features in '", features.string(), "' come from the model ", read.modelHash,
            ", but '", model.string(), "' is ", hash, "; extract them again with this model");
    const auto joined = ChooseLayers(read, written.network);
    const auto table = TableOf(read, joined);
    spec.kind = ClassicalSpec::KindFrom(classifier);
    spec.balanced = !notBalanced;
    if (!costs.empty())
      context.Say("cost " + FormatNumber(spec.cost = ChooseCost(table, static_cast<int>(read.classNames.size()), spec, costs)));
    const auto fitted = ClassicalModel::Fit(table, static_cast<int>(read.classNames.size()), spec);

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

  /// The layers asked for, or all of the file in the order in which the network computes them.
  std::vector<std::string> ChooseLayers(const FeatureFile & read, const NetworkSpec & network) const
  {
    std::vector<std::string> chosen;
    for (const auto & layer : layers.empty() ? network.Layers() : layers)
      if (!layers.empty() || read.layers.contains(layer))
        chosen.push_back(layer);
    std::string known;
    for (const auto & [name, layer] : read.layers)
      known += " " + name;
    for (const auto & layer : chosen)
    {
      Require(read.layers.contains(layer), Fault::Input, "'", features.string(), "' has no features of the layer '", layer,
              "'; it has:", known);
      Require(std::count(chosen.begin(), chosen.end(), layer) == 1, Fault::Usage, "--layers names '", layer, "' more than once");
    }
    Require(!chosen.empty(), Fault::Input, "'", features.string(), "' has no features of a layer of this network; it has:", known);
    return chosen;
  }

  /// The labelled rows of the patients that take part.
  FeatureTable TableOf(const FeatureFile & read, const std::vector<std::string> & joined) const
  {
    const std::set<std::string> everyone(read.patients.begin(), read.patients.end());
    std::set<std::string>       allowed = everyone;
    if (!learning.patients.empty())
    {
      const auto listed = ReadPatientList(learning.patients, { everyone.begin(), everyone.end() });
      allowed = { listed.begin(), listed.end() };
    }
    FeatureTable table;
    for (const auto & layer : joined)
      table.columns += read.layers.at(layer).width;
    for (std::size_t row = 0; row < read.Rows(); ++row)
    {
      if (!allowed.contains(read.patients[row]) || read.classes[row] < 0)
        continue;
      for (const auto & name : joined)
      {
        const auto & layer = read.layers.at(name);
        const auto   first = layer.values.begin() + static_cast<std::ptrdiff_t>(row * layer.width);
        table.values.insert(table.values.end(), first, first + static_cast<std::ptrdiff_t>(layer.width));
      }
      table.classes.push_back(read.classes[row]);
      table.groups.push_back(read.patients[row]);
    }
    return table;
  }

  void Report(app::Context & context, const ClassicalModel & fitted, const FeatureTable & table, std::size_t patients, std::size_t classes) const
  {
    double right = 0;
    for (std::size_t i = 0; i < table.Rows(); ++i)
    {
      const auto p = fitted.Probabilities({ table.values.data() + i * table.columns, table.columns });
      right += std::max_element(p.begin(), p.end()) - p.begin() == table.classes[i];
    }
    const double accuracy = right / static_cast<double>(table.Rows());
    context.Say(Concat(classifier, " on ", table.Rows(), " rows of ", table.columns, " features of ", patients,
                       " patients: accuracy on the training rows ", FormatFixed(accuracy, 3)));
    context.WriteNumbers(Concat("{\"schema\":\"serval-fit/1\",\"rows\":", table.Rows(), ",\"columns\":", table.columns, ",\"classes\":",
                                classes, ",\"patients\":", patients, ",\"trainingAccuracy\":", FormatNumber(accuracy), "}"));
  }
};

} // namespace
} // namespace serval

int main(int argc, char ** argv) { return serval::app::Main<serval::FitClassifier>(argc, argv); }
