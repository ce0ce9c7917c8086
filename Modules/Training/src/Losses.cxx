#include "Losses.h"

#include <cstdint>
#include <vector>

namespace serval
{
namespace
{

torch::Tensor WeightsOf(const LossPlan & plan, const torch::Tensor & logits)
{
  return plan.classWeights.empty() ? torch::Tensor() : torch::tensor(plan.classWeights, logits.options());
}

// Probabilities and one-hot truth [N,K,voxels], without the ignored voxels.
std::pair<torch::Tensor, torch::Tensor> Overlapping(const LossPlan & plan, const torch::Tensor & logits, const torch::Tensor & labels)
{
  auto       probabilities = torch::softmax(logits, 1).flatten(2);
  const auto flat = labels.flatten(1);
  if (plan.ignoreLabel < 0)
    return { probabilities, torch::one_hot(flat, logits.size(1)).transpose(1, 2).to(probabilities.dtype()) };
  const auto counts = flat.ne(plan.ignoreLabel).unsqueeze(1).to(probabilities.dtype());
  const auto known = flat.masked_fill(flat.eq(plan.ignoreLabel), 0);
  return { probabilities * counts, torch::one_hot(known, logits.size(1)).transpose(1, 2).to(probabilities.dtype()) * counts };
}

torch::Tensor OverlapLoss(const LossPlan & plan, const torch::Tensor & logits, const torch::Tensor & labels)
{
  constexpr double smooth = 1e-5;
  const auto [probabilities, truth] = Overlapping(plan, logits, labels);
  const std::vector<std::int64_t> axes{ 0, 2 };
  const auto both = (probabilities * truth).sum(axes), found = probabilities.sum(axes), true_ = truth.sum(axes);
  switch (plan.overlap)
  {
    case LossPlan::Overlap::GeneralisedDice:
    {
      const auto weight = 1 / (true_ * true_ + 1); // a class that is not there does not rule
      return 1 - (2 * (weight * both).sum() + smooth) / ((weight * (found + true_)).sum() + smooth);
    }
    case LossPlan::Overlap::Tversky:
      return 1 - ((both + smooth) / (both + plan.tversky * (found - both) + (1 - plan.tversky) * (true_ - both) + smooth)).mean();
    default: return 1 - ((2 * both + smooth) / (found + true_ + smooth)).mean();
  }
}

} // namespace

torch::Tensor EntropyLoss(const LossPlan & plan, const torch::Tensor & logits, const torch::Tensor & labels)
{
  const auto weights = WeightsOf(plan, logits);
  const auto reduced = [&](at::Reduction::Reduction how) {
    return torch::cross_entropy_loss(logits, labels, weights, how, plan.ignoreLabel, plan.labelSmoothing);
  };
  if (plan.focal == 0)
    return reduced(at::Reduction::Mean);
  // (1 - p)^gamma of the true class on each label's own loss; the mean is over the weights, as without it
  const auto counted = labels.ne(plan.ignoreLabel);
  const auto known = labels.masked_fill(counted.logical_not(), 0);
  const auto p = torch::softmax(logits, 1).gather(1, known.unsqueeze(1)).squeeze(1);
  const auto each = (1 - p).pow(plan.focal) * reduced(at::Reduction::None);
  const auto weight = counted.to(each.dtype()) * (weights.defined() ? weights.index_select(0, known.flatten()).view_as(known) : torch::ones_like(each));
  return (each * counted).sum() / weight.sum().clamp_min(1e-12);
}

torch::Tensor SegmentationLoss(const LossPlan & plan, const torch::Tensor & logits, const torch::Tensor & labels)
{
  const auto entropy = EntropyLoss(plan, logits, labels);
  return plan.overlap == LossPlan::Overlap::None ? entropy : entropy + OverlapLoss(plan, logits, labels);
}

torch::Tensor DistillationLoss(const LossPlan & plan, const torch::Tensor & logits, const torch::Tensor & teacher)
{
  const auto answers = torch::log_softmax(logits / plan.temperature, 1);
  return -(teacher * answers).sum(1).mean() * plan.temperature * plan.temperature;
}

} // namespace serval
