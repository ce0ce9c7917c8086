#include "Trainer.h"

#include "Checkpoint.h"
#include "MemoryPlan.h"
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
#include <utility>

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
  , m_Processes(request.computing.together ? Processes::Of(m_Chosen.device) : Processes())
  , m_Layers(request.network.Layers())
  , m_Fresh(FreshLayers(PlanTable(request.network, cache.Description().patch, request.source, request.plan)))
  , m_Net(MakeNetwork(cache, request))
  , m_Task(cache, request, m_Chosen, static_cast<std::size_t>(m_Processes.Rank() * (request.batch / m_Processes.Count())))
  , m_Batches(request.patches, static_cast<std::size_t>(request.batch), request.seed)
  , m_Ahead(m_Batches)
  , m_Selection(request.optimiser)
  , m_Recorded(m_Chosen.device, m_Task.IsRecordable() && m_Processes.Count() == 1 && request.optimiser.method != OptimiserPlan::Method::Nadam, [this](const Batch & batch) { return WholeStep(batch); })
{
  request.optimiser.Check(!request.validation.empty());
  Require(request.validation.empty() || request.task != TrainRequest::Task::Boltzmann, Fault::Usage, "Boltzmann machines are not validated");
  const int count = m_Processes.Count();
  Require(count == 1 || request.task != TrainRequest::Task::Boltzmann, Fault::Usage, "Boltzmann machines are trained by one process");
  Require(request.batch % (count * std::max(1, request.parts)) == 0, Fault::Usage, "a batch of ", request.batch, " cannot be computed by ", count, " process(es) in ",
          std::max(1, request.parts), " equal parts each");
  Require(request.plan.warmUpSteps == 0 || m_Fresh.size() < m_Layers.size(), Fault::Usage,
          "a warm-up trains the new layers alone, but no layer comes from a source");
  Require(request.plan.warmUpSteps == 0 || !m_Fresh.empty(), Fault::Usage, "a warm-up trains the new layers alone, but all come from the source");
  if (request.source)
    LoadSource();
  m_Net.SetTraining(true);
  m_Net.Place(m_Chosen.device);
  MakeOptimiser();
  m_Parts = ChooseParts();
  if (m_Chosen.type == torch::kHalf)
    m_Scaler.emplace(m_Chosen.device);
  if (request.optimiser.averaging > 0)
    m_Average.emplace(m_Net, request.optimiser.averaging);
  m_Result.device = m_Chosen.name;
  m_Result.processor = m_Chosen.processor;
  m_Result.threads = torch::get_num_threads();
  m_Result.processes = count;
  m_Result.isFirst = m_Processes.IsFirst();
  if (count > 1)
    m_Net.ShareStatistics([processes = m_Processes](torch::Tensor tensor) { processes.Sum(std::move(tensor)); });
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
  const OnOwnStream stream(m_Chosen.device);
  const auto begin = std::chrono::steady_clock::now();
  const bool isBoltzmann = m_Request.task == TrainRequest::Task::Boltzmann;
  const int  every = std::max(1, m_Request.steps / 30);
  m_Result.resumedAt = m_Result.lastStep = Resume();
  auto agreed = torch::full({ 1 }, m_Result.lastStep, torch::TensorOptions(m_Chosen.device).dtype(torch::kLong));
  m_Processes.Sum(agreed);
  Require(agreed.item<std::int64_t>() == std::int64_t(m_Result.lastStep) * m_Processes.Count(), Fault::Environment,
          "several processes: not all see the same checkpoint; the output must lie on a file system that all share");
  m_Ahead = m_Batches;
  m_Ahead.Next();
  KeepFrozen();
  while (m_Result.lastStep < m_Request.steps && !m_Selection.IsOver())
  {
    const int step = ++m_Result.lastStep;
    if (isBoltzmann)
      StartBoltzmann(step - 1);
    else
      FollowPlan(step - 1);
    Learn(step);
    const bool isEvaluated = !m_Request.validation.empty() && (step % EvaluateEvery() == 0 || step == m_Request.steps);
    if (step % every == 0 || step == m_Request.steps || isEvaluated)
      Record(step);
    if (isEvaluated)
      Evaluate(step);
    if (m_Request.onCurve && m_Result.isFirst && m_Result.curve.size() > 0 && m_Result.curve.back().step == step)
      m_Request.onCurve(m_Result.curve);
    Keep(step);
    Tell(step, begin, progress);
  }
  Finish();
  m_Result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return std::move(m_Result);
}

