#include "NiftiPhantom.h"
#include "Support.h"
#include "serval/Volume/Orientation.h"
#include "serval/Volume/Volume.h"

#include <gtest/gtest.h>

#include <zlib.h>

#include <cmath>
#include <limits>

namespace serval
{
namespace
{

using support::ErrorText;
using support::ExpectHas;
using support::NiftiPhantom;

class Nifti : public testing::Test
{
protected:
  support::TemporaryFolder folder;

  Volume Read(const NiftiPhantom & phantom, const ReadOptions & options = {}) const
  {
    support::WriteFile(folder / "a.nii", phantom.Bytes());
    return ReadVolume(folder / "a.nii", options);
  }
  Geometry GeometryOf(const NiftiPhantom & phantom, Placement placement = Placement::Stated) const
  {
    return Read(phantom, { .placement = placement }).geometry;
  }
  void ExpectRefused(const NiftiPhantom & phantom, const std::string & text, Placement placement = Placement::Stated) const
  {
    ExpectHas(ErrorText([&] { GeometryOf(phantom, placement); }, Fault::Input), text);
  }
};

std::string Gzip(const std::string & text)
{
  z_stream stream{};
  deflateInit2(&stream, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
  std::string packed(text.size() + 1000, '\0');
  stream.next_in = reinterpret_cast<Bytef *>(const_cast<char *>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef *>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

std::vector<std::int16_t> Counted(std::size_t count, std::int16_t first = 0)
{
  std::vector<std::int16_t> values(count);
  for (std::size_t i = 0; i < count; ++i)
    values[i] = static_cast<std::int16_t>(first + std::int16_t(i));
  return values;
}

void ExpectPoint(const Point & found, const Point & expected)
{
  for (std::size_t axis = 0; axis < 3; ++axis)
    EXPECT_NEAR(found[axis], expected[axis], 1e-4) << axis;
}

TEST_F(Nifti, TheSformOfRasBecomesLps)
{
  const Geometry g = GeometryOf({ .sformCode = 1 });
  EXPECT_EQ(OrientationCode(g), "RAS");
  ExpectPoint(g.PointAt(0, 0, 0), { -10, -20, 30 });
  ExpectPoint(g.PointAt(1, 2, 3), { -12, -26, 42 });
  EXPECT_EQ(g.spacing, (Spacing{ 2, 3, 4 }));
}

TEST_F(Nifti, TheQuaternionTurnsAndTheQfacMirrors)
{
  const float  half = std::sqrt(0.5F);
  NiftiPhantom phantom{ .qformCode = 1, .quaternion = { 0, 0, half, 1, 2, 3 } }; // a quarter turn about z
  ExpectPoint(GeometryOf(phantom).PointAt(1, 1, 1), { -(1 - 3), -(2 + 2), 3 + 4 });
  for (const float right : { 1.0F, 0.0F })
  {
    phantom.pixdim[0] = right;
    ExpectPoint(GeometryOf(phantom).PointAt(0, 0, 1), { -1, -2, 7 });
  }
  phantom.pixdim[0] = -1;
  ExpectPoint(GeometryOf(phantom).PointAt(0, 0, 1), { -1, -2, -1 });
  phantom.quaternion = { 0, 0.7071069F, 0.7071069F, 0, 0, 0 }; // half a turn, longer than 1 by its rounding
  ExpectPoint(GeometryOf(phantom).PointAt(1, 0, 0), { 2, 0, 0 });
  phantom.quaternion[0] = 0.5F;
  ExpectRefused(phantom, "longer than 1");
}

TEST_F(Nifti, AgreeingFormsAreReadFromTheSform)
{
  NiftiPhantom phantom{ .qformCode = 1, .sformCode = 1, .quaternion = { 0, 0, 0, 10, 20, 30 } };
  phantom.sform[3] = 10.19F; // a voxel edge is 2 mm: less than a tenth of it
  EXPECT_NEAR(GeometryOf(phantom).origin[0], -10.19, 1e-5);
  phantom.sform[3] = 10.21F;
  ExpectRefused(phantom, "0.210 mm apart, 0.200 mm are allowed");
}

TEST_F(Nifti, ContradictingFormsAreRefusedUnlessOneIsChosen)
{
  NiftiPhantom phantom{ .qformCode = 1, .sformCode = 2, .quaternion = { 0, 0, 0, 10, 20, 30 } };
  phantom.sform[0] = -2; // mirrored: left becomes right
  ExpectRefused(phantom, "its sform (axes LAS) and its qform (axes RAS)");
  EXPECT_EQ(OrientationCode(GeometryOf(phantom, Placement::Sform)), "LAS");
  EXPECT_EQ(OrientationCode(GeometryOf(phantom, Placement::Qform)), "RAS");
  ExpectRefused({ .qformCode = 1 }, "has no sform", Placement::Sform);
  ExpectRefused({ .sformCode = 1 }, "has no qform", Placement::Qform);
}

TEST_F(Nifti, AnSformMustAgreeWithPixdim)
{
  NiftiPhantom phantom{ .sformCode = 1 };
  phantom.pixdim[3] = 4.03F;
  EXPECT_EQ(GeometryOf(phantom).spacing.z, 4);
  phantom.pixdim[3] = 4.1F;
  ExpectRefused(phantom, "4.0000 mm long in its sform and 4.1000 mm in pixdim");
  EXPECT_EQ(GeometryOf(phantom, Placement::Sform).spacing.z, 4);
}

TEST_F(Nifti, ASlantedSformIsRefusedAndTheQformCanBeChosen)
{
  NiftiPhantom phantom{ .qformCode = 1, .sformCode = 4, .quaternion = { 0, 0, 0, 10, 20, 30 } };
  phantom.sform[1] = 0.5F;
  ExpectRefused(phantom, "not perpendicular", Placement::Sform);
  EXPECT_EQ(OrientationCode(GeometryOf(phantom, Placement::Qform)), "RAS");
}

TEST_F(Nifti, AFileThatStatesNothingIsRefusedOrAssumedLps)
{
  ExpectRefused({}, "left and right are unknown");
  const Geometry g = GeometryOf({}, Placement::Assumed);
  ExpectPoint(g.PointAt(1, 1, 1), { 2, 3, 4 });
  EXPECT_EQ(OrientationCode(GeometryOf({ .sformCode = 1 }, Placement::Assumed)), "RAS") << "what is stated holds";
}

TEST_F(Nifti, VoxelEdgesMustBePositive)
{
  for (const float wrong : { 0.0F, -2.0F, std::numeric_limits<float>::quiet_NaN() })
  {
    NiftiPhantom phantom{ .qformCode = 1 };
    phantom.pixdim[2] = wrong;
    ExpectRefused(phantom, "pixdim[2]");
  }
}

TEST_F(Nifti, LengthsBecomeMillimetres)
{
  NiftiPhantom phantom{ .sformCode = 1, .units = 3 };
  EXPECT_NEAR(GeometryOf(phantom).spacing.y, 0.003, 1e-9);
  EXPECT_NEAR(GeometryOf(phantom).origin[2], 0.03, 1e-9);
  phantom.units = 1;
  ExpectRefused(phantom, "say metres");
  for (float & number : phantom.sform)
    number /= 1000;
  for (float & number : phantom.pixdim)
    number /= 1000;
  EXPECT_NEAR(GeometryOf(phantom).spacing.y, 3, 1e-6);
  phantom.units = 5;
  ExpectRefused(phantom, "unknown unit");
}

TEST_F(Nifti, ChannelsAreChosenByNumber)
{
  NiftiPhantom phantom{ .dim{ 4, 3, 4, 5, 2, 1, 1, 1 }, .sformCode = 1, .voxels = NiftiPhantom::Numbers<std::int16_t>(120) };
  ExpectRefused(phantom, "has 4 dimensions (3x4x5x2); one three-dimensional volume is expected: choose one of its 2 channels");
  EXPECT_EQ(Read(phantom, { .channel = 1 }).voxels, Voxels(Counted(60, 60)));
  ExpectHas(ErrorText([&] { Read(phantom, { .channel = 2 }); }, Fault::Input), "no channel 2; it has 2");
  support::WriteFile(folder / "b.nii.gz", Gzip(phantom.Bytes()));
  for (const char * name : { "a.nii", "b.nii.gz" })
  {
    const auto all = ReadChannels(folder / name);
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all[0].voxels, Voxels(Counted(60)));
    EXPECT_EQ(all[1].voxels, Voxels(Counted(60, 60)));
  }
}

TEST_F(Nifti, ColoursAndComplexNumbersAreRefusedByName)
{
  for (const auto & [type, name] : { std::pair<std::int16_t, const char *>{ 128, "RGB" }, { 2304, "RGBA" }, { 32, "complex" } })
    ExpectRefused({ .datatype = type, .sformCode = 1 }, name);
}

TEST_F(Nifti, ScaledWholeNumbersStayWholeWhereNothingIsLost)
{
  NiftiPhantom phantom{ .sformCode = 1, .slope = 1, .intercept = -1024 };
  EXPECT_EQ(Read(phantom).voxels, Voxels(Counted(60, -1024)));
  phantom.slope = 0.5F;
  EXPECT_FLOAT_EQ(std::get<std::vector<float>>(Read(phantom).voxels)[59], 59 * 0.5F - 1024);
  phantom.datatype = 2;
  phantom.voxels = NiftiPhantom::Numbers<std::uint8_t>(60);
  EXPECT_FLOAT_EQ(std::get<std::vector<float>>(Read(phantom).voxels)[59], 59 * 0.5F - 1024);
  phantom.datatype = 64;
  phantom.voxels = NiftiPhantom::Numbers<double>(60);
  EXPECT_FLOAT_EQ(std::get<std::vector<float>>(Read(phantom).voxels)[59], 59 * 0.5F - 1024);
  phantom.slope = 0; // unscaled
  EXPECT_FLOAT_EQ(std::get<std::vector<float>>(Read(phantom).voxels)[59], 59);
}

TEST_F(Nifti, BothByteOrdersAndFileKindsGiveTheSameVolume)
{
  const NiftiPhantom phantom{ .sformCode = 1 };
  const Volume       expected = Read(phantom);
  support::WriteFile(folder / "swapped.nii", phantom.SwappedBytes());
  support::WriteFile(folder / "packed.nii.gz", Gzip(phantom.Bytes()));
  support::WriteFile(folder / "swapped.nii.gz", Gzip(phantom.SwappedBytes()));
  support::WriteFile(folder / "pair.hdr", phantom.Bytes("ni1", 0));
  support::WriteFile(folder / "pair.img", phantom.voxels);
  support::WriteFile(folder / "gz.hdr.gz", Gzip(phantom.Bytes("ni1", 0)));
  support::WriteFile(folder / "gz.img.gz", Gzip(phantom.voxels));
  for (const char * name : { "swapped.nii", "packed.nii.gz", "swapped.nii.gz", "pair.hdr", "pair.img", "gz.hdr.gz", "gz.img.gz" })
  {
    const Volume read = ReadVolume(folder / name);
    EXPECT_EQ(read.voxels, expected.voxels) << name;
    EXPECT_EQ(CornerDistance(read.geometry, expected.geometry), 0) << name;
  }
}

TEST_F(Nifti, SeveralGzipMembersAreOneFileAndAWrongChecksumIsRefused)
{
  const std::string bytes = NiftiPhantom{ .sformCode = 1 }.Bytes(), path = folder / "a.nii.gz";
  support::WriteFile(path, Gzip(bytes.substr(0, 400)) + Gzip(bytes.substr(400)));
  EXPECT_EQ(ReadVolume(path).voxels, Voxels(Counted(60)));
  support::WriteFile(path, Gzip(bytes + std::string(5000, 'x'))); // more than the header promises
  EXPECT_EQ(ReadVolume(path).voxels, Voxels(Counted(60)));
  std::string packed = Gzip(bytes);
  packed[packed.size() - 6] ^= 1;
  support::WriteFile(path, packed);
  ExpectHas(ErrorText([&] { ReadVolume(path); }, Fault::Input), "damaged");
}

TEST_F(Nifti, AnalyzeIsNoNifti)
{
  support::WriteFile(folder / "a.hdr", NiftiPhantom{ .sformCode = 1 }.Bytes("\0\0\0", 0));
  ExpectHas(ErrorText([&] { ReadVolume(folder / "a.hdr"); }, Fault::Input), "Analyze 7.5");
  ExpectHas(ErrorText([&] { ReadVolume(folder / "b.img"); }, Fault::Input), "does not exist");
}

TEST_F(Nifti, EqualVolumesGiveEqualBytes)
{
  const Volume volume = Read({ .sformCode = 1 });
  WriteVolume(volume, folder / "b.nii.gz");
  WriteVolume(volume, folder / "c.nii.gz");
  EXPECT_EQ(support::ReadFile(folder / "b.nii.gz"), support::ReadFile(folder / "c.nii.gz"));
}

TEST_F(Nifti, LeftHandedAndSlightlySlantedGridsComeBack)
{
  Volume volume = Read({ .sformCode = 1 });
  const double c = std::cos(2.9), s = std::sin(2.9);
  for (const std::array<double, 9> & direction : { std::array<double, 9>{ c, -s, 0, s, c, 0, 0, 0, -1 }, { -1, 0, 0, 0, c, s, 0, s, -c },
                                                   { 1, 1.5e-3, 0, 0, 1, 0, 0, 0, 1 }, { -1, 0, 0, 0, -1, 0, 0, 0, 1 } })
  {
    volume.geometry.direction = direction;
    WriteVolume(volume, folder / "b.nii.gz");
    EXPECT_LE(CornerDistance(ReadVolume(folder / "b.nii.gz").geometry, volume.geometry), 1e-4);
  }
}

} // namespace
} // namespace serval
