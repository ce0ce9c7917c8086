#include "serval/Network/WeightImport.h"

#include "serval/Core/AtomicFile.h"
#include "serval/Core/Error.h"
#include "serval/Core/Text.h"

#include <algorithm>
#include <regex>

namespace serval
{
namespace
{

// "state_dict.", "model." ... when every name begins with it and something is left of each.
Arrays WithoutContainers(Arrays arrays)
{
  for (bool found = true; found;)
  {
    found = false;
    for (const std::string prefix : { "state_dict.", "model_state_dict.", "net.", "model.", "module." })
    {
      const auto inside = [&](const auto & item) { return item.first.starts_with(prefix); };
      const bool all = std::all_of(arrays.begin(), arrays.end(), inside);
      const bool isContainer = prefix.find("state_dict") != std::string::npos && std::any_of(arrays.begin(), arrays.end(), inside);
      if (arrays.empty() || !(all || isContainer))
        continue;
      Arrays inner; // what stands beside a state_dict (epoch, optimiser) is no weight
      for (auto & [name, array] : arrays)
        if (name.starts_with(prefix))
          inner[name.substr(prefix.size())] = std::move(array);
      arrays = std::move(inner);
      found = true;
      break;
    }
  }
  return arrays;
}

std::int64_t CountOf(const std::vector<std::int64_t> & shape)
{
  std::int64_t count = 1;
  for (const auto size : shape)
    count *= size;
  return count;
}

// [O,C,y,x] -> [O,C,z,y,x]: the response to a volume that is the same in every slice stays.
TensorFile::Array Inflated(const TensorFile::Array & flat, std::int64_t depth)
{
  TensorFile::Array  result{ { flat.shape[0], flat.shape[1], depth, flat.shape[2], flat.shape[3] }, {} };
  const std::int64_t plane = flat.shape[2] * flat.shape[3];
  for (std::int64_t kernel = 0; kernel < flat.shape[0] * flat.shape[1]; ++kernel)
    for (std::int64_t z = 0; z < depth; ++z)
      for (std::int64_t i = 0; i < plane; ++i)
        result.values.push_back(flat.values[static_cast<std::size_t>(kernel * plane + i)] / static_cast<float>(depth));
  return result;
}

// [O,C,...] -> [O,channels,...]: every channel gets the sum over the old ones divided by their new number.
TensorFile::Array WithChannels(const TensorFile::Array & kernels, std::int64_t channels)
{
  TensorFile::Array  result{ kernels.shape, {} };
  const std::int64_t out = kernels.shape[0], old = kernels.shape[1], size = CountOf(kernels.shape) / (out * old);
  result.shape[1] = channels;
  for (std::int64_t o = 0; o < out; ++o)
  {
    std::vector<float> sum(static_cast<std::size_t>(size), 0);
    for (std::int64_t c = 0; c < old; ++c)
      for (std::int64_t i = 0; i < size; ++i)
        sum[static_cast<std::size_t>(i)] += kernels.values[static_cast<std::size_t>((o * old + c) * size + i)] / static_cast<float>(channels);
    for (std::int64_t c = 0; c < channels; ++c)
      result.values.insert(result.values.end(), sum.begin(), sum.end());
  }
  return result;
}

/// Fits one array after the other and keeps the accounts.
class Fitting
{
public:
  Fitting(const Arrays & source, const Adaptation & adaptation, std::string firstKernel)
    : m_Source(source)
    , m_Adaptation(adaptation)
    , m_FirstKernel(std::move(firstKernel))
  {}

