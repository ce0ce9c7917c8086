// ServalTrainingStepBenchmark NETWORK FILTERS DEPTH NORMALISATION EDGE BATCH PRECISION THREADS STEPS: one line of JSON with
// the seconds of each training step (forward, cross-entropy and soft Dice, backward, SGD with Nesterov's momentum) on
// random volumes of EDGE^3, two labels, and the peak memory. The first step, which makes caches, is told apart.
#include "Device.h"
#include "Losses.h"
#include "Optimiser.h"
#include "serval/Core/Text.h"
#include "serval/Network/GraphNetwork.h"

#include <sys/resource.h>
#include <torch/utils.h>

#include <chrono>
#include <cstdio>

int main(int argc, char ** argv)
{
  using namespace serval;
  if (argc != 10)
  {
    std::fputs("NETWORK FILTERS DEPTH NORMALISATION EDGE BATCH PRECISION THREADS STEPS\n", stderr);
    return 2;
  }
  NetworkSpec spec;
  spec.name = argv[1];
  spec.filters = std::stoi(argv[2]);
  spec.depth = std::stoi(argv[3]);
  spec.normalisation = argv[4];
  spec.segmentationClasses = 2;
  const std::int64_t edge = std::stoi(argv[5]), batch = std::stoi(argv[6]);
  const auto         chosen = ChooseDevice({ "auto", argv[7], std::stoi(argv[8]) });
  torch::manual_seed(1);
  GraphNetwork net(spec, { edge, edge, edge });
  net.SetTraining(true);
  net.Place(chosen.device);
  OptimiserPlan plan;
  plan.method = OptimiserPlan::Method::Nesterov;
  plan.momentum = 0.99;
  Optimiser  optimiser(plan, { { 1, 3e-5, net.Parameters() } });
  optimiser.SetRate(1e-3);
  const auto images = torch::randn({ batch, 1, edge, edge, edge }, torch::TensorOptions(chosen.device).dtype(chosen.type)).contiguous(torch::MemoryFormat::ChannelsLast3d);
  const auto labels = torch::randint(2, { batch, edge, edge, edge }, torch::TensorOptions(chosen.device).dtype(torch::kLong));
  std::string seconds;
  double      loss = 0;
  for (int step = 0; step <= std::stoi(argv[9]); ++step)
  {
    const auto begin = std::chrono::steady_clock::now();
    optimiser.ZeroGradients();
    const auto result = SegmentationLoss(LossPlan(), net.Forward(images).at("segmentation").to(torch::kFloat), labels);
    result.backward();
    optimiser.Step();
    loss = result.item<double>(); // waits for the device
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begin;
    seconds += (step == 0 ? "" : ", ") + FormatFixed(taken.count(), 4);
  }
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  std::printf("{\"device\": \"%s\", \"precision\": \"%s\", \"seconds\": [%s], \"loss\": %.4f, \"rss\": %ld}\n", chosen.name.c_str(), chosen.precision.c_str(), seconds.c_str(), loss,
              usage.ru_maxrss / 1024);
  return 0;
}
