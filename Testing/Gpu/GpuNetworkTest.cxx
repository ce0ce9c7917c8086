// Every network computes on the GPU what it computes on the CPU.
#include "Gpu.h"

#include <ATen/Context.h>
#include <torch/autograd.h>
#include <torch/utils.h>

#include <algorithm>
#include <cmath>
#include <tuple>

namespace serval::gpu
{
namespace
{

// Else float32 means 10 bits of mantissa.
void ComputeInFullFloat()
{
  at::globalContext().setAllowTF32CuDNN(false);
  at::globalContext().setAllowTF32CuBLAS(false);
}

using BatchStatisticsOnGpu = Test;

class EveryNetworkOnGpu
  : public Test
  , public testing::WithParamInterface<std::tuple<std::string, int>>
{
protected:
  void SetUp() override
  {
    Test::SetUp();
    if (IsSkipped())
      return;
    ComputeInFullFloat();
    const auto & [name, dimension] = GetParam();
    spec = SpecOf(name, dimension);
    edge = SmallestEdge(spec);
    const auto size = SizeOf(BuildNetwork(spec), Cube(spec, edge));
    if (size.parameters > 70'000'000 || size.operations > 2e10)
      GTEST_SKIP() << "takes the CPU too long: " << size.parameters << " parameters, " << size.operations << " operations";
    torch::manual_seed(1);
  }

  NetworkSpec spec;
  int         edge = 0;
};

TEST_P(EveryNetworkOnGpu, HasTheOutputsAndGradientsOfTheCpu)
{
  GraphNetwork cpu(spec, Cube(spec, edge));
  auto         gpu = OnGpu(cpu, spec, Cube(spec, edge));
  const auto   input = Input(cpu.Graph(), 8, edge);
  // Fixed statistics: those of a batch amplify rounding where maps shrink to few voxels. No dropout: it draws other numbers.
  for (auto * net : { &cpu, &gpu })
    net->SetTraining(false);
  auto loss = MeanOfSquares(cpu, input), there = MeanOfSquares(gpu, input.to(device));
  loss.backward();
  there.backward();
  EXPECT_LT(Difference({ there }, { loss }), 1e-4);
  EXPECT_LT(Difference(Gradients(gpu), Gradients(cpu)), 2e-3);
  const torch::NoGradGuard noGradient;
  const auto               outputs = gpu.Forward(input.to(device));
  for (const auto & [name, value] : cpu.Forward(input))
    EXPECT_LT(Difference({ outputs.at(name) }, { value }), 1e-4) << name;
}

TEST_F(BatchStatisticsOnGpu, AreThoseOfTheCpu)
{
  ComputeInFullFloat();
  torch::manual_seed(1);
  constexpr int edge = 32;
  const auto    spec = SpecOf("unet", 3);
  GraphNetwork  cpu(spec, Cube(spec, edge));
  auto          gpu = OnGpu(cpu, spec, Cube(spec, edge));
  const auto    input = Input(cpu.Graph(), 4, edge) * 3 + 2;
  auto          loss = MeanOfSquares(cpu, input), there = MeanOfSquares(gpu, input.to(device));
  loss.backward();
  there.backward();
  EXPECT_LT(Difference({ there }, { loss }), 1e-4);
  EXPECT_LT(Difference(Gradients(gpu), Gradients(cpu)), 5e-3);
  const auto learned = gpu.Arrays();
  int        count = 0;
  for (const auto & [name, array] : cpu.Arrays())
    for (std::size_t i = 0; i < array.values.size() && name.ends_with(".variance"); ++i, ++count)
      ASSERT_NEAR(learned.at(name).values[i], array.values[i], 1e-4 * std::abs(array.values[i])) << name;
  EXPECT_GT(count, 50);
}

TEST_P(EveryNetworkOnGpu, HasNearlyTheGradientsOfFloatInBfloat16)
{
  GraphNetwork cpu(spec, Cube(spec, edge));
  auto         full = OnGpu(cpu, spec, Cube(spec, edge)), reduced = OnGpu(cpu, spec, Cube(spec, edge));
  const auto   input = Input(cpu.Graph(), 8, edge).to(device);
  for (auto * net : { &full, &reduced })
    net->SetTraining(false); // batch statistics of few voxels would amplify rounding
  auto loss = MeanOfSquares(full, input), rounded = MeanOfSquares(reduced, input.to(torch::kBFloat16));
  loss.backward();
  rounded.backward();
  EXPECT_LT(Difference({ rounded }, { loss }), 0.05);
  for (const auto & gradient : Gradients(reduced))
    ASSERT_TRUE(gradient.isfinite().all().item<bool>());
  EXPECT_LT(Difference(Gradients(reduced), Gradients(full)), 0.15);
}

INSTANTIATE_TEST_SUITE_P(Networks, EveryNetworkOnGpu, testing::Combine(testing::ValuesIn(NetworkNames()), testing::Values(2, 3)),
                         [](const auto & info) {
                           std::string text = std::get<0>(info.param) + std::to_string(std::get<1>(info.param)) + "D";
                           std::replace(text.begin(), text.end(), '-', '_');
                           return text;
                         });

} // namespace
} // namespace serval::gpu
