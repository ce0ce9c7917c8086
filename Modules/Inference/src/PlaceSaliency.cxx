#include "serval/Inference/PlaceSaliency.h"

#include "serval/Cache/PatchCacheWriter.h"
#include "serval/Core/Error.h"
#include "serval/Core/Random.h"
#include "serval/Core/ScratchFolder.h"
#include "serval/Core/Text.h"
#include "serval/Inference/InferenceSampler.h"
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

// Linear between the patch's voxels, up to their outer faces; 0 beyond.
float ValueAt(const std::vector<float> & values, const Geometry & patch, const Point & point)
{
  const auto                        index = patch.IndexAt(point);
  const std::array<std::int64_t, 3> size{ patch.extent.x, patch.extent.y, patch.extent.z };
  std::array<std::int64_t, 3>       low{};
  std::array<double, 3>             share{};
  for (std::size_t axis = 0; axis < 3; ++axis)
  {
    if (!(index[axis] >= -0.5 && index[axis] <= double(size[axis]) - 0.5))
      return 0;
    const double at = std::clamp(index[axis], 0.0, double(size[axis] - 1));
    low[axis] = std::min(static_cast<std::int64_t>(at), std::max<std::int64_t>(size[axis] - 2, 0));
    share[axis] = at - double(low[axis]);
  }
  double sum = 0;
  for (int corner = 0; corner < 8; ++corner)
  {
    double       weight = 1;
    std::int64_t place = 0, stride = 1;
    for (std::size_t axis = 0; axis < 3; ++axis)
    {
      const int far = corner >> axis & 1;
      weight *= far ? share[axis] : 1 - share[axis];
      place += stride * std::min(low[axis] + far, size[axis] - 1);
      stride *= size[axis];
    }
    sum += weight * double(values[static_cast<std::size_t>(place)]);
  }
  return static_cast<float>(sum);
}

Volume OnGrid(const Geometry & grid, const Geometry & patch, const std::vector<float> & values)
{
  std::vector<float> voxels(static_cast<std::size_t>(grid.extent.Voxels()));
  std::size_t        i = 0;
  for (std::int64_t z = 0; z < grid.extent.z; ++z)
    for (std::int64_t y = 0; y < grid.extent.y; ++y)
      for (std::int64_t x = 0; x < grid.extent.x; ++x)
        voxels[i++] = ValueAt(values, patch, grid.PointAt(double(x), double(y), double(z)));
  return { grid, std::move(voxels), "" };
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
  place.map = OnGrid(grid, place.patch, place.found.values);
  return place;
}

} // namespace serval
