#include "serval/Patches/ImageSet.h"
#include "ImageSources.h"
#include "NpzFile.h"
#include "Phantoms.h"
#include "Support.h"
#include "serval/Patches/Extraction.h"

#include <gtest/gtest.h>
#include <hdf5.h>
#include <itkImageIOBase.h>
#include <itkJPEGImageIO.h>
#include <itkPNGImageIO.h>

#include <algorithm>
#include <numeric>
#include <set>

namespace serval
{
namespace
{

namespace fs = std::filesystem;

template <typename TImageIO>
void WritePicture(const fs::path & file, unsigned width, unsigned height, unsigned components,
                  const std::vector<std::uint8_t> & bytes)
{
  fs::create_directories(file.parent_path());
  auto io = TImageIO::New();
  io->SetNumberOfDimensions(2);
  io->SetDimensions(0, width);
  io->SetDimensions(1, height);
  io->SetComponentType(itk::IOComponentEnum::UCHAR);
  io->SetPixelType(components == 1 ? itk::IOPixelEnum::SCALAR : itk::IOPixelEnum::RGB);
  io->SetNumberOfComponents(components);
  io->SetFileName(file.string());
  io->Write(bytes.data());
}

void WriteGrey(const fs::path & file, unsigned width, unsigned height, std::uint8_t first)
{
  std::vector<std::uint8_t> bytes(width * height);
  std::iota(bytes.begin(), bytes.end(), first);
  WritePicture<itk::PNGImageIO>(file, width, height, 1, bytes);
}

std::string Little(std::uint64_t value, int size)
{
  std::string text;
  for (int i = 0; i < size; ++i)
    text += static_cast<char>(value >> (8 * i) & 0xff);
  return text;
}

// CRC-32 of ISO 3309, bit by bit.
std::uint32_t Checksum(const std::string & bytes)
{
  std::uint32_t crc = 0xffffffffU;
  for (const char byte : bytes)
  {
    crc ^= static_cast<unsigned char>(byte);
    for (int bit = 0; bit < 8; ++bit)
      crc = crc >> 1 ^ (crc & 1 ? 0xedb88320U : 0);
  }
  return ~crc;
}

std::string Npy(const std::string & type, const std::string & shape, const std::string & data)
{
  std::string header = "{'descr': '" + type + "', 'fortran_order': False, 'shape': (" + shape + "), }";
  header += std::string(63 - (header.size() + 10) % 64, ' ') + "\n";
  return std::string("\x93NUMPY\x01\x00", 8) + Little(header.size(), 2) + header + data;
}

// A zip file whose members are stored; sizes also in the 64-bit fields, as NumPy writes them.
std::string Npz(const std::map<std::string, std::string> & arrays)
{
  std::string all, list;
  for (const auto & [array, bytes] : arrays)
  {
    const std::string name = array + ".npy";
    const std::string common = Little(0, 2) + Little(0, 2) + Little(0, 4) + Little(Checksum(bytes), 4) +
                               Little(bytes.size(), 4) + Little(bytes.size(), 4);
    list += Little(0x02014b50, 4) + Little(45, 2) + Little(45, 2) + common + Little(name.size(), 2) + Little(0, 8) +
            Little(0, 4) + Little(all.size(), 4) + name;
    all += Little(0x04034b50, 4) + Little(45, 2) + common + Little(name.size(), 2) + Little(0, 2) + name + bytes;
  }
  return all + list + Little(0x06054b50, 4) + Little(0, 4) + Little(arrays.size(), 2) + Little(arrays.size(), 2) +
         Little(list.size(), 4) + Little(all.size(), 4) + Little(0, 2);
}

std::string Counting(std::size_t count)
{
  std::string bytes(count, '\0');
  for (std::size_t i = 0; i < count; ++i)
    bytes[i] = static_cast<char>(i % 251);
  return bytes;
}

class ImageSetTest : public testing::Test
{
protected:
  support::TemporaryFolder folder;
  ImageSetRule             rule;

