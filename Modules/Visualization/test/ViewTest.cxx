#include "Phantom.h"
#include "Support.h"
#include "serval/Core/Error.h"
#include "serval/Visualization/Display.h"
#include "serval/Visualization/View.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>

namespace serval
{
namespace
{

using phantom::Body;

// A bright ball at the patient's right, anterior and superior, with a label on it.
class ViewOfABody : public testing::Test
{
protected:
  Body  body{ phantom::Oblique(), { 1, 1.5, 2 } };
  Scene scene;

  void SetUp() override
  {
    body.Ball(body.voxels, { 0, 0, 0 }, 17, 400.F);
    body.Ball(body.voxels, { -8, -8, 8 }, 4, 1000.F);
    body.Ball(body.labels, { -8, -8, 8 }, 4, std::uint16_t{ 1 });
    scene = body.AsScene();
    scene.position = Point{ Body::centre[0] - 8, Body::centre[1] - 8, Body::centre[2] + 8 };
    scene.labels = body.labels;
  }
};

// Where the pixels of a kind lie within a pane: from -1 (left, top) to 1.
std::array<double, 2> MiddleOf(const View & view, Pane pane, const std::function<bool(Color)> & kind)
{
  const auto   picture = view.Draw();
  const auto   box = view.BoxOf(pane);
  double       x = 0, y = 0, count = 0;
  for (int row = 0; row < box.height; ++row)
    for (int column = 0; column < box.width; ++column)
      if (kind(picture.At(box.x + column, box.y + row)))
      {
        x += column;
        y += row;
        ++count;
      }
  return { count > 0 ? 2 * x / count / box.width - 1 : std::nan(""), count > 0 ? 2 * y / count / box.height - 1 : std::nan("") };
}

bool Labelled(Color c) { return c.r > 150 && c.r > c.b + 60 && c.g < 0.74 * c.r; } // not the amber marks
bool Bright(Color c) { return c.r >= 250 && c.g >= 250 && c.b >= 250; }

std::size_t Different(const Picture & a, const Picture & b)
{
  std::size_t count = 0;
  for (std::size_t i = 0; i < a.rgb.size(); ++i)
    count += a.rgb[i] != b.rgb[i];
  return count;
}

TEST_F(ViewOfABody, RightAnteriorAndSuperiorAreWhereRadiologistsLook)
{
  View view(scene);
  view.ToggleOverlay();
  for (const auto pane : { Pane::Axial, Pane::Coronal, Pane::Sagittal })
  {
    const auto at = MiddleOf(view, pane, Bright);
    EXPECT_LT(at[0], -0.1) << "the patient's right, or anterior, is on the left";
    EXPECT_LT(at[1], -0.1) << "anterior, or superior, is above";
  }
}

TEST_F(ViewOfABody, TheOverlayGoesAndComesBack)
{
  View view(scene);
  const auto first = view.Draw();
  EXPECT_LT(MiddleOf(view, Pane::Axial, Labelled)[0], -0.1);
  view.ToggleOverlay();
  EXPECT_FALSE(view.HasOverlay());
  EXPECT_GT(Different(first, view.Draw()), 500U);
  EXPECT_TRUE(std::isnan(MiddleOf(view, Pane::Axial, Labelled)[0]));
  view.ToggleOverlay();
  EXPECT_EQ(Different(first, view.Draw()), 0U);
}

TEST_F(ViewOfABody, SlicesGoAlongTheirAxisAndStayInside)
{
  View       view(scene);
  const auto begin = view.Position();
  view.Scroll(Pane::Axial, 2);
  EXPECT_NEAR(view.Position()[2], begin[2] + 2 * 2, 1e-9) << "of the axis that runs most along it";
  EXPECT_EQ(view.Position()[0], begin[0]);
  view.Scroll(Pane::Sagittal, -1);
  EXPECT_NEAR(view.Position()[0], begin[0] - 1, 1e-9);
  view.Scroll(Pane::Coronal, 1000);
  const auto far = view.Position()[1];
  view.Scroll(Pane::Coronal, 1);
  EXPECT_EQ(view.Position()[1], far);
  EXPECT_NO_THROW(view.Draw());
  view.Scroll(Pane::Solid, 3);
  view.Scroll(Pane::None, 3);
  EXPECT_EQ(view.Position()[1], far);
  view.Reset();
  EXPECT_EQ(view.Position(), begin);
}

TEST_F(ViewOfABody, AClickCrossesTheSlicesThere)
{
  View view(scene);
  view.ToggleOverlay();
  const auto box = view.BoxOf(Pane::Axial);
  const auto at = MiddleOf(view, Pane::Axial, Bright);
  view.Scroll(Pane::Sagittal, 9);
  view.Scroll(Pane::Coronal, 9);
  view.Cross(Pane::Axial, box.x + int((at[0] + 1) / 2 * box.width), box.y + int((at[1] + 1) / 2 * box.height));
  EXPECT_NEAR(view.Position()[0], (*scene.position)[0], 0.6);
  EXPECT_NEAR(view.Position()[1], (*scene.position)[1], 0.6);
  view.Cross(Pane::Axial, -5000, -5000);
  EXPECT_NO_THROW(view.Draw()) << "stays inside";
}

std::array<int, 2> PixelOf(const View & view, Pane pane, const std::array<double, 2> & at)
{
  const auto box = view.BoxOf(pane);
  return { box.x + int((at[0] + 1) / 2 * box.width), box.y + int((at[1] + 1) / 2 * box.height) };
}

TEST_F(ViewOfABody, ZoomKeepsWhatIsBelowThePointerAndPanMovesIt)
{
  View view(scene);
  view.ToggleOverlay();
  const auto whole = view.Draw();
  const auto at = MiddleOf(view, Pane::Axial, Bright);
  const auto pixel = PixelOf(view, Pane::Axial, at);
  view.Pan(Pane::Axial, 50, 20);
  EXPECT_EQ(Different(whole, view.Draw()), 0U) << "the whole volume has nowhere to go";
  view.Zoom(Pane::Axial, 3, pixel[0], pixel[1]);
  EXPECT_EQ(view.Magnification(), 3);
  const auto near = MiddleOf(view, Pane::Axial, Bright);
  EXPECT_NEAR(near[0], at[0], 0.03);
  EXPECT_NEAR(near[1], at[1], 0.03);
  view.Scroll(Pane::Sagittal, 9);
  view.Cross(Pane::Axial, pixel[0], pixel[1]);
  EXPECT_NEAR(view.Position()[0], (*scene.position)[0], 0.6) << "a click finds its place";
  const auto seen = PixelOf(view, Pane::Axial, MiddleOf(view, Pane::Axial, Bright));
  view.Pan(Pane::Axial, 30, 20);
  const auto moved = PixelOf(view, Pane::Axial, MiddleOf(view, Pane::Axial, Bright));
  EXPECT_NEAR(moved[0], seen[0] + 30, 1);
  EXPECT_NEAR(moved[1], seen[1] + 20, 1);
  view.Pan(Pane::Axial, 100000, -100000);
  view.Pan(Pane::Axial, -1, 0);
  EXPECT_GT(Different(whole, view.Draw()), 500U) << "no way is lost beyond the border";
  view.Zoom(Pane::Axial, 1e-9, pixel[0], pixel[1]);
  EXPECT_EQ(view.Magnification(), 1);
  view.Zoom(Pane::Coronal, 1e9, 0, 0);
  EXPECT_NO_THROW(view.Draw());
  view.Zoom(Pane::Solid, 2, 0, 0);
  view.Pan(Pane::None, 2, 0);
  view.Reset();
  view.ToggleOverlay();
  EXPECT_EQ(Different(whole, view.Draw()), 0U);
}

// Swatches of a colour below the panes.
int SwatchPixels(const View & view, Color color)
{
  const auto picture = view.Draw();
  const auto last = view.BoxOf(Pane::Sagittal);
  int        count = 0;
  for (int y = last.y + last.height; y < picture.size.height; ++y)
    for (int x = 0; x < picture.size.width; ++x)
      count += picture.At(x, y) == color;
  return count;
}

TEST_F(ViewOfABody, TheLegendNamesFewLabelsAlwaysAndOfManyThoseThatAreSeen)
{
  body.Ball(body.labels, { 8, 8, -8 }, 4, std::uint16_t{ 12 });
  scene.labels = body.labels;
  EXPECT_GT(SwatchPixels(View(scene), LabelColor(12)), 20) << "few: all, seen or not";
  for (std::size_t label = 1; label <= 60; ++label)
    body.labels[label] = static_cast<std::uint16_t>(label); // in a corner
  scene.labelNames.assign(60, "a name that takes much room in a legend");
  View       view(scene);
  const auto before = view.BoxOf(Pane::Sagittal);
  EXPECT_GT(SwatchPixels(view, LabelColor(1)), 20);
  EXPECT_EQ(SwatchPixels(view, LabelColor(12)), 0);
  view.Scroll(Pane::Axial, -8);
  EXPECT_GT(SwatchPixels(view, LabelColor(12)), 20);
  EXPECT_EQ(view.BoxOf(Pane::Sagittal).height, before.height) << "panes stay";
}

TEST_F(ViewOfABody, DraggingRightWidensAndUpBrightens)
{
  View       view(scene);
  const auto mean = [&] {
    const auto picture = view.Draw();
    const auto box = view.BoxOf(Pane::Axial);
    return int(picture.At(box.x + box.width / 2, box.y + box.height / 2).r);
  };
  const int before = mean();
  view.ChangeWindow(0, 60);
  EXPECT_GT(mean(), before + 20);
  view.ChangeWindow(150, 0);
  EXPECT_NEAR(view.Window().width, 1500, 1e-6);
  view.ChangeWindow(-100000, 0);
  EXPECT_GT(view.Window().width, 0);
  view.Reset();
  EXPECT_EQ(mean(), before);
}

TEST_F(ViewOfABody, PanesDoNotOverlapAndSmallWindowsAreDrawnLarger)
{
  for (const PictureSize size : { PictureSize{ 1100, 900 }, { 640, 900 }, { 2000, 700 }, { 10, 10 } })
  {
    View view(scene);
    view.Resize(size);
    for (const auto pane : { Pane::Axial, Pane::Coronal, Pane::Sagittal, Pane::Solid })
    {
      const auto box = view.BoxOf(pane);
      EXPECT_EQ(view.PaneAt(box.x, box.y), pane);
      EXPECT_EQ(view.PaneAt(box.x + box.width - 1, box.y + box.height - 1), pane);
    }
    EXPECT_EQ(view.PaneAt(1, view.Size().height - 1), Pane::None);
    const auto plain = view.Draw();
    view.ToggleHelp();
    EXPECT_GT(Different(plain, view.Draw()), 500U);
  }
}

TEST_F(ViewOfABody, WithoutADisplayItIsSaidWhatToDo)
{
  const std::string before = std::getenv("DISPLAY") ? std::getenv("DISPLAY") : "";
  ::unsetenv("DISPLAY");
  support::ExpectHas(support::ErrorText([] { RequireScreen(); }, Fault::Environment), "DISPLAY is not set");
  ::setenv("DISPLAY", ":64999", 1);
  support::ExpectHas(support::ErrorText([&] { ShowView(scene, {}); }, Fault::Environment), "render-volume");
  before.empty() ? ::unsetenv("DISPLAY") : ::setenv("DISPLAY", before.c_str(), 1);
}

} // namespace
} // namespace serval
