// Copies beside computing, recorded steps, memory, and several processes' library with one process.
#include "Gpu.h"
#include "MemoryPlan.h"
#include "Optimiser.h"
#include "Support.h"

#include <c10/cuda/CUDAFunctions.h>
#include <torch/autograd.h>
#include <torch/csrc/distributed/c10d/HashStore.hpp>
#include <torch/csrc/distributed/c10d/ProcessGroupNCCL.hpp>
#include <torch/utils.h>

#include <cmath>

namespace serval::gpu
{
namespace
{

constexpr int edge = 16;

/// A step of a U-Net as a loop does it: inputs in place, gradients anew, one kernel for the optimiser.
struct Loop
{
  explicit Loop(const GraphNetwork & net)
    : spec(SpecOf("unet", 3))
    , copy(OnGpu(net, spec, Cube(spec, edge)))
    , adam({}, { { 1, 0.01, copy.Parameters() } })
    , input(Input(copy.Graph(), 4, edge).to(device))
    , loss(torch::zeros({}, torch::TensorOptions(device)))
  {
    adam.SetRate(1e-3);
  }

  void Step()
  {
    adam.ZeroGradients();
    const auto value = MeanOfSquares(copy, input);
    value.backward();
    loss.copy_(value.detach());
    adam.Step();
  }

