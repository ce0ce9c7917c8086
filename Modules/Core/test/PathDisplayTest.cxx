#include "serval/Core/PathDisplay.h"

#include <gtest/gtest.h>

namespace
{

using serval::Shown;

TEST(PathDisplay, HoldsNoPartOfAName)
{
  for (const char * path : { "/data/MUELLER^HANS/IM0001.dcm", "/data/1957.MUELLER", "MUELLER.19570401.nii.gz" })
  {
    EXPECT_EQ(Shown(path).find("MUELLER"), std::string::npos) << Shown(path);
    EXPECT_EQ(Shown(path).find("1957"), std::string::npos) << Shown(path);
  }
  EXPECT_TRUE(Shown("/data/a.dcm").ends_with(".dcm"));
  EXPECT_TRUE(Shown("/data/a.nii.gz").ends_with(".nii.gz"));
  EXPECT_NE(Shown("/data/a.dcm"), Shown("/data/b.dcm"));
  EXPECT_TRUE(Shown("/tmp").starts_with("folder-"));
}

TEST(PathDisplay, DependsOnTheKeyOnly)
{
  serval::SetPathDisplayKey("one");
  const auto first = Shown("/data/a.dcm"), id = serval::ShownText("1.2.840");
  EXPECT_EQ(Shown("/data/./a.dcm"), first);
  serval::SetPathDisplayKey("two");
  EXPECT_NE(Shown("/data/a.dcm"), first);
  serval::SetPathDisplayKey("one");
  EXPECT_EQ(Shown("/data/a.dcm"), first);
  EXPECT_EQ(serval::ShownText("1.2.840"), id);
}

TEST(PathDisplay, IsWholeWhenAsked)
{
  serval::ShowWholePaths(true);
  EXPECT_EQ(Shown("/data/MUELLER/a.dcm"), "/data/MUELLER/a.dcm");
  EXPECT_EQ(serval::ShownText("MUELLER"), "MUELLER");
  serval::ShowWholePaths(false);
}

TEST(PathDisplay, IsFoundInAMessage)
{
  EXPECT_TRUE(serval::HidesPath("labels: " + Shown("/data/a.csv") + " does not exist"));
  EXPECT_TRUE(serval::HidesPath(Shown("/tmp")));
  EXPECT_FALSE(serval::HidesPath("the file-name and file-1234567x, file-123"));
}

} // namespace
