#include "GraphBuilder.h"

namespace serval
{

Node GraphBuilder::MakeWindowed(const std::string & name, Operation operation, int from, const Window & window)
{
  Node node = Make(name, operation, { from });
  node.kernel = window.kernel;
  node.stride = window.stride;
  node.padding = window.padding;
  node.roundsUp = window.roundsUp;
  node.dilation = window.dilation;
  return node;
}

int GraphBuilder::Convolve(const std::string & name, int from, int maps, Window window, bool hasBias, int groups)
{
  Node node = MakeWindowed(name, Operation::Convolution, from, window);
  node.maps = maps;
  node.hasBias = hasBias;
  node.groups = groups;
  return Append(std::move(node));
}

int GraphBuilder::ConvolveUp(const std::string & name, int from, int maps, Window window, bool hasBias)
{
  Node node = MakeWindowed(name, Operation::TransposedConvolution, from, window);
  node.maps = maps;
  node.hasBias = hasBias;
  return Append(std::move(node));
}

int GraphBuilder::ConnectLocally(const std::string & name, int from, int maps, Window window)
{
  Node node = MakeWindowed(name, Operation::LocallyConnected, from, window);
  node.maps = maps;
  return Append(std::move(node));
}

int GraphBuilder::Dense(const std::string & name, int from, int units, bool hasBias)
{
  Node node = Make(name, Operation::Linear, { from });
  node.maps = units;
  node.hasBias = hasBias;
  return Append(std::move(node));
}

int GraphBuilder::Normalise(const std::string & name, int from, Operation kind, int groups, bool isAffine, double epsilon)
{
  Node node = Make(name, kind, { from });
  node.groups = groups;
  node.isAffine = isAffine;
  node.epsilon = epsilon;
  return Append(std::move(node));
}

int GraphBuilder::RespondLocally(const std::string & name, int from, int neighbours, double bias, double alpha, double beta)
{
  Node node = Make(name, Operation::LocalResponse, { from });
  node.kernel = neighbours;
  node.value = bias;
  node.alpha = alpha;
  node.beta = beta;
  return Append(std::move(node));
}

int GraphBuilder::Pool(const std::string & name, int from, Operation kind, Window window)
{
  return Append(MakeWindowed(name, kind, from, window));
}

int GraphBuilder::Activate(const std::string & name, int from, Operation kind, double slope)
{
  Node node = Make(name, kind, { from });
  node.value = slope;
  return Append(std::move(node));
}

int GraphBuilder::Drop(const std::string & name, int from, double probability)
{
  Node node = Make(name, Operation::Dropout, { from });
  node.value = probability;
  return Append(std::move(node));
}

int GraphBuilder::Upsample(const std::string & name, int from, int factor)
{
  Node node = Make(name, Operation::Upsample, { from });
  node.stride = factor;
  return Append(std::move(node));
}

int GraphBuilder::PadMaps(const std::string & name, int from, int maps, int stride)
{
  Node node = Make(name, Operation::Subsample, { from });
  node.maps = maps;
  node.stride = stride;
  return Append(std::move(node));
}

int GraphBuilder::Reduce(const std::string & name, int from, Operation kind) { return Append(Make(name, kind, { from })); }

int GraphBuilder::Join(const std::string & name, std::vector<int> from, Operation kind)
{
  return Append(Make(name, kind, std::move(from)));
}

} // namespace serval
