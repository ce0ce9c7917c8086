// Which voxels the answer rests on: the slab at one end of the patch decides the class.
#include "SlabCohort.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace serval
{
namespace
{

using Method = SaliencyRequest::Method;

class Saliency : public Training
{
protected:
  NoProgress quiet;
  ModelFile  model;

  void SetUp() override
  {
    Training::SetUp();
    auto request = Classification();
    request.steps = 60;
    model = Model(request, LoadLearning().Train(*cache, request, quiet));
  }
  std::vector<SaliencyMap> Maps(const SaliencyRequest & request)
  {
    return LoadLearning().Saliency(*cache, { test.begin(), test.begin() + 8 }, model, request, { "cpu", "auto", 1 }, quiet);
  }
};

// With all else equal between the slabs' sides, what differs is the slabs (z below 3, z from 5 on) and not the middle.
TEST_F(Saliency, LiesOnTheSlabsAndNotBetweenThem)
{
  for (const auto method : { Method::IntegratedGradients, Method::GuidedBackpropagation, Method::Occlusion })
  {
    SaliencyRequest request;
    request.method = method;
    request.box = { 2, 2, 2 };
    double ends = 0, middle = 0;
    for (const auto & map : Maps(request))
    {
      ASSERT_EQ(map.values.size(), 512U);
      EXPECT_GT(map.probability, 0.5F);
      for (std::size_t i = 0; i < 512; ++i)
        (i / 64 == 3 || i / 64 == 4 ? middle : ends) += std::abs(map.values[i]) / (i / 64 == 3 || i / 64 == 4 ? 128 : 384);
    }
    EXPECT_GT(ends, 1.2 * middle) << int(method);
  }
}

TEST_F(Saliency, IntegratedGradientsAreComplete)
{
  SaliencyRequest request;
  request.method = Method::IntegratedGradients;
  request.steps = 200;
  request.classIndex = 1;
  for (const auto & map : Maps(request))
  {
    EXPECT_EQ(map.classIndex, 1);
    EXPECT_NEAR(map.completeness, 1, 0.05) << "the map explains the whole difference of the logits";
  }
}

TEST_F(Saliency, GradCamHasTheGridOfThePatchAndIsNotNegative)
{
  SaliencyRequest request;
  double          sum = 0;
  for (const auto & map : Maps(request))
  {
    ASSERT_EQ(map.values.size(), 512U);
    EXPECT_GE(*std::min_element(map.values.begin(), map.values.end()), 0);
    sum += *std::max_element(map.values.begin(), map.values.end());
  }
  EXPECT_GT(sum, 0);
  request.layer = "bottleneck";
  EXPECT_EQ(Maps(request)[0].values.size(), 512U);
}

TEST_F(Saliency, GuidedGradientsAreNotNegativeAndDifferFromClassToClass)
{
  SaliencyRequest request;
  request.method = Method::GuidedBackpropagation;
  request.classIndex = 0;
  const auto first = Maps(request);
  request.classIndex = 1;
  const auto second = Maps(request);
  for (std::size_t i = 0; i < first.size(); ++i)
  {
    EXPECT_GE(*std::min_element(first[i].values.begin(), first[i].values.end()), 0);
    EXPECT_GT(*std::max_element(first[i].values.begin(), first[i].values.end()), 0);
    EXPECT_NE(first[i].values, second[i].values);
  }
}

TEST_F(Saliency, RandomWeightsGiveOtherMaps)
{
  SaliencyRequest request;
  request.method = Method::Occlusion;
  double sum = 0;
  for (const auto & map : Maps(request))
  {
    EXPECT_LE(std::abs(map.randomised), 1);
    sum += map.randomised / 8;
  }
  EXPECT_LT(sum, 0.7);
}

TEST_F(Saliency, UnknownLayersClassesAndWordsAreRefused)
{
  SaliencyRequest request;
  request.layer = "conv9";
  EXPECT_THROW(Maps(request), Error);
  request.layer = "classifier";
  EXPECT_THROW(Maps(request), Error);
  request = {};
  request.classIndex = 2;
  EXPECT_THROW(Maps(request), Error);
  EXPECT_THROW(SaliencyRequest::MethodFrom("lime"), Error);
}

} // namespace
} // namespace serval
