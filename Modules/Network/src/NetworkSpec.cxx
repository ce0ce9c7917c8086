#include "serval/Network/NetworkSpec.h"

#include "serval/Core/Error.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace serval
{
namespace
{

constexpr std::array<const char *, 4> attachmentNames{ "none", "decoder1", "bottleneck", "decoders" };

} // namespace

void NetworkSpec::Attach(const std::string & text)
{
  const bool isLayer = text.starts_with("layer:") && text.size() > 6;
  const auto found = std::find(attachmentNames.begin(), attachmentNames.end(), text);
  Require(isLayer || found != attachmentNames.end(), Fault::Usage, "the classifier's place '", text,
          "' is unknown; decoder1, bottleneck, decoders and layer:NAME are known");
  attachment = isLayer ? Attachment::Layer : static_cast<Attachment>(found - attachmentNames.begin());
  attachmentLayer = isLayer ? text.substr(6) : "";
}

std::string NetworkSpec::AttachmentText() const
{
  return attachment == Attachment::Layer ? "layer:" + attachmentLayer : attachmentNames[static_cast<std::size_t>(attachment)];
}

void NetworkSpec::Check() const
{
  Require(dimension == 2 || dimension == 3, Fault::Usage, "a network of ", dimension, " dimensions; 2 or 3 are possible");
  Require(channels >= 1 && channels <= 64, Fault::Usage, "a network of ", channels, " channels; 1 to 64 are possible");
  Require(filters >= 1 && filters <= 256, Fault::Usage, "a network of ", filters, " filters; 1 to 256 are possible");
  Require(depth >= 1 && depth <= 6, Fault::Usage, "a network of depth ", depth, "; 1 to 6 are possible");
  Require(dropout >= 0 && dropout < 1, Fault::Usage, "a dropout of ", dropout, "; 0 to below 1 is possible");
  Require(classes >= 0 && segmentationClasses >= 0 && classes < 65536 && segmentationClasses < 65536 &&
            (name == "autoencoder" || reconstructs || classes + segmentationClasses > 0),
          Fault::Usage, "a network of ", segmentationClasses, " segmentation classes and ", classes, " classes");
  const bool isUNet = name == "unet" || name == "unet-classifier";
  Require(!reconstructs || isUNet || name == "autoencoder", Fault::Usage, "of the networks, unet and autoencoder can reconstruct their input");
  Require(!isUNet || (classes > 0) == (attachment != Attachment::None), Fault::Usage, "a U-Net with ", classes,
          " classes whose classifier stands at '", AttachmentText(),
          "'; decoder1, bottleneck, decoders or layer:NAME is expected with classes, none without");
  Require(normalisation == "batch" || normalisation == "instance" || normalisation == "group" || normalisation == "none", Fault::Usage,
          "the normalisation '", normalisation, "' is unknown; batch, instance, group and none are known");
}

std::vector<std::string> NetworkSpec::Layers() const { return BuildNetwork(*this).Layers(); }

std::string NetworkSpec::ToJson() const
{
  return nlohmann::json{ { "network", name },
                         { "dimension", dimension },
                         { "channels", channels },
                         { "filters", filters },
                         { "depth", depth },
                         { "normalisation", normalisation },
                         { "residual", isResidual },
                         { "deepSupervision", deepSupervision },
                         { "reconstructs", reconstructs },
                         { "segmentationClasses", segmentationClasses },
                         { "classes", classes },
                         { "attachment", AttachmentText() },
                         { "dropout", dropout } }
    .dump();
}

NetworkSpec NetworkSpec::FromJson(const std::string & text)
{
  try
  {
    const auto json = nlohmann::json::parse(text);
    NetworkSpec spec;
    json.at("network").get_to(spec.name);
    json.at("normalisation").get_to(spec.normalisation);
    json.at("residual").get_to(spec.isResidual);
    json.at("deepSupervision").get_to(spec.deepSupervision);
    json.at("reconstructs").get_to(spec.reconstructs);
    json.at("dimension").get_to(spec.dimension);
    json.at("channels").get_to(spec.channels);
    json.at("filters").get_to(spec.filters);
    json.at("depth").get_to(spec.depth);
    json.at("segmentationClasses").get_to(spec.segmentationClasses);
    json.at("classes").get_to(spec.classes);
    json.at("dropout").get_to(spec.dropout);
    spec.Attach(json.at("attachment"));
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
