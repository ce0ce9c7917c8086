#include "serval/Network/PlanTable.h"

#include "serval/Core/Error.h"
#include "serval/Core/Text.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <numeric>

namespace serval
{
namespace
{

/// Arrays of one layer: how many there are, and how many of them the source has in the same shape.
struct LayerArrays
{
  int          all = 0, there = 0;
  std::int64_t parameters = 0;
};

std::map<std::string, LayerArrays> ArraysByLayer(const NetworkSpec & spec, const Extent & input, const ModelFile * source)
{
  const auto                         graph = BuildNetwork(spec);
  const auto                         shapes = graph.Shapes(input);
  std::map<std::string, LayerArrays> found;
  for (std::size_t i = 1; i < graph.nodes.size(); ++i)
  {
    const auto & node = graph.nodes[i];
    auto &       layer = found[LayerOf(node)];
    const auto & from = shapes[static_cast<std::size_t>(node.inputs.front())];
    for (const auto & [name, shape] : ParametersOf(node, graph.dimension, from, shapes[i]))
    {
      ++layer.all;
      layer.parameters += std::accumulate(shape.begin(), shape.end(), std::int64_t{ 1 }, std::multiplies<>());
      const auto there = source ? source->arrays.find(node.name + '.' + name) : std::map<std::string, TensorFile::Array>::const_iterator{};
      if (source && there != source->arrays.end() && there->second.shape == shape)
        ++layer.there;
    }
  }
  return found;
}

// The first step (from 0) from which on the layer is trained; -1 for never.
int FirstTrained(const std::string & layer, const std::vector<std::string> & layers, const std::vector<std::string> & fresh, const TransferPlan & plan)
{
  std::vector<int> steps{ 0, plan.warmUpSteps }; // at which something changes
  for (std::size_t awake = 1; plan.unfreezeEvery > 0 && awake <= layers.size(); ++awake)
    steps.push_back(steps.back() + plan.unfreezeEvery);
  for (const int step : steps)
  {
    const auto frozen = plan.FrozenLayersAt(step, layers, fresh);
    if (std::find(frozen.begin(), frozen.end(), layer) == frozen.end())
      return step;
  }
  return -1;
}

} // namespace

std::vector<PlanLine> PlanTable(const NetworkSpec & spec, const Extent & input, const ModelFile * source, const TransferPlan & plan)
{
  const auto            layers = spec.Layers();
  const auto            reset = plan.ResetLayers(layers);
  const auto            arrays = ArraysByLayer(spec, input, source);
  std::vector<PlanLine> table;
  for (const auto & layer : layers)
  {
    const auto & own = arrays.at(layer);
    PlanLine     line;
    line.layer = layer;
    line.parameters = own.parameters;
    line.from = own.all == 0                                                        ? "none"
                : source && std::find(reset.begin(), reset.end(), layer) != reset.end() ? "reset"
                : own.there == 0                                                    ? "new"
                : own.there < own.all                                               ? "part"
                                                                                    : "source";
    line.rate = plan.RateOf(layer, layers, false);
    line.biasRate = plan.RateOf(layer, layers, true);
    table.push_back(line);
  }
  const auto fresh = FreshLayers(table);
  for (auto & line : table)
  {
    const int first = FirstTrained(line.layer, layers, fresh, plan);
    line.trained = line.parameters == 0 ? "-" : first < 0 ? "never" : first == 0 ? "always" : Concat("from step ", first + 1);
  }
  return table;
}

std::vector<std::string> FreshLayers(const std::vector<PlanLine> & table)
{
  std::vector<std::string> fresh;
  for (const auto & line : table)
    if (line.from != "source" && line.from != "none")
      fresh.push_back(line.layer);
  return fresh;
}

std::string ToText(const std::vector<PlanLine> & table)
{
  std::vector<std::vector<std::string>> rows{ { "layer", "parameters", "from", "trained", "rate", "bias rate" } };
  for (const auto & line : table)
    rows.push_back({ line.layer, std::to_string(line.parameters), line.from, line.trained, FormatNumber(line.rate), FormatNumber(line.biasRate) });
  std::vector<std::size_t> widths(rows.front().size(), 0);
  for (const auto & row : rows)
    for (std::size_t c = 0; c < row.size(); ++c)
      widths[c] = std::max(widths[c], row[c].size());
  std::string text;
  for (const auto & row : rows)
    for (std::size_t c = 0; c < row.size(); ++c)
      text += row[c] + (c + 1 < row.size() ? std::string(widths[c] - row[c].size() + 2, ' ') : "\n");
  return text;
}

std::string ToJson(const std::vector<PlanLine> & table)
{
  auto json = nlohmann::ordered_json::array();
  for (const auto & line : table)
    json.push_back({ { "layer", line.layer }, { "parameters", line.parameters }, { "from", line.from }, { "trained", line.trained },
                     { "rate", line.rate }, { "biasRate", line.biasRate } });
  return json.dump();
}

} // namespace serval
