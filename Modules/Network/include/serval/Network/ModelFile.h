#pragma once

#include "serval/Core/Geometry.h"
#include "serval/Core/IntensityPlan.h"
#include "serval/Core/TensorFile.h"
#include "serval/Network/NetworkSpec.h"

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace serval
{

/// A network whose features a classical head takes beside those of the model's own.
struct FurtherNetwork
{
  NetworkSpec                              network;
  IntensityPlan                            intensity;
  std::map<std::string, TensorFile::Array> arrays;
};

/// A layer of one of a model's networks: "conv3" is of the first, "2/conv3" of the second.
struct NetworkLayer
{
  std::size_t network = 0; ///< from 0 on
  std::string layer;       ///< with its pooling

  static NetworkLayer From(const std::string & text);
  std::string         ToText() const;
};

/// A model: one safetensors file with its arrays, network, input contract, classes, lineage and provenance.
struct ModelFile
{
  NetworkSpec                              network;
  IntensityPlan                            intensity;
  Extent                                   patch; ///< voxels of the input, z = 1 in 2D
  std::vector<std::string>                 classNames, segmentationNames;
  std::string                              inferenceSampler; ///< where patches come from when no label exists
  std::string                              extraction;       ///< JSON of the ExtractionPlan of the patches it learned from; empty: unknown
  std::string                              contract;         ///< JSON of the InputContract; empty: unknown
  std::string                              lineage;          ///< JSON of Dataset's Lineage
  std::string                              provenance;       ///< canonical JSON of the last stage
  std::string                              card;             ///< JSON of what was measured, intended and not: for the model's readers; empty: none
  std::map<std::string, std::string>       classical;        ///< description of a classical head; empty without one
  std::map<std::string, TensorFile::Array> arrays;           ///< network arrays, and `classical.*`
  std::vector<FurtherNetwork>              further;          ///< of a classical head on features of several networks

  /// Fault::Input when the file is none of ours, or inconsistent.
  static ModelFile Read(const std::filesystem::path & file);
  void             Write(const std::filesystem::path & file) const;
  /// The model of a further network, without classes and head.
  ModelFile Alone(const FurtherNetwork & one) const;

  /// Fault::Input when the model expects other patches than these.
  void RequireInput(const Extent & patch, int channels, const std::string & cacheName) const;
  /// As RequireInput, but patches may have another size: enough where layers are only taken over.
  void RequireChannels(const Extent & patch, int channels, const std::string & cacheName) const;
};

} // namespace serval
