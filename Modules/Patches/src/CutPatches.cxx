#include "serval/Patches/CutPatches.h"

#include "serval/Core/Error.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace serval
{
namespace
{

template <typename T>
constexpr PixelType pixelTypeOf = std::is_same_v<T, std::uint8_t>    ? PixelType::UInt8
                                  : std::is_same_v<T, std::int16_t>  ? PixelType::Int16
                                  : std::is_same_v<T, std::uint16_t> ? PixelType::UInt16
                                                                     : PixelType::Float32;

// Voxel rows of a block, one after another, by memcpy.
template <typename T>
void CopyBlock(const T * voxels, Extent volume, Extent corner, Extent size, T * target)
{
  for (std::int64_t z = 0; z < size.z; ++z)
    for (std::int64_t y = 0; y < size.y; ++y, target += size.x)
      std::memcpy(target, voxels + corner.x + volume.x * (corner.y + y + volume.y * (corner.z + z)),
                  static_cast<std::size_t>(size.x) * sizeof(T));
}

void CutImages(const Volume & volume, const std::vector<Extent> & corners, Extent size, CasePatches & patches)
{
  std::visit(
    [&]<typename T>(const std::vector<T> & voxels) {
      const auto one = static_cast<std::size_t>(size.Voxels()) * sizeof(T);
      patches.type = pixelTypeOf<T>;
      patches.image.resize(corners.size() * one);
      for (std::size_t n = 0; n < corners.size(); ++n)
        CopyBlock(voxels.data(), volume.geometry.extent, corners[n], size, reinterpret_cast<T *>(patches.image.data() + n * one));
    },
    volume.voxels);
}

std::vector<std::uint8_t> CutSegmentations(const LabelVolume & dense, const std::vector<Extent> & corners, const CutPlan & plan)
{
  std::vector<std::uint8_t> all;
  for (const auto & corner : corners)
    for (int label : CutBlock<std::uint16_t>(dense.labels, dense.geometry.extent, corner, plan.sampling.patch))
    {
      if (const auto merged = plan.mergeLabels.find(label); merged != plan.mergeLabels.end())
        label = merged->second;
      Require(label < plan.denseLabels && label < 256, Fault::Input, "the segmentation holds the label ", label, "; labels 0 to ",
              plan.denseLabels - 1, " are named (--denseNames)");
      all.push_back(static_cast<std::uint8_t>(label));
    }
  return all;
}

} // namespace

template <typename T>
std::vector<T> CutBlock(std::span<const T> voxels, Extent volume, Extent corner, Extent size)
{
  Require(corner.x >= 0 && corner.y >= 0 && corner.z >= 0 && corner.x + size.x <= volume.x && corner.y + size.y <= volume.y &&
            corner.z + size.z <= volume.z && voxels.size() == static_cast<std::size_t>(volume.Voxels()),
          Fault::Internal, "a block of ", ToText(size), " at ", ToText(corner), " leaves the volume of ", ToText(volume));
  std::vector<T> block(static_cast<std::size_t>(size.Voxels()));
  CopyBlock(voxels.data(), volume, corner, size, block.data());
  return block;
}
template std::vector<float>         CutBlock(std::span<const float>, Extent, Extent, Extent);
template std::vector<std::uint16_t> CutBlock(std::span<const std::uint16_t>, Extent, Extent, Extent);

IntensitySummary Summarise(const Volume & volume)
{
  auto         voxels = volume.AsFloat();
  const double count = double(voxels.size());
  double       sum = 0, squares = 0;
  for (const float v : voxels)
    sum += v;
  const double mean = sum / count;
  for (const float v : voxels)
    squares += (v - mean) * (v - mean);
  const auto percentile = [&](double share) {
    const auto at = voxels.begin() + static_cast<std::ptrdiff_t>(share * (count - 1));
    std::nth_element(voxels.begin(), at, voxels.end());
    return double(*at);
  };
  return { mean, std::sqrt(squares / count), percentile(0.005), percentile(0.995) };
}

CasePatches CutPatches(const Volume & volume, const LabelVolume * labels, const LabelVolume * dense, const CutPlan & plan,
                       std::mt19937_64 & random)
{
  if (labels)
    RequireSameGrid(volume.geometry, labels->geometry, "the volume", "the segmentation");
  if (dense)
    RequireSameGrid(volume.geometry, dense->geometry, "the volume", "the dense segmentation");
  const Extent      size = plan.sampling.patch;
  const auto        drawn = labels ? std::span<const std::uint16_t>(labels->labels) : std::span<const std::uint16_t>{};
  const auto        corners = SampleCorners(volume.geometry.extent, plan.sampling, drawn, random);
  CasePatches       patches;
  patches.corners = corners;
  patches.intensity = { Summarise(volume) };
  Require(patches.intensity.front().standardDeviation > 0, Fault::Input, "all voxels of the volume are equal");
  patches.sourceFingerprint = VoxelFingerprint(volume);
  CutImages(volume, corners, size, patches);
  if (dense)
    patches.segmentation = CutSegmentations(*dense, corners, plan);
  for (const auto & corner : corners)
  {
    patches.geometries.push_back(volume.geometry.Block(corner, size));
    const Extent c = CentreOf(corner, size), e = volume.geometry.extent;
    patches.classes.push_back(plan.classFromCentre ? drawn[static_cast<std::size_t>(c.x + e.x * (c.y + e.y * c.z))] : plan.caseClass);
  }
  return patches;
}

} // namespace serval
