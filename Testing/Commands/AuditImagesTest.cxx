#include "CommandSupport.h"
#include "DicomPhantom.h"
#include "Phantom.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <set>
#include <sstream>

namespace serval::commands
{
namespace
{

namespace fs = std::filesystem;
using support::DicomPlane;

const std::string data = std::string(SERVAL_SOURCE_DIRECTORY) + "/Data/";

// Words that would name the patient; they stand in tags, in file names and in folder names.
const Words secrets{ "Mustermann", "Erika", "PID-4711", "ACC-99", "1.2.826.77", "Visite" };

std::vector<DicomPlane> NamedSeries(const std::string & series, const std::string & modality)
{
  auto planes = support::PlanesOf(support::Ramp());
  for (auto & plane : planes)
  {
    plane.series = "1.2.826.77." + series;
    plane.modality = modality;
    plane.extra = { { 0x0010, 0x0010, "PN", "Mustermann^Erika" }, { 0x0010, 0x0020, "LO", "PID-4711" },
                    { 0x0008, 0x0050, "SH", "ACC-99" },           { 0x0008, 0x103e, "LO", "Visite Mustermann" },
                    { 0x0008, 0x1030, "LO", "Erika head" },       { 0x0018, 0x0015, "CS", "HEAD" },
                    { 0x0028, 0x0301, "CS", "YES" },              { 0x0008, 0x0008, "CS", "ORIGINAL\\PRIMARY\\MUSTERMANN" },
                    { 0x0020, 0x000d, "UI", "1.2.826.77.9" } };
  }
  return planes;
}

class AuditImages : public testing::Test
{
protected:
  support::TemporaryFolder folder, output;
  fs::path                 patient = folder / "Mustermann_Erika";

