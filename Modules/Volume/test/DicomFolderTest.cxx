#include "serval/Volume/DicomFolder.h"

#include "DicomPhantom.h"
#include "Phantom.h"
#include "Support.h"
#include "serval/Core/PathDisplay.h"
#include "serval/Core/Text.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace serval
{
namespace
{

namespace fs = std::filesystem;
using support::DicomPlane;
using support::ErrorText;
using support::PlanesOf;
using support::Ramp;
using support::WriteShuffled;

std::vector<DicomPlane> Series(const std::string & uid, const Geometry & geometry = support::ObliqueGeometry())
{
  auto planes = PlanesOf(Ramp(geometry));
  for (auto & plane : planes)
    plane.series = uid;
  return planes;
}

void AddToAll(std::vector<DicomPlane> & planes, const support::DicomExtra & extra)
{
  for (auto & plane : planes)
    plane.extra.push_back(extra);
}

class ListedDicom : public testing::Test
{
protected:
  support::TemporaryFolder folder;

  fs::path Sub(const std::string & name) const
  {
    fs::create_directories(folder.Path() / name);
    return folder.Path() / name;
  }
  DicomFolder List() const { return ListDicomFolder(folder.Path()); }
};

TEST_F(ListedDicom, SeriesAtAnyDepthAmongOtherFilesAreFound)
{
  WriteShuffled(Series("1.2.1"), Sub("a/b/c"), "IM");
  WriteShuffled(Series("1.2.2"), Sub("a"), "IM");
  support::WriteFile(folder / "notes.txt", "not DICOM");
  support::WriteFile(folder / "empty", "");
  support::WriteFile(Sub(".hidden") / "x.dcm", "DICM");
  const DicomFolder found = List();
  ASSERT_EQ(found.series.size(), 2U);
  EXPECT_EQ(found.series[0].seriesUid, "1.2.2") << "sorted by folder";
  EXPECT_EQ(found.series[1].files.size(), 7U);
  EXPECT_EQ(found.skipped, 2U);
  EXPECT_TRUE(found.damaged.empty());
  EXPECT_EQ(found.series[0].patientName, "Secret^Name");
  EXPECT_EQ(found.series[0].extent, (Extent{ 5, 6, 7 }));
  EXPECT_NEAR(found.series[0].spacing.z, 2.5, 1e-6);
  EXPECT_TRUE(found.series[0].IsRegular());
  EXPECT_EQ(ReadSeries(found.series[0]).voxels, Ramp().voxels);
}

TEST_F(ListedDicom, FilesWithoutExtensionOrPreambleAreDicomToo)
{
  const auto planes = Series("1.2.1");
  for (std::size_t i = 0; i < planes.size(); ++i)
  {
    const fs::path file = folder.Path() / ("IM" + std::to_string(i));
    support::WriteDicomPlane(planes[i], static_cast<int>(i), file);
    const std::string whole = support::ReadFile(file);
    if (i % 2) // without preamble and meta header: the data set alone
      support::WriteFile(file, whole.substr(whole.find(std::string("\x08\x00\x16\x00UI", 6))));
  }
  const DicomFolder found = List();
  ASSERT_EQ(found.series.size(), 1U);
  EXPECT_EQ(ReadVolume(folder.Path()).voxels, Ramp().voxels);
}

TEST_F(ListedDicom, TimePointsAndEchoesOfOneSeriesAreParted)
{
  for (const auto & [element, group] : { std::pair{ 0x0100, 0x0020 }, std::pair{ 0x0012, 0x0020 }, std::pair{ 0x0086, 0x0018 } })
  {
    const support::TemporaryFolder own;
    for (const char * index : { "1", "2", "10" })
    {
      auto planes = Series("1.2.1");
      AddToAll(planes, { static_cast<std::uint16_t>(group), static_cast<std::uint16_t>(element), "IS", index });
      for (auto & plane : planes)
        plane.stored[0] = static_cast<std::int16_t>(std::stoi(index));
      WriteShuffled(planes, own.Path(), index);
    }
    const DicomFolder found = ListDicomFolder(own.Path());
    ASSERT_EQ(found.series.size(), 3U) << group << ' ' << element;
    for (const std::size_t i : { 0, 1, 2 })
    {
      EXPECT_EQ(found.series[i].slices, 7);
      EXPECT_TRUE(found.series[i].IsRegular());
      EXPECT_EQ(ReadSeries(found.series[i]).AsFloat()[0], (std::array{ 1, 2, 10 })[i]) << "in the order of time";
    }
    EXPECT_NE(ErrorText([&] { ReadVolume(own.Path(), { .series = "1.2.1" }); }, Fault::Input).find("time points"), std::string::npos);
  }
}

TEST_F(ListedDicom, FramesOfAnEnhancedFileStandAtTheirPlaces)
{
  auto planes = Series("1.2.1");
  planes[2].intercept = "7";
  std::rotate(planes.begin(), planes.begin() + 3, planes.end());
  WriteEnhanced(planes, {}, folder / "e.dcm");
  const Volume volume = ReadVolume(folder / "e.dcm");
  EXPECT_EQ(volume.modality, "CT");
  EXPECT_EQ(volume.units, "HU");
  EXPECT_LE(CornerDistance(volume.geometry, Ramp().geometry), 1e-6);
  const auto truth = Ramp().AsFloat(), read = volume.AsFloat();
  for (std::size_t i = 0; i < truth.size(); ++i)
    EXPECT_EQ(read[i], truth[i] + (i / 30 == 2 ? 7 : 0)) << i;
}

TEST_F(ListedDicom, TimePointsOfAnEnhancedFileAreParted)
{
  auto first = Series("1.2.1"), both = first;
  for (auto plane : first)
  {
    for (auto & value : plane.stored)
      value = static_cast<std::int16_t>(value + 5);
    both.push_back(plane);
  }
  WriteEnhanced(both, { 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2 }, folder / "e.dcm");
  const auto series = List().series;
  ASSERT_EQ(series.size(), 2U);
  EXPECT_EQ(series[1].files.size(), 1U);
  EXPECT_EQ(ReadSeries(series[0]).voxels, Ramp().voxels);
  EXPECT_EQ(ReadSeries(series[1]).AsFloat()[0], Ramp().AsFloat()[0] + 5);
  WriteEnhanced(both, {}, folder / "e.dcm");
  EXPECT_EQ(List().series.at(0).problems.at(0).name, "duplicate-position") << "nothing tells them apart";
}

// Two stacks in one file, each a volume of its own; frame numbers run through both.
TEST_F(ListedDicom, StacksOfAnEnhancedFileAreParted)
{
  auto first = Series("1.2.1"), both = first;
  for (auto plane : first)
  {
    plane.modality = "MR";
    for (auto & value : plane.stored)
      value = static_cast<std::int16_t>(value + 5);
    both.push_back(plane);
  }
  for (auto & plane : both)
    plane.modality = "MR";
  WriteEnhanced(both, {}, folder / "e.dcm", { "1", "1", "1", "1", "1", "1", "1", "2", "2", "2", "2", "2", "2", "2" });
  const auto series = List().series;
  ASSERT_EQ(series.size(), 2U);
  for (const auto & one : series)
    EXPECT_TRUE(one.IsRegular());
  EXPECT_EQ(ReadSeries(series[0]).voxels, Ramp().voxels);
  EXPECT_EQ(ReadSeries(series[1]).AsFloat()[0], Ramp().AsFloat()[0] + 5);
}

TEST_F(ListedDicom, AStackWhoseSlicesHaveOwnAcquisitionNumbersStaysWhole)
{
  auto planes = Series("1.2.1");
  for (std::size_t i = 0; i < planes.size(); ++i)
    planes[i].extra.push_back({ 0x0020, 0x0012, "IS", std::to_string(i / 2) });
  WriteShuffled(planes, folder.Path());
  ASSERT_EQ(List().series.size(), 1U);
  EXPECT_TRUE(List().series[0].IsRegular());
}

TEST_F(ListedDicom, KindsAreTold)
{
  struct Case
  {
    std::string sop, type, description;
    SeriesKind  kind;
  };
  const std::string ct = "1.2.840.10008.5.1.4.1.1.2";
  int               number = 0;
  for (const auto & one : { Case{ ct, "ORIGINAL\\PRIMARY\\AXIAL", "Thorax", SeriesKind::Volume },
                            Case{ ct, "ORIGINAL\\PRIMARY\\LOCALIZER", "", SeriesKind::Localizer },
                            Case{ ct, "ORIGINAL\\PRIMARY", "Topogram 0.6", SeriesKind::Localizer },
                            Case{ ct, "DERIVED\\SECONDARY\\SCREEN SAVE", "", SeriesKind::ScreenCapture },
                            Case{ "1.2.840.10008.5.1.4.1.1.7", "DERIVED\\SECONDARY", "", SeriesKind::SecondaryCapture },
                            Case{ "1.2.840.10008.5.1.4.1.1.66.4", "DERIVED\\PRIMARY", "", SeriesKind::Segmentation },
                            Case{ ct, "ORIGINAL\\PRIMARY\\M\\MOSAIC", "", SeriesKind::Other } })
  {
    auto planes = Series("1.2." + std::to_string(++number));
    for (auto & plane : planes)
      plane.sopClass = one.sop;
    AddToAll(planes, { 0x0008, 0x0008, "CS", one.type });
    AddToAll(planes, { 0x0008, 0x103e, "LO", one.description });
    AddToAll(planes, { 0x0020, 0x0011, "IS", std::to_string(number) });
    WriteShuffled(planes, folder.Path(), std::to_string(number) + "-");
    EXPECT_EQ(ToText(List().series.back().kind), ToText(one.kind)) << one.type;
  }
  EXPECT_EQ(MatchSeries(List().series, {}).size(), 1U);
  EXPECT_EQ(ReadVolume(folder.Path()).voxels, Ramp().voxels) << "the only volume among other kinds";
  EXPECT_NE(ErrorText([&] { ReadVolume(folder.Path(), { .series = "2" }); }, Fault::Input).find("localizer"), std::string::npos);
}

TEST_F(ListedDicom, RulesChooseByModalitySlicesDescriptionAndId)
{
  auto first = Series("1.2.1"), second = Series("1.2.2", support::ObliqueGeometry({ 4, 3, 5 }));
  AddToAll(first, { 0x0008, 0x103e, "LO", "Thorax 1.0 B70f" });
  AddToAll(second, { 0x0008, 0x103e, "LO", "t1_mprage_sag" });
  for (auto & plane : second)
    plane.modality = "MR";
  WriteShuffled(first, folder.Path(), "a");
  WriteShuffled(second, folder.Path(), "b");
  const auto series = List().series;
  using Found = std::vector<std::size_t>;
  EXPECT_EQ(MatchSeries(series, {}), (Found{ 0, 1 }));
  EXPECT_EQ(MatchSeries(series, { .modality = "MR" }), Found{ 1 });
  EXPECT_EQ(MatchSeries(series, { .minimumSlices = 6 }), Found{ 0 });
  EXPECT_EQ(MatchSeries(series, { .descriptionPattern = "T1.*SAG" }), Found{ 1 });
  EXPECT_EQ(MatchSeries(series, { .series = "1.2.1" }), Found{ 0 });
  EXPECT_EQ(MatchSeries(series, { .series = ShownText("1.2.2") }), Found{ 1 });
  EXPECT_EQ(MatchSeries(series, { .modality = "PT" }), Found{});
  EXPECT_NE(ErrorText([&] { MatchSeries(series, { .descriptionPattern = "(" }); }, Fault::Usage).find("regular expression"), std::string::npos);
  EXPECT_TRUE(series[1].mayShowFace);
  EXPECT_FALSE(series[0].mayShowFace);
}

TEST_F(ListedDicom, ADamagedSliceIsAProblemOfItsSeries)
{
  WriteShuffled(Series("1.2.1"), folder.Path());
  const std::string last = support::Names(folder.Path()).back();
  const std::string text = support::ReadFile(folder / last);
  support::WriteFile(folder / last, text.substr(0, text.size() - 7));
  const DicomFolder found = List();
  ASSERT_EQ(found.damaged.size(), 1U);
  ASSERT_EQ(found.series.size(), 1U);
  ASSERT_EQ(found.series[0].problems.back().name, "missing-slice");
  EXPECT_NE(found.series[0].problems.back().detail.find(Shown(folder / last)), std::string::npos);
  EXPECT_EQ(found.series[0].problems.back().detail.find(last), std::string::npos) << "a file's name";
}

TEST_F(ListedDicom, DamagedBytesNeverEndTheProcess)
{
  auto planes = Series("1.2.1");
  planes.resize(2);
  support::WriteDicomPlane(planes[0], 1, folder / "a");
  WriteEnhanced(planes, { 1, 2 }, folder / "b");
  std::mt19937_64 random(7);
  std::size_t     refused = 0;
  for (const char * name : { "a", "b" })
  {
    const std::string whole = support::ReadFile(folder / name);
    for (int turn = 0; turn < 400; ++turn)
    {
      std::string text = whole;
      for (int flip = 0; flip < 1 + turn % 4; ++flip)
        text[128 + random() % (text.size() - 128)] = static_cast<char>(random());
      support::WriteFile(folder / name, text);
      try
      {
        ReadVolume(folder.Path());
      }
      catch (const Error & e)
      {
        ++refused;
        EXPECT_TRUE(e.Kind() == Fault::Input) << e.what();
      }
    }
    support::WriteFile(folder / name, whole);
  }
  EXPECT_GT(refused, 100U);
}

TEST_F(ListedDicom, FoldersThatHoldNothingAreRefused)
{
  EXPECT_NE(ErrorText([&] { List(); }, Fault::Input).find("holds no file"), std::string::npos);
  EXPECT_NE(ErrorText([&] { ListDicomFolder(folder / "none"); }, Fault::Input).find("does not exist"), std::string::npos);
}

} // namespace
} // namespace serval
