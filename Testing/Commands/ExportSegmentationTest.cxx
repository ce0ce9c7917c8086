#include "CommandSupport.h"

#include <gtest/gtest.h>

namespace serval::commands
{
namespace
{

const std::string data = SERVAL_SOURCE_DIRECTORY "/Data";
const std::string chest = data + "/ct-dicom-lidc/LIDC-IDRI-0001";

// Label maps of the chest CT: 1 is air.
class ExportSegmentation : public testing::Test
{
protected:
  support::TemporaryFolder folder;

  std::string At(const std::string & name) const { return (folder.Path() / name).string(); }

  void SetUp() override
  {
    const auto made = RunModule("ServalSegmentByThreshold", { chest, At("air.mha"), "--method", "fixed", "--thresholds", "-300", "--gate", "off" });
    ASSERT_EQ(made.code, 0) << made.error;
  }

  support::CommandResult Export(const Words & arguments) const { return RunModule("ServalExportSegmentation", arguments); }

  void ExpectRefusal(const Words & arguments, int code, const std::string & words) const
  {
    const auto before = support::Names(folder.Path());
    const auto result = Export(arguments);
    EXPECT_EQ(result.code, code) << result.error;
    EXPECT_NE(result.error.find(words), std::string::npos) << result.error;
    EXPECT_EQ(support::Names(folder.Path()), before);
  }
};

TEST_F(ExportSegmentation, TheLabelMapReturnsToTheSourcesGrid)
{
  ASSERT_EQ(Export({ At("air.mha"), At("air.nii.gz") }).code, 0);
  const auto result = Export({ At("air.nii.gz"), At("back.mha"), "--source", chest });
  ASSERT_EQ(result.code, 0) << result.error;
  EXPECT_NE(result.output.find("1 label 1 (label 1): "), std::string::npos) << result.output;
  EXPECT_EQ(result.output.find("on the grid of the label map"), std::string::npos) << result.output;
  const std::string back = support::ReadFile(At("back.mha")), first = support::ReadFile(At("air.mha"));
  EXPECT_EQ(back.substr(back.find("ElementDataFile")), first.substr(first.find("ElementDataFile"))); // the voxels
}

TEST_F(ExportSegmentation, TheDicomFileAloneHoldsIdentifiers)
{
  const std::string archive = "1.3.6.1.4.1.14519."; // the root of all UIDs of this series
  const auto        result =
    Export({ At("air.mha"), At("air.dcm"), "--source", chest, "--names", "1:air", "--created", "20260102030405", "--json", At("air.json") });
  ASSERT_EQ(result.code, 0) << result.error;
  const std::string file = support::ReadFile(At("air.dcm"));
  EXPECT_EQ(file.substr(128, 4), "DICM");
  EXPECT_NE(file.find(archive), std::string::npos);
  EXPECT_NE(file.find("LIDC-IDRI-0001"), std::string::npos); // the patient's id
  const std::string json = support::ReadFile(At("air.json"));
  EXPECT_NE(json.find("\"schema\": \"serval-export/1\""), std::string::npos) << json;
  EXPECT_NE(json.find("\"frames\": 16"), std::string::npos) << json;
  for (const auto & text : { json, result.output, result.error })
  {
    EXPECT_EQ(text.find(archive), std::string::npos) << text;
    EXPECT_EQ(text.find("LIDC"), std::string::npos) << text;
  }
  ASSERT_EQ(Export({ At("air.mha"), At("again.dcm"), "--source", chest, "--names", "1:air", "--created", "20260102030405" }).code, 0);
  EXPECT_TRUE(support::ReadFile(At("again.dcm")) == file);
}

TEST_F(ExportSegmentation, CodesComeFromATable)
{
  support::WriteFile(At("names.csv"), "value,name,category,type\n0,outside,,\n1,air,91720002:SCT:Body Substance,15158005:SCT:Air\n");
  ASSERT_EQ(Export({ At("air.mha"), At("air.dcm"), "--source", chest, "--segmentTable", At("names.csv") }).code, 0);
  const std::string file = support::ReadFile(At("air.dcm"));
  for (const char * text : { "91720002", "Body Substance", "15158005" })
    EXPECT_NE(file.find(text), std::string::npos) << text;
  support::WriteFile(At("names.csv"), "value,name,type\n1,air,15158005\n");
  ExpectRefusal({ At("air.mha"), At("bad.dcm"), "--source", chest, "--segmentTable", At("names.csv") }, 3, "VALUE:SCHEME:MEANING");
  support::WriteFile(At("names.csv"), "value,name\n1,air\n1,lung\n");
  ExpectRefusal({ At("air.mha"), At("bad.dcm"), "--source", chest, "--segmentTable", At("names.csv") }, 3, "row 2: label 1 is named twice");
}

TEST_F(ExportSegmentation, AMapIsWrittenOnTheSourcesGrid)
{
  WriteVolume(At("map.mha"), 1);
  WriteVolume(At("fine.mha"), 2, { 9, 19, 20 });
  ASSERT_EQ(Export({ At("map.mha"), At("moved.nrrd"), "--map", "--source", At("fine.mha") }).code, 0);
  const std::string moved = support::ReadFile(At("moved.nrrd"));
  EXPECT_NE(moved.find("type: float"), std::string::npos);
  EXPECT_NE(moved.find("sizes: 9 19 20"), std::string::npos) << moved.substr(0, 400);
}

TEST_F(ExportSegmentation, WrongCallsAndInputsAreNamed)
{
  ExpectRefusal({ At("air.mha"), At("o.dcm") }, 2, "needs --source");
  ExpectRefusal({ At("air.mha"), At("o.dcm"), "--source", At("air.mha") }, 2, "--source is no folder");
  ExpectRefusal({ At("air.mha"), At("o.dcm"), "--source", chest, "--map" }, 2, "is not written as .dcm");
  ExpectRefusal({ At("air.mha"), At("o.nrrd"), "--names", "1:air" }, 2, "belong to a DICOM (.dcm) or Slicer");
  ExpectRefusal({ At("air.mha"), At("o.dcm"), "--source", chest, "--names", "air" }, 2, "LABEL:NAME");
  ExpectRefusal({ At("air.mha"), At("o.png") }, 2, "extension");
  ExpectRefusal({ At("air.mha"), At("o.dcm"), "--source", data }, 3, "series of images; choose one by --series: ");
  ExpectRefusal({ At("air.mha"), At("o.dcm"), "--source", data + "/mr-dicom-sag35" }, 3, " mm are allowed");
  WriteVolume(At("float.mha"), 1);
  ExpectRefusal({ At("float.mha"), At("o.nrrd") }, 3, "whole numbers");
  WriteLabels(At("empty.mha"), { .isEmpty = true });
  ExpectRefusal({ At("empty.mha"), At("o.dcm"), "--source", chest }, 3, "no voxel has a label");
}

TEST_F(ExportSegmentation, AnIrregularSourceIsRefusedByName)
{
  std::filesystem::copy(chest, folder / "gap");
  std::filesystem::remove(folder.Path() / "gap" / "-110.000000.dcm");
  ExpectRefusal({ At("air.mha"), At("o.dcm"), "--source", At("gap") }, 3, "missing-slice: 1 slice");
}

} // namespace
} // namespace serval::commands
