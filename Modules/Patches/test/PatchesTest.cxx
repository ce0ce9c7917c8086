#include "serval/Core/Error.h"
#include "serval/Patches/CutPatches.h"

#include <gtest/gtest.h>

#include <cstring>
#include <set>

namespace serval
{
namespace
{

constexpr Extent volumeSize{ 15, 16, 17 };

// value = x + 100 y + 10000 z, oblique and anisotropic.
Volume Ramp()
{
  Volume volume;
  volume.geometry = { volumeSize, { 1, 2, 3 }, { 5, -6, 7 }, { 0.6, -0.8, 0, 0.8, 0.6, 0, 0, 0, 1 } };
  std::vector<float> voxels;
  for (std::int64_t z = 0; z < volumeSize.z; ++z)
    for (std::int64_t y = 0; y < volumeSize.y; ++y)
      for (std::int64_t x = 0; x < volumeSize.x; ++x)
        voxels.push_back(float(x + 100 * y + 10000 * z));
  volume.voxels = voxels;
  return volume;
}

// Label 1 in the lower half of z, 2 in the upper half, 0 at x < 4.
LabelVolume Halves()
{
  LabelVolume labels{ Ramp().geometry, {} };
  for (std::int64_t z = 0; z < volumeSize.z; ++z)
    for (std::int64_t y = 0; y < volumeSize.y; ++y)
      for (std::int64_t x = 0; x < volumeSize.x; ++x)
        labels.labels.push_back(x < 4 ? 0 : z < 8 ? 1 : 2);
  return labels;
}

CutPlan ClassPlan()
{
  CutPlan plan;
  plan.sampling.sampler = SamplingPlan::Sampler::Class;
  plan.sampling.patch = { 4, 5, 6 };
  plan.sampling.count = 7;
  plan.sampling.labels = 3;
  plan.denseLabels = 3;
  plan.classFromCentre = true;
  return plan;
}

std::string MessageOf(const CutPlan & plan, const LabelVolume & labels)
{
  std::mt19937_64 random(1);
  try
  {
    CutPatches(Ramp(), &labels, nullptr, plan, random);
  }
  catch (const Error & e)
  {
    EXPECT_EQ(e.Kind(), Fault::Input);
    return e.what();
  }
  return "no error";
}

TEST(CutBlock, KeepsTheAxesApart)
{
  const auto voxels = Ramp().AsFloat();
  const auto block = CutBlock<float>(voxels, volumeSize, { 1, 2, 3 }, { 2, 3, 4 });
  EXPECT_FLOAT_EQ(block.front(), 1 + 200 + 30000);
  EXPECT_FLOAT_EQ(block[1], 2 + 200 + 30000);
  EXPECT_FLOAT_EQ(block[2], 1 + 300 + 30000);
  EXPECT_FLOAT_EQ(block.back(), 2 + 400 + 60000);
  EXPECT_THROW(CutBlock<float>(voxels, volumeSize, { 14, 0, 0 }, { 2, 1, 1 }), Error);
}

TEST(CutPatches, QuotasAreExactAndClassesAreThoseOfTheCentres)
{
  std::mt19937_64 random(1);
  const auto      labels = Halves();
  const auto      patches = CutPatches(Ramp(), &labels, &labels, ClassPlan(), random);
  ASSERT_EQ(patches.Count(), 21U);
  std::multiset<int> classes(patches.classes.begin(), patches.classes.end());
  for (int c = 0; c < 3; ++c)
    EXPECT_EQ(classes.count(c), 7U);
  std::set<std::int64_t> places;
  for (std::size_t n = 0; n < patches.Count(); ++n)
  {
    const Extent corner = patches.corners[n], centre = CentreOf(corner, { 4, 5, 6 });
    EXPECT_EQ(patches.classes[n], centre.x < 4 ? 0 : centre.z < 8 ? 1 : 2);
    EXPECT_LE(corner.x + 4, volumeSize.x);
    EXPECT_LE(corner.z + 6, volumeSize.z);
    float first = 0;
    std::memcpy(&first, patches.image.data() + n * 4 * 5 * 6 * sizeof(float), sizeof(float));
    EXPECT_FLOAT_EQ(first, float(corner.x + 100 * corner.y + 10000 * corner.z));
    const Point expected = Ramp().geometry.PointAt(double(corner.x), double(corner.y), double(corner.z));
    EXPECT_NEAR(patches.geometries[n].origin[1], expected[1], 1e-9);
    places.insert(corner.x + 100 * corner.y + 10000 * corner.z);
  }
  EXPECT_EQ(places.size(), 21U); // no patch twice
}

TEST(CutPatches, TheSameSeedGivesTheSamePatches)
{
  const auto      labels = Halves();
  std::mt19937_64 a(5), b(5), c(6);
  const auto      first = CutPatches(Ramp(), &labels, nullptr, ClassPlan(), a);
  EXPECT_EQ(first.image, CutPatches(Ramp(), &labels, nullptr, ClassPlan(), b).image);
  EXPECT_NE(first.image, CutPatches(Ramp(), &labels, nullptr, ClassPlan(), c).image);
}

TEST(CutPatches, LabelsMergeInTheDenseSegmentation)
{
  auto plan = ClassPlan();
  plan.mergeLabels = { { 2, 1 } };
  plan.denseLabels = 2;
  std::mt19937_64 random(1);
  const auto      labels = Halves();
  const auto      patches = CutPatches(Ramp(), &labels, &labels, plan, random);
  EXPECT_EQ(*std::max_element(patches.segmentation.begin(), patches.segmentation.end()), 1);
  plan.mergeLabels.clear();
  EXPECT_THROW(CutPatches(Ramp(), &labels, &labels, plan, random), Error);
}

TEST(SampleCorners, TheGridCoversAndStaysInside)
{
  SamplingPlan plan;
  plan.sampler = SamplingPlan::Sampler::Grid;
  plan.patch = { 5, 8, 17 };
  plan.stride = { 5, 8, 17 };
  std::mt19937_64 random(1);
  EXPECT_EQ(SampleCorners(volumeSize, plan, {}, random).size(), 3U * 2 * 1);
}

TEST(SampleCorners, UniformReachesBothEnds)
{
  SamplingPlan plan;
  plan.patch = { 13, 16, 17 };
  plan.count = 3;
  std::mt19937_64        random(1);
  std::set<std::int64_t> found;
  for (const auto corner : SampleCorners(volumeSize, plan, {}, random))
    found.insert(corner.x);
  EXPECT_EQ(found, (std::set<std::int64_t>{ 0, 1, 2 }));
}

TEST(SampleCorners, ShortfallsAreAnsweredAsAsked)
{
  auto        plan = ClassPlan();
  LabelVolume labels = Halves();
  for (auto & label : labels.labels)
    label = label == 2 ? 1 : label; // no voxel of label 2 is left
  EXPECT_NE(MessageOf(plan, labels).find("only 0 of 7"), std::string::npos);
  std::mt19937_64 random(1);
  plan.sampling.shortfall = SamplingPlan::Shortfall::Fewer;
  EXPECT_EQ(CutPatches(Ramp(), &labels, nullptr, plan, random).Count(), 14U);
  plan.sampling.shortfall = SamplingPlan::Shortfall::Skip;
  EXPECT_EQ(CutPatches(Ramp(), &labels, nullptr, plan, random).Count(), 0U);
}

TEST(CutPatches, BadInputIsNamed)
{
  auto plan = ClassPlan();
  auto labels = Halves();
  plan.sampling.patch = { 16, 5, 6 };
  EXPECT_NE(MessageOf(plan, labels).find("16x5x6 voxels is larger than the volume of 15x16x17"), std::string::npos);
  plan = ClassPlan();
  labels.geometry.origin[2] += 9;
  EXPECT_NE(MessageOf(plan, labels).find("mm"), std::string::npos);
  labels = Halves();
  std::fill(labels.labels.begin(), labels.labels.end(), std::uint16_t{ 0 });
  EXPECT_NE(MessageOf(plan, labels).find("segmentation is empty"), std::string::npos);
}

} // namespace
} // namespace serval
