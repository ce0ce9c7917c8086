#include "serval/Volume/DicomFolder.h"

#include "DicomPhantom.h"
#include "Phantom.h"
#include "Support.h"
#include "serval/Core/Text.h"

#include <gtest/gtest.h>

namespace serval
{
namespace
{

using support::ErrorText;
using support::PlanesOf;
using support::WriteShuffled;

// Blurred balls whose centres (mm, LPS) are known, in -1000 of air; the edges are softer than a voxel, so that
// intensity-weighted centres are right to a small part of one.
struct Balls
{
  Geometry           geometry;
  std::vector<Point> centres;
  double             radius = 9;

  double At(const Point & p) const
  {
    double value = -1000;
    for (const auto & c : centres)
    {
      const double distance = std::hypot(p[0] - c[0], p[1] - c[1], p[2] - c[2]);
      value += 1500 / (1 + std::exp((distance - radius) / 1.0));
    }
    return value;
  }
};

Balls TwoBalls()
{
  Balls balls{ support::ObliqueGeometry({ 50, 67, 24 }), {} };
  balls.geometry.spacing = { 1.1, 0.9, 2.5 };
  balls.centres = { balls.geometry.PointAt(15, 30, 8), balls.geometry.PointAt(34, 36, 14) };
  return balls;
}

// Planes of the object as it is, at the places that `at` gives (mm along the normal and down the columns).
std::vector<support::DicomPlane> Scan(const Balls & balls, const std::vector<std::array<double, 2>> & at)
{
  std::vector<support::DicomPlane> planes;
  for (const auto & [along, down] : at)
  {
    Geometry slice = balls.geometry;
    slice.extent.z = 1;
    slice.origin = balls.geometry.PointAt(0, down / slice.spacing.y, along / slice.spacing.z);
    std::vector<std::int16_t> voxels;
    for (std::int64_t y = 0; y < slice.extent.y; ++y)
      for (std::int64_t x = 0; x < slice.extent.x; ++x)
        voxels.push_back(static_cast<std::int16_t>(
          std::lround(balls.At(slice.PointAt(static_cast<double>(x), static_cast<double>(y), 0)))));
    planes.push_back(PlanesOf({ slice, voxels, {} }).front());
  }
  return planes;
}

std::vector<std::array<double, 2>> Places(int slices, double step, double tilt)
{
  std::vector<std::array<double, 2>> at;
  for (int i = 0; i < slices; ++i)
    at.push_back({ i * step, i * step * std::tan(tilt * std::acos(-1) / 180) });
  return at;
}

// The centre of intensity (above air) within `reach` mm of a point.
Point CentreNear(const Volume & volume, const Point & near, double reach)
{
  const auto & g = volume.geometry;
  const auto   voxels = volume.AsFloat();
  Point        sum{};
  double       weight = 0;
  for (std::int64_t i = 0; i < g.extent.Voxels(); ++i)
  {
    const Point p = g.PointAt(static_cast<double>(i % g.extent.x), static_cast<double>(i / g.extent.x % g.extent.y),
                              static_cast<double>(i / (g.extent.x * g.extent.y)));
    const double w = voxels[static_cast<std::size_t>(i)] + 1000;
    if (std::hypot(p[0] - near[0], p[1] - near[1], p[2] - near[2]) > reach)
      continue;
    weight += w;
    for (std::size_t axis = 0; axis < 3; ++axis)
      sum[axis] += w * p[axis];
  }
  return { sum[0] / weight, sum[1] / weight, sum[2] / weight };
}

class RepairedDicom : public testing::Test
{
protected:
  support::TemporaryFolder folder;
  Balls                    balls = TwoBalls();

