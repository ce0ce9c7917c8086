#include "Phantom.h"
#include "Support.h"
#include "serval/Core/Error.h"

#include <gtest/gtest.h>

#include <cmath>

namespace serval
{
namespace
{

using phantom::Body;

constexpr Spacing fine{ 1, 1, 1 };

bool Bright(Color c) { return c.r >= 240 && c.g >= 240 && c.b >= 240; }
bool Hot(Color c) { return c.r > c.b + 40; }

struct Middle
{
  int    count = 0;
  double x = 0, y = 0;
};

// Of the pixels of a kind between two columns, without the words above and below.
template <typename TKind>
Middle Find(const Picture & picture, int from, int to, TKind kind)
{
  Middle found;
  for (int y = 38; y < picture.size.height - 62; ++y)
    for (int x = from; x < to; ++x)
      if (kind(picture.At(x, y)))
      {
        found.x += x;
        found.y += y;
        ++found.count;
      }
  found.x /= found.count;
  found.y /= found.count;
  return found;
}

// A small ball far from where the slices cross is seen in the projections only, where the patient's right, front and top are.
TEST(Projections, ShowWhatTheSlicesMiss)
{
  Body body(phantom::Oblique(), fine);
  body.Ball(body.voxels, { 0, 0, 0 }, 15, 300.F);
  body.Ball(body.voxels, { -9, -8, 7 }, 2.5, 1000.F);
  const Picture slices = RenderSlices(body.AsScene()), projections = RenderProjections(body.AsScene());
  for (int column = 0; column < 3; ++column)
  {
    const int    from = column * 400 + 20, to = column * 400 + 380;
    const Middle bright = Find(projections, from, to, Bright), grey = Find(projections, from, to, [](Color c) { return c.r == c.g && c.g == c.b && c.r > 50; });
    EXPECT_EQ(Find(slices, from, to, Bright).count, 0) << column;
    ASSERT_GT(bright.count, 50) << column;
    EXPECT_LT(bright.x, grey.x - 20) << column;
    EXPECT_LT(bright.y, grey.y - 20) << column;
  }
}

// The map's own grid decides where it is drawn: here that of a patch around a point left, behind and below.
TEST(Overlays, HeatLiesWhereItsGridSays)
{
  Body body(phantom::identity, fine);
  body.Ball(body.voxels, { 0, 0, 0 }, 17, 300.F);
  Scene                    scene = body.AsScene();
  const Geometry           patch{ { 6, 6, 40 }, fine, { Body::centre[0] + 4, Body::centre[1] + 5, Body::centre[2] - 20 }, phantom::identity };
  const std::vector<float> values(6 * 6 * 40, 1.F);
  scene.heat = HeatMap{ { values, patch }, 0, 1, "saliency" };
  const Picture picture = RenderSlices(scene);
  const Middle  hot = Find(picture, 20, 380, Hot), grey = Find(picture, 20, 380, [](Color c) { return c.r == c.g && c.g == c.b && c.r > 50; });
  EXPECT_GT(hot.x, grey.x + 20);
  EXPECT_GT(hot.y, grey.y + 20);
  EXPECT_EQ(support::ErrorText([&] { scene.heat->high = 0; RenderSlices(scene); }, Fault::Input).find("heat map 'saliency'") != std::string::npos, true);
}

// An oblique patch is outlined around its middle, and not in a plane that passes it by.
TEST(Overlays, PatchesAreOutlined)
{
  Body  body(phantom::identity, fine);
  Scene scene = body.AsScene();
  const Geometry turned{ { 16, 12, 10 }, fine, {}, phantom::Oblique() };
  const Point    middle = turned.PointAt(7.5, 5.5, 4.5);
  Geometry       patch = turned;
  for (std::size_t axis = 0; axis < 3; ++axis)
    patch.origin[axis] = Body::centre[axis] - middle[axis];
  const auto outlined = [](const Picture & picture) {
    return Find(picture, 60, 340, [](Color c) { return c == LabelColor(3); });
  };
  scene.boxes = { { patch, 3 } };
  const Picture picture = RenderSlices(scene);
  const Middle  outline = outlined(picture);
  ASSERT_GT(outline.count, 100);
  scene.boxes = {};
  const Picture empty = RenderSlices(scene);
  EXPECT_EQ(outlined(empty).count, 0);
  for (auto & place : patch.origin)
    place += 30;
  scene.boxes = { { patch, 3 } };
  EXPECT_EQ(outlined(RenderSlices(scene)).count, 0);
}

// Axial slices rise from inferior to superior: a ball low in the patient is in the first one.
TEST(Mosaic, OrdersTheSlices)
{
  Body body(phantom::sagittal, fine);
  body.Ball(body.voxels, { 0, 0, -15 }, 4, 1000.F);
  Scene scene = body.AsScene();
  scene.size = { 1200, 400 };
  const Picture picture = RenderMosaic(scene, 0, 4);
  EXPECT_GT(Find(picture, 0, 300, Bright).count, 100);
  EXPECT_EQ(Find(picture, 600, 1200, Bright).count, 0);
  EXPECT_EQ(EncodePng(picture), EncodePng(RenderMosaic(scene, 0, 4)));
  support::ErrorText([&] { RenderMosaic(scene, 3, 4); }, Fault::Usage);
  support::ExpectHas(support::ErrorText([&] { RenderMosaic(scene, 0, 400); }, Fault::Usage), "400 slices");
}

TEST(Pictures, StandBesideEachOther)
{
  const Picture red({ 20, 16 }, { 255, 0, 0 }), blue({ 20, 16 }, { 0, 0, 255 });
  const Picture all = Tiled({ red, blue, blue }, 2, 4);
  EXPECT_EQ(all.size.width, 44);
  EXPECT_EQ(all.size.height, 36);
  EXPECT_EQ(all.At(19, 15), (Color{ 255, 0, 0 }));
  EXPECT_EQ(all.At(24, 0), (Color{ 0, 0, 255 }));
  EXPECT_EQ(all.At(0, 20), (Color{ 0, 0, 255 }));
  support::ErrorText([&] { Tiled({ red, Picture({ 21, 16 }, {}) }, 2); }, Fault::Input);
  support::ErrorText([] { Tiled({}, 2); }, Fault::Input);
}

} // namespace
} // namespace serval
