// ServalAugmentationBenchmark EDGE THREADS SECONDS [full]: samples a second of the fused engine on EDGE^3 patches with
// labels: flips, rotations and zooms, noise and gamma, each at every sample, or all kinds. Prints a line of JSON.
#include "serval/Training/AugmentationPlan.h"

#include <atomic>
#include <chrono>
#include <cstdio>
#include <numeric>
#include <thread>

int main(int argc, char ** argv)
{
  using namespace serval;
  if (argc < 4)
  {
    std::fputs("EDGE THREADS SECONDS [full]\n", stderr);
    return 2;
  }
  AugmentationPlan plan;
  if (argc > 4)
    plan = AugmentationPlan::Preset("full");
  plan.flip = 0.5;
  plan.rotate = 30;
  plan.zoom = 0.25;
  plan.noise = 0.1;
  plan.gamma = 0.5;
  plan.probability = 1;
  const std::int64_t edge = std::stoi(argv[1]);
  const Extent       patch{ edge, edge, edge };
  const auto         voxels = static_cast<std::size_t>(patch.Voxels());
  std::atomic<long>  samples = 0;
  const auto         begin = std::chrono::steady_clock::now();
  const auto         end = begin + std::chrono::duration<double>(std::stod(argv[3]));
  const auto         work = [&](std::uint64_t thread) {
    std::vector<float>        image(voxels), result(voxels);
    std::vector<std::uint8_t> labels(voxels), moved(voxels);
    std::iota(image.begin(), image.end(), 0.0F);
    for (std::uint64_t draw = 0; std::chrono::steady_clock::now() < end; ++draw, ++samples)
      Augment(DrawAugmentation(plan, patch, { 1, 1, 1 }, 1, draw, thread), patch, 1, image, result, labels, moved);
  };
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < std::stoi(argv[2]); ++i)
      threads.emplace_back(work, std::uint64_t(i));
  }
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begin;
  std::printf("{\"samples_per_second\": %.1f}\n", double(samples) / taken.count());
  return 0;
}
