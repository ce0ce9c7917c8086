#pragma once
// Patches of a cache as cells of a gallery: their voxels, window, and names that tell nobody who they are.

#include "PatchVoxels.h"
#include "serval/CommandLine/Application.h"
#include "serval/Core/Text.h"
#include "serval/Dataset/Lineage.h"
#include "serval/Visualization/PatchGallery.h"

#include <algorithm>
#include <deque>
#include <map>
#include <optional>
#include <set>

namespace serval
{

struct PatchLook
{
  std::filesystem::path key;
  std::string           plane = "axial", window = "auto";
  double                level = 40, width = 0;
  int                   channel = 0;

  void Declare(app::Parameters & p)
  {
    p.Add("key", &key, "Site key file: cases stand under their patients' pseudonyms by it; without one under their number in the cache").In("file", ".key").Optional();
    p.Group("Window and plane");
    p.Add("plane", &plane, "Of 3D patches: their middle slice in this plane").Choices({ "axial", "coronal", "sagittal" });
    p.Add("channel", &channel, "Channel that is shown, from 0").Range(0, 1000);
    p.Add("window", &window, "Intensity window; auto: soft for CT, else mr (percentiles 0.5 to 99.5 of each case's whole volume)").Choices({ "auto", "lung", "soft", "bone", "mr" });
    p.Add("level", &level, "Window level, used where the width is above 0");
    p.Add("width", &width, "Window width; 0: level and width of the window named above").Range(0, 1e9);
  }
  int Plane() const { return plane == "axial" ? 0 : plane == "coronal" ? 1 : 2; }
};

/// Holds the voxels that its cells look at.
class PatchPictures
{
public:
  PatchPictures(const PatchCache & cache, const PatchLook & look)
    : m_Cache(cache)
    , m_Look(look)
  {
    if (!look.key.empty())
      m_Key = SiteKey::OpenOrCreate(look.key);
  }
  PatchPictures(const PatchPictures &) = delete;
  PatchPictures & operator=(const PatchPictures &) = delete;

  PatchCell Cell(std::size_t patch, std::vector<std::string> lines)
  {
    if (const auto number = std::to_string(patch); std::find(m_Drawn.begin(), m_Drawn.end(), number) == m_Drawn.end())
      m_Drawn.push_back(number);
    const auto & voxels = m_Voxels.emplace_back(VoxelsOf(m_Cache, patch, m_Look.channel));
    const auto   window = WindowOf(patch);
    m_Windows.insert(window.name == caseRange ? window.name : Concat(window.name, window.name.empty() ? "" : ", ", "level ", FormatNumber(window.level), ", width ", FormatNumber(window.width)));
    return { { voxels, m_Cache.Patches()[patch].geometry }, window, {}, std::move(lines) };
  }

  /// "case 3", or the pseudonym of the patient and, where there are several, the case's number.
  std::string NameOf(std::size_t patch) const
  {
    const auto caseIndex = m_Cache.Patches()[patch].caseIndex;
    if (!m_Key)
      return Concat("case ", caseIndex + 1);
    const auto & cases = m_Cache.Cases();
    const auto   patient = cases[caseIndex].patient;
    const auto   isOf = [&patient](const auto & one) { return one.patient == patient; };
    const auto   name = m_Key->PseudonymOf(patient).substr(0, 8);
    const auto   number = std::count_if(cases.begin(), cases.begin() + std::ptrdiff_t(caseIndex) + 1, isOf);
    return std::count_if(cases.begin(), cases.end(), isOf) > 1 ? Concat(name, " (", number, ")") : name;
  }

  /// Numbers of the patches that got a cell, in order.
  const std::vector<std::string> & Drawn() const { return m_Drawn; }

  /// How the patches are seen, for the note below them.
  std::string HowSeen() const
  {
    std::string windows = Join({ m_Windows.begin(), m_Windows.end() }, "; ");
    const bool  isFlat = m_Cache.Description().patch.z == 1;
    return Concat(isFlat ? "" : Concat("Middle ", m_Look.plane, " slices of ", ToText(m_Cache.Description().patch), " voxels, ",
                                       m_Look.plane == "sagittal" ? "anterior" : "the patient's right", " on the left. "),
                  "Window: ", windows, ".", m_Key ? " Cases by pseudonym." : " Cases by number in the cache.");
  }

private:
  static constexpr const char * caseRange = "percentiles 0.5 to 99.5 of each case";

  DisplayWindow WindowOf(std::size_t patch) const
  {
    static const std::map<std::string, WindowPreset> presets{ { "lung", WindowPreset::Lung }, { "soft", WindowPreset::Soft }, { "bone", WindowPreset::Bone } };
    if (m_Look.width > 0)
      return { m_Look.level, m_Look.width, "" };
    const auto & from = m_Cache.Cases()[m_Cache.Patches()[patch].caseIndex];
    const auto & range = from.intensity[std::size_t(m_Look.channel) < from.intensity.size() ? std::size_t(m_Look.channel) : 0];
    const bool   isCt = from.modality == "CT" || (from.modality.empty() && range.low <= -500);
    if (m_Look.window != "mr" && (m_Look.window != "auto" || isCt))
      return WindowFor(presets.at(m_Look.window == "auto" ? "soft" : m_Look.window), {});
    return { (range.low + range.high) / 2, std::max(range.high - range.low, 1e-6), caseRange };
  }

  const PatchCache &             m_Cache;
  const PatchLook &              m_Look;
  std::optional<SiteKey>         m_Key;
  std::deque<std::vector<float>> m_Voxels;
  std::set<std::string>          m_Windows;
  std::vector<std::string>       m_Drawn;
};

} // namespace serval
