#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

namespace serval
{

/// Version of Serval, as in CMakeLists.txt.
std::string Version();

/// How a file came about: tool, version, canonical parameters, seed and the SHA-256 of each input. Holds no date, no
/// host and no path, so that equal runs give equal bytes.
struct Provenance
{
  std::string                        tool;
  std::map<std::string, std::string> parameters;
  std::uint64_t                      seed = 0;
  std::map<std::string, std::string> inputs; ///< role -> SHA-256

  /// Canonical JSON: sorted keys, no blanks.
  std::string ToJson() const;
};

} // namespace serval
