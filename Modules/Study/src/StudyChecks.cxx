#include "StudyDeclarations.h"

#include "serval/Core/Text.h"
#include "serval/Evaluation/Metrics.h"
#include "serval/Network/NetworkSpec.h"
#include "serval/Network/WeightSources.h"

#include <functional>
#include <set>

namespace serval
{
namespace
{

using Strategy = StudyArm::Strategy;

void CheckWeights(const StudySource & source)
{
  const bool isFile = std::filesystem::path(source.weights).has_extension();
  Require(isFile || KnownWeightSource(source.weights) != nullptr, Fault::Input, "source '", source.name, "': the weights '", source.weights,
          "' are neither a file nor a name that `serval sources` lists");
  Require(!isFile || std::find(source.weightImport.begin(), source.weightImport.end(), "--network") != source.weightImport.end(), Fault::Input, "source '", source.name,
          "': a weight file needs import = { network = \"...\" }");
  Require(source.labels.empty() && source.task.empty() && source.names.empty() && source.merge.empty() && source.segment.empty() && source.from.empty(), Fault::Input,
          "source '", source.name, "': weights are imported as they are; labels, task, names, merge, segment and from belong to data");
}

void CheckData(const StudySource & s)
{
  const int other = !s.manifest.empty() + !s.imageSet.empty() + !s.cache.empty() + !s.unionOf.empty();
  Require(other <= 1, Fault::Input, "source '", s.name, "': one of manifest, imageSet, cache and union is expected");
  Require(s.labels.empty() || other == 0, Fault::Input, "source '", s.name, "': labels are those of the target's patients; other data have a task");
  Require(!s.labels.empty() || !s.task.empty(), Fault::Input, "source '", s.name, "': either labels, task or weights is expected");
  Require(s.weightImport.empty(), Fault::Input, "source '", s.name, "': import belongs to weights");
  Require(s.labels.empty() || s.names.size() >= 2, Fault::Input, "source '", s.name, "': names of two labels or more are expected");
  Require(s.labels == "threshold" || s.segment.empty(), Fault::Input, "source '", s.name, "': segment belongs to labels = \"threshold\"");
  Require(s.labels.empty() || s.task.empty() || s.task == "segment", Fault::Input, "source '", s.name, "': labels are learned by segmentation; task '", s.task, "' needs none");
  Require(other == 1 || (s.task != "classify" && (s.task != "segment" || !s.labels.empty())), Fault::Input, "source '", s.name, "': the task '", s.task,
          "' on the target's own patients needs labels = \"expert\" or \"threshold\"; classes of the target are no source");
  Require((s.perClass == 0 && s.classes == 0) || other == 1, Fault::Input, "source '", s.name, "': perClass and classes choose from other data (manifest, imageSet, cache, union)");
  Require(s.classes == 0 || s.perClass > 0, Fault::Input, "source '", s.name, "': classes needs perClass");
  // Rule 2 and 3 of a study: what has seen expert labels of a test patient cannot be tested on that patient.
  Require(!s.transductive || s.labels != "expert", Fault::Input, "source '", s.name,
          "': transductive sources may see the test patients' images only; expert labels of test patients would make every test on them void. Leave transductive out, or use labels = \"threshold\"");
  Require(!s.transductive || s.IsOfTarget(), Fault::Input, "source '", s.name, "': transductive speaks of the target's own patients; this source has other data");
}

void CheckChain(const StudyFile & study, const StudySource & source)
{
  std::set<std::string> seen{ source.name };
  for (std::string at = source.from; !at.empty(); at = study.Source(at).from)
    Require(seen.insert(at).second, Fault::Input, "source '", source.name, "': the chain of `from` comes back to '", at, "'");
  for (const auto & member : source.unionOf)
    Require(!study.Source(member).IsOfTarget() && !study.Source(member).IsWeights(), Fault::Input, "source '", source.name, "': union joins sources of other data; '", member, "' is none");
}

/// Trained networks, or one ensemble of such whose answer is a mean.
void CheckTeachers(const StudyFile & study, const StudyArm & arm)
{
  const auto isTrained = [&](const std::string & name) { return study.Arm(name).IsTrained(); };
  for (const auto & teacher : arm.teachers)
  {
    const auto & one = study.Arm(teacher);
    const bool   isEnsemble = one.strategy == Strategy::Ensemble && (one.rule == "mean" || one.rule == "forward-selection") && std::all_of(one.of.begin(), one.of.end(), isTrained);
    Require(one.IsTrained() || (isEnsemble && arm.teachers.size() == 1), Fault::Input, "arm '", arm.name, "': the teacher '", teacher,
            "' is no trained network; teachers are trained arms, or a single ensemble of trained arms by mean or forward-selection");
  }
}

/// What a table of joined features is made of, and what its members say themselves.
void CheckFeatures(const StudyFile & study, const StudyArm & arm)
{
  if (arm.strategy != Strategy::OffTheShelf || arm.of.empty())
    return;
  const bool isOfArm = arm.of.size() == 1 && study.Arm(arm.of.front()).IsTrained();
  const auto isShelf = [&](const std::string & name) { return study.Arm(name).strategy == Strategy::OffTheShelf && !study.Arm(name).JoinsFeatures(); };
  const auto other = std::find_if_not(arm.of.begin(), arm.of.end(), isShelf);
  Require(isOfArm || (arm.of.size() > 1 && other == arm.of.end()), Fault::Input, "arm '", arm.name, "': `of` names ", Join(arm.of, ", "), other == arm.of.end() ? "" : "; '" + *other + "' gives no features",
          "; features come from one trained arm, or from two or more off-the-shelf arms, which become one table");
  if (isOfArm)
    return;
  Require(arm.layers.empty() && arm.features.empty() && arm.network.empty(), Fault::Input, "arm '", arm.name, "': layers, features and network are those of the arms that `of` names; leave them out");
  for (auto one = arm.of.begin(); one != arm.of.end(); ++one)
    for (auto next = one + 1; next != arm.of.end(); ++next)
    {
      const auto & a = study.Arm(*one);
      const auto & b = study.Arm(*next);
      Require(a.source != b.source || a.of != b.of || study.Network(a.network).name != study.Network(b.network).name || a.features != b.features || study.LayersOf(a) != study.LayersOf(b), Fault::Input, "arm '",
              arm.name, "': '", *one, "' and '", *next, "' have the same features, which would stand twice in the table; name one of them");
    }
}

void CheckMembers(const StudyFile & study, const StudyArm & arm)
{
  std::set<std::string> before;
  for (const auto & other : study.arms)
  {
    if (other.name == arm.name)
      break;
    before.insert(other.name);
  }
  for (const auto * members : { &arm.of, &arm.teachers })
    for (const auto & member : *members)
      Require(before.contains(member), Fault::Input, "arm '", arm.name, "': its member '", member, "' must stand before it");
  Require(arm.strategy == Strategy::Ensemble || arm.strategy == Strategy::OffTheShelf || arm.of.empty(), Fault::Input, "arm '", arm.name,
          "': `of` names the members of an ensemble, or the arms that give features off the shelf");
  CheckFeatures(study, arm);
  Require(arm.strategy != Strategy::Ensemble || arm.of.size() >= 2, Fault::Input, "arm '", arm.name, "': an ensemble has two members or more");
  Require(arm.rule != "forward-selection" || study.validation > 0, Fault::Input, "arm '", arm.name, "': forward-selection chooses by validation patients; set design.validation, as 0.2");
  Require(arm.teachers.empty() || arm.IsTrained(), Fault::Input, "arm '", arm.name, "': teachers belong to scratch and fine-tuning");
  CheckTeachers(study, arm);
}

void CheckArm(const StudyFile & study, const StudyArm & arm)
{
  const bool needsSource = (arm.strategy == Strategy::OffTheShelf && arm.of.empty()) || arm.strategy == Strategy::FineTuning || arm.strategy == Strategy::Segmentation || arm.strategy == Strategy::Cascade;
  Require(needsSource == arm.UsesSource(), Fault::Input, "arm '", arm.name, "': ", needsSource ? "a source is missing" : "this strategy has no source");
  if (arm.UsesSource())
  {
    const auto & source = study.Source(arm.source);
    Require(arm.strategy != Strategy::Segmentation || source.labels == "expert", Fault::Input, "arm '", arm.name, "': the class at the centre comes from a source with labels = \"expert\"");
  }
  Require((arm.strategy == Strategy::Cascade) == !arm.negative.empty(), Fault::Input, "arm '", arm.name, "': `negative` names the class that a cascade does not detect, and only of one");
  study.Network(arm.network);
  CheckMembers(study, arm);
}

/// A failure tells where the table stands.
void At(const std::string & place, const std::function<void()> & check)
{
  try
  {
    check();
  }
  catch (const Error & e)
  {
    Fail(e.Kind(), place.empty() ? "" : place + ": ", e.what());
  }
}

/// Each names a target, and says what this strategy has.
void CheckChanges(const StudyFile & study, const StudyArm & arm)
{
  std::vector<std::string> targets;
  for (const auto & target : study.targets)
    targets.push_back(target.name);
  const bool takesFeatures = arm.strategy == Strategy::OffTheShelf || arm.strategy == Strategy::Cascade;
  for (const auto & [target, changes] : arm.changes)
  {
    const auto near = NearestWord(target, targets);
    Require(std::find(targets.begin(), targets.end(), target) != targets.end(), Fault::Input, changes.place, ": arm '", arm.name, "': there is no target '", target, "'",
            near.empty() ? "" : "; did you mean '" + near + "'?", "; there are ", Join(targets, ", "));
    Require(changes.steps == 0 || arm.IsTrained(), Fault::Input, changes.place, ": arm '", arm.name, "': steps belong to scratch and fine-tuning");
    Require((changes.layers.empty() && changes.features.empty()) || takesFeatures, Fault::Input, changes.place, ": arm '", arm.name, "': layers and features belong to off-the-shelf and cascade");
    At(changes.place, [&] { CheckArm(study, arm.On(target)); });
  }
}

void CheckSource(const StudyFile & study, const StudySource & source)
{
  source.IsWeights() ? CheckWeights(source) : CheckData(source);
  CheckChain(study, source);
  if (!source.from.empty())
    study.Source(source.from);
  if (!source.network.empty())
    study.Network(source.network);
}

void CheckNames(const StudyFile & study)
{
  std::set<std::string> names;
  const auto            check = [&](const std::string & kind, const std::string & name) {
    RequirePlainName(kind, name);
    Require(names.insert(kind + name).second, Fault::Input, kind, " '", name, "' stands twice");
  };
  for (const auto & target : study.targets)
    check("target", target.name);
  for (const auto & network : study.networks)
    check("network", network.name);
  for (const auto & source : study.sources)
    check("source", source.name);
  for (const auto & arm : study.arms)
    check("arm", arm.name);
}

} // namespace

std::pair<std::string, std::string> ArmsOfPair(const std::string & pair)
{
  constexpr std::string_view word = " against ";
  const auto                 at = pair.find(word);
  Require(at != pair.npos, Fault::Input, "compare.pairs: '", pair, "' is no comparison; \"ARM against ARM\" is expected");
  return { Trim(pair.substr(0, at)), Trim(pair.substr(at + word.size())) };
}

void CheckDeclared(const StudyFile & study)
{
  CheckNames(study);
  for (const auto & network : study.networks)
    if (const auto near = NearestWord(network.architecture, NetworkNames()); !network.architecture.empty())
    {
      const auto known = NetworkNames();
      Require(std::find(known.begin(), known.end(), network.architecture) != known.end(), Fault::Input, "network '", network.name, "': the architecture '", network.architecture,
              "' is unknown", near.empty() ? "" : "; did you mean '" + near + "'?", "; `serval inspect` lists them");
    }
  for (const auto & source : study.sources)
    At(source.place, [&] { CheckSource(study, source); });
  for (const auto & arm : study.arms)
  {
    At(arm.place, [&] { CheckArm(study, arm); });
    CheckChanges(study, arm);
  }
}

void CheckStudy(const StudyFile & study)
{
  CheckNames(study); // those of automatic arms too
  for (const auto & baseline : study.baselines)
    study.Arm(baseline);
  for (const auto & pair : study.pairs)
  {
    const auto [a, b] = ArmsOfPair(pair);
    Require(study.Arm(a).name != study.Arm(b).name, Fault::Input, "compare.pairs: '", pair, "' compares an arm with itself");
  }
  if (!study.finish.empty())
    study.Arm(study.finish);
  for (const auto & metric : study.metrics)
    MetricFrom(metric);
}

} // namespace serval
