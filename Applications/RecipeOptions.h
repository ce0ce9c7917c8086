#pragma once
// The options that make a threshold recipe.

#include "serval/CommandLine/Application.h"
#include "serval/Core/Error.h"
#include "serval/PseudoSegmentation/PseudoSegmentation.h"

#include <string>
#include <vector>

namespace serval
{

struct RecipeOptions
{
  std::string         preset = "none", method = "otsu";
  int                 classes = 3;
  std::vector<double> thresholds, percentiles;
  ThresholdRecipe     cleaning;

  void Declare(app::Parameters & p)
  {
    std::vector<std::string> presets = ThresholdRecipeNames();
    presets.insert(presets.begin(), "none");
    p.Group("Thresholds");
    p.Add("preset", &preset, "A named recipe, instead of a method").Choices(presets);
    p.Add("method", &method, "How thresholds are found").Choices(ThresholdMethodNames());
    p.Add("classes", &classes, "Classes of multi-otsu, the darkest included").Range(2, 8);
    p.Add("thresholds", &thresholds, "Thresholds of the method fixed, increasing, in the volume's intensities (HU for CT)");
    p.Add("percentiles", &percentiles, "Percentiles of the method percentile, increasing, from 0.1 to 99.9");
    p.Group("Cleaning");
    p.Add("opening", &cleaning.opening, "Open the foreground with a cross of this radius in voxels").Range(0, 100);
    p.Add("largest", &cleaning.largest, "Keep so many of the largest parts of the foreground; 0 keeps all").Range(0, 100000);
    p.Add("fillHoles", &cleaning.fillHoles, "Give background enclosed in the foreground the label 1");
    p.Add("minimumSize", &cleaning.minimumSize, "Remove parts of the foreground below this size in mm^3").Range(0, 1e9);
  }
  void DeclareLimits(app::Parameters & p)
  {
    GateLimits & limits = cleaning.limits;
    p.Add("emptyShare", &limits.emptyShare, "A label with a smaller part of the voxels is empty").Range(0, 1);
    p.Add("fullShare", &limits.fullShare, "Full is a volume with a smaller part of background").Range(0, 1);
    p.Add("jitter", &limits.jitter, "Shift of the thresholds, as part of the intensity range, that must change little").Range(0, 1);
    p.Add("unstableShare", &limits.unstableShare, "Part of the voxels that may change under this shift").Range(0, 1);
  }

  /// Fault::Usage when options contradict each other.
  ThresholdRecipe Recipe() const
  {
    const auto      wanted = ThresholdMethodOf(method);
    ThresholdRecipe recipe;
    if (preset != "none")
      recipe = NamedThresholdRecipe(preset);
    Require(preset == "none" || (method == "otsu" && thresholds.empty() && percentiles.empty() && classes == 3), Fault::Usage,
            "--preset ", preset, " brings its own thresholds; leave out --method, --classes, --thresholds and --percentiles");
    Require(thresholds.empty() || wanted == ThresholdMethod::Fixed, Fault::Usage, "--thresholds belong to --method fixed");
    Require(percentiles.empty() || wanted == ThresholdMethod::Percentile, Fault::Usage,
            "--percentiles belong to --method percentile");
    if (preset == "none")
    {
      recipe.method = wanted;
      recipe.classes = classes;
      recipe.thresholds = thresholds;
      recipe.percentiles = percentiles;
    }
    recipe.opening = cleaning.opening;
    recipe.largest = cleaning.largest > 0 ? cleaning.largest : recipe.largest;
    recipe.fillHoles = cleaning.fillHoles || recipe.fillHoles;
    recipe.minimumSize = cleaning.minimumSize > 0 ? cleaning.minimumSize : recipe.minimumSize;
    recipe.limits = cleaning.limits;
    return recipe;
  }
};

} // namespace serval
