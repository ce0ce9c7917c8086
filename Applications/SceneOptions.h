#pragma once
// What is seen of a volume: its window, labels, heat map and the patches that were cut from it.

#include "LabelNames.h"
#include "ReadingOptions.h"
#include "VolumePresets.h"
#include "serval/Cache/PatchCache.h"
#include "serval/Core/PathDisplay.h"
#include "serval/Core/Text.h"
#include "serval/Visualization/Scene.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

namespace serval
{

struct SceneOptions
{
  std::filesystem::path    input, labels, heat, patches;
  std::vector<std::string> labelNames;
  std::vector<double>      heatRange;
  std::string              heatName, ofCase, window = "auto";
  double                   level = 40, width = 0;
  ReadingOptions           reading;

  void Declare(app::Parameters & p)
  {
    p.Add("labels", &labels, "Label map on the volume's grid, drawn over it").In("label").Optional();
    p.Add("labelNames", &labelNames, "Names of the labels 1, 2, ... for the legend, or of any labels as 1=liver,5=spleen");
    p.Add("heat", &heat, "Heat map (saliency, probability) on any grid, drawn over the slices").In("image").Optional();
    p.Add("patches", &patches, "Patch cache whose patches are outlined in the slices").In("directory").Optional();
    reading.Declare(p);
    p.Group("Overlays");
    p.Add("heatRange", &heatRange, "Values without colour and of full colour; default: 0 to the highest one, so that what speaks against has no colour; where none is above 0, from the lowest one");
    p.Add("heatName", &heatName, "What the heat map shows, for the legend");
    p.Add("ofCase", &ofCase, "Case of the cache that the volume is, where it holds several");
    p.Group("Window");
    p.Add("window", &window, "Intensity window; auto: soft for CT, mr (1st to 99.5th percentile) otherwise")
      .Choices({ "auto", "lung", "soft", "bone", "mr" });
    p.Add("level", &level, "Window level, used where the width is above 0");
    p.Add("width", &width, "Window width; 0: level and width of the window named above").Range(0, 1e9);
  }

  void CheckValues() const
  {
    Require(heatRange.empty() || (heatRange.size() == 2 && heatRange[0] < heatRange[1]), Fault::Usage,
            "--heatRange expects two numbers, the lower one first");
  }
};

/// The volume and its overlays in memory, and the scene that looks at them.
class LoadedScene
{
public:
  explicit LoadedScene(const SceneOptions & options)
  {
    const Volume volume = ReadVolume(options.input, options.reading.Options());
    m_Voxels = volume.AsFloat();
    scene.volume = { m_Voxels, volume.geometry };
    scene.window = WindowOf(options, volume.modality);
    scene.labelNames = NamesByLabel(options.labelNames);
    if (!options.labels.empty())
    {
      m_Labels = ReadLabels(options.labels);
      RequireSameGrid(volume.geometry, m_Labels.geometry, Shown(options.input), Shown(options.labels));
      scene.labels = m_Labels.labels;
    }
    if (!options.heat.empty())
      AddHeat(options);
    if (!options.patches.empty())
      AddBoxes(options);
  }
  LoadedScene(const LoadedScene &) = delete;
  LoadedScene & operator=(const LoadedScene &) = delete;

  Scene scene;

private:
  DisplayWindow WindowOf(const SceneOptions & options, const std::string & modality) const
  {
    static const std::map<std::string, WindowPreset> presets{ { "auto", WindowPreset::Auto },
                                                              { "lung", WindowPreset::Lung },
                                                              { "soft", WindowPreset::Soft },
                                                              { "bone", WindowPreset::Bone },
                                                              { "mr", WindowPreset::Mr } };
    if (options.width > 0)
      return { options.level, options.width, "" };
    if (options.window != "auto" || modality.empty())
      return WindowFor(presets.at(options.window), scene.volume);
    return WindowFor(modality == "CT" ? WindowPreset::Soft : WindowPreset::Mr, scene.volume);
  }

  void AddHeat(const SceneOptions & options)
  {
    const Volume map = ReadVolume(options.heat, {});
    m_Heat = map.AsFloat();
    double low = 0, high = -std::numeric_limits<double>::infinity();
    for (const float value : m_Heat)
      if (std::isfinite(value))
      {
        low = std::min<double>(low, value);
        high = std::max<double>(high, value);
      }
    low = high > 0 ? 0 : low;
    Require(!options.heatRange.empty() || high > low, Fault::Input, "the heat map ", Shown(options.heat), " has no value but ", high, "; there is nothing to show");
    scene.heat = HeatMap{ { m_Heat, map.geometry }, options.heatRange.empty() ? low : options.heatRange[0], options.heatRange.empty() ? high : options.heatRange[1],
                          options.heatName };
  }

  void AddBoxes(const SceneOptions & options)
  {
    const PatchCache         cache(options.patches);
    std::vector<std::string> cases;
    for (const auto & one : cache.Cases())
      cases.push_back(one.caseId);
    Require(!options.ofCase.empty() || cases.size() == 1, Fault::Usage, "the cache ", Shown(options.patches), " holds ", cases.size(),
            " cases; name the volume's one with --ofCase");
    const auto found = options.ofCase.empty() ? cases.begin() : std::find(cases.begin(), cases.end(), options.ofCase);
    Require(found != cases.end(), Fault::Usage, "the case '", options.ofCase, "' is not in the cache ", Shown(options.patches), "; nearest is '",
            NearestWord(options.ofCase, cases), "'");
    for (const auto & patch : cache.Patches())
      if (std::ptrdiff_t(patch.caseIndex) == found - cases.begin())
        scene.boxes.push_back({ patch.geometry, patch.classIndex < 0 ? 0u : unsigned(patch.classIndex) + 1 });
  }

  std::vector<float> m_Voxels, m_Heat;
  LabelVolume        m_Labels;
};

} // namespace serval
