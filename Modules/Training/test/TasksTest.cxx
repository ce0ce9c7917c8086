// What can be learned without the classes: losses fall, corruptions do what they say, and the layers serve a transfer.
#include "SlabCohort.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace serval
{
namespace
{

using Task = TrainRequest::Task;

class Tasks : public Training
{
protected:
  NoProgress quiet;

  TrainRequest GivingBack(Task task) const
  {
    auto request = Segmentation();
    request.task = task;
    request.network.segmentationClasses = 0;
    request.network.reconstructs = true;
    return request;
  }
  TrainResult Trained(const TrainRequest & request) { return LoadLearning().Train(*cache, request, quiet); }
};

TEST_F(Tasks, PatchesAreGivenBackRestoredAndGuessed)
{
  for (const auto task : { Task::Reconstruction, Task::Restoration, Task::Masked })
  {
    auto request = GivingBack(task);
    request.steps = 120;
    request.learningRate = 1e-2;
    request.corruption.maskEdge = 2;
    const auto result = Trained(request);
    EXPECT_LT(result.curve.back().loss, 0.6 * result.curve.front().loss) << int(task);
    EXPECT_GT(result.curve.back().accuracy, task == Task::Reconstruction ? 0.7 : 0.4) << "explained share of the variance";

    const auto source = Model(request, result);
    auto       next = Classification();
    next.steps = 2;
    next.source = &source;
    const auto load = *Trained(next).load;
    EXPECT_EQ(load.arrays.at("encoder1.first.weight"), "loaded");
    EXPECT_EQ(load.arrays.at("decoder1.second.weight"), "loaded");
  }
}

TEST_F(Tasks, AnAutoencoderOfItsOwnLearns)
{
  auto request = GivingBack(Task::Reconstruction);
  request.network = {};
  request.network.name = "autoencoder";
  request.network.filters = 8;
  request.network.depth = 2;
  request.steps = 120;
  const auto result = Trained(request);
  EXPECT_LT(result.curve.back().loss, 0.8 * result.curve.front().loss);
}

TEST_F(Tasks, BoltzmannMachinesLearnFiltersForTheFirstConvolutions)
{
  TrainRequest request;
  request.task = Task::Boltzmann;
  request.network.name = "small-cnn";
  request.network.filters = 8;
  request.network.classes = 2;
  request.patches = train;
  request.steps = 200;
  request.batch = 12;
  request.learningRate = 2e-2;
  request.computing.device = "cpu";
  const auto result = Trained(request);
  EXPECT_LT(result.curve.back().loss, 0.8 * result.curve.front().loss) << "the error of the reconstruction";
  EXPECT_GT(result.curve.back().accuracy, 0.2);

  request.boltzmann.layers = { "nothing" };
  EXPECT_THROW(Trained(request), Error);
  const auto source = Model(request, result);
  auto       next = Classification();
  next.network = request.network;
  next.steps = 1;
  next.learningRate = 0;
  next.source = &source;
  next.plan.reset = { "keep-first:1" };
  const auto tuned = Trained(next);
  const auto first = request.network.Layers().front() + ".weight";
  EXPECT_EQ(tuned.arrays.at(first).values, result.arrays.at(first).values) << "the filters are those of the first convolution";
}

TEST_F(Tasks, LossesOfEveryKindLearn)
{
  for (const auto overlap : { LossPlan::Overlap::None, LossPlan::Overlap::GeneralisedDice, LossPlan::Overlap::Tversky })
  {
    auto request = Segmentation();
    request.loss.overlap = overlap;
    request.loss.focal = overlap == LossPlan::Overlap::None ? 2 : 0;
    request.loss.classWeights = { 1, 2 };
    request.network.deepSupervision = true;
    request.steps = 80;
    const auto result = Trained(request);
    EXPECT_LT(result.curve.back().loss, 0.7 * result.curve.front().loss) << int(overlap);
    EXPECT_GT(result.curve.back().accuracy, 0.75) << int(overlap);
    EXPECT_TRUE(result.arrays.contains("auxiliary2.weight"));
  }
  auto smoothed = Classification();
  smoothed.loss.labelSmoothing = 0.1;
  EXPECT_LT(Trained(smoothed).curve.back().loss, Trained(smoothed).curve.front().loss);
}

// Where one label is ignored, nothing is learned about it: the network never answers with it.
TEST_F(Tasks, IgnoredLabelsTeachNothing)
{
  auto request = Segmentation();
  request.loss.ignoreLabel = 1;
  request.loss.overlap = LossPlan::Overlap::None;
  request.learningRate = 2e-2;
  request.steps = 60;
  const auto result = Trained(request);
  EXPECT_LT(result.curve.back().loss, 0.05) << "only one label is left to answer with";
  EXPECT_EQ(result.curve.back().accuracy, 1);
}

TEST_F(Tasks, WrongLossesAndTasksAreRefused)
{
  auto request = Segmentation();
  request.loss.classWeights = { 1, 2, 3 };
  EXPECT_THROW(Trained(request), Error);
  request = Segmentation();
  request.task = Task::Restoration; // the network has no such output
  EXPECT_THROW(Trained(request), Error);
  EXPECT_THROW(LossPlan::OverlapFrom("jaccard"), Error);
}

class Corruptions : public testing::Test
{
protected:
  static constexpr Extent extent{ 16, 12, 8 };
  std::vector<float>      patch = std::vector<float>(2 * 16 * 12 * 8);
  std::mt19937_64         random{ 5 };

  void SetUp() override
  {
    for (std::size_t i = 0; i < patch.size(); ++i)
      patch[i] = std::sin(float(i) * 0.01F);
  }
};

TEST_F(Corruptions, CurvesKeepOrderOrTurnItAndTheRange)
{
  CorruptionPlan plan;
  plan.curveProbability = 1;
  plan.shuffleProbability = plan.paintProbability = 0;
  bool rose = false, fell = false;
  for (int repeat = 0; repeat < 12; ++repeat)
  {
    auto bent = patch;
    Corrupt(bent, extent, 2, plan, random);
    std::vector<std::size_t> order(patch.size());
    std::iota(order.begin(), order.end(), 0U);
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return patch[a] < patch[b]; });
    const bool isRising = bent[order.back()] > bent[order.front()];
    (isRising ? rose : fell) = true;
    for (std::size_t i = 1; i < order.size(); ++i)
      ASSERT_GE((isRising ? 1.0F : -1.0F) * (bent[order[i]] - bent[order[i - 1]]), -1e-5F);
    EXPECT_NEAR(*std::max_element(bent.begin(), bent.end()), *std::max_element(patch.begin(), patch.end()), 1e-3);
  }
  EXPECT_TRUE(rose && fell);
}

