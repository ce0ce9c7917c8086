#include "serval/Cache/PatchCacheWriter.h"
#include "serval/Training/Learning.h"

#include "serval/Core/Error.h"
#include "serval/Core/Random.h"

#include "Support.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <numeric>

namespace serval
{
namespace
{

// 8^3 patches of noise with a bright slab: low z is class 0, high z class 1; the slab is the segmentation.
CasePatches Slabs(int patient, std::mt19937_64 & random)
{
  constexpr int size = 8, count = 12;
  CasePatches   c;
  c.caseId = c.patient = "p" + std::to_string(patient);
  c.sourceFingerprint = c.caseId;
  c.intensity = { { 0, 1, -3, 3 } };
  std::vector<float> voxels;
  for (int n = 0; n < count; ++n)
  {
    const int side = n % 2;
    for (int i = 0; i < size * size * size; ++i)
    {
      const int  z = i / (size * size);
      const bool slab = side == 0 ? z < 3 : z >= 5;
      voxels.push_back(float(Uniform01(random)) + (slab ? 1.5F : 0.0F));
      c.segmentation.push_back(slab ? 1 : 0);
    }
    c.classes.push_back(side);
    c.corners.push_back({ n, 0, 0 });
    c.geometries.push_back({ { size, size, size }, {}, {}, {} });
  }
  c.image.resize(voxels.size() * sizeof(float));
  std::memcpy(c.image.data(), voxels.data(), c.image.size());
  return c;
}

class Training : public testing::Test
{
protected:
  support::TemporaryFolder    folder;
  std::unique_ptr<PatchCache> cache;
  std::vector<std::size_t>    train, test;

  void SetUp() override
  {
    CacheDescription d;
    d.patch = { 8, 8, 8 };
    d.classNames = { "low", "high" };
    d.segmentationNames = { "noise", "slab" };
    d.segmentationKind = "pseudo-labels";
    std::mt19937_64  random(3);
    PatchCacheWriter writer(folder / "t.cache", d);
    for (int patient = 0; patient < 6; ++patient)
      writer.Add(Slabs(patient, random));
    writer.Commit();
    cache = std::make_unique<PatchCache>(folder / "t.cache");
    train = cache->PatchesOf({ "p0", "p1", "p2" });
    test = cache->PatchesOf({ "p3", "p4", "p5" });
  }

  TrainRequest Classification() const
  {
    TrainRequest request;
    request.network.filters = 4;
    request.network.depth = 2;
    request.network.classes = 2;
    request.network.attachment = NetworkSpec::Attachment::Decoder1;
    request.patches = train;
    request.steps = 40;
    request.batch = 12;
    request.learningRate = 3e-3;
    request.computing.device = "cpu";
    return request;
  }

  TrainRequest Segmentation() const
  {
    TrainRequest request = Classification();
    request.task = TrainRequest::Task::Segmentation;
    request.network.classes = 0;
    request.network.attachment = NetworkSpec::Attachment::None;
    request.network.segmentationClasses = 2;
    return request;
  }

  ModelFile Model(const TrainRequest & request, const TrainResult & result) const
  {
    ModelFile model;
    model.network = request.network;
    model.patch = { 8, 8, 8 };
    model.arrays = result.arrays;
    return model;
  }
};

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

TEST_F(Training, WhatCannotBeIsRefused)
{
  NoProgress quiet;
  auto       request = Classification();
  request.plan.freeze = "upto:classifier";
  EXPECT_THROW(LoadLearning().Train(*cache, request, quiet), Error);
  request = Classification();
  request.patches.clear();
  EXPECT_THROW(LoadLearning().Train(*cache, request, quiet), Error);
  auto broken = Model(Classification(), { {}, {}, {}, {}, {}, 0 });
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
