#include "Phantom.h"
#include "Support.h"
#include "serval/Core/Error.h"

#include <gtest/gtest.h>

#include <limits>

namespace serval
{
namespace
{

using phantom::Body;

constexpr Spacing fine{ 1, 1, 1 }, thick{ 0.5, 1.5, 4 };

/// Pixels of a kind in one cell: how many, their middle and their reach.
struct Spot
{
  int    count = 0, left = 1 << 30, right = -1, top = 1 << 30, bottom = -1;
  double x = 0, y = 0;
};

template <typename TKind>
Spot Find(const Picture & picture, int fromX, int toX, TKind kind)
{
  Spot spot;
  for (int y = 0; y < picture.size.height; ++y)
    for (int x = fromX; x < toX; ++x)
      if (kind(picture.At(x, y)))
      {
        ++spot.count;
        spot.x += x;
        spot.y += y;
        spot.left = std::min(spot.left, x);
        spot.right = std::max(spot.right, x);
        spot.top = std::min(spot.top, y);
        spot.bottom = std::max(spot.bottom, y);
      }
  spot.x /= spot.count;
  spot.y /= spot.count;
  return spot;
}

bool Bright(Color c) { return c.r >= 250 && c.g >= 250 && c.b >= 250; }
bool Grey(Color c) { return c.r == c.g && c.g == c.b && c.r >= 60 && c.r < 200; }
bool Letter(Color c) { return c.b > 100 && c.b > c.r + 60; }

struct Cell
{
  int left, right;
};

Cell CellOf(const Picture & picture, int column)
{
  const int third = picture.size.width / 3;
  return { column * third, (column + 1) * third };
}

// Without the text above and below the cells.
Picture OnlyCells(Picture picture)
{
  for (int y = 0; y < picture.size.height; ++y)
    for (int x = 0; x < picture.size.width; ++x)
      if (y < 38 || y >= picture.size.height - 62)
        picture.Set(x, y, {});
  return picture;
}

class EveryDirection : public testing::TestWithParam<std::tuple<phantom::Direction, Spacing>>
{
protected:
  Body body{ std::get<0>(GetParam()), std::get<1>(GetParam()) };

