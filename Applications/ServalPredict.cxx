#include "LearningOptions.h"
#include "serval/Core/Table.h"
#include "serval/Inference/Probabilities.h"

#include <nlohmann/json.hpp>

namespace serval
{
namespace
{

struct Predict final : app::Application
{
  LearningOptions       learning;
  std::filesystem::path model, output;
  std::string           arm, fold, repeat;

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
    p.Add("output", &output, "Predictions to write").Out("file", ".csv");
    p.Group("Columns");
    p.Add("arm", &arm, "Name of the study's arm, written to each row");
    p.Add("fold", &fold, "Fold, written to each row");
    p.Add("repeat", &repeat, "Repeat, written to each row");
    learning.DeclareComputing(p);
  }
  void Run(app::Context & context) override
  {
    const PatchCache cache(learning.cache);
    const auto &     d = cache.Description();
    const auto       read = ModelFile::Read(model);
    read.RequireInput(d.patch, d.channels, learning.cache.string());
    Require(!read.classNames.empty(), Fault::Input, "'", model.string(), "' segments and has no classes; train a classifier from it");
    Require(d.classNames.empty() || d.classNames == read.classNames, Fault::Input, "the model knows the classes ", Join(read.classNames, ", "),
            ", but '", learning.cache.string(), "' has ", Join(d.classNames, ", "));
    const auto patients = learning.Patients(cache, context);
    const auto finding = CheckLineage(read, patients);
    const auto patches = cache.PatchesOf(patients);
    const auto probabilities = ClassProbabilities(cache, patches, read, learning.computing, context.progress);
    Write(cache, patches, read.classNames, probabilities, ToText(finding.verdict));
    context.Say(Concat(patches.size(), " patches of ", patients.size(), " patients; the model's knowledge of them: ", ToText(finding.verdict)));
    context.WriteNumbers(nlohmann::json{ { "schema", "serval-prediction/1" }, { "patches", patches.size() }, { "patients", patients.size() },
                                         { "lineage", ToText(finding.verdict) }, { "knownPatients", finding.known } }.dump());
  }

private:
  Lineage::Finding CheckLineage(const ModelFile & read, const std::vector<std::string> & patients) const
  {
    if (learning.key.empty() || read.lineage == "null")
      return {};
    const auto finding = Lineage::FromJson(read.lineage).Check(learning.Pseudonyms(patients));
    Require(finding.verdict != Lineage::Verdict::Leaking, Fault::Input, finding.known, " of ", finding.total,
            " patients are known to the model by expert label or class; a test on them would mean nothing. Name others with --patients");
    return finding;
  }

  void Write(const PatchCache & cache, const std::vector<std::size_t> & patches, const std::vector<std::string> & classNames,
             const std::vector<float> & probabilities, const std::string & lineage) const
  {
    std::vector<std::string> columns{ "patient", "case", "unit", "unit_id", "truth" };
    for (const auto & name : classNames)
      columns.push_back("p_" + name);
    columns.insert(columns.end(), { "lineage" });
    const std::vector<std::pair<std::string, std::string>> given{ { "arm", arm }, { "fold", fold }, { "repeat", repeat } };
    for (const auto & [name, value] : given)
      if (!value.empty())
        columns.push_back(name);
    Table table(columns);
    for (std::size_t n = 0; n < patches.size(); ++n)
    {
      const auto &             record = cache.Patches()[patches[n]];
      const auto &             from = cache.Cases()[record.caseIndex];
      std::vector<std::string> row{ from.patient, from.caseId, "patch", std::to_string(patches[n]),
                                    record.classIndex < 0 ? "" : classNames[static_cast<std::size_t>(record.classIndex)] };
      for (std::size_t c = 0; c < classNames.size(); ++c)
        row.push_back(FormatNumber(probabilities[n * classNames.size() + c]));
      row.push_back(lineage);
      for (const auto & [name, value] : given)
        if (!value.empty())
          row.push_back(value);
      table.AddRow(row);
    }
    table.Write(output);
  }
};

} // namespace
} // namespace serval

int main(int argc, char ** argv) { return serval::app::Main<serval::Predict>(argc, argv); }
