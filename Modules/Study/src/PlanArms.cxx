#include "PlanWork.h"

#include "StudyDeclarations.h"
#include "serval/Core/Hash.h"
#include "serval/Network/ModelFile.h"
#include "serval/Network/NetworkSpec.h"

#include <algorithm>
#include <optional>

namespace serval
{
namespace
{

namespace fs = std::filesystem;
using Strategy = StudyArm::Strategy;

/// One arm in one training while it is planned.
struct ArmWork
{
  PlanWork &         work;
  const TargetWork & target;
  const StudyArm &   arm;
  int                size;
  const Resample &   resample;
  std::string        tag, list; ///< of the training; the same with the target's prefix
  Cell               cell;
  fs::path           own, model, predictions, curve;

  std::string Repeat() const { return std::to_string(resample.repeat); }
  std::string Fold() const { return std::to_string(resample.fold); }
  /// Columns of predictions.
  Words Columns() const { return { "--arm", arm.name, "--repeat", Repeat(), "--fold", Fold() }; }
  std::string CellOf(const std::string & name) const { return target.prefix + name + "-" + tag; }
  fs::path    FileOf(const std::string & name, const char * file) const { return work.At("cells/" + CellOf(name)) / file; }
  void        Need(const std::vector<std::string> & cells) { cell.needs.insert(cell.needs.end(), cells.begin(), cells.end()); }
};

Words PredictWords(const ArmWork & a, const fs::path & model, const std::string & list, const fs::path & output)
{
  return Joined({ { a.work.Module("ServalPredict"), "--cache", a.target.cache.string(), "--model", model.string(), "--patients", a.work.List(list).string(), "--key",
                    a.work.key.string(), "--output", output.string(), "--threads", "1" },
                  a.Columns() });
}

/// Members of ensembles that choose by validation patients are predicted on them, too.
bool IsChosenByValidation(const StudyFile & study, const std::string & arm)
{
  return std::any_of(study.arms.begin(), study.arms.end(), [&](const StudyArm & other) {
    return other.rule == "forward-selection" && std::find(other.of.begin(), other.of.end(), arm) != other.of.end();
  });
}

/// The files of predictions become outputs of the cell; returns that of the validation patients where an ensemble chooses by it.
std::optional<fs::path> ExpectPredictions(ArmWork & a)
{
  a.cell.outputs.push_back(a.predictions);
  if (!IsChosenByValidation(a.work.study, a.arm.name))
    return std::nullopt;
  return a.cell.outputs.emplace_back(a.own / "validation.csv");
}

void AddPredictions(ArmWork & a)
{
  a.cell.commands.push_back(PredictWords(a, a.model, a.target.TestList(a.resample), a.predictions));
  if (const auto validation = ExpectPredictions(a)) // the model knows them: they are training patients
    a.cell.commands.push_back(Without(PredictWords(a, a.model, "validation-" + a.list, *validation), { "--key" }));
}

/// The same by the command that trains, which has everything loaded.
void PredictWhereTrained(ArmWork & a, Words & words)
{
  words.insert(words.end(), { "--testPatients", a.work.List(a.target.TestList(a.resample)).string(), "--predictions", a.predictions.string() });
  if (const auto validation = ExpectPredictions(a))
    words.insert(words.end(), { "--validationPredictions", validation->string() });
  words.insert(words.end(), { "--rowArm", a.arm.name, "--rowRepeat", a.Repeat(), "--rowFold", a.Fold() });
}

/// Layers of a source's classifier start anew where the classes may be other ones of the same number.
Words HeadReset(const StudyFile & study, const StudyArm & arm)
{
  const auto & source = study.Source(arm.source);
  if (source.task != "classify" || std::find(arm.options.begin(), arm.options.end(), "--reset") != arm.options.end())
    return {};
  NetworkSpec spec;
  spec.name = study.Network(source.network.empty() ? arm.network : source.network).architecture;
  if (spec.name.empty() || spec.name == "unet")
    spec.name = "unet-classifier";
  if (spec.name.starts_with("unet"))
    spec.Attach("decoder1");
  spec.classes = 2;
  return { "--reset", spec.Layers().back() };
}

/// An ensemble teaches by its members, each as often as it was chosen.
void AddTeachers(ArmWork & a, Words & words)
{
  const auto & study = a.work.study;
  auto         members = a.arm.teachers;
  if (!members.empty() && study.Arm(members.front()).strategy == Strategy::Ensemble)
  {
    const auto & ensemble = study.Arm(members.front());
    members = ensemble.of;
    a.Need({ a.CellOf(ensemble.name) });
    if (ensemble.rule == "forward-selection")
      words.insert(words.end(), { "--teacherTimes", a.FileOf(ensemble.name, "chosen.csv").string() });
  }
  for (const auto & member : members)
  {
    words.insert(words.end(), { "--teachers", a.FileOf(member, "model.safetensors").string() });
    a.Need({ a.CellOf(member) });
  }
}

/// Where the model takes patches of new volumes from: within what the target's preset finds, where its own are taken there.
Words PlacesOfNewVolumes(const ArmWork & a)
{
  const auto patches = a.target.Patches(a.work.study), & segment = a.target.target.segment;
  const auto preset = std::find(segment.begin(), segment.end(), "--preset");
  if (preset == segment.end() || preset + 1 == segment.end() || std::find(patches.begin(), patches.end(), "pseudo_segmentation") == patches.end())
    return {};
  return { "--inferenceSampler", "pseudo-segmentation:" + *(preset + 1) };
}

void PlanTrained(ArmWork & a)
{
  const auto & study = a.work.study;
  Words        start = NetworkWords(study.Network(a.arm.network));
  if (a.arm.UsesSource())
  {
    const auto source = PlanSource(a.work, a.target, study.Source(a.arm.source), study.Network(a.arm.network), a.size, a.resample);
    a.Need({ source.cell });
    start = Joined({ { "--source", source.model.string() }, HeadReset(study, a.arm) });
  }
  a.curve = a.own / "curve.csv";
  Words words = Joined({ { a.work.Module("ServalTrainClassifier"), "--cache", a.target.cache.string(), "--output", a.model.string(), "--curve", a.curve.string(), "--steps",
                           std::to_string(a.arm.steps) },
                         start, PlacesOfNewVolumes(a), TrainingWords(a.work, a.list, a.tag) });
  words = Overridden(words, a.arm.options);
  AddTeachers(a, words);
  if (a.arm.shuffledLabels)
    words.emplace_back("--shuffledLabels");
  a.cell.outputs.push_back(a.model);
  PredictWhereTrained(a, words);
  a.cell.commands.push_back(words);
}

// --- off the shelf

/// All layers that arms of this source and network use with the same feature options, once.
std::string LayersTogether(const StudyFile & study, const StudyArm & arm)
{
  std::vector<std::string> layers;
  for (const auto & other : study.arms)
    if ((other.strategy == Strategy::OffTheShelf || other.strategy == Strategy::Cascade) && other.source == arm.source && other.of == arm.of && other.features == arm.features &&
        study.Network(other.network).name == study.Network(arm.network).name)
      for (const auto & layer : Split(study.LayersOf(other), ','))
        if (std::find(layers.begin(), layers.end(), layer) == layers.end())
          layers.push_back(layer);
  return Join(layers, ",");
}

/// The features of a training's patients; a source that serves the whole study is asked once, about everybody who trains.
fs::path PlanFeatures(ArmWork & a, const StudyArm & arm, const SourceModel & source)
{
  const auto & study = a.work.study;
  const bool   isShared = source.tag != a.tag;
  const auto   options = arm.features.empty() ? std::string() : "-" + Sha256(Join(arm.features, " ")).substr(0, 6);
  Cell         cell{ Concat(a.target.prefix, "features-", arm.IsOfArm() ? "of-" + arm.of.front() : arm.source, study.networks.size() > 1 ? "-" + study.Network(arm.network).name : "", options,
                            source.tag.empty() ? "" : "-" + source.tag) };
  const auto file = a.work.At("cells/" + cell.id) / "features.h5";
  const auto list = isShared ? a.target.prefix + "everyone-training" : "train-" + a.list;
  if (isShared)
    a.work.AddList(list, { a.target.used.begin(), a.target.used.end() });
  cell.needs = a.target.cacheNeeds;
  cell.needs.push_back(source.cell);
  cell.outputs = { file };
  cell.commands = { Joined({ { a.work.Module("ServalExtractFeatures"), "--cache", a.target.cache.string(), "--model", source.model.string(), "--layers", LayersTogether(study, arm), "--output",
                               file.string(), "--patients", a.work.List(list).string(), "--threads", "1" },
                             arm.features }) };
  a.Need({ cell.id });
  a.work.Add(std::move(cell));
  return file;
}

/// Layers as the feature file names them: with the pooling that the features' options ask for.
std::string LayerNames(const StudyFile & study, const StudyArm & arm)
{
  const auto pooling = std::find(arm.features.begin(), arm.features.end(), "--pooling");
  auto       layers = Split(study.LayersOf(arm), ',');
  for (auto & layer : layers)
    if (pooling != arm.features.end() && *(pooling + 1) != "mean" && layer.find(':') == layer.npos)
      layer += ":" + *(pooling + 1);
  return Join(layers, ",");
}

/// The network that gives an arm's features: a source's, or that of an arm which was trained on the same patients.
SourceModel FeatureModel(ArmWork & a, const StudyArm & arm)
{
  const auto & study = a.work.study;
  if (arm.IsOfArm())
    return { a.CellOf(arm.of.front()), a.FileOf(arm.of.front(), "model.safetensors"), a.tag };
  return PlanSource(a.work, a.target, study.Source(arm.source), study.Network(arm.network), a.size, a.resample);
}

/// Features, models and layers as fit-classifier takes them: of the arm, or of all whose features it joins.
Words FeatureWords(ArmWork & a)
{
  const auto & study = a.work.study;
  const auto   members = a.arm.JoinsFeatures() ? a.arm.of : std::vector<std::string>{ a.arm.name };
  Words        words, layers;
  for (std::size_t n = 0; n < members.size(); ++n)
  {
    const auto & member = a.arm.JoinsFeatures() ? study.Arm(members[n]) : a.arm;
    const auto   source = FeatureModel(a, member);
    words.insert(words.end(), { "--features", PlanFeatures(a, member, source).string(), "--model", source.model.string() });
    for (const auto & layer : Split(LayerNames(study, member), ','))
      layers.push_back(NetworkLayer{ n, layer }.ToText());
  }
  return Joined({ words, { "--layers", Join(layers, ",") } });
}

Words FitWords(const ArmWork & a, const Words & features, const fs::path & model)
{
  return Joined({ { a.work.Module("ServalFitClassifier"), "--output", model.string(), "--patients", a.work.List((a.work.study.validation > 0 ? "fit-" : "train-") + a.list).string(), "--key",
                    a.work.key.string(), "--seed", a.work.SeedOf(a.tag) },
                  features, a.arm.options });
}

void PlanOffTheShelf(ArmWork & a)
{
  auto words = FitWords(a, FeatureWords(a), a.model);
  if (a.arm.shuffledLabels)
    words.emplace_back("--shuffledLabels");
  a.cell.commands.push_back(words);
  a.cell.outputs.push_back(a.model);
  AddPredictions(a);
}

/// A detector of all classes but one, then a classifier of what it detects.
void PlanCascade(ArmWork & a)
{
  const auto   features = FeatureWords(a);
  const auto & names = a.target.classNames;
  Require(std::find(names.begin(), names.end(), a.arm.negative) != names.end() && names.size() >= 3, Fault::Input, "arm '", a.arm.name, "': a cascade needs three classes, one of them '", a.arm.negative,
          "'; target '", a.target.target.name, "' has ", names.empty() ? "none that the manifest tells" : Join(names, ", "));
  std::vector<std::string> positive;
  for (const auto & name : names)
    if (name != a.arm.negative)
      positive.push_back(name);
  const auto detector = a.own / "detector.safetensors", classifier = a.own / "classifier.safetensors";
  a.cell.commands.push_back(Joined({ FitWords(a, features, detector), { "--joinClasses", "positive=" + Join(positive, "+") } }));
  a.cell.commands.push_back(Joined({ FitWords(a, features, classifier), { "--onlyClasses", Join(positive, ",") } }));
  Words combine{ a.work.Module("ServalCombinePredictions"), "--rule", "cascade", "--output", a.predictions.string() };
  for (const auto & model : { detector, classifier })
  {
    const auto file = a.own / (model.stem().string() + ".csv");
    a.cell.commands.push_back(Joined({ PredictWords(a, model, a.target.TestList(a.resample), file), { "--otherClasses" } }));
    combine.insert(combine.end(), { "--predictions", file.string() });
  }
  a.cell.commands.push_back(Joined({ combine, a.Columns() }));
  a.cell.outputs = { detector, classifier, a.predictions };
  a.model.clear();
}

// --- without training

void PlanSegmentation(ArmWork & a)
{
  const auto & study = a.work.study;
  const auto   source = PlanSource(a.work, a.target, study.Source(a.arm.source), study.Network(a.arm.network), a.size, a.resample);
  a.Need({ source.cell });
  auto words = PredictWords(a, source.model, a.target.TestList(a.resample), a.predictions);
  words.emplace_back("--atCentre");
  a.cell.commands.push_back(Joined({ words, a.arm.options }));
  a.cell.outputs = { a.predictions };
  a.model.clear();
}

bool Teaches(const StudyFile & study, const std::string & arm)
{
  return std::any_of(study.arms.begin(), study.arms.end(), [&](const StudyArm & other) { return std::find(other.teachers.begin(), other.teachers.end(), arm) != other.teachers.end(); });
}

void PlanEnsemble(ArmWork & a)
{
  Words words{ a.work.Module("ServalCombinePredictions"), "--rule", a.arm.rule, "--output", a.predictions.string() };
  for (const auto & member : a.arm.of)
  {
    words.insert(words.end(), { "--predictions", a.FileOf(member, "predictions.csv").string() });
    a.Need({ a.CellOf(member) });
  }
  a.cell.outputs = { a.predictions };
  if (a.arm.rule == "forward-selection")
  {
    for (const auto & member : a.arm.of)
      words.insert(words.end(), { "--validation", a.FileOf(member, "validation.csv").string() });
    if (Teaches(a.work.study, a.arm.name))
    {
      a.cell.outputs.push_back(a.own / "chosen.csv");
      words.insert(words.end(), { "--chosen", a.cell.outputs.back().string() });
    }
  }
  a.cell.commands = { Joined({ words, a.Columns() }) };
  a.model.clear();
}

void PlanBaseline(ArmWork & a)
{
  a.cell.commands = { Joined({ { a.work.Module("ServalPredictBaseline"), "--cache", a.target.cache.string(), "--patients", a.work.List("train-" + a.list).string(), "--testPatients",
                                 a.work.List(a.target.TestList(a.resample)).string(), "--kind", a.arm.strategy == Strategy::Majority ? "majority" : a.arm.strategy == Strategy::Place ? "place" : "size-only", "--output", a.predictions.string(),
                                 "--seed", a.work.SeedOf(a.tag) },
                               a.Columns() }) };
  a.cell.outputs = { a.predictions };
  a.model.clear();
}

void PlanStrategy(ArmWork & a)
{
  switch (a.arm.strategy)
  {
    case Strategy::Scratch:
    case Strategy::FineTuning:
      return PlanTrained(a);
    case Strategy::OffTheShelf:
      return PlanOffTheShelf(a);
    case Strategy::Cascade:
      return PlanCascade(a);
    case Strategy::Segmentation:
      return PlanSegmentation(a);
    case Strategy::Ensemble:
      return PlanEnsemble(a);
    case Strategy::Majority:
    case Strategy::SizeOnly:
    case Strategy::Place:
      return PlanBaseline(a);
  }
}

} // namespace

void PlanArm(PlanWork & work, const TargetWork & target, const StudyArm & arm, int size, const Resample & resample)
{
  const auto tag = target.Tag(size, resample);
  ArmWork    a{ work, target, arm, size, resample, tag, target.prefix + tag, {}, {}, {}, {}, {} };
  a.cell.id = a.CellOf(arm.name);
  a.cell.needs = target.cacheNeeds;
  a.own = work.At("cells/" + a.cell.id);
  a.model = a.own / "model.safetensors";
  a.predictions = a.own / "predictions.csv";
  PlanStrategy(a);
  work.plan.results.push_back({ target.target.name, arm.name, size, resample.repeat, resample.fold, a.predictions, a.curve, a.model, a.cell.id });
  work.Add(std::move(a.cell));
}

} // namespace serval
