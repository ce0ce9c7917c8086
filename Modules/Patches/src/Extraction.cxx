#include "serval/Patches/Extraction.h"

#include "serval/Core/Error.h"
#include "serval/Core/Hash.h"
#include "serval/Core/Random.h"

#include <algorithm>
#include <limits>

namespace serval
{
namespace
{

// The labels of interest become 0, 1, 2, ..., all others a number that is no class.
LabelVolume Selected(LabelVolume labels, const std::vector<int> & classLabels)
{
  if (classLabels.empty())
    return labels;
  for (auto & label : labels.labels)
  {
    const auto found = std::find(classLabels.begin(), classLabels.end(), label);
    label = found == classLabels.end() ? std::numeric_limits<std::uint16_t>::max() : static_cast<std::uint16_t>(found - classLabels.begin());
  }
  return labels;
}

// Of all label maps that decide the patches.
std::string LabelFingerprint(const LabelVolume & labels, const LabelVolume & dense)
{
  const auto hash = [](const LabelVolume & one) { return one.labels.empty() ? "" : ContentHash(std::as_bytes(std::span(one.labels))); };
  return hash(labels) + hash(dense);
}

} // namespace

ExtractionPlan::Dense ExtractionPlan::DenseFrom(const std::string & column)
{
  return column == "none"                  ? Dense::None
         : column == "segmentation"        ? Dense::Segmentation
         : column == "pseudo_segmentation" ? Dense::PseudoSegmentation
                                           : throw Error(Fault::Usage, "the dense column '" + column + "' is unknown");
}

bool ExtractionPlan::NeedsSegmentation() const
{
  using Sampler = SamplingPlan::Sampler;
  return cut.classFromCentre || cut.sampling.sampler == Sampler::Class || cut.sampling.sampler == Sampler::Foreground;
}

std::vector<std::string> ExtractionPlan::NeededColumns() const
{
  std::vector<std::string> columns{ "image" };
  if (NeedsSegmentation() || dense == Dense::Segmentation)
    columns.push_back("segmentation");
  if (dense == Dense::PseudoSegmentation)
    columns.push_back("pseudo_segmentation");
  if (!caseClasses.empty())
    columns.push_back("class");
  return columns;
}

CasePatches ExtractCase(const Case & one, const ExtractionPlan & plan)
{
  const Volume      volume = ReadVolume(one.image);
  const bool        needsLabels = plan.NeedsSegmentation(), hasDense = plan.dense != ExtractionPlan::Dense::None;
  const LabelVolume labels = needsLabels ? Selected(ReadLabels(one.segmentation), plan.classLabels) : LabelVolume{};
  const LabelVolume dense = !hasDense                                              ? LabelVolume{}
                            : plan.dense == ExtractionPlan::Dense::Segmentation ? ReadLabels(one.segmentation)
                                                                                : ReadLabels(one.pseudoSegmentation);
  CutPlan           cut = plan.cut;
  if (!plan.caseClasses.empty())
    cut.caseClass = static_cast<int>(std::find(plan.caseClasses.begin(), plan.caseClasses.end(), one.className) - plan.caseClasses.begin());
  std::mt19937_64 random(DeriveSeed(plan.seed, { "patches", one.id }));
  auto            patches = CutPatches(volume, needsLabels ? &labels : nullptr, hasDense ? &dense : nullptr, cut, random);
  patches.caseId = one.id;
  patches.patient = one.patient;
  patches.className = plan.caseClasses.empty() ? "" : one.className;
  patches.labelFingerprint = LabelFingerprint(labels, dense);
  return patches;
}

} // namespace serval