// The request's, else as few as a GPU's memory allows, measured with another network of the same kind.
int Trainer::ChooseParts()
{
  if (m_Request.parts > 0 || !m_Chosen.device.is_cuda() || m_Request.task == TrainRequest::Task::Boltzmann)
    return std::max(1, m_Request.parts);
  const auto random = GeneratorState(m_Chosen.device);
  const auto what = Concat("a patch of ", ToText(m_Cache.Description().patch), " voxels");
  const auto memory = [&] {
    auto net = MakeNetwork(m_Cache, m_Request);
    net.SetTraining(true);
    net.Place(m_Chosen.device);
    return MeasureStep(m_Chosen.device, [&](int samples) { m_Task.Ask(net, m_Task.Load(std::vector(static_cast<std::size_t>(samples), m_Request.patches.front()))).loss.backward(); }, what);
  }();
  SetGeneratorState(m_Chosen.device, random);
  std::int64_t lasting = 0; // gradients and two moments
  for (const auto & [name, parameter] : m_Net.Parameters())
    lasting += 3 * static_cast<std::int64_t>(parameter.nbytes());
  const auto free = MeasureMemory(m_Chosen.device).free - lasting;
  const auto plan = PlanBatch(m_Request.batch, memory, free, what);
  m_Result.memory = PlanText(m_Request.batch, plan, memory, free);
  return plan.parts;
}

// One step of the optimiser: the mean gradient of one batch or several, each computed in some parts.
void Trainer::Learn(int step)
{
  const int accumulation = m_Request.optimiser.accumulation;
  m_Rate = m_Request.learningRate * m_Request.optimiser.RateAt(step, m_Request.steps, StepsPerEpoch(), m_Selection.Falls());
  m_Optimiser->SetRate(m_Rate);
  DrawApart(step);
  if (m_Boltzmann)
    LearnBoltzmann();
  else if (accumulation * m_Parts == 1)
    Note(m_Recorded.Run(NextBatch(step - 1)));
  else
  {
    m_Optimiser->ZeroGradients();
    for (int i = 0; i < accumulation; ++i)
    {
      const auto batch = NextBatch((step - 1) * accumulation + i);
      const auto size = batch.Size() / m_Parts;
      for (int part = 0; part < m_Parts; ++part)
        Note(Differentiate(batch.Part(part * size, size), 1.0 / (accumulation * m_Parts), i + 1 == accumulation && part + 1 == m_Parts));
    }
    m_Optimiser->Step(m_Scaler ? &*m_Scaler : nullptr);
  }
  if (m_Average)
    m_Average->Update();
}

void Trainer::LearnBoltzmann()
{
  m_Optimiser->ZeroGradients();
  Note(m_Boltzmann->Learn(LoadImages(m_Cache, m_Batches.Next(), m_Request.intensity, m_Request.network.dimension, m_Chosen.device, m_Chosen.type)));
  m_Optimiser->Step();
}

std::vector<std::size_t> Trainer::OwnPart(const std::vector<std::size_t> & batch) const
{
  const auto size = static_cast<std::ptrdiff_t>(batch.size()) / m_Processes.Count(), first = m_Processes.Rank() * size;
  return { batch.begin() + first, batch.begin() + first + size };
}

Batch Trainer::NextBatch(int draw)
{
  const auto patches = OwnPart(m_Batches.Next());
  return m_Task.Take(patches, static_cast<std::uint64_t>(draw), OwnPart(m_Ahead.Next()));
}

// Several processes draw other numbers of dropout and corruption each, at each step anew, so that none needs to be kept.
void Trainer::DrawApart(int step)
{
  if (m_Processes.Count() == 1)
    return;
  const auto seed = DeriveSeed(m_Request.seed, { "process", std::to_string(m_Processes.Rank()), std::to_string(step) });
  torch::manual_seed(seed);
  m_Task.Random().seed(seed);
}

