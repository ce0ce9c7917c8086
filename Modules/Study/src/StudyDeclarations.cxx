#include "StudyDeclarations.h"

#include "serval/Core/Text.h"
#include "serval/Evaluation/Metrics.h"

#include <algorithm>

namespace serval
{
namespace
{

using Strategy = StudyArm::Strategy;
namespace fs = std::filesystem;

const std::vector<std::pair<std::string, Strategy>> strategies{ { "scratch", Strategy::Scratch },       { "off-the-shelf", Strategy::OffTheShelf },
                                                                { "fine-tuning", Strategy::FineTuning }, { "segmentation", Strategy::Segmentation },
                                                                { "ensemble", Strategy::Ensemble },      { "cascade", Strategy::Cascade },
                                                                { "majority", Strategy::Majority },      { "size-only", Strategy::SizeOnly },
                                                                { "place", Strategy::Place } };

std::vector<std::string> StrategyWords()
{
  std::vector<std::string> words;
  for (const auto & [word, strategy] : strategies)
    words.push_back(word);
  return words;
}

nlohmann::json SweepSchema()
{
  return { { "type", "object" }, { "description", "Lists of values; one arm or source is made for each combination" }, { "additionalProperties", { { "type", "array" } } } };
}

/// Which layers learn, and how fast: keys that are options.
struct LayerWords
{
  std::string freeze, reset, rates;

