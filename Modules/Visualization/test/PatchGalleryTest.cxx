#include "serval/Visualization/PatchGallery.h"

#include "../src/PatchSlice.h"
#include "Phantom.h"
#include "serval/Core/Error.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace serval
{
namespace
{

/// A patch whose voxels tell how far left, posterior and superior they lie (mm, LPS).
struct Ramp
{
  std::vector<float> voxels;
  Geometry           geometry;

  Ramp(const phantom::Direction & direction, Extent extent, std::size_t towards)
    : geometry{ extent, { 1, 1.5, 2 }, { 10, 20, 30 }, direction }
  {
    for (std::int64_t z = 0; z < extent.z; ++z)
      for (std::int64_t y = 0; y < extent.y; ++y)
        for (std::int64_t x = 0; x < extent.x; ++x)
          voxels.push_back(float(geometry.PointAt(double(x), double(y), double(z))[towards]));
  }
};

class PatchSlices : public testing::TestWithParam<phantom::Direction>
{};

// Right in the picture and up are the patient's, however the grid lies.
TEST_P(PatchSlices, AreSeenAsARadiologistDoes)
{
  struct View
  {
    int         plane;
    std::size_t rightAxis;
    double      right;
    std::size_t upAxis;
    double      up;
  };
  for (const View & view : { View{ 0, 0, 1, 1, -1 }, View{ 1, 0, 1, 2, 1 }, View{ 2, 1, 1, 2, 1 } })
  {
    const Ramp       toRight(GetParam(), { 7, 8, 9 }, view.rightAxis), toTop(GetParam(), { 7, 8, 9 }, view.upAxis);
    const PatchSlice slice(toRight.geometry, view.plane);
    EXPECT_GT(view.right * (slice.At(toRight.voxels, 0.9, 0.5) - slice.At(toRight.voxels, 0.1, 0.5)), 3) << view.plane;
    EXPECT_GT(view.up * (slice.At(toTop.voxels, 0.5, 0.9) - slice.At(toTop.voxels, 0.5, 0.1)), 3) << view.plane;
    EXPECT_EQ(slice.Plane(), view.plane);
  }
}

INSTANTIATE_TEST_SUITE_P(Grids, PatchSlices, testing::Values(phantom::identity, phantom::flipped, phantom::mirrored, phantom::sagittal, phantom::Oblique()));

TEST(PatchSlice, TakesTheMiddleAndTheTrueSize)
{
  const Ramp       ramp(phantom::identity, { 6, 5, 7 }, 2);
  const PatchSlice axial(ramp.geometry, 0);
  EXPECT_FLOAT_EQ(axial.At(ramp.voxels, 0.5, 0.5), 30 + 2 * 3);
  EXPECT_DOUBLE_EQ(axial.Width(), 6);
  EXPECT_DOUBLE_EQ(axial.Height(), 7.5);
  EXPECT_DOUBLE_EQ(PatchSlice(ramp.geometry, 2).Height(), 14);
}

TEST(PatchSlice, MayShowWholeVoxels)
{
  const Ramp       ramp(phantom::identity, { 4, 5, 7 }, 0);
  const PatchSlice slice(ramp.geometry, 0, false);
  for (const double right : { 0.26, 0.3, 0.49 })
    EXPECT_FLOAT_EQ(slice.At(ramp.voxels, right, 0.5), 11);
  EXPECT_FLOAT_EQ(slice.At(ramp.voxels, 0.51, 0.5), 12);
}

// A patch without depth is shown in the plane it lies in, whatever is asked for.
TEST(PatchSlice, OfAFlatPatchIsItsOwn)
{
  const Ramp       flat(phantom::sagittal, { 6, 5, 1 }, 1);
  const PatchSlice slice(flat.geometry, 0);
  EXPECT_EQ(slice.Plane(), 2);
  EXPECT_DOUBLE_EQ(slice.Width(), 6);
  EXPECT_GT(slice.At(flat.voxels, 0.9, 0.5), slice.At(flat.voxels, 0.1, 0.5));
}

class PatchGalleries : public testing::Test
{
protected:
  Ramp ramp{ phantom::identity, { 8, 8, 8 }, 0 };

  PatchCell Cell(std::vector<std::string> lines = { "case 1" }) const { return { { ramp.voxels, ramp.geometry }, { 13, 12, "" }, {}, std::move(lines) }; }
  void      Refused(const PatchGallery & gallery, Fault kind, const std::string & words) const
  {
    try
    {
      RenderPatches(gallery);
      ADD_FAILURE() << "not refused: " << words;
    }
    catch (const Error & e)
    {
      EXPECT_EQ(e.Kind(), kind) << e.what();
      EXPECT_NE(std::string(e.what()).find(words), std::string::npos) << e.what();
    }
  }
};

TEST_F(PatchGalleries, GrowWithTheirRowsAndAreTheSameEachTime)
{
  PatchGallery gallery{ "Patches", "axial", {}, { { "lesion", { Cell(), Cell() } } } };
  gallery.across = 4;
  gallery.width = 600;
  const Picture one = RenderPatches(gallery);
  gallery.rows[0].cells.resize(5, Cell());
  EXPECT_GT(RenderPatches(gallery).size.height, one.size.height + 100);
  gallery.rows[0].cells.resize(2, Cell());
  EXPECT_EQ(RenderPatches(gallery).rgb, one.rgb);
  for (const Theme theme : { Theme::Light, Theme::Dark })
  {
    gallery.theme = theme;
    EXPECT_EQ(RenderPatches(gallery).At(1, 1), theme == Theme::Light ? (Color{ 255, 255, 255 }) : (Color{ 18, 18, 20 }));
  }
}

// The ramp rises to the right of the picture; a millimetre is equally long in both directions.
TEST_F(PatchGalleries, APatchAloneFillsItsPicture)
{
  const Picture alone = RenderPatch(Cell(), 0, 120);
  EXPECT_EQ(alone.size.width, 120); // 8 x 12 mm
  EXPECT_EQ(alone.size.height, 180);
  EXPECT_LT(alone.At(2, 90).r, alone.At(117, 90).r);
  EXPECT_EQ(alone.At(60, 0), alone.At(60, 179));
  EXPECT_EQ(RenderPatch(Cell(), 1, 120).size.height, 180); // 8 x 16 mm: narrower, as it may be half as high again
  EXPECT_EQ(RenderPatch(Cell(), 1, 120).size.width, 90);
  auto hot = Cell();
  std::vector<float> heat(ramp.voxels.size(), 0);
  heat[4 + 8 * 4 + 64 * 4] = 1; // in the middle of all planes
  hot.heat = heat;
  EXPECT_NE(RenderPatch(hot, 2, 120).rgb, RenderPatch(Cell(), 2, 120).rgb);
  EXPECT_THROW(RenderPatch({}, 0, 120), Error);
  hot.heat = std::span(heat).first(3);
  EXPECT_THROW(RenderPatch(hot, 0, 120), Error);
}

TEST_F(PatchGalleries, WhatCannotBeShownIsRefused)
{
  PatchGallery gallery;
  Refused(gallery, Fault::Input, "no patch");
  gallery.rows = { { "", { Cell() } } };
  gallery.columns = { "patch", "scratch" };
  Refused(gallery, Fault::Input, "1 cells; 2 are expected");
  gallery.columns.clear();
  gallery.rows[0].cells[0].patch.voxels = std::span(ramp.voxels).first(9);
  Refused(gallery, Fault::Input, "9 voxels; its grid has 512");
  gallery.rows[0].cells[0] = Cell();
  gallery.rows[0].cells[0].heat = std::span(ramp.voxels).first(9);
  Refused(gallery, Fault::Input, "9 voxels; its patch has 512");
  gallery.rows[0].cells[0] = Cell();
  gallery.across = 40;
  Refused(gallery, Fault::Usage, "no room");
  gallery.across = 4;
  gallery.rows[0].cells[0].window.width = std::numeric_limits<double>::quiet_NaN();
  Refused(gallery, Fault::Usage, "width");
}

} // namespace
} // namespace serval
