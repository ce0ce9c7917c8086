#include "Trainer.h"

#include "serval/Core/Error.h"
#include "serval/Core/Random.h"
#include "serval/Core/Text.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <utility>

namespace serval
{

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

void Trainer::ExchangeGradients()
{
  std::vector<torch::Tensor> learning;
  for (const auto & node : m_Net.Graph().nodes) // in their order, that of names being none
    for (const char * array : { ".weight", ".bias" })
      if (const auto found = m_Net.Parameters().find(node.name + array); found != m_Net.Parameters().end() && found->second.requires_grad())
        learning.push_back(found->second);
  m_Mean.emplace(m_Processes, learning);
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
                  Concat(text, ", ", FormatFixed(double(m_Request.batch) * m_Request.optimiser.accumulation / perStep, 1), " patches/s"));
}

} // namespace serval
