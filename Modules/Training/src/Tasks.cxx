#include "Tasks.h"

#include "AugmentTensor.h"
#include "Batches.h"
#include "Losses.h"
#include "serval/Core/Error.h"
#include "serval/Core/Random.h"

#include <torch/autograd.h>

namespace serval
{
namespace
{

using Task = TrainRequest::Task;

// The output that a task trains.
std::string MainOutput(Task task)
{
  return task == Task::Segmentation ? "segmentation" : task == Task::Classification ? "classes" : "reconstruction";
}

// On the CPU, so that no step waits for a GPU.
void CheckSegmentation(const torch::Tensor & labels, int classes, int ignored)
{
  const auto known = ignored < 0 ? labels : labels.masked_fill(labels.eq(ignored), 0);
  const auto largest = known.max().item<std::int64_t>();
  Require(largest < classes, Fault::Input, "the cache's segmentation holds the label ", largest, ", but names only ", classes, " labels");
}

// One sample's numbers; none of an undefined tensor.
template <class T>
std::span<T> Numbers(const torch::Tensor & tensor)
{
  return tensor.defined() ? std::span<T>(tensor.data_ptr<std::remove_const_t<T>>(), static_cast<std::size_t>(tensor.numel())) : std::span<T>();
}

// Labels on the coarser grid of a head on an inner layer: every n-th voxel.
torch::Tensor Coarsened(torch::Tensor labels, const torch::Tensor & logits)
{
  for (std::int64_t axis = 1; axis < labels.dim(); ++axis)
    labels = labels.slice(axis, 0, c10::nullopt, labels.size(axis) / logits.size(axis + 1));
  return labels;
}

torch::Tensor RightShare(const torch::Tensor & logits, const torch::Tensor & truth, int ignored = -1)
{
  const auto right = (logits.detach().argmax(1) == truth).to(torch::kFloat), counted = truth.ne(ignored).to(torch::kFloat);
  return (right * counted).sum() / counted.sum().clamp_min(1);
}

} // namespace

GraphNetwork Restore(const ModelFile & model, const ChosenDevice & chosen)
{
  GraphNetwork net(model.network, model.patch);
  const auto   report = net.Load(model.arrays, {});
  Require(report.share == 1, Fault::Input, "the model's arrays do not fit its network: ", report.ToText());
  net.FoldNormalisations();
  net.Place(chosen.device);
  return net;
}

TaskStep::TaskStep(const PatchCache & cache, const TrainRequest & request, const ChosenDevice & chosen)
  : m_Cache(cache)
  , m_Request(request)
  , m_Chosen(chosen)
  , m_Random(DeriveSeed(request.seed, { "corruption" }))
{
  const auto graph = BuildNetwork(request.network);
  const auto output = MainOutput(request.task);
  Require(request.task == Task::Boltzmann || graph.outputs.contains(output), Fault::Usage, "the network ", request.network.name,
          " has no output '", output, "', which the task needs");
  request.corruption.Check();
  request.augmentation.Check();
  request.loss.Check(request.task == Task::Segmentation ? request.network.segmentationClasses : request.network.classes);
  Require(request.teachers.empty() || request.task == Task::Classification, Fault::Usage, "teachers belong to classification");
  for (const auto * teacher : request.teachers)
  {
    Require(teacher->network.classes == request.network.classes && teacher->classNames == cache.Description().classNames, Fault::Input,
            "a teacher knows other classes than the cache");
    teacher->RequireInput(cache.Description().patch, cache.Description().channels, "the cache");
    m_Teachers.push_back(Restore(*teacher, chosen));
  }
}

TaskStep::Batch TaskStep::Load(const std::vector<std::size_t> & patches, std::optional<std::uint64_t> draw) const
{
  const int dimension = m_Request.network.dimension;
  Batch     batch;
  batch.plain = LoadImages(m_Cache, patches, m_Request.intensity, dimension, m_Chosen.device, torch::kFloat).contiguous();
  if (m_Request.task == Task::Segmentation)
  {
    const auto labels = LoadSegmentations(m_Cache, patches, dimension);
    CheckSegmentation(labels, m_Request.network.segmentationClasses, m_Request.loss.ignoreLabel);
    batch.segmentation = labels.to(m_Chosen.device);
  }
  if (draw && !m_Request.augmentation.IsOff())
    Vary(patches, *draw, batch);
  batch.images = batch.plain.to(m_Chosen.type).contiguous(FastLayout(dimension));
  if (batch.segmentation.defined())
    batch.segmentation = batch.segmentation.to(torch::kLong);
  return batch;
}

// On a CPU by the fused engine, in the loader's thread; on a GPU by tensors there.
void TaskStep::Vary(const std::vector<std::size_t> & patches, std::uint64_t draw, Batch & batch) const
{
  const auto extent = m_Cache.Description().patch;
  auto       plain = torch::empty_like(batch.plain);
  auto       labels = batch.segmentation.defined() ? torch::empty_like(batch.segmentation) : torch::Tensor();
  for (std::size_t i = 0; i < patches.size(); ++i)
  {
    const auto sample = DrawAugmentation(m_Request.augmentation, extent, m_Cache.Patches()[patches[i]].geometry.spacing, m_Request.seed, draw, i);
    const auto at = static_cast<std::int64_t>(i);
    const auto source = labels.defined() ? batch.segmentation[at] : torch::Tensor();
    if (m_Chosen.device.is_cpu())
      Augment(sample, extent, m_Request.network.channels, Numbers<const float>(batch.plain[at]), Numbers<float>(plain[at]), Numbers<const std::uint8_t>(source),
              Numbers<std::uint8_t>(labels.defined() ? labels[at] : labels));
    else
    {
      const auto [image, moved] = AugmentTensor(sample, batch.plain[at], source);
      plain[at].copy_(image);
      if (labels.defined())
        labels[at].copy_(moved);
    }
  }
  batch.plain = plain;
  batch.segmentation = labels;
}

Outcome TaskStep::Train(GraphNetwork & net, const std::vector<std::size_t> & patches, std::uint64_t draw, const std::vector<std::size_t> & next)
{
  const bool  isAhead = m_Ahead.batch.valid() && m_Ahead.draw == draw && m_Ahead.patches == patches;
  const Batch batch = isAhead ? m_Ahead.batch.get() : Load(patches, draw);
  m_Ahead = { next, draw + 1, std::async(std::launch::async, [this, next, draw] { return Load(next, draw + 1); }) };
  return Ask(net, batch, patches);
}

Outcome TaskStep::Evaluate(GraphNetwork & net, const std::vector<std::size_t> & patches) { return Ask(net, Load(patches, {}), patches); }

Outcome TaskStep::Ask(GraphNetwork & net, const Batch & batch, const std::vector<std::size_t> & patches)
{
  switch (m_Request.task)
  {
    case Task::Segmentation: return Segment(net, batch);
    case Task::Classification: return Classify(net, batch, patches);
    default: return GiveBack(net, batch);
  }
}

Outcome TaskStep::Segment(GraphNetwork & net, const Batch & batch) const
{
  const auto & truth = batch.segmentation;
  Outcome outcome;
  for (const auto & [name, maps] : net.Forward(batch.images))
  {
    if (!name.starts_with("segmentation"))
      continue;
    const auto logits = maps.to(torch::kFloat);
    const bool isMain = name == "segmentation";
    const auto loss = SegmentationLoss(m_Request.loss, logits, isMain ? truth : Coarsened(truth, logits)) * (isMain ? 1 : m_Request.loss.auxiliary);
    outcome.loss = outcome.loss.defined() ? outcome.loss + loss : loss;
    if (isMain)
      outcome.accuracy = RightShare(logits, truth, m_Request.loss.ignoreLabel);
  }
  return outcome;
}

// The mean of their softened probabilities.
torch::Tensor TaskStep::TeachersAnswer(const std::vector<std::size_t> & patches)
{
  const torch::NoGradGuard noGradient;
  torch::Tensor            sum;
  for (std::size_t i = 0; i < m_Teachers.size(); ++i)
  {
    const auto & model = *m_Request.teachers[i];
    const auto   images = LoadImages(m_Cache, patches, model.intensity, model.network.dimension, m_Chosen.device, m_Chosen.type);
    const auto   answer = torch::softmax(m_Teachers[i].Forward(images).at("classes").to(torch::kFloat) / m_Request.loss.temperature, 1);
    sum = sum.defined() ? sum + answer : answer;
  }
  return sum / double(m_Teachers.size());
}

Outcome TaskStep::Classify(GraphNetwork & net, const Batch & batch, const std::vector<std::size_t> & patches)
{
  const auto truth = LoadClasses(m_Cache, patches, m_Chosen.device);
  const auto answers = net.Forward(batch.images);
  const auto logits = answers.at("classes").to(torch::kFloat);
  auto       loss = EntropyLoss(m_Request.loss, logits, truth);
  if (!m_Teachers.empty())
    loss = (1 - m_Request.loss.distillation) * loss + m_Request.loss.distillation * DistillationLoss(m_Request.loss, logits, TeachersAnswer(patches));
  for (const auto & [name, further] : answers)
    if (name.starts_with("auxiliary"))
      loss = loss + m_Request.loss.auxiliary * EntropyLoss(m_Request.loss, further.to(torch::kFloat), truth);
  return { loss, RightShare(logits, truth) };
}

Outcome TaskStep::GiveBack(GraphNetwork & net, const Batch & batch)
{
  const int    dimension = m_Request.network.dimension;
  const auto   truth = batch.plain.cpu();
  auto       shown = truth.clone(), counted = torch::ones_like(truth.select(1, 0));
  const auto extent = m_Cache.Description().patch;
  const auto size = static_cast<std::size_t>(truth[0].numel()), voxels = static_cast<std::size_t>(extent.Voxels());
  for (std::size_t i = 0; i < static_cast<std::size_t>(truth.size(0)) && m_Request.task != Task::Reconstruction; ++i)
  {
    const std::span<float> patch(shown.data_ptr<float>() + i * size, size);
    if (m_Request.task == Task::Restoration)
      Corrupt(patch, extent, m_Request.network.channels, m_Request.corruption, m_Random);
    else
      std::ranges::copy(Mask(patch, extent, m_Request.network.channels, m_Request.corruption, m_Random), counted.data_ptr<float>() + i * voxels);
  }
  const auto input = shown.to(m_Chosen.device, m_Chosen.type).contiguous(FastLayout(dimension));
  const auto given = net.Forward(input).at("reconstruction").to(torch::kFloat);
  const auto wanted = truth.to(m_Chosen.device), weight = counted.to(m_Chosen.device).unsqueeze(1).expand_as(wanted);
  const auto loss = ((given - wanted).square() * weight).sum() / weight.sum();
  const auto mean = (wanted * weight).sum() / weight.sum();
  const auto variance = ((wanted - mean).square() * weight).sum() / weight.sum();
  return { loss, 1 - loss.detach() / variance.clamp_min(1e-12) };
}

} // namespace serval
