#pragma once

#include "serval/Core/Geometry.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace serval
{

enum class Operation
{
  Input,
  Convolution,           ///< `maps` kernels of `kernel` voxels an edge, in `groups`
  TransposedConvolution, ///< up-convolution without overlap of its own cropping: output = (input - 1) * stride + kernel
  LocallyConnected,      ///< a convolution whose kernels (and biases) differ from place to place
  Linear,                ///< on flattened input
  BatchNorm,
  InstanceNorm,
  GroupNorm,             ///< in `groups`
  LocalResponse,         ///< across `kernel` neighbouring maps (Krizhevsky 2012): x / (bias + alpha/n * sum x^2)^beta
  Relu,
  LeakyRelu,             ///< slope `value`
  Elu,
  Gelu,
  Tanh,
  Sigmoid,
  MaxPool,
  AveragePool,
  GlobalAverage,         ///< mean over space: one number a map
  Flatten,
  Upsample,              ///< nearest neighbour, `stride` times
  Subsample,             ///< every `stride`-th voxel, with empty maps before and behind up to `maps` (He 2016, option A)
  Concatenate,           ///< maps of all inputs
  Add,                   ///< sum of all inputs
  Dropout                ///< with probability `value`
};
std::string ToText(Operation operation);

/// One operation of a network. What stands before the first dot of its name is its layer, the unit of feature taps and
/// freezing ("encoder1.first" belongs to `encoder1`); its arrays are NAME.weight, .bias, .mean, .variance.
struct Node
{
  std::string      name;
  Operation        operation = Operation::Input;
  std::vector<int> inputs; ///< places of earlier nodes
  int              maps = 0, kernel = 1, stride = 1, padding = 0, dilation = 1, groups = 1;
  bool             hasBias = true;
  bool             roundsUp = false; ///< pooling: windows that begin inside the input count (Caffe's rule)
  bool             isAffine = true;  ///< normalisation has weight and bias
  double           value = 0;        ///< dropout probability, leaky slope, or the bias k of LocalResponse
  double           alpha = 1e-4, beta = 0.75; ///< of LocalResponse
  double           epsilon = 1e-5;            ///< of normalisations: added to the variance
};

/// What flows out of a node, for one sample.
struct MapShape
{
  std::int64_t maps = 0;
  Extent       space{ 1, 1, 1 }; ///< z = 1 in 2D
  bool         isFlat = false;   ///< a vector of `maps` numbers

  std::int64_t Count() const { return maps * space.Voxels(); }
};

/// A network as a list of operations, in 2D or 3D alike: kernels, strides and paddings count along every axis.
struct LayerGraph
{
  int                        dimension = 2, channels = 1;
  std::vector<Node>          nodes;   ///< in order of computation; the first is the input
  std::map<std::string, int> outputs; ///< "segmentation", "classes", "auxiliary1", "reconstruction" -> node

  /// The layers in order of computation.
  std::vector<std::string> Layers() const;
  /// Shape of each node's output; Fault::Usage naming the layer where the input (z = 1 in 2D) is too small.
  std::vector<MapShape> Shapes(const Extent & input) const;
};

std::string LayerOf(const Node & node);

/// {"dimension", "channels", "nodes": [{"name", "operation", "inputs", "maps", ...}], "outputs"}: enough to compute the
/// network elsewhere, with the arrays of a model file.
std::string ToJson(const LayerGraph & graph);

/// Shapes of the arrays of one node that are learned, by their last name ("weight"); `input` is its first input.
std::map<std::string, std::vector<std::int64_t>> ParametersOf(const Node & node, int dimension, const MapShape & input,
                                                              const MapShape & output);

/// Size and cost for one sample.
struct NetworkSize
{
  std::int64_t parameters = 0;        ///< learned numbers; running statistics are not counted
  double       operations = 0;        ///< floating point operations forward, a multiply-add counted as two
  std::int64_t activations = 0;       ///< numbers that all nodes put out
};
NetworkSize SizeOf(const LayerGraph & graph, const Extent & input);

} // namespace serval
