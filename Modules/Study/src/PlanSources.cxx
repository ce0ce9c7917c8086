#include "PlanWork.h"

#include "StudyDeclarations.h"
#include "serval/Network/NetworkSpec.h"
#include "serval/Network/WeightSources.h"

#include <algorithm>

namespace serval
{
namespace
{

namespace fs = std::filesystem;

/// For how much of the study one training of a source serves.
enum class Scope
{
  Study,
  Repeat,  ///< transductive: all patients, another seed in each repeat
  Training ///< the patients of one training
};

Scope ScopeOf(const StudyFile & study, const StudySource & source)
{
  const auto own = source.IsWeights() ? Scope::Study : source.IsOfTarget() ? (source.transductive ? Scope::Repeat : Scope::Training) : source.perRepeat ? Scope::Repeat : Scope::Study;
  return source.from.empty() ? own : std::max(own, ScopeOf(study, study.Source(source.from)));
}

/// Whether its model is the same for all targets.
bool IsOfAllTargets(const StudyFile & study, const StudySource & source)
{
  return !source.IsOfTarget() && (source.from.empty() || IsOfAllTargets(study, study.Source(source.from)));
}

/// A cache of data, and the cells before it is there.
struct SourceCache
{
  fs::path                 cache;
  std::vector<std::string> needs;
};

// --- the target's own patients

/// Patients whose images a source may learn from.
std::set<std::string> LearnersOf(const TargetWork & target, const StudySource & source)
{
  return source.transductive ? target.Everyone() : target.used;
}

SourceCache PlanDenseCache(PlanWork & work, const TargetWork & target, const StudySource & source)
{
  Require(target.hasManifest, Fault::Input, "source '", source.name, "': labels = \"", source.labels, "' needs a target with a manifest; '", target.target.name, "' has none");
  const auto patients = LearnersOf(target, source);
  const bool expert = source.labels == "expert";
  const auto manifest = target.prefix + "cases-" + source.name + ".csv", id = target.prefix + "extract-" + source.name;
  const auto cache = work.At(target.prefix + source.name + ".cache");
  if (work.Has(id))
    return { cache, AddPairing(work, target, source.name, cache, id) };
  work.plan.files[manifest] = ManifestOf(target, patients, work.folder, expert ? fs::path() : SegmentationFolder(work, target, source.name));
  Cell cell{ id };
  cell.needs = expert ? target.caseNeeds : std::vector{ PlanSegmentations(work, target, source.name, source.segment, patients) };
  const auto single = UnpairedCache(target.target, cache);
  auto       words = Extraction(work, Overridden(target.Patches(work.study), source.patches), single);
  words.insert(words.begin() + 1, { "--manifest", work.At(manifest).string() });
  words.insert(words.end(), { "--dense", expert ? "segmentation" : "pseudo_segmentation", "--denseNames", Join(source.names, ",") });
  if (!source.merge.empty())
    words.insert(words.end(), { "--mergeLabels", source.merge });
  cell.commands = { words };
  cell.outputs = { single };
  cell.reads = FilesOf(target, patients);
  work.Add(std::move(cell));
  return { cache, AddPairing(work, target, source.name, cache, id) };
}

/// Unlabelled: the target's own patches, or others of the same patients.
SourceCache PlanUnlabelledCache(PlanWork & work, const TargetWork & target, const StudySource & source)
{
  if (source.patches.empty())
    return { target.cache, target.cacheNeeds };
  Require(target.hasManifest, Fault::Input, "source '", source.name, "': patches of its own need a target with a manifest; '", target.target.name, "' has none");
  const auto patients = LearnersOf(target, source);
  const auto manifest = target.prefix + "cases-" + source.name + ".csv", id = target.prefix + "extract-" + source.name;
  const auto cache = work.At(target.prefix + source.name + ".cache");
  work.plan.files[manifest] = ManifestOf(target, patients, work.folder, {});
  const auto single = UnpairedCache(target.target, cache);
  auto       words = Extraction(work, Overridden(target.Patches(work.study), source.patches), single);
  words.insert(words.begin() + 1, { "--manifest", work.At(manifest).string() });
  work.Add({ id, { words }, target.caseNeeds, { single }, {}, FilesOf(target, patients) });
  return { cache, AddPairing(work, target, source.name, cache, id) };
}

// --- other data

/// Twice as wide where the target's patches are joined side by side.
std::string PairedSize(const StudyTarget & target, const std::string & size)
{
  auto       edges = Split(size, ',');
  const auto width = ParseDouble(edges.front());
  if (target.pair.empty() || target.pairedAs != "side-by-side" || !width)
    return size;
  edges.front() = FormatNumber(2 * *width);
  return Join(edges, ",");
}

/// The patches as large as the target's where the source does not say.
Words SizedLikeTarget(const PlanWork & work, const TargetWork & target, const StudySource & source)
{
  const auto & own = source.patches;
  const auto   has = [](const Words & words, const char * key) { return std::find(words.begin(), words.end(), key); };
  if (has(own, "--size") != own.end() || has(own, "--sizeMm") != own.end())
    return own;
  const auto all = target.Patches(work.study);
  const auto size = has(all, "--size");
  Require(size != all.end() || target.target.pair.empty(), Fault::Input, "source '", source.name, "': its patches shall be as large as the pairs of target '", target.target.name,
          "', which names no size; give [patches] or the source's patches a size");
  return size == all.end() ? own : Joined({ own, { "--size", PairedSize(target.target, *(size + 1)) } });
}

SourceCache PlanOtherCache(PlanWork & work, const TargetWork & target, const StudySource & source);

SourceCache PlanUnion(PlanWork & work, const TargetWork & target, const StudySource & source)
{
  Cell     cell{ "union-" + source.family };
  Words    others;
  fs::path first;
  for (const auto & member : source.unionOf)
  {
    const auto data = PlanOtherCache(work, target, work.study.Source(member));
    cell.needs.insert(cell.needs.end(), data.needs.begin(), data.needs.end());
    if (first.empty())
      first = data.cache;
    else
      others.insert(others.end(), { "--others", data.cache.string() });
  }
  const auto cache = work.At(source.family + ".cache");
  cell.commands = { Joined({ { work.Module("ServalManageCache"), "union", first.string() }, others, { "--united", cache.string() } }) };
  cell.outputs = { cache };
  const auto id = cell.id;
  work.Add(std::move(cell));
  return { cache, { id } };
}

SourceCache PlanMatched(PlanWork & work, const StudySource & source, const SourceCache & data)
{
  if (source.perClass == 0)
    return data;
  const auto folder = work.At("matched/" + source.name);
  const auto cache = folder / Concat(data.cache.stem().string(), "-", source.perClass, ".cache");
  Cell       cell{ "match-" + source.name, {}, data.needs, { cache } };
  Words      words{ work.Module("ServalManageCache"), "match", data.cache.string(), "--perClass", std::to_string(source.perClass), "--matched", folder.string(), "--seed",
                    std::to_string(work.study.seed) };
  if (source.classes > 0)
    words.insert(words.end(), { "--classes", std::to_string(source.classes) });
  cell.commands = { words };
  work.Add(std::move(cell));
  return { cache, { "match-" + source.name } };
}

/// The first source that takes the same patches of the same data: they are extracted once.
const StudySource & ExtractedFor(const PlanWork & work, const TargetWork & target, const StudySource & source)
{
  const auto & all = work.study.sources;
  const auto   isSame = [&](const StudySource & other) {
    return other.imageSet == source.imageSet && other.manifest == source.manifest && other.unionOf.empty() && other.cache.empty() && !other.IsOfTarget() && !other.IsWeights() &&
           SizedLikeTarget(work, target, other) == SizedLikeTarget(work, target, source);
  };
  return *std::find_if(all.begin(), all.end(), isSame);
}

SourceCache PlanOtherCache(PlanWork & work, const TargetWork & target, const StudySource & source)
{
  if (!source.unionOf.empty())
    return PlanMatched(work, source, PlanUnion(work, target, source));
  if (!source.cache.empty())
    return PlanMatched(work, source, { source.cache, {} });
  const auto & family = ExtractedFor(work, target, source).family;
  const auto   id = "extract-" + family;
  const auto   cache = work.At(family + ".cache");
  auto         words = Extraction(work, SizedLikeTarget(work, target, source), cache);
  const bool isSet = !source.imageSet.empty();
  words.insert(words.begin() + 1, { isSet ? "--imageSet" : "--manifest", (isSet ? source.imageSet : source.manifest).string() });
  const auto & data = isSet ? source.imageSet : source.manifest;
  const auto   hindrance = fs::exists(data) ? std::string() : Concat("the data of source '", source.name, "' are not there: '", data.string(), "'; `serval sources` tells how published sets are obtained");
  work.Add({ id, { words }, {}, { cache }, hindrance, { data } });
  return PlanMatched(work, source, { cache, { id } });
}

// --- weight files

/// Options of a published source, but for those the study gives itself.
Words ImportOptions(const WeightSource * known, const StudySource & source)
{
  Words options = known ? Words{ "--network", known->network } : Words{};
  if (known)
    for (const auto & word : Split(known->options, ' '))
      options.push_back(word);
  return Overridden(options, source.weightImport);
}

SourceModel PlanWeights(PlanWork & work, const StudySource & source)
{
  const auto & folder = work.study.weightFolder;
  const auto * known = KnownWeightSource(source.weights);
  Cell         cell{ "import-" + source.name };
  fs::path     file = folder / source.weights;
  if (known)
  {
    const auto found = FindWeights(*known, folder);
    file = found.state == SourceState::Present ? found.file : folder / known->file;
    if (found.state == SourceState::Other)
      cell.hindrance = Concat("'", found.file.string(), "' is not the published file of this name (SHA-256 ", known->sha256, "); fetch it from ", known->address);
    else if (found.state == SourceState::Absent)
      cell.hindrance = Concat("fetch ", known->file, " (", known->publisher, "; ", known->licence, ") from ", known->address, " into '", folder.string(), "'");
  }
  else if (!fs::exists(file))
    cell.hindrance = Concat("the weight file '", file.string(), "' does not exist");
  const auto model = work.At("cells/" + cell.id + "/model.safetensors");
  cell.commands = { Joined({ { work.Module("ServalImportWeights"), "--input", file.lexically_normal().string(), "--output", model.string() }, ImportOptions(known, source) }) };
  cell.outputs = { model };
  const auto id = cell.id;
  work.Add(std::move(cell));
  return { id, model, "" };
}

SourceCache PlanData(PlanWork & work, const TargetWork & target, const StudySource & source)
{
  return !source.labels.empty() ? PlanDenseCache(work, target, source) : source.IsOfTarget() ? PlanUnlabelledCache(work, target, source) : PlanOtherCache(work, target, source);
}

/// Patients, seed, key and threads of a source's training.
Words SourceTraining(const PlanWork & work, const TargetWork & target, const StudySource & source, const std::string & tag, int repeat)
{
  if (!source.IsOfTarget())
    return Joined({ { "--key", work.key.string(), "--seed", work.SeedOf(tag.empty() ? "source" : tag), "--threads", "1" }, work.study.training });
  if (!source.transductive)
    return TrainingWords(work, target.prefix + tag, tag);
  const auto everyone = Concat(target.prefix, "everyone-r", repeat);
  return Joined({ { "--patients", work.List(everyone).string(), "--key", work.key.string(), "--seed", work.SeedOf(Concat("r", repeat)), "--threads", "1" }, work.study.training });
}

} // namespace

Words NetworkWords(const StudyNetwork & network)
{
  const bool isUsual = network.architecture.empty() || network.architecture == "unet";
  return Joined({ isUsual ? Words{} : Words{ "--network", network.architecture }, network.options });
}

Words TrainingWords(const PlanWork & work, const std::string & list, const std::string & seedTag)
{
  Words words{ "--patients", work.List("train-" + list).string(), "--key", work.key.string(), "--seed", work.SeedOf(seedTag), "--threads", "1" };
  if (work.study.validation > 0)
    words.insert(words.end(), { "--validation", work.List("validation-" + list).string() });
  return Joined({ words, work.study.training });
}

SourceModel PlanSource(PlanWork & work, const TargetWork & target, const StudySource & source, const StudyNetwork & network, int size, const Resample & resample)
{
  if (source.IsWeights())
    return PlanWeights(work, source);
  const auto & study = work.study;
  const auto & learner = source.network.empty() ? network : study.Network(source.network);
  const auto   scope = ScopeOf(study, source);
  const auto   tag = scope == Scope::Study ? std::string() : scope == Scope::Repeat ? Concat("r", resample.repeat) : target.Tag(size, resample);
  const auto   id = Concat(IsOfAllTargets(study, source) ? "" : target.prefix, "pretrain-", source.name, study.networks.size() > 1 ? "-" + learner.name : "", tag.empty() ? "" : "-" + tag);
  const auto   own = work.At("cells/" + id);
  if (work.Has(id))
    return { id, own / "model.safetensors", tag };
  const auto data = PlanData(work, target, source);
  Cell       cell{ id, {}, data.needs, { own / "model.safetensors" } };
  Words      start = NetworkWords(learner);
  if (!source.from.empty())
  {
    const auto before = PlanSource(work, target, study.Source(source.from), learner, size, resample);
    cell.needs.push_back(before.cell);
    start = { "--source", before.model.string() };
  }
  const bool classifies = source.task == "classify";
  Words words{ work.Module(classifies ? "ServalTrainClassifier" : "ServalPretrainNetwork"), "--cache", data.cache.string(), "--output", cell.outputs.front().string(), "--curve",
               (own / "curve.csv").string(), "--steps", std::to_string(source.steps) };
  if (!classifies && !source.task.empty())
    words.insert(words.end(), { "--task", source.task });
  const auto training = SourceTraining(work, target, source, tag, resample.repeat);
  cell.commands = { Overridden(Joined({ words, start, training }), source.options) };
  work.Add(std::move(cell));
  return { id, own / "model.safetensors", tag };
}

} // namespace serval
