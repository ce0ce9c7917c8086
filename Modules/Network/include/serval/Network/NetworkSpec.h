#pragma once

#include "serval/Network/LayerGraph.h"

#include <cstdint>
#include <string>
#include <vector>

namespace serval
{

/// A network by name and its choices; BuildNetwork makes the layers.
struct NetworkSpec
{
  /// Where the classifier of a U-Net is attached.
  enum class Attachment
  {
    None,
    Decoder1,   ///< convolution blocks on decoder1's maps, then global average pooling
    Bottleneck, ///< global average pooling of the bottleneck
    Decoders,   ///< global averages of all decoder levels, joined
    Layer       ///< global average pooling of the layer named by `attachmentLayer`
  };
  std::string name = "unet"; ///< one of NetworkNames()
  int         dimension = 3;
  int         channels = 1;
  int         filters = 8; ///< maps of the first level of unet, small-cnn, autoencoder; of every layer of meshnet
  int         depth = 3;   ///< number of poolings of unet and autoencoder
  std::string normalisation = "batch"; ///< of unet: batch, instance, group, none
  bool        isResidual = false;      ///< unet: each level adds a 1^d convolution of its input
  bool        deepSupervision = false; ///< further heads on inner layers (unet, resnet, googlenet)
  bool        reconstructs = false;    ///< unet: a head that gives the input's channels again (always so in autoencoder)
  int         segmentationClasses = 0;
  int         classes = 0;
  Attachment  attachment = Attachment::None;
  std::string attachmentLayer; ///< encoder1, bottleneck, decoder2, ...
  double      dropout = 0; ///< before the classifier's last layer, where the publication does not say

  /// Fault::Usage with the reason when the values do not make a network.
  void Check() const;
  /// Names of the layers in order of computation; each is a feature tap and a unit of freezing.
  std::vector<std::string> Layers() const;
  std::string              ToJson() const;
  static NetworkSpec       FromJson(const std::string & json);
  /// none, decoder1, bottleneck, decoders, or layer:NAME. Fault::Usage for another text.
  void        Attach(const std::string & text);
  std::string AttachmentText() const;
};

std::vector<std::string> NetworkNames();
/// Fault::Usage listing the names when it is unknown.
LayerGraph BuildNetwork(const NetworkSpec & spec);
/// The input the network was published for, in voxels; z = 1 in 2D.
Extent PublishedInput(const NetworkSpec & spec);

} // namespace serval
