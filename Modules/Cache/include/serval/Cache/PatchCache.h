#pragma once

#include "serval/Core/Geometry.h"
#include "serval/Core/LargeVector.h"
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

/// How the patches of a shard are stored. Gzip: shuffle and deflate, readable by every HDF5; Zstd: filter 32015.
enum class Compression
{
  None,
  Gzip,
  Zstd
};
std::string ToText(Compression compression);
/// none, gzip or zstd; Fault::Usage otherwise.
Compression CompressionFrom(const std::string & text);

/// Intensities over one channel of a case's whole volume, from which patches are normalised.
struct IntensitySummary
{
  double mean = 0, standardDeviation = 1;
  double low = 0, high = 1; ///< percentiles 0.5 and 99.5
};

/// What all patches of a cache share. A 2D patch has z = 1. All but `provenance` is part of every case's key.
struct CacheDescription
{
  Extent                   patch;
  int                      channels = 1;
  std::vector<std::string> classNames;
  std::vector<std::string> segmentationNames; ///< by label value; empty when no segmentation is stored
  std::string              segmentationKind;  ///< expert-labels, pseudo-labels or empty
  std::string              sampler;
  std::uint64_t            seed = 0;
  std::string              parameters; ///< canonical JSON: all that makes the patches, enough to make them again
  Compression              compression = Compression::None;
  std::string              provenance; ///< canonical JSON; stands in cache.json, not in the shards
};

/// What the patches of one case come from. With the description it decides their key.
struct CaseSource
{
  std::string caseId, patient;
  std::string timePoint, className; ///< empty where the manifest has none
  std::string sourceFingerprint;    ///< content hash of voxels and geometry of all channels
  std::string labelFingerprint;     ///< content hash of the label maps that are used, or empty
};

/// What is known of a case's whole volume. Not part of the key, as it follows from the source.
struct CaseFacts
{
  std::vector<IntensitySummary> intensity;      ///< of each channel
  std::string                   modality = {};  ///< DICOM's word; empty when no file says it
  Extent                        volume{ 0, 0, 0 }; ///< its size in voxels and their size; 0 in caches of versions that did not store it
  Spacing                       volumeSpacing = {};
};

/// The patches of one case. `image` holds N*C*Z*Y*X voxels of `type`, `segmentation` N*Z*Y*X labels or nothing.
struct CasePatches : CaseSource, CaseFacts
{
  PixelType                     type = PixelType::Float32;
  RawBytes                      image;
  std::vector<std::uint8_t>     segmentation;
  std::vector<int>              classes;    ///< index into classNames, -1 where unknown
  std::vector<Geometry>         geometries; ///< of each patch
  std::vector<Extent>           corners;    ///< first voxel of each patch in its volume
  std::vector<std::string>      candidates; ///< candidate or lesion of each patch; empty when patches have none

  std::size_t Count() const { return classes.size(); }
};

/// What a reader knows about one patch.
struct PatchRecord
{
  std::size_t caseIndex = 0;
  int         classIndex = -1;
  Extent      corner;
  Geometry    geometry;
  std::string candidate; ///< empty where there is none
};

/// Reads a patch cache, as cache.json lists it: shards are mapped into memory; each patch's checksum, of image and
/// segmentation, is tested when it is first read. Reading is safe from several threads.
class PatchCache
{
public:
  /// Fault::Input when the folder is no cache, its extraction has not finished, or a shard's tables are damaged.
  explicit PatchCache(const std::filesystem::path & folder);
  ~PatchCache();
  PatchCache(PatchCache &&) noexcept;
  PatchCache & operator=(PatchCache &&) noexcept;

  struct CaseRecord : CaseSource, CaseFacts
  {};

  const CacheDescription &         Description() const;
  const std::vector<PatchRecord> & Patches() const;
  const std::vector<CaseRecord> &  Cases() const;
  bool                             HasSegmentation() const;
  /// Voxels of one patch over all stored channels.
  std::size_t VoxelsPerPatch() const;
  /// Content hash over description, all patches' checksums and new classes: equal caches have equal fingerprints.
  std::string Fingerprint() const;
  /// Sorted, each once.
  std::vector<std::string> Patients() const;
  /// Indices of the patches of these patients, in cache order.
  std::vector<std::size_t> PatchesOf(const std::vector<std::string> & patients) const;
  /// Gives each patch another class (index into classNames, or -1), in this object only; its fingerprint becomes another.
  void Relabel(const std::vector<int> & classes);

  /// Input voxels by the plan, patch after patch (plan.Channels(), z, y, x), into `target`, by this many threads.
  void ReadImages(std::span<const std::size_t> patches, const IntensityPlan & plan, std::span<float> target,
                  int threads = 1) const;
  void ReadSegmentations(std::span<const std::size_t> patches, std::span<std::uint8_t> target) const;
  /// Whether patches are not compressed and can be viewed in place.
  bool IsMapped() const;
  /// Bytes of one patch as they lie in the mapped file; only where IsMapped().
  std::span<const std::byte> RawImage(std::size_t patch) const;
  /// A copy of one patch's native voxels.
  std::vector<std::byte> ReadRaw(std::size_t patch) const;
  PixelType              TypeOf(std::size_t patch) const;

private:
  struct Impl;
  std::unique_ptr<Impl> m_Impl;
};

} // namespace serval
