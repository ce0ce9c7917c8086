#include "Support.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace serval
{
namespace
{

const std::string program = SERVAL_BINARY_DIRECTORY "/cli-modules/ServalSegmentByThreshold";

// A MetaImage of 5x6x7 voxels of 1x2x3 mm; a block of 3x4x5 in the middle is bright.
std::string BlockImage(std::uint8_t bright)
{
  std::string voxels;
  for (int z = 0; z < 7; ++z)
    for (int y = 0; y < 6; ++y)
      for (int x = 0; x < 5; ++x)
        voxels += static_cast<char>(x > 0 && x < 4 && y > 0 && y < 5 && z > 0 && z < 6 ? bright : 10 + (x + y + z) % 3);
  return "ObjectType = Image\nNDims = 3\nElementSpacing = 1 2 3\nDimSize = 5 6 7\nElementType = MET_UCHAR\n"
         "ElementDataFile = LOCAL\n" +
         voxels;
}

class SegmentByThreshold : public testing::Test
{
protected:
  support::TemporaryFolder folder;
  std::string              image = folder / "a volume ü.mha", labels = folder / "labels ü.mha";

  void SetUp() override { support::WriteFile(image, BlockImage(200)); }

  support::CommandResult Run(std::vector<std::string> words) const
  {
    words.insert(words.begin(), program);
    return support::RunCommand(words);
  }
  void ExpectRefusal(const std::vector<std::string> & words, int code, const std::string & text) const
  {
    const auto result = Run(words);
    EXPECT_EQ(result.code, code) << result.error;
    EXPECT_NE(result.error.find(text), std::string::npos) << result.error;
    EXPECT_FALSE(std::filesystem::exists(labels));
    for (const auto & name : support::Names(folder.Path()))
      EXPECT_EQ(name.find("partial"), std::string::npos) << name;
  }
};

TEST_F(SegmentByThreshold, TheBlockBecomesTheForeground)
{
  const std::string json = folder / "numbers.json";
  const auto        result = Run({ image, labels, "--json", json, "--preset", "mr-foreground" });
  ASSERT_EQ(result.code, 0) << result.error;
  EXPECT_TRUE(result.error.empty());
  EXPECT_NE(result.output.find("1 foreground: 60 voxels, 0.36 ml"), std::string::npos) << result.output;
  const std::string numbers = support::ReadFile(json);
  EXPECT_NE(numbers.find("\"schema\": \"serval-pseudo-segmentation/1\""), std::string::npos);
  EXPECT_NE(numbers.find("\"verdict\": \"ok\""), std::string::npos);
  EXPECT_NE(support::ReadFile(labels).find("ElementSpacing = 1 2 3"), std::string::npos);
}

TEST_F(SegmentByThreshold, TwoRunsGiveTheSameBytes)
{
  const std::string other = folder / "other.mha";
  ASSERT_EQ(Run({ image, labels }).code, 0);
  ASSERT_EQ(Run({ image, other }).code, 0);
  EXPECT_EQ(support::ReadFile(labels), support::ReadFile(other));
}

TEST_F(SegmentByThreshold, ThePoorResultIsRefusedToldOrKept)
{
  const std::vector<std::string> empty{ image, labels, "--method", "fixed", "--thresholds", "250" };
  ExpectRefusal(empty, 3, "is empty: label 1 (class 1) has 0 voxels");
  auto warned = empty, silent = empty;
  warned.insert(warned.end(), { "--gate", "warn" });
  silent.insert(silent.end(), { "--gate", "off" });
  EXPECT_NE(Run(warned).output.find("warning: empty"), std::string::npos);
  EXPECT_EQ(Run(silent).output.find("warning"), std::string::npos);
  EXPECT_TRUE(std::filesystem::exists(labels));
}

TEST_F(SegmentByThreshold, BadCommandLinesAndInputsAreNamed)
{
  ExpectRefusal({ image }, 2, "");
  ExpectRefusal({ image, labels, "--preset", "mr-tisue" }, 2, "mr-tissue");
  ExpectRefusal({ image, labels, "--preset", "mr-tissue", "--classes", "4" }, 2, "brings its own thresholds");
  ExpectRefusal({ image, labels, "--thresholds", "4" }, 2, "--method fixed");
  ExpectRefusal({ image, labels, "--method", "fixed", "--thresholds", "4,3" }, 2, "increasing");
  ExpectRefusal({ image, labels, "--method", "percentile", "--percentiles", "0" }, 2, "0.1 to 99.9");
  ExpectRefusal({ image, folder / "labels.png" }, 2, ".nii.gz");
  ExpectRefusal({ folder / "missing.mha", labels }, 3, ": input: file-");
  support::WriteFile(image, BlockImage(200).substr(0, 200));
  ExpectRefusal({ image, labels }, 3, "truncated");
  support::WriteFile(image, "no image");
  ExpectRefusal({ image, labels }, 3, "is no volume that can be read");
}

TEST_F(SegmentByThreshold, AChestCtIsPartedFromTableAndAir)
{
  const std::string series = SERVAL_SOURCE_DIRECTORY "/Data/ct-dicom-lidc/LIDC-IDRI-0001";
  if (!std::filesystem::is_directory(series))
    GTEST_SKIP() << series << " is not there";
  const auto result = Run({ series, folder / "labels.nii.gz", "--preset", "ct-air-soft-bone" });
  EXPECT_EQ(result.code, 0) << result.error;
  EXPECT_TRUE(result.error.empty()) << result.error;
  EXPECT_NE(result.output.find("<filter-progress>1.0000"), std::string::npos);
}

} // namespace
} // namespace serval
