// Writes DICOM segmentations of the real series and reads them back with DCMTK: every voxel goes through the frame's
// position, orientation and spacing, as DICOM PS3.3 C.7.6.2.1.1 states it.
#include "Support.h"

#include "serval/Core/Error.h"
#include "serval/Volume/ExportDicom.h"

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmfg/fgderimg.h>
#include <dcmtk/dcmfg/fgpixmsr.h>
#include <dcmtk/dcmfg/fgplanor.h>
#include <dcmtk/dcmfg/fgplanpo.h>
#include <dcmtk/dcmfg/fgseg.h>
#include <dcmtk/dcmseg/segdoc.h>
#include <dcmtk/dcmseg/segment.h>
#include <dcmtk/dcmseg/segutils.h>
#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <set>

namespace serval
{
namespace
{

namespace fs = std::filesystem;

const fs::path data = SERVAL_SOURCE_DIRECTORY "/Data";

struct Source
{
  SeriesRecord record;
  Geometry     grid;
};

Source SourceOf(const fs::path & folder)
{
  Source source{ ListDicomFolder(folder).series.at(0), {} };
  source.grid = ReadSeries(source.record).geometry;
  return source;
}

// Labels 2 (an L in slices 1 to 3), 7 (a block through nearly all slices): no mirror image or exchange of axes is alike.
LabelVolume Letters(const Geometry & grid)
{
  const auto & e = grid.extent;
  LabelVolume  labels{ grid, std::vector<std::uint16_t>(static_cast<std::size_t>(e.Voxels())) };
  for (std::int64_t z = 0; z < e.z; ++z)
    for (std::int64_t y = 0; y < e.y; ++y)
      for (std::int64_t x = 0; x < e.x; ++x)
      {
        auto & label = labels.labels[static_cast<std::size_t>(x + e.x * (y + e.y * z))];
        if (z >= 1 && z <= 3 && ((x >= 3 && x < 41 && y >= 5 && y < 9) || (x >= 3 && x < 7 && y >= 5 && y < 31)))
          label = 2;
        if (z >= 2 && z < e.z - 5 && x >= 50 && x < 61 && y >= 60 && y < 67)
          label = 7;
      }
  return labels;
}

const std::vector<Segment> twoSegments{ { .label = 2, .name = "letter" }, { .label = 7, .name = "block", .type = { "27925004", "SCT", "Nodule" } } };

SegmentationText Text()
{
  SegmentationText text;
  text.created = "20260102030405";
  return text;
}

std::unique_ptr<DcmSegmentation> Load(const fs::path & file)
{
  DcmSegmentation * loaded = nullptr;
  const auto        read = DcmSegmentation::loadFile(file.c_str(), loaded);
  EXPECT_TRUE(read.good()) << read.text();
  return std::unique_ptr<DcmSegmentation>(loaded);
}

template <typename TGroup>
TGroup & Group(DcmSegmentation & document, std::size_t frame, DcmFGTypes::E_FGType type)
{
  return dynamic_cast<TGroup &>(*document.getFunctionalGroups().get(static_cast<Uint32>(frame), type));
}

// The index in `grid` of a pixel of a frame.
std::array<std::int64_t, 3> IndexOf(DcmSegmentation & document, std::size_t frame, int row, int column, const Geometry & grid)
{
  Float64 p[3], r[3], c[3], between[2];
  Group<FGPlanePosPatient>(document, frame, DcmFGTypes::EFG_PLANEPOSPATIENT).getImagePositionPatient(p[0], p[1], p[2]);
  Group<FGPlaneOrientationPatient>(document, frame, DcmFGTypes::EFG_PLANEORIENTPATIENT).getImageOrientationPatient(r[0], r[1], r[2], c[0], c[1], c[2]);
  for (unsigned long i = 0; i < 2; ++i)
    Group<FGPixelMeasures>(document, frame, DcmFGTypes::EFG_PIXELMEASURES).getPixelSpacing(between[i], i);
  std::array<std::int64_t, 3> index{};
  const double                edge[]{ grid.spacing.x, grid.spacing.y, grid.spacing.z };
  for (std::size_t axis = 0; axis < 3; ++axis)
  {
    double sum = 0;
    for (std::size_t k = 0; k < 3; ++k)
      sum += grid.direction[3 * k + axis] * (p[k] + r[k] * between[1] * column + c[k] * between[0] * row - grid.origin[k]) / edge[axis];
    EXPECT_NEAR(sum, std::round(sum), 0.02);
    index[axis] = std::llround(sum);
  }
  return index;
}

LabelVolume LabelsOf(DcmSegmentation & document, const Geometry & grid, const std::vector<Segment> & segments)
{
  LabelVolume labels{ grid, std::vector<std::uint16_t>(static_cast<std::size_t>(grid.extent.Voxels())) };
  const auto  rows = static_cast<Uint16>(grid.extent.y), columns = static_cast<Uint16>(grid.extent.x);
  for (std::size_t frame = 0; frame < document.getNumberOfFrames(); ++frame)
  {
    Uint16 number = 0;
    Group<FGSegmentation>(document, frame, DcmFGTypes::EFG_SEGMENTATION).getReferencedSegmentNumber(number);
    const std::unique_ptr<DcmIODTypes::Frame> pixels(DcmSegUtils::unpackBinaryFrame(document.getFrame(frame), rows, columns));
    for (int row = 0; row < rows; ++row)
      for (int column = 0; column < columns; ++column)
        if (pixels->pixData[row * columns + column])
        {
          const auto at = IndexOf(document, frame, row, column, grid);
          labels.labels.at(static_cast<std::size_t>(at[0] + grid.extent.x * (at[1] + grid.extent.y * at[2]))) = segments.at(number - 1U).label;
        }
  }
  return labels;
}

std::string Value(const fs::path & file, const DcmTagKey & tag)
{
  DcmFileFormat format;
  OFString      text;
  EXPECT_TRUE(format.loadFile(file.c_str()).good()) << file;
  format.getDataset()->findAndGetOFStringArray(tag, text);
  return text.c_str();
}

class RealSeries : public testing::TestWithParam<const char *>
{
protected:
  support::TemporaryFolder folder;
  Source                   source = SourceOf(data / GetParam());
  LabelVolume              labels = Letters(source.grid);
  fs::path                 file = folder / "seg.dcm";
};

TEST_P(RealSeries, EveryVoxelComesBackThroughTheFramesPositions)
{
  const auto frames = WriteDicomSegmentation(labels, source.record, twoSegments, Text(), file);
  EXPECT_EQ(frames, 3U + static_cast<std::size_t>(source.grid.extent.z - 7));
  const auto document = Load(file);
  ASSERT_NE(document, nullptr);
  EXPECT_EQ(document->getNumberOfFrames(), frames);
  EXPECT_TRUE(LabelsOf(*document, source.grid, twoSegments).labels == labels.labels);
  OFString name, code;
  ASSERT_EQ(document->getNumberOfSegments(), 2U);
  document->getSegment(2)->getSegmentLabel(name);
  document->getSegment(2)->getSegmentedPropertyTypeCode().getCodeValue(code);
  EXPECT_EQ(name, "block");
  EXPECT_EQ(code, "27925004");
}

TEST_P(RealSeries, PatientStudyAndFrameOfReferenceAreTheSources)
{
  WriteDicomSegmentation(labels, source.record, twoSegments, Text(), file);
  const auto & image = source.record.files.front();
  for (const auto & tag : { DCM_PatientID, DCM_PatientName, DCM_PatientBirthDate, DCM_StudyInstanceUID, DCM_StudyDate, DCM_FrameOfReferenceUID })
    EXPECT_EQ(Value(file, tag), Value(image, tag)) << tag.toString();
  EXPECT_NE(Value(file, DCM_SeriesInstanceUID), Value(image, DCM_SeriesInstanceUID));
  EXPECT_EQ(Value(file, DCM_Modality), "SEG");
  EXPECT_EQ(Value(file, DCM_SOPClassUID), UID_SegmentationStorage);
  EXPECT_EQ(Value(file, DCM_ContentDate) + Value(file, DCM_ContentTime), "20260102030405");
}

TEST_P(RealSeries, EachFrameNamesTheImageInItsPlane)
{
  WriteDicomSegmentation(labels, source.record, twoSegments, Text(), file);
  std::map<std::string, std::string> positions; // of the instances
  for (const auto & image : source.record.files)
    positions[Value(image, DCM_SOPInstanceUID)] = Value(image, DCM_ImagePositionPatient);
  const auto document = Load(file);
  for (std::size_t frame = 0; frame < document->getNumberOfFrames(); ++frame)
  {
    auto &   item = *Group<FGDerivationImage>(*document, frame, DcmFGTypes::EFG_DERIVATIONIMAGE).getDerivationImageItems().at(0);
    OFString uid, position, part;
    item.getSourceImageItems().at(0)->getImageSOPInstanceReference().getReferencedSOPInstanceUID(uid);
    for (signed long i = 0; i < 3; ++i)
    {
      Group<FGPlanePosPatient>(*document, frame, DcmFGTypes::EFG_PLANEPOSPATIENT).getImagePositionPatient(part, i);
      position += (i ? "\\" : "") + part;
    }
    ASSERT_TRUE(positions.contains(uid.c_str()));
    EXPECT_EQ(positions.at(uid.c_str()), position.c_str());
  }
  auto & series = document->getCommonInstanceReference().getReferencedSeriesItems();
  ASSERT_EQ(series.size(), 1U);
  OFString uid;
  series[0]->getSeriesInstanceUID(uid);
  EXPECT_EQ(uid, Value(source.record.files.front(), DCM_SeriesInstanceUID).c_str());
  EXPECT_EQ(series[0]->getReferencedInstanceItems().size(), source.record.files.size());
}

TEST_P(RealSeries, EqualCallsGiveEqualBytesAndAnotherTimeAnotherInstance)
{
  const fs::path again = folder / "again.dcm", later = folder / "later.dcm";
  auto           text = Text();
  WriteDicomSegmentation(labels, source.record, twoSegments, text, file);
  WriteDicomSegmentation(labels, source.record, twoSegments, text, again);
  text.created = "20260102030406";
  WriteDicomSegmentation(labels, source.record, twoSegments, text, later);
  EXPECT_TRUE(support::ReadFile(file) == support::ReadFile(again));
  EXPECT_NE(Value(file, DCM_SOPInstanceUID), Value(later, DCM_SOPInstanceUID));
  EXPECT_EQ(support::Names(folder.Path()), (std::vector<std::string>{ "again.dcm", "later.dcm", "seg.dcm" }));
}

INSTANTIATE_TEST_SUITE_P(Data, RealSeries, testing::Values("ct-dicom-lidc", "mr-dicom-sag35"),
                         [](const auto & info) { return std::string(info.param).starts_with("ct") ? "Chest" : "Sagittal"; });

// A real enhanced MR file without a frame of reference and with a patient's age that breaks its value representation.
TEST(MultiFrameSegmentation, EveryVoxelComesBackAndEachFrameNamesItsFrame)
{
  const support::TemporaryFolder folder;
  const Source                   source = SourceOf(data / "dicom-geometry-noise" / "philips-enhanced-multiframe");
  const LabelVolume              labels = Letters(source.grid);
  const fs::path                 file = folder / "seg.dcm";
  ASSERT_EQ(WriteDicomSegmentation(labels, source.record, twoSegments, Text(), file), 3U + 1U);
  const auto document = Load(file);
  EXPECT_TRUE(LabelsOf(*document, source.grid, twoSegments).labels == labels.labels);
  std::vector<int> numbers;
  for (std::size_t frame = 0; frame < document->getNumberOfFrames(); ++frame)
  {
    auto & item = *Group<FGDerivationImage>(*document, frame, DcmFGTypes::EFG_DERIVATIONIMAGE).getDerivationImageItems().at(0);
    OFVector<Uint16> named;
    item.getSourceImageItems().at(0)->getImageSOPInstanceReference().getReferencedFrameNumber(named);
    ASSERT_EQ(named.size(), 1U);
    numbers.push_back(named[0]);
  }
  EXPECT_EQ(numbers, (std::vector<int>{ 2, 3, 4, 3 })); // slices 1 to 3 of the letter, 2 of the block, counted from 1
  EXPECT_EQ(Value(file, DCM_PatientAge), Value(source.record.files.front(), DCM_PatientAge));
  EXPECT_TRUE(Value(file, DCM_FrameOfReferenceUID).starts_with("2.25."));
}

class ChestSegmentation : public testing::Test
{
protected:
  support::TemporaryFolder folder;
  Source                   source = SourceOf(data / "ct-dicom-lidc");
  LabelVolume              labels = Letters(source.grid);
  fs::path                 file = folder / "seg.dcm";

