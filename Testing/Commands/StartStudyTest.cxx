#include "CommandSupport.h"
#include "DicomPhantom.h"
#include "Phantom.h"
#include "serval/Core/Table.h"

#include <gtest/gtest.h>

namespace serval::commands
{
namespace
{

namespace fs = std::filesystem;

// Images and labels named by patients, as hospitals have them.
class StartStudy : public testing::Test
{
protected:
  support::TemporaryFolder folder;
  fs::path                 images = folder / "images", labels = folder / "labels", sheet = folder / "labels.csv", out = folder / "out";

  void SetUp() override
  {
    fs::create_directories(images);
    fs::create_directories(labels);
  }

  void AddFiles(int count) const
  {
    for (int i = 0; i < count; ++i)
    {
      const auto name = "Mustermann" + std::to_string(i) + ".mha";
      WriteVolume(images / name, static_cast<unsigned>(i));
      WriteLabels(labels / name);
    }
  }

  void AddSeries(const std::string & patient) const
  {
    auto volume = support::Ramp();
    for (auto & voxel : std::get<std::vector<std::int16_t>>(volume.voxels))
      voxel = static_cast<std::int16_t>(voxel + patient.back()); // no two patients have one image
    auto planes = support::PlanesOf(volume);
    for (auto & plane : planes)
    {
      plane.series = "1.2.826." + patient;
      plane.extra = { { 0x0010, 0x0020, "LO", patient } };
    }
    fs::create_directories(images / patient);
    support::WriteShuffled(planes, images / patient);
  }

  support::CommandResult Start(const fs::path & labelled, Words options = {}) const
  {
    Words words{ images.string(), labelled.string(), out.string() };
    words.insert(words.end(), options.begin(), options.end());
    const auto result = RunModule("ServalStartStudy", words);
    EXPECT_EQ((result.output + result.error).find("Mustermann"), std::string::npos) << result.output << result.error;
    return result;
  }

