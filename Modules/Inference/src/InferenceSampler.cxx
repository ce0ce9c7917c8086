#include "serval/Inference/InferenceSampler.h"

#include "serval/Core/Error.h"
#include "serval/Core/Text.h"

#include <algorithm>

namespace serval
{
namespace
{

ThresholdRecipe RecipeFrom(const std::string & text)
{
  const auto presets = ThresholdRecipeNames();
  if (std::find(presets.begin(), presets.end(), text) != presets.end())
    return NamedThresholdRecipe(text);
  const auto          colon = text.find(':');
  ThresholdRecipe     recipe;
  std::vector<double> numbers;
  recipe.method = ThresholdMethodOf(text.substr(0, colon));
  for (const auto & word : colon == std::string::npos ? std::vector<std::string>{} : Split(text.substr(colon + 1), ','))
  {
    const auto number = ParseDouble(word);
    Require(number.has_value(), Fault::Usage, "the recipe '", text, "': '", word, "' is no number");
    numbers.push_back(*number);
  }
  if (recipe.method == ThresholdMethod::Fixed)
    recipe.thresholds = numbers;
  if (recipe.method == ThresholdMethod::Percentile)
    recipe.percentiles = numbers;
  if (recipe.method == ThresholdMethod::MultiOtsu)
    recipe.classes = numbers.empty() ? 3 : static_cast<int>(numbers.front());
  return recipe;
}

} // namespace

InferenceSampler InferenceSampler::From(const std::string & text)
{
  const std::string pseudo = "pseudo-segmentation:";
  if (text.starts_with(pseudo))
    return { Kind::Pseudo, RecipeFrom(text.substr(pseudo.size())) };
  for (const auto & [word, kind] : { std::pair("grid", Kind::Grid), std::pair("uniform", Kind::Uniform), std::pair("candidates", Kind::Candidates), std::pair("labels", Kind::Labels) })
    if (text == word)
      return { kind, {} };
  Fail(Fault::Usage, "the sampler '", text, "' is unknown; grid, uniform, candidates, labels and pseudo-segmentation:RECIPE are known");
}

ExtractionPlan PlanOf(const ModelFile & model, InferenceSampler::Kind kind)
{
  using Kind = InferenceSampler::Kind;
  using Sampler = SamplingPlan::Sampler;
  Require(!model.extraction.starts_with("{\"paired\""), Fault::Input, "the model learned from pairs of two time points, and one volume has no pair. Cut and pair the patches of the new cases "
                                                                     "(extract-patches, cache pair) and give them to predict");
  Require(!model.extraction.empty() && model.extraction.find("serval-extraction-plan") != std::string::npos, Fault::Input,
          "the model does not say how its patches are cut from a volume (it was imported, or made by an older version); train a classifier from it");
  auto plan = ExtractionPlan::FromJson(model.extraction);
  Require(!plan.imageSet, Fault::Input, "the model learned from images of a set, not from volumes");
  auto & s = plan.sampling;
  if (kind == Kind::Grid || kind == Kind::Uniform || kind == Kind::Candidates)
    s.sampler = kind == Kind::Grid ? Sampler::Grid : kind == Kind::Uniform ? Sampler::Uniform : Sampler::Candidates;
  else if (!s.NeedsLabels() || plan.labelsFrom == ExtractionPlan::LabelColumn::Segmentation)
    s.sampler = Sampler::Foreground; // the training's labels were others than these
  s.shortfall = SamplingPlan::Shortfall::Fewer;
  plan.classFrom = ExtractionPlan::ClassSource::None;
  plan.classNames.clear();
  plan.classLabels.clear();
  plan.dense = ExtractionPlan::LabelColumn::None;
  plan.denseNames.clear();
  plan.mergeLabels.clear();
  return plan;
}

} // namespace serval
