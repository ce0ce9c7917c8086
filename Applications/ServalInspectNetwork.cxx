#include "NetworkOptions.h"
#include "serval/Network/LabelMark.h"

#include <nlohmann/json.hpp>

#include <cstdio>

namespace serval
{
namespace
{

struct InspectNetwork final : app::Application
{
  std::string    network;
  int            batch = 1;
  NetworkOptions options;

  app::Description Describe() const override
  {
    return { "ServalInspectNetwork", "inspect", "Inspect network", "Serval.Learning",
             "Shows the layers of a network, or of a model file, for an input size: shapes, parameters, memory and "
             "floating point operations." };
  }

  void Declare(app::Parameters & p) override
  {
    p.Add("network", &network, "Name of a network (" + Join(NetworkNames(), ", ") + ") or a model file").Positional(0).Required();
    p.Add("batch", &batch, "Samples in a batch, for the memory of training").Range(1, 100000);
    options.Declare(p);
  }

  void Run(app::Context & context) override
  {
    const bool        isFile = std::filesystem::is_regular_file(network);
    const ModelFile   model = isFile ? ModelFile::Read(network) : ModelFile{};
    const NetworkSpec spec = isFile ? model.network : options.Named(network);
    const Extent      input = options.Input(spec.dimension, isFile ? model.patch : PublishedInput(spec));
    const LayerGraph  graph = BuildNetwork(spec);
    const auto        shapes = graph.Shapes(input);
    nlohmann::json    layers = nlohmann::json::array();
    context.Say(spec.name + ", " + std::to_string(spec.dimension) + "D, input " + std::to_string(spec.channels) + " x " + ToText(input));
    if (LearnedShuffledLabels(model))
      context.Say("learned from shuffled labels: a baseline, not for use");
    context.Say(Row("layer", "operation", "output", "parameters"));
    for (std::size_t i = 1; i < graph.nodes.size(); ++i)
    {
      const Node &       node = graph.nodes[i];
      const std::int64_t count = CountOf(node, graph, shapes, i);
      const std::string  output = std::to_string(shapes[i].maps) + (shapes[i].isFlat ? "" : " x " + ToText(shapes[i].space));
      context.Say(Row(node.name, ToText(node.operation), output, count > 0 ? std::to_string(count) : ""));
      layers.push_back({ { "name", node.name }, { "operation", ToText(node.operation) }, { "parameters", count }, { "maps", shapes[i].maps },
                         { "size", { shapes[i].space.x, shapes[i].space.y, shapes[i].space.z } } });
    }
    Summarise(context, spec, SizeOf(graph, input), layers);
  }

private:
  static std::int64_t CountOf(const Node & node, const LayerGraph & graph, const std::vector<MapShape> & shapes, std::size_t i)
  {
    std::int64_t all = 0;
    for (const auto & [name, shape] : ParametersOf(node, graph.dimension, shapes[static_cast<std::size_t>(node.inputs.front())], shapes[i]))
    {
      std::int64_t count = 1;
      for (const auto edge : shape)
        count *= edge;
      all += count;
    }
    return all;
  }

  static std::string Row(const std::string & layer, const std::string & operation, const std::string & output, const std::string & parameters)
  {
    std::array<char, 160> line{};
    std::snprintf(line.data(), line.size(), "%-26s %-22s %-22s %14s", layer.c_str(), operation.c_str(), output.c_str(), parameters.c_str());
    return line.data();
  }

  // float32 throughout: weights, gradients, two moments; what every node puts out, and its gradient.
  void Summarise(const app::Context & context, const NetworkSpec & spec, const NetworkSize & size, const nlohmann::json & layers) const
  {
    const double inference = 4.0 * (double(size.parameters) + double(size.activations));
    const double training = 16.0 * double(size.parameters) + 8.0 * batch * double(size.activations);
    context.Say(Concat("parameters: ", size.parameters, "; operations forward: ", FormatFixed(size.operations / 1e9, 3), " GFLOP a sample"));
    context.Say(Concat("memory at most, float32: ", FormatFixed(inference / 1e6, 1), " MB for one sample forward, ",
                       FormatFixed(training / 1e6, 1), " MB to train a batch of ", batch));
    const nlohmann::json json{ { "schema", "serval-network/1" },  { "network", nlohmann::json::parse(spec.ToJson()) },
                               { "parameters", size.parameters }, { "operations", size.operations },
                               { "inferenceBytes", inference },   { "trainingBytes", training },
                               { "layers", layers } };
    context.WriteNumbers(json.dump(2));
  }
};

} // namespace
} // namespace serval

int main(int argc, char ** argv) { return serval::app::Main<serval::InspectNetwork>(argc, argv); }
