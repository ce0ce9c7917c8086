#include "serval/Inference/CaseInference.h"

#include "serval/Cache/PatchCacheWriter.h"
#include "serval/Core/Error.h"
#include "serval/Core/Provenance.h"
#include "serval/Core/Random.h"
#include "serval/Core/ScratchFolder.h"
#include "serval/Core/Text.h"
#include "serval/Inference/Probabilities.h"
#include "serval/Training/InputContract.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>
#include <numeric>

namespace serval
{
namespace
{

using Json = nlohmann::json;
using Kind = InferenceSampler::Kind;

InferenceSampler SamplerOf(const ModelFile & model, const ClassifyPlan & plan, const CaseImages & images, std::string & used)
{
  used = plan.sampler != "model" ? plan.sampler : !images.candidates.empty() ? "candidates" : images.labels ? "labels" : model.inferenceSampler;
  Require(!used.empty(), Fault::Usage, "the model learned from patches placed by labels, which a new volume does not have. Give its places: --candidates FILE, "
                                       "--labels FILE, --sampler pseudo-segmentation:RECIPE, or --sampler grid");
  const auto sampler = InferenceSampler::From(used);
  Require(sampler.kind != Kind::Candidates || !images.candidates.empty(), Fault::Usage, "the sampler candidates needs --candidates");
  Require(sampler.kind != Kind::Labels || images.labels, Fault::Usage, "the sampler labels needs --labels");
  return sampler;
}

CaseFacts FactsOf(const CasePatches & patches) { return patches; }

// Air alone, as far as intensities say it.
bool HasForeground(const CaseFacts & facts, const InputContract & contract)
{
  const bool isAbsolute = contract.isAbsolute && !facts.intensity.empty();
  return !isAbsolute || facts.intensity.front().high > -300;
}

// The parts of each candidate, in the order they came.
std::vector<PlaceScore> LesionsOf(const std::vector<PlaceScore> & places, Aggregation rule)
{
  std::vector<PlaceScore>                                 lesions;
  std::map<std::string, std::vector<std::vector<double>>> parts;
  for (const auto & place : places)
  {
    if (!place.candidate.empty() && !parts.contains(place.candidate))
      lesions.push_back(place);
    parts[place.candidate].push_back(place.probabilities);
  }
  for (auto & lesion : lesions)
    lesion.probabilities = Aggregate(parts.at(lesion.candidate), rule);
  return lesions;
}

Json Named(const std::vector<double> & probabilities, const std::vector<std::string> & names)
{
  Json json = Json::object();
  for (std::size_t k = 0; k < probabilities.size(); ++k)
    json[names[k]] = probabilities[k];
  return json;
}

} // namespace

int CaseFinding::Decision() const
{
  return isAssessed ? static_cast<int>(std::max_element(probabilities.begin(), probabilities.end()) - probabilities.begin()) : -1;
}

CaseFinding ClassifyCase(CaseImages images, const ModelFile & model, const ClassifyPlan & plan, Progress & progress)
{
  Require(!model.classNames.empty(), Fault::Input, "the model has no classes; `serval segment-volume` applies it, `serval train-classifier` makes a classifier of it");
  CaseFinding finding;
  finding.input = SourceFingerprint(images);
  const auto sampler = SamplerOf(model, plan, images, finding.sampler);
  const auto contract = InputContract::FromJson(model.contract);
  if (contract.low.empty())
    finding.warnings.push_back("the model does not say from which volumes it learned; whether this is one of them was not checked");
  auto extraction = PlanOf(model, sampler.kind);
  if (plan.overlap >= 0)
    extraction.sampling.overlap = plan.overlap;
  if (plan.count > 0)
    extraction.sampling.count = plan.count;
  extraction.seed = plan.seed;
  CutCounts       counts;
  std::mt19937_64 random(DeriveSeed(plan.seed, { "inference" }));
  CasePatches     patches;
  try
  {
    if (sampler.kind == Kind::Pseudo)
    {
      auto segmentation = Segment(images.channels.front(), sampler.recipe);
      Require(segmentation.verdict == Verdict::Ok || segmentation.verdict == Verdict::Unstable, Fault::Input, "no foreground by thresholds: ", segmentation.reason);
      images.labels = std::move(segmentation.labels);
    }
    patches = CutPatches(images, extraction, random, counts);
  }
  catch (const Error & e) // of a readable volume: too small, of one intensity, without foreground
  {
    if (e.Kind() != Fault::Input)
      throw;
    finding.reason = e.what();
    return finding;
  }
  auto violations = contract.Violations(FactsOf(patches));
  if (!HasForeground(patches, contract))
    violations.emplace_back("there is no foreground: nearly all voxels are air");
  if (patches.Count() == 0)
    violations.emplace_back("there is no place for a patch");
  finding.reason = Join(violations, "; ");
  if (!violations.empty())
    return finding;
  patches.caseId = patches.patient = "case";
  patches.sourceFingerprint = finding.input;
  const ScratchFolder folder;
  {
    PatchCacheWriter writer(folder.Path() / "case.cache", extraction.Description(images.channels.size(), Compression::None, "{}"));
    writer.Add(patches);
    writer.Commit();
  }
  const PatchCache         cache(folder.Path() / "case.cache");
  std::vector<std::size_t> all(cache.Patches().size());
  std::iota(all.begin(), all.end(), std::size_t{ 0 });
  model.RequireInput(cache.Description().patch, cache.Description().channels, "the volume");
  const auto  answers = ClassProbabilities(cache, all, model, plan.computing, progress);
  const auto  classes = model.classNames.size();
  for (const auto n : all)
    finding.places.push_back({ cache.Patches()[n].geometry, cache.Patches()[n].candidate, { answers.begin() + std::ptrdiff_t(n * classes), answers.begin() + std::ptrdiff_t((n + 1) * classes) } });
  finding.lesions = LesionsOf(finding.places, plan.ofLesions);
  std::vector<std::vector<double>> parts;
  for (const auto & part : finding.lesions.empty() ? finding.places : finding.lesions)
    parts.push_back(part.probabilities);
  finding.probabilities = Aggregate(parts, plan.ofPatient);
  finding.isAssessed = true;
  if (counts.outside > 0)
    finding.warnings.push_back(Concat(counts.outside, " candidates lie too near to the border and were left out"));
  return finding;
}

std::string ToJson(const CaseFinding & finding, const ModelFile & model, const std::string & modelHash)
{
  const auto calibration = model.classical.find("calibration");
  Json       json{ { "schema", "serval-classification/1" },
                   { "verdict", finding.isAssessed ? "assessed" : "not-assessed" },
                   { "version", Version() },
                   { "model", { { "sha256", modelHash } } },
                   { "input", { { "hash", finding.input } } },
                   { "sampler", finding.sampler },
                   { "patches", finding.places.size() },
                   { "calibrated", calibration != model.classical.end() && calibration->second != "none" },
                   { "warnings", finding.warnings } };
  if (!finding.isAssessed)
  {
    json["reason"] = finding.reason;
    return json.dump(1);
  }
  json["class"] = model.classNames[static_cast<std::size_t>(finding.Decision())];
  json["probabilities"] = Named(finding.probabilities, model.classNames);
  for (const auto & lesion : finding.lesions)
    json["lesions"].push_back({ { "id", lesion.candidate }, { "probabilities", Named(lesion.probabilities, model.classNames) } });
  return json.dump(1);
}

} // namespace serval
