#include "Losses.h"

namespace serval
{

torch::Tensor SegmentationLoss(const torch::Tensor & logits, const torch::Tensor & labels)
{
  const auto entropy = torch::cross_entropy_loss(logits, labels);
  const auto probabilities = torch::softmax(logits, 1).flatten(2);
  const auto truth = torch::one_hot(labels.flatten(1), logits.size(1)).transpose(1, 2).to(probabilities.dtype());
  const auto overlap = (probabilities * truth).sum({ 0, 2 });
  const auto volume = probabilities.sum({ 0, 2 }) + truth.sum({ 0, 2 });
  const auto dice = (2 * overlap + 1e-5) / (volume + 1e-5);
  return entropy + 1 - dice.mean();
}

} // namespace serval
