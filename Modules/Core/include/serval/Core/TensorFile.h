#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace serval
{

/// Named float32 arrays and text metadata in one safetensors file (8-byte little-endian header length, JSON header,
/// raw bytes). Reading executes nothing and checks every offset before memory is taken.
struct TensorFile
{
  struct Array
  {
    std::vector<std::int64_t> shape;
    std::vector<float>        values;
  };
  std::map<std::string, Array>       arrays;
  std::map<std::string, std::string> metadata;

  /// Fault::Input when the file is missing, truncated, foreign, or holds arrays that are not float32.
  static TensorFile Read(const std::filesystem::path & file);
  void              Write(const std::filesystem::path & file) const;
};

} // namespace serval
