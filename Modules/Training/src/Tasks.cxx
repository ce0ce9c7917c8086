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
  net.Reduce(chosen.type);
  net.Place(chosen.device);
  return net;
}

TaskStep::TaskStep(const PatchCache & cache, const TrainRequest & request, const ChosenDevice & chosen, std::size_t first)
  : m_Cache(cache)
  , m_Request(request)
  , m_Chosen(chosen)
  , m_First(first)
  , m_Random(DeriveSeed(request.seed, { "corruption" }))
  , m_Prefetch(chosen.device)
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

Batch TaskStep::Take(const std::vector<std::size_t> & patches, std::uint64_t draw, const std::vector<std::size_t> & next)
{
  const auto make = [this](const std::vector<std::size_t> & which, std::uint64_t at) { m_Prefetch.Start([&] { return Load(which, at).Tensors(); }); };
  const bool isAhead = m_Ahead.made.valid() && m_Ahead.draw == draw && m_Ahead.patches == patches;
  if (m_Ahead.made.valid())
    m_Ahead.made.get();
  if (!isAhead)
  {
    m_Prefetch.Clear();
    make(patches, draw);
  }
  auto batch = Batch::Of(m_Prefetch.Take());
  m_Ahead = { next, draw + 1, std::async(std::launch::async, make, next, draw + 1) };
  return batch;
}

Batch TaskStep::Load(const std::vector<std::size_t> & patches, std::optional<std::uint64_t> draw) const
{
  const int  dimension = m_Request.network.dimension;
  const auto drawn = draw ? Draw(patches, *draw) : Drawn();
  Batch      batch;
  if (m_Request.task == Task::Segmentation)
  {
    const auto labels = LoadSegmentations(m_Cache, patches, dimension, m_Chosen.device);
    CheckSegmentation(labels, m_Request.network.segmentationClasses, m_Request.loss.ignoreLabel);
    batch.segmentation = labels.to(m_Chosen.device, /*non_blocking=*/true);
  }
  if (!m_FrozenMaps.AreKept() || m_Request.task == Task::Reconstruction)
  {
    const auto plain = Images(patches, m_Request.intensity, drawn, &batch.segmentation);
    batch.images = plain.to(m_Chosen.type).contiguous(FastLayout(dimension));
    if (m_Request.task != Task::Segmentation && m_Request.task != Task::Classification)
      batch.plain = plain;
  }
  if (batch.segmentation.defined())
    batch.segmentation = batch.segmentation.to(torch::kLong);
  if (m_Request.task == Task::Classification)
    batch.classes = LoadClasses(m_Cache, patches, m_Chosen.device);
  for (const auto * teacher : m_Request.teachers)
    batch.further.push_back(Images(patches, teacher->intensity, drawn).to(m_Chosen.type).contiguous(FastLayout(dimension)));
  if (m_FrozenMaps.AreKept())
    for (auto & maps : m_FrozenMaps.Of(patches, m_Chosen.device))
      batch.further.push_back(std::move(maps));
  return batch;
}

void TaskStep::KeepFrozen(GraphNetwork & net, const std::vector<std::string> & layers, const std::vector<std::size_t> & patches)
{
  const bool isSame = m_Request.augmentation.IsOff() && m_Request.task != Task::Restoration && m_Request.task != Task::Masked;
  if (isSame)
    m_FrozenMaps.Keep(net, layers, patches, static_cast<std::size_t>(m_Request.batch), [this](const auto & part) { return Load(part).images; });
}

GraphNetwork::Tensors TaskStep::Answers(GraphNetwork & net, const Batch & batch) const
{
  if (!m_FrozenMaps.AreKept())
    return net.Forward(batch.images);
  const auto given = m_FrozenMaps.Named(batch.further, m_Teachers.size());
  return net.Forward(batch.images, nullptr, &given);
}

