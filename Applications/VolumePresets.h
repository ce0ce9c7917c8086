#pragma once
// The presets of ray casting by the names that options have.

#include "serval/Visualization/Scene.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace serval
{

inline const std::vector<std::pair<std::string, VolumePreset>> & VolumePresets()
{
  static const std::vector<std::pair<std::string, VolumePreset>> presets{ { "window", VolumePreset::Window },
                                                                          { "ct-bone", VolumePreset::CtBone },
                                                                          { "ct-lung", VolumePreset::CtLung },
                                                                          { "ct-soft", VolumePreset::CtSoft },
                                                                          { "mr", VolumePreset::MrTissue } };
  return presets;
}
inline std::vector<std::string> VolumePresetNames()
{
  std::vector<std::string> names;
  for (const auto & [name, preset] : VolumePresets())
    names.push_back(name);
  return names;
}
inline VolumePreset VolumePresetFrom(const std::string & wanted)
{
  const auto & all = VolumePresets();
  return std::find_if(all.begin(), all.end(), [&](const auto & one) { return one.first == wanted; })->second;
}

} // namespace serval
