#include "serval/Network/GraphNetwork.h"

#include "Operations.h"
#include "serval/Core/Error.h"

#include <algorithm>
#include <cmath>

namespace serval
{
namespace
{

bool IsNormalisation(Operation operation)
{
  return operation == Operation::BatchNorm || operation == Operation::InstanceNorm || operation == Operation::GroupNorm;
}

bool IsTapped(Operation operation)
{
  return operation != Operation::MaxPool && operation != Operation::AveragePool && operation != Operation::Flatten &&
         operation != Operation::Dropout && operation != Operation::LocalResponse;
}

// Of one channel every layout is the same, but LibTorch sees the one it likes only by the stride of that channel; else the
// first convolution, and what follows it, falls back to the slow layout.
torch::Tensor SeenAsChannelsLast(const torch::Tensor & input)
{
  if (input.dim() < 4 || input.size(1) != 1 || !input.is_contiguous())
    return input;
  auto strides = input.strides().vec();
  strides[1] = 1;
  return input.as_strided(input.sizes(), strides);
}

// Operations whose backward pass does not need what they put out, so that an activation may overwrite it.
bool MayBeOverwritten(Operation operation)
{
  return operation == Operation::Convolution || operation == Operation::TransposedConvolution || operation == Operation::LocallyConnected ||
         operation == Operation::Linear || IsNormalisation(operation) || operation == Operation::Add;
}

// Its name where a layer may be called the same.
std::string NodeItself(const Node & node) { return "=" + node.name; }

} // namespace

torch::Tensor GlobalAverage(const torch::Tensor & maps)
{
  const auto full = maps.to(torch::kFloat);
  return full.dim() > 2 ? full.flatten(2).mean(2) : full;
}

TensorFile::Array ArrayOf(const torch::Tensor & tensor)
{
  const auto plain = tensor.detach().to(torch::kCPU, torch::kFloat).contiguous();
  return { plain.sizes().vec(), { plain.const_data_ptr<float>(), plain.const_data_ptr<float>() + plain.numel() } };
}

GraphNetwork::GraphNetwork(const NetworkSpec & spec, const Extent & input)
  : m_Graph(BuildNetwork(spec))
  , m_LastUse(m_Graph.nodes.size(), -1)
  , m_UseCount(m_Graph.nodes.size(), 0)
{
  const auto shapes = m_Graph.Shapes(input);
  for (std::size_t i = 1; i < m_Graph.nodes.size(); ++i)
  {
    const Node & node = m_Graph.nodes[i];
    for (const int from : node.inputs)
    {
      m_LastUse[static_cast<std::size_t>(from)] = static_cast<int>(i);
      ++m_UseCount[static_cast<std::size_t>(from)];
    }
    MakeArrays(node, shapes[static_cast<std::size_t>(node.inputs.front())], shapes[i]);
    if (IsTapped(node.operation) || !m_Taps.contains(LayerOf(node)))
      m_Taps[LayerOf(node)] = static_cast<int>(i);
  }
  for (std::size_t i = 1; i < m_Graph.nodes.size(); ++i)
  {
    m_Taps.try_emplace(m_Graph.nodes[i].name, static_cast<int>(i));
    m_Taps[NodeItself(m_Graph.nodes[i])] = static_cast<int>(i);
  }
  for (const auto & [name, node] : m_Graph.outputs)
    m_LastUse[static_cast<std::size_t>(node)] = static_cast<int>(m_Graph.nodes.size());
}

// Kernels: He 2015 for ReLU, variance 2 / fan-in (an up-convolution whose windows do not overlap meets each output
// once); dense layers: uniform within 1 / sqrt(fan-in) (LeCun 1998); biases 0, but for dense layers like the weights.
void GraphNetwork::MakeArrays(const Node & node, const MapShape & from, const MapShape & to)
{
  for (const auto & [name, shape] : ParametersOf(node, m_Graph.dimension, from, to))
  {
    torch::Tensor array;
    const auto    space = std::pow(node.kernel, m_Graph.dimension);
    if (IsNormalisation(node.operation))
      array = name == "weight" ? torch::ones(shape) : torch::zeros(shape);
    else if (node.operation == Operation::Linear)
      array = (torch::rand(shape) * 2 - 1) / std::sqrt(double(from.Count()));
    else if (name == "bias")
      array = torch::zeros(shape);
    else
      array = torch::randn(shape) * std::sqrt(2 / (node.operation == Operation::TransposedConvolution ? double(from.maps) : double(from.maps) / node.groups * space));
    m_Parameters[node.name + '.' + name] = array.set_requires_grad(true);
  }
  if (node.operation == Operation::BatchNorm)
  {
    m_Statistics[node.name + ".mean"] = torch::zeros({ from.maps });
    m_Statistics[node.name + ".variance"] = torch::ones({ from.maps });
  }
}

const torch::Tensor * GraphNetwork::Find(const std::string & name) const
{
  const auto found = m_Parameters.find(name);
  return found == m_Parameters.end() ? nullptr : &found->second;
}

torch::Tensor GraphNetwork::Normalise(const Node & node, const torch::Tensor & input, bool isTraining, bool mayOverwrite)
{
  const auto *  weight = Find(node.name + ".weight"), * bias = Find(node.name + ".bias");
  const auto    optional = [](const torch::Tensor * t) { return t ? *t : torch::Tensor(); };
  constexpr double momentum = 0.1;
  const double     epsilon = node.epsilon;
  if (node.operation == Operation::BatchNorm && isTraining && m_SumOverProcesses)
    return operations::NormaliseBatches(input, optional(weight), optional(bias), m_Statistics.at(node.name + ".mean"), m_Statistics.at(node.name + ".variance"), momentum, epsilon,
                                        m_SumOverProcesses);
  if (node.operation == Operation::BatchNorm)
    return torch::batch_norm(input, optional(weight), optional(bias), m_Statistics.at(node.name + ".mean"),
                             m_Statistics.at(node.name + ".variance"), isTraining, momentum, epsilon, true);
  if (node.operation == Operation::InstanceNorm)
    return operations::NormaliseInstances(input, optional(weight), optional(bias), epsilon, mayOverwrite);
  return torch::group_norm(input.to(torch::kFloat), node.groups, optional(weight), optional(bias), epsilon, true).to(input.scalar_type());
}

torch::Tensor GraphNetwork::Compute(const Node & node, const std::vector<torch::Tensor> & inputs, bool mayOverwrite)
{
  const bool            isTraining = m_IsTraining && !m_Frozen.contains(LayerOf(node));
  const torch::Tensor & input = inputs.front();
  switch (node.operation)
  {
    case Operation::Convolution:
    case Operation::TransposedConvolution: return operations::Convolve(node, input, *Find(node.name + ".weight"), Find(node.name + ".bias"));
    case Operation::LocallyConnected: return operations::ConnectLocally(node, input, *Find(node.name + ".weight"), Find(node.name + ".bias"));
    case Operation::Linear:
    {
      const auto * bias = Find(node.name + ".bias");
      return torch::linear(input.flatten(1).to(torch::kFloat), *Find(node.name + ".weight"), bias ? *bias : torch::Tensor());
    }
    case Operation::BatchNorm:
    case Operation::InstanceNorm:
    case Operation::GroupNorm: return Normalise(node, input, isTraining, mayOverwrite);
    case Operation::LocalResponse: return operations::RespondLocally(node, input);
    case Operation::MaxPool:
    case Operation::AveragePool: return operations::Pool(node, input);
    case Operation::GlobalAverage: return GlobalAverage(input);
    case Operation::Flatten: return input.contiguous().flatten(1);
    case Operation::Upsample: return operations::Upsample(node, input);
    case Operation::Subsample: return operations::Subsample(node, input);
    case Operation::Concatenate: return torch::cat(inputs, 1);
    case Operation::Add: return input + inputs.back();
    case Operation::Dropout: return isTraining ? torch::dropout(input, node.value, true) : input;
    default: return operations::Activate(node, input, mayOverwrite);
  }
}

std::vector<std::string> GraphNetwork::Frontier(const std::vector<std::string> & layers) const
{
  const std::set<std::string> fixed(layers.begin(), layers.end());
  std::vector<bool>           isFixed{ true };
  std::set<int>               frontier;
  for (std::size_t i = 1; i < m_Graph.nodes.size(); ++i)
  {
    const Node & node = m_Graph.nodes[i];
    const auto   isOfFixed = [&](int from) { return isFixed[static_cast<std::size_t>(from)]; };
    isFixed.push_back(fixed.contains(LayerOf(node)) && std::all_of(node.inputs.begin(), node.inputs.end(), isOfFixed));
    for (const int from : node.inputs)
      if (isOfFixed(from) && !isFixed.back())
        frontier.insert(from);
  }
  for (const auto & [name, node] : m_Graph.outputs)
    if (isFixed[static_cast<std::size_t>(node)])
      frontier.insert(node);
  std::vector<std::string> names;
  for (const int node : frontier)
  {
    if (node == 0)
      return {};
    names.push_back(NodeItself(m_Graph.nodes[static_cast<std::size_t>(node)]));
  }
  return names;
}

std::vector<bool> GraphNetwork::NeededWith(const Tensors & given) const
{
  std::vector<bool> needed(m_Graph.nodes.size(), false);
  for (const auto & [name, node] : m_Graph.outputs)
    needed[static_cast<std::size_t>(node)] = true;
  for (std::size_t i = m_Graph.nodes.size(); i-- > 1;)
  {
    needed[i] = needed[i] && !given.contains(NodeItself(m_Graph.nodes[i]));
    for (const int from : m_Graph.nodes[i].inputs)
      if (needed[i])
        needed[static_cast<std::size_t>(from)] = true;
  }
  return needed;
}

GraphNetwork::Tensors GraphNetwork::Forward(const torch::Tensor & input, Tensors * taps, const Tensors * given)
{
  const auto needed = given ? NeededWith(*given) : std::vector<bool>(m_Graph.nodes.size(), true);
  std::vector<torch::Tensor> values(m_Graph.nodes.size());
  std::set<int>              kept;
  Tensors                    outputs;
  if (taps)
    for (const auto & [name, value] : *taps)
    {
      Require(m_Taps.contains(name), Fault::Usage, "the network has no layer '", name, '\'');
      kept.insert(m_Taps.at(name));
    }
  if (needed[0])
    values[0] = SeenAsChannelsLast(input);
  for (std::size_t i = 1; i < values.size(); ++i)
  {
    const Node & node = m_Graph.nodes[i];
    if (!needed[i])
    {
      if (const auto found = given->find(NodeItself(node)); found != given->end())
      {
        values[i] = found->second;
        kept.insert(static_cast<int>(i)); // it is the caller's
      }
      continue;
    }
    std::vector<torch::Tensor> inputs;
    for (const int from : node.inputs)
      inputs.push_back(values[static_cast<std::size_t>(from)]);
    const auto first = static_cast<std::size_t>(node.inputs.front());
    if (m_Folded.contains(static_cast<int>(i)))
      values[i] = inputs.front();
    else
      values[i] = Compute(node, inputs, MayBeOverwritten(m_Graph.nodes[first].operation) && m_UseCount[first] == 1 && !kept.contains(int(first)));
    for (const int from : node.inputs)
      if (m_LastUse[static_cast<std::size_t>(from)] == static_cast<int>(i) && !kept.contains(from))
        values[static_cast<std::size_t>(from)].reset();
  }
  for (const auto & [name, node] : m_Graph.outputs)
    outputs[name] = values[static_cast<std::size_t>(node)];
  if (taps)
    for (auto & [name, value] : *taps)
      value = values[static_cast<std::size_t>(m_Taps.at(name))];
  return outputs;
}

void GraphNetwork::FoldNormalisations()
{
  const torch::NoGradGuard noGradient;
  m_IsTraining = false;
  for (std::size_t i = 1; i < m_Graph.nodes.size(); ++i)
  {
    const Node & norm = m_Graph.nodes[i];
    const int    from = norm.inputs.front();
    const Node & convolution = m_Graph.nodes[static_cast<std::size_t>(from)];
    if (norm.operation != Operation::BatchNorm || convolution.operation != Operation::Convolution || m_UseCount[static_cast<std::size_t>(from)] != 1)
      continue;
    auto factor = (m_Statistics.at(norm.name + ".variance") + norm.epsilon).rsqrt();
    if (const auto * weight = Find(norm.name + ".weight"))
      factor = factor * *weight;
    const auto * bias = Find(convolution.name + ".bias"), * shift = Find(norm.name + ".bias");
    const auto   mean = m_Statistics.at(norm.name + ".mean");
    auto         moved = ((bias ? *bias : torch::zeros_like(mean)) - mean) * factor;
    auto &       kernel = m_Parameters.at(convolution.name + ".weight");
    auto         perMap = std::vector<std::int64_t>(static_cast<std::size_t>(kernel.dim()), 1);
    perMap[0] = kernel.size(0);
    kernel = kernel.detach() * factor.reshape(perMap);
    m_Parameters[convolution.name + ".bias"] = shift ? moved + *shift : moved;
    m_Folded.insert(static_cast<int>(i));
  }
}

void GraphNetwork::Reduce(torch::ScalarType type)
{
  for (const auto & node : m_Graph.nodes)
    if (node.operation == Operation::Convolution || node.operation == Operation::TransposedConvolution)
      for (const char * array : { ".weight", ".bias" })
        if (const auto found = m_Parameters.find(node.name + array); found != m_Parameters.end())
          found->second = found->second.detach().to(type);
}

void GraphNetwork::Freeze(const std::vector<std::string> & layers)
{
  m_Frozen = { layers.begin(), layers.end() };
  for (auto & [name, parameter] : m_Parameters)
    parameter.set_requires_grad(!m_Frozen.contains(name.substr(0, name.find('.'))));
}

void GraphNetwork::ForEachArray(const std::function<void(const std::string & name, torch::Tensor & array)> & visit)
{
  for (auto * tensors : { &m_Parameters, &m_Statistics })
    for (auto & [name, tensor] : *tensors)
      visit(name, tensor);
}

void GraphNetwork::Place(const torch::Device & device)
{
  ForEachArray([&](const std::string &, torch::Tensor & tensor) {
    const bool trained = tensor.requires_grad(), isKernel = tensor.dim() == m_Graph.dimension + 2;
    auto       placed = tensor.detach().to(device);
    if (isKernel)
      placed = placed.contiguous(m_Graph.dimension == 3 ? torch::MemoryFormat::ChannelsLast3d : torch::MemoryFormat::ChannelsLast);
    tensor = placed.set_requires_grad(trained);
  });
}

LoadReport GraphNetwork::Load(const std::map<std::string, TensorFile::Array> & arrays, const std::vector<std::string> & reset)
{
  const torch::NoGradGuard noGradient;
  LoadReport               report;
  double                   loaded = 0, all = 0;
  const auto               take = [&](const std::string & name, torch::Tensor & target) {
    const std::string layer = name.substr(0, name.find('.'));
    const auto        found = arrays.find(name);
    std::string &     fate = report.arrays[name];
    all += double(target.numel());
    if (std::find(reset.begin(), reset.end(), layer) != reset.end())
      fate = "reset";
    else if (found == arrays.end())
      fate = "missing in source";
    else if (target.sizes() != torch::IntArrayRef(found->second.shape))
      fate = "of other shape";
    else
    {
      target.copy_(torch::from_blob(const_cast<float *>(found->second.values.data()), target.sizes(), torch::kFloat));
      fate = "loaded";
      loaded += double(target.numel());
    }
  };
  ForEachArray(take);
  report.share = all > 0 ? loaded / all : 0;
  return report;
}

std::map<std::string, TensorFile::Array> GraphNetwork::Arrays() const
{
  std::map<std::string, TensorFile::Array> arrays;
  for (const auto * tensors : { &m_Parameters, &m_Statistics })
    for (const auto & [name, tensor] : *tensors)
      arrays[name] = ArrayOf(tensor);
  return arrays;
}

} // namespace serval