  void Take(const std::string & name, const std::vector<std::int64_t> & shape)
  {
    m_All += double(CountOf(shape));
    const auto    found = m_Source.find(name);
    std::string & fate = m_Result.report.arrays[name];
    fate = found == m_Source.end() ? "missing in source" : "of other shape";
    if (found == m_Source.end())
      return;
    TensorFile::Array array = found->second;
    const bool        fits = array.shape == shape;
    if (!fits && m_Adaptation.inflate && array.shape.size() == 4 && shape.size() == 5)
      array = Inflated(array, shape[2]);
    if (m_Adaptation.channels && name == m_FirstKernel && array.shape.size() == shape.size() && array.shape[0] == shape[0] &&
        array.shape[1] != shape[1])
      array = WithChannels(array, shape[1]);
    if (array.shape != shape)
      return;
    fate = fits ? "loaded" : "resized";
    m_Taken += double(CountOf(shape));
    m_Result.arrays[name] = std::move(array);
  }

  ImportedWeights Finish()
  {
    for (const auto & [name, array] : m_Source)
      m_Result.report.arrays.try_emplace(name, "skipped");
    m_Result.report.share = m_All > 0 ? m_Taken / m_All : 0;
    return std::move(m_Result);
  }

private:
  const Arrays &     m_Source;
  const Adaptation & m_Adaptation;
  std::string        m_FirstKernel;
  ImportedWeights    m_Result;
  double             m_All = 0, m_Taken = 0;
};

} // namespace

Arrays Renamed(const Arrays & arrays, const std::vector<NameRule> & rules)
{
  std::vector<std::pair<std::regex, std::string>> compiled;
  for (const auto & rule : rules)
    compiled.emplace_back(rule.pattern, rule.replacement);
  Arrays renamed;
  for (auto & [name, array] : WithoutContainers(arrays))
  {
    std::string ours = name;
    for (const auto & [pattern, replacement] : compiled)
      ours = std::regex_replace(ours, pattern, replacement);
    const bool fresh = renamed.emplace(ours, std::move(array)).second;
    Require(fresh, Fault::Input, "two arrays of the weight file get the name '", ours, "' by the name map, one of them is '", name, "'");
  }
  return renamed;
}

std::vector<NameRule> ReadNameMap(const std::filesystem::path & file)
{
  std::vector<NameRule> rules;
  int                   number = 0;
  for (const auto & whole : Split(ReadTextFile(file, 1U << 20), '\n'))
  {
    ++number;
    const std::string line = Trim(whole.substr(0, whole.find('#')));
    const auto        arrow = line.find("->");
    if (line.empty())
      continue;
    Require(arrow != std::string::npos, Fault::Input, "'", file.string(), "', line ", number, ": '", line,
            "' is no rule; PATTERN -> REPLACEMENT is expected");
    rules.push_back({ Trim(line.substr(0, arrow)), Trim(line.substr(arrow + 2)) });
    try
    {
      const std::regex checked(rules.back().pattern);
    }
    catch (const std::regex_error & e)
    {
      Fail(Fault::Input, "'", file.string(), "', line ", number, ": '", rules.back().pattern, "' is no regular expression: ", e.what());
    }
  }
  return rules;
}

ImportedWeights FitWeights(const Arrays & source, const NetworkSpec & spec, const Extent & input, const Adaptation & adaptation)
{
  const LayerGraph graph = BuildNetwork(spec);
  const auto       shapes = graph.Shapes(input);
  const auto       first = std::find_if(graph.nodes.begin(), graph.nodes.end(), [](const Node & n) { return n.operation == Operation::Convolution; });
  Fitting          fitting(source, adaptation, first == graph.nodes.end() ? std::string() : first->name + ".weight");
  for (std::size_t i = 1; i < graph.nodes.size(); ++i)
  {
    const Node & node = graph.nodes[i];
    const auto & from = shapes[static_cast<std::size_t>(node.inputs.front())];
    for (const auto & [name, shape] : ParametersOf(node, graph.dimension, from, shapes[i]))
      fitting.Take(node.name + '.' + name, shape);
    if (node.operation == Operation::BatchNorm)
      for (const char * statistic : { ".mean", ".variance" })
        fitting.Take(node.name + statistic, { from.maps });
  }
  return fitting.Finish();
}

} // namespace serval
