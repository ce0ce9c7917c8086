// What holds without a GPU; Testing/Gpu has the rest.
#include "Cuda.h"
#include "MemoryPlan.h"
#include "Support.h"

#include <gtest/gtest.h>

#include <torch/cuda.h>

namespace serval
{
namespace
{

constexpr std::int64_t giga = 1'000'000'000;

TEST(Prefetch, HandsTensorsThroughOnACpuInTheirOrder)
{
  Prefetch   prefetch(torch::kCPU);
  const auto first = HostTensor({ 2, 3 }, torch::kShort, torch::kCPU).fill_(7), second = torch::ones({ 4 });
  prefetch.Start([&] { return std::vector{ first }; });
  prefetch.Start([&] { return std::vector{ second, first }; });
  const auto one = prefetch.Take(), two = prefetch.Take();
  ASSERT_EQ(one.size(), 1u);
  ASSERT_EQ(two.size(), 2u);
  EXPECT_TRUE(torch::equal(one[0], first));
  EXPECT_EQ(two[0].data_ptr(), second.data_ptr()); // no copy
  prefetch.Start([&] { return std::vector{ first }; });
  prefetch.Clear();
  support::ErrorText([&] { prefetch.Take(); }, Fault::Internal);
}

TEST(Gpu, IsSaidToBeMissingWhereItIs)
{
  const torch::Device cpu(torch::kCPU);
  support::ErrorText([&] { MeasureMemory(cpu); }, Fault::Environment);
  support::ErrorText([&] { ResetPeakMemory(cpu); }, Fault::Environment);
  support::ErrorText([&] { CapturedStep(cpu, [] {}); }, Fault::Environment);
  support::ErrorText([&] { MeasureStep(cpu, [](int) {}, "a patch"); }, Fault::Environment);
  EXPECT_NO_THROW(WaitFor(cpu));
  if (torch::cuda::is_available())
    GTEST_SKIP() << "there is a GPU: what is said without one cannot be seen";
#ifndef SERVAL_HAS_CUDA
  const auto said = support::ErrorText([] { Prefetch missing(torch::Device(torch::kCUDA)); }, Fault::Environment);
  support::ExpectHas(said, "LibTorch without CUDA");
  support::ExpectHas(said, "--cuda");
#endif
}

TEST(OutOfMemory, IsToldFromOtherErrors)
{
  EXPECT_TRUE(IsOutOfMemory(std::runtime_error("CUDA out of memory. Tried to allocate 2.00 GiB")));
  EXPECT_TRUE(IsOutOfMemory(std::runtime_error("cuDNN error: CUDNN_STATUS_ALLOC_FAILED")));
  EXPECT_FALSE(IsOutOfMemory(std::runtime_error("the loss is no longer finite")));
}

TEST(PlanBatch, TakesTheFewestEqualPartsThatFit)
{
  const StepMemory memory{ 2 * giga, 4 * giga };
  const auto       whole = PlanBatch(24, memory, 120 * giga, "a patch");
  EXPECT_EQ(whole.parts, 1);
  EXPECT_EQ(whole.samples, 24);
  EXPECT_EQ(whole.bytes, 98 * giga);
  EXPECT_EQ(PlanText(24, whole, memory, 120 * giga), "");
  // 98 GB need 98 / 0.9 = 108.9 GB: a tenth is left alone.
  EXPECT_EQ(PlanBatch(24, memory, 109 * giga, "a patch").parts, 1);
  EXPECT_EQ(PlanBatch(24, memory, 108 * giga, "a patch").parts, 2);
  const auto third = PlanBatch(24, memory, 40 * giga, "a patch"); // 8 samples: 34 of 36 GB
  EXPECT_EQ(third.parts, 3);
  EXPECT_EQ(third.samples, 8);
  EXPECT_EQ(PlanText(24, third, memory, 40 * giga),
            "a batch of 24 would need 98.0 GB of the GPU's memory, 40.0 GB are free: computed as 3 x 8");
  EXPECT_EQ(PlanBatch(7, memory, 20 * giga, "a patch").samples, 1); // equal parts of a prime
}

TEST(PlanBatch, SaysWhatIsTooLargeAndWhatToDo)
{
  const auto said = support::ErrorText([] { PlanBatch(4, { 2 * giga, 40 * giga }, 44 * giga, "a patch of 512 x 512 x 128 voxels"); }, Fault::Environment);
  for (const auto part : { "a patch of 512 x 512 x 128 voxels", "42.0 GB", "39.6 GB", "smaller patches" })
    support::ExpectHas(said, part);
  support::ErrorText([] { PlanBatch(0, {}, giga, "a patch"); }, Fault::Usage);
}

} // namespace
} // namespace serval
