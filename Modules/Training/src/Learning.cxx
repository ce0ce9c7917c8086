#include "serval/Training/Learning.h"

#include "Batches.h"
#include "Device.h"
#include "Losses.h"
#include "serval/Core/Error.h"
#include "serval/Core/Random.h"
#include "serval/Core/Text.h"
#include "serval/Network/GraphNetwork.h"

#include <torch/optim/adamw.h>
#include <torch/utils.h>

#include <algorithm>
#include <chrono>
#include <cmath>

namespace serval
{
namespace
{

constexpr std::size_t inferenceBatch = 64;

void CheckSegmentation(const torch::Tensor & labels, int classes)
{
  const auto largest = labels.max().item<std::int64_t>();
  Require(largest < classes, Fault::Input, "the cache's segmentation holds the label ", largest, ", but names only ", classes,
          " labels");
}

/// One training run: network, optimiser and the means for the curve.
class Trainer
{
public:
  Trainer(const PatchCache & cache, const TrainRequest & request)
    : m_Cache(cache)
    , m_Request(request)
    , m_Chosen(ChooseDevice(request.computing))
    , m_Net(MakeNetwork(cache, request))
    , m_Batches(request.patches, static_cast<std::size_t>(request.batch), request.seed)
  {
    if (request.source)
      m_Result.load = m_Net.Load(request.source->arrays, request.plan.ResetLayers(request.network.Layers()));
    m_Net.Freeze(request.plan.FrozenLayers(request.network.Layers()));
    m_Net.SetTraining(true);
    m_Net.Place(m_Chosen.device);
    m_Result.device = m_Chosen.name;
    m_Result.precision = m_Chosen.precision;
  }

  TrainResult Run(Progress & progress)
  {
    const auto         begin = std::chrono::steady_clock::now();
    torch::optim::AdamW optimiser(TrainedParameters(), torch::optim::AdamWOptions(m_Request.learningRate)
                                                         .weight_decay(m_Request.weightDecay));
    const int          every = std::max(1, m_Request.steps / 30);
    for (int step = 1; step <= m_Request.steps; ++step)
    {
      SetRate(optimiser, step);
      optimiser.zero_grad();
      Step();
      optimiser.step();
      if (step % every == 0 || step == m_Request.steps)
        Record(step);
      Tell(step, progress);
    }
    m_Result.arrays = m_Net.Arrays();
    m_Result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    return std::move(m_Result);
  }

private:
  static GraphNetwork MakeNetwork(const PatchCache & cache, const TrainRequest & request)
  {
    torch::manual_seed(DeriveSeed(request.seed, { "initialisation" }));
    return GraphNetwork(request.network, cache.Description().patch);
  }

  std::vector<torch::Tensor> TrainedParameters() const
  {
    std::vector<torch::Tensor> trained;
    for (const auto & [name, parameter] : m_Net.Parameters())
      if (parameter.requires_grad())
        trained.push_back(parameter);
    Require(!trained.empty(), Fault::Usage, "the plan freezes every layer; nothing would be learned");
    return trained;
  }

  // Half a cosine from the full rate to nearly nothing (Loshchilov 2017).
  void SetRate(torch::optim::AdamW & optimiser, int step) const
  {
    const double rate = m_Request.learningRate * 0.5 * (1 + std::cos(M_PI * (step - 1) / m_Request.steps));
    for (auto & group : optimiser.param_groups())
      group.options().set_lr(std::max(rate, 1e-3 * m_Request.learningRate));
  }

  void Step()
  {
    const auto    patches = m_Batches.Next();
    const int     dimension = m_Request.network.dimension;
    const auto    images = LoadImages(m_Cache, patches, m_Request.intensity, dimension, m_Chosen.device, m_Chosen.type);
    const auto    output = m_Net.Forward(images);
    torch::Tensor loss, logits, truth;
    if (m_Request.task == TrainRequest::Task::Segmentation)
    {
      truth = LoadSegmentations(m_Cache, patches, dimension, m_Chosen.device);
      CheckSegmentation(truth, m_Request.network.segmentationClasses);
      logits = output.at("segmentation").to(torch::kFloat);
      loss = SegmentationLoss(logits, truth);
    }
    else
    {
      truth = LoadClasses(m_Cache, patches, m_Chosen.device);
      logits = output.at("classes").to(torch::kFloat);
      loss = torch::cross_entropy_loss(logits, truth);
    }
    loss.backward();
    m_Losses.push_back(loss.detach());
    m_Right.push_back((logits.detach().argmax(1) == truth).to(torch::kFloat).mean());
  }

  void Record(int step)
  {
    const auto loss = torch::stack(m_Losses).mean().item<double>();
    Require(std::isfinite(loss), Fault::Input, "the loss is no longer finite at step ", step,
            "; lower --learningRate or check the intensities");
    m_Result.curve.push_back({ step, loss, torch::stack(m_Right).mean().item<double>() });
    m_Losses.clear();
    m_Right.clear();
  }

  // At every step; the loss is the last recorded one, as asking for a newer one would wait for the device.
  void Tell(int step, Progress & progress) const
  {
    const auto loss = m_Result.curve.empty() ? std::string() : ", loss " + FormatFixed(m_Result.curve.back().loss, 4);
    progress.Report(double(step) / m_Request.steps, Concat("Step ", step, " of ", m_Request.steps, loss));
  }

  const PatchCache &         m_Cache;
  const TrainRequest &       m_Request;
  ChosenDevice               m_Chosen;
  GraphNetwork               m_Net;
  BatchStream                m_Batches;
  TrainResult                m_Result;
  std::vector<torch::Tensor> m_Losses, m_Right;
};

GraphNetwork Restore(const ModelFile & model, const ChosenDevice & chosen)
{
  GraphNetwork net(model.network, model.patch);
  const auto report = net.Load(model.arrays, {});
  Require(report.share == 1, Fault::Input, "the model's arrays do not fit its network: ", report.ToText());
  net.SetTraining(false);
  net.Place(chosen.device);
  return net;
}

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
