#include "CommandSupport.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace serval::commands
{
namespace
{

void Has(const std::string & text, const std::string & part) { EXPECT_NE(text.find(part), std::string::npos) << part << '\n' << text; }

TEST(ListSources, ShowsDataSetsAndWeights)
{
  const support::TemporaryFolder folder;
  const auto                     json = (folder / "s.json").string();
  const auto                     all = RunModule("ServalListSources", { "--json", json });
  ASSERT_EQ(all.code, 0) << all.error;
  Has(all.output, "Data sets\n  name ");
  Has(all.output, "\n  corel-1000      natural   2    1 K     10 ");
  Has(all.output, "\nWeights\n  name ");
  Has(all.output, "\n  resnet18-imagenet ");
  const auto numbers = nlohmann::json::parse(support::ReadFile(json));
  EXPECT_EQ(numbers.at("schema"), "serval-sources/2");
  EXPECT_GE(numbers.at("dataSets").size(), 18U);
  EXPECT_EQ(numbers.at("dataSets").front().at("name"), "imagenet");
  EXPECT_FALSE(numbers.at("weights").empty());
}

TEST(ListSources, OneIsToldInFullAndANearNameIsNamed)
{
  const auto set = RunModule("ServalListSources", { "--name", "MedNIST" });
  Has(set.output, "CC BY-SA 4.0");
  Has(set.output, "serval extract-patches --imageSet FOLDER --cache mednist.cache");
  EXPECT_EQ(set.output.find("imagenet"), std::string::npos) << set.output;
  Has(RunModule("ServalListSources", { "--name", "resnet18-imagenet" }).output, "serval import-weights --input resnet18-f37072fd.pth --network resnet18 ");
  const auto wrong = RunModule("ServalListSources", { "--name", "mednits" });
  EXPECT_EQ(wrong.code, 2);
  Has(wrong.error, "did you mean mednist?");
}

TEST(ListSources, TellsWhatWasCheckedAndThePublishedChecksums)
{
  const support::TemporaryFolder folder;
  const auto                     json = (folder / "s.json").string();
  const auto                     dtd = RunModule("ServalListSources", { "--name", "dtd", "--json", json });
  Has(dtd.output, "\n  file: dtd-r1.0.1.tar.gz, MD5 fff73e5086ae6bdbea199a49dfb8a4c1, SHA-256 e42855a5");
  Has(dtd.output, "\n  checked: address, layout, MD5: torchvision ");
  EXPECT_EQ(dtd.output.find("not verified"), std::string::npos) << dtd.output;
  const auto set = nlohmann::json::parse(support::ReadFile(json)).at("dataSets").at(0);
  EXPECT_EQ(set.at("files").at(0).at("md5"), "fff73e5086ae6bdbea199a49dfb8a4c1");
  EXPECT_EQ(set.at("unchecked"), "");
  EXPECT_FALSE(set.at("checked").get<std::string>().empty());
  EXPECT_EQ(set.at("state"), "absent");
  Has(RunModule("ServalListSources", { "--name", "ktb" }).output, "\n  not verified: licence");
  Has(RunModule("ServalListSources", { "--name", "resnet18-places" }).output, "\n  not verified: checksum");
}

TEST(ListSources, ImportedCachesAreFoundByName)
{
  const support::TemporaryFolder folder;
  WriteCohort(folder.Path(), 2);
  std::filesystem::create_directory(folder / "sets");
  ASSERT_EQ(RunModule("ServalExtractPatches", Extraction(folder / "m.csv", folder / "sets/dtd.cache")).code, 0);
  std::filesystem::create_directory(folder / "sets/fmd.cache");
  const auto json = (folder / "s.json").string();
  const auto result = RunModule("ServalListSources", { "--caches", (folder / "sets").string(), "--json", json });
  ASSERT_EQ(result.code, 0) << result.error;
  const auto sets = nlohmann::json::parse(support::ReadFile(json)).at("dataSets");
  for (const auto & one : sets)
  {
    EXPECT_EQ(one.at("state"), one.at("name") == "dtd" ? "present" : one.at("name") == "fmd" ? "damaged" : "absent");
    EXPECT_EQ(one.at("fingerprint").get<std::string>().empty(), one.at("name") != "dtd");
    if (one.at("name") == "dtd")
      Has(result.output, "present  " + one.at("fingerprint").get<std::string>());
  }
  EXPECT_EQ(RunModule("ServalListSources", { "--caches", (folder / "none").string() }).code, 3);
}

} // namespace
} // namespace serval::commands
