#include "serval/Inference/Probabilities.h"

#include "serval/Classical/ClassicalModel.h"
#include "serval/Core/Error.h"
#include "serval/Core/Text.h"

#include <map>

namespace serval
{
namespace
{

using Features = std::map<std::string, std::vector<float>>;

/// Features of a model's layers, under the names that the head gives them.
Features FeaturesOf(const PatchCache & cache, const std::vector<std::size_t> & patches, const ModelFile & model, const std::vector<std::string> & names, const Computing & computing,
                    Progress & progress)
{
  Features all;
  for (std::size_t n = 0; n <= model.further.size(); ++n)
  {
    std::vector<std::string> layers;
    for (const auto & name : names)
      if (const auto one = NetworkLayer::From(name); one.network == n)
        layers.push_back(one.layer);
    if (layers.empty())
      continue;
    auto found = LoadLearning().Features(cache, patches, n == 0 ? model : model.Alone(model.further[n - 1]), layers, computing, progress);
    for (auto & [layer, values] : found)
      all[NetworkLayer{ n, layer }.ToText()] = std::move(values);
  }
  for (const auto & name : names)
    Require(all.contains(name), Fault::Input, "the model's classifier takes the layer '", name, "' of a network that the file does not hold; it holds ", model.further.size() + 1);
  return all;
}

} // namespace

std::vector<float> ClassProbabilities(const PatchCache & cache, const std::vector<std::size_t> & patches, const ModelFile & model,
                                      const Computing & computing, Progress & progress)
{
  if (model.classical.empty())
    return LoadLearning().Predict(cache, patches, model, computing, progress);
  const auto         layers = Split(model.classical.at("layers"), ',');
  const auto         features = FeaturesOf(cache, patches, model, layers, computing, progress);
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