  NetworkSpec   spec;
  GraphNetwork  copy;
  Optimiser     adam;
  torch::Tensor input, loss;
};

GraphNetwork Net()
{
  torch::manual_seed(1);
  const auto spec = SpecOf("unet", 3);
  return GraphNetwork(spec, Cube(spec, edge));
}

using PrefetchOnGpu = Test;
using CapturedStepOnGpu = Test;
using MemoryOnGpu = Test;
using NcclOnGpu = Test;

TEST_F(PrefetchOnGpu, GivesEveryBatchWholeAndInOrder)
{
  Prefetch   prefetch(device);
  const auto make = [](int n) {
    auto host = HostTensor({ 1 << 20 }, torch::kFloat, device);
    EXPECT_TRUE(host.is_pinned());
    return host.fill_(n);
  };
  prefetch.Start([&] { return std::vector{ make(0).to(device, true) }; });
  double sum = 0;
  for (int n = 0; n < 50; ++n)
  {
    prefetch.Start([&] { return std::vector{ make(n + 1).to(device, true) }; });
    auto batch = prefetch.Take();
    ASSERT_TRUE(batch[0].is_cuda());
    EXPECT_EQ(batch[0].min().item<float>(), float(n));
    EXPECT_EQ(batch[0].max().item<float>(), float(n));
    sum += batch[0].mean().item<double>();
  }
  EXPECT_EQ(sum, 49 * 50 / 2);
}

TEST_F(CapturedStepOnGpu, GivesTheParametersOfTheSameStepsOneByOne)
{
  const auto net = Net();
  Loop       plain(net), recorded(net);
  recorded.input.copy_(plain.input);
  const auto rate = [](int step) { return 1e-2 / (1 + step); };
  // The warm-ups are steps too.
  for (int step = 0; step < 3; ++step)
    plain.Step();
  CapturedStep captured(device, [&] { recorded.Step(); }, 3);
  EXPECT_LT(Difference(Parameters(recorded.copy), Parameters(plain.copy)), 1e-3);
  for (int step = 0; step < 6; ++step)
  {
    const auto batch = Input(plain.copy.Graph(), 4, edge);
    for (auto * loop : { &plain, &recorded })
    {
      loop->input.copy_(batch);
      loop->adam.SetRate(rate(step));
    }
    plain.Step();
    captured.Replay();
    EXPECT_NEAR(recorded.loss.item<double>(), plain.loss.item<double>(), 2e-3 * std::abs(plain.loss.item<double>())) << step;
  }
  EXPECT_LT(Difference(Parameters(recorded.copy), Parameters(plain.copy)), 5e-3);
  EXPECT_GT(Difference(Parameters(recorded.copy), Parameters(OnGpu(net, recorded.spec, Cube(recorded.spec, edge)))), 1e-2);
}

TEST_F(CapturedStepOnGpu, DrawsNewRandomNumbersAtEachReplay)
{
  const auto   numbers = torch::zeros({ 1000 }, torch::TensorOptions(device));
  CapturedStep captured(device, [&] { numbers.copy_(torch::rand_like(numbers)); });
  captured.Replay();
  const auto first = numbers.clone();
  captured.Replay();
  EXPECT_FALSE(torch::equal(first, numbers));
}

TEST_F(CapturedStepOnGpu, RefusesAStepThatAsksForAValueAndTheGpuStaysUsable)
{
  const auto number = torch::ones({}, torch::TensorOptions(device));
  const auto said = support::ErrorText([&] { CapturedStep(device, [&] { number.add_(number.item<float>()); }); }, Fault::Internal);
  support::ExpectHas(said, "cannot be recorded");
  EXPECT_EQ(torch::ones({ 3 }, torch::TensorOptions(device)).sum().item<float>(), 3);
}

// Waiting for the device is made an error.
TEST_F(CapturedStepOnGpu, NothingInAStepWaits)
{
  struct NoWaiting
  {
    NoWaiting() { c10::cuda::warning_state().set_sync_debug_mode(c10::cuda::SyncDebugMode::L_ERROR); }
    ~NoWaiting() { c10::cuda::warning_state().set_sync_debug_mode(c10::cuda::SyncDebugMode::L_DISABLED); }
  };
  Loop     loop(Net());
  Prefetch prefetch(device);
  loop.Step();
  auto host = HostTensor(loop.input.sizes(), torch::kFloat, device).fill_(0.5);
  const NoWaiting noWaiting;
  EXPECT_ANY_THROW(loop.loss.item<float>()); // it is noticed
  EXPECT_NO_THROW({
    prefetch.Start([&] { return std::vector{ host.to(device, true) }; });
    loop.adam.SetRate(1e-3);
    loop.input.copy_(prefetch.Take()[0]);
    loop.Step();
  });
}

TEST_F(MemoryOnGpu, OfAStepIsPredictedFromTwoSmallOnes)
{
  Loop       loop(Net());
  const auto step = [&](int samples) {
    loop.adam.ZeroGradients();
    MeanOfSquares(loop.copy, Input(loop.copy.Graph(), samples, edge).to(device)).backward();
  };
  const auto memory = MeasureStep(device, step, "a patch");
  EXPECT_GT(memory.each, 0);
  step(16);
  ResetPeakMemory(device);
  const auto before = MeasureMemory(device);
  step(16);
  const auto after = MeasureMemory(device);
  EXPECT_GT(before.total, before.free);
  EXPECT_NEAR(double(after.peak - before.used), double(memory.fixed + 16 * memory.each), 0.25 * double(after.peak - before.used));
}

TEST_F(MemoryOnGpu, AnImpossibleStepIsRefusedByNameAndTheGpuStaysUsable)
{
  const auto total = MeasureMemory(device).total;
  const auto step = [&](int samples) { torch::empty({ samples, 2 * total }, torch::TensorOptions(torch::kByte).device(device)); };
  const auto said = support::ErrorText([&] { MeasureStep(device, step, "a patch of 4096 x 4096 x 4096 voxels"); }, Fault::Environment);
  support::ExpectHas(said, "a patch of 4096 x 4096 x 4096 voxels");
  EXPECT_EQ(torch::ones({ 3 }, torch::TensorOptions(device)).sum().item<float>(), 3);
}

TEST_F(NcclOnGpu, OneProcessAgreesWithItself)
{
  const auto                 store = c10::make_intrusive<c10d::HashStore>();
  c10d::ProcessGroupNCCL     group(store, 0, 1);
  const auto                 values = torch::arange(1000, torch::TensorOptions(torch::kFloat).device(device));
  std::vector<torch::Tensor> tensors{ values.clone() };
  group.allreduce(tensors)->wait();
  EXPECT_TRUE(torch::equal(tensors[0], values));
  group.broadcast(tensors)->wait();
  EXPECT_TRUE(torch::equal(tensors[0], values));
  WaitFor(device);
}

} // namespace
} // namespace serval::gpu
