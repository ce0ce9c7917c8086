#pragma once
// Predictions of patients of a cache by a model, by the command that trained it or by one of its own.

#include "LearningOptions.h"
#include "PredictionTable.h"
#include "serval/Network/LabelMark.h"

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

namespace serval
{

/// What the model's lineage says of the patients; Fault::Input when it knows them by expert label or class.
inline Lineage::Finding CheckedLineage(const LearningOptions & learning, const ModelFile & model, const std::vector<std::string> & patients)
{
  if (learning.key.empty() || model.lineage == "null")
    return {};
  const auto finding = Lineage::FromJson(model.lineage).Check(learning.Pseudonyms(patients));
  Require(finding.verdict != Lineage::Verdict::Leaking, Fault::Input, finding.known, " of ", finding.total,
          " patients are known to the model by expert label or class; a test on them would mean nothing. Name others with --patients");
  return finding;
}

/// A model from shuffled labels is marked in each row.
inline void MarkShuffled(const ModelFile & model, PredictionTable & table, app::Context & context)
{
  if (!LearnedShuffledLabels(model))
    return;
  table.baseline = "shuffled labels";
  context.Say("the model learned from shuffled labels: these predictions are a baseline, marked in the column baseline");
}

/// Predictions at the end of a training, which save a process that would load everything again; as `predict` writes them, to the last bits of float32.
struct AnswerOptions
{
  std::filesystem::path testPatients, predictions, validationPredictions;
  PredictionTable       table;

  void Declare(app::Parameters & p)
  {
    p.Group("Predictions");
    p.Add("testPatients", &testPatients, "Text file with patients, one a line, whom the trained model is applied to; none of them may train").In("file", ".txt").Optional();
    p.Add("predictions", &predictions, "Their predictions").Out("file", ".csv").Optional();
    p.Add("validationPredictions", &validationPredictions, "Predictions of the --validation patients").Out("file", ".csv").Optional();
    table.DeclareRowColumns(p);
  }

  /// Before the training: it may be long.
  void Check(const PatchCache & cache, const std::vector<std::string> & trained, const std::filesystem::path & validation) const
  {
    Require(testPatients.empty() == predictions.empty(), Fault::Usage, "--testPatients and --predictions belong together");
    Require(validationPredictions.empty() || !validation.empty(), Fault::Usage, "--validationPredictions needs --validation");
    if (testPatients.empty())
      return;
    const auto tested = ReadPatientList(testPatients, cache.Patients());
    const auto both = std::ranges::count_if(tested, [&](const auto & patient) { return std::ranges::find(trained, patient) != trained.end(); });
    Require(both == 0, Fault::Input, both, " of ", tested.size(), " patients in --testPatients are among those that train; name the training patients with --patients, without them");
  }

  /// The cache is opened anew: labels may have been shuffled in the one that trained.
  void Write(const LearningOptions & learning, const std::filesystem::path & model, const std::filesystem::path & validation, app::Context & context)
  {
    if (predictions.empty() && validationPredictions.empty())
      return;
    const PatchCache cache(learning.cache);
    const auto       read = ModelFile::Read(model);
    MarkShuffled(read, table, context);
    if (!predictions.empty())
    {
      const auto patients = ReadPatientList(testPatients, cache.Patients());
      Predict(cache, read, patients, CheckedLineage(learning, read, patients), predictions, learning.computing, context);
    }
    if (!validationPredictions.empty())
      Predict(cache, read, ReadPatientList(validation, cache.Patients()), {}, validationPredictions, learning.computing, context);
  }

private:
  void Predict(const PatchCache & cache, const ModelFile & model, const std::vector<std::string> & patients, const Lineage::Finding & finding, const std::filesystem::path & output,
               const Computing & computing, app::Context & context)
  {
    const auto patches = cache.PatchesOf(patients);
    NoProgress quiet;
    table.output = output;
    table.Write(cache, patches, model.classNames, LoadLearning().Predict(cache, patches, model, computing, quiet), ToText(finding.verdict));
    context.Say(Concat(Counted(patches.size(), "patch"), " of ", Counted(patients.size(), "patient"), " predicted; the model's knowledge of them: ", ToText(finding.verdict)));
  }
};

} // namespace serval
