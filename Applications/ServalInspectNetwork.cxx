#include "serval/CommandLine/Application.h"
#include "serval/Core/Error.h"
#include "serval/Core/Text.h"
#include "serval/Network/ModelFile.h"

#include <nlohmann/json.hpp>

#include <cstdio>

namespace serval
{
namespace
{

struct InspectNetwork final : app::Application
{
  std::string      network, normalisation = "batch", attachment = "none";
  int              dimension = 3, channels = 1, classes = 0, segmentationClasses = 0, filters = 8, depth = 3, batch = 1;
  std::vector<int> size;
  bool             residual = false, deepSupervision = false;

  app::Description Describe() const override
  {
    return { "ServalInspectNetwork", "inspect", "Inspect network", "Serval.Learning",
             "Shows the layers of a network, or of a model file, for an input size: shapes, parameters, memory and "
             "floating point operations." };
  }

  void Declare(app::Parameters & p) override
  {
    p.Add("network", &network, "Name of a network (" + Join(NetworkNames(), ", ") + ") or a model file").Positional(0).Required();
    p.Add("dimension", &dimension, "2 or 3").Range(2, 3);
    p.Add("channels", &channels, "Channels of the input").Range(1, 64);
    p.Add("size", &size, "Input in voxels (x,y,z or x,y); left out: the size the network was published for, or the model's");
    p.Add("batch", &batch, "Samples in a batch, for the memory of training").Range(1, 100000);
    p.Group("Network");
    p.Add("classes", &classes, "Classes of the classifier; 0: 2 for networks that only classify").Range(0, 65535);
    p.Add("segmentationClasses", &segmentationClasses, "Labels of the segmentation; 0: 2 for networks that only segment").Range(0, 65535);
    p.Add("filters", &filters, "Maps of the first level of unet, small-cnn and autoencoder; of every layer of meshnet").Range(1, 256);
    p.Add("depth", &depth, "Poolings of unet and autoencoder").Range(1, 6);
    p.Add("normalisation", &normalisation, "Of unet").Choices({ "batch", "instance", "group", "none" });
    p.Add("attachment", &attachment, "Place of unet's classifier").Choices({ "none", "decoder1", "bottleneck", "decoders" });
    p.Add("residual", &residual, "Each level of unet adds its input");
    p.Add("deepSupervision", &deepSupervision, "Further heads on inner layers (unet, resnet, googlenet)");
  }

  void Run(app::Context & context) override
  {
    Extent            input;
    const NetworkSpec spec = std::filesystem::is_regular_file(network) ? FromModel(input) : FromOptions(input);
    const LayerGraph  graph = BuildNetwork(spec);
    const auto        shapes = graph.Shapes(input);
    nlohmann::json    layers = nlohmann::json::array();
    context.Say(spec.name + ", " + std::to_string(spec.dimension) + "D, input " + std::to_string(spec.channels) + " x " + ToText(input));
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
  NetworkSpec FromModel(Extent & input) const
  {
    const auto model = ModelFile::Read(network);
    input = size.empty() ? model.patch : Given(model.network.dimension);
    return model.network;
  }

  NetworkSpec FromOptions(Extent & input) const
  {
    NetworkSpec spec;
    spec.name = network;
    spec.dimension = dimension;
    spec.channels = channels;
    spec.classes = classes;
    spec.segmentationClasses = segmentationClasses;
    spec.filters = filters;
    spec.depth = depth;
    spec.normalisation = normalisation;
    spec.isResidual = residual;
    spec.deepSupervision = deepSupervision;
    const bool isUNet = network.starts_with("unet");
    spec.attachment = attachment == "none" ? NetworkSpec::Attachment::None : NetworkSpec::AttachmentFrom(attachment);
    if (network == "unet-classifier" && attachment == "none")
      spec.attachment = NetworkSpec::Attachment::Decoder1;
    const bool classifies = isUNet ? spec.attachment != NetworkSpec::Attachment::None : !network.starts_with("meshnet") && network != "autoencoder";
    if (classifies && classes == 0)
      spec.classes = 2;
    if (!classifies && segmentationClasses == 0)
      spec.segmentationClasses = 2;
    input = size.empty() ? PublishedInput(spec) : Given(dimension);
    return spec;
  }

  Extent Given(int dimensions) const
  {
    Require(size.size() == static_cast<std::size_t>(dimensions) || (size.size() == 3 && size[2] == 1), Fault::Usage, "--size has ",
            size.size(), " numbers; a network of ", dimensions, " dimensions needs ", dimensions);
    return { size[0], size[1], size.size() == 3 ? size[2] : 1 };
  }

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
