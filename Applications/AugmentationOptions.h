#pragma once
// The options of augmentation: a preset, and single kinds over it.

#include "serval/CommandLine/Application.h"
#include "serval/Training/AugmentationPlan.h"

#include <string>

namespace serval
{

struct AugmentationOptions
{
  std::string      preset = "none";
  AugmentationPlan own{ -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1 }; ///< below 0: the preset's

  void Declare(app::Parameters & p)
  {
    p.Group("Augmentation (below 0: as --augment says)");
    p.Add("augment", &preset, "How patches are varied while the network learns").Choices({ "none", "light", "full" });
    p.Add("flip", &own.flip, "Probability of a mirror image along each axis").Range(-1, 1);
    p.Add("rotate", &own.rotate, "Largest rotation about each axis in degrees, in physical space").Range(-1, 180);
    p.Add("zoom", &own.zoom, "Factors of size from 1 / (1 + X) to 1 + X").Range(-1, 10);
    p.Add("shift", &own.shift, "Largest shift in voxels").Range(-1, 10000);
    p.Add("elastic", &own.elastic, "Largest elastic displacement in voxels").Range(-1, 1000);
    p.Add("gamma", &own.gamma, "Exponents from 1 / (1 + X) to 1 + X on the patch's range of intensities").Range(-1, 10);
    p.Add("brightness", &own.brightness, "Largest number added, in units of the network's input").Range(-1, 1000);
    p.Add("contrast", &own.contrast, "Factors of the input from 1 / (1 + X) to 1 + X").Range(-1, 10);
    p.Add("biasField", &own.biasField, "Largest amplitude of a smooth factor").Range(-1, 0.99);
    p.Add("blur", &own.blur, "Largest standard deviation of a Gaussian in voxels").Range(-1, 10);
    p.Add("noise", &own.noise, "Largest standard deviation of noise, in units of the network's input").Range(-1, 1000);
    p.Add("cutout", &own.cutout, "Edge of a box that is emptied, as a share of the patch's").Range(-1, 1);
    p.Add("augmentProbability", &own.probability, "Probability of each kind but flips").Range(-1, 1);
  }

  AugmentationPlan Plan() const
  {
    auto       plan = AugmentationPlan::Preset(preset);
    const auto take = [&](double AugmentationPlan::*kind) {
      if (own.*kind >= 0)
        plan.*kind = own.*kind;
    };
    for (const auto kind : { &AugmentationPlan::flip, &AugmentationPlan::rotate, &AugmentationPlan::zoom, &AugmentationPlan::shift, &AugmentationPlan::elastic, &AugmentationPlan::gamma,
                             &AugmentationPlan::brightness, &AugmentationPlan::contrast, &AugmentationPlan::biasField, &AugmentationPlan::blur, &AugmentationPlan::noise, &AugmentationPlan::cutout,
                             &AugmentationPlan::probability })
      take(kind);
    plan.Check();
    return plan;
  }
};

} // namespace serval
