#include "StudyDeclarations.h"

#include "serval/Core/Text.h"

#include <set>

namespace serval
{
namespace
{

using Strategy = StudyArm::Strategy;

/// Options that only a transfer has.
const std::vector<std::string> transferOptions{ "--source", "--freeze", "--reset", "--rates", "--biasFactor", "--layerDecay", "--warmUp", "--unfreezeEvery", "--onlyStatistics", "--minimumLoaded" };

/// Steps of all stages of an arm on each target.
std::map<std::string, int> StepsByTarget(const StudyFile & study, const StudyArm & arm)
{
  std::map<std::string, int> steps;
  for (const auto & target : study.targets)
    steps[target.name] = arm.strategy == Strategy::Scratch ? arm.On(target.name).steps : study.StepsOf(arm.On(target.name));
  return steps;
}

bool HasScratch(const StudyFile & study, const std::string & network, const std::map<std::string, int> & steps)
{
  return std::any_of(study.arms.begin(), study.arms.end(), [&](const StudyArm & arm) {
    return arm.strategy == Strategy::Scratch && !arm.shuffledLabels && study.Network(arm.network).name == network && StepsByTarget(study, arm) == steps;
  });
}

StudySource OwnSource(const std::string & name, const std::string & text)
{
  StudySource source;
  source.name = source.family = name;
  source.text = text;
  return source;
}

StudyArm NewArm(const std::string & name, const std::string & text, Strategy strategy, const std::string & source)
{
  StudyArm arm;
  arm.name = arm.family = name;
  arm.text = text;
  arm.strategy = strategy;
  arm.source = source;
  return arm;
}

} // namespace

void AddDefaultArms(StudyFile & study)
{
  if (!study.arms.empty())
    return;
  Require(study.sources.empty(), Fault::Input, "'", study.file.string(), "' names sources but no [[arm]] that uses one");
  Require(!study.targets.front().manifest.empty(), Fault::Input, "'", study.file.string(), "' has no [[arm]]; only a target with a manifest has default arms");
  auto thresholds = OwnSource("thresholds", "multi-Otsu pseudo-segmentation of the training patients");
  thresholds.labels = "threshold";
  thresholds.names = { "dark", "middle", "bright" };
  thresholds.segment = { "--method", "multi-otsu", "--classes", "3", "--gate", "warn" };
  auto restoration = OwnSource("restoration", "the training patients' patches restored from corrupted ones, without labels");
  restoration.task = "restore";
  study.sources = { thresholds, restoration };
  study.arms = { NewArm("scratch", "random initialisation", Strategy::Scratch, ""),
                 NewArm("thresholds-svm", "linear SVM on features of the network that learned the thresholds", Strategy::OffTheShelf, "thresholds"),
                 NewArm("thresholds-tuned", "fine-tuned from the network that learned the thresholds", Strategy::FineTuning, "thresholds"),
                 NewArm("restoration-tuned", "fine-tuned from the network that learned to restore", Strategy::FineTuning, "restoration") };
}

void AddControls(StudyFile & study, const std::vector<std::string> & controls)
{
  for (const auto & control : controls)
  {
    const auto near = NearestWord(control, { "majority", "size-only", "place", "shuffled-labels" });
    Require(control == "majority" || control == "size-only" || control == "place" || control == "shuffled-labels", Fault::Input, "'", study.file.string(), "': design.controls names '", control, "'",
            near.empty() ? "" : "; did you mean '" + near + "'?", "; majority, size-only, place and shuffled-labels are known");
    if (control == "majority")
      study.arms.push_back(NewArm(control, "control: the training set's shares of the classes", Strategy::Majority, ""));
    else if (control == "size-only")
      study.arms.push_back(NewArm(control, "control: logistic regression on image geometry and a summary of intensities", Strategy::SizeOnly, ""));
    else if (control == "place")
      study.arms.push_back(NewArm(control, "control: the same with the patch's place in its volume, which no network sees", Strategy::Place, ""));
    else
    {
      const auto trained = std::find_if(study.arms.begin(), study.arms.end(), [](const StudyArm & arm) { return arm.IsTrained(); });
      Require(trained != study.arms.end(), Fault::Input, "'", study.file.string(), "': the control shuffled-labels needs a trained arm");
      auto arm = *trained;
      arm.name = arm.family = control;
      arm.text = "control: " + trained->text + ", with the training patients' classes permuted";
      arm.shuffledLabels = true;
      study.arms.push_back(arm);
    }
  }
}

void AddMatchedArms(StudyFile & study)
{
  if (!study.isComputeMatched)
    return;
  const auto arms = study.arms;
  for (const auto & arm : arms)
  {
    const auto network = study.NetworkOf(arm).name;
    const int  steps = study.StepsOf(arm);
    const auto onTargets = StepsByTarget(study, arm);
    if (steps == 0 || arm.shuffledLabels || HasScratch(study, network, onTargets))
      continue;
    const bool differ = std::any_of(onTargets.begin(), onTargets.end(), [&](const auto & one) { return one.second != steps; });
    auto matched = NewArm(Concat("scratch-", differ ? "as-" + arm.name : Concat(steps, "-steps"), study.networks.size() > 1 ? "-" + network : ""),
                          Concat("random initialisation, as many steps as all stages of ", arm.name, " together (", steps, ")"), Strategy::Scratch, "");
    matched.network = network;
    matched.steps = steps;
    for (const auto & [target, changes] : arm.changes)
      if (onTargets.contains(target))
        matched.changes[target] = { changes.place, onTargets.at(target), {}, {}, {}, arm.IsTrained() ? Without(changes.options, transferOptions) : Words{} };
    matched.isAutomatic = true;
    if (arm.strategy == Strategy::FineTuning)
      matched.options = Without(arm.options, transferOptions);
    else if (const auto scratch = std::find_if(arms.begin(), arms.end(), [](const auto & a) { return a.strategy == Strategy::Scratch; }); scratch != arms.end())
      matched.options = scratch->options;
    study.arms.push_back(matched);
  }
}

} // namespace serval
