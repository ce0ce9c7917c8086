#include "serval/PseudoSegmentation/PseudoSegmentation.h"

#include "serval/Core/Error.h"
#include "serval/Core/Text.h"

#include <array>
#include <utility>

namespace serval
{
namespace
{

const std::array<std::pair<const char *, ThresholdMethod>, 4> methods{ { { "otsu", ThresholdMethod::Otsu },
                                                                         { "multi-otsu", ThresholdMethod::MultiOtsu },
                                                                         { "fixed", ThresholdMethod::Fixed },
                                                                         { "percentile", ThresholdMethod::Percentile } } };

ThresholdRecipe CtAirSoftBone()
{
  ThresholdRecipe recipe;
  recipe.method = ThresholdMethod::Fixed;
  recipe.thresholds = { -300, 200 }; // HU
  recipe.isBodyFirst = true;
  recipe.modality = "CT";
  recipe.names = { "outside", "air", "soft tissue", "bone" };
  return recipe;
}

// Thresholds alone cannot part enhanced vessels from bone; the name of the brightest class says so.
ThresholdRecipe CtContrast()
{
  ThresholdRecipe recipe = CtAirSoftBone();
  recipe.thresholds = { -300, -30, 130 };
  recipe.names = { "outside", "air", "fat", "soft tissue", "contrast or bone" };
  return recipe;
}

ThresholdRecipe MrForeground()
{
  ThresholdRecipe recipe;
  recipe.largest = 1;
  recipe.fillHoles = true;
  recipe.modality = "MR";
  recipe.names = { "background", "foreground" };
  return recipe;
}

ThresholdRecipe MrTissue()
{
  ThresholdRecipe recipe;
  recipe.method = ThresholdMethod::MultiOtsu;
  recipe.classes = 3;
  recipe.modality = "MR";
  recipe.names = { "dark", "intermediate", "bright" };
  return recipe;
}

} // namespace

ThresholdMethod ThresholdMethodOf(const std::string & name)
{
  for (const auto & [known, method] : methods)
    if (name == known)
      return method;
  Fail(Fault::Usage, "there is no threshold method '", name, "'; expected ", Join(ThresholdMethodNames(), ", "));
}

std::vector<std::string> ThresholdMethodNames()
{
  std::vector<std::string> names;
  for (const auto & entry : methods)
    names.emplace_back(entry.first);
  return names;
}

std::vector<std::string> ThresholdRecipeNames() { return { "ct-air-soft-bone", "ct-contrast", "mr-foreground", "mr-tissue" }; }

ThresholdRecipe NamedThresholdRecipe(const std::string & name)
{
  if (name == "ct-air-soft-bone")
    return CtAirSoftBone();
  if (name == "ct-contrast")
    return CtContrast();
  if (name == "mr-foreground")
    return MrForeground();
  if (name == "mr-tissue")
    return MrTissue();
  Fail(Fault::Usage, "there is no preset '", name, "'; expected ", Join(ThresholdRecipeNames(), ", "));
}

} // namespace serval
