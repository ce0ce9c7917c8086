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