TEST_F(Corruptions, ShufflingKeepsAllVoxelsNearTheirPlaces)
{
  CorruptionPlan plan;
  plan.shuffleProbability = 1;
  plan.curveProbability = plan.paintProbability = 0;
  const Extent       wide{ 40, 40, 1 };
  std::vector<float> image(1600);
  std::iota(image.begin(), image.end(), 0.0F);
  auto shuffled = image;
  Corrupt(shuffled, wide, 1, plan, random);
  EXPECT_NE(shuffled, image);
  auto sorted = shuffled;
  std::sort(sorted.begin(), sorted.end());
  EXPECT_EQ(sorted, image) << "each voxel is still there once";
  double distance = 0;
  for (std::size_t i = 0; i < image.size(); ++i)
    distance += std::hypot(double(int(shuffled[i]) % 40) - double(i % 40), double(int(shuffled[i]) / 40) - double(i / 40));
  EXPECT_LT(distance / 1600, 8) << "mean distance in pixels";
}

TEST_F(Corruptions, PaintingReplacesInnerOrOuterRegions)
{
  CorruptionPlan plan;
  plan.paintProbability = 1;
  plan.shuffleProbability = plan.curveProbability = 0;
  const auto changed = [&](double innerShare) {
    plan.innerShare = innerShare;
    auto painted = patch;
    Corrupt(painted, extent, 2, plan, random);
    int count = 0;
    for (std::size_t i = 0; i < patch.size(); ++i)
      count += painted[i] != patch[i];
    return double(count) / double(patch.size());
  };
  for (int repeat = 0; repeat < 10; ++repeat)
  {
    const double inner = changed(1), outer = changed(0);
    EXPECT_GT(inner, 0);
    EXPECT_LT(inner, 0.25);
    EXPECT_GT(outer, 0.5);
    EXPECT_LT(outer, 0.95);
  }
}

TEST_F(Corruptions, MasksHideTheirShareInBlocks)
{
  CorruptionPlan plan;
  plan.maskEdge = 4;
  for (auto & value : patch)
    value = 1;
  const auto hidden = Mask(patch, extent, 2, plan, random);
  ASSERT_EQ(hidden.size(), std::size_t(extent.Voxels()));
  EXPECT_EQ(std::count(hidden.begin(), hidden.end(), 1), 18 * 64) << "75 % of 24 blocks";
  for (std::size_t i = 0; i < hidden.size(); ++i)
  {
    EXPECT_EQ(patch[i], hidden[i] ? 0 : 1);
    EXPECT_EQ(patch[hidden.size() + i], patch[i]) << "all channels alike";
  }
  plan.maskEdge = 16;
  EXPECT_THROW(Mask(patch, extent, 2, plan, random), Error);
}

} // namespace
} // namespace serval
