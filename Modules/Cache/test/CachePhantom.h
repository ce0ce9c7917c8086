#pragma once

#include "serval/Cache/PatchCacheWriter.h"

#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

namespace serval
{

inline CacheDescription Describe()
{
  CacheDescription d;
  d.patch = { 5, 6, 7 };
  d.classNames = { "outside", "anterior" };
  d.segmentationNames = { "background", "hippocampus" };
  d.segmentationKind = "expert-labels";
  d.sampler = "class";
  d.seed = 4;
  d.provenance = "{}";
  return d;
}

template <typename T>
CasePatches Make(const std::string & name, PixelType type, int count, double first)
{
  CasePatches    c;
  const auto     voxels = static_cast<std::size_t>(count) * 5 * 6 * 7;
  std::vector<T> values(voxels);
  for (std::size_t i = 0; i < voxels; ++i)
    values[i] = static_cast<T>(first + double(i % 97));
  c.caseId = name;
  c.patient = "p" + name;
  c.sourceFingerprint = "voxels of " + name;
  c.intensity = { { 10, 2, 0, 96 } };
  c.type = type;
  c.image.resize(voxels * sizeof(T));
  std::memcpy(c.image.data(), values.data(), c.image.size());
  c.segmentation.assign(voxels, 1);
  for (int n = 0; n < count; ++n)
  {
    c.classes.push_back(n % 2);
    c.corners.push_back({ n, 2 * n, 3 * n });
    c.geometries.push_back({ { 5, 6, 7 }, { 1, 2, 3 }, { double(n), 0, -1 }, { 0, -1, 0, 1, 0, 0, 0, 0, 1 } });
  }
  return c;
}

inline void WriteCache(const std::filesystem::path & folder, Compression compression = Compression::None)
{
  auto description = Describe();
  description.compression = compression;
  PatchCacheWriter writer(folder, description);
  writer.Add(Make<float>("a", PixelType::Float32, 3, -1000.5));
  writer.Add(Make<std::uint8_t>("b", PixelType::UInt8, 2, 0));
  writer.Add(Make<std::int16_t>("c", PixelType::Int16, 4, -2000));
  writer.Commit();
}

} // namespace serval
