#pragma once
// Patients whose patches have a bright slab: what the tests of training learn from.

#include "serval/Cache/PatchCacheWriter.h"
#include "serval/Training/Learning.h"

#include "serval/Core/Error.h"
#include "serval/Core/Random.h"

#include "Support.h"

#include <gtest/gtest.h>

#include <cstring>
#include <memory>

namespace serval
{

// 8^3 patches of noise with a bright slab: low z is class 0, high z class 1; the slab is the segmentation.
inline CasePatches Slabs(int patient, std::mt19937_64 & random)
{
  constexpr int size = 8, count = 12;
  CasePatches   c;
  c.caseId = c.patient = "p" + std::to_string(patient);
  c.sourceFingerprint = c.caseId;
  c.intensity = { { 0, 1, -3, 3 } };
  std::vector<float> voxels;
  for (int n = 0; n < count; ++n)
  {
    const int side = n % 2;
    for (int i = 0; i < size * size * size; ++i)
    {
      const int  z = i / (size * size);
      const bool slab = side == 0 ? z < 3 : z >= 5;
      voxels.push_back(float(Uniform01(random)) + (slab ? 1.5F : 0.0F));
      c.segmentation.push_back(slab ? 1 : 0);
    }
    c.classes.push_back(side);
    c.corners.push_back({ n, 0, 0 });
    c.geometries.push_back({ { size, size, size }, {}, {}, {} });
  }
  c.image.resize(voxels.size() * sizeof(float));
  std::memcpy(c.image.data(), voxels.data(), c.image.size());
  return c;
}

class Training : public testing::Test
{
protected:
  support::TemporaryFolder    folder;
  std::unique_ptr<PatchCache> cache;
  std::vector<std::size_t>    train, test;

  void SetUp() override
  {
    CacheDescription d;
    d.patch = { 8, 8, 8 };
    d.classNames = { "low", "high" };
    d.segmentationNames = { "noise", "slab" };
    d.segmentationKind = "pseudo-labels";
    std::mt19937_64  random(3);
    PatchCacheWriter writer(folder / "t.cache", d);
    for (int patient = 0; patient < 6; ++patient)
      writer.Add(Slabs(patient, random));
    writer.Commit();
    cache = std::make_unique<PatchCache>(folder / "t.cache");
    train = cache->PatchesOf({ "p0", "p1", "p2" });
    test = cache->PatchesOf({ "p3", "p4", "p5" });
  }

  TrainRequest Classification() const
  {
    TrainRequest request;
    request.network.filters = 4;
    request.network.depth = 2;
    request.network.classes = 2;
    request.network.attachment = NetworkSpec::Attachment::Decoder1;
    request.patches = train;
    request.steps = 40;
    request.batch = 12;
    request.learningRate = 3e-3;
    request.computing.device = "cpu";
    return request;
  }

  TrainRequest Segmentation() const
  {
    TrainRequest request = Classification();
    request.task = TrainRequest::Task::Segmentation;
    request.network.classes = 0;
    request.network.attachment = NetworkSpec::Attachment::None;
    request.network.segmentationClasses = 2;
    return request;
  }

  ModelFile Model(const TrainRequest & request, const TrainResult & result) const
  {
    ModelFile model;
    model.network = request.network;
    model.patch = { 8, 8, 8 };
    model.arrays = result.arrays;
    return model;
  }
};

} // namespace serval
