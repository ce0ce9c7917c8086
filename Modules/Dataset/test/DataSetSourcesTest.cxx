#include "serval/Dataset/DataSetSources.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace serval
{
namespace
{

TEST(DataSetSources, TheSurveysTableIsWholeAndInOrder)
{
  std::vector<std::string> surveyed;
  for (const auto & one : KnownDataSets())
    if (one.isSurveyed)
      surveyed.push_back(one.name);
  EXPECT_EQ(surveyed, (std::vector<std::string>{ "imagenet", "stl-10", "places", "dtd", "alot", "kth-tips", "cifar-10", "fmd", "ktb", "uiuc", "caltech-101", "corel-1000", "kaggledr",
                                                 "inbreast", "icpr-2012" }));
  EXPECT_EQ(KnownDataSet("Places")->classes, 205);
  EXPECT_EQ(KnownDataSet("CALTECH-101")->images, "9 K");
}

TEST(DataSetSources, EachSaysHowItIsObtainedAndImported)
{
  std::set<std::string> names;
  for (const auto & one : KnownDataSets())
  {
    EXPECT_TRUE(names.insert(one.name).second) << one.name;
    for (const auto * text : { &one.kind, &one.images, &one.licence, &one.publisher, &one.obtain, &one.layout })
      EXPECT_FALSE(text->empty()) << one.name;
    EXPECT_GE(one.classes, 2) << one.name;
    EXPECT_TRUE(one.import.starts_with("--imageSet ")) << one.name;
    EXPECT_EQ(ImportCommand(one), "serval extract-patches " + one.import + " --cache " + one.name + ".cache");
    EXPECT_EQ(KnownDataSet(one.name), &one);
  }
  EXPECT_EQ(KnownDataSet("imagenot"), nullptr);
}

bool IsHex(const std::string & text, std::size_t digits)
{
  return text.size() == digits && std::all_of(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

TEST(DataSetSources, EachSaysWhatWasCheckedAndNoLicenceIsAssumed)
{
  for (const auto & one : KnownDataSets())
  {
    EXPECT_FALSE(one.checked.empty()) << one.name;
    EXPECT_EQ(one.licence == "see publisher", one.unchecked.starts_with("licence")) << one.name;
  }
}

TEST(DataSetSources, FilesHaveWholeChecksums)
{
  std::set<std::string> checksums;
  std::size_t           count = 0;
  for (const auto & one : KnownDataSets())
    for (const auto & file : one.files)
    {
      EXPECT_FALSE(file.name.empty() || (file.md5.empty() && file.sha256.empty())) << one.name;
      EXPECT_TRUE(file.md5.empty() || IsHex(file.md5, 32)) << one.name << ' ' << file.name;
      EXPECT_TRUE(file.sha256.empty() || IsHex(file.sha256, 64)) << one.name << ' ' << file.name;
      checksums.insert(file.md5 + file.sha256);
      ++count;
    }
  EXPECT_GE(count, 20U);
  EXPECT_EQ(checksums.size(), count) << "two files of one checksum";
}

} // namespace
} // namespace serval
