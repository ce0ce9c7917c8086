#include "serval/Volume/Intensity.h"

#include "Phantom.h"
#include "Support.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <random>

namespace serval
{
namespace
{

using support::ErrorText;
using support::ExpectHas;
using support::ObliqueGeometry;

LabelVolume Everything(const Volume & volume) { return ForegroundMask(volume, Foreground::All); }

Volume FloatVolume(std::vector<float> voxels, Extent extent) { return { ObliqueGeometry(extent), std::move(voxels), {} }; }

// Two tissues and air, with noise; scaled and shifted as scanners do.
Volume Head(float scale, float shift, unsigned seed)
{
  const Extent                    extent{ 36, 40, 44 };
  std::mt19937                    random(seed);
  std::normal_distribution<float> noise(0, 2);
  std::vector<float>              voxels;
  for (std::int64_t z = 0; z < extent.z; ++z)
    for (std::int64_t y = 0; y < extent.y; ++y)
      for (std::int64_t x = 0; x < extent.x; ++x)
      {
        const double radius = std::hypot(x - 18, y - 20, z - 22);
        const float  tissue = radius > 17 ? 5 : radius > 12 ? 60 : 100;
        voxels.push_back(scale * (tissue + noise(random)) + shift);
      }
  return FloatVolume(std::move(voxels), extent);
}

TEST(Intensity, PercentilesAreThoseOfTheMask)
{
  Volume      volume = FloatVolume(std::vector<float>(210), { 5, 6, 7 });
  auto &      voxels = std::get<std::vector<float>>(volume.voxels);
  LabelVolume mask{ volume.geometry, std::vector<std::uint16_t>(210, 0) };
  for (std::size_t i = 0; i < 210; ++i)
    voxels[i] = i % 2 ? -5000 : 104 - static_cast<float>(i / 2); // 0..104 in the mask, falling
  for (std::size_t i = 0; i < 210; i += 2)
    mask.labels[i] = 7;
  const auto found = Percentiles(volume, mask, { 0, 50, 100, 25.5 });
  EXPECT_EQ(found, (std::vector<double>{ 0, 52, 104, 26.52 }));
  mask.labels.assign(210, 0);
  ExpectHas(ErrorText([&] { Percentiles(volume, mask, { 50 }); }, Fault::Input), "empty");
  ExpectHas(ErrorText([&] { Percentiles(volume, Everything(volume), { 101 }); }, Fault::Usage), "101");
}

TEST(Intensity, ClippingKeepsTheTypeAndWindowsReachFromZeroToOne)
{
  const Volume ramp = support::Ramp(); // -300 .. 354
  const Volume clipped = Clipped(ramp, { -100.5, 99.5 });
  const auto & voxels = std::get<std::vector<std::int16_t>>(clipped.voxels);
  EXPECT_EQ(*std::min_element(voxels.begin(), voxels.end()), -100);
  EXPECT_EQ(*std::max_element(voxels.begin(), voxels.end()), 99);
  const Volume window = Windowed(ramp, { -160, 240 });
  const auto & grey = std::get<std::vector<float>>(window.voxels);
  EXPECT_EQ(grey.front(), 0);
  EXPECT_EQ(grey.back(), 1);
  EXPECT_FLOAT_EQ(grey[2 * 30 + 1], (2 * 100 + 1 - 300 + 160) / 400.0F);
  ErrorText([&] { Windowed(ramp, { 10, 10 }); }, Fault::Usage);
  ErrorText([&] { Clipped(ramp, { 0.2, 0.8 }); }, Fault::Input);
}

TEST(Intensity, TheZScoreIsTakenInsideTheMask)
{
  const Volume      head = Head(3, 40, 1);
  const LabelVolume mask = ForegroundMask(head, Foreground::Mean);
  const Volume      scored = ZScored(head, mask);
  const auto &      voxels = std::get<std::vector<float>>(scored.voxels);
  double            sum = 0, squares = 0, count = 0;
  for (std::size_t i = 0; i < voxels.size(); ++i)
    if (mask.labels[i])
    {
      sum += voxels[i];
      squares += double(voxels[i]) * voxels[i];
      ++count;
    }
  EXPECT_NEAR(sum / count, 0, 1e-4);
  EXPECT_NEAR(squares / count, 1, 1e-4);
  EXPECT_LT(voxels[0], -2) << "air lies below the body";
  const Volume flat = FloatVolume(std::vector<float>(210, 3.0F), { 5, 6, 7 });
  ExpectHas(ErrorText([&] { ZScored(flat, Everything(flat)); }, Fault::Input), "all equal");
}

TEST(Intensity, TheForegroundIsTheBody)
{
  const Volume head = Head(1, 0, 2);
  const auto   count = [&](Foreground kind) {
    const auto mask = ForegroundMask(head, kind);
    return static_cast<double>(std::count(mask.labels.begin(), mask.labels.end(), 1));
  };
  EXPECT_EQ(count(Foreground::All), 36 * 40 * 44);
  EXPECT_NEAR(count(Foreground::Mean), 4.0 / 3 * 3.14159 * 17 * 17 * 17, 800);
  EXPECT_GT(count(Foreground::Positive), count(Foreground::Mean));
  Volume dark = head;
  dark.voxels = std::vector<float>(36 * 40 * 44, -1.0F);
  ExpectHas(ErrorText([&] { ForegroundMask(dark, Foreground::Positive); }, Fault::Input), "foreground is empty");
}

double MedianWithin(const Volume & volume, double from, double to)
{
  LabelVolume mask{ volume.geometry, {} };
  const auto  e = volume.geometry.extent;
  for (std::int64_t i = 0; i < e.Voxels(); ++i)
  {
    const double radius = std::hypot(double(i % e.x - 18), double(i / e.x % e.y - 20), double(i / (e.x * e.y) - 22));
    mask.labels.push_back(radius > from && radius < to);
  }
  return Percentiles(volume, mask, { 50 })[0];
}

TEST(Intensity, TheStandardScaleGivesATissueOneValueWhateverTheScanner)
{
  std::vector<std::vector<double>> landmarks;
  const IntensityStandard          empty;
  for (unsigned seed = 1; seed <= 3; ++seed)
  {
    const Volume head = Head(static_cast<float>(seed), 10.0F * static_cast<float>(seed), seed);
    landmarks.push_back(Percentiles(head, ForegroundMask(head, Foreground::Mean), empty.percentages));
  }
  const auto standard = FitStandard(landmarks);
  EXPECT_EQ(standard.values.front(), 0);
  EXPECT_DOUBLE_EQ(standard.values.back(), 100);
  const auto tissues = [&](float scale, float shift) {
    const Volume head = Head(scale, shift, 9);
    const Volume found = Standardised(head, ForegroundMask(head, Foreground::Mean), standard);
    return std::pair{ MedianWithin(found, 13, 16), MedianWithin(found, 0, 11) };
  };
  const auto a = tissues(1, 0), b = tissues(7, -30);
  EXPECT_NEAR(a.first, b.first, 0.5);
  EXPECT_NEAR(a.second, b.second, 0.5);
  EXPECT_GT(a.second - a.first, 50);
  ErrorText([] { FitStandard({}); }, Fault::Input);
}

TEST(Intensity, LandmarksThatCoincideDoNotDivideByZero)
{
  Volume volume = FloatVolume(std::vector<float>(210, 5.0F), { 5, 6, 7 });
  auto & voxels = std::get<std::vector<float>>(volume.voxels);
  std::iota(voxels.begin(), voxels.begin() + 10, 0.0F);
  voxels.back() = 50;
  voxels[100] = 40;
  voxels[101] = 41;
  voxels[102] = 42;
  IntensityStandard standard;
  standard.values = { 0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100 };
  const Volume found = Standardised(volume, Everything(volume), standard);
  for (const float v : std::get<std::vector<float>>(found.voxels))
    EXPECT_TRUE(std::isfinite(v));
}

TEST(Intensity, MatchingBringsTheQuantilesTogether)
{
  const Volume reference = Head(1, 0, 3), found = HistogramMatched(Head(4, 100, 4), reference);
  EXPECT_NEAR(MedianWithin(found, 0, 11), MedianWithin(reference, 0, 11), 2);
  EXPECT_NEAR(MedianWithin(found, 13, 16), MedianWithin(reference, 13, 16), 3);
}

TEST(Intensity, AKnownBiasFieldIsRemoved)
{
  Volume       head = Head(1, 0, 5);
  auto &       voxels = std::get<std::vector<float>>(head.voxels);
  const Extent e = head.geometry.extent;
  for (std::int64_t i = 0; i < e.Voxels(); ++i)
  {
    const double x = double(i % e.x) / double(e.x), z = double(i / (e.x * e.y)) / double(e.z);
    voxels[static_cast<std::size_t>(i)] *= static_cast<float>(0.7 + 0.5 * x + 0.3 * z * z);
  }
  const auto variation = [&](const Volume & volume) { // of one tissue
    const auto & v = std::get<std::vector<float>>(volume.voxels);
    double       sum = 0, squares = 0, count = 0;
    for (std::int64_t i = 0; i < e.Voxels(); ++i)
      if (std::hypot(double(i % e.x - 18), double(i / e.x % e.y - 20), double(i / (e.x * e.y) - 22)) < 11)
      {
        const double value = v[static_cast<std::size_t>(i)];
        sum += value;
        squares += value * value;
        ++count;
      }
    return std::sqrt(squares / count - sum * sum / count / count) / (sum / count);
  };
  const Volume corrected = BiasCorrected(head, ForegroundMask(head, Foreground::Mean), { .shrink = 2 });
  EXPECT_LT(variation(corrected), variation(head) / 2.5) << variation(head) << " before, " << variation(corrected) << " after";
  const Volume tiny = FloatVolume(std::vector<float>(210, 1.0F), { 5, 6, 7 });
  ExpectHas(ErrorText([&] { BiasCorrected(tiny, Everything(tiny)); }, Fault::Input), "at least 1000");
}

} // namespace
} // namespace serval
