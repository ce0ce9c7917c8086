#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace serval
{

/// A published weight file that import-weights takes. Serval downloads nothing.
struct WeightSource
{
  std::string name;      ///< as import-weights' network, and what it learned: resnet18-imagenet
  std::string network;   ///< name for --network
  std::string file;      ///< its published name
  std::string publisher, address, licence;
  std::string sha256;    ///< of the file, or its first digits as far as they are published
  std::string options;   ///< of import-weights, that make the input what the network learned from
  std::string checked;   ///< what was read elsewhere, and where
  std::string unchecked; ///< for what no such place was found
};

/// Those known, by name.
const std::vector<WeightSource> & KnownWeightSources();
/// Null when there is none of this name.
const WeightSource * KnownWeightSource(const std::string & name);

enum class SourceState
{
  Absent,
  Present, ///< with the published checksum
  Other    ///< another file under this name
};
struct FoundWeights
{
  SourceState           state = SourceState::Absent;
  std::filesystem::path file; ///< unless absent
};
/// Looks for the file anywhere below the folder.
FoundWeights FindWeights(const WeightSource & source, const std::filesystem::path & folder);
std::string ToText(SourceState state);

} // namespace serval
