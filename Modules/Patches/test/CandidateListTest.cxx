#include "serval/Patches/PointList.h"
#include "Phantoms.h"
#include "Support.h"

#include <gtest/gtest.h>

namespace serval
{
namespace
{

void ExpectNear(const Point & found, const Point & expected)
{
  for (std::size_t a = 0; a < 3; ++a)
    EXPECT_NEAR(found[a], expected[a], 1e-12);
}

TEST(ReadCandidates, ATableGivesPointsOfEachCase)
{
  support::TemporaryFolder folder;
  support::WriteFile(folder / "points.csv", "case,x,y,z,label,id,coordinates,direction_x,direction_y,direction_z\n"
                                            "a,-1.5,2,-3,nodule,n1,LPS,0,0,-2\n"
                                            "b,1,2,3,,n2,RAS,,,\n"
                                            "a,4,5,6,vessel,,ijk,,,\n");
  const auto lists = ReadCandidates(folder / "points.csv", Coordinates::Lps);
  ASSERT_EQ(lists.size(), 2U);
  const auto & a = lists.at("a");
  ASSERT_EQ(a.size(), 2U);
  const auto grid = phantom::Oblique();
  ExpectNear(a[0].PointIn(grid), { -1.5, 2, -3 });
  ASSERT_TRUE(a[0].DirectionInLps());
  ExpectNear(*a[0].DirectionInLps(), { 0, 0, -2 });
  EXPECT_EQ(a[0].label, "nodule");
  EXPECT_EQ(a[0].id, "n1");
  ExpectNear(a[1].PointIn(grid), grid.PointAt(4, 5, 6));
  ExpectNear(lists.at("b")[0].PointIn(grid), { -1, -2, 3 });
}

TEST(ReadPoints, WhatIsWrittenForSlicerComesBack)
{
  support::TemporaryFolder     folder;
  const std::vector<Candidate> points{ { { 10.123456, -20.5, 1e-4 }, Coordinates::Ras, "F-1", "left, lower", {} },
                                       { { -0.25, 300.0625, -7 }, Coordinates::Lps, "", "Knötchen", {} } };
  for (const char * name : { "a b.mrk.json", "ü.fcsv", "c.csv" })
  {
    WritePoints(points, folder / name);
    const auto read = ReadPoints(folder / name, Coordinates::Ras);
    ASSERT_EQ(read.size(), 2U) << name;
    for (std::size_t i = 0; i < 2; ++i)
    {
      EXPECT_EQ(read[i].coordinates, Coordinates::Lps) << name;
      for (std::size_t axis = 0; axis < 3; ++axis)
        EXPECT_NEAR(read[i].PointIn({})[axis], points[i].PointIn({})[axis], 1e-3) << name;
      EXPECT_EQ(read[i].label, points[i].label) << name;
    }
    EXPECT_EQ(read[0].id, "F-1") << name;
    EXPECT_EQ(read[1].id, "2") << name;
  }
  EXPECT_EQ(phantom::MessageOf(Fault::Usage, [&] { WritePoints(points, folder / "a.txt"); }).find("is expected") == std::string::npos, false);
  const std::vector<Candidate> voxel{ { { 1, 2, 3 }, Coordinates::Index, "", "", {} } };
  EXPECT_NE(phantom::MessageOf(Fault::Usage, [&] { WritePoints(voxel, folder / "a.fcsv"); }).find("voxels"), std::string::npos);
}

TEST(ReadCandidates, OneSlicerFileStandsForOneCase)
{
  support::TemporaryFolder folder;
  support::WriteFile(folder / "a.mrk.json",
                     R"({"markups": [{"type": "Fiducial", "coordinateSystem": "RAS", "controlPoints": [
    {"id": "1", "label": "nodule", "position": [10.5, -20.0, -30.25], "positionStatus": "defined"},
    {"id": "2", "label": "none", "position": [0, 0, 0], "positionStatus": "undefined"}]}]})");
  support::WriteFile(folder / "b.fcsv", "# Markups fiducial file version = 4.11\n# CoordinateSystem = LPS\n"
                                        "# columns = id,x,y,z,ow,ox,oy,oz,vis,sel,lock,label,desc,associatedNodeID\n"
                                        "7,-1.25,2,3,0,0,0,1,1,1,0,\"left, lower\",,\n");
  support::WriteFile(folder / "c.csv", "x,y,z\n1,2,3\n");
  support::WriteFile(folder / "notes.txt", "no points");
  const auto lists = ReadCandidates(folder.Path(), Coordinates::Ras);
  ASSERT_EQ(lists.size(), 3U);
  ASSERT_EQ(lists.at("a").size(), 1U);
  ExpectNear(lists.at("a")[0].PointIn({}), { -10.5, 20, -30.25 });
  ExpectNear(lists.at("b")[0].PointIn({}), { -1.25, 2, 3 });
  EXPECT_EQ(lists.at("b")[0].label, "left, lower");
  EXPECT_EQ(lists.at("b")[0].id, "7");
  ExpectNear(lists.at("c")[0].PointIn({}), { -1, -2, 3 });
}

TEST(ReadCandidates, BadFilesAreNamed)
{
  support::TemporaryFolder folder;
  const auto               messageOf = [&](const std::string & name, const std::string & text) {
    support::WriteFile(folder / name, text);
    const auto path = name.ends_with(".csv") ? folder / name : folder.Path();
    const auto message = phantom::MessageOf(Fault::Input, [&] { ReadCandidates(path, Coordinates::Lps); });
    std::filesystem::remove(folder / name);
    return message;
  };
  EXPECT_NE(messageOf("a.csv", "case,x,y\na,1,2\n").find("'z'"), std::string::npos);
  EXPECT_NE(messageOf("a.csv", "case,x,y,z\na,1,2,nan\n").find("finite"), std::string::npos);
  EXPECT_NE(messageOf("a.csv", "case,x,y,z,coordinates\na,1,2,3,LAS\n").find("LAS"), std::string::npos);
  EXPECT_NE(messageOf("a.fcsv", "# columns = id,x,y,z\n1,2,3,4\n").find("CoordinateSystem"), std::string::npos);
  EXPECT_NE(messageOf("a.mrk.json", "{}").find("no markups file"), std::string::npos);
  EXPECT_NE(messageOf("a.mrk.json", R"({"markups": [{"controlPoints": []}]})").find("LPS or RAS"), std::string::npos);
  EXPECT_NE(
    messageOf("a.mrk.json", R"({"markups": [{"coordinateSystem": "LPS", "controlPoints": [{"position": [1, 2]}]}]})")
      .find("no markups file"),
    std::string::npos);
  EXPECT_NE(
    phantom::MessageOf(Fault::Usage, [&] { ReadCandidates(folder / "a.fcsv", Coordinates::Lps); }).find("one case"),
    std::string::npos);
}

} // namespace
} // namespace serval