// Adds the gradients of `share` of the batch's loss. `isLast`: of the step, after which processes exchange them.
Outcome Trainer::Differentiate(const Batch & batch, double share, bool isLast)
{
  const auto outcome = m_Task.Ask(m_Net, batch);
  const auto loss = share == 1 ? outcome.loss : outcome.loss * share;
  if (m_Mean && isLast)
    m_Mean->Begin();
  (m_Scaler ? m_Scaler->Scaled(loss) : loss).backward();
  if (m_Mean && isLast)
    m_Mean->Finish();
  return { outcome.loss.detach(), outcome.accuracy };
}

Outcome Trainer::WholeStep(const Batch & batch)
{
  m_Optimiser->ZeroGradients();
  auto outcome = Differentiate(batch, 1, true);
  m_Optimiser->Step(m_Scaler ? &*m_Scaler : nullptr);
  return outcome;
}

void Trainer::Note(const Outcome & outcome)
{
  m_Losses.push_back(outcome.loss.detach());
  m_Accuracies.push_back(outcome.accuracy);
}

double Trainer::StepsPerEpoch() const
{
  return std::max(1.0, double(m_Request.patches.size()) / (double(m_Request.batch) * m_Request.optimiser.accumulation));
}

int Trainer::EvaluateEvery() const
{
  return m_Request.optimiser.evaluateEvery > 0 ? m_Request.optimiser.evaluateEvery : std::max(1, static_cast<int>(std::lround(StepsPerEpoch())));
}

// Of the arrays that would be kept: the average, where there is one.
void Trainer::Evaluate(int step)
{
  const torch::NoGradGuard noGradient;
  if (m_Average)
    m_Average->Swap();
  m_Net.SetTraining(false);
  auto       sums = torch::zeros({ 2 }, torch::TensorOptions(m_Chosen.device).dtype(torch::kFloat)); // of loss and accuracy
  const auto batch = static_cast<std::size_t>(m_Request.batch);
  for (std::size_t at = 0, n = 0; at < m_Request.validation.size(); at += batch, ++n)
  {
    if (static_cast<int>(n) % m_Processes.Count() != m_Processes.Rank())
      continue;
    const std::vector<std::size_t> patches(m_Request.validation.begin() + std::ptrdiff_t(at),
                                           m_Request.validation.begin() + std::ptrdiff_t(std::min(m_Request.validation.size(), at + batch)));
    const auto   outcome = m_Task.Ask(m_Net, m_Task.Load(patches));
    const double share = double(patches.size()) / double(m_Request.validation.size());
    sums = sums + torch::stack({ outcome.loss, outcome.accuracy }) * share;
  }
  m_Processes.Sum(sums);
  auto & point = m_Result.curve.back();
  point.validationLoss = sums[0].item<double>();
  point.validationAccuracy = sums[1].item<double>();
  Require(std::isfinite(point.validationLoss), Fault::Input, "the loss of the validation patches is not finite after step ", step, "; lower --learningRate");
  m_Selection.Offer(step, point.validationLoss, point.validationAccuracy, m_Net);
  m_Net.SetTraining(true);
  if (m_Average)
    m_Average->Swap();
}

void Trainer::Finish()
{
  if (m_Average)
    m_Average->Swap();
  m_Result.arrays = m_Net.Arrays();
  m_Result.bestStep = m_Selection.BestStep();
  if (m_Result.bestStep > 0 && m_Request.optimiser.keepsBest)
    m_Result.lastArrays = std::exchange(m_Result.arrays, m_Selection.BestArrays());
  if (!m_Processes.IsFirst())
    return;
  std::error_code ignored;
  std::filesystem::remove(m_Request.checkpoint, ignored);
}

