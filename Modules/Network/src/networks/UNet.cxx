#include "Networks.h"

#include "serval/Core/Error.h"
#include "serval/Core/Text.h"

#include <algorithm>
#include <limits>

namespace serval::networks
{
namespace
{

using Attachment = NetworkSpec::Attachment;

/// Ronneberger 2015 and Cicek 2016 with padded convolutions; classifiers after Wong 2018. "unet-plain" is the plain U-Net of
/// nnU-Net (Isensee 2021): strided convolutions instead of pooling, leaky ReLU, at most 320 maps in 3D and 512 in 2D; as
/// published with 32 filters, depth 5 and instance normalisation.
class Builder
{
public:
  explicit Builder(const NetworkSpec & spec)
    : m_Spec(spec)
    , m_IsPlain(spec.name == "unet-plain")
    , m_MostMaps(!m_IsPlain ? std::numeric_limits<int>::max() : spec.dimension == 3 ? 320 : 512)
    , m_Graph(spec.dimension, spec.channels)
  {}

  LayerGraph Build()
  {
    std::vector<int> skips;
    int              at = m_Graph.Input();
    for (int level = 1; level <= m_Spec.depth; ++level)
    {
      const std::string layer = "encoder" + std::to_string(level);
      skips.push_back(m_Levels[layer] = Level(layer, at, Maps(level), level > 1));
      at = m_IsPlain ? skips.back() : m_Graph.Pool(layer + ".pool", skips.back(), Operation::MaxPool, { 2, 2, 0 });
    }
    const int bottleneck = at = m_Levels["bottleneck"] = Level("bottleneck", at, Maps(m_Spec.depth + 1), true);
    const bool isDecoding = m_Spec.attachment != Attachment::Bottleneck || m_Spec.segmentationClasses > 0 || m_Spec.reconstructs;
    for (int level = m_Spec.depth; level >= 1 && isDecoding; --level)
    {
      at = Decode("decoder" + std::to_string(level), at, skips[static_cast<std::size_t>(level - 1)], Maps(level));
      m_Decoders.push_back(at);
      m_Levels["decoder" + std::to_string(level)] = at;
      if (m_Spec.deepSupervision && level > 1 && m_Spec.segmentationClasses > 0)
      {
        const std::string head = "auxiliary" + std::to_string(level);
        m_Outputs["segmentation" + std::to_string(level)] = m_Graph.Convolve(head, at, m_Spec.segmentationClasses, { 1, 1, 0 });
      }
    }
    if (m_Spec.segmentationClasses > 0)
      m_Outputs["segmentation"] = m_Graph.Convolve("head", at, m_Spec.segmentationClasses, { 1, 1, 0 });
    if (m_Spec.reconstructs)
      m_Outputs["reconstruction"] = m_Graph.Convolve("reconstruction", at, m_Spec.channels, { 1, 1, 0 });
    if (m_Spec.attachment != Attachment::None)
      m_Outputs["classes"] = Classify(m_Spec.attachment == Attachment::Bottleneck ? bottleneck : m_Spec.attachment == Attachment::Layer ? NamedLevel() : at);
    return m_Graph.Finish(std::move(m_Outputs));
  }

private:
  int Maps(int level) const { return std::min(m_MostMaps, m_Spec.filters << (level - 1)); }

  int Activate(const std::string & name, int from)
  {
    return m_IsPlain ? m_Graph.Activate(name, from, Operation::LeakyRelu, 0.01) : m_Graph.Activate(name, from);
  }

  int Unit(const std::string & name, int from, int maps, int stride = 1, bool isActive = true)
  {
    const int at = NormaliseBy(m_Graph, m_Spec.normalisation, name, m_Graph.Convolve(name, from, maps, { 3, stride, 1 }), maps);
    return isActive ? Activate(name + "_relu", at) : at;
  }

  // `isInner`: below the first level; there a plain network's first convolution takes every second voxel.
  int Level(const std::string & layer, int from, int maps, bool isInner = false)
  {
    const int stride = m_IsPlain && isInner ? 2 : 1, first = Unit(layer + ".first", from, maps, stride);
    if (!m_Spec.isResidual)
      return Unit(layer + ".second", first, maps);
    const int second = Unit(layer + ".second", first, maps, 1, false), shortcut = m_Graph.Convolve(layer + ".shortcut", from, maps, { 1, stride, 0 });
    return Activate(layer + ".relu", m_Graph.Join(layer + ".sum", { second, shortcut }, Operation::Add));
  }

  int Decode(const std::string & layer, int from, int skip, int maps)
  {
    const int up = m_Graph.ConvolveUp(layer + ".up", from, maps, { 2, 2, 0 });
    return Level(layer, m_Graph.Join(layer + ".join", { skip, up }), maps);
  }

  int NamedLevel() const
  {
    const auto found = m_Levels.find(m_Spec.attachmentLayer);
    std::vector<std::string> names;
    for (const auto & [name, node] : m_Levels)
      names.push_back(name);
    Require(found != m_Levels.end(), Fault::Usage, "the classifier cannot stand at the layer '", m_Spec.attachmentLayer, "'; the network has ", Join(names, ", "));
    return found->second;
  }

  int Classify(int from)
  {
    const std::string name = "classifier.";
    int               at = from;
    if (m_Spec.attachment == Attachment::Decoder1)
      for (int block = 1, maps = 2 * m_Spec.filters; block <= 3; ++block, maps *= 2)
      {
        const std::string number = std::to_string(block);
        at = m_Graph.Normalise(name + "norm" + number, m_Graph.Convolve(name + "block" + number, at, maps, { 3, 1, 1 }));
        at = m_Graph.Pool(name + "pool" + number, m_Graph.Activate(name + "relu" + number, at), Operation::MaxPool, { 2, 2, 0, true });
      }
    if (m_Spec.attachment == Attachment::Decoders)
    {
      std::vector<int> averages;
      for (std::size_t i = 0; i < m_Decoders.size(); ++i)
        averages.push_back(m_Graph.Reduce(name + "average" + std::to_string(i + 1), m_Decoders[i], Operation::GlobalAverage));
      at = m_Graph.Join(name + "join", averages);
    }
    else
      at = m_Graph.Reduce(name + "average", at, Operation::GlobalAverage);
    if (m_Spec.dropout > 0)
      at = m_Graph.Drop(name + "dropout", at, m_Spec.dropout);
    return m_Graph.Dense(name + "linear", at, m_Spec.classes);
  }

  const NetworkSpec &        m_Spec;
  bool                       m_IsPlain;
  int                        m_MostMaps;
  GraphBuilder               m_Graph;
  std::vector<int>           m_Decoders;
  std::map<std::string, int> m_Levels; ///< output of each level by its layer
  std::map<std::string, int> m_Outputs;
};

} // namespace

LayerGraph UNet(const NetworkSpec & spec) { return Builder(spec).Build(); }

} // namespace serval::networks
