#include "serval/Patches/Sampling.h"

#include "RankedVoxels.h"
#include "Words.h"
#include "serval/Core/Error.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace serval
{
namespace
{

using Sampler = SamplingPlan::Sampler;
using Shortfall = SamplingPlan::Shortfall;

constexpr Words<Sampler, 6>   samplers{ { { Sampler::Grid, "grid" },
                                          { Sampler::Uniform, "uniform" },
                                          { Sampler::Class, "class" },
                                          { Sampler::Weighted, "weighted" },
                                          { Sampler::Foreground, "foreground" },
                                          { Sampler::Candidates, "candidates" } } };
constexpr Words<Shortfall, 3> shortfalls{
  { { Shortfall::Error, "error" }, { Shortfall::Skip, "skip" }, { Shortfall::Fewer, "fewer" } }
};

std::int64_t Offset(Extent at, Extent volume)
{
  return at.x + volume.x * (at.y + volume.y * at.z);
}

Extent BoxOf(const Reach & reach)
{
  return { reach.below.x + reach.above.x + 1, reach.below.y + reach.above.y + 1, reach.below.z + reach.above.z + 1 };
}

// Share of a patch's voxels with the label, of those that lie inside the volume.
double ShareOf(Extent centre, const SamplingField & field, std::uint16_t label)
{
  const auto & v = field.volume;
  const Extent low{ std::max<std::int64_t>(centre.x - field.reach.below.x, 0),
                    std::max<std::int64_t>(centre.y - field.reach.below.y, 0),
                    std::max<std::int64_t>(centre.z - field.reach.below.z, 0) };
  const Extent high{ std::min(centre.x + field.reach.above.x + 1, v.x),
                     std::min(centre.y + field.reach.above.y + 1, v.y),
                     std::min(centre.z + field.reach.above.z + 1, v.z) };
  std::int64_t count = 0;
  for (std::int64_t z = low.z; z < high.z; ++z)
    for (std::int64_t y = low.y; y < high.y; ++y)
    {
      const auto * row = field.labels.data() + Offset({ 0, y, z }, v);
      count += std::count(row + low.x, row + high.x, label);
    }
  return double(count) / double((high.x - low.x) * (high.y - low.y) * (high.z - low.z));
}

// Up to `wanted` of the voxels that fulfil the condition, without repetition, in the order of the draw.
template <typename TCondition, typename TAccept>
std::vector<Extent> Draw(const SamplingField & field, std::size_t wanted, TCondition isWanted, TAccept accept,
                         std::mt19937_64 & random)
{
  const RankedVoxels  voxels(field.First(), field.Count(), isWanted);
  RandomOrder         order(voxels.Size());
  std::vector<Extent> drawn;
  while (drawn.size() < wanted && !order.IsEmpty())
    if (const Extent voxel = voxels.At(order.Next(random)); accept(voxel))
      drawn.push_back(voxel);
  return drawn;
}

std::vector<Extent> DrawUniform(const SamplingField & field, std::size_t wanted, std::mt19937_64 & random)
{
  const Extent        first = field.First(), count = field.Count();
  RandomOrder         order(static_cast<std::uint64_t>(count.Voxels()));
  std::vector<Extent> drawn;
  while (drawn.size() < wanted && !order.IsEmpty())
  {
    const auto   at = static_cast<std::int64_t>(order.Next(random));
    const Extent voxel{ first.x + at % count.x, first.y + at / count.x % count.y, first.z + at / (count.x * count.y) };
    if (field.accept(voxel))
      drawn.push_back(voxel);
  }
  return drawn;
}

std::vector<Extent> SampleLabels(const SamplingField & field, const SamplingPlan & plan, std::mt19937_64 & random)
{
  const auto          quotas = plan.Quotas();
  std::vector<Extent> places;
  for (std::size_t label = 0; label < quotas.size(); ++label)
  {
    const auto number = static_cast<std::uint16_t>(label);
    const auto drawn = Draw(
      field, quotas[label],
      [&](Extent voxel) { return field.labels[static_cast<std::size_t>(Offset(voxel, field.volume))] == number; },
      [&](Extent voxel) {
        return (plan.purity <= 0 || ShareOf(voxel, field, number) >= plan.purity) && field.accept(voxel);
      },
      random);
    if (!AcceptShortfall(drawn.size(), quotas[label], plan.shortfall, Concat("label ", label)))
      return {};
    places.insert(places.end(), drawn.begin(), drawn.end());
  }
  return places;
}

std::vector<Extent> SampleAnywhere(const SamplingField & field, const SamplingPlan & plan, std::mt19937_64 & random)
{
  const auto wanted = static_cast<std::size_t>(plan.count);
  const bool isForeground = plan.sampler == Sampler::Foreground;
  auto       drawn =
    isForeground
            ? Draw(
                field, wanted,
                [&](Extent voxel) { return field.labels[static_cast<std::size_t>(Offset(voxel, field.volume))] != 0; },
                field.accept, random)
            : DrawUniform(field, wanted, random);
  if (!AcceptShortfall(drawn.size(), wanted, plan.shortfall, isForeground ? "the foreground" : "a voxel"))
    return {};
  return drawn;
}

std::vector<std::int64_t> GridAlong(std::int64_t volume, std::int64_t below, std::int64_t box, std::int64_t stride,
                                    double overlap, PatchShape::Border border)
{
  const auto step = stride > 0 ? stride : std::max<std::int64_t>(1, std::llround(double(box) * (1 - overlap)));
  std::vector<std::int64_t> centres;
  const auto                isWithin = [&](std::int64_t corner) {
    return border == PatchShape::Border::Pad ? corner < volume : corner + box <= volume;
  };
  for (std::int64_t corner = 0; isWithin(corner); corner += step)
  {
    centres.push_back(std::min(corner + below, volume - 1));
    if (corner + box >= volume) // the rest is covered
      break;
  }
  return centres;
}

std::vector<Extent> SampleGrid(const SamplingField & field, const SamplingPlan & plan)
{
  const Extent        box = BoxOf(field.reach), &below = field.reach.below, &v = field.volume;
  const auto          xs = GridAlong(v.x, below.x, box.x, plan.stride.x, plan.overlap, field.border);
  const auto          ys = GridAlong(v.y, below.y, box.y, plan.stride.y, plan.overlap, field.border);
  const auto          zs = GridAlong(v.z, below.z, box.z, plan.stride.z, plan.overlap, field.border);
  std::vector<Extent> places;
  for (const auto z : zs)
    for (const auto y : ys)
      for (const auto x : xs)
        if (field.accept({ x, y, z }))
          places.push_back({ x, y, z });
  return places;
}

void RequireLabels(const SamplingField & field)
{
  Require(field.labels.size() == static_cast<std::size_t>(field.volume.Voxels()), Fault::Internal,
          "labels of another size");
  Require(std::any_of(field.labels.begin(), field.labels.end(), [](auto label) { return label != 0; }), Fault::Input,
          "the segmentation is empty: no voxel carries a label other than 0");
}

} // namespace

std::string ToText(Sampler sampler)
{
  return WordOf(sampler, samplers);
}
std::string ToText(Shortfall shortfall)
{
  return WordOf(shortfall, shortfalls);
}
SamplingPlan::Sampler SamplerFrom(const std::string & text)
{
  return ValueOf(text, samplers, "sampler");
}
SamplingPlan::Shortfall ShortfallFrom(const std::string & text)
{
  return ValueOf(text, shortfalls, "answer to a shortfall");
}

std::vector<std::size_t> SamplingPlan::Quotas() const
{
  if (sampler != Sampler::Weighted)
    return std::vector<std::size_t>(static_cast<std::size_t>(labels), static_cast<std::size_t>(count));
  const double                                sum = std::accumulate(weights.begin(), weights.end(), 0.0);
  std::vector<std::size_t>                    quotas;
  std::vector<std::pair<double, std::size_t>> remainders;
  for (const double weight : weights)
  {
    const double exact = count * weight / sum;
    quotas.push_back(static_cast<std::size_t>(exact));
    remainders.emplace_back(std::floor(exact) - exact, remainders.size());
  }
  std::sort(remainders.begin(), remainders.end());
  for (std::size_t i = 0, left = static_cast<std::size_t>(count) -
                                 std::accumulate(quotas.begin(), quotas.end(), std::size_t{ 0 });
       i < left; ++i)
    ++quotas[remainders[i].second];
  return quotas;
}

bool SamplingPlan::NeedsLabels() const
{
  return sampler == Sampler::Class || sampler == Sampler::Weighted || sampler == Sampler::Foreground;
}

void SamplingPlan::Check() const
{
  Require(overlap >= 0 && overlap < 1, Fault::Usage, "--overlap must be at least 0 and below 1");
  Require(overlap == 0 || stride.Voxels() == 0, Fault::Usage, "--overlap and --stride exclude each other");
  Require(sampler != Sampler::Class || labels > 0, Fault::Usage, "--sampler class needs --classNames");
  Require((sampler == Sampler::Weighted) == !weights.empty(), Fault::Usage,
          "--sampler weighted and --weights belong together");
  const bool arePositive =
    std::all_of(weights.begin(), weights.end(), [](double w) { return w >= 0 && std::isfinite(w); });
  Require(weights.empty() || (arePositive && std::accumulate(weights.begin(), weights.end(), 0.0) > 0), Fault::Usage,
          "--weights are numbers of at least 0, one above 0");
}

Extent SamplingField::First() const
{
  return border == PatchShape::Border::Pad ? Extent{} : reach.below;
}

Extent SamplingField::Count() const
{
  if (border == PatchShape::Border::Pad)
    return volume;
  const Extent box = BoxOf(reach), count{ volume.x - box.x + 1, volume.y - box.y + 1, volume.z - box.z + 1 };
  Require(count.x > 0 && count.y > 0 && count.z > 0, Fault::Input, "the patch of ", ToText(box),
          " voxels is larger than the volume of ", ToText(volume), "; --border pad fills what lies outside");
  return count;
}

bool AcceptShortfall(std::size_t found, std::size_t wanted, Shortfall shortfall, const std::string & what)
{
  Require(found >= wanted || shortfall != Shortfall::Error, Fault::Input, "only ", found, " of ", wanted,
          " patches can be centred on ", what, "; lower --count or --size, or choose --shortfall skip or fewer");
  return found >= wanted || shortfall == Shortfall::Fewer;
}

std::vector<Extent> SamplePlaces(const SamplingField & field, const SamplingPlan & plan, std::mt19937_64 & random)
{
  field.Count(); // refuses a patch larger than the volume
  if (plan.NeedsLabels())
    RequireLabels(field);
  switch (plan.sampler)
  {
    case Sampler::Class:
    case Sampler::Weighted:
      return SampleLabels(field, plan, random);
    case Sampler::Grid:
      return SampleGrid(field, plan);
    case Sampler::Uniform:
    case Sampler::Foreground:
      return SampleAnywhere(field, plan, random);
    case Sampler::Candidates:
      break;
  }
  Fail(Fault::Internal, "candidates are given, not drawn");
}

} // namespace serval