  void ExpectRefusal(const std::vector<Segment> & segments, const SegmentationText & text, Fault fault, const std::string & words) const
  {
    try
    {
      WriteDicomSegmentation(labels, source.record, segments, text, file);
      ADD_FAILURE() << "not refused: " << words;
    }
    catch (const Error & e)
    {
      EXPECT_EQ(e.Kind(), fault);
      EXPECT_NE(std::string(e.what()).find(words), std::string::npos) << e.what();
      EXPECT_EQ(std::string(e.what()).find(data.string()), std::string::npos) << e.what();
    }
    EXPECT_TRUE(support::Names(folder.Path()).empty());
  }
};

TEST_F(ChestSegmentation, EmptyFramesStandWhereTheyAreWanted)
{
  auto text = Text();
  text.hasEmptyFrames = true;
  EXPECT_EQ(WriteDicomSegmentation(labels, source.record, twoSegments, text, file), 2U * 16U);
  EXPECT_TRUE(LabelsOf(*Load(file), source.grid, twoSegments).labels == labels.labels);
}

TEST_F(ChestSegmentation, NamesAreWrittenInUtf8)
{
  WriteDicomSegmentation(labels, source.record, { { .label = 2, .name = "Knötchen" } }, Text(), file);
  OFString name;
  Load(file)->getSegment(1)->getSegmentLabel(name);
  EXPECT_EQ(name, "Knötchen");
  EXPECT_EQ(Value(file, DCM_SpecificCharacterSet), "ISO_IR 192");
}

TEST_F(ChestSegmentation, WhatDoesNotFitIsNamed)
{
  ExpectRefusal({}, Text(), Fault::Input, "no voxel has a label");
  ExpectRefusal({ { .label = 3, .name = "liver" } }, Text(), Fault::Input, "label 3 (liver) has no voxel");
  ExpectRefusal({ { .label = 2, .name = "a\\b" } }, Text(), Fault::Input, "without backslash");
  auto text = Text();
  text.created = "yesterday";
  ExpectRefusal(twoSegments, text, Fault::Usage, "YYYYMMDDhhmmss is expected");
  labels.geometry.origin[2] += 100;
  ExpectRefusal(twoSegments, Text(), Fault::Input, "has no image in the source series");
}

TEST_F(ChestSegmentation, ASourceThatCannotBeReadIsRefused)
{
  support::TemporaryFolder copies;
  support::WriteFile(copies / "Mueller^Anna.dcm", "no image");
  source.record.files[3] = copies / "Mueller^Anna.dcm";
  ExpectRefusal(twoSegments, Text(), Fault::Input, "image 4 of the source series cannot be read");
}

} // namespace
} // namespace serval