// One group for each learning rate and weight decay; layers that the plan freezes throughout are in none.
void Trainer::MakeOptimiser()
{
  const auto                                          never = m_Request.plan.FrozenLayers(m_Layers);
  std::map<std::pair<double, double>, ParameterGroup> groups;
  for (const auto & [name, parameter] : m_Net.Parameters())
  {
    const auto layer = LayerOfArray(name);
    if (m_Request.task == TrainRequest::Task::Boltzmann || std::find(never.begin(), never.end(), layer) != never.end())
      continue;
    const bool   isBias = name.ends_with(".bias");
    const double decay = isBias && m_Request.plan.biasFactor != 1 ? 0 : m_Request.weightDecay;
    const double factor = m_Request.plan.RateOf(layer, m_Layers, isBias);
    auto &       group = groups[{ factor, decay }];
    group.factor = factor;
    group.decay = decay;
    group.parameters[name] = parameter;
  }
  std::vector<ParameterGroup> all;
  for (auto & [key, group] : groups)
    all.push_back(std::move(group));
  Require(!all.empty() || m_Request.task == TrainRequest::Task::Boltzmann, Fault::Usage, "the plan freezes every layer; nothing would be learned");
  m_Optimiser.emplace(m_Request.optimiser, std::move(all));
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
void Trainer::StartBoltzmann(int step)
{
  const auto layers = BoltzmannLayers();
  const auto count = static_cast<int>(layers.size());
  Require(count > 0 && m_Request.steps >= count, Fault::Usage, count, " layers cannot learn in ", m_Request.steps, " steps");
  const auto begin = [&](int layer) { return static_cast<int>(std::int64_t{ layer } * m_Request.steps / count); };
  for (int layer = 0; layer < count; ++layer)
    if (step == begin(layer))
    {
      m_Boltzmann.emplace(m_Net, layers[static_cast<std::size_t>(layer)], m_Request.boltzmann);
      m_Optimiser.emplace(m_Request.optimiser, std::vector{ ParameterGroup{ 1, m_Request.weightDecay, m_Boltzmann->Parameters() } });
    }
}

void Trainer::FollowPlan(int step)
{
  auto frozen = m_Request.plan.FrozenLayersAt(step, m_Layers, m_Fresh);
  if (step > 0 && frozen == m_Frozen)
    return;
  m_Net.Freeze(frozen);
  m_Recorded.Forget();
  if (m_Processes.Count() > 1)
    ExchangeGradients();
  m_Frozen = std::move(frozen);
}

// Where it is less work than to compute them at every step.
void Trainer::KeepFrozen()
{
  const auto never = m_Request.plan.FrozenLayers(m_Layers);
  const auto drawn = static_cast<std::size_t>(m_Request.steps) * static_cast<std::size_t>(m_Request.batch * m_Request.optimiser.accumulation / m_Processes.Count());
  auto       patches = m_Request.patches;
  patches.insert(patches.end(), m_Request.validation.begin(), m_Request.validation.end());
  if (never.empty() || m_Request.task == TrainRequest::Task::Boltzmann || drawn <= patches.size())
    return;
  m_Net.Freeze(never);
  m_Task.KeepFrozen(m_Net, never, patches);
}

void Trainer::ExchangeGradients()
{
  std::vector<torch::Tensor> learning;
  for (const auto & node : m_Net.Graph().nodes) // in their order, that of names being none
    for (const char * array : { ".weight", ".bias" })
      if (const auto found = m_Net.Parameters().find(node.name + array); found != m_Net.Parameters().end() && found->second.requires_grad())
        learning.push_back(found->second);
  m_Mean.emplace(m_Processes, learning);
}

// All that the next step depends on. Where the disk fails, training goes on without.
void Trainer::Keep(int step)
{
  const auto now = std::chrono::steady_clock::now();
  if (m_Request.checkpoint.empty() || !m_Processes.IsFirst() || m_Boltzmann || step == m_Request.steps ||
      std::chrono::duration<double>(now - m_Kept).count() < m_Request.checkpointSeconds)
    return;
  TensorFile file;
  file.arrays = m_Net.Arrays();
  m_Optimiser->Save(file);
  m_Selection.Save(file);
  if (m_Scaler)
    m_Scaler->Save(file);
  if (m_Average)
    m_Average->Save(file);
  std::ostringstream random;
  random << m_Task.Random();
  nlohmann::json curve = nlohmann::json::array(), open = nlohmann::json::array();
  for (const auto & p : m_Result.curve) // numbers that are none become null
    curve.push_back({ p.step, p.loss, p.accuracy, p.rate, p.validationLoss, p.validationAccuracy });
  for (std::size_t i = 0; i < m_Losses.size(); ++i)
    open.push_back({ m_Losses[i].item<float>(), m_Accuracies[i].item<float>() });
  file.metadata.insert({ { "serval-checkpoint", m_Key }, { "step", std::to_string(step) }, { "batches", m_Batches.State() },
                         { "corruption", random.str() }, { "generator", GeneratorState(m_Chosen.device) }, { "curve", curve.dump() },
                         { "open", open.dump() }, { "threads", std::to_string(torch::get_num_threads()) }, { "processes", std::to_string(m_Processes.Count()) }, { "processor", m_Chosen.processor } });
  file.Write(m_Request.checkpoint);
  m_Kept = std::chrono::steady_clock::now();
}

// The step after which the checkpoint goes on; 0 without one of this run.
int Trainer::Resume()
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
  m_Optimiser->Restore(file);
  m_Selection.Restore(file);
  if (m_Scaler)
    m_Scaler->Restore(file);
  if (m_Average)
    m_Average->Restore(file);
  m_Batches.SetState(text("batches"));
  std::istringstream(text("corruption")) >> m_Task.Random();
  SetGeneratorState(m_Chosen.device, text("generator"));
  const auto number = [](const nlohmann::json & json) { return json.is_null() ? std::nan("") : json.get<double>(); };
  for (const auto & p : nlohmann::json::parse(text("curve")))
    m_Result.curve.push_back({ p.at(0), p.at(1), p.at(2), p.at(3), number(p.at(4)), number(p.at(5)) });
  for (const auto & pair : nlohmann::json::parse(text("open")))
  {
    m_Losses.push_back(torch::tensor(pair.at(0).get<float>(), m_Chosen.device));
    m_Accuracies.push_back(torch::tensor(pair.at(1).get<float>(), m_Chosen.device));
  }
  if (const auto threads = std::to_string(torch::get_num_threads()); threads != text("threads"))
    m_Result.otherBits = threads + " threads instead of " + text("threads");
  if (const auto processes = std::to_string(m_Processes.Count()); processes != text("processes"))
    m_Result.otherBits += (m_Result.otherBits.empty() ? "" : ", ") + processes + " processes instead of " + text("processes");
  if (m_Chosen.processor != text("processor"))
    m_Result.otherBits += (m_Result.otherBits.empty() ? "" : ", ") + m_Chosen.processor + " instead of " + text("processor");
  return static_cast<int>(ParseInteger(text("step")).value_or(0));
}

