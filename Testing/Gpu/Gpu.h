#pragma once
// What the checks on a GPU share.

#include "Cuda.h"
#include "serval/Core/Error.h"
#include "serval/Network/GraphNetwork.h"

#include <gtest/gtest.h>

#include <array>
#include <vector>

namespace serval::gpu
{

/// Skips with the reason where there is no GPU.
class Test : public testing::Test
{
protected:
  void SetUp() override
  {
    if (const auto reason = WhyNoGpu(); !reason.empty())
      GTEST_SKIP() << "no GPU: " << reason;
  }
};

inline const torch::Device device(torch::kCUDA, 0);

/// [N,C,(Z,)Y,X] in the layout of the kernels (channels last).
inline torch::Tensor Input(const LayerGraph & graph, std::int64_t batch, std::int64_t edge)
{
  std::vector<std::int64_t> shape{ batch, graph.channels };
  shape.insert(shape.end(), static_cast<std::size_t>(graph.dimension), edge);
  return torch::randn(shape).contiguous(graph.dimension == 3 ? torch::MemoryFormat::ChannelsLast3d : torch::MemoryFormat::ChannelsLast);
}

inline NetworkSpec SpecOf(const std::string & name, int dimension)
{
  const bool  isSegmenter = name == "unet" || name == "unet-cicek" || name.starts_with("meshnet");
  NetworkSpec spec;
  spec.name = name;
  spec.dimension = dimension;
  spec.filters = 8;
  spec.classes = isSegmenter || name == "autoencoder" ? 0 : 3;
  spec.segmentationClasses = isSegmenter ? 3 : 0;
  if (name == "unet-classifier")
    spec.attachment = NetworkSpec::Attachment::Decoder1;
  return spec;
}

inline Extent Cube(const NetworkSpec & spec, int edge) { return { edge, edge, spec.dimension == 3 ? edge : 1 }; }

/// Edge in voxels of the smallest of some inputs that the network can take.
inline int SmallestEdge(const NetworkSpec & spec)
{
  const auto graph = BuildNetwork(spec);
  for (const int edge : { 16, 32, 48, 64, 80, 96, 128 })
    try
    {
      graph.Shapes(Cube(spec, edge));
      return edge;
    }
    catch (const Error &)
    {
      continue;
    }
  return 224;
}

/// The same network on the GPU.
inline GraphNetwork OnGpu(const GraphNetwork & net, const NetworkSpec & spec, const Extent & input)
{
  GraphNetwork copy(spec, input);
  copy.Load(net.Arrays(), {});
  copy.Place(device);
  return copy;
}

/// Sum over all outputs of the mean of their squares.
inline torch::Tensor MeanOfSquares(GraphNetwork & net, const torch::Tensor & input)
{
  auto loss = torch::zeros({}, input.options().dtype(torch::kFloat));
  for (const auto & [name, value] : net.Forward(input))
    loss = loss + value.to(torch::kFloat).square().mean();
  return loss;
}

/// |a - b| / |b| over everything in `a` and `b`, on the host.
inline double Difference(const std::vector<torch::Tensor> & a, const std::vector<torch::Tensor> & b)
{
  double apart = 0, size = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
  {
    const auto x = a[i].detach().to(torch::kCPU, torch::kDouble), y = b[i].detach().to(torch::kCPU, torch::kDouble);
    apart += (x - y).square().sum().item<double>();
    size += y.square().sum().item<double>();
  }
  return std::sqrt(apart / size);
}

inline std::vector<torch::Tensor> Gradients(const GraphNetwork & net)
{
  std::vector<torch::Tensor> all;
  for (const auto & [name, parameter] : net.Parameters())
    all.push_back(parameter.grad());
  return all;
}

inline std::vector<torch::Tensor> Parameters(const GraphNetwork & net)
{
  std::vector<torch::Tensor> all;
  for (const auto & [name, parameter] : net.Parameters())
    all.push_back(parameter);
  return all;
}

} // namespace serval::gpu
