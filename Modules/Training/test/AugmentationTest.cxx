// Properties of each augmentation, and that both engines give the same.
#include "AugmentTensor.h"
#include "serval/Core/Error.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace serval
{
namespace
{

const Extent flat{ 20, 16, 1 }, solid{ 20, 16, 12 };
const Spacing unit{ 1, 1, 1 };

// Smooth, of one bright ball off the centre.
std::vector<float> Ball(const Extent & e)
{
  std::vector<float> image;
  for (std::int64_t z = 0; z < e.z; ++z)
    for (std::int64_t y = 0; y < e.y; ++y)
      for (std::int64_t x = 0; x < e.x; ++x)
        image.push_back(float(std::exp(-0.03 * (std::pow(double(x) - 8, 2) + std::pow(double(y) - 9, 2) + (e.z > 1 ? std::pow(double(z) - 5, 2) : 0.0))) * 3 - 1));
  return image;
}

std::vector<float> Applied(const SampleAugmentation & sample, const Extent & e, const std::vector<float> & image)
{
  std::vector<float> result(image.size());
  Augment(sample, e, 1, image, result);
  return result;
}

SampleAugmentation Drawn(double AugmentationPlan::*kind, double size, const Extent & e, std::uint64_t seed = 1, const Spacing & spacing = unit)
{
  AugmentationPlan plan;
  plan.*kind = size;
  plan.probability = 1;
  return DrawAugmentation(plan, e, spacing, seed, 3, 2);
}

double MeanOf(const std::vector<float> & v) { return std::accumulate(v.begin(), v.end(), 0.0) / double(v.size()); }

class Augmentation : public testing::TestWithParam<bool>
{
protected:
  Extent             e = GetParam() ? solid : flat;
  std::vector<float> image = Ball(e);

  std::size_t At(std::int64_t x, std::int64_t y, std::int64_t z) const { return std::size_t((z * e.y + y) * e.x + x); }
};

TEST_P(Augmentation, NothingIsTheIdentity)
{
  EXPECT_EQ(Applied(DrawAugmentation({}, e, unit, 1, 1, 1), e, image), image);
  EXPECT_TRUE(AugmentationPlan().IsOff());
}

TEST_P(Augmentation, TwoFlipsAreTheIdentityAndOneIsNot)
{
  const auto sample = Drawn(&AugmentationPlan::flip, 1, e);
  const auto once = Applied(sample, e, image);
  EXPECT_NE(once, image);
  const auto twice = Applied(sample, e, once);
  for (std::size_t i = 0; i < image.size(); ++i)
    EXPECT_NEAR(twice[i], image[i], 1e-5);
  EXPECT_NEAR(once[At(0, 0, 0)], image[At(e.x - 1, e.y - 1, e.z - 1)], 1e-6);
}

TEST_P(Augmentation, AQuarterTurnMovesVoxels)
{
  const Extent       cube{ 9, 9, GetParam() ? 9 : 1 };
  const auto         source = Ball(cube);
  SampleAugmentation sample;
  sample.matrix = { 0, -1, 0, 1, 0, 0, 0, 0, 1 }; // result (x, y) from source (-y, x)
  const auto turned = Applied(sample, cube, source);
  for (std::int64_t y = 0; y < 9; ++y)
    for (std::int64_t x = 0; x < 9; ++x)
      EXPECT_NEAR(turned[std::size_t(y * 9 + x)], source[std::size_t(x * 9 + 8 - y)], 1e-5);
}

TEST_P(Augmentation, RotationsAreOfLengthsInMillimetres)
{
  const Spacing spacing{ 0.5, 0.5, 4 };
  const auto    sample = Drawn(&AugmentationPlan::rotate, 90, e, 5, spacing);
  const double  mm[]{ spacing.x, spacing.y, spacing.z };
  for (std::size_t j = 0; j < 3; ++j) // one voxel along j keeps its length
  {
    double length = 0;
    for (std::size_t i = 0; i < 3; ++i)
      length += std::pow(sample.matrix[3 * i + j] * mm[i], 2);
    EXPECT_NEAR(std::sqrt(length), mm[j], 1e-9);
  }
  EXPECT_GT(std::abs(sample.matrix[1]), 1e-3);
  EXPECT_EQ(sample.matrix[8] == 1, !GetParam()) << "in 2D about the normal alone";
}

TEST_P(Augmentation, ZoomKeepsTheCentre)
{
  const Extent odd{ 21, 17, GetParam() ? 13 : 1 };
  const auto   source = Ball(odd);
  const auto   zoomed = Applied(Drawn(&AugmentationPlan::zoom, 1, odd), odd, source);
  const auto   centre = std::size_t(odd.Voxels() / 2);
  EXPECT_NEAR(zoomed[centre], source[centre], 1e-5);
  EXPECT_NE(zoomed, source);
}

TEST_P(Augmentation, ElasticDisplacementsAreBoundedAndSmooth)
{
  std::vector<float> ramp(image.size());
  for (std::int64_t z = 0; z < e.z; ++z)
    for (std::int64_t y = 0; y < e.y; ++y)
      for (std::int64_t x = 0; x < e.x; ++x)
        ramp[At(x, y, z)] = float(x);
  const auto moved = Applied(Drawn(&AugmentationPlan::elastic, 2, e), e, ramp);
  double     largest = 0, jump = 0;
  for (std::int64_t y = 0; y < e.y; ++y)
    for (std::int64_t x = 3; x < e.x - 3; ++x) // not clamped at the border
    {
      largest = std::max(largest, std::abs(moved[At(x, y, 0)] - double(x)));
      if (x > 3)
        jump = std::max(jump, std::abs((moved[At(x, y, 0)] - moved[At(x - 1, y, 0)]) - 1.0));
    }
  EXPECT_LE(largest, 2);
  EXPECT_GT(largest, 0.1);
  EXPECT_LT(jump, 1);
}

TEST_P(Augmentation, GammaIsMonotoneAndKeepsTheRange)
{
  const auto sample = Drawn(&AugmentationPlan::gamma, 1, e);
  const auto toned = Applied(sample, e, image);
  const auto [low, high] = std::minmax_element(image.begin(), image.end());
  const auto [newLow, newHigh] = std::minmax_element(toned.begin(), toned.end());
  EXPECT_NEAR(*newLow, *low, 1e-5);
  EXPECT_NEAR(*newHigh, *high, 1e-5);
  for (std::size_t i = 1; i < image.size(); ++i)
    EXPECT_GE((toned[i] - toned[i - 1]) * (image[i] - image[i - 1]), -1e-6F);
  const double t = (image[5] - *low) / (*high - *low);
  EXPECT_NEAR((toned[5] - *low) / (*high - *low), std::pow(t, sample.gamma), 2e-3);
}

TEST_P(Augmentation, NoiseHasItsDeviation)
{
  const Extent       large{ 64, 64, GetParam() ? 16 : 1 };
  std::vector<float> zero(std::size_t(large.Voxels()));
  auto               sample = Drawn(&AugmentationPlan::noise, 1, large);
  const auto         noisy = Applied(sample, large, zero);
  double             squares = 0, neighbours = 0;
  for (std::size_t i = 0; i < noisy.size(); ++i)
  {
    squares += noisy[i] * double(noisy[i]);
    neighbours += i > 0 ? noisy[i] * double(noisy[i - 1]) : 0;
  }
  EXPECT_NEAR(std::sqrt(squares / double(noisy.size())) / sample.noise, 1, 0.05);
  EXPECT_NEAR(MeanOf(noisy) / sample.noise, 0, 0.05);
  EXPECT_NEAR(neighbours / squares, 0, 0.05);
  sample.noiseSeed += 1;
  EXPECT_NE(Applied(sample, large, zero), noisy);
}

TEST_P(Augmentation, BlurKeepsTheMeanAndLessensTheVariation)
{
  std::vector<float> inner(image.size());
  inner[At(10, 8, e.z / 2)] = 100;
  auto sample = Drawn(&AugmentationPlan::blur, 2, e, 2);
  EXPECT_GT(sample.blur, 0);
  EXPECT_LE(sample.blur, 2);
  sample.blur = 0.8;
  const auto blurred = Applied(sample, e, inner);
  EXPECT_NEAR(MeanOf(blurred), MeanOf(inner), 1e-4);
  EXPECT_LT(blurred[At(10, 8, e.z / 2)], 99);
  EXPECT_GT(blurred[At(11, 8, e.z / 2)], 0);
}

TEST_P(Augmentation, BiasFieldsArePositiveSmoothAndOfMeanOne)
{
  std::vector<float> step(image.size(), 1);
  step[0] = 0; // the least value, from which the factor counts
  const auto biased = Applied(Drawn(&AugmentationPlan::biasField, 0.9, e), e, step);
  EXPECT_GT(*std::min_element(biased.begin() + 1, biased.end()), 0.1F);
  EXPECT_NEAR(MeanOf(biased), 1, 0.1);
  for (std::int64_t x = 2; x < e.x; ++x)
    EXPECT_NEAR(biased[At(x, 3, 0)], biased[At(x - 1, 3, 0)], 0.1);
  EXPECT_NE(biased, step);
}

TEST_P(Augmentation, CutoutEmptiesABox)
{
  std::vector<float> ones(image.size(), 1);
  const auto         cut = Applied(Drawn(&AugmentationPlan::cutout, 0.5, e), e, ones);
  const auto         empty = std::count(cut.begin(), cut.end(), 0.0F);
  EXPECT_EQ(empty, e.x / 2 * (e.y / 2) * std::max<std::int64_t>(1, e.z / 2));
  EXPECT_EQ(std::count(cut.begin(), cut.end(), 1.0F), std::ptrdiff_t(cut.size()) - empty);
}

TEST_P(Augmentation, BrightnessAndContrastAreLinear)
{
  SampleAugmentation sample;
  sample.contrast = 2;
  sample.brightness = 0.5;
  const auto toned = Applied(sample, e, image);
  for (std::size_t i = 0; i < image.size(); i += 7)
    EXPECT_NEAR(toned[i], 2 * image[i] + 0.5, 1e-5);
}

AugmentationPlan Everything()
{
  auto plan = AugmentationPlan::Preset("full");
  plan.probability = 0.7;
  return plan;
}

TEST_P(Augmentation, LabelsMoveWithTheImage)
{
  auto plan = Everything();
  plan.noise = plan.cutout = plan.gamma = plan.biasField = plan.brightness = plan.contrast = plan.blur = 0;
  std::vector<std::uint8_t> labels(image.size()), moved(image.size());
  for (std::size_t i = 0; i < image.size(); ++i)
    labels[i] = image[i] > 0.3F;
  for (std::uint64_t draw = 0; draw < 10; ++draw)
  {
    const auto         sample = DrawAugmentation(plan, e, { 1, 1, 2 }, 4, draw, 0);
    std::vector<float> result(image.size());
    Augment(sample, e, 1, image, result, labels, moved);
    std::size_t right = 0, clear = 0;
    for (std::size_t i = 0; i < image.size(); ++i)
      if (std::abs(result[i] - 0.3F) > 0.2F)
      {
        ++clear;
        right += (result[i] > 0.3F) == (moved[i] == 1);
      }
    EXPECT_GT(double(right), 0.95 * double(clear)) << draw;
  }
}

TEST_P(Augmentation, BothEnginesAgree)
{
  const auto                shape = GetParam() ? std::vector<std::int64_t>{ 2, e.z, e.y, e.x } : std::vector<std::int64_t>{ 2, e.y, e.x };
  std::vector<float>        two = image;
  std::vector<std::uint8_t> labels(image.size());
  for (std::size_t i = 0; i < image.size(); ++i)
  {
    two.push_back(-2 * image[i]);
    labels[i] = static_cast<std::uint8_t>(i % 5);
  }
  for (std::uint64_t draw = 0; draw < 30; ++draw)
  {
    const auto                sample = DrawAugmentation(Everything(), e, { 0.7, 0.7, 2 }, 9, draw, draw % 4);
    std::vector<float>        result(two.size());
    std::vector<std::uint8_t> moved(labels.size());
    Augment(sample, e, 2, two, result, labels, moved);
    const auto tensor = torch::from_blob(two.data(), shape, torch::kFloat).clone();
    const auto map = torch::from_blob(labels.data(), std::vector<std::int64_t>(shape.begin() + 1, shape.end()), torch::kUInt8).clone();
    const auto [image2, labels2] = AugmentTensor(sample, tensor, map);
    const auto ours = torch::from_blob(result.data(), shape, torch::kFloat);
    EXPECT_LT((ours - image2).abs().max().item<float>(), 2e-3) << draw;
    EXPECT_LT((ours - image2).abs().mean().item<float>(), 2e-5) << draw;
    const auto same = torch::from_blob(moved.data(), map.sizes(), torch::kUInt8).eq(labels2).to(torch::kFloat).mean().item<float>();
    EXPECT_GT(same, 0.995) << draw << ": but for ties of the nearest voxel";
  }
}

INSTANTIATE_TEST_SUITE_P(Dimensions, Augmentation, testing::Values(false, true), [](const auto & info) { return info.param ? "Solid" : "Flat"; });

TEST(AugmentationPlan, DrawsDependOnSeedDrawAndPlaceAlone)
{
  const auto plan = Everything();
  const auto noise = [&](std::uint64_t seed, std::uint64_t draw, std::uint64_t index) { return DrawAugmentation(plan, solid, unit, seed, draw, index).noiseSeed; };
  EXPECT_EQ(noise(1, 2, 3), noise(1, 2, 3));
  EXPECT_NE(noise(1, 2, 3), noise(2, 2, 3));
  EXPECT_NE(noise(1, 2, 3), noise(1, 3, 2));
}

TEST(AugmentationPlan, RefusesWhatCannotBe)
{
  for (const auto & [kind, value] : { std::pair(&AugmentationPlan::flip, 1.5), std::pair(&AugmentationPlan::rotate, -1.0), std::pair(&AugmentationPlan::biasField, 1.0) })
  {
    AugmentationPlan plan;
    plan.*kind = value;
    EXPECT_THROW(plan.Check(), Error);
  }
  EXPECT_THROW(AugmentationPlan::Preset("heavy"), Error);
}

} // namespace
} // namespace serval
