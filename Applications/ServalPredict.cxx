#include "AnswerOptions.h"
#include "CentreOptions.h"
#include "serval/Inference/Probabilities.h"

#include <nlohmann/json.hpp>

namespace serval
{
namespace
{

struct Predict final : app::Application
{
  LearningOptions       learning;
  PredictionTable       table;
  std::filesystem::path model;
  bool                  otherClasses = false;
  CentreOptions         centre;

  app::Description Describe() const override
  {
    return { "ServalPredict", "predict", "Predict", "Serval.Learning",
             "Applies a model to the patches of a cache and writes one row of class probabilities a patch. Refuses patients "
             "whom the model knows by expert label or class, when both come with the site key." };
  }
  void Declare(app::Parameters & p) override
  {
    learning.DeclareInput(p);
    p.Add("model", &model, "Model").In("file", ".safetensors");
    table.DeclareOutput(p);
    p.Add("otherClasses", &otherClasses, "The cache's classes may differ from the model's, which learned some or joined ones; the truth is then the cache's class");
    centre.Declare(p);
    table.DeclareColumns(p);
    learning.DeclareComputing(p);
  }
  void Run(app::Context & context) override
  {
    const PatchCache cache(learning.cache);
    const auto &     d = cache.Description();
    const auto       read = ModelFile::Read(model);
    const auto classNames = ClassNames(read, d);
    const auto patients = learning.Patients(cache, context);
    const auto finding = CheckedLineage(learning, read, patients);
    const auto patches = cache.PatchesOf(patients);
    const auto probabilities = centre.atCentre ? centre.Probabilities(cache, patches, read, learning.computing, context.progress)
                                               : ClassProbabilities(cache, patches, read, learning.computing, context.progress);
    MarkShuffled(read, table, context);
    table.Write(cache, patches, classNames, probabilities, ToText(finding.verdict));
    context.Say(Concat(Counted(patches.size(), "patch"), " of ", Counted(patients.size(), "patient"), "; the model's knowledge of them: ", ToText(finding.verdict)));
    context.WriteNumbers(nlohmann::json{ { "schema", "serval-prediction/1" }, { "patches", patches.size() }, { "patients", patients.size() },
                                         { "lineage", ToText(finding.verdict) }, { "knownPatients", finding.known } }.dump());
  }

private:
  // The columns: the model's classes, or the cache's that its labels stand for.
  std::vector<std::string> ClassNames(const ModelFile & read, const CacheDescription & d) const
  {
    Require(centre.atCentre || centre.labelClasses.empty(), Fault::Usage, "--labelClasses needs --atCentre");
    Require(!centre.atCentre || !otherClasses, Fault::Usage, "--atCentre gives the cache's classes; leave --otherClasses out");
    const auto name = learning.cache.string();
    if (centre.atCentre)
    {
      read.RequireChannels(d.patch, d.channels, name);
      centre.RequireMatch(read, d);
      return d.classNames;
    }
    read.RequireInput(d.patch, d.channels, name);
    Require(!read.classNames.empty(), Fault::Input, "'", model.string(), "' segments and has no classes; train a classifier from it, or predict --atCentre");
    Require(otherClasses || d.classNames.empty() || d.classNames == read.classNames, Fault::Input, "the model knows the classes ", Join(read.classNames, ", "),
            ", but '", name, "' has ", Join(d.classNames, ", "), "; --otherClasses lets them differ");
    return read.classNames;
  }
};

} // namespace
} // namespace serval

int main(int argc, char ** argv) { return serval::app::Main<serval::Predict>(argc, argv); }
