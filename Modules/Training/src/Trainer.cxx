#include "Trainer.h"

#include "Checkpoint.h"
#include "serval/Core/Error.h"
#include "serval/Core/Random.h"
#include "serval/Core/Text.h"
#include "serval/Network/PlanTable.h"

#include <nlohmann/json.hpp>
#include <torch/autograd.h>
#include <torch/utils.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <sstream>

namespace serval
{
namespace
{

GraphNetwork MakeNetwork(const PatchCache & cache, const TrainRequest & request)
{
  torch::manual_seed(DeriveSeed(request.seed, { "initialisation" }));
  return GraphNetwork(request.network, cache.Description().patch);
}

std::string LayerOfArray(const std::string & name) { return name.substr(0, name.find('.')); }

} // namespace

Trainer::Trainer(const PatchCache & cache, const TrainRequest & request)
  : m_Cache(cache)
  , m_Request(request)
  , m_Chosen(ChooseDevice(request.computing))
  , m_Layers(request.network.Layers())
  , m_Fresh(FreshLayers(PlanTable(request.network, cache.Description().patch, request.source, request.plan)))
  , m_Net(MakeNetwork(cache, request))
  , m_Task(cache, request, m_Chosen)
  , m_Batches(request.patches, static_cast<std::size_t>(request.batch), request.seed)
{
  Require(request.plan.warmUpSteps == 0 || m_Fresh.size() < m_Layers.size(), Fault::Usage,
          "a warm-up trains the new layers alone, but no layer comes from a source");
  Require(request.plan.warmUpSteps == 0 || !m_Fresh.empty(), Fault::Usage, "a warm-up trains the new layers alone, but all come from the source");
  if (request.source)
    LoadSource();
  m_Net.SetTraining(true);
  m_Net.Place(m_Chosen.device);
  m_Result.device = m_Chosen.name;
  m_Result.precision = m_Chosen.precision;
}

void Trainer::LoadSource()
{
  m_Result.load = m_Net.Load(m_Request.source->arrays, m_Request.plan.ResetLayers(m_Layers));
  if (m_Request.plan.onlyStatistics)
    KeepStatisticsOnly();
}

void Trainer::KeepStatisticsOnly()
{
  const torch::NoGradGuard noGradient;
  for (auto & [name, parameter] : m_Net.Parameters())
    if (m_Result.load->arrays.at(name) == "loaded")
      parameter.copy_(torch::randn_like(parameter) * parameter.std(false) + parameter.mean());
}

TrainResult Trainer::Run(Progress & progress)
{
  const auto begin = std::chrono::steady_clock::now();
  const bool isBoltzmann = m_Request.task == TrainRequest::Task::Boltzmann;
  auto       optimiser = MakeOptimiser();
  const int  every = std::max(1, m_Request.steps / 30);
  m_Result.resumedAt = Resume(optimiser);
  for (int step = m_Result.resumedAt + 1; step <= m_Request.steps; ++step)
  {
    if (isBoltzmann)
      StartBoltzmann(optimiser, step - 1);
    else
      FollowPlan(step - 1);
    SetRates(optimiser, step);
    optimiser.zero_grad();
    const auto patches = m_Batches.Next();
    Outcome    outcome;
    if (isBoltzmann)
      outcome = m_Boltzmann->Learn(LoadImages(m_Cache, patches, m_Request.intensity, m_Request.network.dimension, m_Chosen.device, m_Chosen.type));
    else
    {
      outcome = m_Task.Compute(m_Net, patches);
      outcome.loss.backward();
    }
    optimiser.step();
    m_Losses.push_back(outcome.loss.detach());
    m_Accuracies.push_back(outcome.accuracy);
    if (step % every == 0 || step == m_Request.steps)
      Record(step);
    Keep(optimiser, step);
    Tell(step, progress);
  }
  m_Result.arrays = m_Net.Arrays();
  std::error_code ignored;
  std::filesystem::remove(m_Request.checkpoint, ignored);
  m_Result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return std::move(m_Result);
}

// One group for each learning rate and weight decay; layers that the plan freezes throughout are in none.
torch::optim::AdamW Trainer::MakeOptimiser()
{
  const auto                                                    never = m_Request.plan.FrozenLayers(m_Layers);
  std::map<std::pair<double, double>, std::vector<torch::Tensor>> groups;
  for (const auto & [name, parameter] : m_Net.Parameters())
  {
    const auto layer = LayerOfArray(name);
    if (m_Request.task == TrainRequest::Task::Boltzmann || std::find(never.begin(), never.end(), layer) != never.end())
      continue;
    const bool   isBias = name.ends_with(".bias");
    const double decay = isBias && m_Request.plan.biasFactor != 1 ? 0 : m_Request.weightDecay;
    groups[{ m_Request.plan.RateOf(layer, m_Layers, isBias), decay }].push_back(parameter);
  }
  std::vector<torch::optim::OptimizerParamGroup> all;
  m_GroupRates.clear();
  for (auto & [key, parameters] : groups)
  {
    m_GroupRates.push_back(key.first);
    auto options = std::make_unique<torch::optim::AdamWOptions>(m_Request.learningRate * key.first);
    options->weight_decay(key.second);
    all.emplace_back(std::move(parameters), std::move(options));
  }
  Require(!all.empty() || m_Request.task == TrainRequest::Task::Boltzmann, Fault::Usage, "the plan freezes every layer; nothing would be learned");
  return torch::optim::AdamW(all, torch::optim::AdamWOptions(m_Request.learningRate).weight_decay(m_Request.weightDecay));
}

std::vector<std::string> Trainer::BoltzmannLayers() const
{
  if (!m_Request.boltzmann.layers.empty())
    return m_Request.boltzmann.layers;
  for (const auto & node : m_Net.Graph().nodes)
    if (node.operation == Operation::Convolution)
      return { node.name };
  return {};
}

// The steps are shared out among the layers.
void Trainer::StartBoltzmann(torch::optim::AdamW & optimiser, int step)
{
  const auto layers = BoltzmannLayers();
  const auto count = static_cast<int>(layers.size());
  Require(count > 0 && m_Request.steps >= count, Fault::Usage, count, " layers cannot learn in ", m_Request.steps, " steps");
  const auto begin = [&](int layer) { return static_cast<int>(std::int64_t{ layer } * m_Request.steps / count); };
  for (int layer = 0; layer < count; ++layer)
    if (step == begin(layer))
    {
      m_Boltzmann.emplace(m_Net, layers[static_cast<std::size_t>(layer)], m_Request.boltzmann);
      optimiser.param_groups().clear();
      optimiser.add_param_group(torch::optim::OptimizerParamGroup(m_Boltzmann->Parameters()));
    }
}

// Half a cosine from the full rate to nearly nothing (Loshchilov 2017), times the factor of each group.
void Trainer::SetRates(torch::optim::AdamW & optimiser, int step) const
{
  const double cosine = 0.5 * (1 + std::cos(M_PI * (step - 1) / m_Request.steps));
  const double rate = std::max(cosine, 1e-3) * m_Request.learningRate;
  for (std::size_t i = 0; i < optimiser.param_groups().size(); ++i)
    optimiser.param_groups()[i].options().set_lr(rate * (i < m_GroupRates.size() ? m_GroupRates[i] : 1));
}

void Trainer::FollowPlan(int step)
{
  auto frozen = m_Request.plan.FrozenLayersAt(step, m_Layers, m_Fresh);
  if (step > 0 && frozen == m_Frozen)
    return;
  m_Net.Freeze(frozen);
  m_Frozen = std::move(frozen);
}

// All that the next step depends on. Where the disk fails, training goes on without.
void Trainer::Keep(torch::optim::AdamW & optimiser, int step)
{
  const auto now = std::chrono::steady_clock::now();
  if (m_Request.checkpoint.empty() || m_Boltzmann || step == m_Request.steps ||
      std::chrono::duration<double>(now - m_Kept).count() < m_Request.checkpointSeconds)
    return;
  TensorFile file;
  file.arrays = m_Net.Arrays();
  SaveOptimiser(optimiser, m_Net, file);
  std::ostringstream random;
  random << m_Task.Random();
  nlohmann::json curve = nlohmann::json::array(), open = nlohmann::json::array();
  for (const auto & point : m_Result.curve)
    curve.push_back({ point.step, point.loss, point.accuracy });
  for (std::size_t i = 0; i < m_Losses.size(); ++i)
    open.push_back({ m_Losses[i].item<float>(), m_Accuracies[i].item<float>() });
  file.metadata.insert({ { "serval-checkpoint", m_Key }, { "step", std::to_string(step) }, { "batches", m_Batches.State() },
                         { "corruption", random.str() }, { "generator", GeneratorState(m_Chosen.device) }, { "curve", curve.dump() },
                         { "open", open.dump() }, { "threads", std::to_string(torch::get_num_threads()) } });
  file.Write(m_Request.checkpoint);
  m_Kept = std::chrono::steady_clock::now();
}

// The step after which the checkpoint goes on; 0 without one of this run.
int Trainer::Resume(torch::optim::AdamW & optimiser)
{
  m_Kept = std::chrono::steady_clock::now();
  if (m_Request.checkpoint.empty() || m_Request.task == TrainRequest::Task::Boltzmann)
    return 0;
  m_Key = RunKey(m_Cache, m_Request, m_Chosen);
  if (!std::filesystem::exists(m_Request.checkpoint))
    return 0;
  const auto file = TensorFile::Read(m_Request.checkpoint);
  if (const auto key = file.metadata.find("serval-checkpoint"); key == file.metadata.end() || key->second != m_Key)
    return 0;
  const auto text = [&](const char * name) {
    const auto found = file.metadata.find(name);
    Require(found != file.metadata.end(), Fault::Input, "the checkpoint lacks '", name, "'");
    return found->second;
  };
  Require(m_Net.Load(file.arrays, {}).share == 1, Fault::Input, "the checkpoint's arrays do not fit the network");
  RestoreOptimiser(optimiser, m_Net, file);
  m_Batches.SetState(text("batches"));
  std::istringstream(text("corruption")) >> m_Task.Random();
  SetGeneratorState(m_Chosen.device, text("generator"));
  for (const auto & point : nlohmann::json::parse(text("curve")))
    m_Result.curve.push_back({ point.at(0), point.at(1), point.at(2) });
  for (const auto & pair : nlohmann::json::parse(text("open")))
  {
    m_Losses.push_back(torch::tensor(pair.at(0).get<float>(), m_Chosen.device));
    m_Accuracies.push_back(torch::tensor(pair.at(1).get<float>(), m_Chosen.device));
  }
  m_Result.sameThreads = text("threads") == std::to_string(torch::get_num_threads());
  return static_cast<int>(ParseInteger(text("step")).value_or(0));
}

void Trainer::Record(int step)
{
  const auto loss = torch::stack(m_Losses).mean().item<double>();
  Require(std::isfinite(loss), Fault::Input, "the loss is no longer finite at step ", step, "; lower --learningRate or check the intensities");
  m_Result.curve.push_back({ step, loss, torch::stack(m_Accuracies).mean().item<double>() });
  m_Losses.clear();
  m_Accuracies.clear();
}

// At every step; the loss is the last recorded one, as asking for a newer one would wait for the device.
void Trainer::Tell(int step, Progress & progress) const
{
  const auto loss = m_Result.curve.empty() ? std::string() : ", loss " + FormatFixed(m_Result.curve.back().loss, 4);
  progress.Report(double(step) / m_Request.steps, Concat("Step ", step, " of ", m_Request.steps, loss));
}

} // namespace serval
