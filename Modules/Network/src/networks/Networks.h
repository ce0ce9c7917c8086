#pragma once

#include "../GraphBuilder.h"
#include "serval/Network/NetworkSpec.h"

namespace serval::networks
{

using Window = GraphBuilder::Window;

// One function a family; the registration lines stand in Registry.cxx.
LayerGraph UNet(const NetworkSpec & spec);
LayerGraph CicekUNet(const NetworkSpec & spec);
LayerGraph AlexNet(const NetworkSpec & spec);
LayerGraph Vgg(const NetworkSpec & spec);
LayerGraph ChatfieldNet(const NetworkSpec & spec);
LayerGraph GoogLeNet(const NetworkSpec & spec);
LayerGraph ResNet(const NetworkSpec & spec);
LayerGraph CifarResNet(const NetworkSpec & spec);
LayerGraph DenseNet(const NetworkSpec & spec);
LayerGraph CifarNet(const NetworkSpec & spec);
LayerGraph Local5(const NetworkSpec & spec);
LayerGraph IldCnn(const NetworkSpec & spec);
LayerGraph SmallCnn(const NetworkSpec & spec);
LayerGraph MeshNet(const NetworkSpec & spec);
LayerGraph Autoencoder(const NetworkSpec & spec);

/// Convolution and ReLU in layer `name`: NAME.convolution, NAME.relu.
inline int ConvolveRelu(GraphBuilder & g, const std::string & name, int from, int maps, Window window, int groups = 1)
{
  return g.Activate(name + ".relu", g.Convolve(name, from, maps, window, true, groups));
}

/// NAME_norm by its word: batch, instance, group (of 8 where they fit); nothing for none.
inline int NormaliseBy(GraphBuilder & g, const std::string & word, const std::string & name, int from, int maps)
{
  if (word == "none")
    return from;
  const auto kind = word == "batch" ? Operation::BatchNorm : word == "instance" ? Operation::InstanceNorm : Operation::GroupNorm;
  return g.Normalise(name + "_norm", from, kind, kind == Operation::GroupNorm && maps % 8 == 0 ? 8 : 1);
}

/// Dense layer, ReLU, dropout.
inline int DenseRelu(GraphBuilder & g, const std::string & name, int from, int units, double dropout)
{
  const int active = g.Activate(name + ".relu", g.Dense(name, from, units));
  return dropout > 0 ? g.Drop(name + ".dropout", active, dropout) : active;
}

} // namespace serval::networks
