#include "serval/Volume/DicomFolder.h"

#include "DicomPhantom.h"
#include "Phantom.h"
#include "Support.h"
#include "serval/Core/Text.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace serval
{
namespace
{

namespace fs = std::filesystem;
using support::DicomPlane;
using support::PlanesOf;
using support::Ramp;
using support::WriteShuffled;

class DicomVoxels : public testing::Test
{
protected:
  support::TemporaryFolder folder;
  std::vector<DicomPlane>  planes = PlanesOf(Ramp());

  Volume Read()
  {
    WriteShuffled(planes, folder.Path());
    return ReadVolume(folder.Path());
  }
  template <typename T>
  static const std::vector<T> & As(const Volume & volume)
  {
    return std::get<std::vector<T>>(volume.voxels);
  }
};

TEST_F(DicomVoxels, UnsignedValuesAboveInt16StayWhole)
{
  for (auto & plane : planes)
    plane.isSigned = false;
  planes[2].stored[3] = static_cast<std::int16_t>(-1); // 65535 unsigned
  for (auto & plane : planes)
    for (auto & value : plane.stored)
      value = static_cast<std::int16_t>(value < -1 ? 0 : value);
  const Volume volume = Read();
  EXPECT_EQ(As<std::uint16_t>(volume)[2 * 30 + 3], 65535);
  for (auto & plane : planes)
    plane.intercept = "-1024";
  EXPECT_EQ(As<float>(Read())[2 * 30 + 3], 65535 - 1024) << "fits neither int16 nor uint16 with its negative neighbours";
}

// PET scales each slice for itself; what the numbers are stands in Units.
TEST_F(DicomVoxels, PetKeepsItsUnits)
{
  for (std::size_t z = 0; z < planes.size(); ++z)
  {
    planes[z].modality = "PT";
    planes[z].sopClass = "1.2.840.10008.5.1.4.1.1.128";
    planes[z].slope = Concat(0.5 * double(z + 1));
    planes[z].extra.push_back({ 0x0054, 0x1001, "CS", "BQML" });
  }
  const Volume volume = Read();
  EXPECT_EQ(volume.units, "BQML");
  EXPECT_EQ(volume.modality, "PT");
  const auto truth = Ramp().AsFloat(), found = volume.AsFloat();
  for (std::size_t i = 0; i < truth.size(); ++i)
    EXPECT_FLOAT_EQ(found[i], truth[i] * 0.5F * float(i / 30 + 1)) << i;
}

TEST_F(DicomVoxels, FloatPixelsAreReadAsTheyAre)
{
  for (auto & plane : planes)
  {
    plane.modality = "MR";
    plane.sopClass = "1.2.840.10008.5.1.4.1.1.30"; // parametric map
    plane.slope = plane.intercept = "";
    for (const auto value : plane.stored)
      plane.real.push_back(float(value) * 0.25F + 0.125F);
  }
  const Volume volume = Read();
  const auto   truth = Ramp().AsFloat();
  for (std::size_t i = 0; i < truth.size(); ++i)
    EXPECT_EQ(As<float>(volume)[i], truth[i] * 0.25F + 0.125F) << i;
}

TEST_F(DicomVoxels, PaddingOfCtBecomesAir)
{
  for (auto & plane : planes)
  {
    plane.intercept = "-1024";
    plane.extra.push_back({ 0x0028, 0x0120, "US", "63536" }); // -2000 of a signed image, written as US as scanners do
  }
  planes[1].stored[4] = -2000;
  const Volume volume = Read();
  EXPECT_EQ(As<std::int16_t>(volume)[30 + 4], -1024);
  EXPECT_EQ(As<std::int16_t>(volume)[30 + 5], planes[1].stored[5] - 1024);
  ASSERT_EQ(volume.changes.size(), 1U);
  EXPECT_EQ(volume.changes[0], "padding: 1 voxels outside of the field of view set to -1024 HU");
  EXPECT_EQ(volume.units, "HU");
}

TEST_F(DicomVoxels, PaddingThatIsNotDeclaredBecomesAirAndNoiseOfAirStays)
{
  planes[1].stored[4] = -2048;
  planes[1].stored[5] = -1400;
  const Volume volume = Read();
  EXPECT_EQ(As<std::int16_t>(volume)[30 + 4], -1024);
  EXPECT_EQ(As<std::int16_t>(volume)[30 + 5], -1400);
  for (auto & plane : planes)
    plane.modality = "MR";
  EXPECT_EQ(As<std::int16_t>(Read())[30 + 4], -2048) << "MR has no such scale";
}

TEST_F(DicomVoxels, PaddingThatMayBeTissueIsKept)
{
  for (auto & plane : planes)
    plane.extra.push_back({ 0x0028, 0x0120, "US", "40" });
  planes[1].stored[4] = 40;
  const Volume volume = Read();
  EXPECT_EQ(As<std::int16_t>(volume)[30 + 4], 40);
  EXPECT_TRUE(volume.changes.empty());
}

TEST_F(DicomVoxels, PaddingRangeOfMrBecomesTheSmallestOtherValue)
{
  for (auto & plane : planes)
  {
    plane.modality = "MR";
    plane.extra.push_back({ 0x0028, 0x0120, "US", "33000" });
    plane.extra.push_back({ 0x0028, 0x0121, "US", "33002" });
  }
  planes[1].stored[4] = static_cast<std::int16_t>(33001);
  const Volume volume = Read();
  EXPECT_EQ(As<std::int16_t>(volume)[30 + 4], -300);
}

TEST_F(DicomVoxels, Monochrome1IsInverted)
{
  for (auto & plane : planes)
    plane.photometric = "MONOCHROME1";
  const auto inverted = As<std::int16_t>(Read()); // a copy: the volume ends here
  ASSERT_EQ(inverted.size(), 210U);
  for (std::size_t i = 0; i < inverted.size(); ++i)
    EXPECT_EQ(inverted[i], -1 - planes[i / 30].stored[i % 30]);
}

TEST_F(DicomVoxels, HighBitsThatBelongToOverlaysAreDropped)
{
  for (auto & plane : planes)
  {
    plane.isSigned = false;
    plane.extra = { { 0x0028, 0x0101, "US", "12" }, { 0x0028, 0x0102, "US", "11" } };
    for (auto & value : plane.stored)
      value = static_cast<std::int16_t>((value & 0x0fff) | 0x2000);
  }
  EXPECT_EQ(As<std::int16_t>(Read())[7], planes[0].stored[7] & 0x0fff);
}

TEST_F(DicomVoxels, DifferentSlopesOfSlicesAreApplied)
{
  planes[3].slope = "0.5";
  const Volume volume = Read();
  EXPECT_FLOAT_EQ(As<float>(volume)[3 * 30 + 1], 0.5F * planes[3].stored[1]);
  EXPECT_FLOAT_EQ(As<float>(volume)[2 * 30 + 1], planes[2].stored[1]);
}

/// A command that writes a file in another transfer syntax; {in} and {out} stand for the files.
struct Recoding
{
  std::string              name;
  std::vector<std::string> command;
};

class Recoded : public testing::TestWithParam<Recoding>
{};

TEST_P(Recoded, ReadsAsTheOriginal)
{
  const support::TemporaryFolder plain, recoded;
  Geometry                       geometry = support::ObliqueGeometry({ 32, 24, 5 });
  auto                           planes = PlanesOf(Ramp(geometry), 1, -1024);
  WriteShuffled(planes, plain.Path());
  for (const auto & name : support::Names(plain.Path()))
  {
    auto command = GetParam().command;
    std::replace(command.begin(), command.end(), std::string("{in}"), (plain / name).string());
    std::replace(command.begin(), command.end(), std::string("{out}"), (recoded / name).string());
    try
    {
      const auto result = support::RunCommand(command);
      if (result.code == 127)
        GTEST_SKIP() << command[0] << " is not installed";
      ASSERT_EQ(result.code, 0) << command[0] << ": " << result.error;
    }
    catch (const std::exception & e)
    {
      GTEST_SKIP() << command[0] << " is not installed: " << e.what();
    }
    ASSERT_NE(support::ReadFile(recoded / name), support::ReadFile(plain / name)) << "nothing was recoded";
  }
  const Volume original = ReadVolume(plain.Path()), read = ReadVolume(recoded.Path());
  EXPECT_LE(CornerDistance(read.geometry, original.geometry), 1e-9);
  const auto a = original.AsFloat(), b = read.AsFloat();
  EXPECT_EQ(a, b);
}

INSTANTIATE_TEST_SUITE_P(
  Syntaxes, Recoded,
  testing::Values(Recoding{ "JpegLossless", { "dcmcjpeg", "{in}", "{out}" } }, Recoding{ "JpegLs", { "dcmcjpls", "{in}", "{out}" } },
                  Recoding{ "Rle", { "dcmcrle", "{in}", "{out}" } }, Recoding{ "Jpeg2000", { "gdcmconv", "--j2k", "{in}", "{out}" } },
                  Recoding{ "Deflated", { "dcmconv", "+td", "{in}", "{out}" } },
                  Recoding{ "BigEndian", { "dcmconv", "+tb", "{in}", "{out}" } },
                  Recoding{ "Implicit", { "dcmconv", "+ti", "{in}", "{out}" } },
                  Recoding{ "BareDataSet", { "dcmconv", "-F", "{in}", "{out}" } }),
  [](const auto & info) { return info.param.name; });

} // namespace
} // namespace serval
