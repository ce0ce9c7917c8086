#include "serval/Training/Learning.h"

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

class TorchLearning final : public Learning
{
public:
  TrainResult Train(const PatchCache & cache, const TrainRequest & request, Progress & progress) const override
  {
    return Translated([&] { return Trainer(cache, request).Run(progress); });
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
    const auto known = model.network.Layers();
    for (const auto & layer : layers)
      Require(std::find(known.begin(), known.end(), layer) != known.end(), Fault::Usage, "the model has no layer '", layer,
              "'; it has ", Join(known, ", "));
    const torch::NoGradGuard                  noGradient;
    const auto                                chosen = ChooseDevice(computing);
    GraphNetwork                              net = Restore(model, chosen);
    std::map<std::string, std::vector<float>> rows;
    for (std::size_t at = 0; at < patches.size(); at += inferenceBatch)
    {
      const std::vector<std::size_t>       batch(patches.begin() + std::ptrdiff_t(at),
                                                 patches.begin() + std::ptrdiff_t(std::min(patches.size(), at + inferenceBatch)));
      std::map<std::string, torch::Tensor> taps;
      for (const auto & layer : layers)
        taps.emplace(layer, torch::Tensor());
      net.Forward(LoadImages(cache, batch, model.intensity, model.network.dimension, chosen.device, chosen.type), &taps);
      for (const auto & [layer, maps] : taps)
        Append(rows[layer], layer == "classifier" ? torch::softmax(maps.to(torch::kFloat), 1) : GlobalAverage(maps));
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
