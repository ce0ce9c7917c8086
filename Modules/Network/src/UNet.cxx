#include "serval/Network/UNet.h"

#include "serval/Core/Error.h"

#include <algorithm>
#include <cmath>

namespace serval
{
namespace
{

torch::Tensor Pool(const torch::Tensor & maps)
{
  return maps.dim() == 5 ? torch::max_pool3d(maps, 2) : torch::max_pool2d(maps, 2);
}

std::vector<std::int64_t> Repeated(int dimension, std::int64_t value)
{
  return std::vector<std::int64_t>(static_cast<std::size_t>(dimension), value);
}

// On a CPU, oneDNN 3.12 (torch 2.13) gives weight gradients of uninitialised memory for bfloat16 3^3 convolutions over
// maps of two voxels an edge; small maps cost nothing in float32.
bool NeedsFloat(const torch::Tensor & input)
{
  const auto space = input.sizes().slice(2);
  return input.is_cpu() && *std::min_element(space.begin(), space.end()) < 4;
}

void Tap(std::map<std::string, torch::Tensor> * taps, const std::string & layer, const torch::Tensor & value)
{
  if (taps && taps->contains(layer))
    (*taps)[layer] = value;
}

} // namespace

torch::Tensor GlobalAverage(const torch::Tensor & maps) { return maps.to(torch::kFloat).flatten(2).mean(2); }

ConvolutionImpl::ConvolutionImpl(int dimension, int in, int out, int kernel, bool transposed)
  : m_Dimension(dimension)
  , m_Kernel(kernel)
  , m_Transposed(transposed)
{
  std::vector<std::int64_t> shape{ transposed ? in : out, transposed ? out : in };
  shape.insert(shape.end(), static_cast<std::size_t>(dimension), kernel);
  // He 2015 for ReLU: variance 2 / fan-in; a transposed 2^d convolution of stride 2 meets each output once.
  const double fanIn = in * (transposed ? 1 : std::pow(kernel, dimension));
  m_Weight = register_parameter("weight", torch::randn(shape) * std::sqrt(2 / fanIn));
  m_Bias = register_parameter("bias", torch::zeros({ out }));
}

torch::Tensor ConvolutionImpl::forward(const torch::Tensor & input)
{
  const auto type = NeedsFloat(input) ? torch::kFloat : input.scalar_type();
  const auto maps = torch::convolution(input.to(type), m_Weight.to(type), m_Bias.to(type),
                                       Repeated(m_Dimension, m_Transposed ? m_Kernel : 1),
                                       Repeated(m_Dimension, m_Transposed ? 0 : m_Kernel / 2), Repeated(m_Dimension, 1),
                                       m_Transposed, Repeated(m_Dimension, 0), 1);
  return maps.to(input.scalar_type());
}

BatchNormalisationImpl::BatchNormalisationImpl(int maps)
{
  m_Weight = register_parameter("weight", torch::ones({ maps }));
  m_Bias = register_parameter("bias", torch::zeros({ maps }));
  m_Mean = register_buffer("mean", torch::zeros({ maps }));
  m_Variance = register_buffer("variance", torch::ones({ maps }));
}

torch::Tensor BatchNormalisationImpl::forward(const torch::Tensor & input)
{
  return torch::batch_norm(input, m_Weight, m_Bias, m_Mean, m_Variance, is_training(), 0.1, 1e-5, true);
}

LevelImpl::LevelImpl(int dimension, int in, int out, bool up)
{
  if (up)
    m_Up = register_module("up", Convolution(dimension, in, out, 2, true));
  m_First = register_module("first", Convolution(dimension, up ? 2 * out : in, out, 3));
  m_FirstNorm = register_module("first_norm", BatchNormalisation(out));
  m_Second = register_module("second", Convolution(dimension, out, out, 3));
  m_SecondNorm = register_module("second_norm", BatchNormalisation(out));
}

torch::Tensor LevelImpl::forward(torch::Tensor input, const torch::Tensor & skip)
{
  if (m_Up)
    input = torch::cat({ skip, m_Up(input) }, 1);
  input = m_FirstNorm(m_First(input)).relu_();
  return m_SecondNorm(m_Second(input)).relu_();
}

ClassificationHeadImpl::ClassificationHeadImpl(const NetworkSpec & spec, int in, int blocks)
  : m_Dimension(spec.dimension)
  , m_Dropout(spec.dropout)
{
  for (int block = 0; block < blocks; ++block)
  {
    m_Blocks.push_back(register_module("block" + std::to_string(block + 1), Convolution(spec.dimension, in, 2 * in, 3)));
    m_Norms.push_back(register_module("norm" + std::to_string(block + 1), BatchNormalisation(2 * in)));
    in *= 2;
  }
  m_Linear = register_module("linear", torch::nn::Linear(in, spec.classes));
}

torch::Tensor ClassificationHeadImpl::forward(const torch::Tensor & maps)
{
  torch::Tensor x = maps;
  for (std::size_t block = 0; block < m_Blocks.size(); ++block)
  {
    x = m_Norms[block](m_Blocks[block](x)).relu_();
    if (x.size(2) > 1 || x.dim() == 4)
      x = Pool(x);
  }
  return Classify(GlobalAverage(x));
}

torch::Tensor ClassificationHeadImpl::Classify(torch::Tensor pooled)
{
  if (m_Dropout > 0)
    pooled = torch::dropout(pooled, m_Dropout, is_training());
  return m_Linear(pooled);
}

UNet::UNet(const NetworkSpec & spec)
  : m_Spec(spec)
{
  spec.Check();
  const auto layers = spec.Layers();
  const auto has = [&](const std::string & layer) { return std::find(layers.begin(), layers.end(), layer) != layers.end(); };
  int        maps = spec.filters;
  for (int level = 1; level <= spec.depth; ++level, maps *= 2)
    m_Encoders.push_back(register_module("encoder" + std::to_string(level),
                                         Level(spec.dimension, level == 1 ? spec.channels : maps / 2, maps, false)));
  m_Bottleneck = register_module("bottleneck", Level(spec.dimension, maps / 2, maps, false));
  for (int level = spec.depth; level >= 1 && has("decoder1"); --level)
    m_Decoders.push_back(register_module("decoder" + std::to_string(level),
                                         Level(spec.dimension, spec.filters << level, spec.filters << (level - 1), true)));
  if (spec.segmentationClasses > 0)
    m_Head = register_module("head", Convolution(spec.dimension, spec.filters, spec.segmentationClasses, 1));
  using Attachment = NetworkSpec::Attachment;
  if (spec.attachment == Attachment::Decoder1)
    m_Classifier = register_module("classifier", ClassificationHead(spec, spec.filters, 3));
  else if (spec.attachment == Attachment::Bottleneck)
    m_Classifier = register_module("classifier", ClassificationHead(spec, maps, 0));
  else if (spec.attachment == Attachment::Decoders)
    m_Classifier = register_module("classifier", ClassificationHead(spec, maps - spec.filters, 0));
}

torch::Tensor UNet::Decode(torch::Tensor maps, const std::vector<torch::Tensor> & skips, std::vector<torch::Tensor> & pooled,
                           std::map<std::string, torch::Tensor> * taps)
{
  for (std::size_t i = 0; i < m_Decoders.size(); ++i)
  {
    const std::size_t level = m_Decoders.size() - i;
    maps = m_Decoders[i](maps, skips[level - 1]);
    Tap(taps, "decoder" + std::to_string(level), maps);
    if (m_Spec.attachment == NetworkSpec::Attachment::Decoders)
      pooled.push_back(GlobalAverage(maps));
  }
  return maps;
}

UNet::Output UNet::Forward(torch::Tensor maps, std::map<std::string, torch::Tensor> * taps)
{
  using Attachment = NetworkSpec::Attachment;
  std::vector<torch::Tensor> skips, pooled;
  for (std::size_t level = 0; level < m_Encoders.size(); ++level)
  {
    maps = m_Encoders[level](maps);
    Tap(taps, "encoder" + std::to_string(level + 1), maps);
    skips.push_back(maps);
    maps = Pool(maps);
  }
  maps = m_Bottleneck(maps);
  Tap(taps, "bottleneck", maps);
  Output     output;
  const auto deepest = maps;
  maps = Decode(maps, skips, pooled, taps);
  if (m_Head)
    output.segmentation = m_Head(maps);
  Tap(taps, "head", output.segmentation);
  if (m_Spec.attachment == Attachment::Decoders)
    output.classes = m_Classifier->Classify(torch::cat(pooled, 1));
  else if (m_Classifier)
    output.classes = m_Classifier(m_Spec.attachment == Attachment::Decoder1 ? maps : deepest);
  Tap(taps, "classifier", output.classes);
  return output;
}

void UNet::Freeze(const std::vector<std::string> & layers)
{
  m_Frozen = layers;
  for (const auto & child : named_children())
    for (auto & parameter : child.value()->parameters())
      parameter.set_requires_grad(std::find(layers.begin(), layers.end(), child.key()) == layers.end());
}

void UNet::SetTraining(bool training)
{
  train(training);
  for (const auto & child : named_children())
    if (std::find(m_Frozen.begin(), m_Frozen.end(), child.key()) != m_Frozen.end())
      child.value()->train(false);
}

LoadReport UNet::Load(const std::map<std::string, TensorFile::Array> & arrays, const std::vector<std::string> & reset)
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
  for (auto & item : named_parameters())
    take(item.key(), item.value());
  for (auto & item : named_buffers())
    take(item.key(), item.value());
  report.share = all > 0 ? loaded / all : 0;
  return report;
}

std::map<std::string, TensorFile::Array> UNet::Arrays() const
{
  std::map<std::string, TensorFile::Array> arrays;
  const auto                               add = [&](const std::string & name, const torch::Tensor & tensor) {
    const auto          plain = tensor.detach().to(torch::kCPU, torch::kFloat).contiguous();
    TensorFile::Array & array = arrays[name];
    array.shape = plain.sizes().vec();
    array.values.assign(plain.const_data_ptr<float>(), plain.const_data_ptr<float>() + plain.numel());
  };
  for (const auto & item : named_parameters())
    add(item.key(), item.value());
  for (const auto & item : named_buffers())
    add(item.key(), item.value());
  return arrays;
}

} // namespace serval
