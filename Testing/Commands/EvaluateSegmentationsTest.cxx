// Label maps against references, as a user compares them.
#include "CommandSupport.h"

#include "serval/Core/Table.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace serval::commands
{
namespace
{

class EvaluateSegmentations : public testing::Test
{
protected:
  support::TemporaryFolder folder;

  std::string At(const std::string & name) const { return (folder.Path() / name).string(); }

  void SetUp() override
  {
    for (const char * side : { "reference", "predicted" })
      std::filesystem::create_directory(At(side));
    for (const std::string name : { "a", "b", "c" })
    {
      WriteLabels(At("reference/" + name + ".mha"));
      WriteLabels(At("predicted/" + name + ".mha"));
    }
  }
  support::CommandResult Run(const Words & more) const
  {
    Words words{ "--json", At("scores.json"), "--output", At("cases.csv"), "--bootstrap", "200" };
    words.insert(words.end(), more.begin(), more.end());
    return RunModule("ServalEvaluateSegmentations", words);
  }
  support::CommandResult RunFolders(const Words & more = {}) const
  {
    Words words{ "--reference", At("reference"), "--predicted", At("predicted") };
    words.insert(words.end(), more.begin(), more.end());
    return Run(words);
  }
  nlohmann::json Scores() const { return nlohmann::json::parse(support::ReadFile(At("scores.json"))); }
};

TEST_F(EvaluateSegmentations, EqualFoldersAgreeWholly)
{
  const auto result = RunFolders({ "--labelNames", "lower,upper" });
  ASSERT_EQ(result.code, 0) << result.error;
  EXPECT_NE(result.output.find("each file is its own patient"), std::string::npos) << result.output;
  const auto labels = Scores().at("labels");
  ASSERT_EQ(labels.size(), 2U);
  EXPECT_EQ(labels[1].at("label"), "upper");
  EXPECT_EQ(labels[1].at("dice").at("value"), 1);
  EXPECT_EQ(labels[1].at("hd95_mm").at("high"), 0);
  EXPECT_EQ(labels[1].at("dice").at("cases"), 3);
  const auto table = Table::Read(At("cases.csv"));
  EXPECT_EQ(table.Rows(), 6U);
  EXPECT_EQ(table.At(0, "case") + table.At(0, "label") + table.At(0, "dice"), "alower1");
}

TEST_F(EvaluateSegmentations, AbsentLabelsAreCountedInWords)
{
  WriteLabels(At("predicted/b.mha"), { .isEmpty = true });
  const auto result = RunFolders();
  ASSERT_EQ(result.code, 0) << result.error;
  EXPECT_NE(result.output.find("absent in the prediction: 1 of 3 cases"), std::string::npos) << result.output;
  EXPECT_EQ(result.output.find("nan"), std::string::npos) << result.output;
  const auto label = Scores().at("labels")[0];
  EXPECT_NEAR(label.at("dice").at("value").get<double>(), 2.0 / 3, 1e-9);
  EXPECT_EQ(label.at("hd95_mm").at("cases"), 2);
  EXPECT_EQ(support::ReadFile(At("cases.csv")).find("nan"), std::string::npos);
}

TEST_F(EvaluateSegmentations, OtherGridsAndMissingPartnersAreLeftOutByName)
{
  WriteLabels(At("predicted/b.mha"), { .origin = 3 });
  std::filesystem::remove(At("predicted/c.mha"));
  const auto result = RunFolders();
  EXPECT_EQ(result.code, 6) << result.error;
  EXPECT_NE(result.output.find("case b is left out"), std::string::npos) << result.output;
  EXPECT_NE(result.output.find(" mm"), std::string::npos) << result.output;
  EXPECT_NE(result.output.find("case c is left out: it has no predicted label map"), std::string::npos) << result.output;
  EXPECT_EQ(Scores().at("excluded").size(), 2U);
  EXPECT_EQ(Scores().at("labels")[0].at("dice").at("cases"), 1);
  const auto pair = Run({ "--reference", At("reference/b.mha"), "--predicted", At("predicted/b.mha") });
  EXPECT_EQ(pair.code, 3);
  EXPECT_NE(pair.error.find(" mm"), std::string::npos) << pair.error;
}

TEST_F(EvaluateSegmentations, TwoFilesAndAManifestWithPatients)
{
  const auto pair = Run({ "--reference", At("reference/a.mha"), "--predicted", At("predicted/a.mha"), "--labels", "2" });
  ASSERT_EQ(pair.code, 0) << pair.error;
  EXPECT_TRUE(Scores().at("labels")[0].at("dice").at("low").is_null());
  support::WriteFile(At("m.csv"), "case,patient,image,segmentation,pseudo_segmentation\na,p,reference/a.mha,reference/a.mha,predicted/a.mha\n"
                                  "b,p,reference/b.mha,reference/b.mha,predicted/b.mha\nc,q,reference/c.mha,reference/c.mha,\n");
  const auto named = Run({ "--manifest", At("m.csv") });
  EXPECT_EQ(named.code, 6) << named.error;
  EXPECT_EQ(Scores().at("patients"), 1);
  const auto folders = Run({ "--manifest", At("m.csv"), "--predicted", At("predicted"), "--interval", "bca" });
  ASSERT_EQ(folders.code, 0) << folders.error;
  EXPECT_EQ(Scores().at("patients"), 2);
  EXPECT_EQ(Scores().at("cases"), 3);
}

TEST_F(EvaluateSegmentations, RefusesWhatMakesNoSense)
{
  EXPECT_EQ(Run({}).code, 2);
  EXPECT_EQ(Run({ "--reference", At("reference") }).code, 2);
  EXPECT_EQ(Run({ "--reference", At("reference"), "--predicted", At("predicted/a.mha") }).code, 2);
  EXPECT_EQ(RunFolders({ "--labels", "1,2", "--labelNames", "one" }).code, 2);
  EXPECT_EQ(RunFolders({ "--labels", "1,1" }).code, 2);
  EXPECT_EQ(RunFolders({ "--labels", "0" }).code, 2);
  for (const std::string name : { "a", "b", "c" })
    support::WriteFile(At("predicted/" + name + ".mha"), "no image");
  const auto damaged = RunFolders();
  EXPECT_EQ(damaged.code, 3);
  EXPECT_NE(damaged.error.find("case a"), std::string::npos) << damaged.error;
  EXPECT_FALSE(std::filesystem::exists(At("cases.csv")));
}

} // namespace
} // namespace serval::commands
