#include "serval/Study/Finish.h"

#include "PlanWork.h"
#include "ResultParts.h"
#include "serval/Core/AtomicFile.h"
#include "serval/Core/Random.h"
#include "serval/Evaluation/Calibration.h"
#include "serval/Evaluation/Selection.h"
#include "serval/Network/ModelFile.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>

namespace serval
{
namespace
{

namespace fs = std::filesystem;
using Strategy = StudyArm::Strategy;

constexpr double calibrationShare = 0.2;

fs::path DeclarationFile(const fs::path & folder) { return folder / "declared.json"; }

/// The arms that an arm stands on, and theirs: teachers, members of a teaching ensemble, those that give features.
std::set<std::string> NeededBy(const StudyFile & study, const StudyArm & arm)
{
  std::set<std::string> names;
  for (const auto * list : { &arm.teachers, &arm.of })
    for (const auto & name : *list)
    {
      names.insert(name);
      names.merge(NeededBy(study, study.Arm(name)));
    }
  return names;
}

/// The arm and those it stands on, for one training.
StudyFile OfOneArm(const StudyFile & study, const std::string & name)
{
  auto       one = study.On(study.targets.front().name);
  const auto arm = one.Arm(name);
  Require(arm.IsTrained() || arm.strategy == Strategy::OffTheShelf, Fault::Input, "the arm '", name, "' is no single model that new volumes could be given to",
          arm.strategy == Strategy::Ensemble ? "; distil it: an arm with teachers = [\"" + name + "\"]" : "; finish a trained or off-the-shelf arm");
  const auto needed = NeededBy(study, arm);
  std::erase_if(one.arms, [&](const StudyArm & other) { return other.name != name && !needed.contains(other.name); });
  one.targets = { study.targets.front() };
  one.trainPatients = { 0 };
  one.minimumPerClass = 1;
  one.pictures = 0;
  one.hasSimilarity = false;
  return one;
}

/// All patients that train in some fold; a fifth of them calibrate.
Resample FinalTraining(const StudyFile & study, const fs::path & folder, const fs::path & modules)
{
  PlanWork              work{ study, folder, modules };
  const auto            planned = PlanTarget(work, study.targets.front());
  std::set<std::string> pool;
  for (const auto & resample : planned.resamples)
    pool.insert(resample.training.begin(), resample.training.end());
  const auto order = TrainingOrder(planned.cases, { pool.begin(), pool.end() }, study.resampling.draw, DeriveSeed(study.seed, { "final" }));
  const auto parts = HoldOutPatients(planned.cases, order, calibrationShare, DeriveSeed(study.seed, { "calibration" }));
  return { 0, 0, parts.training, parts.validation };
}

/// The node whose weights give the class scores; nothing where the output is not a linear one.
std::string ScoringNode(const NetworkSpec & spec)
{
  const auto graph = BuildNetwork(spec);
  const auto output = graph.outputs.find("classes");
  if (output == graph.outputs.end())
    return {};
  const auto * node = &graph.nodes[static_cast<std::size_t>(output->second)];
  while (node->operation == Operation::GlobalAverage || node->operation == Operation::Flatten)
    node = &graph.nodes[static_cast<std::size_t>(node->inputs.front())];
  return node->operation == Operation::Linear || node->operation == Operation::Convolution ? node->name : std::string();
}

/// Divides the class scores by the temperature that fits the held-out patients; which it is.
double Calibrate(ModelFile & model, const fs::path & predictions)
{
  if (!model.classical.empty())
    return std::nan("");
  const auto node = ScoringNode(model.network);
  const auto read = Predictions::Read(predictions, Unit::Patch);
  const auto temperature = node.empty() ? std::nan("") : Calibrator::Fit(read, Calibrator::Kind::Temperature).Temperature();
  if (std::isfinite(temperature) && temperature > 0)
    for (const char * array : { ".weight", ".bias" })
      if (const auto found = model.arrays.find(node + array); found != model.arrays.end())
        for (float & value : found->second.values)
          value = static_cast<float>(value / temperature);
  return temperature;
}

/// The choice among all arms at the largest size, done again in bootstrap samples.
std::optional<SelectedModel> Chosen(const StudyFile & study, const StudyPlan & plan, const std::string & target)
{
  std::vector<Predictions> models;
  for (const auto & arm : study.arms)
  {
    int        missing = 0;
    const auto tables = RunTables(plan, target, arm.name, study.trainPatients.back(), missing);
    if (arm.IsControl() || missing > 0 || tables.empty())
      continue;
    std::vector<Predictions> runs;
    for (const auto & table : tables)
      runs.push_back(Predictions::From(table, arm.name, UnitFrom(study.unit)));
    models.push_back(models.empty() ? Join(runs) : InClassOrder(Join(runs), models.front().classNames));
  }
  if (models.size() < 2)
    return std::nullopt;
  return SelectBest(models, MetricFrom(study.metric), { 500, 0.95, study.seed, BootstrapPlan::Kind::Percentile, 2 });
}

nlohmann::json MeasuredJson(const ArmResult & result)
{
  return { { "trainPatients", result.trainPatients }, { "testPatients", result.testPatients }, { "runs", result.runs }, { "lineage", result.lineage }, { "scores", ScoresJson(result.scores) } };
}

std::string Lines(const nlohmann::json & card)
{
  std::string text = Concat("# ", card.at("name").get<std::string>(), "\n\nNot a medical device; not for clinical use.\n\n");
  for (const auto & [key, title] : { std::pair("question", "Question"), std::pair("arm", "How it learned"), std::pair("intendedUse", "Intended use"), std::pair("training", "Training"),
                                     std::pair("performance", "Measured"), std::pair("selection", "Choice"), std::pair("calibration", "Calibration"), std::pair("limits", "Limits") })
    if (card.contains(key) && card.at(key).is_string())
      text += Concat("## ", title, "\n", card.at(key).get<std::string>(), "\n\n");
  return text;
}

std::string PerformanceInWords(const ArmResult & result, std::size_t trainingPatients)
{
  std::string text = Concat("Of networks trained like this one on ", Counted(result.trainPatients, "patient"), ", tested on ", Counted(result.testPatients, "patient"), " in ", result.runs, " run(s), 95 % intervals:");
  for (const auto & [word, interval] : result.scores)
    text += Concat(" ", word, " ", ToText(interval), ";");
  text.back() = '.';
  return text + Concat(" The finished model itself learned from ", trainingPatients, " and was not tested.");
}

std::string CalibrationInWords(double temperature)
{
  const bool isFlat = temperature > 0.99 * greatestTemperature;
  return Concat("The class scores are divided by the temperature ", FormatFixed(temperature, 3), ", fitted on the held-out patients",
                isFlat ? "; it is the greatest that is tried: on them the scores told nothing, and all probabilities are nearly equal." : ".");
}

std::string SelectionInWords(bool isNamedBefore, const std::optional<SelectedModel> & chosen, const StudyFile & study)
{
  if (isNamedBefore)
    return "The arm was named in the study file before the first run.";
  const auto  rivals = std::count_if(study.arms.begin(), study.arms.end(), [](const StudyArm & arm) { return !arm.IsControl(); });
  std::string text = Concat("The arm was chosen among ", rivals, " arms on these very patients, so that the numbers above are too good.");
  if (chosen)
    text += Concat(" Choosing the best arm by ", ToText(MetricFrom(study.metric)), " is worth ", FormatFixed(chosen->corrected.value, 3), " [", FormatFixed(chosen->corrected.low, 3), ", ",
                   FormatFixed(chosen->corrected.high, 3), "] when the choice is repeated in bootstrap samples of the patients and measured on those left out.");
  return text;
}

} // namespace

void RecordDeclaration(const StudyFile & study, const fs::path & folder)
{
  if (!fs::exists(DeclarationFile(folder)))
    WriteTextFile(DeclarationFile(folder), nlohmann::json{ { "schema", "serval-declaration/1" }, { "finish", study.finish } }.dump() + "\n");
}

FinishPlan PlanFinish(const StudyFile & study, const std::string & arm, const fs::path & folder, const fs::path & modules)
{
  FinishPlan finish;
  finish.study = OfOneArm(study, arm);
  finish.folder = fs::absolute(folder / "finished" / arm).lexically_normal();
  const auto training = FinalTraining(study, folder, modules);
  PlanWork   work{ finish.study, finish.folder, modules };
  work.key = fs::absolute(folder / "site.key").lexically_normal();
  const auto target = PlanTarget(work, finish.study.targets.front(), { training });
  for (const auto & one : finish.study.arms)
    if (one.name == arm || one.strategy != Strategy::OffTheShelf) // members' features are cells of the arm that joins them
      PlanArm(work, target, one, 0, training);
  finish.model = work.plan.results.back().model;
  finish.calibration = work.plan.results.back().predictions;
  finish.trainingPatients = training.training.size();
  finish.calibrationPatients = training.test.size();
  finish.plan = std::move(work.plan);
  if (fs::exists(DeclarationFile(folder)))
    finish.isNamedBefore = nlohmann::json::parse(ReadTextFile(DeclarationFile(folder))).value("finish", "") == arm;
  return finish;
}

fs::path WriteFinished(const FinishPlan & finish, const StudyFile & study, const StudyPlan & plan, const StudyResults & results)
{
  const auto & arm = finish.study.arms.back();
  const auto & target = finish.study.targets.front();
  auto         model = ModelFile::Read(finish.model);
  const auto   temperature = Calibrate(model, finish.calibration);
  const auto   chosen = finish.isNamedBefore ? std::nullopt : Chosen(study, plan, target.name);
  const auto * result = results.Find(target.name, arm.name, study.trainPatients.back());
  nlohmann::json card{ { "schema", "serval-card/1" },
                       { "name", study.title + ": " + arm.name },
                       { "question", study.question },
                       { "arm", arm.text },
                       { "intendedUse", "Research on volumes like those of the study: " + Join(model.classNames, ", ") + " are told apart in patches taken as the model file's input contract says; volumes outside of it are refused." },
                       { "training", Concat(Counted(finish.trainingPatients, "patient"), "; ", finish.calibrationPatients, " more were held out for calibration.") },
                       { "calibration", std::isfinite(temperature) ? CalibrationInWords(temperature)
                                                                   : std::string("By the classical classifier itself, in cross-validation of the training patients.") },
                       { "selection", SelectionInWords(finish.isNamedBefore, chosen, study) },
                       { "performance", result ? PerformanceInWords(*result, finish.trainingPatients) : std::string("Not measured: the study's runs of this arm are not there.") },
                       { "limits", "Measured on one cohort; other scanners, sites and populations were not tested." + (results.warnings.empty() ? "" : " " + Join(results.warnings, " ")) } };
  if (result)
    card["measured"] = MeasuredJson(*result);
  if (chosen)
    card["corrected"] = IntervalJson(chosen->corrected);
  model.card = card.dump();
  const auto output = finish.folder / "model.safetensors";
  model.Write(output);
  WriteTextFile(finish.folder / "CARD.md", Lines(card));
  return output;
}

} // namespace serval
