#include "Phantoms.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

namespace serval
{
namespace
{

using Sampler = SamplingPlan::Sampler;

std::int64_t NumberOf(const Extent & e)
{
  return e.x + 100 * e.y + 10000 * e.z;
}

SamplingField Field(const Extent & volume, const Reach & reach, PatchShape::Border border = PatchShape::Border::Inside)
{
  return { volume, reach, border, {} };
}

// Upper 0.1 % point of the chi-square distribution (Wilson and Hilferty 1931).
double ChiSquareLimit(double degrees)
{
  const double part = 2.0 / (9 * degrees);
  return degrees * std::pow(1 - part + 3.0902 * std::sqrt(part), 3);
}

// Chi-square of how often each admissible place is drawn, over many seeds.
double ChiSquare(const SamplingField & field, const SamplingPlan & plan, std::size_t places)
{
  std::map<std::int64_t, double> counts;
  double                         drawn = 0;
  for (unsigned seed = 0; seed < 4000; ++seed)
  {
    std::mt19937_64 random(seed);
    for (const auto & place : SamplePlaces(field, plan, random))
    {
      ++counts[NumberOf(place)];
      ++drawn;
    }
  }
  EXPECT_EQ(counts.size(), places);
  const double expected = drawn / double(places);
  double       sum = 0;
  for (const auto & [place, count] : counts)
    sum += (count - expected) * (count - expected) / expected;
  return sum;
}

TEST(SamplePlaces, EveryAdmissiblePlaceIsEquallyLikely)
{
  SamplingPlan plan;
  plan.count = 3;
  const auto inside = Field({ 7, 6, 8 }, { { 2, 1, 2 }, { 1, 1, 2 } }); // 4 x 4 x 4 places
  EXPECT_LT(ChiSquare(inside, plan, 64), ChiSquareLimit(63));
  const auto padded = Field({ 5, 4, 3 }, { { 2, 1, 2 }, { 1, 1, 2 } }, PatchShape::Border::Pad);
  EXPECT_LT(ChiSquare(padded, plan, 60), ChiSquareLimit(59));
}

TEST(SamplePlaces, EveryVoxelOfALabelIsEquallyLikely)
{
  std::vector<std::uint16_t> labels(7 * 6 * 8, 0);
  for (std::size_t i = 0; i < labels.size(); ++i)
    labels[i] = i % 5 == 0 ? 1 : 0;
  auto field = Field({ 7, 6, 8 }, { { 1, 1, 1 }, { 1, 1, 1 } });
  field.labels = labels;
  SamplingPlan plan;
  plan.sampler = Sampler::Foreground;
  plan.count = 2;
  std::size_t inside = 0;
  for (std::size_t i = 0; i < labels.size(); i += 5)
    inside += i % 7 > 0 && i % 7 < 6 && i / 7 % 6 > 0 && i / 7 % 6 < 5 && i / 42 > 0 && i / 42 < 7;
  EXPECT_LT(ChiSquare(field, plan, inside), ChiSquareLimit(double(inside - 1)));
}

TEST(SamplePlaces, TheTestOfEqualLikelihoodCanFail)
{
  SamplingPlan plan;
  plan.count = 1;
  auto            field = Field({ 7, 6, 8 }, { { 2, 1, 2 }, { 1, 1, 2 } });
  std::mt19937_64 coin(1);
  field.accept = [&](Extent voxel) { return voxel.x > 2 || coin() % 10 < 7; }; // a border avoided three times in ten
  EXPECT_GT(ChiSquare(field, plan, 64), ChiSquareLimit(63));
}

TEST(SamplePlaces, AllPlacesAreFoundOnce)
{
  SamplingPlan plan;
  plan.count = 1000;
  plan.shortfall = SamplingPlan::Shortfall::Fewer;
  std::mt19937_64        random(1);
  std::set<std::int64_t> found;
  const auto             places = SamplePlaces(Field({ 7, 6, 8 }, { { 2, 1, 2 }, { 1, 1, 2 } }), plan, random);
  for (const auto & place : places)
    found.insert(NumberOf(place));
  EXPECT_EQ(places.size(), 64U);
  EXPECT_EQ(found.size(), 64U);
  EXPECT_EQ(*found.begin(), NumberOf({ 2, 1, 2 }));
  EXPECT_EQ(*found.rbegin(), NumberOf({ 5, 4, 5 }));
}

TEST(SamplePlaces, QuotasOfLabelsAreExact)
{
  const auto labels = phantom::Halves();
  auto       field = Field(phantom::size, { { 2, 2, 3 }, { 1, 2, 2 } });
  field.labels = labels.labels;
  SamplingPlan plan;
  plan.sampler = Sampler::Weighted;
  plan.count = 17;
  plan.weights = { 1, 0, 4 };
  std::mt19937_64    random(1);
  std::map<int, int> counts;
  for (const auto & p : SamplePlaces(field, plan, random))
    ++counts[p.x < 4 ? 0 : p.z < 8 ? 1 : 2];
  EXPECT_EQ(counts, (std::map<int, int>{ { 0, 3 }, { 2, 14 } })); // 3.4 and 13.6
}

TEST(SamplePlaces, PurityIsTheShareOfTheCentresLabel)
{
  const auto labels = phantom::Halves();
  auto       field = Field(phantom::size, { { 2, 2, 2 }, { 2, 2, 2 } });
  field.labels = labels.labels;
  SamplingPlan plan;
  plan.sampler = Sampler::Class;
  plan.labels = 3;
  plan.count = 1000;
  plan.purity = 0.9;
  plan.shortfall = SamplingPlan::Shortfall::Fewer;
  std::mt19937_64 random(1);
  for (const auto & p : SamplePlaces(field, plan, random))
  {
    EXPECT_TRUE(p.x <= 2 || p.x >= 6) << p.x; // of 5 columns, 4 are 0.8
    EXPECT_TRUE(p.x < 4 || p.z <= 5 || p.z >= 10) << p.z;
  }
}

TEST(SamplePlaces, TheGridCoversWithOverlapAndPadding)
{
  SamplingPlan plan;
  plan.sampler = Sampler::Grid;
  std::mt19937_64 random(1);
  const Reach     reach{ { 2, 4, 8 }, { 2, 3, 8 } }; // 5 x 8 x 17
  EXPECT_EQ(SamplePlaces(Field(phantom::size, reach), plan, random).size(), 3U * 2 * 1);
  plan.overlap = 0.5; // steps 3 (of 2.5), 4, 9
  EXPECT_EQ(SamplePlaces(Field(phantom::size, reach), plan, random).size(), 4U * 3 * 1);
  plan.overlap = 0;
  plan.stride = { 10, 8, 17 };
  EXPECT_EQ(SamplePlaces(Field(phantom::size, reach), plan, random).size(), 2U * 2 * 1);
  plan.stride = { 6, 6, 6 };
  const auto padded = SamplePlaces(Field(phantom::size, reach, PatchShape::Border::Pad), plan, random);
  EXPECT_EQ(padded.size(), 3U * 3 * 1); // corners 0 6 12, 0 6 12, 0
}

TEST(SamplePlaces, HomogeneousPlacesAreReplacedByOthers)
{
  SamplingPlan plan;
  plan.count = 20;
  auto field = Field({ 7, 6, 8 }, { { 1, 1, 1 }, { 1, 1, 1 } });
  int  asked = 0;
  field.accept = [&](Extent voxel) {
    ++asked;
    return voxel.x % 2 == 0;
  };
  std::mt19937_64 random(1);
  const auto      places = SamplePlaces(field, plan, random);
  EXPECT_EQ(places.size(), 20U);
  EXPECT_GT(asked, 20);
  EXPECT_TRUE(std::all_of(places.begin(), places.end(), [](Extent p) { return p.x % 2 == 0; }));
}

TEST(SamplePlaces, ShortfallsAreAnsweredAsAsked)
{
  SamplingPlan plan;
  plan.count = 65;
  const auto      field = Field({ 7, 6, 8 }, { { 2, 1, 2 }, { 1, 1, 2 } });
  std::mt19937_64 random(1);
  EXPECT_NE(phantom::MessageOf(Fault::Input, [&] { SamplePlaces(field, plan, random); }).find("only 64 of 65"),
            std::string::npos);
  plan.shortfall = SamplingPlan::Shortfall::Skip;
  EXPECT_TRUE(SamplePlaces(field, plan, random).empty());
  const auto tooLarge = Field({ 7, 2, 8 }, { { 2, 1, 2 }, { 1, 1, 2 } });
  EXPECT_NE(phantom::MessageOf(Fault::Input, [&] { SamplePlaces(tooLarge, plan, random); })
              .find("4x3x5 voxels is larger than the volume of 7x2x8"),
            std::string::npos);
}

TEST(SamplingPlan, ContradictionsAreNamed)
{
  SamplingPlan plan;
  plan.overlap = 1;
  EXPECT_NE(phantom::MessageOf(Fault::Usage, [&] { plan.Check(); }).find("--overlap"), std::string::npos);
  plan = {};
  plan.weights = { 1, 2 };
  EXPECT_NE(phantom::MessageOf(Fault::Usage, [&] { plan.Check(); }).find("--sampler weighted"), std::string::npos);
  plan.sampler = Sampler::Weighted;
  plan.weights = { 0, std::nan("") };
  EXPECT_NE(phantom::MessageOf(Fault::Usage, [&] { plan.Check(); }).find("--weights"), std::string::npos);
  EXPECT_NE(
    phantom::MessageOf(Fault::Usage, [] { SamplerFrom("grit"); }).find("'grit' is unknown; there are: grid, uniform"),
    std::string::npos);
}

} // namespace
} // namespace serval
