#include "CommandSupport.h"
#include "DicomPhantom.h"
#include "Phantom.h"
#include "serval/Core/Table.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <sys/stat.h>

#include <map>
#include <set>

namespace serval::commands
{
namespace
{

namespace fs = std::filesystem;

// They stand in tags, in names of files and folders, and in the spreadsheet.
const Words secrets{ "Mustermann", "MUSTERMANN", "Erika", "PID-", "ACC-4", "1.2.826.77", "20191224" };

std::string PatientId(int patient) { return "PID-" + std::to_string(patient); }

class ImportCases : public testing::Test
{
protected:
  support::TemporaryFolder folder;
  fs::path                 images = folder / "Mustermann images", labels = folder / "Mustermann.csv", place = folder / "place", cohort = place / "cohort";

  void SetUp() override
  {
    fs::create_directories(images);
    fs::create_directories(place);
  }

  void AddSeries(int patient, int series, int study = 1, const Words & extraDate = { "20191224" }, bool isIrregular = false) const
  {
    auto planes = support::PlanesOf(support::Ramp());
    if (isIrregular)
      planes.erase(planes.begin() + 2);
    const std::string studyUid = "1.2.826.77." + std::to_string(patient) + "." + std::to_string(study);
    for (auto & plane : planes)
    {
      plane.series = studyUid + "." + std::to_string(series);
      plane.extra = { { 0x0010, 0x0010, "PN", "Mustermann^Erika" },  { 0x0010, 0x0020, "LO", PatientId(patient) },
                      { 0x0008, 0x0050, "SH", "ACC-4" },             { 0x0008, 0x103e, "LO", "Thorax Mustermann" },
                      { 0x0008, 0x0020, "DA", extraDate.front() },   { 0x0018, 0x0015, "CS", "HEAD" },
                      { 0x0028, 0x0301, "CS", "YES" },               { 0x0020, 0x000d, "UI", studyUid } };
    }
    const auto target = images / ("Mustermann_Erika_" + std::to_string(patient)) / (std::to_string(study) + "-" + std::to_string(series));
    fs::create_directories(target);
    support::WriteShuffled(planes, target, "Mustermann");
  }

  // Patients 1 to 6, of whom 2 and 3 have two series and 6 has no row; row 7 has no images.
  void AddSixPatients() const
  {
    for (int patient = 1; patient <= 6; ++patient)
      AddSeries(patient, 1);
    AddSeries(2, 2);
    AddSeries(3, 2);
    support::WriteFile(labels, "\xEF\xBB\xBFPatientID;class;Name\r\nPID-1;benign;M\xC3\xBCller\r\nPID-2;malignant ;Mustermann\r\nPID-3;benign;\r\n"
                               "PID-4;malignant;\r\nPID-5;benign;\r\nPID-7;benign;Erika\r\n");
  }

  support::CommandResult Import(Words options = {}) const
  {
    Words words{ images.string(), "--labels", labels.string(), "--join", "PatientID", "--out", cohort.string() };
    words.insert(words.end(), options.begin(), options.end());
    const auto result = RunModule("ServalImportCases", words);
    ExpectNoNames(result);
    return result;
  }

  // Every file below `place` is searched, NIfTI also unpacked.
  void ExpectNoNames(const support::CommandResult & result) const
  {
    std::map<std::string, std::string> texts{ { "stdout", result.output }, { "stderr", result.error } };
    for (const auto & entry : fs::recursive_directory_iterator(place))
    {
      const std::string name = entry.path().lexically_relative(place).string();
      texts["name " + name] = name;
      if (!entry.is_regular_file())
        continue;
      texts[name] = support::ReadFile(entry.path());
      if (name.ends_with(".gz"))
        texts[name + " unpacked"] = support::RunCommand({ "/bin/sh", "-c", "gunzip -c '" + entry.path().string() + "'" }).output;
    }
    for (const auto & [where, text] : texts)
      for (const auto & secret : secrets)
        EXPECT_EQ(text.find(secret), std::string::npos) << secret << " stands in " << where;
  }

  std::map<std::string, int> Statuses(const fs::path & report, const std::string & kind) const
  {
    std::map<std::string, int> counts;
    const auto                 table = Table::Read(report);
    for (std::size_t row = 0; row < table.Rows(); ++row)
      if (table.At(row, "kind") == kind)
        ++counts[table.At(row, "status")];
    return counts;
  }

