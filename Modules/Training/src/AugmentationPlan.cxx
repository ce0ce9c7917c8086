#include "serval/Training/AugmentationPlan.h"

#include "serval/Core/Error.h"
#include "serval/Core/Random.h"
#include "serval/Core/Text.h"

#include <algorithm>
#include <cmath>
#include <random>

namespace serval
{
namespace
{

using Matrix = std::array<double, 9>;

Matrix Product(const Matrix & a, const Matrix & b)
{
  Matrix c{};
  for (std::size_t i = 0; i < 3; ++i)
    for (std::size_t j = 0; j < 3; ++j)
      for (std::size_t k = 0; k < 3; ++k)
        c[3 * i + j] += a[3 * i + k] * b[3 * k + j];
  return c;
}

Matrix Rotation(std::size_t axis, double degrees)
{
  const double      angle = degrees * M_PI / 180, c = std::cos(angle), s = std::sin(angle);
  const std::size_t u = (axis + 1) % 3, v = (axis + 2) % 3;
  Matrix            m{};
  m[4 * axis] = 1;
  m[4 * u] = m[4 * v] = c;
  m[3 * u + v] = -s;
  m[3 * v + u] = s;
  return m;
}

/// Numbers of one sample, drawn in a fixed order whatever the plan.
class Draw
{
public:
  Draw(const AugmentationPlan & plan, std::uint64_t seed)
    : m_Probability(plan.probability)
    , m_Random(seed)
  {}
  double Even(double from, double to) { return from + (to - from) * double(m_Random() >> 11) / double(1ULL << 53); }
  bool   Takes(double size) { return Even(0, 1) < m_Probability && size > 0; }
  double Factor(double size) { return std::exp(Even(-1, 1) * std::log1p(size)); }

private:
  double          m_Probability;
  std::mt19937_64 m_Random;
};

} // namespace

bool AugmentationPlan::IsOff() const
{
  return flip <= 0 && (probability <= 0 || std::max({ rotate, zoom, shift, elastic, gamma, brightness, contrast, biasField, blur, noise, cutout }) <= 0);
}

void AugmentationPlan::Check() const
{
  Require(flip >= 0 && flip <= 1 && probability >= 0 && probability <= 1, Fault::Usage, "a probability of augmentation lies within 0 and 1");
  Require(std::min({ rotate, zoom, shift, elastic, gamma, brightness, contrast, biasField, blur, noise, cutout }) >= 0, Fault::Usage,
          "sizes of augmentations are not negative");
  Require(rotate <= 180 && biasField < 1 && cutout <= 1 && blur <= 10, Fault::Usage,
          "rotations reach 180 degrees, bias fields an amplitude below 1, boxes the whole edge, blurs 10 voxels");
}

std::string AugmentationPlan::ToText() const
{
  return Concat(flip, ' ', rotate, ' ', zoom, ' ', shift, ' ', elastic, ' ', gamma, ' ', brightness, ' ', contrast, ' ', biasField, ' ', blur, ' ', noise, ' ', cutout, ' ', probability);
}

AugmentationPlan AugmentationPlan::Preset(const std::string & name)
{
  AugmentationPlan plan;
  if (name == "none")
    return plan;
  Require(name == "light" || name == "full", Fault::Usage, "the augmentation '", name, "' is unknown; none, light and full are known");
  plan.flip = 0.5;
  plan.rotate = 10;
  plan.zoom = 0.1;
  plan.noise = 0.05;
  if (name == "light")
    return plan;
  plan.rotate = 30;
  plan.zoom = 0.25;
  plan.shift = 2;
  plan.elastic = 2;
  plan.gamma = 0.5;
  plan.brightness = 0.1;
  plan.contrast = 0.25;
  plan.biasField = 0.3;
  plan.blur = 1;
  plan.noise = 0.1;
  plan.cutout = 0.3;
  plan.probability = 0.25;
  return plan;
}

bool SampleAugmentation::MovesVoxels() const
{
  return matrix != SampleAugmentation().matrix || shift != std::array<double, 3>{} || !elastic.empty();
}

bool SampleAugmentation::HasBias() const { return bias != std::array<double, 9>{}; }

SampleAugmentation DrawAugmentation(const AugmentationPlan & plan, const Extent & patch, const Spacing & spacing, std::uint64_t seed, std::uint64_t draw, std::uint64_t index)
{
  Draw                              random(plan, DeriveSeed(seed, { "augmentation", std::to_string(draw), std::to_string(index) }));
  SampleAugmentation                s;
  const bool                        isFlat = patch.z == 1;
  const std::array<double, 3>       mm{ spacing.x, spacing.y, spacing.z };
  const std::array<std::int64_t, 3> edge{ patch.x, patch.y, patch.z };
  const bool                        turns = random.Takes(plan.rotate);
  Matrix                            physical{ 1, 0, 0, 0, 1, 0, 0, 0, 1 };
  for (std::size_t axis = 0; axis < 3; ++axis)
    if (const double degrees = random.Even(-plan.rotate, plan.rotate); turns && (!isFlat || axis == 2))
      physical = Product(Rotation(axis, degrees), physical);
  const double zoom = random.Takes(plan.zoom) ? 1 / random.Factor(plan.zoom) : 1;
  for (std::size_t i = 0; i < 3; ++i)
  {
    const bool mirrors = random.Even(0, 1) < plan.flip && edge[i] > 1;
    for (std::size_t j = 0; j < 3; ++j)
      s.matrix[3 * j + i] = physical[3 * j + i] * mm[i] / mm[j] * (isFlat && i == 2 ? 1 : zoom) * (mirrors ? -1 : 1);
  }
  const bool moves = random.Takes(plan.shift);
  for (std::size_t i = 0; i < 3; ++i)
    if (const double by = random.Even(-plan.shift, plan.shift); moves && edge[i] > 1)
      s.shift[i] = by;
  if (random.Takes(plan.elastic))
    for (std::size_t i = 0; i < 3; ++i)
      for (int k = 0; k < s.knots * s.knots * s.knots; ++k)
        s.elastic.push_back(edge[i] > 1 ? static_cast<float>(random.Even(-plan.elastic, plan.elastic)) : 0);
  s.gamma = random.Takes(plan.gamma) ? random.Factor(plan.gamma) : 1;
  s.brightness = random.Takes(plan.brightness) ? random.Even(-plan.brightness, plan.brightness) : 0;
  s.contrast = random.Takes(plan.contrast) ? random.Factor(plan.contrast) : 1;
  if (random.Takes(plan.biasField))
    for (double & c : s.bias)
      c = random.Even(-plan.biasField, plan.biasField) / 9; // together below the amplitude
  s.blur = random.Takes(plan.blur) ? random.Even(0, plan.blur) : 0;
  s.noise = random.Takes(plan.noise) ? random.Even(0, plan.noise) : 0;
  s.noiseSeed = static_cast<std::uint32_t>(random.Even(0, 4294967296.0));
  if (random.Takes(plan.cutout))
  {
    const auto side = [&](std::int64_t e) { return std::max<std::int64_t>(1, std::llround(plan.cutout * double(e))); };
    s.cutSize = { side(patch.x), side(patch.y), isFlat ? 1 : side(patch.z) };
    const auto place = [&](std::int64_t e, std::int64_t size) { return static_cast<std::int64_t>(random.Even(0, double(e - size + 1))); };
    s.cutFirst = { place(patch.x, s.cutSize.x), place(patch.y, s.cutSize.y), place(patch.z, s.cutSize.z) };
  }
  return s;
}

std::vector<float> GammaCurve(double gamma)
{
  constexpr int      intervals = 4096;
  std::vector<float> curve(intervals + 2); // the last twice, so that 1 lies between two
  for (int i = 0; i <= intervals; ++i)
    curve[static_cast<std::size_t>(i)] = static_cast<float>(std::pow(double(i) / intervals, gamma));
  curve.back() = 1;
  return curve;
}

std::vector<float> GaussianKernel(double sigma)
{
  const int          radius = static_cast<int>(std::ceil(3 * sigma));
  std::vector<float> kernel;
  double             sum = 0;
  for (int i = -radius; i <= radius; ++i)
    sum += std::exp(-0.5 * i * i / (sigma * sigma));
  for (int i = -radius; i <= radius; ++i)
    kernel.push_back(static_cast<float>(std::exp(-0.5 * i * i / (sigma * sigma)) / sum));
  return kernel;
}

// Voxels 0 .. edge - 1 lie over the intervals 1 .. knots - 3 of the control points.
SplineRow SplineWeights(std::int64_t edge)
{
  SplineRow row;
  const int intervals = SampleAugmentation::knots - 3;
  for (std::int64_t i = 0; i < edge; ++i)
  {
    const double at = edge > 1 ? double(i) / double(edge - 1) * intervals : 0;
    const int    first = std::min(static_cast<int>(at), intervals - 1);
    const double t = at - first, u = 1 - t;
    row.first.push_back(first);
    row.weights.push_back({ float(u * u * u / 6), float((3 * t * t * t - 6 * t * t + 4) / 6), float((-3 * t * t * t + 3 * t * t + 3 * t + 1) / 6), float(t * t * t / 6) });
  }
  return row;
}

} // namespace serval
