#include "serval/Core/PathDisplay.h"
#include "serval/Volume/Volume.h"

#include "Phantom.h"
#include "Support.h"

#include <gtest/gtest.h>

#include <limits>

namespace serval
{
namespace
{

using support::ErrorText;
using support::ExpectHas;
using support::ObliqueGeometry;
using support::Ramp;

const std::vector<std::string> formats{ "a volume ü.nii", "a.img.nii", "b.hdr.x.nii.gz", "a.nii.gz", "a.nrrd", "a.mha" };

TEST(VolumeFile, EveryFormatKeepsVoxelsTypeAndObliqueGeometry)
{
  const support::TemporaryFolder folder;
  for (const auto & name : formats)
  {
    const Volume written = Ramp();
    WriteVolume(written, folder / name);
    const Volume read = ReadVolume(folder / name);
    EXPECT_EQ(read.voxels, written.voxels) << name;
    EXPECT_EQ(read.geometry.extent, written.geometry.extent) << name;
    EXPECT_LE(CornerDistance(read.geometry, written.geometry), 1e-4) << name;
    EXPECT_NEAR(read.geometry.spacing.y, 1.1, 1e-6) << name;
  }
  EXPECT_EQ(support::Names(folder.Path()).size(), formats.size()) << "no other file is left";
}

TEST(VolumeFile, EveryFormatKeepsTheModality)
{
  const support::TemporaryFolder folder;
  for (const auto & name : formats)
    for (const std::string modality : { "CT", "MR", "" })
    {
      auto volume = Ramp();
      volume.modality = modality;
      WriteVolume(volume, folder / name);
      EXPECT_EQ(ReadVolume(folder / name).modality, modality) << name;
      EXPECT_EQ(ReadVolume(folder / name).voxels, volume.voxels) << name;
    }
  support::WriteFile(folder / "met.mha", "ObjectType = Image\nNDims = 3\nBinaryData = True\nBinaryDataByteOrderMSB = False\nModality = MET_MOD_MR\nTransformMatrix = 1 0 0 0 1 0 0 0 1\nOffset = 0 0 0\n"
                                         "ElementSpacing = 1 1 1\nDimSize = 2 2 2\nElementType = MET_UCHAR\nElementDataFile = LOCAL\n12345678");
  EXPECT_EQ(ReadVolume(folder / "met.mha").modality, "MR");
  auto other = Ramp();
  other.modality = "Muster^Max";
  WriteVolume(other, folder / "a.nrrd");
  EXPECT_EQ(ReadVolume(folder / "a.nrrd").modality, "") << "only DICOM's terms";
}

TEST(VolumeFile, EveryKeptTypeComesBackAsItself)
{
  const support::TemporaryFolder folder;
  const std::size_t              count = 5 * 6 * 7;
  const std::vector<Voxels>      all{ std::vector<std::uint8_t>(count, 200), std::vector<std::int16_t>(count, -1024),
                                      std::vector<std::uint16_t>(count, 60000), std::vector<float>(count, -0.25F) };
  for (const auto & name : formats)
    for (const auto & voxels : all)
    {
      WriteVolume({ ObliqueGeometry(), voxels, {} }, folder / name);
      EXPECT_EQ(ReadVolume(folder / name).voxels, voxels) << name << voxels.index();
    }
}

TEST(VolumeFile, LabelsTakeEightBitsWhereTheyFit)
{
  const support::TemporaryFolder folder;
  LabelVolume                    labels{ ObliqueGeometry(), std::vector<std::uint16_t>(5 * 6 * 7, 3) };
  WriteLabels(labels, folder / "a.nii.gz");
  EXPECT_EQ(ReadVolume(folder / "a.nii.gz").voxels.index(), 0U);
  EXPECT_EQ(ReadLabels(folder / "a.nii.gz").labels, labels.labels);
  labels.labels[17] = 40000;
  WriteLabels(labels, folder / "a.nii.gz");
  EXPECT_EQ(ReadLabels(folder / "a.nii.gz").labels, labels.labels);
}

TEST(VolumeFile, ASegmentationHoldsWholeNumbersOnly)
{
  const support::TemporaryFolder folder;
  for (const float wrong : { 0.5F, -1.0F, 70000.0F, std::numeric_limits<float>::quiet_NaN() })
  {
    std::vector<float> voxels(5 * 6 * 7, 1.0F);
    voxels[5 * 6 + 2] = wrong;
    WriteVolume({ ObliqueGeometry(), voxels, {} }, folder / "a.nrrd");
    ExpectHas(ErrorText([&] { ReadLabels(folder / "a.nrrd"); }, Fault::Input), "at index (2, 0, 1)");
  }
}

TEST(VolumeFile, VoxelsThatAreNotFiniteAreCounted)
{
  const support::TemporaryFolder folder;
  std::vector<float>             voxels(5 * 6 * 7, 1.0F);
  voxels[1 + 5 * (2 + 6 * 3)] = std::numeric_limits<float>::infinity();
  voxels.back() = std::numeric_limits<float>::quiet_NaN();
  WriteVolume({ ObliqueGeometry(), voxels, {} }, folder / "a.nii.gz");
  const auto text = ErrorText([&] { ReadVolume(folder / "a.nii.gz"); }, Fault::Input);
  ExpectHas(text, "2 voxels");
  ExpectHas(text, "(1, 2, 3)");
  EXPECT_NO_THROW(ReadVolume(folder / "a.nii.gz", { .allowNotFinite = true }));
}

TEST(VolumeFile, WhatIsNoVolumeIsRefusedByName)
{
  const support::TemporaryFolder folder;
  ExpectHas(ErrorText([&] { ReadVolume(folder / "missing.nrrd"); }, Fault::Input), Shown(folder / "missing.nrrd") + " does not exist");
  support::WriteFile(folder / "text.nii", "no image at all");
  ExpectHas(ErrorText([&] { ReadVolume(folder / "text.nii"); }, Fault::Input), Shown(folder / "text.nii"));
  support::WriteFile(folder / "empty.mha", "");
  ExpectHas(ErrorText([&] { ReadVolume(folder / "empty.mha"); }, Fault::Input), "empty file");
}

TEST(VolumeFile, ATruncatedFileIsRefusedInEveryFormat)
{
  const support::TemporaryFolder folder;
  for (const auto & name : formats)
  {
    WriteVolume(Ramp(ObliqueGeometry({ 25, 26, 27 })), folder / name);
    const std::string whole = support::ReadFile(folder / name);
    support::WriteFile(folder / name, whole.substr(0, whole.size() * 2 / 3));
    const auto text = ErrorText([&] { ReadVolume(folder / name); }, Fault::Input);
    ExpectHas(text, Shown(folder / name));
    EXPECT_EQ(text.find(folder.Path().string()), std::string::npos) << text; // nor in the words of a library
  }
}

TEST(VolumeFile, AHeaderCannotAskForMoreThanTheFileHolds)
{
  const support::TemporaryFolder folder;
  support::WriteFile(folder / "big.mha", "ObjectType = Image\nNDims = 3\nDimSize = 20000 20000 20000\n"
                                         "ElementType = MET_SHORT\nElementDataFile = LOCAL\nxx");
  ExpectHas(ErrorText([&] { ReadVolume(folder / "big.mha"); }, Fault::Input), "truncated");
}

TEST(VolumeFile, FlatVectorAndFourDimensionalImagesAreRefused)
{
  const support::TemporaryFolder folder;
  const std::string              head = "ObjectType = Image\nElementType = MET_UCHAR\n", tail = "ElementDataFile = LOCAL\n";
  support::WriteFile(folder / "flat.mha", head + "NDims = 2\nDimSize = 3 4\n" + tail + std::string(12, 'x'));
  support::WriteFile(folder / "slice.mha", head + "NDims = 3\nDimSize = 3 4 1\n" + tail + std::string(12, 'x'));
  support::WriteFile(folder / "four.mha", head + "NDims = 4\nDimSize = 3 4 5 2\n" + tail + std::string(120, 'x'));
  support::WriteFile(folder / "rgb.mha",
                     head + "NDims = 3\nDimSize = 3 4 5\nElementNumberOfChannels = 3\n" + tail + std::string(180, 'x'));
  ExpectHas(ErrorText([&] { ReadVolume(folder / "flat.mha"); }, Fault::Input), "2 dimensions (3x4)");
  ExpectHas(ErrorText([&] { ReadVolume(folder / "slice.mha"); }, Fault::Input), "not three-dimensional");
  ExpectHas(ErrorText([&] { ReadVolume(folder / "four.mha"); }, Fault::Input), "4 dimensions (3x4x5x2)");
  ExpectHas(ErrorText([&] { ReadVolume(folder / "rgb.mha"); }, Fault::Input), "3 numbers in each voxel");
}

TEST(VolumeFile, ChannelsOfMetaImagesAreChosenByNumber)
{
  const support::TemporaryFolder folder;
  std::string                    numbers;
  for (int i = 0; i < 120; ++i)
    numbers += static_cast<char>(i);
  const std::string head = "ObjectType = Image\nBinaryData = True\n", tail = "ElementType = MET_UCHAR\nElementDataFile = LOCAL\n";
  support::WriteFile(folder / "behind.mha", head + "NDims = 4\nDimSize = 3 4 5 2\n" + tail + numbers);
  support::WriteFile(folder / "within.mha", head + "NDims = 3\nDimSize = 3 4 5\nElementNumberOfChannels = 2\n" + tail + numbers);
  const auto behind = ReadChannels(folder / "behind.mha"), within = ReadChannels(folder / "within.mha");
  ASSERT_EQ(behind.size(), 2U);
  ASSERT_EQ(within.size(), 2U);
  EXPECT_EQ(std::get<0>(behind[1].voxels)[7], 67);
  EXPECT_EQ(std::get<0>(within[1].voxels)[7], 15);
  EXPECT_EQ(ReadVolume(folder / "behind.mha", { .channel = 1 }).voxels, behind[1].voxels);
  EXPECT_EQ(ReadVolume(folder / "within.mha", { .channel = 0 }).voxels, within[0].voxels);
  WriteVolume(Ramp(), folder / "one.nrrd");
  EXPECT_EQ(ReadChannels(folder / "one.nrrd").front().voxels, Ramp().voxels);
}

TEST(VolumeFile, TheSpaceOfAnNrrdFileIsKnownOrRefused)
{
  const support::TemporaryFolder folder;
  const auto                     write = [&](const std::string & space) {
    support::WriteFile(folder / "a.nrrd", "NRRD0005\ntype: uchar\ndimension: 3\n" + space +
                                            "sizes: 3 4 5\nspace directions: (2,0,0) (0,3,0) (0,0,4)\nspace origin: (1,2,3)\n"
                                                                "encoding: raw\n\n" + std::string(60, 'x'));
    return ReadVolume(folder / "a.nrrd", { .placement = space.find("dimension") == std::string::npos ? Placement::Stated
                                                                                                     : Placement::Assumed }).geometry;
  };
  EXPECT_EQ(write("space: left-posterior-superior\n").PointAt(1, 1, 1), (Point{ 3, 5, 7 }));
  EXPECT_EQ(write("space: RAS\n").PointAt(1, 1, 1), (Point{ -3, -5, 7 }));
  EXPECT_EQ(write("space dimension: 3\n").PointAt(1, 1, 1), (Point{ 3, 5, 7 })) << "assumed";
  ExpectHas(ErrorText([&] { ReadVolume(folder / "a.nrrd"); }, Fault::Input), "does not name its space");
  for (const char * space : { "scanner-xyz", "left-anterior-superior" })
    ExpectHas(ErrorText([&] { write(std::string("space: ") + space + "\n"); }, Fault::Input), space);
  ExpectHas(ErrorText([&] { write("space: LPS\nspace units: \"um\" \"um\" \"um\"\n"); }, Fault::Input), "millimetres");
}

TEST(VolumeFile, TheMatrixOfAMetaImageHoldsElseItsAnatomicalOrientation)
{
  const support::TemporaryFolder folder;
  const auto                     read = [&](const std::string & fields) {
    support::WriteFile(folder / "a.mha", "ObjectType = Image\nNDims = 3\nBinaryData = True\n" + fields +
                                                               "DimSize = 3 4 5\nElementType = MET_UCHAR\nElementDataFile = LOCAL\n" + std::string(60, 'x'));
    return ReadVolume(folder / "a.mha").geometry;
  };
  EXPECT_EQ(read("").direction, Geometry().direction);
  EXPECT_EQ(read("AnatomicalOrientation = RAI\n").direction, Geometry().direction);
  EXPECT_EQ(read("AnatomicalOrientation = LPI\n").direction, (std::array<double, 9>{ -1, 0, 0, 0, -1, 0, 0, 0, 1 }));
  EXPECT_EQ(read("AnatomicalOrientation = ASL\n").direction, (std::array<double, 9>{ 0, 0, -1, 1, 0, 0, 0, -1, 0 }));
  EXPECT_EQ(read("TransformMatrix = 1 0 0 0 1 0 0 0 1\nAnatomicalOrientation = LPI\n").direction, Geometry().direction);
  ExpectHas(ErrorText([&] { read("AnatomicalOrientation = LLI\n"); }, Fault::Input), "'LLI'");
}

TEST(VolumeFile, RawVoxelsAreReadInEitherByteOrder)
{
  const support::TemporaryFolder folder;
  const std::string              high = "\1\2", low = "\2\1";
  std::string                    most, least;
  for (int i = 0; i < 60; ++i)
  {
    most += high;
    least += low;
  }
  const auto head = [](const char * order) {
    return std::string("ObjectType = Image\nNDims = 3\nBinaryData = True\nBinaryDataByteOrderMSB = ") + order +
           "\nDimSize = 3 4 5\nElementType = MET_SHORT\nElementDataFile = LOCAL\n";
  };
  support::WriteFile(folder / "most.mha", head("True") + most);
  support::WriteFile(folder / "least.mha", head("False") + least);
  EXPECT_EQ(ReadVolume(folder / "most.mha").voxels, Voxels(std::vector<std::int16_t>(60, 258)));
  EXPECT_EQ(ReadVolume(folder / "least.mha").voxels, Voxels(std::vector<std::int16_t>(60, 258)));
}

TEST(VolumeFile, WideWholeNumbersAreNarrowedWhereNothingIsLost)
{
  const support::TemporaryFolder folder;
  const auto                     write = [&](std::vector<std::int32_t> values) {
    support::WriteFile(folder / "a.mha", "ObjectType = Image\nNDims = 3\nDimSize = 2 2 2\nElementType = MET_INT\n"
                                         "ElementDataFile = LOCAL\n" +
                                           std::string(reinterpret_cast<const char *>(values.data()), 32));
    return ReadVolume(folder / "a.mha").voxels;
  };
  EXPECT_EQ(write({ -3024, 1, 2, 3, 4, 5, 6, 3071 }), Voxels(std::vector<std::int16_t>{ -3024, 1, 2, 3, 4, 5, 6, 3071 }));
  EXPECT_EQ(write({ 0, 1, 2, 3, 4, 5, 6, 65535 }), Voxels(std::vector<std::uint16_t>{ 0, 1, 2, 3, 4, 5, 6, 65535 }));
  EXPECT_EQ(write({ -1, 1, 2, 3, 4, 5, 6, 65535 }), Voxels(std::vector<float>{ -1, 1, 2, 3, 4, 5, 6, 65535 }));
}

TEST(VolumeFile, AnUnknownOutputExtensionIsAUsageErrorAndLeavesNothing)
{
  const support::TemporaryFolder folder;
  ExpectHas(ErrorText([&] { WriteVolume(Ramp(), folder / "a.png"); }, Fault::Usage), ".nii.gz");
  ErrorText([&] { WriteVolume(Ramp(), folder / "no" / "a.nrrd"); }, Fault::Input);
  EXPECT_TRUE(support::Names(folder.Path()).empty());
}

TEST(SameGrid, SaysByHowManyMillimetres)
{
  const Geometry image = ObliqueGeometry();
  Geometry       labels = image;
  labels.origin[0] += 0.06;
  EXPECT_NO_THROW(RequireSameGrid(image, labels, "i", "l"));
  labels.origin[0] += 0.5;
  ExpectHas(ErrorText([&] { RequireSameGrid(image, labels, "i", "l"); }, Fault::Input), "0.560 mm");
  labels = image;
  labels.origin[2] = std::numeric_limits<double>::quiet_NaN();
  ErrorText([&] { RequireSameGrid(image, labels, "i", "l"); }, Fault::Input);
  labels = ObliqueGeometry({ 5, 6, 8 });
  ExpectHas(ErrorText([&] { RequireSameGrid(image, labels, "i", "l"); }, Fault::Input), "5x6x8");
}

TEST(VoxelFingerprint, ChangesWithVoxelsTypeAndGeometryOnly)
{
  const Volume      volume = Ramp();
  const std::string own = VoxelFingerprint(volume);
  EXPECT_EQ(own.size(), 32U);
  Volume other = volume;
  other.modality = "CT";
  EXPECT_EQ(VoxelFingerprint(other), own);
  std::get<std::vector<std::int16_t>>(other.voxels)[3] += 1;
  EXPECT_NE(VoxelFingerprint(other), own);
  other = volume;
  other.geometry.origin[1] += 1e-3;
  EXPECT_NE(VoxelFingerprint(other), own);
  other = volume;
  other.voxels = volume.AsFloat();
  EXPECT_NE(VoxelFingerprint(other), own);
}

} // namespace
} // namespace serval
