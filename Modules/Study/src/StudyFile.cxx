#include "serval/Study/StudyFile.h"

#include "StudyDeclarations.h"
#include "serval/Core/Text.h"
#include "serval/Network/NetworkSpec.h"

#include <set>

namespace serval
{
namespace
{

namespace fs = std::filesystem;

template <typename T>
const T & Named(const std::vector<T> & all, const std::string & name, const char * kind, const StudyFile & study)
{
  std::vector<std::string> known;
  for (const auto & one : all)
  {
    if (one.name == name)
      return one;
    known.push_back(one.name);
  }
  const auto near = NearestWord(name, known);
  Fail(Fault::Input, "'", study.file.string(), "': there is no ", kind, " '", name, "'", near.empty() ? "" : "; did you mean '" + near + "'?",
       known.empty() ? "" : "; there are " + Join(known, ", "));
}

/// The tables of [key] or [[key]].
std::vector<const toml::table *> TablesOf(const toml::table & root, const char * key, const fs::path & file, bool isList)
{
  std::vector<const toml::table *> tables;
  const auto *                     node = root.get(key);
  if (node == nullptr)
    return tables;
  if (const auto * table = node->as_table(); table && !isList)
    tables.push_back(table);
  const auto * array = node->as_array();
  Require(array != nullptr || !tables.empty(), Fault::Input, PlaceOf(*node, file), ": '", key, "' must be written as ", isList ? "" : Concat('[', key, "] or "), "[[", key, "]]");
  if (array)
    for (const auto & one : *array)
    {
      Require(one.is_table(), Fault::Input, PlaceOf(one, file), ": '", key, "' must be written as [[", key, "]]");
      tables.push_back(one.as_table());
    }
  return tables;
}

const toml::table * TableOf(const toml::table & root, const char * key, const fs::path & file)
{
  const auto tables = TablesOf(root, key, file, false);
  Require(tables.size() <= 1, Fault::Input, "'", file.string(), "': only one [", key, "] is expected");
  return tables.empty() ? nullptr : tables.front();
}

/// One source for each combination of the sweep's values.
void AddSources(StudyFile & study, const DeclaredSource & declared, std::map<std::string, std::vector<std::string>> & variants)
{
  std::vector<StudySource> made{ declared.source };
  made.front().family = declared.source.name;
  for (const auto & [key, values] : declared.sweep.keys)
  {
    std::vector<StudySource> larger;
    for (const auto & one : made)
      for (const auto & value : values)
      {
        auto next = one;
        next.name += "-" + PlainName(value);
        next.text += Concat(", ", key, " ", value);
        next.axes["source." + key] = value;
        const auto number = static_cast<int>(ParseInteger(value).value_or(-1));
        if (key == "perClass" || key == "classes" || key == "steps")
        {
          Require(number > 0, Fault::Input, "source '", declared.source.name, "': sweep.", key, " holds '", value, "'; whole numbers above 0 are expected");
          (key == "perClass" ? next.perClass : key == "classes" ? next.classes : next.steps) = number;
        }
        else
          SetOption(next.options, key, value);
        larger.push_back(next);
      }
    made = larger;
  }
  for (auto & source : made)
  {
    variants[declared.source.name].push_back(source.name);
    study.sources.push_back(std::move(source));
  }
}

/// A target cannot fix what a sweep varies.
void RequireNotSwept(const StudyArm & arm, const std::string & key)
{
  for (const auto & [target, changes] : arm.changes)
  {
    const auto has = [&](const Words & words) { return std::find(words.begin(), words.end(), "--" + key) != words.end(); };
    Require(!(key == "steps" && changes.steps > 0) && !(key == "layers" && !changes.layers.empty()) && !has(changes.features) && !has(changes.options), Fault::Input, changes.place, ": arm '", arm.name,
            "' sweeps '", key, "', which has one value for target '", target, "'; leave it out here, or make an arm of it");
  }
}

void SetAxis(StudyArm & arm, const std::string & key, const std::string & value)
{
  if (key == "source")
    arm.source = value;
  else if (key == "network")
    arm.network = value;
  else if (key == "layers")
    arm.layers = value;
  else if (key == "pooling")
    SetOption(arm.features, key, value);
  else if (key == "steps")
    arm.steps = static_cast<int>(ParseInteger(value).value_or(0));
  else
    SetOption(arm.options, key, value);
  Require(arm.steps > 0, Fault::Input, "arm '", arm.name, "': sweep.steps holds '", value, "'; whole numbers above 0 are expected");
  arm.axes[key] = value;
}

/// One arm for each combination of the sweep's values and of its source's variants.
void AddArms(StudyFile & study, const DeclaredArm & declared, const std::map<std::string, std::vector<std::string>> & variants)
{
  std::vector<StudyArm> made{ declared.arm };
  made.front().family = declared.arm.name;
  for (const auto & [key, values] : declared.sweep.keys)
  {
    RequireNotSwept(declared.arm, key);
    std::vector<StudyArm> larger;
    for (const auto & one : made)
      for (const auto & value : values)
      {
        auto next = one;
        SetAxis(next, key, value);
        next.name += "-" + PlainName(value);
        next.text += Concat(", ", key, " ", value);
        larger.push_back(next);
      }
    made = larger;
  }
  for (auto & arm : made)
  {
    const auto of = variants.find(arm.source);
    if (of == variants.end() || (of->second.size() == 1 && of->second.front() == arm.source))
    {
      study.arms.push_back(arm);
      continue;
    }
    for (const auto & source : of->second)
    {
      auto next = arm;
      next.source = source;
      next.name += source.substr(arm.source.size());
      for (const auto & [key, value] : study.Source(source).axes)
        next.axes[key] = value;
      next.text += ", " + study.Source(source).text;
      study.arms.push_back(next);
    }
  }
}

std::string NearestArm(const StudyFile & study, const std::string & name)
{
  std::vector<std::string> known;
  for (const auto & arm : study.arms)
    known.insert(known.end(), { arm.name, arm.family });
  const auto near = NearestWord(name, known);
  return near.empty() ? std::string() : "; did you mean '" + near + "'?";
}

/// Members that name a family stand for all its arms.
void SpellOutMembers(StudyFile & study)
{
  for (auto & arm : study.arms)
    for (auto * members : { &arm.of, &arm.teachers })
    {
      std::vector<std::string> all;
      for (const auto & member : *members)
      {
        const auto before = all.size();
        for (const auto & other : study.arms)
          if (other.name == member || (other.family == member && other.name != arm.name))
            all.push_back(other.name);
        Require(all.size() > before, Fault::Input, arm.place, arm.place.empty() ? "" : ": ", "arm '", arm.name, "': there is no arm '", member, "'", NearestArm(study, member));
      }
      *members = all;
    }
}

struct SmokeSettings
{
  std::vector<int> trainPatients;
  int              repeats = 1, folds = 2, steps = 4, testPatients = 0, pictures = 100;
  double           testFraction = 1;
  Words            patches, network, training;
};

nlohmann::json DeclareSmoke(SmokeSettings & smoke, const toml::table * table, const fs::path & file)
{
  StudyFields fields(table, "[smoke]", file);
  fields.Add("trainPatients", &smoke.trainPatients, "Sizes of the training sets")
    .Add("repeats", &smoke.repeats, "Repeats")
    .Add("folds", &smoke.folds, "Folds that are run, of each repeat")
    .Add("steps", &smoke.steps, "Steps of every stage")
    .Add("testPatients", &smoke.testPatients, "Test patients of a hold-out; 0: the study's")
    .Add("testFraction", &smoke.testFraction, "At most this share of the patients is tested, where the study names a share")
    .Add("pictures", &smoke.pictures, "Pictures of the report, as at the top of the file")
    .AddOptions("patches", &smoke.patches, "In place of equal options of patches")
    .AddOptions("network", &smoke.network, "In place of equal options of the networks")
    .AddOptions("training", &smoke.training, "In place of equal options of training");
  fields.Finish();
  return fields.Schema();
}

struct Declared
{
  StudyFile                study;
  std::vector<std::string> controls;
  bool                     hasControls = false, hasTitle = false;
  nlohmann::json           schema;
};

/// All tables but sources and arms.
Declared DeclareTop(const toml::table * root, const fs::path & file)
{
  Declared    d;
  auto &      s = d.study;
  StudyFields top(root, "the study", file);
  std::string schema = "serval-study/1";
  s.file = file;
  s.weightFolder = fs::absolute(file).parent_path() / "weights";
  top.Add("schema", &schema, "Version of the form").Choices({ "serval-study/1" });
  top.Add("title", &s.title, "Of the report").Add("question", &s.question, "In one sentence").Add("note", &s.note, "What a reader must know first");
  top.AddSeed("seed", &s.seed).Add("pictures", &s.pictures, "Cases of each source shown in the report; three times as many errors of each arm, twice as many patches arm by arm; 0: no gallery and no saliency").Range(0, 100);
  top.Add("weightFolder", &s.weightFolder, "Where the files of named weights are looked for; `weights` when left out");
  top.AddOptions("patches", &s.patches, "Options of extract-patches").AddOptions("training", &s.training, "Options of both training applications");
  const auto table = [&](const char * key) { return root ? TableOf(*root, key, file) : nullptr; };
  top.AddNode("design", DeclareDesign(s, d.hasControls, d.controls, table("design"), file));
  top.AddNode("compare", DeclareCompare(s, table("compare"), file));
  SmokeSettings  smoke;
  StudyTarget    target;
  StudyNetwork   network;
  DeclaredSource source;
  DeclaredArm    arm;
  const auto     list = [](nlohmann::json one) { return nlohmann::json{ { "type", "array" }, { "items", std::move(one) } }; };
  const auto     either = [&](nlohmann::json one) { return nlohmann::json{ { "oneOf", { one, list(one) } } }; };
  top.AddNode("smoke", DeclareSmoke(smoke, nullptr, file));
  top.AddNode("target", either(DeclareTarget(target, nullptr, file)));
  top.AddNode("network", either(DeclareNetwork(network, nullptr, file)));
  top.AddNode("source", list(DeclareSource(source, nullptr, file)));
  top.AddNode("arm", list(DeclareArm(arm, nullptr, file)));
  top.Finish();
  d.schema = top.Schema();
  return d;
}

/// Three sizes up to what the smallest training set of the design can give.
std::vector<int> DefaultSizes(const StudyFile & study)
{
  if (study.targets.front().manifest.empty())
    return { 0 };
  const auto resamples = PlanResampling(Manifest::Read(study.targets.front().manifest).Cases(), study.resampling);
  std::vector<int> sizes;
  for (const auto size : OfferedSizes(resamples.front().training.size(), 2))
    sizes.push_back(static_cast<int>(size));
  return sizes;
}

} // namespace

const StudySource & StudyFile::Source(const std::string & name) const { return Named(sources, name, "[[source]]", *this); }
const StudyArm & StudyFile::Arm(const std::string & name) const { return Named(arms, name, "arm", *this); }
const StudyNetwork & StudyFile::Network(const std::string & name) const
{
  return name.empty() ? networks.front() : Named(networks, name, "[[network]]", *this);
}

std::string StudyFile::TargetInWords(const std::string & name) const { return targets.size() == 1 && name == StudyTarget().name ? "Target" : "Target " + name; }

const StudyNetwork & StudyFile::NetworkOf(const StudyArm & arm) const { return Network(arm.JoinsFeatures() ? Arm(arm.of.front()).network : arm.network); }

StudyFile StudyFile::On(const std::string & target) const
{
  auto own = *this;
  for (auto & arm : own.arms)
    arm = arm.On(target);
  return own;
}

std::vector<std::string> StudyFile::SourcesOf(const StudyArm & arm) const
{
  std::vector<std::string> names;
  if (arm.UsesSource())
    names.push_back(arm.source);
  if (arm.JoinsFeatures())
    for (const auto & member : arm.of)
      for (const auto & name : SourcesOf(Arm(member)))
        if (std::find(names.begin(), names.end(), name) == names.end())
          names.push_back(name);
  return names;
}

int StudyFile::StepsOf(const StudyArm & arm) const
{
  std::set<std::string> stages; // a source that two others go on from learns once
  bool                  isPretrained = false;
  for (const auto & source : SourcesOf(arm))
  {
    isPretrained = isPretrained || !Source(source).IsWeights();
    for (std::string at = source; !at.empty() && !Source(at).IsWeights(); at = Source(at).from)
      stages.insert(at);
  }
  int steps = isPretrained && arm.IsTrained() ? arm.steps : 0;
  for (const auto & stage : stages)
    steps += Source(stage).steps;
  return steps;
}

std::string StudyFile::LayersOf(const StudyArm & arm) const
{
  if (!arm.layers.empty())
    return arm.layers;
  NetworkSpec spec;
  spec.name = Network(arm.network).architecture;
  if (spec.name.empty() || spec.name.starts_with("unet"))
    return "bottleneck";
  spec.classes = 2;
  const auto layers = spec.Layers();
  return layers.size() < 2 ? layers.back() : layers[layers.size() - 2];
}

std::set<std::size_t> OfferedSizes(std::size_t most, std::size_t least) { return { std::max(least, most / 8), std::max(least, most / 3), most }; }

StudyFile StudyFile::Read(const fs::path & file)
{
  const auto root = ParseToml(file);
  auto       declared = DeclareTop(&root, file);
  auto       study = std::move(declared.study);
  for (const auto * table : TablesOf(root, "target", file, false))
    DeclareTarget(study.targets.emplace_back(), table, file);
  Require(!study.targets.empty(), Fault::Input, "'", file.string(), "': [target] with manifest = \"...\" is missing");
  for (const auto * table : TablesOf(root, "network", file, false))
    DeclareNetwork(study.networks.emplace_back(), table, file);
  if (study.networks.empty())
    study.networks.emplace_back();
  std::map<std::string, std::vector<std::string>> variants;
  std::vector<DeclaredSource>                     sources;
  for (const auto * table : TablesOf(root, "source", file, true))
    DeclareSource(sources.emplace_back(), table, file);
  for (const auto & one : sources)
    AddSources(study, one, variants);
  for (const auto * table : TablesOf(root, "arm", file, true))
  {
    DeclaredArm arm;
    DeclareArm(arm, table, file);
    AddArms(study, arm, variants);
  }
  if (study.title.empty())
    study.title = file.stem().string();
  AddDefaultArms(study);
  SpellOutMembers(study);
  CheckDeclared(study);
  AddMatchedArms(study);
  AddControls(study, declared.hasControls ? declared.controls : std::vector<std::string>{ "size-only" });
  if (const auto * design = TableOf(root, "design", file); design == nullptr || !design->contains("repeats"))
    study.resampling.repeats = study.resampling.kind == ResamplingPlan::Kind::KFold ? 1 : 5;
  study.resampling.seed = study.seed;
  CheckStudy(study);
  if (study.trainPatients.empty())
    study.trainPatients = DefaultSizes(study);
  return study;
}

std::string StudySchema()
{
  auto schema = DeclareTop(nullptr, "study.toml").schema;
  schema["$schema"] = "http://json-schema.org/draft-07/schema#";
  schema["title"] = "Serval study file, serval-study/1";
  return schema.dump(2) + "\n";
}

StudyFile SmokeScaled(StudyFile study)
{
  SmokeSettings smoke;
  const auto    root = ParseToml(study.file);
  DeclareSmoke(smoke, TableOf(root, "smoke", study.file), study.file);
  const auto say = [&](const std::string & what, const auto & from, const auto & to) {
    if (from != to)
      study.shrunk.push_back(Concat(what, " ", from, " -> ", to));
  };
  const auto list = [](const std::vector<int> & numbers) {
    std::vector<std::string> texts;
    for (const int number : numbers)
      texts.push_back(number == 0 ? "all" : std::to_string(number));
    return Join(texts, ", ");
  };
  auto       sizes = smoke.trainPatients;
  if (sizes.empty())
    sizes = { study.trainPatients.front() == 0 ? 0 : std::min(study.trainPatients.front(), 4) };
  say("training patients", list(study.trainPatients), list(sizes));
  study.trainPatients = sizes;
  say("repeats", study.resampling.Repeats(), std::min(smoke.repeats, study.resampling.Repeats()));
  study.shrunk.push_back(Concat("steps of every stage -> ", smoke.steps));
  study.runRepeats = smoke.repeats;
  study.runFolds = smoke.folds;
  study.minimumPerClass = 1;
  if (smoke.testPatients > 0 && study.resampling.testPatients > smoke.testPatients)
  {
    say("test patients", study.resampling.testPatients, smoke.testPatients);
    study.resampling.testPatients = smoke.testPatients;
  }
  if (smoke.testFraction < study.resampling.testFraction)
  {
    say("test fraction", study.resampling.testFraction, smoke.testFraction);
    study.resampling.testFraction = smoke.testFraction;
  }
  if (smoke.pictures < study.pictures)
  {
    say("pictures", study.pictures, smoke.pictures);
    study.pictures = smoke.pictures;
  }
  for (auto & source : study.sources)
  {
    source.steps = std::min(source.steps, smoke.steps);
    source.patches = source.patches.empty() ? source.patches : Overridden(source.patches, smoke.patches);
  }
  for (auto & arm : study.arms)
  {
    arm.steps = std::min(arm.steps, smoke.steps);
    for (auto & [target, changes] : arm.changes)
      changes.steps = std::min(changes.steps, smoke.steps);
  }
  for (auto & target : study.targets)
    target.patches = Overridden(target.patches, smoke.patches);
  for (auto & network : study.networks)
    network.options = Overridden(network.options, smoke.network);
  study.training = Overridden(study.training, smoke.training);
  for (const auto & [what, words] : { std::pair("patches", &smoke.patches), std::pair("network", &smoke.network), std::pair("training", &smoke.training) })
    if (!words->empty())
      study.shrunk.push_back(Concat(what, ": ", Join(*words, " ")));
  return study;
}

} // namespace serval
