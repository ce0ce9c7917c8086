#pragma once
// What map-saliency wrote into a folder.

#include "serval/Core/AtomicFile.h"
#include "serval/Core/Error.h"
#include "serval/Core/PathDisplay.h"
#include "serval/Core/Table.h"

#include <cstring>
#include <filesystem>
#include <map>
#include <vector>

namespace serval
{

/// The voxels of a map that map-saliency wrote. Fault::Input for a file of another length.
inline std::vector<float> ReadSaliency(const std::filesystem::path & file, std::size_t count)
{
  const auto bytes = ReadTextFile(file);
  const auto header = bytes.find("\n\n");
  Require(header != bytes.npos && bytes.size() - header - 2 == count * sizeof(float), Fault::Input, "the map ", Shown(file), " does not hold ", count, " voxels of float; maps of this cache's patches are expected");
  std::vector<float> values(count);
  std::memcpy(values.data(), bytes.data() + header + 2, count * sizeof(float));
  return values;
}

/// The maps of a folder of map-saliency, by patch.
inline std::map<std::size_t, std::filesystem::path> SaliencyMaps(const std::filesystem::path & folder)
{
  std::map<std::size_t, std::filesystem::path> maps;
  const auto                                   table = Table::Read(folder / "saliency.csv");
  for (std::size_t row = 0; row < table.Rows(); ++row)
    maps[static_cast<std::size_t>(table.Number(row, "patch"))] = folder / table.At(row, "map");
  return maps;
}

} // namespace serval