  void SetUp() override { body.Ball(body.voxels, { 0, 0, 0 }, 17, 400.F); }
};

// A ball at the right, anterior, superior of the patient lies left of and above the large ball's middle in the axial and
// the coronal slice, and left (anterior) of and above it in the sagittal one.
TEST_P(EveryDirection, RightAnteriorSuperiorStandsWhereRadiologistsExpectIt)
{
  body.Ball(body.voxels, { -9, -8, 7 }, 4.5, 2000.F);
  Scene scene = body.AsScene();
  scene.position = Point{ Body::centre[0] - 9, Body::centre[1] - 8, Body::centre[2] + 7 };
  const Picture picture = OnlyCells(RenderSlices(scene));
  for (int column = 0; column < 3; ++column)
  {
    const auto [left, right] = CellOf(picture, column);
    const Spot large = Find(picture, left, right, Grey), small = Find(picture, left, right, Bright);
    ASSERT_GT(small.count, 100) << column;
    ASSERT_GT(large.count, 400) << column;
    EXPECT_LT(small.x, (large.left + large.right) / 2.0 - 10) << column;
    EXPECT_LT(small.y, (large.top + large.bottom) / 2.0 - 10) << column;
  }
}

TEST_P(EveryDirection, ASphereStaysRoundAndEquallyLargeInAllViews)
{
  const Picture picture = OnlyCells(RenderSlices(body.AsScene()));
  double        size = 0;
  for (int column = 0; column < 3; ++column)
  {
    const auto [left, right] = CellOf(picture, column);
    const Spot   spot = Find(picture, left, right, Grey);
    const double width = spot.right - spot.left + 1, height = spot.bottom - spot.top + 1;
    const double tolerance = std::get<1>(GetParam()).z > 2 ? 0.16 : 0.06; // of the voxels
    EXPECT_NEAR(width / height, 1, tolerance) << column;
    if (column == 0)
      size = width;
    EXPECT_NEAR(width / size, 1, tolerance) << column;
  }
}

TEST_P(EveryDirection, TheOverlayLiesOnWhatItLabelsAndOnlyThere)
{
  body.Ball(body.labels, { 0, 0, 0 }, 10, std::uint16_t{ 1 });
  Scene         plain = body.AsScene(), overlaid = plain;
  overlaid.labels = body.labels;
  const Picture without = RenderSlices(plain), with = RenderSlices(overlaid);
  EXPECT_NE(without.rgb, with.rgb);
  const auto orange = [](Color c) { return c == LabelColor(1); };
  const auto tinted = [](Color c) { return c.r > c.b + 20; };
  EXPECT_EQ(Find(without, 0, without.size.width, orange).count, 0);
  const Picture picture = OnlyCells(with);
  for (int column = 0; column < 3; ++column)
  {
    const auto [left, right] = CellOf(picture, column);
    const Spot ball = Find(picture, left, right, Grey), edge = Find(picture, left, right, [&](Color c) { return orange(c); });
    ASSERT_GT(edge.count, 50);
    int outside = 0, inside = 0;
    const double x = (ball.left + ball.right) / 2.0, y = (ball.top + ball.bottom) / 2.0;
    const double radius = (ball.right - ball.left) / 2.0 * 10 / 17;
    for (int row = 0; row < picture.size.height; ++row)
      for (int at = left; at < right; ++at)
        if (tinted(picture.At(at, row)) && !(picture.At(at, row) == Color{ 255, 200, 60 }))
          ++(std::hypot(at - x, row - y) < radius * 1.25 ? inside : outside);
    EXPECT_EQ(outside, 0) << column;
    EXPECT_GT(inside, 3.14 * radius * radius * 0.75) << column;
  }
}

std::string NameOf(const testing::TestParamInfo<EveryDirection::ParamType> & info)
{
  static const std::array<std::string, 5> names{ "Identity", "Flipped", "Mirrored", "Sagittal", "Oblique" };
  return names[info.index / 2] + (info.index % 2 ? "Thick" : "Fine");
}

INSTANTIATE_TEST_SUITE_P(Grids, EveryDirection,
                         testing::Combine(testing::Values(phantom::identity, phantom::flipped, phantom::mirrored,
                                                          phantom::sagittal, phantom::Oblique()),
                                          testing::Values(fine, thick)),
                         NameOf);

class Slices : public testing::Test
{
protected:
  Body body{ phantom::identity, fine };