  void Declare(StudyFields & fields)
  {
    fields.AddJoined("freeze", &freeze, "Layers held fixed: none, all, upto:LAYER, from:LAYER, only:LAYERS, keep-first:N")
      .AddJoined("reset", &reset, "Layers that start anew")
      .AddJoined("rates", &rates, "Factors of the learning rate by layer, GLOB:FACTOR");
  }
  void Into(Words & options) const
  {
    for (const auto & [key, value] : { std::pair("freeze", freeze), std::pair("reset", reset), std::pair("rates", rates) })
      if (!value.empty())
        SetOption(options, key, value);
  }
};

/// What an arm does otherwise on one target.
nlohmann::json DeclareChanges(ArmChanges & c, const std::string & target, const toml::table * table, const fs::path & file)
{
  StudyFields fields(table, "[[arm]] for." + target, file);
  LayerWords  layers;
  c.place = fields.Place();
  fields.Add("steps", &c.steps, "Optimiser steps").Range(1, 1e7);
  layers.Declare(fields);
  fields.AddOptions("options", &c.options, "In place of equal options")
    .AddJoined("layers", &c.layers, "Layers whose features are used off the shelf")
    .AddOptions("features", &c.features, "In place of equal options of features")
    .Add("negative", &c.negative, "Class of a cascade that is not detected");
  fields.Finish();
  layers.Into(c.options);
  return fields.Schema();
}

/// { textures = { steps = 300 } }: changes by target.
void ReadChanges(StudyArm & arm, const toml::node * node, const fs::path & file)
{
  if (node == nullptr)
    return;
  Require(node->is_table(), Fault::Input, PlaceOf(*node, file), ": 'for' must be a table by target, as for.TARGET = { steps = 300 }");
  for (const auto & [target, changes] : *node->as_table())
  {
    const std::string name(target.str());
    Require(changes.is_table(), Fault::Input, PlaceOf(changes, file), ": 'for.", name, "' must be a table, as { steps = 300 }");
    DeclareChanges(arm.changes[name], name, changes.as_table(), file);
  }
}

} // namespace

nlohmann::json DeclareTarget(StudyTarget & target, const toml::table * table, const fs::path & file)
{
  StudyFields fields(table, "[target]", file);
  fields.Add("name", &target.name, "Name in tables, needed where there are several")
    .Add("text", &target.text, "What is asked of it")
    .Add("manifest", &target.manifest, "Manifest (CSV) of the cases")
    .Add("testManifest", &target.testManifest, "Manifest of other cases, all of which are tested; all of the first train")
    .Add("imageSet", &target.imageSet, "A set of 2D images, as --imageSet of extract-patches takes it")
    .Add("cache", &target.cache, "A patch cache that exists already")
    .Add("classes", &target.classes, "Class of the manifest -> class of the target, as { adenoma = \"polyp\" }; cases of other classes are left out")
    .AddOptions("patches", &target.patches, "Options of extract-patches, in place of equal ones of [patches]")
    .AddOptions("segment", &target.segment, "Options of segment-by-threshold: each case gets a pseudo-segmentation, within which patches are taken by sampler = \"foreground\" and labelsFrom = \"pseudo_segmentation\"")
    .Add("pair", &target.pair, "Two time points, as [\"pre\", \"post\"] of the manifest's column time_point: their patches become one")
    .Add("pairedAs", &target.pairedAs, "Both in one patch twice as wide, or as channels")
    .Choices({ "side-by-side", "channels" });
  fields.Finish();
  const int given = !target.manifest.empty() + !target.imageSet.empty() + !target.cache.empty();
  Require(table == nullptr || given == 1, Fault::Input, fields.Place(), ": one of manifest, imageSet and cache is expected, ", given, " are given");
  Require(target.testManifest.empty() || !target.manifest.empty(), Fault::Input, fields.Place(), ": testManifest belongs to manifest");
  Require(target.segment.empty() || !target.manifest.empty(), Fault::Input, fields.Place(), ": segment belongs to a manifest, whose volumes are segmented");
  const auto & pair = target.pair;
  Require(pair.empty() || (pair.size() == 2 && pair[0] != pair[1]), Fault::Input, fields.Place(), ": pair names two different time points, as [\"pre\", \"post\"]");
  Require(std::none_of(pair.begin(), pair.end(), [](const std::string & time) { return Trim(time).empty() || time.find(',') != time.npos; }), Fault::Input, fields.Place(),
          ": a time point of pair is empty or holds a comma");
  Require(pair.empty() || !target.manifest.empty(), Fault::Input, fields.Place(), ": pair needs a manifest with a column time_point; pair a cache that exists by `serval cache pair`");
  if (table)
    RequirePlainName("target", target.name);
  return fields.Schema();
}

nlohmann::json DeclareNetwork(StudyNetwork & network, const toml::table * table, const fs::path & file)
{
  StudyFields fields(table, "[network]", file);
  fields.Add("name", &network.name, "Name for arms and sources")
    .Add("architecture", &network.architecture, "One of `serval inspect`; unet, with its classifier, when left out")
    .AddRest(&network.options, "Further keys are options of pretrain-network and train-classifier: filters, depth, normalisation, ...");
  if (table)
    RequirePlainName("network", network.name);
  return fields.Schema();
}

nlohmann::json DeclareSource(DeclaredSource & declared, const toml::table * table, const fs::path & file)
{
  StudyFields fields(table, "[[source]]", file);
  auto &      s = declared.source;
  s.place = fields.Place();
  fields.Add("name", &s.name, "Name for arms").Needed();
  s.text = s.text.empty() ? s.name : s.text;
  fields.Add("text", &s.text, "What it is, in words")
    .Add("labels", &s.labels, "The target's own training patients with dense labels")
    .Choices({ "", "expert", "threshold" })
    .Add("task", &s.task, "What is learned: segment and classify of labelled data; the others need no labels")
    .Choices({ "", "segment", "classify", "restore", "masked", "reconstruct", "boltzmann" })
    .Add("names", &s.names, "Names of the dense labels 0, 1, ...");
  fields.AddJoined("merge", &s.merge, "Labels joined, OLD:NEW,OLD:NEW")
    .AddOptions("segment", &s.segment, "Options of segment-by-threshold, for labels = \"threshold\"")
    .Add("manifest", &s.manifest, "Other data: their manifest")
    .Add("imageSet", &s.imageSet, "Other data: a set of 2D images")
    .Add("cache", &s.cache, "Other data: a patch cache that exists already")
    .AddOptions("patches", &s.patches, "Options of extract-patches, in place of equal ones of the target or of [patches]")
    .Add("steps", &s.steps, "Optimiser steps")
    .Range(1, 1e7)
    .AddOptions("options", &s.options, "More options of the training")
    .Add("from", &s.from, "Source whose network goes on learning here: double transfer")
    .Add("network", &s.network, "Name of the network that learns; the arm's when left out")
    .Add("union", &s.unionOf, "Sources whose data are joined to one set with the classes of all")
    .Add("classes", &s.classes, "So many classes of the data, those with the most patches; 0: all")
    .Range(0, 65535)
    .Add("perClass", &s.perClass, "So many patches of each class; 0: all")
    .Range(0, 1e8)
    .Add("perRepeat", &s.perRepeat, "Other data are learned anew in each repeat; else once for the whole study")
    .Add("transductive", &s.transductive, "Learns from the images of the largest training set and of the test patients, once a repeat; marked wherever its numbers stand")
    .Add("weights", &s.weights, "A name of `serval sources`, or a weight file (.pth, .pt, .th)")
    .AddOptions("import", &s.weightImport, "Options of import-weights");
  declared.sweep = ReadSweep(fields.AddNode("sweep", SweepSchema()), file);
  fields.Finish();
  return fields.Schema();
}

nlohmann::json DeclareArm(DeclaredArm & declared, const toml::table * table, const fs::path & file)
{
  StudyFields fields(table, "[[arm]]", file);
  auto &      a = declared.arm;
  a.place = fields.Place();
  std::string strategy = "scratch";
  LayerWords  layers;
  fields.Add("name", &a.name, "Name in tables").Needed();
  a.text = a.text.empty() ? a.name : a.text;
  fields.Add("text", &a.text, "What it is, in words").Add("strategy", &strategy, "How the classifier comes about").Choices(StrategyWords());
  if (table)
    fields.Needed();
  fields.Add("source", &a.source, "Name of a source")
    .Add("network", &a.network, "Name of a network; the first when left out")
    .Add("steps", &a.steps, "Optimiser steps")
    .Range(1, 1e7);
  layers.Declare(fields);
  fields.AddOptions("options", &a.options, "More options of train-classifier, or of fit-classifier for off-the-shelf")
    .AddJoined("layers", &a.layers, "Layers whose features are used off the shelf; the last before the head when left out")
    .AddOptions("features", &a.features, "More options of extract-features, as pooling")
    .Add("of", &a.of, "Arms of an ensemble; off the shelf, in place of a source: the trained arm whose network gives the features, or off-the-shelf arms whose features become one table")
    .Add("rule", &a.rule, "Of an ensemble")
    .Choices({ "mean", "vote", "product", "forward-selection" })
    .Add("teachers", &a.teachers, "Arms, or one ensemble by mean or forward-selection, whose mean answer is learned beside the labels: distillation")
    .Add("negative", &a.negative, "Class of a cascade that is not detected; the others are told apart in its second step")
    .Add("shuffledLabels", &a.shuffledLabels, "A control: the classes of the training patients are permuted");
  declared.sweep = ReadSweep(fields.AddNode("sweep", SweepSchema()), file);
  ArmChanges none;
  ReadChanges(a, fields.AddNode("for", { { "type", "object" }, { "description", "By target: what is otherwise there, as for.TARGET = { steps = 300 }" },
                                         { "additionalProperties", DeclareChanges(none, "TARGET", nullptr, file) } }), file);
  fields.Finish();
  for (const auto & [word, value] : strategies)
    if (word == strategy)
      a.strategy = value;
  layers.Into(a.options);
  return fields.Schema();
}

nlohmann::json DeclareDesign(StudyFile & study, bool & hasControls, std::vector<std::string> & controls, const toml::table * table, const fs::path & file)
{
  StudyFields fields(table, "[design]", file);
  auto &      r = study.resampling;
  std::string kind = ToText(r.kind), draw = "proportional";
  fields.Add("resampling", &kind, "How patients are divided")
    .Choices(ResamplingKinds())
    .Add("folds", &r.folds, "Of k-fold")
    .Range(2, 1000)
    .Add("sameFolds", &r.sameFolds, "The same folds in all repeats: the spread of seeds, folds and patients can then be told apart")
    .Add("repeats", &r.repeats, "Repeats with other training patients and seeds")
    .Range(1, 1000)
    .Add("testPatients", &r.testPatients, "Test patients of a hold-out; 0: testFraction")
    .Range(0, 1e6)
    .Add("testFraction", &r.testFraction, "Share of the patients for the test")
    .Range(0, 1)
    .Add("trainPatients", &study.trainPatients, "Sizes of the training sets, each within the next; 0: all")
    .Range(0, 1e6)
    .Add("draw", &draw, "Whether smaller training sets keep the classes' proportion, or hold equally many of each")
    .Choices({ "proportional", "balanced" })
    .Add("validation", &study.validation, "Share of the training patients that choose the best step; 0: none")
    .Range(0, 0.9)
    .Add("minimumPerClass", &study.minimumPerClass, "Fewest test patients of a class in a fold; fewer are refused")
    .Range(1, 1e6)
    .Add("computeMatched", &study.isComputeMatched, "Beside each pretrained arm stands one from scratch with as many steps as all its stages");
  hasControls = table && table->contains("controls");
  fields.Add("controls", &controls, "majority, size-only, place, shuffled-labels: arms that show what chance and side information give");
  fields.Finish();
  r.kind = ResamplingKindFrom(kind);
  r.draw = draw == "balanced" ? ResamplingPlan::Draw::Balanced : ResamplingPlan::Draw::Proportional;
  return fields.Schema();
}

nlohmann::json DeclareCompare(StudyFile & study, const toml::table * table, const fs::path & file)
{
  StudyFields fields(table, "[compare]", file);
  fields.Add("baselines", &study.baselines, "Arms that every other is compared with; those from scratch when left out")
    .Add("pairs", &study.pairs, "Further comparisons, each as \"ARM against ARM\"")
    .Add("allPairs", &study.allPairs, "Every arm is compared with every other")
    .Add("metric", &study.metric, "Of the comparisons")
    .Choices(MetricWords())
    .Add("metrics", &study.metrics, "Shown beside it, as auc, macro-f1")
    .Add("unit", &study.unit, "What one prediction stands for; auto: the patient where the class is the patient's")
    .Choices({ "auto", "patch", "case", "patient" })
    .Add("correction", &study.correction, "Of the p values for their number")
    .Choices({ "holm", "benjamini-hochberg", "none" })
    .Add("alpha", &study.alpha, "Level of the tests")
    .Range(1e-6, 0.5)
    .Add("rope", &study.rope, "Half width of what counts as equal")
    .Range(0, 1)
    .Add("similarity", &study.hasSimilarity, "Scores of the sources' networks on the target, beside what they gain")
    .AddJoined("similarityLayer", &study.similarityLayer, "Layer whose features are scored; the last before the head when left out")
    .Add("finish", &study.finish, "Arm that will be finished, named before the run");
  fields.Finish();
  return fields.Schema();
}

} // namespace serval