  void SetUp() override { fs::create_directories(patient); }
  std::string json() const { return output / "audit.json"; }
  std::string csv() const { return output / "audit.csv"; }
  support::CommandResult Run(const fs::path & what, Words options = {}) const
  {
    Words words{ what.string(), "--json", json(), "--csv", csv() };
    words.insert(words.end(), options.begin(), options.end());
    return RunModule("ServalAuditImages", words);
  }
  nlohmann::json Numbers() const { return nlohmann::json::parse(support::ReadFile(json())); }
};

TEST_F(AuditImages, NoOutputNamesThePatient)
{
  auto broken = NamedSeries("2", "MR");
  broken.erase(broken.begin() + 3);
  support::WriteShuffled(NamedSeries("1", "CT"), patient, "Mustermann");
  support::WriteShuffled(broken, patient, "Erika");
  support::WriteFile(patient / "Mustermann.dcm", support::ReadFile(patient / "Mustermann00.dcm").substr(0, 700));
  support::WriteFile(patient / "Erika-PID-4711.txt", "Mustermann");
  for (const Words & options : { Words{}, Words{ "--series", "1.2.826.77.1" }, Words{ "--description", "visite must" } })
  {
    const auto result = Run(folder.Path(), options);
    EXPECT_EQ(result.code, 3);
    ASSERT_FALSE(support::ReadFile(json()).empty());
    for (const std::string & text : { result.output, result.error, support::ReadFile(json()), support::ReadFile(csv()) })
      for (const auto & secret : secrets)
        EXPECT_EQ(text.find(secret), std::string::npos) << secret << " in: " << text;
    EXPECT_NE(result.output.find("missing-slice"), std::string::npos);
    EXPECT_NE(result.output.find("burned-in-annotation face"), std::string::npos) << result.output;
    EXPECT_NE(result.output.find("1 damaged files, 1 files that are no images"), std::string::npos) << result.output;
  }
}

TEST_F(AuditImages, RegularVolumesPassAndOtherKindsAreNoProblem)
{
  auto scout = NamedSeries("3", "CT");
  for (auto & plane : scout)
    plane.extra[7].value = "ORIGINAL\\PRIMARY\\LOCALIZER";
  scout.erase(scout.begin() + 2);
  support::WriteShuffled(NamedSeries("1", "CT"), patient);
  support::WriteShuffled(scout, patient, "g");
  const auto result = Run(folder.Path());
  EXPECT_EQ(result.code, 0) << result.output << result.error;
  const auto series = Numbers().at("series");
  ASSERT_EQ(series.size(), 2U);
  EXPECT_EQ(series[0].at("kind"), "volume");
  EXPECT_EQ(series[0].at("size"), nlohmann::json({ 5, 6, 7 }));
  EXPECT_EQ(series[1].at("kind"), "localizer");
  EXPECT_TRUE(series[1].at("problems").empty());
}

TEST_F(AuditImages, RulesChooseWhatIsJudged)
{
  auto broken = NamedSeries("2", "MR");
  broken.erase(broken.begin() + 3);
  support::WriteShuffled(NamedSeries("1", "CT"), patient);
  support::WriteShuffled(broken, patient, "g");
  EXPECT_EQ(Run(folder.Path()).code, 3);
  EXPECT_EQ(Run(folder.Path(), { "--modality", "CT" }).code, 0);
  EXPECT_EQ(Run(folder.Path(), { "--modality", "MR" }).code, 3);
  EXPECT_EQ(Run(folder.Path(), { "--minimumSlices", "7" }).code, 0);
  EXPECT_EQ(Run(folder.Path(), { "--minimumSlices", "8" }).code, 3) << "nothing is judged";
  EXPECT_EQ(Run(folder.Path(), { "--description", "(" }).code, 2);
  EXPECT_EQ(Run(folder / "none").code, 3);
}

TEST_F(AuditImages, WithAKeyTheShortIdsAreTheSameInEveryRun)
{
  support::WriteShuffled(NamedSeries("1", "CT"), patient);
  const std::string key = output / "key";
  const auto        idOf = [&](Words options) {
    Run(folder.Path(), options);
    return Numbers().at("series")[0].at("series").get<std::string>();
  };
  const std::string id = idOf({ "--key", key });
  EXPECT_EQ(idOf({ "--key", key }), id);
  EXPECT_NE(idOf({}), id);
  EXPECT_EQ(Run(folder.Path(), { "--key", key, "--series", id }).code, 0);
  EXPECT_EQ(Run(folder.Path(), { "--key", key, "--series", "00000000" }).code, 3);
}

TEST_F(AuditImages, RealSeriesAreToldWithTheirProblems)
{
  struct Case
  {
    std::string    folder, problem;
    nlohmann::json size;
    double         spacing;
  };
  for (const auto & one : { Case{ "ct-dicom-lidc", "", { 512, 512, 16 }, 2.5 }, Case{ "ct-dicom-lidc-0314", "", { 512, 512, 4 }, 1 },
                            Case{ "mr-dicom-t1", "", { 274, 384, 6 }, 0.6667 }, Case{ "mr-dicom-sag35", "", { 256, 256, 35 }, 4.8 },
                            Case{ "ct-dicom-tilt-phantom", "gantry-tilt", { 512, 512, 5 }, 2.371 },
                            Case{ "dicom-geometry-noise/gantrytilting-001", "gantry-tilt", { 512, 512, 4 }, 4.851 },
                            Case{ "dicom-geometry-noise/sliceincrement-001", "missing-slice", { 512, 512, 4 }, 5 },
                            Case{ "dicom-geometry-noise/philips-enhanced-multiframe", "", { 256, 256, 8 }, 1.2 } })
  {
    const auto result = Run(data + one.folder);
    EXPECT_EQ(result.code, one.problem.empty() ? 0 : 3) << one.folder << ": " << result.error;
    const auto series = Numbers().at("series");
    ASSERT_EQ(series.size(), 1U) << one.folder;
    EXPECT_EQ(series[0].at("size"), one.size) << one.folder;
    EXPECT_NEAR(series[0].at("spacing")[2].get<double>(), one.spacing, 1e-3) << one.folder;
    ASSERT_EQ(series[0].at("problems").size(), one.problem.empty() ? 0U : 1U) << one.folder;
    for (const auto & problem : series[0].at("problems"))
      EXPECT_EQ(problem.at("name"), one.problem);
  }
}

// The values of a tag in all files, as DCMTK's dcmdump reads them.
std::multiset<std::string> DcmdumpValues(const fs::path & folder, const std::string & tag)
{
  std::multiset<std::string> values;
  for (const auto & name : support::Names(folder))
  {
    const auto dump = support::RunCommand({ "dcmdump", "--search", tag, (folder / name).string() }).output;
    const auto open = dump.find('['), close = dump.find(']');
    values.insert(open < close && close != std::string::npos ? dump.substr(open + 1, close - open - 1) : dump.substr(0, 20));
  }
  return values;
}

TEST_F(AuditImages, DcmtkAgreesOnSpacingAndPositions)
{
  try
  {
    support::RunCommand({ "dcmdump", "--version" });
  }
  catch (const std::exception & e)
  {
    GTEST_SKIP() << "DCMTK's dcmdump is not installed: " << e.what();
  }
  for (const std::string name : { "ct-dicom-lidc/LIDC-IDRI-0001", "ct-dicom-tilt-phantom" })
  {
    Run(data + name);
    const auto series = Numbers().at("series")[0];
    const auto spacings = DcmdumpValues(data + name, "0028,0030"), places = DcmdumpValues(data + name, "0020,0032");
    EXPECT_EQ(places.size(), series.at("slices").get<std::size_t>());
    EXPECT_EQ(std::set(spacings.begin(), spacings.end()).size(), 1U);
    EXPECT_NEAR(std::stod(*spacings.begin()), series.at("spacing")[1].get<double>(), 1e-9);
    std::vector<double> z;
    for (const auto & place : places)
      z.push_back(std::stod(place.substr(place.rfind('\\') + 1)));
    std::sort(z.begin(), z.end());
    const double tilt = name.ends_with("phantom") ? std::cos(18.5 * std::acos(-1) / 180) : 1;
    EXPECT_NEAR((z.back() - z.front()) / double(z.size() - 1) * tilt, series.at("spacing")[2].get<double>(), 5e-3);
  }
}

// What stands after KEY on its line of gdcminfo's output, as numbers: (a,b,c) or a plain one.
std::vector<double> GdcmNumbers(const std::string & text, const std::string & key)
{
  const auto          begin = text.find("\n" + key);
  std::vector<double> numbers;
  std::string         line = begin == std::string::npos ? "" : text.substr(begin + 1, text.find('\n', begin + 1) - begin - 1);
  line = line.substr(std::min(line.size(), line.find(':') + 1));
  std::replace_if(line.begin(), line.end(), [](char c) { return c == '(' || c == ')' || c == ','; }, ' ');
  std::istringstream stream(line);
  for (double number = 0; stream >> number;)
    numbers.push_back(number);
  return numbers;
}

TEST_F(AuditImages, GdcmAgreesOnTheGridOfEverySlice)
{
  try
  {
    support::RunCommand({ "gdcminfo", "--version" });
  }
  catch (const std::exception & e)
  {
    GTEST_SKIP() << "GDCM's gdcminfo is not installed: " << e.what();
  }
  for (const std::string name : { "ct-dicom-lidc/LIDC-IDRI-0001", "mr-dicom-sag35" })
  {
    const Volume volume = ReadVolume(data + name);
    const auto   grid = volume.geometry;
    std::size_t  slices = 0;
    for (const auto & file : support::Names(data + name))
    {
      if (!file.ends_with(".dcm"))
        continue;
      const auto info = support::RunCommand({ "gdcminfo", (data + name + "/" + file) }).output;
      const auto size = GdcmNumbers(info, "Dimensions"), spacing = GdcmNumbers(info, "Spacing"), origin = GdcmNumbers(info, "Origin");
      ASSERT_EQ(origin.size(), 3U) << info;
      EXPECT_EQ(size[0], double(grid.extent.x));
      EXPECT_EQ(size[1], double(grid.extent.y));
      EXPECT_NEAR(spacing[0], grid.spacing.x, 1e-4);
      EXPECT_NEAR(spacing[1], grid.spacing.y, 1e-4);
      const auto index = grid.IndexAt({ origin[0], origin[1], origin[2] });
      EXPECT_NEAR(index[0], 0, 1e-3) << file;
      EXPECT_NEAR(index[1], 0, 1e-3) << file;
      EXPECT_NEAR(index[2], std::round(index[2]), 1e-2) << file;
      ++slices;
    }
    EXPECT_EQ(slices, std::size_t(grid.extent.z)) << name;
  }
}

} // namespace
} // namespace serval::commands
