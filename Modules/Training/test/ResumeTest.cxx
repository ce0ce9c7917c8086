// A run that ends anywhere and is started again gives the bits of one that was left alone.
#include "SlabCohort.h"

#include <filesystem>
#include <stdexcept>
#include <string_view>

namespace serval
{
namespace
{

/// Ends the run at a step, as a kill would: nothing of it is left but the checkpoint.
class EndsAt : public Progress
{
public:
  explicit EndsAt(int step)
    : m_Left(step)
  {}
  void Report(double, std::string_view) override
  {
    if (m_Left-- == 0)
      throw std::runtime_error("ended");
  }

private:
  int m_Left;
};

class Resume : public Training
{
protected:
  NoProgress quiet;

  // Ended after each of `steps`, then finished.
  void ExpectSameBits(TrainRequest request, const std::vector<int> & ends)
  {
    const auto whole = LoadLearning().Train(*cache, request, quiet);
    request.checkpoint = folder / "c.checkpoint";
    request.checkpointSeconds = 0;
    int before = 0;
    for (const int end : ends)
    {
      EndsAt ending(end - before);
      EXPECT_THROW(LoadLearning().Train(*cache, request, ending), std::runtime_error);
      EXPECT_TRUE(std::filesystem::exists(request.checkpoint));
      before = end + 1;
    }
    const auto resumed = LoadLearning().Train(*cache, request, quiet);
    EXPECT_EQ(resumed.resumedAt, before);
    EXPECT_EQ(resumed.otherBits, "");
    EXPECT_FALSE(std::filesystem::exists(request.checkpoint)) << "removed at the end";
    ASSERT_EQ(resumed.arrays.size(), whole.arrays.size());
    for (const auto & [name, array] : whole.arrays)
      EXPECT_EQ(array.values, resumed.arrays.at(name).values) << name;
    ASSERT_EQ(resumed.curve.size(), whole.curve.size());
    for (std::size_t i = 0; i < whole.curve.size(); ++i)
      EXPECT_EQ(resumed.curve[i].loss, whole.curve[i].loss) << i;
  }
};

TEST_F(Resume, AClassifierWithDropout)
{
  auto request = Classification();
  request.network.dropout = 0.4;
  request.steps = 70; // points of the curve hold means over two steps
  ExpectSameBits(request, { 4, 21, 22 });
}

// A batch that was varied ahead of its turn is the one that is varied after the start.
TEST_F(Resume, AugmentedLabels)
{
  auto request = Segmentation();
  request.augmentation = AugmentationPlan::Preset("full");
  request.optimiser.accumulation = 2;
  request.steps = 12;
  ExpectSameBits(request, { 3, 7 });
  const auto varied = LoadLearning().Train(*cache, request, quiet);
  request.augmentation = {};
  EXPECT_NE(LoadLearning().Train(*cache, request, quiet).curve.back().loss, varied.curve.back().loss);
}

TEST_F(Resume, RestorationWithItsCorruptions)
{
  auto request = Segmentation();
  request.task = TrainRequest::Task::Restoration;
  request.network.segmentationClasses = 0;
  request.network.reconstructs = true;
  request.steps = 20;
  ExpectSameBits(request, { 7 });
}

// Everything that an optimiser, a schedule and a selection remember.
TEST_F(Resume, MomentaAveragesPlateausAndTheBest)
{
  auto request = Classification();
  request.validation = test;
  request.steps = 24;
  request.optimiser.averaging = 0.9;
  request.optimiser.schedule = OptimiserPlan::Schedule::Plateau;
  request.optimiser.evaluateEvery = 2;
  request.optimiser.every = 1;
  request.optimiser.clipNorm = 1;
  request.optimiser.accumulation = 2;
  for (const auto method : { OptimiserPlan::Method::Nadam, OptimiserPlan::Method::Nesterov })
  {
    request.optimiser.method = method;
    request.checkpoint.clear();
    request.checkpointSeconds = 60;
    ExpectSameBits(request, { 5, 12 });
  }
}

TEST_F(Resume, TheScaleOfFloat16)
{
  auto request = Classification();
  request.steps = 12;
  request.computing.precision = "float16";
  ExpectSameBits(request, { 6 });
}

TEST_F(Resume, APlanThatWakesLayersOnTheWay)
{
  auto pretraining = Segmentation();
  pretraining.steps = 3;
  const auto source = Model(pretraining, LoadLearning().Train(*cache, pretraining, quiet));
  auto       request = Classification();
  request.source = &source;
  request.steps = 16;
  request.plan.warmUpSteps = 4;
  request.plan.unfreezeEvery = 3;
  request.plan.rates = { { "encoder*", 0.5 } };
  ExpectSameBits(request, { 2, 9 });
}

TEST_F(Resume, AnotherRunsCheckpointIsIgnored)
{
  auto request = Classification();
  request.steps = 8;
  request.checkpoint = folder / "c.checkpoint";
  request.checkpointSeconds = 0;
  EndsAt ending(5);
  EXPECT_THROW(LoadLearning().Train(*cache, request, ending), std::runtime_error);
  request.seed = 2;
  const auto other = LoadLearning().Train(*cache, request, quiet);
  EXPECT_EQ(other.resumedAt, 0);
}

} // namespace
} // namespace serval