  std::string RefusalOf(const fs::path & path)
  {
    return phantom::MessageOf(Fault::Input, [&] { OpenImageSet(path, rule, {}, 1); });
  }
};

TEST_F(ImageSetTest, AFoldersNameIsTheClass)
{
  WriteGrey(folder / "a" / "malign" / "p1_x.png", 5, 7, 10);
  WriteGrey(folder / "b" / "benign" / "p2_x.PNG", 5, 7, 20);
  WriteGrey(folder / "b" / "benign" / "p1_y.png", 5, 7, 30);
  support::WriteFile(folder / "readme.txt", "no image");
  rule.patientPattern = "(p[0-9]+)_";
  const auto set = OpenImageSet(folder.Path(), rule, {}, 1);
  EXPECT_EQ(set.classNames, (std::vector<std::string>{ "benign", "malign" }));
  ASSERT_EQ(set.images.size(), 3U);
  EXPECT_EQ(set.images[0].id, "a/malign/p1_x.png");
  EXPECT_EQ(set.images[0].classIndex, 1);
  EXPECT_EQ(set.images[0].patient, "p1");
  const auto images = set.read(0);
  EXPECT_EQ(images.channels[0].geometry.extent, (Extent{ 5, 7, 1 }));
  EXPECT_EQ(std::get<std::vector<std::uint8_t>>(images.channels[0].voxels)[6], 16);
  rule.patientPattern = "q([0-9])";
  EXPECT_NE(RefusalOf(folder.Path()).find("finds no patient"), std::string::npos);
}

TEST_F(ImageSetTest, FoldersOfOneNameInTwoPlacesAreOneClassOrTwoAsIsSaid)
{
  WriteGrey(folder / "kidney" / "tumour" / "1.png", 5, 7, 10);
  WriteGrey(folder / "liver" / "tumour" / "2.png", 5, 7, 20);
  WriteGrey(folder / "liver" / "healthy" / "3.png", 5, 7, 30);
  const auto refusal = RefusalOf(folder.Path());
  EXPECT_NE(refusal.find("are called 'tumour'"), std::string::npos) << refusal;
  EXPECT_NE(refusal.find("--classPattern"), std::string::npos) << refusal;
  rule.classPattern = "([^/]+)/[^/]+$";
  EXPECT_EQ(OpenImageSet(folder.Path(), rule, {}, 1).classNames, (std::vector<std::string>{ "healthy", "tumour" }));
  rule.classPattern = "^(.+)/[^/]+$";
  const auto set = OpenImageSet(folder.Path(), rule, {}, 1);
  EXPECT_EQ(set.classNames, (std::vector<std::string>{ "kidney/tumour", "liver/healthy", "liver/tumour" }));
  EXPECT_EQ(set.images[2].classIndex, 2) << set.images[2].id;
  rule.classPattern = "^([a-k][a-z]+)/";
  EXPECT_NE(RefusalOf(folder.Path()).find("finds no class"), std::string::npos);
}

TEST_F(ImageSetTest, ColoursBecomeGreyOrThreeChannelsByRule)
{
  WritePicture<itk::PNGImageIO>(folder / "c" / "rgb.png", 2, 1, 3, { 255, 0, 0, 0, 100, 200 });
  const auto grey = ReadPicture(folder / "c" / "rgb.png", ImageSetRule::Colour::Grey);
  ASSERT_EQ(grey.size(), 1U);
  EXPECT_EQ(std::get<std::vector<std::uint8_t>>(grey[0].voxels), (std::vector<std::uint8_t>{ 76, 82 }));
  const auto rgb = ReadPicture(folder / "c" / "rgb.png", ImageSetRule::Colour::Rgb);
  ASSERT_EQ(rgb.size(), 3U);
  EXPECT_EQ(std::get<std::vector<std::uint8_t>>(rgb[2].voxels), (std::vector<std::uint8_t>{ 0, 200 }));
}

// An EXIF block before the first other segment of a JPEG file.
TEST_F(ImageSetTest, AJpegIsTurnedAsItsExifTagSays)
{
  std::vector<std::uint8_t> bytes(16 * 8);
  for (std::size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = i % 16 < 8 ? 20 : 220; // dark left half
  WritePicture<itk::JPEGImageIO>(folder / "x.jpg", 16, 8, 1, bytes);
  EXPECT_EQ(ExifOrientation(folder / "x.jpg"), 1);
  const auto        plain = support::ReadFile(folder / "x.jpg");
  const std::string tiff = std::string("MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0", 26);
  const std::string exif = std::string("Exif\0\0", 6) + tiff;
  support::WriteFile(folder / "y.jpg",
                     plain.substr(0, 2) + "\xff\xe1" + char(0) + char(exif.size() + 2) + exif + plain.substr(2));
  EXPECT_EQ(ExifOrientation(folder / "y.jpg"), 6); // to be turned clockwise: the left side comes to the top
  const auto turned = ReadPicture(folder / "y.jpg", ImageSetRule::Colour::Grey);
  EXPECT_EQ(turned[0].geometry.extent, (Extent{ 8, 16, 1 }));
  const auto & voxels = std::get<std::vector<std::uint8_t>>(turned[0].voxels);
  EXPECT_LT(voxels[3], 60);
  EXPECT_GT(voxels[15 * 8 + 3], 180);
}

TEST_F(ImageSetTest, MedMnistArraysKeepTheirParts)
{
  support::WriteFile(folder / "m.npz", Npz({ { "train_images", Npy("|u1", "3, 4, 5", Counting(60)) },
                                             { "train_labels", Npy("|u1", "3, 1", std::string("\x01\x00\x02", 3)) },
                                             { "val_images", Npy("|u1", "1, 4, 5", Counting(20)) },
                                             { "val_labels", Npy("<i8", "1,", Little(1, 8)) } }));
  auto set = OpenImageSet(folder / "m.npz", rule, { "a", "b", "c" }, 1);
  ASSERT_EQ(set.images.size(), 4U);
  EXPECT_EQ(set.images[2].id, "train/2");
  EXPECT_EQ(set.images[2].classIndex, 2);
  EXPECT_EQ(set.images[3].id, "val/0");
  const auto image = set.read(1);
  EXPECT_EQ(image.channels[0].geometry.extent, (Extent{ 5, 4, 1 }));
  EXPECT_EQ(std::get<std::vector<std::uint8_t>>(image.channels[0].voxels)[7], 27);
  rule.parts = { "val" };
  EXPECT_EQ(OpenImageSet(folder / "m.npz", rule, {}, 1).images.size(), 1U);
  rule.parts = { "test" };
  EXPECT_NE(RefusalOf(folder / "m.npz").find("'test_images'; it has: train_images"), std::string::npos);
  rule.parts = {};
  EXPECT_NE(phantom::MessageOf(Fault::Input, [&] { OpenImageSet(folder / "m.npz", rule, { "a" }, 1); }).find("label 2"),
            std::string::npos);
}

TEST_F(ImageSetTest, NothingInAnNpzFileIsExecutedOrBelieved)
{
  const auto good = Npz({ { "images", Npy("|u1", "3, 4, 5", Counting(60)) },
                          { "labels", Npy("|u1", "3", std::string("\x01\x00\x02", 3)) } });
  const auto refusal = [&](const std::string & bytes) {
    support::WriteFile(folder / "bad.npz", bytes);
    return RefusalOf(folder / "bad.npz");
  };
  EXPECT_NE(refusal(Npz({ { "images", Npy("|O", "3", Counting(9)) }, { "labels", Npy("|u1", "3", "abc") } }))
              .find("Python objects"),
            std::string::npos);
  EXPECT_NE(
    refusal(Npz({ { "images", Npy("|u1", "3, 4, 6", Counting(60)) }, { "labels", "" } })).find("72 are expected"),
    std::string::npos);
  EXPECT_NE(refusal(Npz({ { "images", Npy("|u1", "99999999999, 99999999999", "") }, { "labels", "" } })).find("shape"),
            std::string::npos);
  EXPECT_NE(refusal("no zip").find("no .npz"), std::string::npos);
  auto flipped = good;
  flipped[150] = static_cast<char>(flipped[150] ^ 1);
  EXPECT_NE(refusal(flipped).find("checksum"), std::string::npos);
  for (std::size_t size = 0; size + 4 < good.size(); size += 7) // truncated: a message, never a crash
    EXPECT_NE(refusal(good.substr(0, size)), "no error") << size;
  for (std::size_t at = 0; at < good.size(); at += 3)
  {
    auto damaged = good;
    damaged[at] = static_cast<char>(0xff);
    refusal(damaged); // read or refused; never a crash
  }
}

void WriteHdf5(const std::string & file, const std::string & name, const std::vector<hsize_t> & shape, hid_t type,
               const void * data)
{
  const hid_t opened = fs::exists(file) ? H5Fopen(file.c_str(), H5F_ACC_RDWR, H5P_DEFAULT)
                                        : H5Fcreate(file.c_str(), H5F_ACC_EXCL, H5P_DEFAULT, H5P_DEFAULT);
  const hid_t space = H5Screate_simple(int(shape.size()), shape.data(), nullptr);
  const hid_t dataset = H5Dcreate2(opened, name.c_str(), type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data);
  H5Dclose(dataset);
  H5Sclose(space);
  H5Fclose(opened);
}

TEST_F(ImageSetTest, Hdf5ImagesMayComeWithSegmentations)
{
  std::vector<float>  images(6 * 4 * 5);
  std::vector<double> labels(images.size());
  for (std::size_t i = 0; i < images.size(); ++i)
  {
    images[i] = float(i) / 100;
    labels[i] = double(i % 2);
  }
  WriteHdf5(folder / "p.h5", "images", { 6, 1, 4, 5 }, H5T_NATIVE_FLOAT, images.data());
  WriteHdf5(folder / "p.h5", "labels", { 6, 1, 4, 5 }, H5T_NATIVE_DOUBLE, labels.data());
  rule.imagesPerPatient = 3;
  const auto set = OpenImageSet(folder / "p.h5", rule, {}, 1);
  ASSERT_EQ(set.images.size(), 6U);
  EXPECT_TRUE(set.hasSegmentation);
  EXPECT_EQ(set.images[2].patient, "0");
  EXPECT_EQ(set.images[3].patient, "1");
  const auto image = set.read(4);
  EXPECT_EQ(std::get<std::vector<float>>(image.channels[0].voxels)[3], 0.83F);
  ASSERT_TRUE(image.dense);
  EXPECT_EQ(image.dense->labels[3], 1);
  ExtractionPlan plan;
  plan.shape.size = { 4, 5, 1 };
  plan.shape.border = PatchShape::Border::Pad;
  plan.imageSet = rule;
  plan.imageSet->isResampled = true;
  plan.classFrom = ExtractionPlan::ClassSource::Centre;
  plan.classNames = plan.denseNames = { "even", "odd" };
  CutCounts counts;
  for (const auto & job : JobsOf(set, plan))
    for (const int one : job.read().cut(counts).classes)
      EXPECT_TRUE(one == 0 || one == 1) << one;
  rule.imagesPerPatient = 4;
  EXPECT_NE(RefusalOf(folder / "p.h5").find("does not divide"), std::string::npos);
  support::WriteFile(folder / "no.h5", "no");
  EXPECT_NE(RefusalOf(folder / "no.h5").find("no HDF5 file"), std::string::npos);
}

TEST_F(ImageSetTest, AGrowingNumberPerClassIsNested)
{
  std::string labels;
  for (int i = 0; i < 40; ++i)
    labels += static_cast<char>(i % 2);
  support::WriteFile(folder / "m.npz", Npz({ { "images", Npy("|u1", "40, 4, 5", Counting(800)) },
                                             { "labels", Npy("|u1", "40", labels) } }));
  std::set<std::string> smaller;
  for (const int wanted : { 1, 4, 11, 20 })
  {
    rule.perClass = wanted;
    const auto            set = OpenImageSet(folder / "m.npz", rule, {}, 1);
    std::set<std::string> ids;
    int                   ofFirst = 0;
    for (const auto & image : set.images)
    {
      ids.insert(image.id);
      ofFirst += image.classIndex == 0;
    }
    EXPECT_EQ(set.images.size(), static_cast<std::size_t>(2 * wanted));
    EXPECT_EQ(ofFirst, wanted);
    EXPECT_TRUE(std::includes(ids.begin(), ids.end(), smaller.begin(), smaller.end()));
    smaller = ids;
  }
  rule.perClass = 21;
  EXPECT_NE(RefusalOf(folder / "m.npz").find("has 20 images; --perClass 21"), std::string::npos);
}

TEST_F(ImageSetTest, ImagesOfOtherSizesAreFittedInOrRefused)
{
  WriteGrey(folder / "a" / "p1.png", 8, 8, 1);
  WriteGrey(folder / "a" / "p2.png", 16, 4, 1);
  ExtractionPlan plan;
  plan.shape.size = { 8, 8, 1 };
  plan.imageSet = rule;
  const auto set = OpenImageSet(folder.Path(), rule, {}, 1);
  const auto jobs = JobsOf(set, plan);
  ASSERT_EQ(jobs.size(), 2U);
  CutCounts  counts;
  const auto first = jobs[0].read().cut(counts);
  EXPECT_EQ(phantom::VoxelsOf<std::uint8_t>(first)[63], 64);
  EXPECT_NE(phantom::MessageOf(Fault::Input, [&] { jobs[1].read().cut(counts); }).find("--size brings all to one size"),
            std::string::npos);
  plan.classFrom = ExtractionPlan::ClassSource::Centre;
  EXPECT_NE(phantom::MessageOf(Fault::Input, [&] { jobs[0].read().cut(counts); }).find("--classFrom case"), std::string::npos);
  plan.classFrom = ExtractionPlan::ClassSource::Case;
  plan.imageSet->isResampled = true;
  const auto fitted = jobs[1].read().cut(counts);
  const auto voxels = phantom::VoxelsOf<std::uint8_t>(fitted);
  ASSERT_EQ(voxels.size(), 64U);
  EXPECT_EQ(voxels[2 * 8], 0); // three rows of padding above and below
  EXPECT_EQ(voxels[5 * 8 + 7], 0);
  EXPECT_NEAR(voxels[3 * 8], 9.5, 4); // the picture between them, at half its size
  EXPECT_NEAR(voxels[4 * 8 + 7], 55.5, 4);
}

} // namespace
} // namespace serval
