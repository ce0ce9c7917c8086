#include "serval/Volume/Resample.h"

#include "Phantom.h"
#include "Support.h"
#include "serval/Volume/Orientation.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>

namespace serval
{
namespace
{

using support::ErrorText;
using support::ExpectHas;
using support::ObliqueGeometry;
using support::Ramp;

std::int64_t Nearest(double v) { return static_cast<std::int64_t>(std::floor(v + 0.5)); }

// f(place in the patient) at every voxel, as float.
template <typename F>
Volume Filled(const Geometry & geometry, const F & f)
{
  std::vector<float> voxels;
  for (std::int64_t z = 0; z < geometry.extent.z; ++z)
    for (std::int64_t y = 0; y < geometry.extent.y; ++y)
      for (std::int64_t x = 0; x < geometry.extent.x; ++x)
        voxels.push_back(static_cast<float>(f(geometry.PointAt(double(x), double(y), double(z)))));
  return { geometry, std::move(voxels), {} };
}

double Slope(const Point & p) { return 3 * p[0] - 2 * p[1] + 0.5 * p[2] - 100; }

Point CentreOfMass(const Volume & volume)
{
  const auto & g = volume.geometry;
  const auto   voxels = volume.AsFloat();
  Point        sum{};
  double       mass = 0;
  std::size_t  at = 0;
  for (std::int64_t z = 0; z < g.extent.z; ++z)
    for (std::int64_t y = 0; y < g.extent.y; ++y)
      for (std::int64_t x = 0; x < g.extent.x; ++x, ++at)
      {
        const Point p = g.PointAt(double(x), double(y), double(z));
        for (std::size_t axis = 0; axis < 3; ++axis)
          sum[axis] += voxels[at] * p[axis];
        mass += voxels[at];
      }
  return { sum[0] / mass, sum[1] / mass, sum[2] / mass };
}

TEST(Orientation, EveryCodeKeepsEveryVoxelAtItsPlace)
{
  const Volume volume = Ramp();
  for (const char * code : { "LPS", "RAS", "SLA", "IPR", "ASL", "PIR" })
  {
    const Volume turned = Reoriented(volume, code);
    EXPECT_EQ(OrientationCode(turned.geometry), code);
    const auto & old = std::get<std::vector<std::int16_t>>(volume.voxels);
    const auto & now = std::get<std::vector<std::int16_t>>(turned.voxels);
    std::map<std::int16_t, Point> place; // values of the ramp are unique
    const auto note = [&](const Geometry & g, const std::vector<std::int16_t> & voxels, const auto & act) {
      for (std::int64_t i = 0; i < g.extent.Voxels(); ++i)
        act(voxels[static_cast<std::size_t>(i)], g.PointAt(double(i % g.extent.x), double(i / g.extent.x % g.extent.y),
                                                           double(i / (g.extent.x * g.extent.y))));
    };
    note(volume.geometry, old, [&](std::int16_t v, const Point & p) { place[v] = p; });
    note(turned.geometry, now, [&](std::int16_t v, const Point & p) {
      ASSERT_TRUE(place.contains(v));
      for (std::size_t axis = 0; axis < 3; ++axis)
        EXPECT_NEAR(place[v][axis], p[axis], 1e-9) << code;
    });
    EXPECT_EQ(Reoriented(turned, OrientationCode(volume.geometry)).voxels, volume.voxels) << "and back";
  }
  ExpectHas(ErrorText([&] { Reoriented(volume, "LPR"); }, Fault::Usage), "LPR");
  ExpectHas(ErrorText([&] { Reoriented(volume, "XPS"); }, Fault::Usage), "XPS");
}

TEST(Resample, ARampIsExactOnAnObliqueGridInside)
{
  const Volume volume = Filled(ObliqueGeometry({ 15, 16, 17 }), Slope);
  Geometry     grid = GridWithSpacing(volume.geometry, { 0.5, 1.3, 1.9 });
  grid.origin[0] += 0.123; // off the old centres
  for (const auto interpolation : { Interpolation::Linear, Interpolation::BSpline })
  {
    const Volume found = ResampleTo(volume, grid, { interpolation, true, false });
    const auto & voxels = std::get<std::vector<float>>(found.voxels);
    const Volume truth = Filled(grid, Slope);
    const Extent e = grid.extent;
    const std::int64_t rim = interpolation == Interpolation::Linear ? 2 : 6; // the spline's mirrored border fades out
    double worst = 0;
    for (std::int64_t z = rim; z < e.z - rim; ++z)
      for (std::int64_t y = rim; y < e.y - rim; ++y)
        for (std::int64_t x = rim; x < e.x - rim; ++x)
        {
          const auto at = static_cast<std::size_t>(x + e.x * (y + e.y * z));
          worst = std::max(worst, std::abs(double(voxels[at]) - std::get<std::vector<float>>(truth.voxels)[at]));
        }
    EXPECT_LE(worst, interpolation == Interpolation::Linear ? 1e-3 : 2e-2);
  }
}

TEST(Resample, TheNewGridLiesInTheOldAboutItsCentre)
{
  const Geometry old = ObliqueGeometry({ 15, 16, 17 });
  const Geometry grid = GridWithSpacing(old, { 1, 1, 3 });
  EXPECT_EQ(grid.extent, (Extent{ 10, 17, 14 })); // 10.5, 17.6, 42.5 mm
  const Point a = old.PointAt(7, 7.5, 8), b = grid.PointAt(4.5, 8, 6.5);
  for (std::size_t axis = 0; axis < 3; ++axis)
    EXPECT_NEAR(a[axis], b[axis], 1e-9);
  EXPECT_EQ(GridWithSpacing(old, old.spacing).extent, old.extent);
  ExpectHas(ErrorText([&] { GridWithSpacing(old, { 1, 1, 30 }); }, Fault::Input), "no two voxels of 30 mm");
  ExpectHas(ErrorText([&] { GridWithSpacing(old, { 1, 0, 1 }); }, Fault::Usage), "0 mm");
}

TEST(Resample, ASphereKeepsItsPlaceAndItsMass)
{
  const Geometry fine = ObliqueGeometry({ 60, 50, 24 });
  const Point    centre = fine.PointAt(31.3, 23.8, 11.6);
  const Volume   sphere = Filled(fine, [&](const Point & p) {
    return std::hypot(p[0] - centre[0], p[1] - centre[1], p[2] - centre[2]) < 12 ? 1000 : 0;
  });
  const Point    before = CentreOfMass(sphere);
  for (const auto & spacing : { Spacing{ 2, 2, 2.5 }, Spacing{ 3, 3, 3 }, Spacing{ 1, 1, 1 } })
    for (const auto interpolation : { Interpolation::Linear, Interpolation::BSpline })
    {
      const Geometry grid = GridWithSpacing(fine, spacing);
      const Volume   found = ResampleTo(sphere, grid, { interpolation, false, true });
      const Point    after = CentreOfMass(found);
      const double   shift = std::hypot(after[0] - before[0], after[1] - before[1], after[2] - before[2]);
      EXPECT_LE(shift, 0.1 * SmallestSpacing(spacing));
      double mass = 0, old = 0;
      for (const float v : found.AsFloat())
        mass += v * spacing.x * spacing.y * spacing.z;
      for (const float v : sphere.AsFloat())
        old += v * fine.spacing.x * fine.spacing.y * fine.spacing.z;
      EXPECT_NEAR(mass / old, 1, 0.01);
    }
}

TEST(Resample, SmoothingTakesWhatTheCoarseGridCannotHold)
{
  const Geometry fine{ { 41, 41, 41 }, { 1, 1, 1 }, {}, Geometry().direction };
  const Volume   board = Filled(fine, [](const Point & p) { return Nearest(p[0]) % 2 ? 100 : -100; }); // beyond what 3 mm can show
  const auto     spread = [&](bool smooths) {
    const auto voxels = ResampleTo(board, GridWithSpacing(fine, { 3, 3, 3 }), { Interpolation::Linear, false, smooths }).AsFloat();
    float      largest = 0;
    for (const float v : voxels)
      largest = std::max(largest, std::abs(v));
    return largest;
  };
  EXPECT_GT(spread(false), 90);
  EXPECT_LT(spread(true), 10);
}

TEST(Resample, TheSigmaFollowsTheAxesOfTheOldGrid)
{
  const Geometry fine = ObliqueGeometry({ 20, 20, 20 });
  const auto     sigma = SmoothingSigma(fine, GridWithSpacing(fine, { 2, 1.1, 2 }));
  EXPECT_NEAR(sigma[0], std::sqrt(2.0 * 2 - 0.7 * 0.7) / 2.354820045, 1e-6);
  EXPECT_EQ(sigma[1], 0) << "as it was";
  EXPECT_EQ(sigma[2], 0) << "finer";
  const Geometry turned = Reoriented(Ramp(), "SLA").geometry;
  for (const double none : SmoothingSigma(ObliqueGeometry(), turned))
    EXPECT_NEAR(none, 0, 1e-6) << "turned axes are no larger voxels";
}

TEST(Resample, WholeNumbersStayWholeAndInTheirRange)
{
  Volume edge = Filled({ { 12, 13, 14 }, { 1, 1, 1 }, {}, Geometry().direction }, [](const Point & p) { return p[0] < 6 ? 0 : 255; });
  edge.voxels = [&] {
    const auto values = std::get<std::vector<float>>(edge.voxels);
    return std::vector<std::uint8_t>(values.begin(), values.end());
  }();
  const Volume found = ResampleTo(edge, GridWithSpacing(edge.geometry, { 0.7, 0.7, 0.7 }));
  const auto & voxels = std::get<std::vector<std::uint8_t>>(found.voxels); // a spline overshoots at an edge
  EXPECT_EQ(*std::max_element(voxels.begin(), voxels.end()), 255);
  EXPECT_EQ(*std::min_element(voxels.begin(), voxels.end()), 0);
  const Volume loose = ResampleTo(edge, found.geometry, { Interpolation::BSpline, false, true });
  const auto & floats = std::get<std::vector<float>>(loose.voxels);
  EXPECT_GT(*std::max_element(floats.begin(), floats.end()), 256);
}

TEST(Resample, OutsideLiesTheSmallestValueAndNoLabel)
{
  const Volume volume = Ramp();
  Geometry     grid = volume.geometry;
  grid.origin = grid.PointAt(-3, 0, 0);
  const Volume found = ResampleTo(volume, grid, { Interpolation::Linear });
  const auto & voxels = std::get<std::vector<std::int16_t>>(found.voxels);
  EXPECT_EQ(voxels[0], -300);
  EXPECT_EQ(voxels[4], -299) << "the old voxel 1";
  LabelVolume labels{ volume.geometry, std::vector<std::uint16_t>(210, 40000) };
  const auto  moved = ResampleTo(labels, grid);
  EXPECT_EQ(moved.labels[0], 0);
  EXPECT_EQ(moved.labels[4], 40000);
}

TEST(Resample, LabelsKeepTheirValuesAndTheirVolume)
{
  const Geometry fine = ObliqueGeometry({ 60, 50, 24 });
  const Point    centre = fine.PointAt(30, 25, 12);
  const auto     sphere = Filled(fine, [&](const Point & p) { return std::hypot(p[0] - centre[0], p[1] - centre[1], p[2] - centre[2]) < 12; });
  LabelVolume    labels{ fine, {} };
  for (const float v : sphere.AsFloat())
    labels.labels.push_back(v > 0 ? 517 : 0);
  const auto found = ResampleTo(labels, GridWithSpacing(fine, { 1, 1, 1 }));
  double     inside = 0;
  for (const auto label : found.labels)
  {
    ASSERT_TRUE(label == 0 || label == 517);
    inside += label == 517;
  }
  EXPECT_NEAR(inside / (4.0 / 3 * 3.14159265 * 12 * 12 * 12), 1, 0.02);
}

} // namespace
} // namespace serval