  SeriesRecord Only() const
  {
    auto all = ListDicomFolder(folder.Path()).series;
    EXPECT_EQ(all.size(), 1U);
    return all.at(0);
  }
  std::string Refusal(bool isRepaired) const
  {
    return ErrorText([&] { ReadVolume(folder.Path(), { .repair = { isRepaired } }); }, Fault::Input);
  }
  void ExpectTrueCentres(const Volume & volume) const
  {
    for (const auto & centre : balls.centres)
    {
      const Point  found = CentreNear(volume, centre, 13);
      const double distance = std::hypot(found[0] - centre[0], found[1] - centre[1], found[2] - centre[2]);
      EXPECT_LE(distance, 0.5 * SmallestSpacing(volume.geometry.spacing)) << "half a voxel";
    }
  }
};

TEST_F(RepairedDicom, ATiltedSeriesIsRefusedThenStoodUpright)
{
  for (const double tilt : { -18.5, 12.0 })
  {
    const support::TemporaryFolder own;
    WriteShuffled(Scan(balls, Places(24, 2.5, tilt)), own.Path());
    const std::string text = ErrorText([&] { ReadVolume(own.Path()); }, Fault::Input);
    EXPECT_NE(text.find("gantry-tilt: " + FormatFixed(tilt, 2) + " degrees"), std::string::npos) << text;
    const Volume volume = ReadVolume(own.Path(), { .repair = { true } });
    ExpectTrueCentres(volume);
    EXPECT_EQ(volume.geometry.extent.x, 50);
    EXPECT_GT(volume.geometry.extent.y, 67 + 10);
    EXPECT_NEAR(volume.geometry.spacing.z, 2.5, 1e-4);
    ASSERT_EQ(volume.changes.size(), 1U);
    EXPECT_NE(volume.changes[0].find("gantry-tilt"), std::string::npos) << volume.changes[0];
  }
}

TEST_F(RepairedDicom, TheTiltIsNotRepairedByChance)
{ // the same planes stacked without being moved back put the balls more than a voxel away
  WriteShuffled(Scan(balls, Places(24, 2.5, -18.5)), folder.Path());
  Volume volume = ReadVolume(folder.Path(), { .repair = { true } });
  volume.geometry.origin = balls.geometry.PointAt(0, 0, 0);
  const Point  found = CentreNear(volume, balls.centres[1], 13);
  const double distance = std::hypot(found[0] - balls.centres[1][0], found[1] - balls.centres[1][1], found[2] - balls.centres[1][2]);
  EXPECT_GT(distance, 1);
}

TEST_F(RepairedDicom, AMissingSliceIsInterpolatedAndTheOthersAreKept)
{
  auto at = Places(24, 2.5, 0);
  at.erase(at.begin() + 8);
  const auto planes = Scan(balls, at);
  WriteShuffled(planes, folder.Path());
  EXPECT_NE(Refusal(false).find("missing-slice: 1 slice"), std::string::npos);
  const Volume volume = ReadVolume(folder.Path(), { .repair = { true } });
  EXPECT_EQ(volume.geometry.extent, (Extent{ 50, 67, 24 }));
  ExpectTrueCentres(volume);
  const auto & voxels = std::get<std::vector<std::int16_t>>(volume.voxels);
  EXPECT_TRUE(std::equal(planes[8].stored.begin(), planes[8].stored.end(), voxels.begin() + 9 * 50 * 67)) << "the slice behind the gap";
  EXPECT_EQ(voxels[8 * 50 * 67 + 700], std::lround((planes[7].stored[700] + planes[8].stored[700]) / 2.0));
}

TEST_F(RepairedDicom, AGapAboveTheLimitIsRefused)
{
  auto at = Places(24, 2.5, 0);
  at.erase(at.begin() + 8, at.begin() + 10);
  WriteShuffled(Scan(balls, at), folder.Path());
  EXPECT_NE(Refusal(true).find("more than 2.5 times the usual 2.500 mm"), std::string::npos) << Refusal(true);
  const Volume volume = ReadVolume(folder.Path(), { .repair = { true, 3 } });
  EXPECT_EQ(volume.geometry.extent.z, 24);
  EXPECT_EQ(volume.changes.size(), 1U);
}

TEST_F(RepairedDicom, UnevenSlicesAreResampled)
{
  auto at = Places(24, 2.5, 0);
  for (std::size_t i = 3; i < 20; i += 3)
    at[i][0] += i % 2 ? 0.6 : -0.7;
  WriteShuffled(Scan(balls, at), folder.Path());
  EXPECT_NE(Refusal(false).find("uneven-spacing: "), std::string::npos);
  ExpectTrueCentres(ReadVolume(folder.Path(), { .repair = { true } }));
}

TEST_F(RepairedDicom, EqualDoublesAreDroppedAndDifferentOnesAreRefused)
{
  auto planes = Scan(balls, Places(24, 2.5, 0));
  planes.push_back(planes[5]);
  WriteShuffled(planes, folder.Path());
  EXPECT_NE(Refusal(false).find("duplicate-position: 1 slice"), std::string::npos);
  const Volume volume = ReadVolume(folder.Path(), { .repair = { true } });
  EXPECT_EQ(volume.geometry.extent, (Extent{ 50, 67, 24 }));
  EXPECT_EQ(volume.AsFloat()[5 * 50 * 67 + 99], planes[5].stored[99]);
  planes.back().stored[99] += 1;
  WriteShuffled(planes, folder.Path());
  EXPECT_NE(Refusal(true).find("have different pixels"), std::string::npos);
}

TEST_F(RepairedDicom, TwoOrientationsAreRefusedThenOneIsKept)
{
  WriteShuffled(Scan(balls, Places(24, 2.5, 0)), folder.Path());
  Balls turned = balls;
  turned.geometry.direction = { 1, 0, 0, 0, 1, 0, 0, 0, 1 };
  WriteShuffled(Scan(turned, Places(1, 2.5, 0)), folder.Path(), "g");
  const std::string text = Refusal(false);
  EXPECT_NE(text.find("mixed-orientation: the series also holds 1 slice turned by"), std::string::npos) << text;
  const Volume volume = ReadVolume(folder.Path(), { .repair = { true } });
  EXPECT_EQ(volume.geometry.extent.z, 24);
  EXPECT_NE(volume.changes.at(0).find("mixed-orientation"), std::string::npos);
}

TEST_F(RepairedDicom, RescaleInSomeSlicesOnlyIsNeverRepaired)
{
  auto planes = Scan(balls, Places(24, 2.5, 0));
  planes[3].slope = planes[3].intercept = "";
  WriteShuffled(planes, folder.Path());
  for (const bool isRepaired : { false, true })
    EXPECT_NE(Refusal(isRepaired).find("partial-rescale: RescaleSlope and RescaleIntercept stand in 23 of 24 slices"), std::string::npos);
}

TEST_F(RepairedDicom, ARegularSeriesIsLeftAlone)
{
  WriteShuffled(Scan(balls, Places(24, 2.5, 0)), folder.Path());
  const Volume plain = ReadVolume(folder.Path()), repaired = ReadVolume(folder.Path(), { .repair = { true } });
  EXPECT_EQ(plain.voxels, repaired.voxels);
  EXPECT_EQ(plain.geometry.origin, repaired.geometry.origin);
  EXPECT_TRUE(repaired.changes.empty());
}

} // namespace
} // namespace serval
