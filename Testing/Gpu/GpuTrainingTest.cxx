// libservalLearning as applications use it, on the GPU.
#include "../../Modules/Training/test/SlabCohort.h"

#include "Cuda.h"

#include <c10/cuda/CUDAFunctions.h>
#include <c10/util/Exception.h>

#include <atomic>

namespace serval
{
namespace
{

class TrainingOnGpu : public Training
{
protected:
  void SetUp() override
  {
    if (const auto reason = WhyNoGpu(); !reason.empty())
      GTEST_SKIP() << "no GPU: " << reason;
    Training::SetUp();
  }

  static TrainRequest On(TrainRequest request, const std::string & device, const std::string & precision)
  {
    request.computing.device = device;
    request.computing.precision = precision;
    return request;
  }
};

TEST_F(TrainingOnGpu, BeginsLikeTheCpuAndLearns)
{
  NoProgress quiet;
  const auto cpu = LoadLearning().Train(*cache, On(Classification(), "cpu", "float32"), quiet);
  for (const std::string precision : { "float32", "bfloat16" })
  {
    const auto gpu = LoadLearning().Train(*cache, On(Classification(), "cuda", precision), quiet);
    EXPECT_EQ(gpu.device, "cuda");
    EXPECT_NEAR(gpu.curve.front().loss, cpu.curve.front().loss, 0.05 * cpu.curve.front().loss) << precision;
    EXPECT_LT(gpu.curve.back().loss, 0.5 * gpu.curve.front().loss) << precision;
  }
}

TEST_F(TrainingOnGpu, PredictsLikeTheCpu)
{
  NoProgress quiet;
  const auto request = On(Classification(), "cpu", "float32");
  const auto model = Model(request, LoadLearning().Train(*cache, request, quiet));
  const auto cpu = LoadLearning().Predict(*cache, test, model, request.computing, quiet);
  const auto gpu = LoadLearning().Predict(*cache, test, model, On(request, "cuda", "float32").computing, quiet);
  ASSERT_EQ(cpu.size(), gpu.size());
  for (std::size_t i = 0; i < cpu.size(); ++i)
    EXPECT_NEAR(gpu[i], cpu[i], 5e-3);
}

// Waits of the host, as torch counts them.
class WaitCounter : public c10::WarningHandler
{
public:
  WaitCounter()
    : m_Before(c10::WarningUtils::get_warning_handler())
  {
    c10::WarningUtils::set_warning_handler(this);
    c10::WarningUtils::set_warnAlways(true);
    c10::cuda::warning_state().set_sync_debug_mode(c10::cuda::SyncDebugMode::L_WARN);
  }
  ~WaitCounter() override
  {
    c10::cuda::warning_state().set_sync_debug_mode(c10::cuda::SyncDebugMode::L_DISABLED);
    c10::WarningUtils::set_warnAlways(false);
    c10::WarningUtils::set_warning_handler(m_Before);
  }
  void process(const c10::Warning & warning) override { m_Count += warning.msg().find("synchroniz") != std::string::npos ? 1 : 0; }
  int  Count() const { return m_Count; }

private:
  c10::WarningHandler * m_Before;
  std::atomic<int>      m_Count{ 0 };
};

TEST_F(TrainingOnGpu, WaitsForThePointsOfTheCurveOnly)
{
  NoProgress quiet;
  auto       request = On(Classification(), "cuda", "bfloat16");
  request.steps = 20;
  LoadLearning().Train(*cache, request, quiet);
  const auto waitsOf = [&](int steps) {
    request.steps = steps;
    const WaitCounter counter;
    EXPECT_EQ(LoadLearning().Train(*cache, request, quiet).curve.size(), 30u);
    return counter.Count();
  };
  // Beginning, end and the points of the curve wait as they may; a further step must not.
  const int few = waitsOf(60), many = waitsOf(120);
  EXPECT_LT(many - few, 6) << few << " waits in 60 steps, " << many << " in 120";
}

} // namespace
} // namespace serval
