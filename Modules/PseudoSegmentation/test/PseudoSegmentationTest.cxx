#include "serval/PseudoSegmentation/PseudoSegmentation.h"

#include "Support.h"
#include "serval/Core/Error.h"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <limits>
#include <random>

namespace serval
{
namespace
{

using support::ErrorText;

constexpr Extent chest{ 70, 60, 9 };

std::size_t At(std::int64_t x, std::int64_t y, std::int64_t z)
{
  return static_cast<std::size_t>(x + chest.x * (y + chest.y * z));
}

bool IsIn(double x, double y, double cx, double cy, double rx, double ry)
{
  return std::pow((x - cx) / rx, 2) + std::pow((y - cy) / ry, 2) <= 1;
}

enum Label : std::uint16_t
{
  Outside,
  Air,
  Soft,
  Bone
};

// A thorax with two lungs (vessels in them), a spine, a table below, a blanket fold, padding in the corners.
Label TruthAt(std::int64_t x, std::int64_t y)
{
  if (!IsIn(double(x), double(y), 35, 27, 28, 18))
    return Outside;
  if (IsIn(double(x), double(y), 35, 38, 4, 4))
    return Bone;
  if (x == 22 && y == 25)
    return Soft;
  return IsIn(double(x), double(y), 22, 25, 6, 7) || IsIn(double(x), double(y), 48, 25, 6, 7) ? Air : Soft;
}

Volume ChestPhantom()
{
  std::mt19937                    random(1);
  std::normal_distribution<float> noise(0, 15);
  std::vector<std::int16_t>       voxels(static_cast<std::size_t>(chest.Voxels()));
  for (std::int64_t z = 0; z < chest.z; ++z)
    for (std::int64_t y = 0; y < chest.y; ++y)
      for (std::int64_t x = 0; x < chest.x; ++x)
      {
        const Label label = TruthAt(x, y);
        float       value = label == Bone ? 700.0F : label == Soft ? 40.0F : label == Air ? -820.0F : -1000.0F;
        if (y == 48 || y == 49) // the table, 2 voxels thick, touching both edges and harder than bone
          value = 900;
        if (label == Outside && !IsIn(double(x), double(y), 35, 30, 46, 41))
          value = -3024;
        voxels[At(x, y, z)] = static_cast<std::int16_t>(value == -3024 ? value : value + noise(random));
      }
  return { { chest, { 1.5, 1.5, 2.5 }, { -50, 20, 7 }, { 0, 0, 1, 1, 0, 0, 0, 1, 0 } }, std::move(voxels), "CT" };
}

// Intensities that vary evenly within `classes` bands, far apart.
Volume BandsPhantom(int classes)
{
  const Extent       extent{ 25, 26, 27 };
  std::vector<float> voxels;
  std::mt19937       random(5);
  for (std::int64_t i = 0; i < extent.Voxels(); ++i)
    voxels.push_back(static_cast<float>(i % classes * 1000 + static_cast<int>(random() % 100)));
  return { { extent, { 1, 1, 2 }, {}, { 1, 0, 0, 0, 1, 0, 0, 0, 1 } }, std::move(voxels), "MR" };
}

TEST(Segment, FindsTheBodyWithoutTableAndOutsideAir)
{
  const auto result = Segment(ChestPhantom(), NamedThresholdRecipe("ct-air-soft-bone"));
  EXPECT_EQ(result.verdict, Verdict::Ok) << result.reason;
  std::size_t wrong = 0;
  for (std::int64_t z = 0; z < chest.z; ++z)
    for (std::int64_t y = 0; y < chest.y; ++y)
      for (std::int64_t x = 0; x < chest.x; ++x)
      {
        const auto label = result.labels.labels[At(x, y, z)];
        wrong += label != TruthAt(x, y);
        const bool isFar = y >= 48 || x == 0 || x == chest.x - 1 || y == 0;
        ASSERT_TRUE(!isFar || label == Outside) << x << ' ' << y << ' ' << z;
      }
  EXPECT_LE(wrong, 0.01 * double(chest.Voxels()));
  EXPECT_EQ(result.classes[3].name, "bone");
  EXPECT_EQ(result.labels.geometry.spacing.z, 2.5);
}

TEST(Segment, MultiOtsuPartsWellPartedBands)
{
  for (int classes = 2; classes <= 5; ++classes)
  {
    ThresholdRecipe recipe;
    recipe.method = ThresholdMethod::MultiOtsu;
    recipe.classes = classes;
    const Volume volume = BandsPhantom(classes);
    const auto   result = Segment(volume, recipe);
    EXPECT_EQ(result.verdict, Verdict::Ok) << result.reason;
    for (std::size_t i = 0; i < result.labels.labels.size(); ++i)
      ASSERT_EQ(result.labels.labels[i], i % static_cast<std::size_t>(classes));
  }
}

TEST(Segment, CountsAndMillilitresAddUp)
{
  const auto    result = Segment(BandsPhantom(3), NamedThresholdRecipe("mr-tissue"));
  std::uint64_t voxels = 0;
  for (const auto & entry : result.classes)
  {
    voxels += entry.voxels;
    EXPECT_DOUBLE_EQ(entry.milliliters, static_cast<double>(entry.voxels) * 2 / 1000);
  }
  EXPECT_EQ(voxels, 25U * 26 * 27);
  EXPECT_EQ(result.thresholds.size(), 2U);
}

TEST(Segment, EqualVoxelsOfAnyTypeGiveEqualLabels)
{
  Volume                    volume = ChestPhantom();
  const auto                shorts = std::get<std::vector<std::int16_t>>(volume.voxels);
  const ThresholdRecipe     recipe = NamedThresholdRecipe("ct-contrast");
  const auto                expected = Segment(volume, recipe).labels.labels;
  volume.voxels = volume.AsFloat();
  EXPECT_EQ(Segment(volume, recipe).labels.labels, expected);
}

TEST(Segment, AVoxelAtTheThresholdBelongsAbove)
{
  Volume volume{ { { 2, 2, 2 }, {}, {}, { 1, 0, 0, 0, 1, 0, 0, 0, 1 } },
                 std::vector<std::int16_t>{ -301, -300, -299, 0, 199, 200, 201, 500 }, {} };
  ThresholdRecipe recipe;
  recipe.method = ThresholdMethod::Fixed;
  recipe.thresholds = { -300, 200 };
  EXPECT_EQ(Segment(volume, recipe).labels.labels, (std::vector<std::uint16_t>{ 0, 1, 1, 1, 1, 2, 2, 2 }));
}

TEST(Segment, PercentilesShareTheVoxels)
{
  ThresholdRecipe recipe;
  recipe.method = ThresholdMethod::Percentile;
  recipe.percentiles = { 25, 90 };
  std::vector<float> voxels;
  std::mt19937       random(2);
  for (int i = 0; i < 20 * 21 * 22; ++i)
    voxels.push_back(std::uniform_real_distribution<float>(-7, 5)(random));
  const auto result = Segment({ { { 20, 21, 22 }, {}, {}, { 1, 0, 0, 0, 1, 0, 0, 0, 1 } }, voxels, {} }, recipe);
  EXPECT_NEAR(static_cast<double>(result.classes[0].voxels), 0.25 * 9240, 30);
  EXPECT_NEAR(static_cast<double>(result.classes[2].voxels), 0.10 * 9240, 30);
}

TEST(Segment, ForegroundIsCleanedAsAsked)
{
  const Extent              extent{ 15, 16, 17 };
  std::vector<std::uint8_t> voxels(static_cast<std::size_t>(extent.Voxels()), 10);
  const auto                at = [&](int x, int y, int z) { return static_cast<std::size_t>(x + 15 * (y + 16 * z)); };
  for (int z = 3; z < 10; ++z)
    for (int y = 3; y < 10; ++y)
      for (int x = 3; x < 10; ++x)
        voxels[at(x, y, z)] = 200;
  voxels[at(5, 6, 7)] = 10;  // a hole
  voxels[at(13, 14, 15)] = voxels[at(13, 13, 15)] = 200; // a speck of 2 voxels, 6 mm^3
  const Volume    volume{ { extent, { 1, 1, 3 }, {}, { 1, 0, 0, 0, 1, 0, 0, 0, 1 } }, voxels, "MR" };
  ThresholdRecipe recipe;
  EXPECT_EQ(Segment(volume, recipe).classes[1].voxels, 7U * 7 * 7 + 1);
  recipe.minimumSize = 6.5;
  EXPECT_EQ(Segment(volume, recipe).classes[1].voxels, 7U * 7 * 7 - 1);
  recipe.minimumSize = 5.5;
  EXPECT_EQ(Segment(volume, recipe).classes[1].voxels, 7U * 7 * 7 + 1);
  EXPECT_EQ(Segment(volume, NamedThresholdRecipe("mr-foreground")).classes[1].voxels, 7U * 7 * 7);
}

TEST(Gate, EmptyFullAndUnstableAreTold)
{
  ThresholdRecipe recipe;
  recipe.method = ThresholdMethod::Fixed;
  recipe.thresholds = { 1e6 };
  const auto empty = Segment(BandsPhantom(2), recipe);
  EXPECT_EQ(empty.verdict, Verdict::Empty);
  EXPECT_NE(empty.reason.find("label 1 (class 1) has 0 voxels"), std::string::npos) << empty.reason;
  recipe.thresholds = { -1 };
  EXPECT_EQ(Segment(BandsPhantom(2), recipe).verdict, Verdict::Full);
  recipe.thresholds = { 45 }; // within the lower band, which is 5 % of the range wide
  recipe.limits.unstableShare = 0.1;
  const auto unstable = Segment(BandsPhantom(2), recipe);
  EXPECT_EQ(unstable.verdict, Verdict::Unstable) << unstable.changed;
  recipe.limits.unstableShare = 1;
  EXPECT_EQ(Segment(BandsPhantom(2), recipe).verdict, Verdict::Ok);
}

TEST(Gate, ACtWithoutABodyIsEmpty)
{
  Volume volume = ChestPhantom();
  volume.voxels = std::vector<std::int16_t>(static_cast<std::size_t>(chest.Voxels()), -1000);
  EXPECT_EQ(Segment(volume, NamedThresholdRecipe("ct-air-soft-bone")).verdict, Verdict::Empty);
}

// The table of this scanner lies below the body as an arc brighter than 200 HU; lungs end inside the field of view.
TEST(RealCt, NoAirAtTheEdgeAndNoTableAmongTheBones)
{
  const std::filesystem::path series = SERVAL_SOURCE_DIRECTORY "/Data/ct-dicom-lidc/LIDC-IDRI-0001";
  if (!std::filesystem::is_directory(series))
    GTEST_SKIP() << series << " is not there";
  const Volume volume = ReadVolume(series);
  const auto   result = Segment(volume, NamedThresholdRecipe("ct-air-soft-bone"));
  EXPECT_EQ(result.verdict, Verdict::Ok) << result.reason;
  EXPECT_NEAR(result.classes[Air].milliliters, 915, 30);
  const auto & voxels = std::get<std::vector<std::int16_t>>(volume.voxels);
  std::size_t  table = 0;
  for (std::size_t i = 0; i < voxels.size(); ++i)
  {
    const std::size_t x = i % 512, y = i / 512 % 512;
    const bool        isEdge = x == 0 || x == 511 || y == 0 || y == 511;
    ASSERT_FALSE(isEdge && result.labels.labels[i] == Air) << x << ' ' << y;
    table += y >= 445 && voxels[i] >= 200;
    ASSERT_FALSE(y >= 445 && result.labels.labels[i] != Outside) << x << ' ' << y;
  }
  EXPECT_GT(table, 1000U) << "there is a bright table to be told from bone";
}

TEST(Segment, ContradictionsAreRefused)
{
  const Volume    volume = BandsPhantom(2);
  ThresholdRecipe recipe;
  recipe.method = ThresholdMethod::Fixed;
  ErrorText([&] { Segment(volume, recipe); }, Fault::Usage);
  recipe.thresholds = { 5, 5 };
  ErrorText([&] { Segment(volume, recipe); }, Fault::Usage);
  recipe.thresholds = { std::numeric_limits<double>::quiet_NaN() };
  ErrorText([&] { Segment(volume, recipe); }, Fault::Usage);
  recipe.method = ThresholdMethod::Percentile;
  recipe.percentiles = { 50, 100 };
  ErrorText([&] { Segment(volume, recipe); }, Fault::Usage);
  recipe.method = ThresholdMethod::MultiOtsu;
  recipe.classes = 9;
  ErrorText([&] { Segment(volume, recipe); }, Fault::Usage);
  ErrorText([&] { NamedThresholdRecipe("ct"); }, Fault::Usage);
  const auto text = ErrorText([&] { Segment(volume, NamedThresholdRecipe("ct-contrast")); }, Fault::Input);
  EXPECT_NE(text.find("made for CT, but the volume is MR"), std::string::npos) << text;
}

TEST(Segment, OneIntensityHasNoClasses)
{
  Volume volume = BandsPhantom(2);
  volume.voxels = std::vector<float>(25 * 26 * 27, 42.0F);
  const auto text = ErrorText([&] { Segment(volume, NamedThresholdRecipe("mr-tissue")); }, Fault::Input);
  EXPECT_NE(text.find("42"), std::string::npos) << text;
}

} // namespace
} // namespace serval