TaskStep::Drawn TaskStep::Draw(const std::vector<std::size_t> & patches, std::uint64_t draw) const
{
  Drawn drawn;
  for (std::size_t i = 0; i < patches.size() && !m_Request.augmentation.IsOff(); ++i)
    drawn.push_back(DrawAugmentation(m_Request.augmentation, m_Cache.Description().patch, m_Cache.Patches()[patches[i]].geometry.spacing, m_Request.seed, draw, m_First + i));
  return drawn;
}

// In float32, contiguous, on the device; varied, with `labels`, by the fused engine on a CPU and by tensors on a GPU.
torch::Tensor TaskStep::Images(const std::vector<std::size_t> & patches, const IntensityPlan & plan, const Drawn & drawn, torch::Tensor * labels) const
{
  const auto source = LoadImages(m_Cache, patches, plan, m_Request.network.dimension, m_Chosen.device, torch::kFloat).contiguous();
  if (drawn.empty())
    return source;
  const bool hasLabels = labels != nullptr && labels->defined();
  auto       images = torch::empty_like(source), moved = hasLabels ? torch::empty_like(*labels) : torch::Tensor();
  for (std::size_t i = 0; i < patches.size(); ++i)
  {
    const auto at = static_cast<std::int64_t>(i);
    const auto from = hasLabels ? (*labels)[at] : torch::Tensor(), to = hasLabels ? moved[at] : torch::Tensor();
    if (m_Chosen.device.is_cpu())
      Augment(drawn[i], m_Cache.Description().patch, static_cast<int>(source.size(1)), Numbers<const float>(source[at]), Numbers<float>(images[at]), Numbers<const std::uint8_t>(from),
              Numbers<std::uint8_t>(to));
    else
    {
      const auto [image, map] = AugmentTensor(drawn[i], source[at], from);
      images[at].copy_(image);
      if (hasLabels)
        to.copy_(map);
    }
  }
  if (hasLabels)
    *labels = moved;
  return images;
}

Outcome TaskStep::Ask(GraphNetwork & net, const Batch & batch)
{
  switch (m_Request.task)
  {
    case Task::Segmentation: return Segment(net, batch);
    case Task::Classification: return Classify(net, batch);
    default: return GiveBack(net, batch);
  }
}

Outcome TaskStep::Segment(GraphNetwork & net, const Batch & batch) const
{
  const auto & truth = batch.segmentation;
  Outcome outcome;
  for (const auto & [name, maps] : Answers(net, batch))
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
torch::Tensor TaskStep::TeachersAnswer(const Batch & batch)
{
  const torch::NoGradGuard noGradient;
  torch::Tensor            sum;
  for (std::size_t i = 0; i < m_Teachers.size(); ++i)
  {
    const auto answer = torch::softmax(m_Teachers[i].Forward(batch.further[i]).at("classes").to(torch::kFloat) / m_Request.loss.temperature, 1);
    sum = sum.defined() ? sum + answer : answer;
  }
  return sum / double(m_Teachers.size());
}

Outcome TaskStep::Classify(GraphNetwork & net, const Batch & batch)
{
  const auto & truth = batch.classes;
  const auto answers = Answers(net, batch);
  const auto logits = answers.at("classes").to(torch::kFloat);
  auto       loss = EntropyLoss(m_Request.loss, logits, truth);
  if (!m_Teachers.empty())
    loss = (1 - m_Request.loss.distillation) * loss + m_Request.loss.distillation * DistillationLoss(m_Request.loss, logits, TeachersAnswer(batch));
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
  const auto given = (m_FrozenMaps.AreKept() ? Answers(net, batch) : net.Forward(input)).at("reconstruction").to(torch::kFloat);
  const auto wanted = truth.to(m_Chosen.device), weight = counted.to(m_Chosen.device).unsqueeze(1).expand_as(wanted);
  const auto loss = ((given - wanted).square() * weight).sum() / weight.sum();
  const auto mean = (wanted * weight).sum() / weight.sum();
  const auto variance = ((wanted - mean).square() * weight).sum() / weight.sum();
  return { loss, 1 - loss.detach() / variance.clamp_min(1e-12) };
}

} // namespace serval
