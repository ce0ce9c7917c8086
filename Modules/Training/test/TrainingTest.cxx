#include "SlabCohort.h"

#include <algorithm>
#include <cmath>

namespace serval
{
namespace
{

TEST_F(Training, TheLossFallsAndUnseenPatientsAreClassified)
{
  NoProgress   quiet;
  const auto   request = Classification();
  const auto   result = LoadLearning().Train(*cache, request, quiet);
  EXPECT_LT(result.curve.back().loss, 0.5 * result.curve.front().loss);
  const auto p = LoadLearning().Predict(*cache, test, Model(request, result), request.computing, quiet);
  ASSERT_EQ(p.size(), 2 * test.size());
  int right = 0;
  for (std::size_t i = 0; i < test.size(); ++i)
  {
    EXPECT_NEAR(p[2 * i] + p[2 * i + 1], 1, 1e-5);
    right += (p[2 * i + 1] > 0.5F) == (cache->Patches()[test[i]].classIndex == 1);
  }
  EXPECT_GE(right, int(0.9 * double(test.size())));
}

// What is learned from moved images and labels holds for those that stay.
TEST_F(Training, AugmentedSegmentationLearns)
{
  NoProgress quiet;
  auto       request = Segmentation();
  request.validation = test;
  request.optimiser.evaluateEvery = request.steps = 60;
  request.augmentation = AugmentationPlan::Preset("light");
  request.augmentation.flip = 1;
  EXPECT_GT(LoadLearning().Train(*cache, request, quiet).curve.back().validationAccuracy, 0.9);
}

TEST_F(Training, SegmentationLearns)
{
  NoProgress quiet;
  auto       request = Segmentation();
  request.steps = 100;
  const auto result = LoadLearning().Train(*cache, request, quiet);
  EXPECT_LT(result.curve.back().loss, 0.5 * result.curve.front().loss);
  EXPECT_GT(result.curve.back().accuracy, 0.9);
}

TEST_F(Training, TheSameSeedGivesTheSameBits)
{
  NoProgress quiet;
  auto       request = Classification();
  request.steps = 5;
  const auto first = LoadLearning().Train(*cache, request, quiet), again = LoadLearning().Train(*cache, request, quiet);
  for (const auto & [name, array] : first.arrays)
    EXPECT_EQ(array.values, again.arrays.at(name).values) << name;
  request.seed = 2;
  EXPECT_NE(LoadLearning().Train(*cache, request, quiet).arrays.at("encoder1.first.weight").values,
            first.arrays.at("encoder1.first.weight").values);
}

TEST_F(Training, ATransferKeepsFrozenLayersToTheBit)
{
  NoProgress quiet;
  auto       pretraining = Segmentation();
  pretraining.steps = 5;
  const auto source = Model(pretraining, LoadLearning().Train(*cache, pretraining, quiet));
  auto       request = Classification();
  request.steps = 5;
  request.source = &source;
  request.plan.freeze = "upto:bottleneck";
  request.plan.reset = { "decoder1" };
  const auto result = LoadLearning().Train(*cache, request, quiet);
  ASSERT_TRUE(result.load.has_value());
  EXPECT_EQ(result.load->arrays.at("decoder1.up.weight"), "reset");
  int moved = 0;
  for (const auto & [name, array] : result.arrays)
    if (name.starts_with("encoder") || name.starts_with("bottleneck"))
      EXPECT_EQ(array.values, source.arrays.at(name).values) << name;
    else
      moved += !source.arrays.contains(name) || array.values != source.arrays.at(name).values;
  EXPECT_GT(moved, 10);
}

TEST_F(Training, FeaturesAreMeansOfTheNamedLayers)
{
  NoProgress quiet;
  auto       request = Classification();
  request.steps = 2;
  const auto model = Model(request, LoadLearning().Train(*cache, request, quiet));
  const auto features = LoadLearning().Features(*cache, test, model, { "encoder1", "bottleneck" }, request.computing, quiet);
  EXPECT_EQ(features.at("encoder1").size(), 4 * test.size());
  EXPECT_EQ(features.at("bottleneck").size(), 16 * test.size());
  EXPECT_THROW(LoadLearning().Features(*cache, test, model, { "conv5" }, request.computing, quiet), Error);
}

// All poolings of one map, from its voxels.
TEST_F(Training, PooledFeaturesFollowTheirDefinitions)
{
  NoProgress quiet;
  auto       request = Classification();
  request.computing.precision = "float32";
  request.steps = 2;
  const auto                     model = Model(request, LoadLearning().Train(*cache, request, quiet));
  const std::vector<std::size_t> two{ test[0], test[1] };
  const auto features = LoadLearning().Features(*cache, two, model, { "encoder1", "encoder1:flatten", "encoder1:max", "encoder1:statistics", "encoder1:masked", "encoder1:masked-statistics", "encoder1+bottleneck", "bottleneck" },
                                                request.computing, quiet);
  constexpr std::size_t     voxels = 512, maps = 4;
  std::vector<std::uint8_t> slab(2 * voxels);
  cache->ReadSegmentations(two, slab);
  ASSERT_EQ(features.at("encoder1:flatten").size(), 2 * maps * voxels);
  for (std::size_t row = 0; row < 2; ++row)
    for (std::size_t map = 0; map < maps; ++map)
    {
      const float * v = features.at("encoder1:flatten").data() + (row * maps + map) * voxels;
      double        sum = 0, squares = 0, within = 0, withinSquares = 0, count = 0;
      float         most = v[0], mostWithin = -std::numeric_limits<float>::infinity();
      for (std::size_t i = 0; i < voxels; ++i)
      {
        sum += v[i];
        squares += double(v[i]) * v[i];
        most = std::max(most, v[i]);
        if (slab[row * voxels + i] == 0)
          continue;
        within += v[i];
        withinSquares += double(v[i]) * v[i];
        mostWithin = std::max(mostWithin, v[i]);
        ++count;
      }
      const double mean = sum / voxels, deviation = std::sqrt(squares / voxels - mean * mean);
      EXPECT_NEAR(features.at("encoder1")[row * maps + map], mean, 1e-4);
      EXPECT_EQ(features.at("encoder1:max")[row * maps + map], most);
      EXPECT_NEAR(features.at("encoder1:masked")[row * maps + map], within / count, 1e-4);
      const float * masked = features.at("encoder1:masked-statistics").data() + row * 3 * maps + map;
      EXPECT_NEAR(masked[0], within / count, 1e-4);
      EXPECT_NEAR(masked[maps], std::sqrt(withinSquares / count - within * within / count / count), 1e-4);
      EXPECT_EQ(masked[2 * maps], mostWithin);
      EXPECT_NEAR(features.at("encoder1:statistics")[row * 3 * maps + map], mean, 1e-4);
      EXPECT_NEAR(features.at("encoder1:statistics")[row * 3 * maps + maps + map], deviation, 1e-4);
      EXPECT_EQ(features.at("encoder1:statistics")[row * 3 * maps + 2 * maps + map], most);
      EXPECT_EQ(features.at("encoder1+bottleneck")[row * 20 + map], features.at("encoder1")[row * maps + map]);
      EXPECT_EQ(features.at("encoder1+bottleneck")[row * 20 + 4 + map], features.at("bottleneck")[row * 16 + map]);
    }
  EXPECT_THROW(LoadLearning().Features(*cache, test, model, { "encoder1:median" }, request.computing, quiet), Error);
}

TEST_F(Training, WhatCannotBeIsRefused)
{
  NoProgress quiet;
  auto       request = Classification();
  request.plan.freeze = "upto:classifier";
  EXPECT_THROW(LoadLearning().Train(*cache, request, quiet), Error);
  request = Classification();
  request.patches.clear();
  EXPECT_THROW(LoadLearning().Train(*cache, request, quiet), Error);
  auto broken = Model(Classification(), TrainResult());
  EXPECT_THROW(LoadLearning().Predict(*cache, test, broken, {}, quiet), Error);
}

TEST_F(Training, WithoutCudaItIsRefusedClearly)
{
  NoProgress quiet;
  auto       request = Classification();
  request.steps = 1;
  request.computing.device = "cuda";
  try
  {
    const auto result = LoadLearning().Train(*cache, request, quiet);
    EXPECT_EQ(result.device, "cuda"); // a machine with a GPU
  }
  catch (const Error & e)
  {
    EXPECT_EQ(e.Kind(), Fault::Environment);
    EXPECT_NE(std::string(e.what()).find("--device cpu"), std::string::npos);
  }
}

} // namespace
} // namespace serval
