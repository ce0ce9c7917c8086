#pragma once
// The options that name a network, for the applications that build one.

#include "serval/CommandLine/Application.h"
#include "serval/Core/Error.h"
#include "serval/Core/Text.h"
#include "serval/Network/NetworkSpec.h"

#include <string>
#include <vector>

namespace serval
{

/// The choices of a network that its data do not make.
struct ArchitectureOptions
{
  NetworkSpec spec;
  std::string attachment = "none";

  void Declare(app::Parameters & p)
  {
    p.Add("filters", &spec.filters, "Maps of the first level of unet, small-cnn and autoencoder; of every layer of meshnet").Range(1, 256);
    p.Add("depth", &spec.depth, "Poolings by 2 of unet and autoencoder").Range(1, 6);
    p.Add("normalisation", &spec.normalisation, "Of unet").Choices({ "batch", "instance", "group", "none" });
    p.Add("attachment", &attachment, "Place of unet's classifier: decoder1 (with blocks of its own), bottleneck, decoders (all levels joined), layer:NAME; "
                                        "none takes decoder1 for unet-classifier");
    p.Add("residual", &spec.isResidual, "Each level of unet adds its input");
    p.Add("deepSupervision", &spec.deepSupervision, "Further heads on inner layers (unet, resnet, googlenet)");
    p.Add("dropout", &spec.dropout, "Dropout before the classifier's last layer, where the publication does not say").Range(0, 0.99);
  }

  NetworkSpec Named(const std::string & network) const
  {
    NetworkSpec result = spec;
    result.name = network;
    if (network.starts_with("unet") && attachment != "none")
      result.Attach(attachment);
    else if (network == "unet-classifier")
      result.attachment = NetworkSpec::Attachment::Decoder1;
    return result;
  }
};

/// A network and its input, where no data say them.
struct NetworkOptions : ArchitectureOptions
{
  std::vector<int> size;

  void Declare(app::Parameters & p)
  {
    p.Group("Network");
    p.Add("dimension", &spec.dimension, "2 or 3").Range(2, 3);
    p.Add("channels", &spec.channels, "Channels of the input").Range(1, 64);
    p.Add("size", &size, "Input in voxels (x,y,z or x,y); left out: the size the network was published for");
    p.Add("classes", &spec.classes, "Classes of the classifier; 0: 2 for networks that only classify").Range(0, 65535);
    p.Add("segmentationClasses", &spec.segmentationClasses, "Labels of the segmentation; 0: 2 for networks that only segment").Range(0, 65535);
    ArchitectureOptions::Declare(p);
  }

  NetworkSpec Named(const std::string & network) const
  {
    NetworkSpec result = ArchitectureOptions::Named(network);
    const bool  isUNet = network.starts_with("unet");
    const bool  classifies = isUNet ? result.attachment != NetworkSpec::Attachment::None : !network.starts_with("meshnet") && network != "autoencoder";
    if (classifies && spec.classes == 0)
      result.classes = 2;
    if (!classifies && spec.segmentationClasses == 0 && network != "autoencoder")
      result.segmentationClasses = 2;
    return result;
  }

  /// The input that --size gives, or `otherwise`.
  Extent Input(int dimension, const Extent & otherwise) const
  {
    if (size.empty())
      return otherwise;
    Require(size.size() == static_cast<std::size_t>(dimension) || (size.size() == 3 && size[2] == 1), Fault::Usage, "--size has ",
            size.size(), " numbers; a network of ", dimension, " dimensions needs ", dimension);
    return { size[0], size[1], size.size() == 3 ? size[2] : 1 };
  }
};

} // namespace serval
