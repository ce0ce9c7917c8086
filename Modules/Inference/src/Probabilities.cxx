#include "serval/Inference/Probabilities.h"

#include "serval/Classical/ClassicalModel.h"
#include "serval/Core/Text.h"

namespace serval
{

std::vector<float> ClassProbabilities(const PatchCache & cache, const std::vector<std::size_t> & patches, const ModelFile & model,
                                      const Computing & computing, Progress & progress)
{
  if (model.classical.empty())
    return LoadLearning().Predict(cache, patches, model, computing, progress);
  const auto         layers = Split(model.classical.at("layers"), ',');
  const auto         features = LoadLearning().Features(cache, patches, model, layers, computing, progress);
  const auto         head = ClassicalModel::Load(model.arrays, model.classical);
  std::vector<float> all, row;
  for (std::size_t n = 0; n < patches.size(); ++n)
  {
    row.clear();
    for (const auto & layer : layers)
    {
      const auto & values = features.at(layer);
      const auto   width = static_cast<std::ptrdiff_t>(values.size() / patches.size());
      row.insert(row.end(), values.begin() + std::ptrdiff_t(n) * width, values.begin() + std::ptrdiff_t(n + 1) * width);
    }
    for (const double p : head.Probabilities(row))
      all.push_back(static_cast<float>(p));
  }
  return all;
}

} // namespace serval
