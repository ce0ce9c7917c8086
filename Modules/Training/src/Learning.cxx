#include "serval/Training/Learning.h"

#include "FeaturePooling.h"
#include "Saliency.h"
#include "Trainer.h"
#include "serval/Core/Error.h"
#include "serval/Core/Text.h"

#include <torch/utils.h>

#include <algorithm>

namespace serval
{
namespace
{

constexpr std::size_t inferenceBatch = 64;

void Append(std::vector<float> & all, const torch::Tensor & rows)
{
  const auto plain = rows.to(torch::kCPU, torch::kFloat).contiguous();
  all.insert(all.end(), plain.data_ptr<float>(), plain.data_ptr<float>() + plain.numel());
}

// Axes of each mirror image, the input itself first.
std::vector<std::vector<std::int64_t>> Flips(int dimension, bool all)
{
  std::vector<std::vector<std::int64_t>> flips{ {} };
  for (std::int64_t axis = 2; all && axis < dimension + 2; ++axis)
    for (std::size_t i = flips.size(); i-- > 0;)
    {
      flips.push_back(flips[i]);
      flips.back().push_back(axis);
    }
  return flips;
}

class TorchLearning final : public Learning
{
public:
  TrainResult Train(const PatchCache & cache, const TrainRequest & request, Progress & progress) const override
  {
    return Translated([&] { return Trainer(cache, request).Run(progress); });
  }

  void Segment(const PatchCache & cache, const std::vector<std::size_t> & patches, ModelFile model, const Computing & computing,
               const std::function<void(std::size_t, std::span<const float>)> & take, Progress & progress) const override
  {
    Translated([&] {
      Require(model.network.segmentationClasses > 0, Fault::Input, "the model does not segment; a pretrained U-Net does");
      const torch::NoGradGuard noGradient;
      const auto               chosen = ChooseDevice(computing);
      GraphNetwork             net = Restore(model, chosen);
      model.arrays.clear();
      ReleaseUnusedHostMemory();
      for (std::size_t at = 0; at < patches.size(); ++at) // batches gain nothing on a CPU and double the memory
      {
        const auto    images = LoadImages(cache, { patches[at] }, model.intensity, model.network.dimension, chosen.device, chosen.type);
        torch::Tensor sum;
        for (const auto & axes : Flips(model.network.dimension, computing.flips))
        {
          const auto logits = net.Forward(images.flip(axes)).at("segmentation").to(torch::kFloat).flip(axes);
          sum = sum.defined() ? sum + logits : logits;
        }
        const auto mean = (sum / double(Flips(model.network.dimension, computing.flips).size())).to(torch::kCPU).contiguous();
        take(at, { mean.const_data_ptr<float>(), static_cast<std::size_t>(mean.numel()) });
        progress.Report(double(at + 1) / double(patches.size()), Concat("Window ", at + 1, " of ", patches.size()));
      }
    });
  }

  std::vector<float> Predict(const PatchCache & cache, const std::vector<std::size_t> & patches, const ModelFile & model,
                             const Computing & computing, Progress & progress) const override
  {
    return Features(cache, patches, model, { "classifier" }, computing, progress).at("classifier");
  }

  std::map<std::string, std::vector<float>> Features(const PatchCache & cache, const std::vector<std::size_t> & patches,
                                                     const ModelFile & model, const std::vector<std::string> & layers,
                                                     const Computing & computing, Progress & progress) const override
  {
    return Translated([&] { return Tapped(cache, patches, model, layers, computing, progress); });
  }

  std::vector<SaliencyMap> Saliency(const PatchCache & cache, const std::vector<std::size_t> & patches, const ModelFile & model,
                                    const SaliencyRequest & request, const Computing & computing, Progress & progress) const override
  {
    return Translated([&] { return MapSaliency(cache, patches, model, request, computing, progress); });
  }

private:
  static std::map<std::string, std::vector<float>> Tapped(const PatchCache & cache, const std::vector<std::size_t> & patches,
                                                          const ModelFile & model, const std::vector<std::string> & layers,
                                                          const Computing & computing, Progress & progress)
  {
    std::vector<FeatureTable> tables;
    for (const auto & name : layers)
      tables.push_back(FeatureTable::Parse(name, model.network.Layers()));
    const bool isMasked = std::any_of(tables.begin(), tables.end(), [](const auto & table) { return table.NeedsMask(); });
    Require(!isMasked || cache.HasSegmentation(), Fault::Input, "masked features need the patches' segmentation, and the cache holds none; extract it with --dense");
    const torch::NoGradGuard                  noGradient;
    const auto                                chosen = ChooseDevice(computing);
    GraphNetwork                              net = Restore(model, chosen);
    std::map<std::string, std::vector<float>> rows;
    for (std::size_t at = 0; at < patches.size(); at += inferenceBatch)
    {
      const std::vector<std::size_t>       batch(patches.begin() + std::ptrdiff_t(at),
                                                 patches.begin() + std::ptrdiff_t(std::min(patches.size(), at + inferenceBatch)));
      std::map<std::string, torch::Tensor> taps, means;
      for (const auto & table : tables)
        for (const auto & layer : table.layers)
          taps.emplace(layer, torch::Tensor());
      const auto images = LoadImages(cache, batch, model.intensity, model.network.dimension, chosen.device, chosen.type);
      const auto mask = isMasked ? LoadSegmentations(cache, batch, model.network.dimension, chosen.device).to(chosen.device).gt(0).unsqueeze(1).to(torch::kFloat) : torch::Tensor();
      const auto flips = Flips(model.network.dimension, computing.flips);
      for (const auto & axes : flips)
      {
        net.Forward(images.flip(axes), &taps);
        for (const auto & table : tables)
        {
          const auto row = table.Pool(taps, isMasked ? mask.flip(axes) : mask) / double(flips.size());
          means[table.name] = means[table.name].defined() ? means[table.name] + row : row;
        }
      }
      for (const auto & [name, row] : means)
        Append(rows[name], row);
      progress.Report(double(at + batch.size()) / double(patches.size()), Concat("Patch ", at + batch.size(), " of ", patches.size()));
    }
    return rows;
  }

  template <typename TFunction>
  static auto Translated(TFunction function) -> decltype(function())
  {
    try
    {
      return function();
    }
    catch (const c10::OutOfMemoryError &)
    {
      Fail(Fault::Environment, "the device is out of memory; lower --batch");
    }
    catch (const c10::Error & e)
    {
      Fail(Fault::Internal, "LibTorch failed: ", e.what_without_backtrace());
    }
  }
};

} // namespace
} // namespace serval

extern "C" __attribute__((visibility("default"))) const serval::Learning * ServalLearning()
{
  static const serval::TorchLearning learning;
  return &learning;
}
