#pragma once
// Pictures of a study's patches, and where a network looked in them.

#include "PatchVoxels.h"
#include "SaliencyFiles.h"
#include "serval/CommandLine/Application.h"
#include "serval/Cache/PatchCache.h"
#include "serval/Core/AtomicFile.h"
#include "serval/Core/Error.h"
#include "serval/Core/Hash.h"
#include "serval/Core/Table.h"
#include "serval/Core/Text.h"
#include "serval/Study/Results.h"
#include "serval/Visualization/Scene.h"

#include <algorithm>
#include <numeric>
#include <optional>
#include <set>

namespace serval
{

/// The patch in the cache that a tested unit stands for: unit ids end in its number. Nothing for whole patients.
inline std::optional<std::size_t> PatchOf(const PatchCache & cache, const CaseResult & one)
{
  const auto slash = one.unitId.rfind('/');
  const auto number = ParseInteger(slash == std::string::npos ? one.unitId : one.unitId.substr(slash + 1));
  if (slash == std::string::npos || !number || *number < 0 || static_cast<std::size_t>(*number) >= cache.Patches().size())
    return std::nullopt;
  const auto patch = static_cast<std::size_t>(*number);
  return cache.Cases()[cache.Patches()[patch].caseIndex].caseId == one.caseId ? std::optional(patch) : std::nullopt;
}

/// Three slices through the patch, with labels over it where there are any.
inline Picture SlicesOf(const PatchCache & cache, std::size_t patch, const std::vector<std::uint16_t> & labels = {})
{
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

/// The first training run of an arm that tests this patient and left a network behind.
inline std::optional<PlannedResult> RunThatTests(const StudyPlan & plan, const PlannedTarget & target, const ArmResult & arm, const std::string & patient)
{
  for (const auto & run : plan.results)
    if (run.target == arm.target && run.arm == arm.arm && run.trainPatients == arm.size && !run.model.empty() && std::filesystem::exists(run.model))
      for (const auto & resample : target.resamples)
        if (resample.repeat == run.repeat && resample.fold == run.fold && std::find(resample.test.begin(), resample.test.end(), patient) != resample.test.end())
          return run;
  return std::nullopt;
}

/// The cell that maps the saliency of an arm's network on some test patients, all patches; no commands for arms that are no
/// trained network. Cases that another run's model tests are left out.
inline StudyPlan PlanSaliency(const StudyFile & study, const StudyPlan & plan, const std::filesystem::path & folder, const PlannedTarget & target, const ArmResult & arm,
                              const std::vector<const CaseResult *> & cases)
{
  constexpr std::size_t mostPatients = 6;
  StudyPlan             saliency;
  const auto            run = study.Arm(arm.arm).IsTrained() && !cases.empty() ? RunThatTests(plan, target, arm, cases.front()->patient) : std::nullopt;
  if (!run)
    return saliency;
  std::set<std::string> patients;
  for (const auto * one : cases)
    if (const auto other = RunThatTests(plan, target, arm, one->patient); patients.size() < mostPatients && other && other->model == run->model)
      patients.insert(one->patient);
  const auto names = Join({ patients.begin(), patients.end() }, "\n") + "\n";
  const auto list = "lists/saliency-" + Sha256(names).substr(0, 8) + ".txt";
  const auto output = folder / "saliency" / target.name;
  saliency.files[list] = names;
  Cell cell{ "saliency-" + target.name };
  cell.commands = { { (app::ExecutableFolder() / "ServalMapSaliency").string(), "--cache", target.cache.string(), "--model", run->model.string(), "--patients", (folder / list).string(), "--output", output.string(),
                      "--count", "1000000" } };
  cell.outputs = { output / "saliency.csv" };
  cell.reads = { run->model };
  saliency.cells.push_back(std::move(cell));
  return saliency;
}

/// Maps by patch; made once and kept while model and patients are the same.
inline std::map<std::size_t, std::filesystem::path> SaliencyOf(app::Context & context, const StudyPlan & saliency, const std::filesystem::path & folder)
{
  NoProgress quiet;
  if (saliency.cells.empty())
    return {};
  std::filesystem::create_directories(folder / "saliency");
  for (const auto & [id, outcome] : RunCells(saliency, folder, 1, quiet))
    if (outcome.state != CellState::Done)
    {
      context.Say("Note: the page shows no saliency; " + id + " failed: " + outcome.reason);
      return {};
    }
  return SaliencyMaps(saliency.cells.front().outputs.front().parent_path());
}

} // namespace serval
