#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace serval
{

/// A U-Net in 2D or 3D from one definition: encoder1..N, bottleneck, decoderN..decoder1; each level has two
/// [3^d convolution, batch normalisation, ReLU], max-pooling by 2 down, transposed 2^d convolution up and
/// concatenation (Ronneberger 2015, Cicek 2016). `head` segments; `classifier` classifies (after Wong 2018).
struct NetworkSpec
{
  /// Where the classifier is attached.
  enum class Attachment
  {
    None,
    Decoder1,   ///< convolution blocks on decoder1's maps, then global average pooling
    Bottleneck, ///< global average pooling of the bottleneck
    Decoders    ///< global averages of all decoder levels, joined
  };
  int        dimension = 3;
  int        channels = 1;
  int        filters = 8; ///< maps of encoder1; doubled at each level
  int        depth = 3;   ///< number of poolings
  int        segmentationClasses = 0;
  int        classes = 0;
  Attachment attachment = Attachment::None;
  double     dropout = 0; ///< before the classifier's last layer

  /// Fault::Usage with the reason when the values do not make a network.
  void Check() const;
  /// Names of the layers in order of computation; each is a feature tap and a unit of freezing.
  std::vector<std::string> Layers() const;
  std::string              ToJson() const;
  static NetworkSpec       FromJson(const std::string & json);
  static Attachment        AttachmentFrom(const std::string & text);
};

} // namespace serval
