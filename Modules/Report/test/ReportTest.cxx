#include "ReportPhantom.h"

#include "Support.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace serval
{
namespace
{

bool Has(const std::string & html, const std::string & text) { return html.find(text) != html.npos; }

TEST(Report, SaysPlainlyWhenNoDifferenceIsShown)
{
  ReportPhantom phantom;
  auto          test = phantom.results.tests[0];
  EXPECT_EQ(InWords(test, phantom.study), "no difference shown");
  test.test.pCorrected = 0.01;
  EXPECT_EQ(InWords(test, phantom.study), "tuned is better than scratch");
  test.test.pCorrected = std::nan("");
  EXPECT_EQ(InWords(test, phantom.study), "no difference shown");
}

TEST(Report, EscapesTextAndLoadsNothing)
{
  const support::TemporaryFolder folder;
  support::WriteFile(folder / "a.png", "PNG bytes");
  ReportPhantom phantom;
  phantom.results.notRun["imagenet"] = "fetch a.pth from the publisher";
  phantom.cells["bad"] = { CellState::Failed, "<broken>", 1 };
  auto input = phantom.Input();
  input.pictures.push_back({ folder / "a.png", "Case \"1\"" });
  const auto html = MakeReport(input, {});
  EXPECT_TRUE(Has(html, "A &lt;study&gt; &amp; more"));
  EXPECT_TRUE(Has(html, "0.740 [0.690, 0.790]"));
  EXPECT_TRUE(Has(html, "0.900 [no interval]"));
  EXPECT_TRUE(Has(html, "was not run: fetch a.pth from the publisher"));
  EXPECT_TRUE(Has(html, "no difference shown"));
  EXPECT_TRUE(Has(html, "&lt;broken&gt;"));
  EXPECT_TRUE(Has(html, "log.txt in the study folder")); // what to do
  EXPECT_TRUE(Has(html, "base64,UE5HIGJ5dGVz"));
  EXPECT_TRUE(Has(html, "alt=\"Case &quot;1&quot;\""));
  for (const char * foreign : { "http:", "https:", "src=\"/", "@import", "url(" })
    EXPECT_FALSE(Has(html, foreign)) << foreign;
  EXPECT_TRUE(Has(html, "default-src 'none'")); // and the page forbids itself to
}

TEST(Report, PutsConfidentErrorsFirstAndSureAnswersLast)
{
  const ReportPhantom      phantom;
  std::vector<std::string> patients;
  for (const auto * one : ConfidentErrorsFirst(phantom.results, "target", "tuned"))
    patients.push_back(one->patient);
  EXPECT_EQ(patients, (std::vector<std::string>{ "Smith", "Miller", "Brown", "Jones" }));
  EXPECT_TRUE(ConfidentErrorsFirst(phantom.results, "target", "scratch").empty());
}

TEST(Report, GalleriesHaveTheirWordsAsText)
{
  const support::TemporaryFolder folder;
  support::WriteFile(folder / "a.png", "PNG bytes");
  ReportPhantom phantom;
  auto          input = phantom.Input();
  const auto    without = MakeReport(input, {});
  EXPECT_FALSE(Has(without, "Errors of each arm"));
  EXPECT_FALSE(Has(without, "arm by arm"));
  using Cell = ReportGallery::Cell;
  const Cell wrong{ folder / "a.png", { "dog 0.95", "truth: cat <wild>" }, AnswerMark::Wrong };
  input.galleries.push_back({ "target", "tuned", "2 errors. ", "Axial.", ReportGallery::Kind::Errors, {}, { { wrong } } });
  input.galleries.push_back({ "target", "", "One run. ", "Axial.", ReportGallery::Kind::SideBySide, { "patch", "scratch", "tuned" }, { { wrong, { {}, { "cat 0.60" }, AnswerMark::Right }, wrong } } });
  const auto html = MakeReport(input, {});
  EXPECT_TRUE(Has(html, "<h4>tuned</h4>"));
  EXPECT_TRUE(Has(html, "</span> dog 0.95<br>truth: cat &lt;wild&gt;"));
  EXPECT_TRUE(Has(html, "✓ cat 0.60"));
  EXPECT_TRUE(Has(html, "<strong>scratch</strong><figcaption>")); // words only
  EXPECT_TRUE(Has(html, "alt=\"Patch: tuned, dog 0.95, truth: cat &lt;wild&gt;\""));
  EXPECT_LT(html.find("Errors of each arm"), html.find("The same patches, arm by arm"));
}

TEST(Report, SaysWhichRunASaliencyIsOf)
{
  const support::TemporaryFolder folder;
  support::WriteFile(folder / "a.png", "PNG bytes");
  ReportPhantom phantom;
  auto          input = phantom.Input();
  input.casePictures[{ "target", "Smith/7" }] = { folder / "a.png", {}, {} };
  EXPECT_FALSE(Has(MakeReport(input, {}), "Saliency of repeat"));
  input.casePictures[{ "target", "Smith/7" }] = { folder / "a.png", folder / "a.png", "repeat 3, fold 0: dog 0.940" };
  EXPECT_TRUE(Has(MakeReport(input, {}), "Saliency of repeat 3, fold 0: dog 0.940"));
}

TEST(Report, NamesNoPatient)
{
  const ReportPhantom phantom;
  const auto          html = MakeReport(phantom.Input(), DrawPlots(phantom.study, phantom.results));
  for (const char * patient : { "Smith", "Miller", "Brown", "Jones" })
    EXPECT_FALSE(Has(html, patient)) << patient;
  EXPECT_TRUE(Has(html, "hash-of-5-letter"));
  EXPECT_FALSE(Has(html, "U21pdGg")); // "Smith" in a table to be saved
}

// Cases of image sets are named by their folders.
TEST(Report, AWholePatientIsNoUnitOfItsName)
{
  ReportPhantom phantom;
  phantom.AddCase("test/Adams", "cat", { 0.2, 0.8 });
  phantom.results.cases.back().unitId = "test/Adams";
  const auto html = MakeReport(phantom.Input(), {});
  EXPECT_FALSE(Has(html, "Adams"));
  EXPECT_TRUE(Has(html, "<td>patient</td>"));
}

TEST(Report, TellsWhatWasFoundInTheImages)
{
  const ReportPhantom phantom;
  auto                input = phantom.Input();
  EXPECT_FALSE(Has(MakeReport(input, {}), "Audit"));
  input.facts["target"] = { { "Size of a voxel", "x 1 <mm>" } };
  const auto html = MakeReport(input, {});
  EXPECT_TRUE(Has(html, "Audit: what was found in the images"));
  EXPECT_TRUE(Has(html, "x 1 &lt;mm&gt;"));
}

TEST(Report, TakesTheBestArmByTheMetricsDirectionAndNoControl)
{
  ReportPhantom phantom;
  EXPECT_EQ(BestArm(phantom.study, phantom.results, "target")->arm, "tuned");
  phantom.study.arms[1].shuffledLabels = true;
  EXPECT_EQ(BestArm(phantom.study, phantom.results, "target")->arm, "scratch");
  phantom.study.arms[1].shuffledLabels = false;
  phantom.study.metric = phantom.results.metric = "brier";
  for (auto & arm : phantom.results.arms)
    arm.scores["brier"] = arm.scores.at("accuracy");
  EXPECT_EQ(BestArm(phantom.study, phantom.results, "target")->arm, "scratch");
  EXPECT_EQ(BestArm(phantom.study, phantom.results, "elsewhere"), nullptr);
}

TEST(Report, OffersEveryTableAsCsv)
{
  const ReportPhantom phantom;
  const auto          html = MakeReport(phantom.Input(), {});
  std::size_t         tables = 0, links = 0;
  for (std::size_t at = 0; (at = html.find("<caption>", at)) != html.npos; ++at)
    ++tables;
  for (std::size_t at = 0; (at = html.find("href=\"data:text/csv", at)) != html.npos; ++at)
    ++links;
  EXPECT_GE(tables, 5U);
  EXPECT_EQ(tables, links);
  EXPECT_TRUE(Has(html, "download=\"cases-target.csv\""));
}

TEST(Report, WarningsStandBeforeTheResults)
{
  ReportPhantom phantom;
  phantom.results.warnings = { "Transductive: tuned saw images of the test patients" };
  const auto html = MakeReport(phantom.Input(), {});
  EXPECT_LT(html.find("Transductive: tuned"), html.find("id=\"data\""));
  EXPECT_LT(html.find("class=\"verdict\""), html.find("Transductive: tuned"));
  EXPECT_TRUE(Has(html, "What this does not show"));
}

TEST(Report, AStudyThatDidNotRunHasAPageToo)
{
  ReportPhantom phantom;
  phantom.results.arms.clear();
  phantom.results.tests.clear();
  phantom.results.cases.clear();
  phantom.results.classNames.clear();
  phantom.cells = { { "scratch-n2-r0", {} } };
  const auto html = MakeReport(phantom.Input(), DrawPlots(phantom.study, phantom.results));
  EXPECT_TRUE(Has(html, "No arm has predictions yet"));
  EXPECT_TRUE(Has(html, "run the study again; it goes on where it was"));
}

TEST(Report, StaysBelowItsSizeAndNamesWhatIsLeftOut)
{
  const support::TemporaryFolder folder;
  support::WriteFile(folder / "large.png", std::string(9'000'000, 'x'));
  ReportPhantom phantom;
  auto          input = phantom.Input();
  input.pictures = { { folder / "large.png", "first" }, { folder / "large.png", "second" } };
  const auto html = MakeReport(input, {});
  EXPECT_LT(html.size(), 20'000'000U);
  EXPECT_TRUE(Has(html, "alt=\"first\""));
  EXPECT_FALSE(Has(html, "alt=\"second\""));
  EXPECT_TRUE(Has(html, "a picture: second"));
}

TEST(Report, VolumesNeedTheViewerAndWarnOfFaces)
{
  const support::TemporaryFolder folder;
  support::WriteFile(folder / "v.nii.gz", "voxels");
  ReportPhantom phantom;
  auto          input = phantom.Input();
  input.volumes.push_back({ folder / "v.nii.gz", {}, "a head" });
  const auto without = MakeReport(input, {});
  EXPECT_TRUE(Has(without, "setup-viewer.sh"));
  EXPECT_FALSE(Has(without, "dm94ZWxz"));
  input.viewer = "var niivue = '</script>';";
  const auto with = MakeReport(input, {});
  EXPECT_TRUE(Has(with, "shows a face"));
  EXPECT_TRUE(Has(with, "dm94ZWxz"));
  EXPECT_TRUE(Has(with, "dmFyIG5paXZ1ZSA9"));
  EXPECT_FALSE(Has(with, "var niivue")); // words of a script could end its element
}

/// The page that report-in-browser.sh opens.
TEST(Report, KeepsAPageForTheBrowser)
{
  const char * file = std::getenv("SERVAL_REPORT_PAGE");
  if (file == nullptr)
    GTEST_SKIP() << "SERVAL_REPORT_PAGE does not name a file";
  const support::TemporaryFolder folder;
  const ReportPhantom            phantom;
  auto                           input = phantom.Input();
  WritePicture(Picture({ 32, 32 }, { 90, 90, 90 }), folder / "a.png");
  input.casePictures[{ "target", "Smith/7" }] = { folder / "a.png", folder / "a.png", "repeat 3, fold 0: dog 0.940" };
  input.galleries.push_back({ "target", "tuned", "", "", ReportGallery::Kind::Errors, {}, { { { folder / "a.png", { "dog 0.95", "truth: cat" }, AnswerMark::Wrong } } } });
  support::WriteFile(file, MakeReport(input, DrawPlots(phantom.study, phantom.results)));
}

} // namespace
} // namespace serval
