#include "Networks.h"

#include <array>

namespace serval::networks
{
namespace
{

int ConvolveNormalised(GraphBuilder & g, const std::string & name, int from, int maps, Window window)
{
  return g.Normalise(name + "_norm", g.Convolve(name, from, maps, window, false));
}

// Two 3^d convolutions, or 1 - 3 - 1 with four times the maps; the shortcut is projected where the shape changes.
int Block(GraphBuilder & g, const std::string & layer, int from, int maps, int stride, bool isBottleneck, bool isProjected)
{
  const int out = isBottleneck ? 4 * maps : maps;
  int       at = from;
  if (isBottleneck)
  {
    at = g.Activate(layer + ".relu1", ConvolveNormalised(g, layer + ".conv1", at, maps, { 1, 1, 0 }));
    at = g.Activate(layer + ".relu2", ConvolveNormalised(g, layer + ".conv2", at, maps, { 3, stride, 1 }));
    at = ConvolveNormalised(g, layer + ".conv3", at, out, { 1, 1, 0 });
  }
  else
  {
    at = g.Activate(layer + ".relu1", ConvolveNormalised(g, layer + ".conv1", at, maps, { 3, stride, 1 }));
    at = ConvolveNormalised(g, layer + ".conv2", at, maps, { 3, 1, 1 });
  }
  const int shortcut = isProjected ? ConvolveNormalised(g, layer + ".shortcut", from, out, { 1, stride, 0 }) : from;
  return g.Activate(layer + ".relu", g.Join(layer + ".sum", { at, shortcut }, Operation::Add));
}

struct Layout
{
  const char *       name;
  std::array<int, 4> blocks;
  bool               isBottleneck;
};
constexpr std::array layouts{ Layout{ "resnet18", { 2, 2, 2, 2 }, false }, Layout{ "resnet34", { 3, 4, 6, 3 }, false },
                              Layout{ "resnet50", { 3, 4, 6, 3 }, true }, Layout{ "resnet101", { 3, 4, 23, 3 }, true } };

} // namespace

// He 2016; the stride stands in the 3^d convolution, as torchvision has it. With deep supervision each stage before the
// last gets a head on its pooled maps.
LayerGraph ResNet(const NetworkSpec & spec)
{
  GraphBuilder g(spec.dimension, spec.channels);
  Layout       layout = layouts[0];
  for (const auto & known : layouts)
    layout = known.name == spec.name ? known : layout;
  std::map<std::string, int> outputs;
  int at = g.Activate("stem.relu", ConvolveNormalised(g, "stem.conv", g.Input(), 64, { 7, 2, 3 }));
  at = g.Pool("stem.pool", at, Operation::MaxPool, { 3, 2, 1 });
  int maps = 64, in = 64;
  for (std::size_t stage = 0; stage < 4; ++stage, maps *= 2)
  {
    const std::string name = "stage" + std::to_string(stage + 1);
    const int         out = layout.isBottleneck ? 4 * maps : maps;
    for (int block = 0; block < layout.blocks[stage]; ++block, in = out)
      at = Block(g, name + "_" + std::to_string(block + 1), at, maps, block == 0 && stage > 0 ? 2 : 1, layout.isBottleneck,
                 block == 0 && (stage > 0 || in != out));
    if (spec.deepSupervision && stage < 3)
    {
      const std::string head = "auxiliary" + std::to_string(stage + 1);
      outputs[head] = g.Dense(head, g.Reduce(head + ".average", at, Operation::GlobalAverage), spec.classes);
    }
  }
  outputs["classes"] = g.Dense("classifier", g.Reduce("classifier.average", at, Operation::GlobalAverage), spec.classes);
  return g.Finish(std::move(outputs));
}

// He 2016, section 4.2, with shortcuts without parameters (option A).
LayerGraph CifarResNet(const NetworkSpec & spec)
{
  GraphBuilder g(spec.dimension, spec.channels);
  const int    blocks = spec.name == "resnet32-cifar" ? 5 : 3;
  int          at = g.Activate("stem.relu", ConvolveNormalised(g, "stem.conv", g.Input(), 16, { 3, 1, 1 }));
  int          maps = 16;
  for (int stage = 1; stage <= 3; ++stage, maps *= 2)
    for (int block = 1; block <= blocks; ++block)
    {
      const std::string layer = "stage" + std::to_string(stage) + "_" + std::to_string(block);
      const int         stride = stage > 1 && block == 1 ? 2 : 1;
      int               inner = g.Activate(layer + ".relu1", ConvolveNormalised(g, layer + ".conv1", at, maps, { 3, stride, 1 }));
      inner = ConvolveNormalised(g, layer + ".conv2", inner, maps, { 3, 1, 1 });
      const int shortcut = stride > 1 ? g.PadMaps(layer + ".shortcut", at, maps, stride) : at;
      at = g.Activate(layer + ".relu", g.Join(layer + ".sum", { inner, shortcut }, Operation::Add));
    }
  at = g.Dense("classifier", g.Reduce("classifier.average", at, Operation::GlobalAverage), spec.classes);
  return g.Finish({ { "classes", at } });
}

// Huang 2017, DenseNet-121: growth 32, compression 0.5.
LayerGraph DenseNet(const NetworkSpec & spec)
{
  GraphBuilder         g(spec.dimension, spec.channels);
  constexpr int        growth = 32;
  constexpr std::array layers{ 6, 12, 24, 16 };
  int at = g.Activate("stem.relu", ConvolveNormalised(g, "stem.conv", g.Input(), 64, { 7, 2, 3 }));
  at = g.Pool("stem.pool", at, Operation::MaxPool, { 3, 2, 1 });
  int maps = 64;
  for (std::size_t block = 0; block < layers.size(); ++block)
  {
    for (int i = 1; i <= layers[block]; ++i, maps += growth)
    {
      const std::string layer = "dense" + std::to_string(block + 1) + "_" + std::to_string(i);
      int               inner = g.Activate(layer + ".relu1", g.Normalise(layer + ".norm1", at));
      inner = g.Convolve(layer + ".conv1", inner, 4 * growth, { 1, 1, 0 }, false);
      inner = g.Activate(layer + ".relu2", g.Normalise(layer + ".norm2", inner));
      at = g.Join(layer + ".join", { at, g.Convolve(layer + ".conv2", inner, growth, { 3, 1, 1 }, false) });
    }
    const std::string next = block + 1 < layers.size() ? "transition" + std::to_string(block + 1) : "final";
    at = g.Activate(next + ".relu", g.Normalise(next + ".norm", at));
    if (block + 1 == layers.size())
      break;
    maps /= 2;
    at = g.Pool(next + ".pool", g.Convolve(next + ".conv", at, maps, { 1, 1, 0 }, false), Operation::AveragePool, { 2, 2, 0 });
  }
  at = g.Dense("classifier", g.Reduce("classifier.average", at, Operation::GlobalAverage), spec.classes);
  return g.Finish({ { "classes", at } });
}

} // namespace serval::networks
