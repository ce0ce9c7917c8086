#include "Phantom.h"
#include "serval/Core/Error.h"
#include "serval/Visualization/Display.h"

#include <gtest/gtest.h>

namespace serval
{
namespace
{

using phantom::Body;

struct Middle
{
  int    count = 0;
  double x = 0, y = 0;
};

// Hue of a label under any light: its channels in the same order, clearly apart.
Middle FindHue(const Picture & picture, Color like)
{
  Middle middle;
  for (int y = 0; y < picture.size.height - 70; ++y) // without caption and legend
    for (int x = picture.size.width / 6; x < picture.size.width; ++x) // without the star
    {
      const Color  c = picture.At(x, y);
      const double share = double(c.r + c.g + c.b) / (like.r + like.g + like.b);
      if (share > 0.3 && std::abs(c.r - share * like.r) + std::abs(c.g - share * like.g) + std::abs(c.b - share * like.b) < 45)
      {
        ++middle.count;
        middle.x += x;
        middle.y += y;
      }
    }
  middle.x /= middle.count;
  middle.y /= middle.count;
  return middle;
}

class ThreeDimensions : public testing::Test
{
protected:
  void SetUp() override
  {
    try
    {
      RequireDisplay();
    }
    catch (const Error & e)
    {
      GTEST_SKIP() << e.what();
    }
  }
};

class EveryDirectionIn3D : public ThreeDimensions, public testing::WithParamInterface<phantom::Direction>
{};

// Seen from the front: the patient's right is on the left, superior is up.
TEST_P(EveryDirectionIn3D, LabelsStandWhereTheyAreInThePatient)
{
  Body body(GetParam(), { 1, 1, 2 });
  body.Ball(body.labels, { -10, 0, 0 }, 5, std::uint16_t{ 1 });
  body.Ball(body.labels, { 10, 0, 0 }, 5, std::uint16_t{ 2 });
  body.Ball(body.labels, { 10, 0, 11 }, 5, std::uint16_t{ 3 });
  Scene scene = body.AsScene();
  scene.labels = body.labels;
  for (const auto render : { RenderSurface, RenderVolume })
  {
    const Picture picture = render(scene);
    const Middle  right = FindHue(picture, LabelColor(1)), left = FindHue(picture, LabelColor(2)),
                 superior = FindHue(picture, LabelColor(3));
    ASSERT_GT(right.count, 200);
    ASSERT_GT(left.count, 200);
    ASSERT_GT(superior.count, 200);
    EXPECT_LT(right.x + 20, left.x);
    EXPECT_LT(superior.y + 20, left.y);
  }
}

// A bright ball is as round in the picture as in the patient, and stands where a label of its place stands.
TEST_P(EveryDirectionIn3D, RaysMeetABallWhereItIs)
{
  Body body(GetParam(), { 1, 1, 2 });
  body.Ball(body.voxels, { -9, 0, 8 }, 7, 1000.F);
  body.Ball(body.labels, { -9, 0, 8 }, 7, std::uint16_t{ 1 });
  Scene         scene = body.AsScene();
  const Picture rays = RenderVolume(scene);
  int           left = 1 << 30, right = -1, top = 1 << 30, bottom = -1;
  for (int y = 0; y < rays.size.height - 70; ++y)
    for (int x = rays.size.width / 6; x < rays.size.width; ++x)
      if (rays.At(x, y).r > 60)
      {
        left = std::min(left, x);
        right = std::max(right, x);
        top = std::min(top, y);
        bottom = std::max(bottom, y);
      }
  ASSERT_GT(right, left);
  EXPECT_NEAR(double(right - left) / (bottom - top), 1, 0.25);
  scene.labels = body.labels;
  const Middle label = FindHue(RenderVolume(scene), LabelColor(1));
  EXPECT_NEAR((left + right) / 2.0, label.x, 8);
  EXPECT_NEAR((top + bottom) / 2.0, label.y, 16); // the legend takes a row
}

INSTANTIATE_TEST_SUITE_P(Grids, EveryDirectionIn3D,
                         testing::Values(phantom::identity, phantom::flipped, phantom::mirrored, phantom::sagittal,
                                         phantom::Oblique()));

TEST_F(ThreeDimensions, RaysShowWhatTheWindowHoldsAndOnlyThat)
{
  Body body(phantom::identity, { 1, 1, 1 });
  body.Ball(body.voxels, { 0, 0, 0 }, 12, 900.F);
  Scene      scene = body.AsScene();
  const auto lit = [](const Picture & picture) {
    int count = 0;
    for (int y = 0; y < picture.size.height - 70; ++y)
      for (int x = picture.size.width / 6; x < picture.size.width; ++x)
        count += picture.At(x, y).r > 80;
    return count;
  };
  EXPECT_GT(lit(RenderVolume(scene)), 5000);
  scene.window = { 5000, 1000, "" };
  EXPECT_EQ(lit(RenderVolume(scene)), 0);
}

TEST_F(ThreeDimensions, ASurfaceNeedsAnIntensityThatOccurs)
{
  Body body(phantom::identity, { 1, 1, 1 });
  body.Ball(body.voxels, { 0, 0, 0 }, 12, 900.F);
  Scene scene = body.AsScene();
  EXPECT_NO_THROW(RenderSurface(scene));
  scene.surfaceValue = 901;
  try
  {
    RenderSurface(scene);
    FAIL() << "not refused";
  }
  catch (const Error & e)
  {
    EXPECT_EQ(e.Kind(), Fault::Input);
    EXPECT_NE(std::string(e.what()).find("from 0 to 900"), std::string::npos) << e.what();
  }
}

TEST_F(ThreeDimensions, EqualScenesGiveEqualPictures)
{
  Body body(phantom::Oblique(), { 1, 1.5, 2 });
  body.Ball(body.voxels, { 3, 0, 0 }, 12, 900.F);
  body.Ball(body.labels, { 0, 0, 0 }, 6, std::uint16_t{ 1 });
  Scene scene = body.AsScene();
  scene.labels = body.labels;
  EXPECT_EQ(RenderVolume(scene).rgb, RenderVolume(scene).rgb);
  EXPECT_EQ(RenderSurface(scene).rgb, RenderSurface(scene).rgb);
}

} // namespace
} // namespace serval
