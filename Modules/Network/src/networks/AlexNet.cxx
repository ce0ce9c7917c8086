#include "Networks.h"

namespace serval::networks
{
namespace
{

// Krizhevsky 2012, Jia 2014 (CaffeNet: pooling before the response normalisation).
LayerGraph TwoTowers(const NetworkSpec & spec, bool isGrouped, bool poolsFirst)
{
  GraphBuilder g(spec.dimension, spec.channels);
  const int    groups = isGrouped ? 2 : 1;
  const Window pool{ 3, 2, 0, true };
  const auto   shrink = [&](const std::string & layer, int from) {
    if (poolsFirst)
      return g.RespondLocally(layer + ".response", g.Pool(layer + ".pool", from, Operation::MaxPool, pool), 5, 1, 1e-4, 0.75);
    return g.Pool(layer + ".pool", g.RespondLocally(layer + ".response", from, 5, 1, 1e-4, 0.75), Operation::MaxPool, pool);
  };
  int at = shrink("conv1", ConvolveRelu(g, "conv1", g.Input(), 96, { 11, 4, 0 }));
  at = shrink("conv2", ConvolveRelu(g, "conv2", at, 256, { 5, 1, 2 }, groups));
  at = ConvolveRelu(g, "conv3", at, 384, { 3, 1, 1 });
  at = ConvolveRelu(g, "conv4", at, 384, { 3, 1, 1 }, groups);
  at = ConvolveRelu(g, "conv5", at, 256, { 3, 1, 1 }, groups);
  at = g.Reduce("conv5.flatten", g.Pool("conv5.pool", at, Operation::MaxPool, pool), Operation::Flatten);
  at = DenseRelu(g, "fc6", at, 4096, 0.5);
  at = DenseRelu(g, "fc7", at, 4096, 0.5);
  at = g.Dense("classifier", at, spec.classes);
  return g.Finish({ { "classes", at } });
}

// Krizhevsky 2014 as torchvision has it; dropout stands before each dense layer.
LayerGraph OneTower(const NetworkSpec & spec)
{
  GraphBuilder g(spec.dimension, spec.channels);
  const Window pool{ 3, 2, 0 };
  int          at = g.Pool("conv1.pool", ConvolveRelu(g, "conv1", g.Input(), 64, { 11, 4, 2 }), Operation::MaxPool, pool);
  at = g.Pool("conv2.pool", ConvolveRelu(g, "conv2", at, 192, { 5, 1, 2 }), Operation::MaxPool, pool);
  at = ConvolveRelu(g, "conv3", at, 384, { 3, 1, 1 });
  at = ConvolveRelu(g, "conv4", at, 256, { 3, 1, 1 });
  at = g.Pool("conv5.pool", ConvolveRelu(g, "conv5", at, 256, { 3, 1, 1 }), Operation::MaxPool, pool);
  at = g.Drop("conv5.dropout", g.Reduce("conv5.flatten", at, Operation::Flatten), 0.5);
  at = DenseRelu(g, "fc6", at, 4096, 0.5);
  at = DenseRelu(g, "fc7", at, 4096, 0);
  return g.Finish({ { "classes", g.Dense("classifier", at, spec.classes) } });
}

} // namespace

LayerGraph AlexNet(const NetworkSpec & spec)
{
  if (spec.name == "alexnet-one-tower")
    return OneTower(spec);
  return TwoTowers(spec, spec.name != "alexnet-ungrouped", spec.name == "caffenet");
}

} // namespace serval::networks
