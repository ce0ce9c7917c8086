#include "serval/Network/NetworkSpec.h"

#include "serval/Core/Error.h"

#include <nlohmann/json.hpp>

#include <array>

namespace serval
{
namespace
{

constexpr std::array attachmentNames{ "none", "decoder1", "bottleneck", "decoders" };

} // namespace

NetworkSpec::Attachment NetworkSpec::AttachmentFrom(const std::string & text)
{
  for (std::size_t i = 0; i < attachmentNames.size(); ++i)
    if (text == attachmentNames[i])
      return static_cast<Attachment>(i);
  Fail(Fault::Usage, "the classifier's place '", text, "' is unknown; decoder1, bottleneck and decoders are known");
}

void NetworkSpec::Check() const
{
  Require(dimension == 2 || dimension == 3, Fault::Usage, "a network of ", dimension, " dimensions; 2 or 3 are possible");
  Require(channels >= 1 && channels <= 64, Fault::Usage, "a network of ", channels, " channels; 1 to 64 are possible");
  Require(filters >= 1 && filters <= 256, Fault::Usage, "a network of ", filters, " filters; 1 to 256 are possible");
  Require(depth >= 1 && depth <= 6, Fault::Usage, "a network of depth ", depth, "; 1 to 6 are possible");
  Require(dropout >= 0 && dropout < 1, Fault::Usage, "a dropout of ", dropout, "; 0 to below 1 is possible");
  Require((classes > 0) == (attachment != Attachment::None) && classes >= 0 && segmentationClasses >= 0 &&
            classes + segmentationClasses > 0 && classes < 65536 && segmentationClasses < 65536,
          Fault::Usage, "a network of ", segmentationClasses, " segmentation classes and ", classes, " classes");
}

std::vector<std::string> NetworkSpec::Layers() const
{
  std::vector<std::string> layers;
  for (int level = 1; level <= depth; ++level)
    layers.push_back("encoder" + std::to_string(level));
  layers.push_back("bottleneck");
  if (attachment != Attachment::Bottleneck || segmentationClasses > 0)
    for (int level = depth; level >= 1; --level)
      layers.push_back("decoder" + std::to_string(level));
  if (segmentationClasses > 0)
    layers.push_back("head");
  if (classes > 0)
    layers.push_back("classifier");
  return layers;
}

std::string NetworkSpec::ToJson() const
{
  return nlohmann::json{ { "network", "unet" },
                         { "dimension", dimension },
                         { "channels", channels },
                         { "filters", filters },
                         { "depth", depth },
                         { "normalisation", "batch" },
                         { "segmentationClasses", segmentationClasses },
                         { "classes", classes },
                         { "attachment", attachmentNames[static_cast<std::size_t>(attachment)] },
                         { "dropout", dropout } }
    .dump();
}

NetworkSpec NetworkSpec::FromJson(const std::string & text)
{
  try
  {
    const auto json = nlohmann::json::parse(text);
    Require(json.at("network") == "unet", Fault::Input, "the network ", json.at("network").dump(), " is unknown");
    NetworkSpec spec;
    json.at("dimension").get_to(spec.dimension);
    json.at("channels").get_to(spec.channels);
    json.at("filters").get_to(spec.filters);
    json.at("depth").get_to(spec.depth);
    json.at("segmentationClasses").get_to(spec.segmentationClasses);
    json.at("classes").get_to(spec.classes);
    json.at("dropout").get_to(spec.dropout);
    spec.attachment = AttachmentFrom(json.at("attachment"));
    spec.Check();
    return spec;
  }
  catch (const nlohmann::json::exception &)
  {
    Fail(Fault::Input, "the model's network description is damaged");
  }
  catch (const Error & e)
  {
    Fail(Fault::Input, "the model's network description is impossible: ", e.what());
  }
}

} // namespace serval