void Trainer::Record(int step)
{
  auto means = torch::stack({ torch::stack(m_Losses).mean(), torch::stack(m_Accuracies).mean() });
  m_Processes.Sum(means);
  means /= m_Processes.Count();
  const auto loss = means[0].item<double>();
  Require(std::isfinite(loss), Fault::Input, "the loss is no longer finite at step ", step, "; lower --learningRate or check the intensities");
  m_Result.curve.push_back({ step, loss, means[1].item<double>(), m_Rate });
  m_Losses.clear();
  m_Accuracies.clear();
}

// At every step; the loss is the last recorded one, as asking for a newer one would wait for the device.
void Trainer::Tell(int step, std::chrono::steady_clock::time_point begin, Progress & progress) const
{
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  const double perStep = seconds / (step - m_Result.resumedAt);
  std::string  text = Concat("Step ", step, " of ", m_Request.steps);
  if (!m_Result.curve.empty())
  {
    const auto & last = m_Result.curve.back();
    text += ", loss " + FormatFixed(last.loss, 4);
    if (std::isfinite(last.validationLoss))
      text += " (validation " + FormatFixed(last.validationLoss, 4) + ")";
  }
  progress.Report(double(step) / m_Request.steps,
                  Concat(text, ", ", FormatFixed(double(m_Request.batch) * m_Request.optimiser.accumulation / perStep, 1), " patches/s, ",
                         FormatFixed(perStep * (m_Request.steps - step), 0), " s left"));
}

} // namespace serval
