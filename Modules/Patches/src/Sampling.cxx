#include "serval/Patches/Sampling.h"

#include "serval/Core/Error.h"
#include "serval/Core/Random.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace serval
{
namespace
{

std::int64_t Offset(Extent at, Extent volume) { return at.x + volume.x * (at.y + volume.y * at.z); }

Extent LastCorner(Extent volume, Extent patch) { return { volume.x - patch.x, volume.y - patch.y, volume.z - patch.z }; }

template <typename TVisit>
void ForEachCorner(Extent volume, Extent patch, Extent stride, TVisit visit)
{
  const Extent last = LastCorner(volume, patch);
  for (std::int64_t z = 0; z <= last.z; z += stride.z)
    for (std::int64_t y = 0; y <= last.y; y += stride.y)
      for (std::int64_t x = 0; x <= last.x; x += stride.x)
        visit(Extent{ x, y, z });
}

// Share of the patch's voxels with the label.
double Share(Extent corner, Extent volume, Extent patch, std::span<const std::uint16_t> labels, std::uint16_t label)
{
  std::int64_t count = 0;
  for (std::int64_t z = 0; z < patch.z; ++z)
    for (std::int64_t y = 0; y < patch.y; ++y)
    {
      const auto * row = labels.data() + Offset({ corner.x, corner.y + y, corner.z + z }, volume);
      count += std::count(row, row + patch.x, label);
    }
  return double(count) / double(patch.Voxels());
}

// `count` of the candidates, without repetition, in the order of the draw.
std::vector<Extent> Draw(std::vector<Extent> candidates, int count, std::mt19937_64 & random)
{
  const auto wanted = std::min(static_cast<std::size_t>(count), candidates.size());
  for (std::size_t i = 0; i < wanted; ++i)
    std::swap(candidates[i], candidates[i + UniformBelow(candidates.size() - i, random)]);
  candidates.resize(wanted);
  return candidates;
}

// False: the whole case is left out.
bool Accept(std::size_t found, const SamplingPlan & plan, const std::string & what)
{
  const bool enough = found >= static_cast<std::size_t>(plan.count);
  Require(enough || plan.shortfall != SamplingPlan::Shortfall::Error, Fault::Input, "only ", found, " of ", plan.count,
          " patches of ", ToText(plan.patch), " voxels can be centred on ", what,
          " inside the volume; lower --count or --size, or choose --shortfall skip or fewer");
  return enough || plan.shortfall == SamplingPlan::Shortfall::Fewer;
}

std::vector<Extent> SampleClasses(Extent volume, const SamplingPlan & plan, std::span<const std::uint16_t> labels,
                                  std::mt19937_64 & random)
{
  std::vector<std::vector<Extent>> candidates(static_cast<std::size_t>(plan.labels));
  ForEachCorner(volume, plan.patch, { 1, 1, 1 }, [&](Extent corner) {
    const auto label = labels[static_cast<std::size_t>(Offset(CentreOf(corner, plan.patch), volume))];
    if (label < plan.labels && (plan.purity <= 0 || Share(corner, volume, plan.patch, labels, label) >= plan.purity))
      candidates[label].push_back(corner);
  });
  std::vector<Extent> corners;
  for (std::size_t label = 0; label < candidates.size(); ++label)
  {
    if (!Accept(candidates[label].size(), plan, Concat("label ", label)))
      return {};
    const auto drawn = Draw(std::move(candidates[label]), plan.count, random);
    corners.insert(corners.end(), drawn.begin(), drawn.end());
  }
  return corners;
}

std::vector<Extent> SampleAnywhere(Extent volume, const SamplingPlan & plan, std::span<const std::uint16_t> labels,
                                   std::mt19937_64 & random)
{
  const bool          foreground = plan.sampler == SamplingPlan::Sampler::Foreground;
  std::vector<Extent> candidates;
  ForEachCorner(volume, plan.patch, { 1, 1, 1 }, [&](Extent corner) {
    if (!foreground || labels[static_cast<std::size_t>(Offset(CentreOf(corner, plan.patch), volume))] != 0)
      candidates.push_back(corner);
  });
  if (!Accept(candidates.size(), plan, foreground ? "the foreground" : "a voxel"))
    return {};
  return Draw(std::move(candidates), plan.count, random);
}

} // namespace

SamplingPlan::Sampler SamplingPlan::SamplerFrom(const std::string & text)
{
  return text == "grid"         ? Sampler::Grid
         : text == "uniform"    ? Sampler::Uniform
         : text == "class"      ? Sampler::Class
         : text == "foreground" ? Sampler::Foreground
                                : throw Error(Fault::Usage, "the sampler '" + text + "' is unknown");
}

SamplingPlan::Shortfall SamplingPlan::ShortfallFrom(const std::string & text)
{
  return text == "error"   ? Shortfall::Error
         : text == "skip"  ? Shortfall::Skip
         : text == "fewer" ? Shortfall::Fewer
                           : throw Error(Fault::Usage, "the answer to a shortfall '" + text + "' is unknown");
}

Extent CentreOf(Extent corner, Extent patch)
{
  return { corner.x + patch.x / 2, corner.y + patch.y / 2, corner.z + patch.z / 2 };
}

std::vector<Extent> SampleCorners(Extent volume, const SamplingPlan & plan, std::span<const std::uint16_t> labels,
                                  std::mt19937_64 & random)
{
  const Extent last = LastCorner(volume, plan.patch);
  Require(last.x >= 0 && last.y >= 0 && last.z >= 0, Fault::Input, "the patch of ", ToText(plan.patch),
          " voxels is larger than the volume of ", ToText(volume));
  if (plan.sampler == SamplingPlan::Sampler::Class || plan.sampler == SamplingPlan::Sampler::Foreground)
  {
    Require(labels.size() == static_cast<std::size_t>(volume.Voxels()), Fault::Internal, "labels of another size");
    Require(std::any_of(labels.begin(), labels.end(), [](auto label) { return label != 0; }), Fault::Input,
            "the segmentation is empty: no voxel carries a label other than 0");
  }
  if (plan.sampler == SamplingPlan::Sampler::Class)
    return SampleClasses(volume, plan, labels, random);
  if (plan.sampler != SamplingPlan::Sampler::Grid)
    return SampleAnywhere(volume, plan, labels, random);
  std::vector<Extent> corners;
  ForEachCorner(volume, plan.patch, plan.stride, [&](Extent corner) { corners.push_back(corner); });
  return corners;
}

} // namespace serval
