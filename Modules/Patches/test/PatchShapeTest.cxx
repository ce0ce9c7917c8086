#include "Phantoms.h"

#include <gtest/gtest.h>

namespace serval
{
namespace
{

using phantom::Cross;
using phantom::Dot;

// Stored as a RAS sagittal series: index x to anterior, y to superior, z to the right.
Geometry SagittalGrid()
{
  return { { 12, 13, 9 }, { 0.5, 0.75, 3 }, { 40, 50, -60 }, { 0, 0, -1, -1, 0, 0, 0, 1, 0 } };
}

PatchView Only(const PatchShape & shape, const Geometry & volume)
{
  return ViewsOf(shape, volume).front().front();
}

Point ColumnOf(const PatchView & view, std::size_t c)
{
  return { view.frame[c], view.frame[3 + c], view.frame[6 + c] };
}

TEST(PatchShape, AnatomicalPlanesAreFoundInAnyStorage)
{
  PatchShape shape;
  shape.size = { 3, 5, 1 };
  shape.plane = PatchShape::Plane::Axial;
  EXPECT_EQ(ColumnOf(Only(shape, SagittalGrid()), 0), (Point{ 1, 0, 0 }));
  EXPECT_EQ(ColumnOf(Only(shape, SagittalGrid()), 1), (Point{ 0, 1, 0 }));
  shape.plane = PatchShape::Plane::Coronal;
  EXPECT_EQ(ColumnOf(Only(shape, SagittalGrid()), 0), (Point{ 1, 0, 0 }));
  EXPECT_EQ(ColumnOf(Only(shape, SagittalGrid()), 1), (Point{ 0, 0, -1 }));
  EXPECT_EQ(Only(shape, SagittalGrid()).spacing, (Spacing{ 3, 0.75, 0.5 }));
  shape.plane = PatchShape::Plane::Sagittal;
  EXPECT_EQ(ColumnOf(Only(shape, SagittalGrid()), 0), (Point{ 0, 1, 0 }));
  EXPECT_EQ(ColumnOf(Only(shape, SagittalGrid()), 1), (Point{ 0, 0, -1 }));
}

// A determinant of the volume's sign.
TEST(PatchShape, NoPlaneMirrorsTheBody)
{
  using Plane = PatchShape::Plane;
  PatchShape shape;
  shape.size = { 3, 5, 1 };
  for (const auto & volume : { SagittalGrid(), phantom::Oblique() })
    for (const auto plane : { Plane::X, Plane::Y, Plane::Z, Plane::Axial, Plane::Coronal, Plane::Sagittal })
    {
      shape.plane = plane;
      const auto & d = volume.direction;
      const double handed = Dot(Cross({ d[0], d[3], d[6] }, { d[1], d[4], d[7] }), { d[2], d[5], d[8] });
      const auto   view = Only(shape, volume);
      EXPECT_NEAR(Dot(Cross(ColumnOf(view, 0), ColumnOf(view, 1)), ColumnOf(view, 2)), handed, 1e-12)
        << static_cast<int>(plane);
    }
}

TEST(PatchShape, TheReachIsWhatAPatchTouches)
{
  PatchShape shape;
  shape.size = { 4, 5, 6 };
  auto reach = ReachOf(ViewsOf(shape, phantom::Oblique()), phantom::Oblique());
  EXPECT_EQ(reach.below, (Extent{ 2, 2, 3 }));
  EXPECT_EQ(reach.above, (Extent{ 1, 2, 2 }));
  shape.size = { 4, 6, 1 };
  shape.plane = PatchShape::Plane::Coronal; // columns to the left (- index z), rows to inferior (- index y)
  reach = ReachOf(ViewsOf(shape, SagittalGrid()), SagittalGrid());
  EXPECT_EQ(reach.below, (Extent{ 0, 2, 1 }));
  EXPECT_EQ(reach.above, (Extent{ 0, 3, 2 }));
  shape = {};
  shape.size = { 7, 7, 7 };
  shape.spacing = { 2, 2, 2 }; // 6 mm to both sides
  reach = ReachOf(ViewsOf(shape, phantom::Oblique()), phantom::Oblique());
  EXPECT_EQ(reach.below, (Extent{ 6, 3, 2 }));
  EXPECT_EQ(reach.above, reach.below);
}

TEST(PatchShape, AFrameAlongAVectorIsRightHanded)
{
  for (const Point & along : { Point{ 0, 0, 3 }, Point{ 0, 0, -1 }, Point{ 1, 0, 0 }, Point{ 0, -2, 0 },
                               Point{ 1, -2, 3 }, Point{ 0.01, 0.01, 9 } })
  {
    const auto   f = FrameAlong(along);
    const Point  x{ f[0], f[3], f[6] }, y{ f[1], f[4], f[7] }, z{ f[2], f[5], f[8] };
    const double length = std::sqrt(Dot(along, along));
    EXPECT_NEAR(Dot(z, along), length, 1e-12);
    EXPECT_NEAR(Dot(x, x), 1, 1e-12);
    EXPECT_NEAR(Dot(x, z), 0, 1e-12);
    EXPECT_NEAR(Dot(Cross(x, y), z), 1, 1e-12);
    EXPECT_GE(x[0], 0);
  }
  const auto upright = FrameAlong({ 0, 0, 1 });
  EXPECT_EQ(upright, (std::array<double, 9>{ 1, 0, 0, 0, 1, 0, 0, 0, 1 }));
  EXPECT_NE(phantom::MessageOf(Fault::Input, [] { FrameAlong({ 0, 0, 0 }); }).find("no length"), std::string::npos);
}

TEST(PatchShape, AGridLiesAboutItsPlace)
{
  PatchShape shape;
  shape.size = { 4, 5, 6 };
  shape.spacing = { 0.5, 0.5, 2 };
  shape.direction = Point{ 1, 1, 1 };
  const PatchPlace place{ { 7, 7, 7 }, { 1.25, -2.5, 30 }, -1, {}, {} };
  const auto       grid = GridOf(Only(shape, phantom::Oblique()), phantom::Oblique(), place);
  const auto       centre = grid.PointAt(1.5, 2, 2.5);
  for (std::size_t a = 0; a < 3; ++a)
    EXPECT_NEAR(centre[a], place.point[a], 1e-12);
}

TEST(PatchShape, ContradictionsAreNamed)
{
  PatchShape shape;
  const auto message = [&] { return phantom::MessageOf(Fault::Usage, [&] { shape.Check(); }); };
  shape.plane = PatchShape::Plane::Axial;
  EXPECT_NE(message().find("one voxel thick"), std::string::npos);
  shape.size.z = 1;
  shape.direction = Point{ 0, 0, 1 };
  EXPECT_NE(message().find("exclude each other"), std::string::npos);
  shape = {};
  shape.scales = { 16, -1 };
  EXPECT_NE(message().find("above 0 mm"), std::string::npos);
  shape.scales = { 16 };
  shape.spacing = { 1, 1, 1 };
  EXPECT_NE(message().find("leave --spacing"), std::string::npos);
}

TEST(ExtractionPlan, JsonBringsEveryOptionBack)
{
  ExtractionPlan plan;
  plan.shape.size = { 7, 8, 9 };
  plan.shape.scales = { 16, 32.5 };
  plan.shape.direction = Point{ 0.1, -0.2, 1 };
  plan.shape.border = PatchShape::Border::Pad;
  plan.shape.padding = PatchShape::Padding::Edge;
  plan.sampling.sampler = SamplingPlan::Sampler::Weighted;
  plan.sampling.weights = { 1, 2.25 };
  plan.sampling.minimumDeviation = 0.1;
  plan.classFrom = ExtractionPlan::ClassSource::Centre;
  plan.classNames = { "a", "ü \"b\"" };
  plan.classLabels = { 5, 7 };
  plan.seed = 18446744073709551615ULL;
  const auto json = plan.ToJson();
  EXPECT_EQ(ExtractionPlan::FromJson(json).ToJson(), json);
  EXPECT_NE(json, ExtractionPlan{}.ToJson());
  EXPECT_NE(phantom::MessageOf(Fault::Input, [] { ExtractionPlan::FromJson("{}"); }).find("damaged"),
            std::string::npos);
}

} // namespace
} // namespace serval
