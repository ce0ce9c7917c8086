#include "CommandSupport.h"
#include "DicomPhantom.h"
#include "Phantom.h"

#include <gtest/gtest.h>

#include <filesystem>

namespace serval
{
namespace
{

namespace fs = std::filesystem;
using commands::RunModule;
using commands::Words;

const std::string module = "ServalPrepareVolumes";

class PrepareVolumes : public testing::Test
{
protected:
  support::TemporaryFolder folder;
  std::string              image = folder / "a volume ü.mha", output = folder / "prepared ü.nii.gz";

  void SetUp() override
  {
    commands::WriteVolume(image, 1);
    commands::WriteCohort(folder.Path(), 3);
  }
  void ExpectRefusal(const Words & words, int code, const std::string & text) const
  {
    const auto result = RunModule(module, words);
    EXPECT_EQ(result.code, code) << result.error;
    EXPECT_NE(result.error.find(text), std::string::npos) << result.error;
    EXPECT_TRUE(commands::HiddenNames(folder.Path()).empty());
  }
  Words Cohort(const Words & more) const
  {
    Words words{ "--manifest", folder / "m.csv", "--outputDirectory", folder / "out" };
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
};

TEST_F(PrepareVolumes, OneVolumeGetsItsGridAndItsWindow)
{
  const auto result = RunModule(module, { "--input", image, "--output", output, "--spacing", "2,2,4", "--orientation", "RAS",
                                          "--window", "-160:240" });
  ASSERT_EQ(result.code, 0) << result.error;
  EXPECT_NE(result.output.find("9x14x10 voxels of 2 x 2 x 4 mm"), std::string::npos) << result.output;
  EXPECT_TRUE(fs::exists(output));
}

TEST_F(PrepareVolumes, TheCohortIsFittedPreparedAndAppliedElsewhereAlike)
{
  const auto result = RunModule(module, Cohort({ "--fitSpacing", "--fitHistogram", "--zscore", "--fitSplit", "all" }));
  ASSERT_EQ(result.code, 0) << result.error;
  EXPECT_TRUE(result.error.empty()) << result.error;
  EXPECT_NE(result.output.find("3 cases prepared, 0 left out"), std::string::npos) << result.output;
  const std::string plan = support::ReadFile(folder / "out/plan.json");
  for (const char * part : { "\"schema\": \"serval-preparation/1\"", "\"transductive\": true", "\"provenance\"", "\"percentages\"" })
    EXPECT_NE(plan.find(part), std::string::npos) << part;
  EXPECT_EQ(plan.find(folder.Path().string()), std::string::npos) << "no path";
  const auto again = RunModule(module, { "--manifest", folder / "m.csv", "--outputDirectory", folder / "again", "--plan", folder / "out/plan.json" });
  ASSERT_EQ(again.code, 0) << again.error;
  for (const auto & one : fs::directory_iterator(folder / "out"))
    if (one.is_directory())
    {
      EXPECT_EQ(support::ReadFile(one.path() / "image.nii.gz"),
                support::ReadFile(folder.Path() / "again" / one.path().filename() / "image.nii.gz"));
    }
  EXPECT_EQ(support::ReadFile(folder / "out/manifest.csv"), support::ReadFile(folder / "again/manifest.csv"));
}

TEST_F(PrepareVolumes, FailingCasesAreLeftOutWhenAsked)
{
  std::string broken;
  for (const auto & name : support::Names(folder.Path()))
    if (broken.empty() && name.find(".mha") != std::string::npos && (folder / name) != image)
      broken = name;
  support::WriteFile(folder / broken, "no image");
  ExpectRefusal(Cohort({}), 3, "1 problem(s)");
  const auto result = RunModule(module, Cohort({ "--onError", "skip" }));
  EXPECT_EQ(result.code, 6) << result.error;
  EXPECT_NE(support::ReadFile(folder / "out/excluded.csv").find("prepare-volumes"), std::string::npos);
}

TEST_F(PrepareVolumes, WrongOptionsAreNamed)
{
  ExpectRefusal({ "--input", image }, 2, "--input and --output for one volume");
  ExpectRefusal({ "--input", image, "--output", folder / "a.png" }, 2, ".nii.gz");
  ExpectRefusal({ "--input", image, "--output", output, "--orientation", "LPP" }, 2, "LPP");
  ExpectRefusal({ "--input", image, "--output", output, "--spacing", "1,2" }, 2, "x,y,z");
  ExpectRefusal({ "--input", image, "--output", output, "--spacing", "90,1,1" }, 3, "no two voxels of 90 mm");
  ExpectRefusal({ "--input", image, "--output", output, "--window", "5:1" }, 2, "LOW:HIGH");
  ExpectRefusal({ "--input", image, "--output", output, "--fitSpacing" }, 2, "belong to --manifest");
  ExpectRefusal({ "--input", image, "--output", output, "--channel", "3" }, 3, "no channel 3");
  ExpectRefusal(Cohort({ "--spacing", "1,1,1", "--fitSpacing" }), 2, "exclude each other");
  ExpectRefusal(Cohort({ "--fitSpacing" }), 3, "no case has the split 'train'");
  ExpectRefusal(Cohort({ "--plan", folder / "m.csv" }), 3, "no preparation plan");
  support::WriteFile(folder / "other.json", "{}");
  ExpectRefusal(Cohort({ "--plan", folder / "other.json" }), 3, "other.json");
  ExpectRefusal(Cohort({ "--plan", folder / "other.json", "--zscore" }), 2, "leave out");
}

// A manifest's DICOM series that lacks a slice; its folder has a patient's name.
TEST_F(PrepareVolumes, IrregularSeriesAreRefusedWithoutNamesOrRepairedAndTold)
{
  const fs::path series = folder.Path() / "Mustermann Erika";
  fs::create_directories(series);
  auto planes = support::PlanesOf(support::Ramp());
  planes.erase(planes.begin() + 2);
  support::WriteShuffled(planes, series);
  support::WriteFile(folder / "m.csv", "case,image\na," + image + "\nb,Mustermann Erika\n");

  const auto skipped = RunModule(module, Cohort({ "--orientation", "LPS", "--onError", "skip" }));
  EXPECT_EQ(skipped.code, 6) << skipped.error;
  const std::string table = support::ReadFile(folder / "out/excluded.csv");
  EXPECT_NE(table.find("missing-slice"), std::string::npos) << table;
  EXPECT_EQ((table + skipped.error + skipped.output).find("Mustermann"), std::string::npos) << table << skipped.error;

  const auto repaired = RunModule(module, Cohort({ "--orientation", "LPS", "--repair" }));
  ASSERT_EQ(repaired.code, 0) << repaired.error;
  EXPECT_NE(support::ReadFile(folder / "out/b/case.json").find("image: missing-slice"), std::string::npos) << support::ReadFile(folder / "out/b/case.json");
  const auto made = fs::last_write_time(folder / "out/b");
  ASSERT_EQ(RunModule(module, Cohort({ "--orientation", "LPS", "--repair" })).code, 0);
  EXPECT_EQ(fs::last_write_time(folder / "out/b"), made) << "kept";

  const std::string json = folder / "s.json", labels = folder / "labels.nii.gz";
  const Words       words{ series.string(), labels, "--method", "fixed", "--thresholds", "10", "--gate", "off", "--json", json };
  EXPECT_EQ(RunModule("ServalSegmentByThreshold", words).code, 3);
  auto with = words;
  with.insert(with.end(), { "--repair", "--maximumGap", "1.5" });
  const auto narrow = RunModule("ServalSegmentByThreshold", with);
  EXPECT_EQ(narrow.code, 3);
  EXPECT_NE(narrow.error.find("more than 1.5 times"), std::string::npos) << narrow.error;
  with.back() = "2.5";
  const auto segmented = RunModule("ServalSegmentByThreshold", with);
  ASSERT_EQ(segmented.code, 0) << segmented.error;
  EXPECT_NE(support::ReadFile(json).find("missing-slice"), std::string::npos) << support::ReadFile(json);
  EXPECT_EQ(RunModule("ServalRenderVolume", { series.string(), folder / "a.png" }).code, 3);
  EXPECT_EQ(RunModule("ServalRenderVolume", { series.string(), folder / "a.png", "--repair" }).code, 0);
}

} // namespace
} // namespace serval
