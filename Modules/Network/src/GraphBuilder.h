#pragma once

#include "serval/Network/LayerGraph.h"

#include <string>
#include <utility>
#include <vector>

namespace serval
{

/// Adds operations one after another; each call gives the place of the node it adds, to be taken as an input.
class GraphBuilder
{
public:
  GraphBuilder(int dimension, int channels)
  {
    m_Graph.dimension = dimension;
    m_Graph.channels = channels;
    m_Graph.nodes.push_back({});
    m_Graph.nodes.front().name = "input";
  }

  /// How a window moves: kernel, stride, padding.
  struct Window
  {
    int  kernel = 1, stride = 1, padding = 0;
    bool roundsUp = false;
    int  dilation = 1;
  };

  int Input() const { return 0; }
  int Convolve(const std::string & name, int from, int maps, Window window, bool hasBias = true, int groups = 1);
  int ConvolveUp(const std::string & name, int from, int maps, Window window, bool hasBias = true);
  int ConnectLocally(const std::string & name, int from, int maps, Window window);
  int Dense(const std::string & name, int from, int units, bool hasBias = true);
  int Normalise(const std::string & name, int from, Operation kind = Operation::BatchNorm, int groups = 1, bool isAffine = true, double epsilon = 1e-5);
  int RespondLocally(const std::string & name, int from, int neighbours, double bias, double alpha, double beta);
  int Pool(const std::string & name, int from, Operation kind, Window window);
  int Activate(const std::string & name, int from, Operation kind = Operation::Relu, double slope = 0.01);
  int Drop(const std::string & name, int from, double probability);
  int Upsample(const std::string & name, int from, int factor);
  int PadMaps(const std::string & name, int from, int maps, int stride);
  /// GlobalAverage, Flatten.
  int Reduce(const std::string & name, int from, Operation kind);
  int Join(const std::string & name, std::vector<int> from, Operation kind = Operation::Concatenate);

  LayerGraph Finish(std::map<std::string, int> outputs)
  {
    m_Graph.outputs = std::move(outputs);
    return std::move(m_Graph);
  }

private:
  int Append(Node node)
  {
    m_Graph.nodes.push_back(std::move(node));
    return static_cast<int>(m_Graph.nodes.size()) - 1;
  }
  static Node Make(const std::string & name, Operation operation, std::vector<int> inputs)
  {
    Node node;
    node.name = name;
    node.operation = operation;
    node.inputs = std::move(inputs);
    return node;
  }
  static Node MakeWindowed(const std::string & name, Operation operation, int from, const Window & window);

  LayerGraph m_Graph;
};

} // namespace serval
