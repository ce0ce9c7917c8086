#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace serval
{

/// Features of patches, by layer, in one HDF5 file: `/features/<layer>` [N,D] float32, `/class` [N], `/case`,
/// `/patient`, `/unit_id` [N] (texts), attributes class names, model hash and provenance.
struct FeatureFile
{
  struct Layer
  {
    std::size_t        width = 0;
    std::vector<float> values; ///< row after row
  };
  std::map<std::string, Layer> layers;
  std::vector<int>             classes; ///< index into classNames, -1 where unknown
  std::vector<std::string>     cases, patients, unitIds, classNames;
  std::string                  modelHash, provenance;

  std::size_t        Rows() const { return classes.size(); }
  static FeatureFile Read(const std::filesystem::path & file);
  void               Write(const std::filesystem::path & file) const;
};

} // namespace serval