  // The choices as a person edits them: the first series of each case, and no for what has none.
  fs::path Choose() const
  {
    auto                  table = Table::Read(place / "choices.csv");
    std::set<std::string> known;
    for (std::size_t row = 0; row < table.Rows(); ++row)
      table.Set(row, table.Column("use"), !table.At(row, "series").empty() && known.insert(table.At(row, "case")).second ? "yes" : "no");
    table.Write(place / "chosen.csv");
    return place / "chosen.csv";
  }
};

using Counts = std::map<std::string, int>;

TEST_F(ImportCases, SixPatientsComeOutWithExactCounts)
{
  AddSixPatients();
  const auto asked = Import();
  EXPECT_EQ(asked.code, 3) << asked.error;
  EXPECT_FALSE(fs::exists(cohort)) << "nothing is made before all is decided";
  EXPECT_TRUE(HiddenNames(place).empty());
  EXPECT_EQ(Table::Read(place / "choices.csv").Rows(), 5U) << "two candidates of two patients, and the row without images";
  EXPECT_EQ(Table::Read(place / "choices.csv").At(0, "words"), "THORAX");
  EXPECT_EQ(Statuses(place / "import-report.csv", "series"), (Counts{ { "used", 3 }, { "undecided", 4 }, { "unmatched", 1 } }));
  EXPECT_EQ(Statuses(place / "import-report.csv", "label"), (Counts{ { "used", 3 }, { "undecided", 2 }, { "unmatched", 1 } }));

  const auto done = Import({ "--choices", Choose().string(), "--json", (place / "n.json").string() });
  ASSERT_EQ(done.code, 0) << done.error;
  EXPECT_NE(done.output.find("5 of the used series have burned-in annotation"), std::string::npos) << done.output;
  EXPECT_NE(done.output.find("5 of the used series show head or neck"), std::string::npos);
  const auto numbers = nlohmann::json::parse(support::ReadFile(place / "n.json"));
  EXPECT_EQ(numbers["cases"], 5);
  EXPECT_EQ(numbers["patients"], 5);
  EXPECT_EQ(Statuses(cohort / "import-report.csv", "series"), (Counts{ { "used", 5 }, { "excluded", 2 }, { "unmatched", 1 } }));
  EXPECT_EQ(Statuses(cohort / "import-report.csv", "label"), (Counts{ { "used", 5 }, { "excluded", 1 } }));
  const auto manifest = Table::Read(cohort / "manifest.csv");
  ASSERT_EQ(manifest.Rows(), 5U);
  for (std::size_t row = 0; row < 5; ++row)
    EXPECT_TRUE(fs::exists(cohort / manifest.At(row, "image")));
  EXPECT_EQ(manifest.At(1, "class"), "malignant");
  EXPECT_EQ(support::Names(cohort / "images").size(), 5U);
}

TEST_F(ImportCases, WhatIsUndecidedCanBeSkipped)
{
  AddSixPatients();
  const auto result = Import({ "--onError", "skip" });
  EXPECT_EQ(result.code, 6) << result.error;
  EXPECT_EQ(Table::Read(cohort / "manifest.csv").Rows(), 3U);
}

TEST_F(ImportCases, AnEditedChoicesFileIsNotOverwritten)
{
  AddSixPatients();
  Import();
  support::WriteFile(place / "choices.csv", "case,series,use\n");
  EXPECT_NE(Import().error.find("choices.csv beside the folder of --out exists"), std::string::npos);
  EXPECT_EQ(support::ReadFile(place / "choices.csv"), "case,series,use\n");
}

TEST_F(ImportCases, StudiesOfOnePatientAreTimePoints)
{
  AddSeries(1, 1, 1, { "20191224" });
  AddSeries(1, 1, 2, { "20180101" });
  support::WriteFile(labels, "PatientID,class\nPID-1,benign\n");
  ASSERT_EQ(Import().code, 0);
  const auto manifest = Table::Read(cohort / "manifest.csv");
  ASSERT_EQ(manifest.Rows(), 2U);
  EXPECT_EQ(manifest.At(0, "patient"), manifest.At(1, "patient"));
  EXPECT_NE(manifest.At(0, "time_point"), manifest.At(1, "time_point"));
  EXPECT_EQ(support::ReadFile(cohort / "manifest.csv").find("2018"), std::string::npos);
}

TEST_F(ImportCases, IrregularSeriesAreExcludedUnlessRepaired)
{
  AddSeries(1, 1);
  AddSeries(2, 1, 1, { "20191224" }, true);
  support::WriteFile(labels, "PatientID,class\nPID-1,benign\nPID-2,malignant\n");
  EXPECT_EQ(Import({ "--onError", "skip" }).code, 6);
  EXPECT_NE(support::ReadFile(cohort / "import-report.csv").find("missing-slice"), std::string::npos);
  ASSERT_EQ(Import({ "--repair" }).code, 0);
  EXPECT_EQ(Table::Read(cohort / "manifest.csv").Rows(), 2U) << "the cohort is replaced";
}

TEST_F(ImportCases, TheLinkTableIsPrivateAndStaysOutside)
{
  AddSeries(1, 1);
  support::WriteFile(labels, "PatientID,class\nPID-1,benign\n");
  const auto links = folder / "links.csv";
  EXPECT_EQ(Import({ "--linkTable", (cohort / "links.csv").string() }).code, 3) << "the folder does not exist yet";
  ASSERT_EQ(Import({ "--linkTable", links.string() }).code, 0);
  EXPECT_EQ(Import({ "--linkTable", (cohort / "links.csv").string() }).code, 2);
  struct stat status{};
  ASSERT_EQ(::stat(links.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);
  EXPECT_NE(support::ReadFile(links).find("PID-1"), std::string::npos);
  EXPECT_EQ(Import({ "--linkTable", links.string() }).code, 3) << "never overwritten";
  ASSERT_EQ(::stat((place / "serval-site.key").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);
  ::chmod((place / "serval-site.key").c_str(), 0644);
  EXPECT_NE(Import().error.find("chmod 600"), std::string::npos);
}

TEST_F(ImportCases, RunsThatFailNameNobody)
{
  AddSeries(1, 1);
  support::WriteFile(labels, "PatientID,class\nPID-1,benign\nMustermann,Erika,PID-7\n");
  EXPECT_EQ(Import().code, 3);
  support::WriteFile(labels, "PatientID,class\nPID-1,Benign\nPID-2,benign\n");
  EXPECT_EQ(Import().code, 3);
  support::WriteFile(labels, "Mustermann,class\nPID-1,Benign\n");
  EXPECT_EQ(Import().code, 3);
  fs::remove(labels);
  EXPECT_EQ(Import().code, 3);
  support::WriteFile(labels, "PatientID,class\nPID-1,benign\n");
  const auto dicom = fs::recursive_directory_iterator(images)->path() / "1-1";
  const auto first = *fs::directory_iterator(dicom);
  fs::resize_file(first, fs::file_size(first) - 20);
  EXPECT_EQ(Import().code, 3);
  fs::remove_all(images);
  EXPECT_EQ(Import().code, 3);
  EXPECT_FALSE(fs::exists(cohort));
}

TEST_F(ImportCases, AFolderWithOtherContentIsNotReplaced)
{
  AddSeries(1, 1);
  support::WriteFile(labels, "PatientID,class\nPID-1,benign\n");
  fs::create_directories(cohort);
  support::WriteFile(cohort / "thesis.txt", "years");
  EXPECT_EQ(Import().code, 2);
  EXPECT_EQ(support::ReadFile(cohort / "thesis.txt"), "years");
}

TEST_F(ImportCases, VolumeFilesComeWithClassesAndSegmentations)
{
  const auto masks = folder / "masks";
  fs::create_directories(masks);
  for (const std::string name : { "Mustermann1", "Mustermann2", "Erika3" })
  {
    serval::WriteVolume(support::Ramp(), images / (name + ".nii.gz"));
    LabelVolume mask{ support::ObliqueGeometry(), std::vector<std::uint16_t>(5 * 6 * 7, 0) };
    mask.labels[17] = 3;
    if (name != "Erika3")
      serval::WriteLabels(mask, masks / (name + ".nrrd"));
  }
  support::WriteFile(labels, "file,class\nMustermann1,benign\nMustermann2,malignant\nErika3,benign\n");
  const auto all = RunModule("ServalImportCases", { images.string(), "--labels", labels.string(), "--segmentations", masks.string(), "--join", "file", "--out", cohort.string() });
  ExpectNoNames(all);
  ASSERT_EQ(all.code, 0) << all.error;
  const auto manifest = Table::Read(cohort / "manifest.csv");
  EXPECT_EQ(manifest.Columns(), (Words{ "case", "patient", "image", "segmentation", "class" }));
  ASSERT_EQ(manifest.Rows(), 2U) << "a row without a segmentation is left out";
  EXPECT_EQ(ReadLabels(cohort / manifest.At(1, "segmentation")).labels[17], 3);
  EXPECT_EQ(Statuses(cohort / "import-report.csv", "label"), (Counts{ { "used", 2 }, { "excluded", 1 } }));

  const auto alone = RunModule("ServalImportCases", { images.string(), "--segmentations", masks.string(), "--join", "file", "--out", cohort.string() });
  ExpectNoNames(alone);
  ASSERT_EQ(alone.code, 0) << alone.error;
  EXPECT_EQ(Table::Read(cohort / "manifest.csv").Columns(), (Words{ "case", "patient", "image", "segmentation" }));
  EXPECT_EQ(RunModule("ServalImportCases", { images.string(), "--join", "file", "--out", cohort.string() }).code, 2) << "neither classes nor segmentations";
}

TEST_F(ImportCases, ASegmentationOnAnotherGridIsRefused)
{
  const auto masks = folder / "masks";
  fs::create_directories(masks);
  serval::WriteVolume(support::Ramp(), images / "Mustermann.nii.gz");
  serval::WriteLabels({ support::ObliqueGeometry({ 5, 6, 8 }), std::vector<std::uint16_t>(5 * 6 * 8, 1) }, masks / "Mustermann.nii.gz");
  const auto result = RunModule("ServalImportCases", { images.string(), "--segmentations", masks.string(), "--join", "file", "--out", cohort.string() });
  ExpectNoNames(result);
  EXPECT_EQ(result.code, 3);
  EXPECT_FALSE(fs::exists(cohort));
}

} // namespace
} // namespace serval::commands
