#include "Phantom.h"

#include "serval/Core/Error.h"
#include "serval/Volume/ExportDicom.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

namespace serval
{
namespace
{

// An L of unequal arms, and a second label; every voxel set apart from every mirror image of it.
LabelVolume Letters(const Geometry & geometry)
{
  LabelVolume labels{ geometry, std::vector<std::uint16_t>(static_cast<std::size_t>(geometry.extent.Voxels())) };
  const auto  set = [&](Extent v, std::uint16_t label) {
    labels.labels[static_cast<std::size_t>(v.x + geometry.extent.x * (v.y + geometry.extent.y * v.z))] = label;
  };
  for (std::int64_t x = 1; x < 4; ++x)
    set({ x, 1, 2 }, 1);
  for (std::int64_t y = 1; y < 5; ++y)
    set({ 1, y, 2 }, 1);
  for (std::int64_t z = 3; z < 7; ++z)
    set({ 4, 5, z }, 300);
  return labels;
}

// The grid with its axes exchanged and turned: axis i of the new grid runs along axis order[i], backwards where told.
Geometry Turned(const Geometry & g, const std::array<std::size_t, 3> & order, int backwards)
{
  const std::int64_t size[]{ g.extent.x, g.extent.y, g.extent.z };
  const double       edge[]{ g.spacing.x, g.spacing.y, g.spacing.z };
  double             first[3]{};
  Geometry           turned = g;
  for (std::size_t i = 0; i < 3; ++i)
  {
    const bool isBackwards = backwards >> i & 1;
    first[order[i]] = isBackwards ? double(size[order[i]] - 1) : 0;
    for (std::size_t k = 0; k < 3; ++k)
      turned.direction[3 * k + i] = (isBackwards ? -1 : 1) * g.direction[3 * k + order[i]];
  }
  turned.origin = g.PointAt(first[0], first[1], first[2]);
  turned.extent = { size[order[0]], size[order[1]], size[order[2]] };
  turned.spacing = { edge[order[0]], edge[order[1]], edge[order[2]] };
  return turned;
}

std::vector<std::array<std::size_t, 3>> AllOrders()
{
  std::array<std::size_t, 3>              order{ 0, 1, 2 };
  std::vector<std::array<std::size_t, 3>> orders;
  do
    orders.push_back(order);
  while (std::next_permutation(order.begin(), order.end()));
  return orders;
}

template <typename TCall>
void ExpectRefusal(TCall call, const std::string & text)
{
  try
  {
    call();
    FAIL() << "not refused: " << text;
  }
  catch (const Error & e)
  {
    EXPECT_EQ(e.Kind(), Fault::Input);
    EXPECT_NE(std::string(e.what()).find(text), std::string::npos) << e.what();
  }
}

TEST(OntoGrid, ExchangedAndTurnedAxesKeepEveryVoxelInItsPlace)
{
  const auto labels = Letters(support::ObliqueGeometry());
  const auto map = support::Ramp();
  int        different = 0;
  for (const auto & order : AllOrders())
    for (int backwards = 0; backwards < 8; ++backwards)
    {
      const Geometry grid = Turned(labels.geometry, order, backwards);
      const auto     there = OntoGrid(labels, grid, "labels");
      different += there.labels != labels.labels;
      EXPECT_EQ(std::count(there.labels.begin(), there.labels.end(), 300), 4);
      EXPECT_EQ(OntoGrid(there, labels.geometry, "labels").labels, labels.labels);
      const auto moved = OntoGrid(OntoGrid(map, grid, "map"), map.geometry, "map");
      EXPECT_EQ(moved.AsFloat(), map.AsFloat());
    }
  EXPECT_EQ(different, 47);
}

TEST(OntoGrid, AFinerGridTakesTheNearestVoxel)
{
  Geometry coarse{ { 3, 4, 5 }, { 2, 3, 4 }, { 10, 20, 30 } };
  Geometry fine{ { 6, 12, 20 }, { 1, 1, 1 }, { 9.5, 19, 28.5 } };
  const auto labels = Letters(support::ObliqueGeometry());
  LabelVolume block{ coarse, std::vector<std::uint16_t>(60) };
  block.labels[1 + 3 * (2 + 4 * 3)] = 9;
  const auto there = OntoGrid(block, fine, "labels");
  EXPECT_EQ(std::count(there.labels.begin(), there.labels.end(), 9), 2 * 3 * 4);
  EXPECT_EQ(there.labels[static_cast<std::size_t>(2 + 6 * (6 + 12 * 12))], 9);
  EXPECT_DOUBLE_EQ(VolumesOf(block).at(9), 0.024);
  EXPECT_DOUBLE_EQ(VolumesOf(there).at(9), 0.024);
}

TEST(OntoGrid, ALinearMapStaysLinear)
{
  const Volume map = support::Ramp();
  Geometry     inner = Turned(map.geometry, { 2, 0, 1 }, 5).Block({ 1, 1, 1 }, { 4, 3, 3 });
  inner.spacing = { inner.spacing.x * 1.1, inner.spacing.y * 0.7, inner.spacing.z * 0.9 };
  const auto moved = OntoGrid(map, inner, "map").AsFloat();
  // Value x + 10 y + 100 z - 300 of the ramp, by the same path as the geometry's own: the point, turned back by hand.
  std::size_t position = 0;
  for (std::int64_t z = 0; z < 3; ++z)
    for (std::int64_t y = 0; y < 3; ++y)
      for (std::int64_t x = 0; x < 4; ++x)
      {
        const Point p = inner.PointAt(double(x), double(y), double(z));
        double      value = -300;
        const double edge[]{ 0.7, 1.1, 2.5 }, factor[]{ 1, 10, 100 };
        for (std::size_t i = 0; i < 3; ++i)
          for (std::size_t k = 0; k < 3; ++k)
            value += factor[i] * map.geometry.direction[3 * k + i] * (p[k] - map.geometry.origin[k]) / edge[i];
        EXPECT_NEAR(moved[position++], value, 1e-3);
      }
}

TEST(OntoGrid, WhatWouldBeLostIsRefusedInMillimetres)
{
  Geometry    grid{ { 8, 9, 10 }, { 1, 1, 2 }, {} };
  LabelVolume labels{ grid, std::vector<std::uint16_t>(720) };
  labels.labels[0] = 4;
  Geometry shifted = grid;
  shifted.origin[0] = 3; // the voxel's centre lies 2.5 mm before the first voxel's face
  ExpectRefusal([&] { OntoGrid(labels, shifted, "l.nrrd"); }, "1 labelled voxels lie outside its grid, up to 2.50 mm; at most 1.00 mm");
  Geometry coarse{ { 2, 2, 2 }, { 4, 4, 8 }, { 1.5, 1.5, 3 } };
  ExpectRefusal([&] { OntoGrid(labels, coarse, "l.nrrd"); }, "label 4 of 'l.nrrd' (0.0020 ml in voxels of 1 x 1 x 2 mm) falls between");
  shifted.origin[0] = 100;
  ExpectRefusal([&] { OntoGrid(support::Ramp(grid), shifted, "p.nrrd"); }, "does not meet the grid of the source");
}

TEST(Segments, ComeFromATableOrWordsAndOnlyThoseThatOccur)
{
  const auto labels = Letters(support::ObliqueGeometry());
  const auto segments = SegmentsOf(labels, ParseSegments({ "300: Knötchen ", "5:absent" }));
  ASSERT_EQ(segments.size(), 2U);
  EXPECT_EQ(segments[0].label, 1);
  EXPECT_EQ(segments[0].name, "label 1");
  EXPECT_EQ(segments[0].type.meaning, "Tissue");
  EXPECT_EQ(segments[1].label, 300);
  EXPECT_EQ(segments[1].name, "Knötchen");
  EXPECT_EQ(segments[1].category.value, "91723000");
  for (const char * word : { "liver", "0:air", "70000:x", "1:", "x:y" })
    EXPECT_THROW(ParseSegments({ word }), Error) << word;
}

} // namespace
} // namespace serval
