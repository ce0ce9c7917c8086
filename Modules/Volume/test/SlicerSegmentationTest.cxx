#include "serval/Volume/SlicerSegmentation.h"

#include "Phantom.h"
#include "Support.h"

#include <gtest/gtest.h>

namespace serval
{
namespace
{

using support::ErrorText;
using support::ExpectHas;

LabelVolume TwoBoxes()
{
  LabelVolume labels{ support::ObliqueGeometry(), std::vector<std::uint16_t>(5 * 6 * 7) };
  for (std::size_t i = 0; i < labels.labels.size(); ++i)
    labels.labels[i] = i % 5 < 2 ? 3 : i / 30 > 4 ? 7 : 0;
  return labels;
}

// A file as Slicer writes it: two layers, the second's segment shares the label value 1.
void WriteLayers(const std::filesystem::path & file, bool overlaps)
{
  std::string text = "NRRD0005\ntype: unsigned char\ndimension: 4\nspace: left-posterior-superior\nsizes: 2 4 3 2\n"
                     "space directions: none (0,2,0) (-1.5,0,0) (0,0,3)\nkinds: list domain domain domain\nencoding: raw\n"
                     "space origin: (10,-20,30.5)\n"
                     "Segment0_ID:=Segment_1\nSegment0_Name:=liver\nSegment0_LabelValue:=1\nSegment0_Layer:=0\n"
                     "Segment1_ID:=Segment_2\nSegment1_Name:=tumour ü\nSegment1_LabelValue:=1\nSegment1_Layer:=1\n\n";
  for (int i = 0; i < 24; ++i)
  {
    text += i < 12 ? '\1' : '\0';
    text += (overlaps ? i >= 8 && i < 16 : i >= 16) ? '\1' : '\0';
  }
  support::WriteFile(file, text);
}

TEST(SlicerSegmentation, GivesBackPlaceLabelsAndNames)
{
  const support::TemporaryFolder folder;
  const auto                     file = folder / "ein Fall ü.seg.nrrd";
  const auto                     labels = TwoBoxes();
  WriteSlicerSegmentation(labels, { Segment{ .label = 7, .name = "left kidney" } }, file);
  const auto read = ReadSlicerSegmentation(file);
  EXPECT_EQ(read.labels.labels, labels.labels);
  EXPECT_LT(CornerDistance(read.labels.geometry, labels.geometry), 1e-3);
  ASSERT_EQ(read.segments.size(), 2U);
  EXPECT_EQ(read.segments[0].name, "label 3");
  EXPECT_EQ(read.segments[1].name, "left kidney");
  EXPECT_EQ(read.segments[1].label, 7);
  EXPECT_EQ(ReadLabels(file).labels, labels.labels);
  const auto text = support::ReadFile(file);
  for (const char * line : { "Segment0_LabelValue:=3\n", "Segment1_Name:=left kidney\n", "Segment1_Extent:=0 4 0 5 0 6\n", "Segmentation_MasterRepresentation:=Binary labelmap\n" })
    ExpectHas(text, line);
}

TEST(SlicerSegmentation, LayersThatDoNotMeetBecomeOneMap)
{
  const support::TemporaryFolder folder;
  WriteLayers(folder / "a.seg.nrrd", false);
  const auto read = ReadSlicerSegmentation(folder / "a.seg.nrrd");
  EXPECT_EQ(read.labels.geometry.extent, (Extent{ 4, 3, 2 }));
  EXPECT_EQ(read.labels.geometry.PointAt(1, 0, 0), (Point{ 10, -18, 30.5 }));
  EXPECT_EQ(read.segments[1].name, "tumour ü");
  EXPECT_EQ(read.labels.labels[0], 1);
  EXPECT_EQ(read.labels.labels[12], 0);
  EXPECT_EQ(read.labels.labels[16], 2);
}

TEST(SlicerSegmentation, OverlapIsRefusedByNameOrOrdered)
{
  const support::TemporaryFolder folder;
  const auto                     file = folder / "a.seg.nrrd";
  WriteLayers(file, true);
  const auto words = ErrorText([&] { ReadLabels(file); }, Fault::Input);
  ExpectHas(words, "'liver' and 'tumour ü'");
  ExpectHas(words, "overlap in 4 voxels");
  ExpectHas(words, "--segmentOrder");
  EXPECT_EQ(ReadSlicerSegmentation(file, { "tumour ü", "liver" }).labels.labels[8], 2);
  EXPECT_EQ(ReadSlicerSegmentation(file, { "liver", "tumour ü" }).labels.labels[8], 1);
  EXPECT_EQ(ReadSlicerSegmentation(file, { "liver", "tumour ü" }).labels.labels[13], 2);
  ExpectHas(ErrorText([&] { ReadSlicerSegmentation(file, { "spleen" }); }, Fault::Usage), "it has liver, tumour ü");
  ErrorText([&] { ReadSlicerSegmentation(file, { "liver" }); }, Fault::Input);
}

// Slicer stores no more than the box around the segments.
TEST(SlicerSegmentation, ABoxIsPutOntoItsVolumesGrid)
{
  const support::TemporaryFolder folder;
  const auto                     grid = support::ObliqueGeometry({ 9, 8, 7 });
  LabelVolume                    box{ grid.Block({ 2, 3, 1 }, { 3, 2, 4 }), std::vector<std::uint16_t>(24, 5) };
  WriteLabels(box, folder / "box.seg.nrrd");
  const auto labels = ReadLabelsOn(grid, folder / "box.seg.nrrd");
  EXPECT_EQ(labels.geometry.extent, grid.extent);
  EXPECT_EQ(std::count(labels.labels.begin(), labels.labels.end(), 5), 24);
  EXPECT_EQ(labels.labels[2 + 9 * (3 + 8 * 1)], 5);
  auto other = grid;
  other.spacing.z = 1;
  ExpectHas(ErrorText([&] { ReadLabelsOn(other, folder / "box.seg.nrrd"); }, Fault::Input), "both must lie on one grid");
  other = grid;
  other.origin[0] += 500;
  ErrorText([&] { ReadLabelsOn(other, folder / "box.seg.nrrd"); }, Fault::Input);
}

TEST(SlicerSegmentation, WhatIsNoneIsRefused)
{
  const support::TemporaryFolder folder;
  WriteLabels(TwoBoxes(), folder / "plain.nrrd");
  std::filesystem::rename(folder / "plain.nrrd", folder / "plain.seg.nrrd");
  ExpectHas(ErrorText([&] { ReadLabels(folder / "plain.seg.nrrd"); }, Fault::Input), "names no segments");
  support::WriteFile(folder / "torn.seg.nrrd", "NRRD0005\ntype: unsigned char\n");
  ErrorText([&] { ReadLabels(folder / "torn.seg.nrrd"); }, Fault::Input);
  ErrorText([&] { ReadLabels(folder / "missing.seg.nrrd"); }, Fault::Input);
}

} // namespace
} // namespace serval
