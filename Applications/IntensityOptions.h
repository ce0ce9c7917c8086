#pragma once
// The options that say how native intensities become a network's input.

#include "serval/CommandLine/Application.h"
#include "serval/Core/IntensityPlan.h"

#include <string>
#include <vector>

namespace serval
{

struct IntensityOptions
{
  std::vector<std::string> windows;
  int                      repeat = 1;
  std::string              standard = "none";

  void Declare(app::Parameters & p)
  {
    p.Add("window", &windows, "Intensities LOW:HIGH scaled to -1..1 and clipped (HU in CT); several make a channel each, as "
                              "-1000:400,-160:240,-100:900; z-scores of the volume when left out");
    p.Add("repeat", &repeat, "Times that each input channel stands in a row: 3 gives a grey image to a network for colours").Range(1, 64);
    p.Add("standard", &standard, "Mean and deviation of each input channel after the window: imagenet takes those that networks of torchvision expect, "
                                    "except its GoogLeNet, which undoes them: none (sources tells what each network wants)")
      .Choices({ "none", "imagenet" });
  }

  /// Of a network with so many input channels, or of a cache with so many stored ones.
  IntensityPlan OfInput(int input) const
  {
    IntensityPlan plan{ WindowsFrom(windows), repeat };
    if (standard == "imagenet") // torchvision 0.2, transforms of its models: RGB in [0, 1]
    {
      plan.means = { 0.485, 0.456, 0.406 };
      plan.deviations = { 0.229, 0.224, 0.225 };
    }
    plan.Check(input);
    return plan;
  }
  IntensityPlan OfStored(int stored) const { return OfInput(IntensityPlan{ WindowsFrom(windows), repeat }.Channels(stored)); }
};

} // namespace serval
