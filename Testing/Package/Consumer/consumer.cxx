// consumer MANIFEST CACHE: reads a manifest, writes a patch cache of one patch and reads it again.
#include "serval/Cache/PatchCacheWriter.h"
#include "serval/Dataset/Manifest.h"

#include <iostream>

namespace
{
serval::CasePatches OnePatch(const serval::CacheDescription & description)
{
  serval::CasePatches patches;
  patches.caseId = patches.patient = "first";
  patches.sourceFingerprint = "none";
  patches.intensity.resize(1);
  patches.type = serval::PixelType::UInt8;
  patches.image.resize(static_cast<std::size_t>(description.patch.Voxels()));
  patches.classes = { 0 };
  patches.geometries.resize(1);
  patches.geometries[0].extent = description.patch;
  patches.corners.resize(1);
  return patches;
}
} // namespace

int main(int, char ** argv)
{
  const auto manifest = serval::Manifest::Read(argv[1]);

  serval::CacheDescription description;
  description.patch = { 2, 3, 4 };
  description.classNames = { "only" };
  serval::PatchCacheWriter writer(argv[2], description);
  writer.Add(OnePatch(description));
  writer.Commit();

  const serval::PatchCache cache(argv[2]);
  const auto               size = cache.Description().patch;
  std::cout << manifest.Cases().size() << " cases, " << cache.Patches().size() << " patch of " << size.x << " x " << size.y
            << " x " << size.z << '\n';
}
