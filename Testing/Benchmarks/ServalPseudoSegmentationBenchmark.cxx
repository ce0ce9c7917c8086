// The chain Otsu, opening, 3 largest components, holes on a CT-like volume of 256x256x160 voxels of 16 bits: ours beside
// ITK's own filters. The argument is the number of threads.
#include "serval/PseudoSegmentation/PseudoSegmentation.h"

#include <benchmark/benchmark.h>
#include <itkBinaryFillholeImageFilter.h>
#include <itkBinaryMorphologicalOpeningImageFilter.h>
#include <itkBinaryThresholdImageFilter.h>
#include <itkConnectedComponentImageFilter.h>
#include <itkFlatStructuringElement.h>
#include <itkMaskOperations.h>
#include <itkMultiThreaderBase.h>
#include <itkOtsuThresholdImageFilter.h>
#include <itkRelabelComponentImageFilter.h>

#include <cmath>
#include <random>

namespace
{

using namespace serval;

constexpr Extent extent{ 256, 256, 160 };

// A body with two lungs, bones, noise, and specks in the air.
const Volume & Chest()
{
  static const Volume volume = [] {
    std::mt19937                    random(1);
    std::normal_distribution<float> noise(0, 30);
    std::vector<std::int16_t>       voxels;
    voxels.reserve(static_cast<std::size_t>(extent.Voxels()));
    for (std::int64_t z = 0; z < extent.z; ++z)
      for (std::int64_t y = 0; y < extent.y; ++y)
        for (std::int64_t x = 0; x < extent.x; ++x)
        {
          const double u = (double(x) - 128) / 110, v = (double(y) - 128) / 80;
          const double lung = std::hypot((std::abs(double(x) - 128) - 50) / 35, (double(y) - 120) / 50);
          float        value = u * u + v * v > 1 ? -1000.0F : lung < 1 ? -850.0F : 40.0F;
          value = std::hypot(double(x) - 128, double(y) - 175) < 14 ? 600.0F : value;
          value += random() % 500 == 0 ? 900.0F : 0.0F;
          voxels.push_back(static_cast<std::int16_t>(value + noise(random)));
        }
    return Volume{ { extent, {}, {}, { 1, 0, 0, 0, 1, 0, 0, 0, 1 } }, std::move(voxels), {} };
  }();
  return volume;
}

ThresholdRecipe Chain(int threads)
{
  ThresholdRecipe recipe;
  recipe.opening = 1;
  recipe.largest = 3;
  recipe.fillHoles = true;
  recipe.threads = threads;
  return recipe;
}

void SetRate(benchmark::State & state)
{
  state.SetItemsProcessed(state.iterations() * extent.Voxels());
}

void OurChain(benchmark::State & state)
{
  for (auto _ : state)
    benchmark::DoNotOptimize(Segment(Chest(), Chain(static_cast<int>(state.range(0)))));
  SetRate(state);
}

void OurOtsu(benchmark::State & state)
{
  ThresholdRecipe recipe;
  recipe.threads = static_cast<int>(state.range(0));
  for (auto _ : state)
    benchmark::DoNotOptimize(Segment(Chest(), recipe));
  SetRate(state);
}

const std::vector<std::uint8_t> & Threshold()
{
  static const std::vector<std::uint8_t> mask = [] {
    const auto labels = Segment(Chest(), {}).labels.labels;
    return std::vector<std::uint8_t>(labels.begin(), labels.end());
  }();
  return mask;
}

constexpr itk::MaskSize size{ extent.x, extent.y, extent.z };

template <typename TStep>
void OurStep(benchmark::State & state, TStep step)
{
  for (auto _ : state)
  {
    state.PauseTiming();
    auto mask = Threshold();
    state.ResumeTiming();
    step(mask.data(), static_cast<int>(state.range(0)));
    benchmark::DoNotOptimize(mask.data());
  }
  SetRate(state);
}

void OurOpening(benchmark::State & state)
{
  OurStep(state, [](std::uint8_t * mask, int threads) { itk::OpenMaskWithCross(mask, size, 1, threads); });
}

void OurLargest(benchmark::State & state)
{
  OurStep(state, [](std::uint8_t * mask, int threads) { itk::KeepLargestOfMask(mask, size, 3, itk::MaskConnectivity::Full, threads); });
}

void OurHoles(benchmark::State & state)
{
  OurStep(state, [](std::uint8_t * mask, int threads) { itk::FillHolesOfMask(mask, size, itk::MaskConnectivity::Faces, threads); });
}

using Image = itk::Image<std::int16_t, 3>;
using Mask = itk::Image<std::uint8_t, 3>;
using Labels = itk::Image<std::uint32_t, 3>;
using Element = itk::FlatStructuringElement<3>;

Image::Pointer ChestImage()
{
  auto                  image = Image::New();
  const Image::SizeType imageSize{ { 256, 256, 160 } };
  image->SetRegions(imageSize);
  image->Allocate();
  const auto & voxels = std::get<std::vector<std::int16_t>>(Chest().voxels);
  std::copy(voxels.begin(), voxels.end(), image->GetBufferPointer());
  return image;
}

void ItkChain(benchmark::State & state)
{
  itk::MultiThreaderBase::SetGlobalMaximumNumberOfThreads(static_cast<unsigned>(state.range(0)));
  const auto image = ChestImage();
  for (auto _ : state)
  {
    auto otsu = itk::OtsuThresholdImageFilter<Image, Mask>::New();
    auto opening = itk::BinaryMorphologicalOpeningImageFilter<Mask, Mask, Element>::New();
    auto components = itk::ConnectedComponentImageFilter<Mask, Labels>::New();
    auto relabel = itk::RelabelComponentImageFilter<Labels, Labels>::New();
    auto largest = itk::BinaryThresholdImageFilter<Labels, Mask>::New();
    auto holes = itk::BinaryFillholeImageFilter<Mask>::New();
    otsu->SetInput(image);
    otsu->SetInsideValue(0);
    otsu->SetOutsideValue(1);
    opening->SetInput(otsu->GetOutput());
    opening->SetKernel(Element::Cross({ { 1, 1, 1 } }));
    opening->SetForegroundValue(1);
    components->SetInput(opening->GetOutput());
    components->FullyConnectedOn();
    relabel->SetInput(components->GetOutput());
    largest->SetInput(relabel->GetOutput());
    largest->SetLowerThreshold(1);
    largest->SetUpperThreshold(3);
    largest->SetInsideValue(1);
    largest->SetOutsideValue(0);
    holes->SetInput(largest->GetOutput());
    holes->SetForegroundValue(1);
    holes->Update();
    benchmark::DoNotOptimize(holes->GetOutput()->GetBufferPointer());
  }
  SetRate(state);
}

BENCHMARK(OurChain)->Arg(1)->Arg(2)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(OurOtsu)->Arg(1)->Arg(2)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(OurOpening)->Arg(1)->Arg(2)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(OurLargest)->Arg(1)->Arg(2)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(OurHoles)->Arg(1)->Arg(2)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(ItkChain)->Arg(1)->Arg(2)->Unit(benchmark::kMillisecond)->UseRealTime()->Iterations(2);

} // namespace

BENCHMARK_MAIN();
