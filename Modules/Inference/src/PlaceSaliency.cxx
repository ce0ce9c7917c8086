#include "serval/Inference/PlaceSaliency.h"

#include "serval/Cache/PatchCacheWriter.h"
#include "serval/Core/Error.h"
#include "serval/Core/Random.h"
#include "serval/Core/ScratchFolder.h"
#include "serval/Core/Text.h"
#include "serval/Inference/InferenceSampler.h"
#include "serval/Inference/PatchOnGrid.h"
#include "serval/Training/InputContract.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace serval
{
namespace
{

void RequireInside(const Geometry & grid, const Point & point)
{
  const auto                        index = grid.IndexAt(point);
  const std::array<std::int64_t, 3> size{ grid.extent.x, grid.extent.y, grid.extent.z };
  for (std::size_t axis = 0; axis < 3; ++axis)
    Require(index[axis] >= -0.5 && index[axis] <= double(size[axis]) - 0.5, Fault::Usage, "the point ", point[0], ", ", point[1], ", ", point[2],
            " mm (LPS) lies outside of the volume: its index is ", index[0], ", ", index[1], ", ", index[2], " in ", ToText(grid.extent), " voxels");
}

/// The one patch whose middle is nearest to the point, alone.
CasePatches PatchAt(CaseImages & images, const ModelFile & model, ExtractionPlan & plan, const Point & point)
{
  images.candidates = { Candidate{ point, Coordinates::Lps, "point", "", {} } };
  plan = PlanOf(model, InferenceSampler::Kind::Candidates);
  CutCounts       counts;
  std::mt19937_64 random(DeriveSeed(plan.seed, { "saliency" }));
  auto            patches = CutPatches(images, plan, random, counts);
  Require(patches.Count() > 0, Fault::Input, "the patch at the point leaves the volume; take a point that is farther from its border");
  return patches;
}

std::size_t NearestTo(const PatchCache & cache, const Point & point)
{
  const auto distance = [&](const PatchRecord & patch) {
    const auto & g = patch.geometry;
    const auto   middle = g.PointAt(double(g.extent.x - 1) / 2, double(g.extent.y - 1) / 2, double(g.extent.z - 1) / 2);
    return std::hypot(middle[0] - point[0], middle[1] - point[1], middle[2] - point[2]);
  };
  const auto & all = cache.Patches();
  return static_cast<std::size_t>(std::min_element(all.begin(), all.end(), [&](const auto & a, const auto & b) { return distance(a) < distance(b); }) - all.begin());
}

} // namespace

PlaceSaliency MapSaliencyAt(CaseImages images, const ModelFile & model, const Point & point, const SaliencyRequest & request, const Computing & computing, Progress & progress)
{
  const auto grid = images.channels.front().geometry;
  RequireInside(grid, point);
  PlaceSaliency  place;
  const auto     contract = InputContract::FromJson(model.contract);
  ExtractionPlan plan;
  auto           patches = PatchAt(images, model, plan, point);
  if (contract.low.empty())
    place.warnings.emplace_back("the model does not say from which volumes it learned; whether this is one of them was not checked");
  const CaseFacts facts = patches;
  const auto      violations = contract.Violations(facts);
  Require(violations.empty(), Fault::Input, "the model did not learn from volumes like this one: ", Join(violations, "; "));
  patches.caseId = patches.patient = "case";
  const ScratchFolder folder;
  {
    PatchCacheWriter writer(folder.Path() / "case.cache", plan.Description(images.channels.size(), Compression::None, "{}"));
    writer.Add(patches);
    writer.Commit();
  }
  const PatchCache cache(folder.Path() / "case.cache");
  model.RequireInput(cache.Description().patch, cache.Description().channels, "the volume");
  const auto nearest = NearestTo(cache, point);
  place.patch = cache.Patches()[nearest].geometry;
  place.found = LoadLearning().Saliency(cache, { nearest }, model, request, computing, progress).front();
  place.map = PatchOnGrid(grid, place.patch, place.found.values);
  return place;
}

} // namespace serval
