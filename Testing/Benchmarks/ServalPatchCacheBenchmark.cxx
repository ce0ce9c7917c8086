// Cutting, writing and reading of patches of a 256x256x160 volume of 16 bits, without reading the volume. Arguments: patch
// edge (z is 1 for slices of 64), compression. The cache lies in the system's temporary folder; TMPDIR moves it.
#include "serval/Cache/PatchCacheWriter.h"
#include "serval/Core/Error.h"
#include "serval/Patches/CutPatches.h"

#include <benchmark/benchmark.h>

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <numeric>
#include <random>

namespace
{

using namespace serval;
namespace fs = std::filesystem;

constexpr int sliceEdge = 0; // stands for slices of 64x64

CaseImages Scan()
{
  const Extent                       extent{ 256, 256, 160 };
  std::mt19937                       random(1);
  std::normal_distribution<float>    noise(0, 30);
  std::vector<std::int16_t>          voxels(static_cast<std::size_t>(extent.Voxels()));
  for (std::size_t at = 0; at < voxels.size(); ++at) // smooth and noisy, as CT is: it can be compressed by about 2
    voxels[at] = static_cast<std::int16_t>(float((at >> 6U) % 700U) - 300 + noise(random));
  CaseImages images;
  images.channels.push_back({ { extent, {}, {}, { 1, 0, 0, 0, 1, 0, 0, 0, 1 } }, std::move(voxels), {} });
  return images;
}

ExtractionPlan Plan(std::int64_t edge)
{
  ExtractionPlan plan;
  plan.classFrom = ExtractionPlan::ClassSource::None;
  plan.shape.size = edge == sliceEdge ? Extent{ 64, 64, 1 } : Extent{ edge, edge, edge };
  plan.sampling.count = edge == 32 ? 250 : edge == 64 ? 50 : 2000;
  return plan;
}

CasePatches Cut(CaseImages & images, const ExtractionPlan & plan)
{
  std::mt19937_64 random(1);
  CutCounts       counts;
  auto            patches = CutPatches(images, plan, random, counts);
  patches.caseId = patches.patient = patches.sourceFingerprint = "scan";
  return patches;
}

void CuttingPatches(benchmark::State & state)
{
  auto       images = Scan();
  const auto plan = Plan(state.range(0));
  for ([[maybe_unused]] auto _ : state)
    benchmark::DoNotOptimize(Cut(images, plan));
  state.SetBytesProcessed(state.iterations() * 2 * plan.shape.size.Voxels() * plan.sampling.count);
}
BENCHMARK(CuttingPatches)->Arg(32)->Arg(64)->Arg(sliceEdge)->Unit(benchmark::kMillisecond)->UseRealTime();

/// A folder that goes with its cache.
struct Scratch
{
  fs::path path = fs::temp_directory_path() / Concat("serval-benchmark-", ::getpid());
  ~Scratch() { fs::remove_all(path); }
};

void Write(const fs::path & folder, const CasePatches & patches, const ExtractionPlan & plan, Compression compression)
{
  PatchCacheWriter writer(folder, plan.Description(1, compression, "{}"));
  writer.Add(patches);
  writer.Commit();
}

void WritingACache(benchmark::State & state)
{
  const auto    plan = Plan(state.range(0));
  auto          images = Scan();
  const auto    patches = Cut(images, plan);
  const Scratch scratch;
  for ([[maybe_unused]] auto _ : state)
  {
    Write(scratch.path, patches, plan, static_cast<Compression>(state.range(1)));
    state.PauseTiming();
    fs::remove_all(scratch.path);
    state.ResumeTiming();
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(patches.image.size()));
  state.SetLabel(ToText(static_cast<Compression>(state.range(1))));
}
BENCHMARK(WritingACache)->ArgsProduct({ { 32, 64, sliceEdge }, { 0, 1, 2 } })->Unit(benchmark::kMillisecond)->UseRealTime();

// Batches of 8 in random order, float32 out.
void ReadingBatches(benchmark::State & state)
{
  const auto    plan = Plan(state.range(0));
  const Scratch scratch;
  auto          images = Scan();
  Write(scratch.path, Cut(images, plan), plan, static_cast<Compression>(state.range(1)));
  const PatchCache         cache(scratch.path);
  std::vector<std::size_t> order(cache.Patches().size() / 8 * 8);
  std::iota(order.begin(), order.end(), 0U);
  std::mt19937 random(1);
  std::shuffle(order.begin(), order.end(), random);
  std::vector<float> batch(8 * cache.VoxelsPerPatch());
  std::size_t        at = 0;
  for ([[maybe_unused]] auto _ : state)
  {
    cache.ReadImages(std::span(order).subspan(at, 8), {}, batch, 2);
    at = (at + 8) % order.size();
  }
  state.SetItemsProcessed(state.iterations() * 8);
  state.SetLabel(ToText(static_cast<Compression>(state.range(1))));
}
BENCHMARK(ReadingBatches)->ArgsProduct({ { 32, 64, sliceEdge }, { 0, 1, 2 } })->Unit(benchmark::kMicrosecond)->UseRealTime();

} // namespace

BENCHMARK_MAIN();
