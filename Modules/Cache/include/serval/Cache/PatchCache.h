#pragma once

#include "serval/Core/Geometry.h"
#include "serval/Core/IntensityPlan.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace serval
{

enum class PixelType
{
  UInt8,
  Int16,
  UInt16,
  Float32
};
std::size_t SizeOf(PixelType type);
std::string ToText(PixelType type);

/// Intensities over a case's whole volume, from which patches are normalised.
struct IntensitySummary
{
  double mean = 0, standardDeviation = 1;
  double low = 0, high = 1; ///< percentiles 0.5 and 99.5
};

/// What all patches of a cache share. A 2D patch has z = 1.
struct CacheDescription
{
  Extent                   patch;
  int                      channels = 1;
  std::vector<std::string> classNames;
  std::vector<std::string> segmentationNames; ///< by label value; empty when no segmentation is stored
  std::string              segmentationKind;  ///< expert-labels, pseudo-labels or empty
  std::string              sampler;
  std::uint64_t            seed = 0;
  std::string              provenance; ///< canonical JSON
};

/// The patches of one case. `image` holds N*C*Z*Y*X voxels of `type`, `segmentation` N*Z*Y*X labels or nothing.
struct CasePatches
{
  std::string               caseId, patient, sourceFingerprint;
  IntensitySummary          intensity;
  PixelType                 type = PixelType::Float32;
  std::vector<std::byte>    image;
  std::vector<std::uint8_t> segmentation;
  std::vector<int>          classes;    ///< index into classNames, -1 where unknown
  std::vector<Geometry>     geometries; ///< of each patch
  std::vector<Extent>       corners;    ///< first voxel of each patch in its volume

  std::size_t Count() const { return classes.size(); }
};

/// Writes a cache folder of HDF5 shards that appears whole by Commit, or not at all.
class PatchCacheWriter
{
public:
  PatchCacheWriter(const std::filesystem::path & folder, CacheDescription description, std::uint64_t expectedBytes = 0);
  ~PatchCacheWriter();
  /// Fault::Input when another patient's case has the same source fingerprint.
  void Add(const CasePatches & patches);
  void Commit();

private:
  struct Impl;
  std::unique_ptr<Impl> m_Impl;
};

/// What a reader knows about one patch.
struct PatchRecord
{
  std::size_t caseIndex = 0;
  int         classIndex = -1;
  Extent      corner;
  Geometry    geometry;
};

/// Reads a patch cache: shards are mapped into memory, each patch's checksum is tested when it is first read.
class PatchCache
{
public:
  /// Fault::Input when the folder is no cache, a shard is damaged, or shards disagree.
  explicit PatchCache(const std::filesystem::path & folder);
  ~PatchCache();
  PatchCache(PatchCache &&) noexcept;
  PatchCache & operator=(PatchCache &&) noexcept;

  struct CaseRecord
  {
    std::string      caseId, patient, sourceFingerprint;
    IntensitySummary intensity;
  };

  const CacheDescription &        Description() const;
  const std::vector<PatchRecord> & Patches() const;
  const std::vector<CaseRecord> & Cases() const;
  bool                            HasSegmentation() const;
  /// Voxels of one patch over all channels.
  std::size_t VoxelsPerPatch() const;
  /// Content hash over description and all patches' checksums: equal caches have equal fingerprints.
  std::string Fingerprint() const;
  /// Sorted, each once.
  std::vector<std::string> Patients() const;
  /// Indices of the patches of these patients, in cache order.
  std::vector<std::size_t> PatchesOf(const std::vector<std::string> & patients) const;

  /// Normalised voxels, patch after patch (channel, z, y, x), into `target`.
  void ReadImages(std::span<const std::size_t> patches, const IntensityPlan & plan, std::span<float> target) const;
  void ReadSegmentations(std::span<const std::size_t> patches, std::span<std::uint8_t> target) const;
  /// The stored bytes of one patch, as they lie in the mapped file, and their type.
  std::span<const std::byte> RawImage(std::size_t patch) const;
  PixelType                  TypeOf(std::size_t patch) const;

private:
  struct Impl;
  std::unique_ptr<Impl> m_Impl;
};

} // namespace serval