  void ExpectRefused(const support::CommandResult & result, int code, const std::string & words) const
  {
    EXPECT_EQ(result.code, code) << result.output << result.error;
    EXPECT_NE(result.error.find(words), std::string::npos) << result.error;
    EXPECT_FALSE(fs::exists(out / "study.toml"));
  }
};

TEST_F(StartStudy, FromFilesAndSegmentationsToAReportAndASecondRunRepeatsNothing)
{
  AddFiles(4);
  const auto first = Start(labels, { "--sheets", "1", "--labelNames", "1=lower,2=upper" });
  ASSERT_EQ(first.code, 0) << first.output << first.error;
  EXPECT_TRUE(first.error.empty()) << first.error;
  for (const char * line : { "$ serval audit $IMAGES --csv $OUT/audit.csv", "$ serval import $IMAGES --segmentations $LABELS --join file --out $OUT/cohort --key $OUT/site.key",
                             "$ serval render-volume $OUT/cohort/images/c", "$ serval study new $OUT/study.toml --manifest $OUT/cohort/manifest.csv --labelNames 1=lower,2=upper",
                             "$ serval study run $OUT/study.toml --output $OUT/smoke --scale smoke", "the segmentations hold the labels 0, 1, 2", "it is no result" })
    EXPECT_NE(first.output.find(line), std::string::npos) << line << "\n" << first.output;
  const auto study = support::ReadFile(out / "study.toml");
  EXPECT_NE(study.find(R"(classNames = ["outside", "lower", "upper"])"), std::string::npos) << study;
  EXPECT_NE(study.find("size = [8, 8, 4]"), std::string::npos) << study; // 2 mm slices
  EXPECT_EQ(support::Names(out / "sheets").size(), 1U);
  const auto report = fs::last_write_time(out / "smoke" / "report.html");
  const auto cohort = Table::Read(out / "cohort" / "manifest.csv");
  EXPECT_EQ(cohort.Columns(), (Words{ "case", "patient", "image", "segmentation" }));

  const auto second = Start(labels, { "--sheets", "1" });
  EXPECT_EQ(second.code, 0) << second.error;
  EXPECT_EQ(second.output.find("$ serval"), std::string::npos) << second.output;
  for (const char * line : { "# done before: serval import", "study.toml is there and stays as it is" })
    EXPECT_NE(second.output.find(line), std::string::npos) << line << "\n" << second.output;
  EXPECT_EQ(fs::last_write_time(out / "smoke" / "report.html"), report);

  WriteVolume(images / "Mustermann0.mha", 99);
  fs::remove(labels / "Mustermann3.mha");
  const auto fewer = Start(labels, { "--sheets", "0" });
  EXPECT_EQ(fewer.code, 3);
  EXPECT_NE(fewer.error.find("the cohort has 3 patients with segmentations; at least 4 are needed"), std::string::npos) << fewer.error;
}

TEST_F(StartStudy, WhenTheSmokeRunFailsItsFileCanBeEdited)
{
  AddFiles(4);
  EXPECT_EQ(Start(labels, { "--sheets", "0", "--labelNames", "3=nothing" }).code, 2) << "no such label";
  EXPECT_FALSE(fs::exists(out / "study.toml"));
  fs::create_directories(out);
  support::WriteFile(out / "study.toml", "schema = \"serval-study/1\"\n[target]\nmanifest = \"cohort/manifest.csv\"\n[patches]\nsize = [99, 99, 99]\n");
  const auto result = Start(labels, { "--sheets", "0" });
  EXPECT_NE(result.code, 0);
  EXPECT_NE(result.error.find("stand in study.toml of the output, which is yours to edit"), std::string::npos) << result.error;
}

TEST_F(StartStudy, ColumnsAndTheWayToJoinAreFoundOut)
{
  for (const std::string patient : { "P1", "P2", "P3" })
    AddSeries(patient);
  support::WriteFile(sheet, "Name;PatientID;Diagnosis\nMustermann;P1;benign\nX;P2;malignant\nY;P3;benign\n");
  const auto result = Start(sheet, { "--sheets", "1" });
  EXPECT_NE(result.output.find("3 of 3 rows match by PatientID, column 'PatientID', classes from 'Diagnosis'"), std::string::npos) << result.output << result.error;
  ExpectRefused(result, 3, "1 of 'malignant'; at least two classes with 3 patients each are needed");
  EXPECT_EQ(Table::Read(out / "cohort" / "manifest.csv").Rows(), 3U) << "what was imported stays";
}

TEST_F(StartStudy, FromDicomSeriesAndASpreadsheetToAReportWithPicturesOfPatients)
{
  std::string rows = "PatientID,class\n";
  for (int i = 0; i < 6; ++i)
  {
    AddSeries("P" + std::to_string(i));
    rows += Concat("P", i, i % 2 ? ",large\n" : ",small\n");
  }
  support::WriteFile(sheet, rows);
  const auto result = Start(sheet, { "--sheets", "0" });
  ASSERT_EQ(result.code, 0) << result.output << result.error;
  EXPECT_NE(support::ReadFile(out / "study.toml").find("minimumPerClass = 1"), std::string::npos);
  const auto page = support::ReadFile(out / "smoke" / "report.html");
  EXPECT_NE(page.find("The patch, of 8, that speaks most for "), std::string::npos);
  EXPECT_NE(page.find("<tr><td>Modality</td><td>CT "), std::string::npos) << "as DICOM said before the import";
  EXPECT_EQ(RunModule("ServalRunStudy", { "check", (out / "study.toml").string() }).code, 0);
  const auto plan = RunModule("ServalRunStudy", { "plan", (out / "study.toml").string(), "--output", (out / "study").string(), "--budget", "3x" });
  EXPECT_EQ(plan.code, 2);
  EXPECT_NE(plan.error.find("'3x' is no time"), std::string::npos) << plan.error;
  EXPECT_FALSE(fs::exists(out / "study")) << "told before the trial";
}

TEST_F(StartStudy, WhatIsUndecidedIsAskedAndTakenUp)
{
  AddSeries("P1");
  AddSeries("P2");
  support::WriteFile(sheet, "folder,class\nP1,a\nP2,b\nP3,b\n");
  ExpectRefused(Start(sheet), 3, "choices.csv");
  auto choices = Table::Read(out / "choices.csv");
  ASSERT_EQ(choices.Rows(), 1U);
  choices.Set(0, choices.Column("use"), "no");
  choices.Write(out / "choices.csv");
  const auto second = Start(sheet);
  EXPECT_NE(second.output.find("# done before: serval audit"), std::string::npos) << second.output;
  EXPECT_NE(second.output.find("--choices $OUT/choices.csv"), std::string::npos);
  ExpectRefused(second, 3, "at least two classes");
}

TEST_F(StartStudy, WhatCannotStartIsToldBeforeAnythingIsMade)
{
  ExpectRefused(Start(labels), 3, "holds no NIfTI, NRRD or MetaImage file");
  AddFiles(1);
  fs::rename(labels / "Mustermann0.mha", labels / "other.mha");
  ExpectRefused(Start(labels), 3, "none of 1 segmentations has the name of an image");
  support::WriteFile(sheet, "case,class\nMeier,a\n");
  ExpectRefused(Start(sheet), 3, "no row of the spreadsheet matches an image: none of 1 texts in case");
  support::WriteFile(sheet, "case,colour\nMeier,a\n");
  ExpectRefused(Start(sheet), 3, "name the column of the classes by --labelColumn");
  support::WriteFile(sheet, "who,class\nMeier,a\n");
  ExpectRefused(Start(sheet), 3, "name the column of the ids by --idColumn");
  fs::remove(images / "Mustermann0.mha");
  support::WriteFile(images / "notes.txt", "no image");
  support::WriteFile(sheet, "case,class\nMeier,a\n");
  ExpectRefused(Start(sheet), 3, "no image can be used");
  EXPECT_FALSE(fs::exists(out));
}

TEST_F(StartStudy, FoldersOfOthersAreNotTaken)
{
  AddFiles(1);
  fs::create_directories(out);
  support::WriteFile(out / "thesis.txt", "years");
  EXPECT_EQ(Start(labels).code, 2);
  const auto inside = RunModule("ServalStartStudy", { images.string(), labels.string(), (images / "out").string() });
  EXPECT_EQ(inside.code, 2);
  EXPECT_NE(inside.error.find("name one beside it"), std::string::npos);
  EXPECT_EQ(RunModule("ServalStartStudy", { images.string(), labels.string(), out.string(), "--segmentations", labels.string() }).code, 2);
}

} // namespace
} // namespace serval::commands
