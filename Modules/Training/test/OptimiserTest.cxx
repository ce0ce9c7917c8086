// Steps of the optimisers against the formulas of their papers in plain double arithmetic.
#include "Optimiser.h"

#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <cmath>
#include <functional>
#include <limits>

namespace serval
{
namespace
{

using Method = OptimiserPlan::Method;

constexpr double decay = 0.01, rate = 0.1;

/// One parameter's value under a method, gradient after gradient.
struct Reference
{
  Method method;
  double value, first = 0, second = 0, product = 1;
  int    step = 0;

  void Take(double gradient)
  {
    ++step;
    if (method == Method::AdamW)
      value -= rate * decay * value;
    else
      gradient += decay * value;
    if (method == Method::Sgd || method == Method::Nesterov)
    {
      first = 0.9 * first + gradient;
      value -= rate * (method == Method::Sgd ? first : gradient + 0.9 * first);
      return;
    }
    first = 0.9 * first + 0.1 * gradient;
    second = 0.999 * second + 0.001 * gradient * gradient;
    const double size = std::sqrt(second / (1 - std::pow(0.999, step))) + 1e-8;
    if (method != Method::Nadam)
    {
      value -= rate * first / (1 - std::pow(0.9, step)) / size;
      return;
    }
    const auto momentum = [](int t) { return 0.9 * (1 - 0.5 * std::pow(0.96, 0.004 * t)); };
    product *= momentum(step);
    value -= rate * ((1 - momentum(step)) * gradient / (1 - product) + momentum(step + 1) * first / (1 - product * momentum(step + 1))) / size;
  }
};

class Optimisers : public testing::TestWithParam<Method>
{
protected:
  torch::Tensor parameter = torch::tensor({ 1.0F, -2.0F, 0.5F }).set_requires_grad(true);
  OptimiserPlan plan;

  void SetUp() override { plan.method = GetParam(); }
  Optimiser Make() { return Optimiser(plan, { { 1, decay, { { "p", parameter } } } }); }
  void      Learn(Optimiser & optimiser, int step, double scale = 1, LossScaler * scaler = nullptr)
  {
    optimiser.ZeroGradients();
    const auto loss = (parameter * torch::tensor({ 0.3F, float(step), -2.0F }) * scale).sum();
    (scaler ? scaler->Scaled(loss) : loss).backward();
    optimiser.SetRate(rate);
    optimiser.Step(scaler);
  }
};

TEST_P(Optimisers, FollowTheirFormulas)
{
  std::vector<Reference> references{ { GetParam(), 1 }, { GetParam(), -2 }, { GetParam(), 0.5 } };
  auto                   optimiser = Make();
  for (int step = 1; step <= 20; ++step)
  {
    Learn(optimiser, step);
    references[0].Take(0.3F);
    references[1].Take(step);
    references[2].Take(-2);
    for (int i = 0; i < 3; ++i)
      EXPECT_NEAR(parameter[i].item<double>(), references[std::size_t(i)].value, 2e-5 * std::max(1.0, std::abs(references[std::size_t(i)].value))) << "step " << step;
  }
}

TEST_P(Optimisers, GoOnFromAFileToTheBit)
{
  auto whole = Make();
  for (int step = 1; step <= 9; ++step)
    Learn(whole, step);
  const auto expected = parameter.detach().clone();
  parameter = torch::tensor({ 1.0F, -2.0F, 0.5F }).set_requires_grad(true);
  TensorFile file;
  {
    auto begin = Make();
    for (int step = 1; step <= 4; ++step)
      Learn(begin, step);
    begin.Save(file);
  }
  auto rest = Make();
  rest.Restore(file);
  for (int step = 5; step <= 9; ++step)
    Learn(rest, step);
  EXPECT_TRUE(torch::equal(parameter.detach(), expected)) << parameter << expected;
}

TEST_P(Optimisers, AScaledLossChangesNothingUnlessItOverflows)
{
  auto plain = Make();
  for (int step = 1; step <= 3; ++step)
    Learn(plain, step);
  const auto expected = parameter.detach().clone();
  parameter = torch::tensor({ 1.0F, -2.0F, 0.5F }).set_requires_grad(true);
  auto       scaled = Make();
  LossScaler scaler(torch::kCPU);
  Learn(scaled, 1, 1, &scaler);
  Learn(scaled, 2, 1, &scaler);
  const auto before = parameter.detach().clone();
  Learn(scaled, 9, std::numeric_limits<double>::infinity(), &scaler); // left out, moments and step counts too
  EXPECT_TRUE(torch::equal(parameter.detach(), before));
  TensorFile file;
  scaler.Save(file);
  EXPECT_EQ(file.arrays.at("scaler.scale").values.at(0), 32768);
  Learn(scaled, 3, 1, &scaler);
  EXPECT_TRUE(torch::allclose(parameter.detach(), expected, 1e-6, 1e-7)) << parameter << expected;
}

TEST_P(Optimisers, GradientsAreClippedToTheNorm)
{
  plan.clipNorm = 1e-3;
  auto optimiser = Make();
  Learn(optimiser, 4);
  const double norm = std::sqrt(0.3 * 0.3 + 16 + 4);
  for (const auto & [i, gradient] : { std::pair(0, 0.3), std::pair(1, 4.0), std::pair(2, -2.0) })
    EXPECT_NEAR(parameter.grad()[i].item<double>(), gradient / norm * 1e-3, 1e-8);
}

INSTANTIATE_TEST_SUITE_P(All, Optimisers, testing::Values(Method::AdamW, Method::Adam, Method::Nadam, Method::Sgd, Method::Nesterov),
                         [](const auto & info) { return std::string(std::vector{ "AdamW", "Adam", "Nadam", "Sgd", "Nesterov" }[std::size_t(info.param)]); });

} // namespace
} // namespace serval
