// Transfer plans, step by step: what moves, how fast, and what stays as it is.
#include "SlabCohort.h"

#include <algorithm>
#include <cmath>

namespace serval
{
namespace
{

class Transfer : public Training
{
protected:
  NoProgress quiet;
  ModelFile  source;

  void SetUp() override
  {
    Training::SetUp();
    auto pretraining = Segmentation();
    pretraining.steps = 5;
    source = Model(pretraining, LoadLearning().Train(*cache, pretraining, quiet));
  }
  TrainRequest FromSource(int steps) const
  {
    auto request = Classification();
    request.steps = steps;
    request.source = &source;
    return request;
  }
  TrainResult Trained(const TrainRequest & request) { return LoadLearning().Train(*cache, request, quiet); }

  // The largest change of any array of the layer, statistics included.
  double Moved(const TrainResult & result, const std::string & layer, const std::string & ending = "") const
  {
    double most = 0;
    for (const auto & [name, array] : result.arrays)
      if (name.starts_with(layer + ".") && name.ends_with(ending) && source.arrays.contains(name))
        for (std::size_t i = 0; i < array.values.size(); ++i)
          most = std::max(most, double(std::abs(array.values[i] - source.arrays.at(name).values[i])));
    return most;
  }
};

TEST_F(Transfer, RatesOfLayersScaleTheirSteps)
{
  auto request = FromSource(1);
  request.weightDecay = 0;
  request.plan.rates = { { "encoder1", 0 }, { "encoder*", 0.1 } };
  const auto result = Trained(request);
  // The first step of Adam is the learning rate, whatever the gradient.
  EXPECT_EQ(Moved(result, "encoder1", ".weight"), 0);
  EXPECT_NEAR(Moved(result, "encoder2", ".weight"), 0.1 * request.learningRate, 0.002 * request.learningRate);
  EXPECT_NEAR(Moved(result, "bottleneck", ".weight"), request.learningRate, 0.02 * request.learningRate);
}

TEST_F(Transfer, BiasesAndDepthHaveFactors)
{
  auto request = FromSource(1);
  request.weightDecay = 0;
  request.plan.biasFactor = 2;
  request.plan.layerDecay = 0.5;
  const auto   result = Trained(request);
  const auto   layers = request.network.Layers();
  const auto   place = std::find(layers.begin(), layers.end(), "encoder2") - layers.begin();
  const double expected = request.learningRate * std::pow(0.5, double(layers.size()) - 1 - double(place));
  EXPECT_NEAR(Moved(result, "encoder2", ".weight"), expected, 0.03 * expected);
  EXPECT_NEAR(Moved(result, "encoder2", ".bias"), 2 * expected, 0.06 * expected);
}

TEST_F(Transfer, TheWarmUpMovesNewLayersOnly)
{
  auto request = FromSource(4);
  request.plan.warmUpSteps = 4;
  const auto warm = Trained(request);
  for (const char * layer : { "encoder1", "encoder2", "bottleneck", "decoder1" })
    EXPECT_EQ(Moved(warm, layer), 0) << layer << ", statistics of its norms included";
  request.plan.warmUpSteps = 3;
  EXPECT_GT(Moved(Trained(request), "encoder1"), 0) << "then all are trained";
}

TEST_F(Transfer, LayersWakeFromTheLastToTheFirst)
{
  auto request = FromSource(3);
  request.plan.unfreezeEvery = 1; // step 1: the last layer, step 2: two, step 3: three
  const auto result = Trained(request);
  const auto layers = request.network.Layers(); // ..., decoder2, decoder1, classifier
  ASSERT_EQ(layers.back(), "classifier");
  EXPECT_GT(Moved(result, "decoder1"), 0);
  EXPECT_GT(Moved(result, "decoder2"), 0);
  EXPECT_EQ(Moved(result, "bottleneck"), 0);
  EXPECT_EQ(Moved(result, "encoder1"), 0);
}

TEST_F(Transfer, FrozenLayersStayToTheBitWithEveryPlan)
{
  for (const int warmUp : { 0, 2 })
    for (const int every : { 0, 1 })
    {
      auto request = FromSource(4);
      request.plan.freeze = "only:decoder1,classifier";
      request.plan.warmUpSteps = warmUp;
      request.plan.unfreezeEvery = every;
      request.plan.layerDecay = 0.9;
      const auto result = Trained(request);
      for (const char * layer : { "encoder1", "encoder2", "bottleneck", "decoder2" })
        EXPECT_EQ(Moved(result, layer), 0) << layer;
      EXPECT_GT(Moved(result, "decoder1"), 0);
    }
}

// What frozen layers give is computed once where the input stays the same, and at every step where it may vary.
TEST_F(Transfer, KeptMapsOfFrozenLayersLearnTheSame)
{
  auto request = FromSource(12);
  request.plan.freeze = "only:decoder2,decoder1,classifier";
  request.computing.precision = "float32";
  request.optimiser.method = OptimiserPlan::Method::Sgd;
  request.validation = test;
  const auto kept = Trained(request);
  request.augmentation.flip = 1e-300;
  const auto computed = Trained(request);
  EXPECT_NEAR(kept.curve.back().validationLoss, computed.curve.back().validationLoss, 1e-5);
  for (const auto & [name, array] : kept.arrays)
    for (std::size_t i = 0; i < array.values.size(); ++i)
      ASSERT_NEAR(array.values[i], computed.arrays.at(name).values[i], 1e-4) << name;
  EXPECT_GT(Moved(kept, "decoder1"), 0);
}

TEST_F(Transfer, OnlyStatisticsKeepsMeanAndDeviation)
{
  auto request = FromSource(1);
  request.learningRate = 0;
  request.plan.onlyStatistics = true;
  const auto result = Trained(request);
  const auto moments = [](const std::vector<float> & values) {
    double sum = 0, squares = 0;
    for (const float value : values)
    {
      sum += value;
      squares += double(value) * value;
    }
    const double mean = sum / double(values.size());
    return std::pair{ mean, std::sqrt(squares / double(values.size()) - mean * mean) };
  };
  const auto & drawn = result.arrays.at("bottleneck.second.weight").values;
  const auto & own = source.arrays.at("bottleneck.second.weight").values;
  EXPECT_NE(drawn, own);
  EXPECT_NEAR(moments(drawn).first, moments(own).first, 4 * moments(own).second / std::sqrt(double(own.size())));
  EXPECT_NEAR(moments(drawn).second, moments(own).second, 0.1 * moments(own).second);
}

TEST_F(Transfer, AWarmUpWithoutNewOrWithoutOldLayersIsRefused)
{
  auto request = FromSource(2);
  request.plan.warmUpSteps = 1;
  request.source = nullptr;
  EXPECT_THROW(Trained(request), Error);
  auto again = Segmentation();
  again.steps = 2;
  again.source = &source;
  again.plan.warmUpSteps = 1;
  EXPECT_THROW(Trained(again), Error);
}

TEST_F(Transfer, AStudentLearnsFromItsTeachers)
{
  auto teaching = Classification();
  std::vector<ModelFile> teachers;
  for (const std::uint64_t seed : { 1U, 2U })
  {
    teaching.seed = seed;
    teachers.push_back(Model(teaching, Trained(teaching)));
    teachers.back().classNames = cache->Description().classNames;
  }
  auto student = Classification();
  student.seed = 7;
  student.teachers = { &teachers[0], &teachers[1] };
  student.loss.distillation = 1; // no label is seen
  const auto result = Trained(student);
  const auto p = LoadLearning().Predict(*cache, test, Model(student, result), student.computing, quiet);
  int        right = 0;
  for (std::size_t i = 0; i < test.size(); ++i)
    right += (p[2 * i + 1] > 0.5F) == (cache->Patches()[test[i]].classIndex == 1);
  EXPECT_GE(right, int(0.85 * double(test.size())));
  teachers[0].classNames = { "other", "names" };
  EXPECT_THROW(Trained(student), Error);
}

} // namespace
} // namespace serval
