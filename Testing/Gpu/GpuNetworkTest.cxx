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

bool HasDropout(const GraphNetwork & net)
{
  return std::any_of(net.Graph().nodes.begin(), net.Graph().nodes.end(), [](const Node & node) { return node.operation == Operation::Dropout; });
}

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
    // Else float32 means 10 bits of mantissa.
    at::globalContext().setAllowTF32CuDNN(false);
    at::globalContext().setAllowTF32CuBLAS(false);
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
  // Dropout draws other numbers there.
  for (auto * net : { &cpu, &gpu })
    net->SetTraining(!HasDropout(cpu));
  auto loss = MeanOfSquares(cpu, input), there = MeanOfSquares(gpu, input.to(device));
  loss.backward();
  there.backward();
  EXPECT_LT(Difference({ there }, { loss }), 1e-4);
  EXPECT_LT(Difference(Gradients(gpu), Gradients(cpu)), 5e-3);
  for (auto * net : { &cpu, &gpu })
    net->SetTraining(false);
  const torch::NoGradGuard noGradient;
  const auto               outputs = gpu.Forward(input.to(device));
  for (const auto & [name, value] : cpu.Forward(input))
    EXPECT_LT(Difference({ outputs.at(name) }, { value }), 1e-3) << name;
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
