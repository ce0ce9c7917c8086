#pragma once
// Pictures of a study's patches, and where a network looked in them.

#include "ErrorGallery.h"
#include "StudyRuns.h"
#include "serval/CommandLine/Application.h"
#include "serval/Cache/PatchCache.h"
#include "serval/Core/Text.h"
#include "serval/Study/Results.h"
#include "serval/Visualization/Scene.h"

#include <algorithm>
#include <optional>
#include <set>

namespace serval
{

/// Three slices through the patch, or the one that a flat patch has, with labels over it where there are any.
inline Picture SlicesOf(const PatchCache & cache, std::size_t patch, const std::vector<std::uint16_t> & labels = {})
{
  if (cache.Description().patch.z == 1)
  {
    constexpr int   width = 320;
    const PatchLook look;
    PatchPictures   pictures(cache, look);
    auto            cell = pictures.Cell(patch, {});
    const std::vector<float> heat(labels.begin(), labels.end());
    cell.heat = heat;
    return RenderPatch(cell, look.Plane(), width);
  }
  const auto voxels = VoxelsOf(cache, patch);
  Scene      scene;
  scene.volume = { voxels, cache.Patches()[patch].geometry };
  scene.window = WindowFor(WindowPreset::Auto, scene.volume);
  scene.labels = labels;
  scene.labelNames = { "most salient tenth" };
  scene.size = { 660, 320 };
  return RenderSlices(scene);
}

/// Label 1 on the tenth of the voxels that a map (NRRD as map-saliency writes it) rates highest.
inline std::vector<std::uint16_t> MostSalient(const std::filesystem::path & file, std::size_t count)
{
  const auto values = ReadSaliency(file, count);
  auto sorted = values;
  std::nth_element(sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>(count * 9 / 10), sorted.end());
  const float                bound = sorted[count * 9 / 10];
  std::vector<std::uint16_t> labels(count);
  for (std::size_t i = 0; i < count; ++i)
    labels[i] = values[i] >= bound && values[i] > 0;
  return labels;
}

/// Maps of a network's saliency by patch.
using SaliencyByPatch = std::map<std::size_t, std::filesystem::path>;

/// Where the network of each run looked in its patches, made once and kept while model and patches are the same; of all
/// runs a cell each. Runs of arms that are no trained network have none.
class RunSaliency
{
public:
  RunSaliency(const StudyFile & study, const PlannedTarget & target, std::filesystem::path folder)
    : m_Study(study)
    , m_Target(target)
    , m_Folder(std::move(folder))
  {}

  void Want(const PlannedResult & run, std::size_t patch)
  {
    if (!m_Study.Arm(run.arm).IsTrained() || m_Study.pictures < 1 || run.model.empty() || !std::filesystem::exists(run.model))
      return;
    auto & [model, patches] = m_Wanted[run.cell];
    model = run.model;
    patches.insert(patch);
  }

  /// Says which runs have no map, and why.
  void Make(app::Context & context)
  {
    if (m_Wanted.empty())
      return;
    StudyPlan  plan;
    NoProgress quiet;
    for (const auto & [cell, wanted] : m_Wanted)
      plan.cells.push_back(CellOf(cell, wanted.first, wanted.second));
    std::filesystem::create_directories(m_Folder / "saliency");
    for (const auto & [id, outcome] : RunCells(plan, m_Folder, 1, quiet))
      if (outcome.state != CellState::Done)
        context.Say("Note: the page lacks saliency; " + id + " failed: " + outcome.reason);
      else
        m_Maps[id.substr(prefix.size())] = SaliencyMaps(FolderOf(id.substr(prefix.size())));
  }

  /// Empty where there are none.
  SaliencyByPatch Of(const std::string & cell) const { return m_Maps.contains(cell) ? m_Maps.at(cell) : SaliencyByPatch(); }

private:
  static constexpr std::string_view prefix = "saliency-";

  std::filesystem::path FolderOf(const std::string & cell) const { return m_Folder / "saliency" / cell; }

  Cell CellOf(const std::string & run, const std::filesystem::path & model, const std::set<std::size_t> & patches) const
  {
    Cell cell{ std::string(prefix) + run };
    cell.commands = { { (app::ExecutableFolder() / "ServalMapSaliency").string(), "--cache", m_Target.cache.string(), "--model", model.string(), "--patches",
                        ErrorGallery::Numbers({ patches.begin(), patches.end() }), "--output", FolderOf(run).string() } };
    cell.outputs = { FolderOf(run) / "saliency.csv" };
    cell.reads = { model };
    return cell;
  }

  const StudyFile &     m_Study;
  const PlannedTarget & m_Target;
  std::filesystem::path m_Folder;
  std::map<std::string, std::pair<std::filesystem::path, std::set<std::size_t>>> m_Wanted; ///< model and patches by the run's cell
  std::map<std::string, SaliencyByPatch>                                       m_Maps;
};

} // namespace serval
