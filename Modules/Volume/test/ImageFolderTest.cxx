#include "serval/Volume/DicomFolder.h"

#include "DicomPhantom.h"
#include "Phantom.h"
#include "Support.h"
#include "serval/Core/Error.h"

#include <gtest/gtest.h>

namespace serval
{
namespace
{

namespace fs = std::filesystem;

TEST(ImageFolder, VolumeFilesStandBehindTheSeries)
{
  const support::TemporaryFolder folder;
  fs::create_directories(folder / "dicom");
  support::WriteShuffled(support::PlanesOf(support::Ramp()), folder / "dicom");
  fs::create_directories(folder / "labels");
  for (const char * name : { "a.nrrd", "b.nii.gz", "c.mha", "labels/b.nii.gz" })
    WriteVolume(support::Ramp(), folder / name);
  support::WriteFile(folder / "notes.txt", "no image");
  const auto all = ListImageFolder(folder.Path());
  ASSERT_EQ(all.series.size(), 5U);
  EXPECT_EQ(all.series[0].slices, 7);
  EXPECT_EQ(all.series[1].files.front().filename(), "a.nrrd");
  EXPECT_EQ(all.series[1].extent, (Extent{ 5, 6, 7 }));
  EXPECT_NEAR(all.series[2].spacing.y, 1.1, 1e-6);
  EXPECT_EQ(all.skipped, 1U);
  EXPECT_EQ(ListImageFolder(folder.Path(), folder / "labels").series.size(), 4U);
  EXPECT_EQ(ReadSeries(all.series[3]).voxels, support::Ramp().voxels);
}

TEST(ImageFolder, WhatCannotBeReadIsToldAndSlicersSegmentationsAreNoVolumes)
{
  const support::TemporaryFolder folder;
  support::WriteFile(folder / "broken.nii", "not a header");
  support::WriteFile(folder / "a.seg.nrrd", "not looked at");
  const auto found = ListImageFolder(folder.Path());
  ASSERT_EQ(found.series.size(), 1U);
  ASSERT_EQ(found.series[0].problems.size(), 1U);
  EXPECT_EQ(found.series[0].problems[0].name, "unreadable");
  EXPECT_EQ(found.series[0].problems[0].detail.find("broken"), std::string::npos) << "the name is not shown";
  EXPECT_EQ(support::ErrorText([&] { ReadSeries(found.series[0]); }, Fault::Input).find("broken"), std::string::npos);
}

TEST(ImageFolder, NamesLoseTheirEndings)
{
  EXPECT_EQ(NameOfVolumeFile("x/a.b.nii.gz"), "a.b");
  EXPECT_EQ(NameOfVolumeFile("a.seg.nrrd"), "a");
  EXPECT_EQ(NameOfVolumeFile("A.NII.GZ"), "A");
  EXPECT_TRUE(IsVolumeFile("a.MHA"));
  EXPECT_FALSE(IsVolumeFile("a.gz"));
}

} // namespace
} // namespace serval
