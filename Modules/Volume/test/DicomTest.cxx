#include "serval/Volume/Volume.h"

#include "DicomPhantom.h"
#include "Phantom.h"
#include "Support.h"
#include "serval/Core/Error.h"
#include "serval/Core/PathDisplay.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace serval
{
namespace
{

using support::ObliqueGeometry;
using support::PlanesOf;
using support::Ramp;
using support::WriteShuffled;

class Dicom : public testing::Test
{
protected:
  support::TemporaryFolder folder;

  std::string Refusal(const ReadOptions & options = {}) const
  {
    try
    {
      ReadVolume(folder.Path(), options);
    }
    catch (const Error & e)
    {
      EXPECT_EQ(e.Kind(), Fault::Input) << e.what();
      EXPECT_EQ(std::string(e.what()).find("Secret"), std::string::npos) << "a patient's name: " << e.what();
      return e.what();
    }
    return "nothing was refused";
  }
  void ExpectRefusal(const std::vector<std::string> & parts, const ReadOptions & options = {}) const
  {
    const std::string text = Refusal(options);
    for (const auto & part : parts)
      EXPECT_NE(text.find(part), std::string::npos) << "'" << part << "' is not in: " << text;
  }
};

TEST_F(Dicom, AShuffledObliqueSeriesComesBackInItsPlace)
{
  const Volume written = Ramp();
  WriteShuffled(PlanesOf(written), folder.Path());
  support::WriteFile(folder / "README.txt", "not DICOM");
  const Volume read = ReadVolume(folder.Path());
  EXPECT_EQ(read.modality, "CT");
  EXPECT_EQ(read.voxels, written.voxels);
  EXPECT_EQ(read.geometry.extent, written.geometry.extent);
  EXPECT_LE(CornerDistance(read.geometry, written.geometry), 1e-6);
}

TEST_F(Dicom, TheSameGridThroughNiftiAndBack)
{
  WriteShuffled(PlanesOf(Ramp()), folder.Path());
  const Volume read = ReadVolume(folder.Path());
  for (const char * name : { "a.nii.gz", "a.nrrd", "a.mha" })
  {
    const support::TemporaryFolder other;
    WriteVolume(read, other / name);
    const Volume again = ReadVolume(other / name);
    EXPECT_EQ(again.voxels, read.voxels) << name;
    EXPECT_LE(CornerDistance(again.geometry, read.geometry), 1e-4) << name;
  }
}

TEST_F(Dicom, SlopeAndInterceptOfEachSliceAreApplied)
{
  const Volume written = Ramp();
  auto         planes = PlanesOf(written, 1, -1024);
  planes[2] = PlanesOf(written, 1, 40)[2];
  WriteShuffled(planes, folder.Path());
  EXPECT_EQ(ReadVolume(folder.Path()).voxels, written.voxels);
  for (auto & plane : planes)
    plane.slope = "0.5";
  WriteShuffled(planes, folder.Path());
  const auto voxels = ReadVolume(folder.Path()).voxels;
  ASSERT_EQ(voxels.index(), 3U);
  EXPECT_FLOAT_EQ(std::get<3>(voxels)[1], 0.5F * (-299 + 1024) - 1024);
}

TEST_F(Dicom, AMissingSliceIsNamedWithItsGap)
{
  auto planes = PlanesOf(Ramp());
  planes.erase(planes.begin() + 3);
  WriteShuffled(planes, folder.Path());
  ExpectRefusal({ "missing-slice: 1 slice, the first between", "5.000 mm where 2.500 mm is usual" });
}

TEST_F(Dicom, UnevenSlicesAreRefusedAndRoundingIsNot)
{
  Volume volume = Ramp();
  auto   planes = PlanesOf(volume);
  volume.geometry.origin = volume.geometry.PointAt(0, 0, 0.008); // 0.02 mm of 2.5 mm
  planes[4].position = PlanesOf(volume)[4].position;
  WriteShuffled(planes, folder.Path());
  EXPECT_NEAR(ReadVolume(folder.Path()).geometry.spacing.z, 2.5, 1e-6);
  volume.geometry.origin = volume.geometry.PointAt(0, 0, 0.3);
  planes[4].position = PlanesOf(volume)[4].position;
  WriteShuffled(planes, folder.Path());
  ExpectRefusal({ "uneven-spacing", "3.270 mm where 2.500 mm" });
}

TEST_F(Dicom, ADoubledPositionIsNamed)
{
  auto planes = PlanesOf(Ramp());
  planes.push_back(planes[2]);
  WriteShuffled(planes, folder.Path());
  ExpectRefusal({ "duplicate-position: 1 slice stands where another one stands" });
}

TEST_F(Dicom, GantryTiltIsRefusedInDegrees)
{
  auto     planes = PlanesOf(Ramp());
  Geometry moved = Ramp().geometry;
  for (std::size_t z = 0; z < planes.size(); ++z)
  { // 1 mm along the columns for every 2.5 mm along the normal
    const Geometry shifted = moved.Block({ 0, 0, 0 }, moved.extent);
    const Point    p = shifted.PointAt(0, static_cast<double>(z) / 1.1, static_cast<double>(z));
    planes[z].position = Concat(p[0], '\\', p[1], '\\', p[2]);
  }
  WriteShuffled(planes, folder.Path());
  ExpectRefusal({ "gantry-tilt: 21.80 degrees", "6.00 mm" });
}

TEST_F(Dicom, SeveralSeriesAreListedAndOneIsChosen)
{
  const Volume first = Ramp(), second = Ramp(ObliqueGeometry({ 4, 3, 5 }));
  auto         other = PlanesOf(second);
  for (auto & plane : other)
  {
    plane.series = "1.2.3.4.2";
    plane.modality = "MR";
  }
  WriteShuffled(PlanesOf(first), folder.Path());
  WriteShuffled(other, folder.Path(), "g");
  ExpectRefusal({ "2 DICOM volumes", "1: volume, CT, 7 slices of 5x6", "2: volume, MR, 5 slices of 4x3", ShownText("1.2.3.4.2") });
  ExpectRefusal({ "no DICOM volume of the series" }, { "3" });
  EXPECT_EQ(ReadVolume(folder.Path(), { "1" }).voxels, first.voxels);
  EXPECT_EQ(ReadVolume(folder.Path(), { "1.2.3.4.2" }).voxels, second.voxels);
  EXPECT_EQ(ReadVolume(folder.Path(), { ShownText("1.2.3.4.2") }).voxels, second.voxels);
}

TEST_F(Dicom, PlanesOfSeveralOrientationsAreSeveralSeries)
{
  Geometry turned = ObliqueGeometry();
  turned.direction = { 0, 0, 1, 1, 0, 0, 0, 1, 0 };
  WriteShuffled(PlanesOf(Ramp()), folder.Path());
  WriteShuffled(PlanesOf(Ramp(turned)), folder.Path(), "g");
  ExpectRefusal({ "2 DICOM volumes" });
  ExpectRefusal({ "several orientations" }, { "1.2.3.4.1" });
}

TEST_F(Dicom, FoldersWithoutASeriesAreRefused)
{
  ExpectRefusal({ "holds no file" });
  support::WriteFile(folder / "a.txt", "text");
  ExpectRefusal({ "no DICOM image" });
  support::WriteDicomPlane(PlanesOf(Ramp())[0], 1, folder / "one.dcm");
  ExpectRefusal({ "has 1 slice", "kind other" });
}

TEST_F(Dicom, DamagedAndPlacelessFilesAreNamed)
{
  auto planes = PlanesOf(Ramp());
  WriteShuffled(planes, folder.Path());
  const std::string whole = support::ReadFile(folder / "f00.dcm");
  for (std::size_t length = 133; length < whole.size(); length += 13)
  {
    support::WriteFile(folder / "f00.dcm", whole.substr(0, length));
    ExpectRefusal({ Shown(folder / "f00.dcm") });
  }
  planes[0].position.clear();
  WriteShuffled(planes, folder.Path());
  ExpectRefusal({ Shown(folder / "f00.dcm"), "ImagePositionPatient" });
}

TEST(RealDicom, ChestCtStandsEvery2Point5Millimetres)
{
  const std::filesystem::path series = SERVAL_SOURCE_DIRECTORY "/Data/ct-dicom-lidc/LIDC-IDRI-0001";
  if (!std::filesystem::is_directory(series))
    GTEST_SKIP() << series << " is not there";
  const Volume volume = ReadVolume(series);
  EXPECT_EQ(volume.modality, "CT");
  EXPECT_EQ(volume.geometry.extent, (Extent{ 512, 512, 16 }));
  EXPECT_NEAR(volume.geometry.spacing.x, 0.703125, 1e-9);
  EXPECT_NEAR(volume.geometry.spacing.z, 2.5, 1e-9);
  EXPECT_NEAR(volume.geometry.origin[2], -132.5, 1e-9);
  EXPECT_EQ(volume.voxels.index(), 1U);
}

TEST(RealDicom, SagittalMrStandsEvery4Point8Millimetres)
{
  const std::filesystem::path series = SERVAL_SOURCE_DIRECTORY "/Data/mr-dicom-sag35";
  if (!std::filesystem::is_directory(series))
    GTEST_SKIP() << series << " is not there";
  const Volume volume = ReadVolume(series);
  EXPECT_EQ(volume.geometry.extent, (Extent{ 256, 256, 35 }));
  EXPECT_NEAR(volume.geometry.spacing.z, 4.8, 1e-3);
  EXPECT_NEAR(std::abs(volume.geometry.direction[2]), 1, 0.2) << "slices step along the patient's left-right axis";
}

TEST(RealDicom, GantryTiltOfAPhantomIsRefusedAndRepaired)
{
  const std::filesystem::path series = SERVAL_SOURCE_DIRECTORY "/Data/ct-dicom-tilt-phantom";
  const std::string           text = support::ErrorText([&] { ReadVolume(series); }, Fault::Input);
  EXPECT_NE(text.find("gantry-tilt: -18.50 degrees"), std::string::npos) << text;
  const Volume volume = ReadVolume(series, { .repair = { true } });
  EXPECT_EQ(volume.geometry.extent.x, 512);
  EXPECT_EQ(volume.geometry.extent.z, 5);
  EXPECT_NEAR(static_cast<double>(volume.geometry.extent.y - 512), 4 * 2.5 * std::sin(18.5 * std::acos(-1) / 180) / 0.482, 1.5);
  EXPECT_NEAR(volume.geometry.spacing.z, 2.5 * std::cos(18.5 * std::acos(-1) / 180), 0.01);
  // On the upright grid the phantom's parts lie above each other: neighbouring slices are more alike than unmoved ones.
  const auto   voxels = volume.AsFloat();
  const auto & e = volume.geometry.extent;
  const auto   difference = [&](std::int64_t down) {
    double sum = 0;
    for (std::int64_t y = 60; y < 440; ++y)
      for (std::int64_t x = 60; x < 450; ++x)
        sum += std::abs(voxels[static_cast<std::size_t>(x + e.x * (y + e.y * 2))] - voxels[static_cast<std::size_t>(x + e.x * (y + down + e.y * 3))]);
    return sum;
  };
  EXPECT_LT(difference(0), difference(2));
  EXPECT_LT(difference(0), difference(-2));
}

TEST(RealDicom, PaddingOfTheChestCtIsAir)
{
  const Volume volume = ReadVolume(SERVAL_SOURCE_DIRECTORY "/Data/ct-dicom-lidc/LIDC-IDRI-0001");
  const auto & voxels = std::get<std::vector<std::int16_t>>(volume.voxels);
  EXPECT_EQ(voxels[0], -1024) << "outside of the field of view, -2048 HU in the file though -3024 is declared";
  EXPECT_GT(*std::min_element(voxels.begin(), voxels.end()), -1500);
  EXPECT_NE(volume.changes.at(0).find("padding: "), std::string::npos);
  EXPECT_EQ(volume.units, "HU");
}

} // namespace
} // namespace serval
