#include "Phantoms.h"
#include "serval/Patches/Intensity.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <set>

namespace serval
{
namespace
{

using phantom::Cut;
using phantom::VoxelsOf;
using Plane = PatchShape::Plane;

ExtractionPlan ClassPlan()
{
  ExtractionPlan plan;
  plan.shape.size = { 4, 5, 6 };
  plan.sampling.sampler = SamplingPlan::Sampler::Class;
  plan.sampling.count = 7;
  plan.sampling.labels = 3;
  plan.classFrom = ExtractionPlan::ClassSource::Centre;
  plan.classNames = { "outside", "lower", "upper" };
  return plan;
}

ExtractionPlan UniformPlan(const Extent & size, int count)
{
  ExtractionPlan plan;
  plan.shape.size = size;
  plan.sampling.count = count;
  plan.classFrom = ExtractionPlan::ClassSource::None;
  return plan;
}

CaseImages Labelled()
{
  return { { phantom::Ramp<std::int16_t>() }, phantom::Halves(), {}, {}, -1 };
}

CaseImages DenselyLabelled()
{
  return { { phantom::Ramp<std::int16_t>() }, phantom::Halves(), phantom::Halves(), {}, -1 };
}

TEST(CutPatches, QuotasAreExactAndClassesAreThoseOfTheCentres)
{
  auto plan = ClassPlan();
  plan.dense = ExtractionPlan::LabelColumn::Segmentation;
  plan.denseNames = plan.classNames;
  const auto patches = Cut(DenselyLabelled(), plan);
  ASSERT_EQ(patches.Count(), 21U);
  EXPECT_EQ(patches.type, PixelType::Int16);
  std::multiset<int> classes(patches.classes.begin(), patches.classes.end());
  for (int c = 0; c < 3; ++c)
    EXPECT_EQ(classes.count(c), 7U);
  const auto voxels = VoxelsOf<std::int16_t>(patches);
  for (std::size_t n = 0; n < patches.Count(); ++n)
  {
    const Extent corner = patches.corners[n], centre{ corner.x + 2, corner.y + 2, corner.z + 3 };
    EXPECT_EQ(patches.classes[n], centre.x < 4 ? 0 : centre.z < 8 ? 1 : 2);
    EXPECT_EQ(patches.segmentation[n * 120 + 2 + 4 * (2 + 5 * 3)], patches.classes[n]);
    EXPECT_EQ(voxels[n * 120], corner.x + 20 * corner.y + 400 * corner.z - 1000);
    EXPECT_EQ(voxels[n * 120 + 119] - voxels[n * 120], 3 + 20 * 4 + 400 * 5);
    const Point expected = phantom::Oblique().PointAt(double(corner.x), double(corner.y), double(corner.z));
    EXPECT_NEAR(patches.geometries[n].origin[1], expected[1], 1e-9);
  }
}

TEST(CutPatches, TheSameSeedGivesTheSamePatches)
{
  const auto first = Cut(Labelled(), ClassPlan(), 5);
  EXPECT_EQ(first.image, Cut(Labelled(), ClassPlan(), 5).image);
  EXPECT_NE(first.image, Cut(Labelled(), ClassPlan(), 6).image);
}

// Whatever the plane, a voxel's value is the field at the point where the patch's geometry puts it.
TEST(CutPatches, EveryCopiedPlaneKnowsWhereItLies)
{
  const Geometry sagittal{ { 12, 13, 9 }, { 0.5, 0.75, 3 }, { 40, 50, -60 }, { 0, 0, -1, -1, 0, 0, 0, 1, 0 } };
  for (const auto & geometry : { sagittal, phantom::Oblique() })
    for (const auto plane :
         { Plane::None, Plane::X, Plane::Y, Plane::Z, Plane::Axial, Plane::Coronal, Plane::Sagittal })
    {
      auto plan = UniformPlan({ 4, 5, 1 }, 3);
      plan.shape.plane = plane;
      const auto patches = Cut({ { phantom::Field(geometry) }, {}, {}, {}, -1 }, plan);
      const auto voxels = VoxelsOf<float>(patches);
      for (std::size_t n = 0; n < 3; ++n)
        for (std::size_t i = 0; i < 20; ++i)
          EXPECT_NEAR(voxels[n * 20 + i],
                      phantom::FieldAt(patches.geometries[n].PointAt(double(i % 4), double(i / 4), 0)), 1e-3)
            << static_cast<int>(plane);
    }
}

TEST(CutPatches, ResampledAndOrientedPatchesKnowWhereTheyLie)
{
  const Geometry geometry{ { 40, 41, 42 }, { 1, 1.25, 1.5 }, { 5, -6, 7 }, { 0.6, -0.8, 0, 0.8, 0.6, 0, 0, 0, 1 } };
  for (const auto interpolation : { PatchShape::Interpolation::Linear, PatchShape::Interpolation::BSpline })
    for (const Point & along : { Point{ 0, 0, 1 }, Point{ 1, -2, 3 }, Point{ -1, 0.2, 0 } })
    {
      auto plan = UniformPlan({ 6, 5, 4 }, 1);
      plan.sampling.sampler = SamplingPlan::Sampler::Candidates;
      plan.shape.spacing = { 1, 1, 1.5 };
      plan.shape.direction = along;
      plan.shape.interpolation = interpolation;
      const Candidate middle{ { 19.3, 20.1, 20.8 }, Coordinates::Index, "", "", {} };
      const auto      patches = Cut({ { phantom::Field(geometry) }, {}, {}, { middle }, -1 }, plan);
      const auto      voxels = VoxelsOf<float>(patches);
      for (std::size_t i = 0; i < 120; ++i)
      {
        const auto point = patches.geometries[0].PointAt(double(i % 6), double(i / 6 % 5), double(i / 30));
        EXPECT_NEAR(voxels[i], phantom::FieldAt(point), 0.05);
      }
    }
}

TEST(CutPatches, ScalesShareTheirCentre)
{
  const Geometry geometry{ { 60, 60, 60 }, { 1, 1, 1 }, { 0, 0, 0 }, { 1, 0, 0, 0, 1, 0, 0, 0, 1 } };
  auto           plan = UniformPlan({ 8, 8, 8 }, 1);
  plan.sampling.sampler = SamplingPlan::Sampler::Candidates;
  plan.shape.scales = { 8, 16, 32 };
  CaseImages images{ { phantom::Field(geometry) }, {}, {}, {}, -1 };
  for (const double at : { 28.0, 29.5, 31.25 })
    images.candidates.push_back({ { at, 30, 60 - at }, Coordinates::Index, "", "", {} });
  const auto channels = Cut(images, plan);
  ASSERT_EQ(channels.Count(), 3U);
  const auto voxels = VoxelsOf<float>(channels);
  ASSERT_EQ(voxels.size(), 3U * 3 * 512);
  const auto meanOf = [&](std::size_t first) {
    return std::accumulate(voxels.begin() + long(first), voxels.begin() + long(first) + 512, 0.0) / 512;
  };
  for (std::size_t n = 0; n < 3; ++n)
  {
    EXPECT_NEAR(meanOf(n * 1536), meanOf(n * 1536 + 512), 0.05); // of a linear field: the value at the centre
    EXPECT_NEAR(meanOf(n * 1536), meanOf(n * 1536 + 1024), 0.05);
    EXPECT_NEAR(voxels[n * 1536 + 1] - voxels[n * 1536], 2, 1e-3); // one voxel to the left is 1, 2, 4 mm
    EXPECT_NEAR(voxels[n * 1536 + 1025] - voxels[n * 1536 + 1024], 8, 0.05);
  }
  plan.shape.scalesAs = PatchShape::Scales::Patches;
  const auto patches = Cut(images, plan);
  ASSERT_EQ(patches.Count(), 9U);
  EXPECT_EQ(patches.image, channels.image);
  EXPECT_EQ(patches.geometries[1].spacing, (Spacing{ 2, 2, 2 }));
}

// A checkerboard of single voxels is the worst case: without smoothing, every second voxel would give all or nothing.
TEST(CutPatches, FinePatternsAreSmoothedBeforeTheyAreThinnedOut)
{
  const Geometry     geometry{ { 48, 48, 48 }, { 1, 1, 1 }, { 0, 0, 0 }, { 1, 0, 0, 0, 1, 0, 0, 0, 1 } };
  std::vector<float> voxels;
  for (int i = 0; i < 48 * 48 * 48; ++i)
    voxels.push_back((i + i / 48 + i / 2304) % 2 ? 1000.0F : 0.0F);
  auto plan = UniformPlan({ 8, 8, 8 }, 4);
  plan.shape.spacing = { 4, 4, 4 };
  const auto patches = Cut({ { { geometry, voxels, "" } }, {}, {}, {}, -1 }, plan);
  for (const float v : VoxelsOf<float>(patches))
    EXPECT_NEAR(v, 500, 5);
}

TEST(CutPatches, TheThreePlanesCrossInTheCentre)
{
  auto plan = UniformPlan({ 5, 7, 1 }, 6);
  plan.shape.plane = Plane::Orthogonal;
  const auto patches = Cut({ { phantom::Ramp<std::int16_t>() }, {}, {}, {}, -1 }, plan);
  const auto voxels = VoxelsOf<std::int16_t>(patches);
  ASSERT_EQ(voxels.size(), 6U * 3 * 35);
  for (std::size_t n = 0; n < 6; ++n)
    for (std::size_t plane = 1; plane < 3; ++plane)
      EXPECT_EQ(voxels[(3 * n + plane) * 35 + 2 + 5 * 3], voxels[3 * n * 35 + 2 + 5 * 3]);
}

TEST(CutPatches, PaddingIsAsStated)
{
  auto plan = UniformPlan({ 31, 33, 35 }, 1); // larger than the volume to all sides
  plan.shape.border = PatchShape::Border::Pad;
  plan.shape.padValue = -1024;
  const auto constant = Cut({ { phantom::Ramp<std::int16_t>() }, {}, {}, {}, -1 }, plan);
  plan.shape.padding = PatchShape::Padding::Edge;
  const auto  edge = Cut({ { phantom::Ramp<std::int16_t>() }, {}, {}, {}, -1 }, plan);
  const auto  c = VoxelsOf<std::int16_t>(constant), e = VoxelsOf<std::int16_t>(edge);
  const auto  corner = constant.corners[0], size = phantom::size;
  std::size_t n = 0, inside = 0;
  for (std::int64_t z = corner.z; z < corner.z + 35; ++z)
    for (std::int64_t y = corner.y; y < corner.y + 33; ++y)
      for (std::int64_t x = corner.x; x < corner.x + 31; ++x, ++n)
      {
        const Extent at{ std::clamp<std::int64_t>(x, 0, size.x - 1), std::clamp<std::int64_t>(y, 0, size.y - 1),
                         std::clamp<std::int64_t>(z, 0, size.z - 1) };
        const bool   isInside = at == Extent{ x, y, z };
        const auto   value = at.x + 20 * at.y + 400 * at.z - 1000;
        inside += isInside;
        ASSERT_EQ(e[n], value);
        ASSERT_EQ(c[n], isInside ? value : -1024);
      }
  EXPECT_GT(inside, 1000U);
}

// Bright everywhere, padded with black: no value in between, whatever the interpolation.
TEST(CutPatches, InterpolationDoesNotMixThePaddingIn)
{
  auto   volume = phantom::Ramp<std::int16_t>();
  auto & voxels = std::get<std::vector<std::int16_t>>(volume.voxels);
  for (auto & voxel : voxels)
    voxel = std::int16_t(1000 + (&voxel - voxels.data()) % 2);
  for (const auto interpolation : { PatchShape::Interpolation::Linear, PatchShape::Interpolation::BSpline })
  {
    auto plan = UniformPlan({ 20, 20, 20 }, 2);
    plan.shape.spacing = { 1, 1, 1 };
    plan.shape.direction = Point{ 1, 2, -2 };
    plan.shape.interpolation = interpolation;
    plan.shape.border = PatchShape::Border::Pad;
    plan.shape.padValue = -1024;
    std::size_t outside = 0;
    const auto  patches = Cut({ { volume }, {}, {}, {}, -1 }, plan);
    for (const auto value : VoxelsOf<std::int16_t>(patches))
    {
      outside += value == -1024;
      EXPECT_TRUE(value == -1024 || (value >= 998 && value <= 1003)) << value;
    }
    EXPECT_GT(outside, 100U);
    EXPECT_LT(outside, 15900U);
  }
}

TEST(CutPatches, CandidatesBringTheirIdsClassesAndDirections)
{
  ExtractionPlan plan = UniformPlan({ 3, 3, 3 }, 1);
  plan.sampling.sampler = SamplingPlan::Sampler::Candidates;
  plan.classFrom = ExtractionPlan::ClassSource::Candidate;
  plan.classNames = { "vessel", "nodule" };
  const auto grid = phantom::Oblique();
  const auto at = [&](double x, double y, double z) { return grid.PointAt(x, y, z); };
  CaseImages images{ { phantom::Ramp<std::int16_t>() },
                     {},
                     {},
                     { { at(5, 6, 7), Coordinates::Lps, "n1", "nodule", {} },
                       { { 8.2, 2.1, 3 }, Coordinates::Index, "", "vessel", {} } },
                     -1 };
  const auto patches = Cut(images, plan);
  ASSERT_EQ(patches.Count(), 2U);
  EXPECT_EQ(patches.classes, (std::vector<int>{ 1, 0 }));
  EXPECT_EQ(patches.candidates, (std::vector<std::string>{ "n1", "2" }));
  EXPECT_EQ(VoxelsOf<std::int16_t>(patches)[13], 5 + 20 * 6 + 400 * 7 - 1000);
  EXPECT_EQ(VoxelsOf<std::int16_t>(patches)[27 + 13], 8 + 20 * 2 + 400 * 3 - 1000);

  images.candidates[0].position = at(0, 6, 7); // its patch would leave the volume
  EXPECT_NE(phantom::MessageOf(Fault::Input, [&] { Cut(images, plan); }).find("only 1 of 2"), std::string::npos);
  plan.sampling.shortfall = SamplingPlan::Shortfall::Fewer;
  EXPECT_EQ(Cut(images, plan).Count(), 1U);
  plan.shape.border = PatchShape::Border::Pad;
  EXPECT_EQ(Cut(images, plan).Count(), 2U);
  images.candidates[0].position = at(-3, 6, 7);
  EXPECT_NE(phantom::MessageOf(Fault::Input, [&] { Cut(images, plan); }).find("candidate n1 lies at voxel -3x6x7"),
            std::string::npos);
  images.candidates[0] = { at(5, 6, 7), Coordinates::Lps, "n1", "cyst", {} };
  EXPECT_NE(phantom::MessageOf(Fault::Input, [&] { Cut(images, plan); }).find("'cyst'"), std::string::npos);
}

TEST(CutPatches, ChannelsShareOneGridAndOneType)
{
  auto       plan = UniformPlan({ 4, 5, 6 }, 2);
  CaseImages images{ { phantom::Ramp<std::int16_t>(), phantom::Ramp<std::uint8_t>() }, {}, {}, {}, -1 };
  const auto patches = Cut(images, plan);
  EXPECT_EQ(patches.type, PixelType::Int16);
  EXPECT_EQ(VoxelsOf<std::int16_t>(patches).size(), 2U * 2 * 120);
  EXPECT_EQ(std::uint8_t(VoxelsOf<std::int16_t>(patches)[0]), VoxelsOf<std::int16_t>(patches)[120]);
  images.channels[1] = phantom::Ramp<std::uint16_t>();
  EXPECT_EQ(Cut(images, plan).type, PixelType::Float32);
  images.channels[1].geometry.origin[0] += 0.5;
  EXPECT_NE(phantom::MessageOf(Fault::Input, [&] { Cut(images, plan); }).find("mm"), std::string::npos);
}

TEST(CutPatches, HomogeneousPatchesAreCountedAndLeftOut)
{
  auto   volume = phantom::Ramp<std::int16_t>();
  auto & voxels = std::get<std::vector<std::int16_t>>(volume.voxels);
  std::fill(voxels.begin(), voxels.begin() + 15 * 16 * 9, std::int16_t{ 7 });
  auto plan = UniformPlan({ 3, 3, 3 }, 40);
  plan.sampling.minimumDeviation = 1;
  CutCounts       counts;
  std::mt19937_64 random(1);
  CaseImages      images{ { volume }, {}, {}, {}, -1 };
  const auto      patches = CutPatches(images, plan, random, counts);
  EXPECT_EQ(patches.Count(), 40U);
  EXPECT_GT(counts.homogeneous, 5U);
  for (const auto & corner : patches.corners)
    EXPECT_GE(corner.z, 7);
}

TEST(CutPatches, LabelsMergeInTheDenseSegmentation)
{
  auto plan = ClassPlan();
  plan.dense = ExtractionPlan::LabelColumn::Segmentation;
  plan.mergeLabels = { { 2, 1 } };
  plan.denseNames = { "outside", "inside" };
  const auto patches = Cut(DenselyLabelled(), plan);
  EXPECT_EQ(*std::max_element(patches.segmentation.begin(), patches.segmentation.end()), 1);
  plan.mergeLabels.clear();
  EXPECT_NE(phantom::MessageOf(Fault::Input, [&] { Cut(DenselyLabelled(), plan); }).find("holds the label 2"),
            std::string::npos);
}

TEST(CutPatches, BadInputIsNamed)
{
  auto plan = ClassPlan();
  auto images = Labelled();
  plan.shape.size = { 16, 5, 6 };
  EXPECT_NE(phantom::MessageOf(Fault::Input, [&] { Cut(images, plan); })
              .find("16x5x6 voxels is larger than the volume of 15x16x17"),
            std::string::npos);
  plan = ClassPlan();
  images.labels->geometry.origin[2] += 9;
  EXPECT_NE(phantom::MessageOf(Fault::Input, [&] { Cut(images, plan); }).find("mm"), std::string::npos);
  images = Labelled();
  images.labels =
    LabelVolume{ phantom::Oblique(), std::vector<std::uint16_t>(static_cast<std::size_t>(phantom::size.Voxels())) };
  EXPECT_NE(phantom::MessageOf(Fault::Input, [&] { Cut(images, plan); }).find("segmentation is empty"),
            std::string::npos);
}

// Against sorting.
template <typename T>
void ExpectSummary(const std::vector<T> & voxels)
{
  const Extent extent{ std::int64_t(voxels.size()), 1, 1 };
  const auto   summary = Summarise({ { extent, {}, {}, {} }, voxels, "" });
  auto         sorted = voxels;
  std::sort(sorted.begin(), sorted.end());
  double sum = 0, squares = 0;
  for (const T v : voxels)
    sum += double(v);
  const double mean = sum / double(voxels.size());
  for (const T v : voxels)
    squares += (double(v) - mean) * (double(v) - mean);
  EXPECT_NEAR(summary.mean, mean, 1e-9 * std::abs(mean) + 1e-9);
  EXPECT_NEAR(summary.standardDeviation, std::sqrt(squares / double(voxels.size())), 1e-9 * std::abs(mean) + 1e-6);
  EXPECT_EQ(summary.low, double(sorted[static_cast<std::size_t>(0.005 * double(sorted.size() - 1))]));
  EXPECT_EQ(summary.high, double(sorted[static_cast<std::size_t>(0.995 * double(sorted.size() - 1))]));
}

TEST(Summarise, PercentilesAreExact)
{
  std::mt19937_64            random(3);
  std::vector<std::int16_t>  signed16;
  std::vector<std::uint16_t> unsigned16;
  std::vector<std::uint8_t>  unsigned8;
  std::vector<float>         floats;
  for (int i = 0; i < 5003; ++i)
  {
    signed16.push_back(static_cast<std::int16_t>(random()));
    unsigned16.push_back(static_cast<std::uint16_t>(random()));
    unsigned8.push_back(static_cast<std::uint8_t>(random()));
    floats.push_back(float(std::int64_t(random() % 2000001) - 1000000) * 1e-3F);
  }
  ExpectSummary(signed16);
  ExpectSummary(unsigned16);
  ExpectSummary(unsigned8);
  ExpectSummary(floats);
  ExpectSummary(std::vector<std::int16_t>{ -32768, 32767, 0 });
  ExpectSummary(std::vector<float>{ -1.5F });
}

} // namespace
} // namespace serval