  std::string Refusal(const Scene & scene, Fault kind)
  {
    try
    {
      RenderSlices(scene);
    }
    catch (const Error & e)
    {
      EXPECT_EQ(e.Kind(), kind) << e.what();
      return e.what();
    }
    ADD_FAILURE() << "not refused";
    return {};
  }
};

TEST_F(Slices, EveryViewHasFourLetters)
{
  const Picture picture = OnlyCells(RenderSlices(body.AsScene()));
  for (int column = 0; column < 3; ++column)
  {
    const auto [left, right] = CellOf(picture, column);
    const Spot all = Find(picture, left, right, Letter);
    ASSERT_GT(all.count, 100);
    const int middle = (all.left + all.right) / 2, centre = (all.top + all.bottom) / 2;
    for (const auto & [dx, dy] : { std::pair{ -1, 0 }, { 1, 0 }, { 0, -1 }, { 0, 1 } })
    {
      const int x = dx < 0 ? all.left : dx > 0 ? all.right - 12 : middle - 6;
      const int y = dy < 0 ? all.top : dy > 0 ? all.bottom - 12 : centre - 6;
      int       pixels = 0;
      for (int row = y; row <= y + 12; ++row)
        for (int at = x; at <= x + 12; ++at)
          pixels += Letter(picture.At(at, row));
      EXPECT_GT(pixels, 15) << column << ' ' << dx << ' ' << dy;
    }
  }
}

TEST_F(Slices, EqualScenesGiveEqualFiles)
{
  body.Ball(body.voxels, { 3, 4, 5 }, 9, 700.F);
  const support::TemporaryFolder folder;
  WritePicture(RenderSlices(body.AsScene()), folder / "a.png");
  WritePicture(RenderSlices(body.AsScene()), folder / "b.png");
  const std::string bytes = support::ReadFile(folder / "a.png");
  EXPECT_EQ(bytes.substr(0, 8), "\x89PNG\r\n\x1a\n");
  EXPECT_EQ(bytes, support::ReadFile(folder / "b.png"));
  EXPECT_EQ(support::Names(folder.Path()), (std::vector<std::string>{ "a.png", "b.png" }));
}

TEST_F(Slices, TheyCrossInALabelledVoxel)
{
  body.Ball(body.labels, { -12, 0, 0 }, 4, std::uint16_t{ 1 }); // the centre of mass lies between the two
  body.Ball(body.labels, { 10, 0, 0 }, 4, std::uint16_t{ 2 });
  Scene scene = body.AsScene();
  scene.labels = body.labels;
  scene.position.reset();
  const Point focus = FocusOf(scene);
  EXPECT_LE(std::hypot(focus[0] - Body::centre[0] + 12, focus[1] - Body::centre[1], focus[2] - Body::centre[2]), 4);
}

TEST_F(Slices, BadScenesAreRefused)
{
  Scene scene = body.AsScene();
  scene.labels = body.labels;
  EXPECT_NE(Refusal(scene, Fault::Input).find("segmentation is empty"), std::string::npos);
  scene.labels = std::span(body.labels).first(7);
  EXPECT_NE(Refusal(scene, Fault::Input).find("has 7 voxels"), std::string::npos);
  scene = body.AsScene();
  scene.volume.voxels = scene.volume.voxels.first(30);
  EXPECT_NE(Refusal(scene, Fault::Input).find("30 voxels"), std::string::npos);
  scene = body.AsScene();
  scene.position = Point{ 10, -20, 99 };
  EXPECT_NE(Refusal(scene, Fault::Usage).find("z = 99 mm"), std::string::npos);
  scene.position = Point{ std::numeric_limits<double>::quiet_NaN(), 0, 0 };
  Refusal(scene, Fault::Usage);
  scene = body.AsScene();
  scene.window.width = 0;
  Refusal(scene, Fault::Usage);
  scene.window.width = std::numeric_limits<double>::quiet_NaN();
  Refusal(scene, Fault::Usage);
  scene = body.AsScene();
  scene.size = { 100, 100 };
  Refusal(scene, Fault::Usage);
  scene = body.AsScene();
  scene.volume.geometry.direction.fill(0);
  Refusal(scene, Fault::Input);
}

TEST_F(Slices, ManyLongNamesLeaveRoomForThePicture)
{
  for (std::size_t i = 0; i < 30; ++i)
    body.labels[i * 100] = static_cast<std::uint16_t>(i + 1);
  Scene scene = body.AsScene();
  scene.labels = body.labels;
  scene.labelNames.assign(30, "a name that is much too long for one line of a picture, and goes on and on and on");
  for (const PictureSize size : { PictureSize{ 480, 320 }, PictureSize{ 900, 700 } })
  {
    scene.size = size;
    EXPECT_NO_THROW(RenderSlices(scene));
  }
}

TEST_F(Slices, WindowsFollowTheVolume)
{
  body.Ball(body.voxels, { 0, 0, 0 }, 15, 100.F);
  const DisplayWindow mr = WindowFor(WindowPreset::Auto, { body.voxels, body.geometry });
  EXPECT_DOUBLE_EQ(mr.level, 50);
  EXPECT_DOUBLE_EQ(mr.width, 100);
  body.voxels[0] = -1000;
  EXPECT_EQ(WindowFor(WindowPreset::Auto, { body.voxels, body.geometry }).level, 40);
  EXPECT_EQ(WindowFor(WindowPreset::Lung, { body.voxels, body.geometry }).width, 1500);
  body.voxels.assign(body.voxels.size(), std::numeric_limits<float>::quiet_NaN());
  EXPECT_THROW(WindowFor(WindowPreset::Mr, { body.voxels, body.geometry }), Error);
}

} // namespace
} // namespace serval
