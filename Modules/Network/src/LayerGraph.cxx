#include "serval/Network/LayerGraph.h"

#include "serval/Core/Error.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cmath>

namespace serval
{
namespace
{

constexpr std::array operationNames{ "input",       "convolution",    "transposed-convolution", "locally-connected", "linear",
                                     "batch-norm",  "instance-norm",  "group-norm",             "local-response",    "relu",
                                     "leaky-relu",  "elu", "gelu", "tanh",                   "sigmoid",           "max-pool",
                                     "average-pool", "global-average", "flatten",               "upsample",          "subsample",
                                     "concatenate", "add",            "dropout" };

std::int64_t Power(std::int64_t base, int exponent) { return exponent == 0 ? 1 : base * Power(base, exponent - 1); }

std::int64_t WindowCount(std::int64_t size, const Node & node)
{
  const std::int64_t reach = std::int64_t{ node.dilation } * (node.kernel - 1) + 1, room = size + 2 * node.padding - reach;
  const std::int64_t slack = room + (node.roundsUp ? node.stride - 1 : 0);
  if (slack < 0)
    return 0;
  std::int64_t count = slack / node.stride + 1;
  if (node.roundsUp && (count - 1) * node.stride >= size + node.padding)
    --count; // a window must begin inside the input or its left padding
  return count;
}

template <typename TSize>
Extent EachAxis(const Extent & e, int dimension, TSize size)
{
  return { size(e.x), size(e.y), dimension == 3 ? size(e.z) : 1 };
}

MapShape Joined(const Node & node, const std::vector<MapShape> & inputs)
{
  MapShape shape = inputs.front();
  for (std::size_t i = 1; i < inputs.size(); ++i)
  {
    Require(inputs[i].space == shape.space && inputs[i].isFlat == shape.isFlat, Fault::Usage, "layer ", node.name, " joins maps of ",
            ToText(shape.space), " and ", ToText(inputs[i].space), "; choose an input size that all poolings divide");
    if (node.operation == Operation::Concatenate)
      shape.maps += inputs[i].maps;
    else
      Require(inputs[i].maps == shape.maps, Fault::Internal, "layer ", node.name, " adds ", shape.maps, " and ", inputs[i].maps, " maps");
  }
  return shape;
}

MapShape ShapeOf(const Node & node, int dimension, const std::vector<MapShape> & inputs)
{
  MapShape shape = inputs.front();
  switch (node.operation)
  {
    case Operation::Convolution:
    case Operation::LocallyConnected: shape.maps = node.maps; [[fallthrough]];
    case Operation::MaxPool:
    case Operation::AveragePool:
      shape.space = EachAxis(shape.space, dimension, [&](std::int64_t size) { return WindowCount(size, node); });
      break;
    case Operation::TransposedConvolution:
      shape.maps = node.maps;
      shape.space = EachAxis(shape.space, dimension, [&](std::int64_t size) { return (size - 1) * node.stride + node.kernel - 2 * node.padding; });
      break;
    case Operation::Upsample: shape.space = EachAxis(shape.space, dimension, [&](std::int64_t size) { return size * node.stride; }); break;
    case Operation::Subsample:
      shape.maps = node.maps;
      shape.space = EachAxis(shape.space, dimension, [&](std::int64_t size) { return (size + node.stride - 1) / node.stride; });
      break;
    case Operation::Linear: return { node.maps, { 1, 1, 1 }, true };
    case Operation::GlobalAverage: return { shape.maps, { 1, 1, 1 }, true };
    case Operation::Flatten: return { shape.Count(), { 1, 1, 1 }, true };
    case Operation::Concatenate:
    case Operation::Add: return Joined(node, inputs);
    default: break;
  }
  Require(shape.space.x > 0 && shape.space.y > 0 && shape.space.z > 0, Fault::Usage, "the input is too small: at layer ", node.name,
          " nothing is left of ", ToText(inputs.front().space), " voxels");
  return shape;
}

} // namespace

std::string ToText(Operation operation) { return operationNames[static_cast<std::size_t>(operation)]; }

std::string LayerOf(const Node & node) { return node.name.substr(0, node.name.find('.')); }

std::string ToJson(const LayerGraph & graph)
{
  auto nodes = nlohmann::json::array();
  for (const auto & n : graph.nodes)
    nodes.push_back({ { "name", n.name }, { "operation", ToText(n.operation) }, { "inputs", n.inputs }, { "maps", n.maps }, { "kernel", n.kernel },
                      { "stride", n.stride }, { "padding", n.padding }, { "dilation", n.dilation }, { "groups", n.groups },
                      { "roundsUp", n.roundsUp }, { "value", n.value }, { "alpha", n.alpha }, { "beta", n.beta }, { "epsilon", n.epsilon } });
  return nlohmann::json{ { "dimension", graph.dimension }, { "channels", graph.channels }, { "nodes", nodes }, { "outputs", graph.outputs } }.dump();
}

std::vector<std::string> LayerGraph::Layers() const
{
  std::vector<std::string> layers;
  for (const auto & node : nodes)
    if (const auto layer = LayerOf(node); node.operation != Operation::Input && std::find(layers.begin(), layers.end(), layer) == layers.end())
      layers.push_back(layer);
  return layers;
}

std::vector<MapShape> LayerGraph::Shapes(const Extent & input) const
{
  Require(input.x > 0 && input.y > 0 && input.z > 0 && (dimension == 3 || input.z == 1), Fault::Usage, "a network of ", dimension,
          " dimensions cannot take an input of ", ToText(input), " voxels");
  std::vector<MapShape> shapes;
  for (const auto & node : nodes)
  {
    std::vector<MapShape> inputs;
    for (const int from : node.inputs)
      inputs.push_back(shapes.at(static_cast<std::size_t>(from)));
    shapes.push_back(node.operation == Operation::Input ? MapShape{ channels, input, false } : ShapeOf(node, dimension, inputs));
  }
  return shapes;
}

std::map<std::string, std::vector<std::int64_t>> ParametersOf(const Node & node, int dimension, const MapShape & input,
                                                              const MapShape & output)
{
  std::map<std::string, std::vector<std::int64_t>> arrays;
  const auto withKernel = [&](std::vector<std::int64_t> shape) {
    shape.insert(shape.end(), static_cast<std::size_t>(dimension), node.kernel);
    return shape;
  };
  const std::int64_t inGroup = input.maps / node.groups;
  switch (node.operation)
  {
    case Operation::Convolution: arrays["weight"] = withKernel({ node.maps, inGroup }); break;
    case Operation::TransposedConvolution: arrays["weight"] = withKernel({ input.maps, node.maps / node.groups }); break;
    case Operation::LocallyConnected: // places, maps, inputs of a window
      arrays["weight"] = { output.space.Voxels(), node.maps, input.maps * Power(node.kernel, dimension) };
      if (node.hasBias)
        arrays["bias"] = { node.maps, output.space.Voxels() };
      return arrays;
    case Operation::Linear: arrays["weight"] = { node.maps, input.Count() }; break;
    case Operation::BatchNorm:
    case Operation::InstanceNorm:
    case Operation::GroupNorm:
      if (node.isAffine)
        arrays = { { "weight", { input.maps } }, { "bias", { input.maps } } };
      return arrays;
    default: return arrays;
  }
  if (node.hasBias)
    arrays["bias"] = { node.maps };
  return arrays;
}

NetworkSize SizeOf(const LayerGraph & graph, const Extent & input)
{
  NetworkSize size;
  const auto  shapes = graph.Shapes(input);
  for (std::size_t i = 1; i < graph.nodes.size(); ++i)
  {
    const Node &     node = graph.nodes[i];
    const MapShape & from = shapes[static_cast<std::size_t>(node.inputs.front())];
    size.activations += shapes[i].Count();
    std::int64_t weights = 0;
    for (const auto & [name, shape] : ParametersOf(node, graph.dimension, from, shapes[i]))
    {
      std::int64_t count = 1;
      for (const auto edge : shape)
        count *= edge;
      size.parameters += count;
      weights += name == "weight" ? count : 0;
    }
    if (node.operation == Operation::Convolution)
      size.operations += 2.0 * double(weights) * double(shapes[i].space.Voxels());
    else if (node.operation == Operation::TransposedConvolution)
      size.operations += 2.0 * double(weights) * double(from.space.Voxels());
    else if (node.operation == Operation::Linear || node.operation == Operation::LocallyConnected)
      size.operations += 2.0 * double(weights);
  }
  return size;
}

} // namespace serval
