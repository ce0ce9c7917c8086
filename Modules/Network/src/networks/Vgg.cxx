#include "Networks.h"

namespace serval::networks
{

// Simonyan 2015, configurations D and E; torchvision's order of dropout.
LayerGraph Vgg(const NetworkSpec & spec)
{
  GraphBuilder g(spec.dimension, spec.channels);
  const int    deep = spec.name == "vgg19" ? 4 : 3;
  int          at = g.Input(), maps = 64;
  for (int block = 1; block <= 5; ++block)
  {
    const std::string name = "conv" + std::to_string(block);
    for (int i = 1; i <= (block <= 2 ? 2 : deep); ++i)
      at = ConvolveRelu(g, name + '_' + std::to_string(i), at, maps, { 3, 1, 1 });
    at = g.Pool("pool" + std::to_string(block), at, Operation::MaxPool, { 2, 2, 0 });
    maps = std::min(2 * maps, 512);
  }
  at = g.Reduce("pool5.flatten", at, Operation::Flatten);
  at = DenseRelu(g, "fc6", at, 4096, 0.5);
  at = DenseRelu(g, "fc7", at, 4096, 0.5);
  return g.Finish({ { "classes", g.Dense("classifier", at, spec.classes) } });
}

// Chatfield 2014: CNN-F ("fast") and CNN-M ("medium", called VGG-M).
LayerGraph ChatfieldNet(const NetworkSpec & spec)
{
  GraphBuilder g(spec.dimension, spec.channels);
  const bool   isFast = spec.name == "cnn-f";
  const int    wide = isFast ? 256 : 512;
  const auto   shrink = [&](const std::string & layer, int from, Window window) {
    return g.Pool(layer + ".pool", g.RespondLocally(layer + ".response", from, 5, 2, 5e-4, 0.75), Operation::MaxPool, window);
  };
  int at = ConvolveRelu(g, "conv1", g.Input(), isFast ? 64 : 96, isFast ? Window{ 11, 4, 0 } : Window{ 7, 2, 0 });
  at = shrink("conv1", at, isFast ? Window{ 3, 2, 0, true } : Window{ 3, 2, 0 });
  at = ConvolveRelu(g, "conv2", at, 256, isFast ? Window{ 5, 1, 2 } : Window{ 5, 2, 1 });
  at = shrink("conv2", at, isFast ? Window{ 3, 2, 0 } : Window{ 2, 2, 0 });
  for (int i = 3; i <= 5; ++i)
    at = ConvolveRelu(g, "conv" + std::to_string(i), at, wide, { 3, 1, 1 });
  at = g.Pool("conv5.pool", at, Operation::MaxPool, { 3, 2, 0 });
  at = g.Reduce("conv5.flatten", at, Operation::Flatten);
  at = DenseRelu(g, "fc6", at, 4096, 0.5);
  at = DenseRelu(g, "fc7", at, 4096, 0.5);
  return g.Finish({ { "classes", g.Dense("classifier", at, spec.classes) } });
}

} // namespace serval::networks
