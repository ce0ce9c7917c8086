#include "Networks.h"

namespace serval::networks
{

// Caffe's cifar10_quick (`cifarnet`) and cifar10_full (`cifarnet-full`, with response normalisation), Jia 2014.
LayerGraph CifarNet(const NetworkSpec & spec)
{
  GraphBuilder g(spec.dimension, spec.channels);
  const bool   isFull = spec.name == "cifarnet-full";
  const Window five{ 5, 1, 2 }, pool{ 3, 2, 0, true };
  const auto   respond = [&](const std::string & layer, int from) {
    return isFull ? g.RespondLocally(layer + ".response", from, 3, 1, 5e-5, 0.75) : from;
  };
  int at = g.Activate("conv1.relu", g.Pool("conv1.pool", g.Convolve("conv1", g.Input(), 32, five), Operation::MaxPool, pool));
  at = respond("conv1", at);
  at = g.Pool("conv2.pool", ConvolveRelu(g, "conv2", at, 32, five), Operation::AveragePool, pool);
  at = respond("conv2", at);
  at = g.Pool("conv3.pool", ConvolveRelu(g, "conv3", at, 64, five), Operation::AveragePool, pool);
  at = g.Reduce("conv3.flatten", at, Operation::Flatten);
  if (!isFull)
    at = g.Dense("fc4", at, 64);
  return g.Finish({ { "classes", g.Dense("classifier", at, spec.classes) } });
}

// cuda-convnet's layers-conv-local-11pct (Krizhevsky): 2 convolutions, 2 locally connected layers, 1 dense layer.
LayerGraph Local5(const NetworkSpec & spec)
{
  GraphBuilder g(spec.dimension, spec.channels);
  const Window pool{ 3, 2, 0, true };
  int          at = g.RespondLocally("conv1.response", ConvolveRelu(g, "conv1", g.Input(), 64, { 5, 1, 2 }), 5, 1, 1e-3, 0.75);
  at = g.Pool("conv1.pool", at, Operation::MaxPool, pool);
  at = g.RespondLocally("conv2.response", ConvolveRelu(g, "conv2", at, 64, { 5, 1, 2 }), 5, 1, 1e-3, 0.75);
  at = g.Pool("conv2.pool", at, Operation::MaxPool, pool);
  at = g.Activate("local3.relu", g.ConnectLocally("local3", at, 32, { 3, 1, 1 }));
  at = g.Activate("local4.relu", g.ConnectLocally("local4", at, 32, { 3, 1, 1 }));
  at = g.Reduce("local4.flatten", at, Operation::Flatten);
  return g.Finish({ { "classes", g.Dense("classifier", at, spec.classes) } });
}

// Anthimopoulos 2016: k (L+1)^2 maps of 2^d kernels, k = 4.
LayerGraph IldCnn(const NetworkSpec & spec)
{
  GraphBuilder  g(spec.dimension, spec.channels);
  constexpr int k = 4;
  int           at = g.Input();
  for (int layer = 1; layer <= 5; ++layer)
  {
    const std::string name = "conv" + std::to_string(layer);
    at = g.Activate(name + ".relu", g.Convolve(name, at, k * (layer + 1) * (layer + 1), { 2, 1, 0 }), Operation::LeakyRelu, 0.3);
  }
  at = g.Drop("conv5.dropout", g.Reduce("conv5.average", at, Operation::GlobalAverage), 0.5);
  at = DenseRelu(g, "fc6", at, k * 36 * 6, 0.5);
  at = DenseRelu(g, "fc7", at, k * 36 * 2, 0.5);
  return g.Finish({ { "classes", g.Dense("classifier", at, spec.classes) } });
}

// Four [3^d convolution, batch norm, ReLU, pooling] and a linear layer on global averages: a start for small data.
LayerGraph SmallCnn(const NetworkSpec & spec)
{
  GraphBuilder g(spec.dimension, spec.channels);
  int          at = g.Input(), maps = spec.filters;
  for (int layer = 1; layer <= 4; ++layer, maps *= 2)
  {
    const std::string name = "conv" + std::to_string(layer);
    at = g.Activate(name + ".relu", g.Normalise(name + ".norm", g.Convolve(name, at, maps, { 3, 1, 1 }, false)));
    at = g.Pool(name + ".pool", at, Operation::MaxPool, { 2, 2, 0, true });
  }
  at = g.Reduce("classifier.average", at, Operation::GlobalAverage);
  if (spec.dropout > 0)
    at = g.Drop("classifier.dropout", at, spec.dropout);
  return g.Finish({ { "classes", g.Dense("classifier", at, spec.classes) } });
}

// Dilated 3^d convolutions that keep the grid, `filters` maps in each: `meshnet` after Fedorov 2017, `meshnet-20` the
// deeper autoencoder-like series of brainchop (its published weight file has 15 maps).
LayerGraph MeshNet(const NetworkSpec & spec)
{
  GraphBuilder     g(spec.dimension, spec.channels);
  const bool       isDeep = spec.name == "meshnet-20";
  std::vector<int> dilations{ 1, 1, 1, 2, 4, 8, 1 };
  if (isDeep)
    dilations = { 1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 12, 8, 7, 6, 5, 4, 3, 2, 1 };
  int at = g.Input(), layer = 0;
  for (const int dilation : dilations)
  {
    const std::string name = "conv" + std::to_string(++layer);
    at = g.Normalise(name + ".norm", g.Convolve(name, at, spec.filters, { 3, 1, dilation, false, dilation }));
    at = g.Activate(name + ".active", at, isDeep ? Operation::Gelu : Operation::Relu);
  }
  return g.Finish({ { "segmentation", g.Convolve("head", at, spec.segmentationClasses, { 1, 1, 0 }) } });
}

// Masci 2011: strided convolutions down, up-convolutions back; the code is the layer `bottleneck`.
LayerGraph Autoencoder(const NetworkSpec & spec)
{
  GraphBuilder g(spec.dimension, spec.channels);
  int          at = g.Input(), maps = spec.filters;
  for (int level = 1; level <= spec.depth; ++level, maps *= 2)
  {
    const std::string name = "encoder" + std::to_string(level);
    at = g.Activate(name + ".relu", g.Normalise(name + ".norm", g.Convolve(name, at, maps, { 3, 2, 1 }, false)));
  }
  at = g.Activate("bottleneck.relu", g.Normalise("bottleneck.norm", g.Convolve("bottleneck", at, maps / 2, { 3, 1, 1 }, false)));
  for (int level = spec.depth; level >= 1; --level)
  {
    const std::string name = "decoder" + std::to_string(level);
    maps /= 2;
    at = g.ConvolveUp(name, at, std::max(maps / 2, spec.filters), { 2, 2, 0 }, false);
    at = g.Activate(name + ".relu", g.Normalise(name + ".norm", at));
  }
  return g.Finish({ { "reconstruction", g.Convolve("head", at, spec.channels, { 3, 1, 1 }) } });
}

} // namespace serval::networks
