#include "serval/Core/Error.h"
#include "serval/Report/Report.h"

#include "Support.h"

#include <gtest/gtest.h>

#include <cmath>

namespace serval
{
namespace
{

StudyFile Study()
{
  StudyFile study;
  study.title = "A <study> & more";
  study.trainPatients = { 2 };
  StudyArm arm;
  arm.name = "scratch";
  arm.text = "from nothing";
  study.arms.push_back(arm);
  study.targets.emplace_back();
  return study;
}

StudyResults Results(double p)
{
  StudyResults results;
  results.metric = "accuracy";
  ArmResult arm;
  arm.arm = "scratch";
  arm.size = arm.trainPatients = 2;
  arm.runs = 2;
  arm.testPatients = 60;
  arm.lineage = "clean";
  arm.scores = { { "accuracy", { 0.7, 0.65, 0.75 } }, { "auc", { 0.9, 0.88, std::nan("") } } };
  results.arms.push_back(arm);
  results.tests.push_back({ "target", 2, { "bootstrap", "tuned", "scratch", 0.05, 0, 0, p, p, 0, 0 }, "" });
  return results;
}

TEST(Report, SaysPlainlyWhenNoDifferenceIsShown)
{
  EXPECT_EQ(InWords(Results(0.2).tests[0], Study()), "no difference shown");
  EXPECT_EQ(InWords(Results(0.01).tests[0], Study()), "tuned is better than scratch");
  EXPECT_EQ(InWords(Results(std::nan("")).tests[0], Study()), "no difference shown");
}

TEST(Report, EscapesTextAndLoadsNothing)
{
  const support::TemporaryFolder folder;
  support::WriteFile(folder / "a.png", "PNG bytes");
  auto results = Results(0.2);
  results.notRun["imagenet"] = "fetch a.pth from the publisher";
  const auto html = MakeReport(Study(), results, { { "bad", { CellState::Failed, "<broken>", 1 } } }, {}, { { folder / "a.png", "Case \"1\"" } });
  EXPECT_NE(html.find("A &lt;study&gt; &amp; more"), std::string::npos);
  EXPECT_NE(html.find("0.700 [0.650, 0.750]"), std::string::npos);
  EXPECT_NE(html.find("not run: fetch a.pth from the publisher"), std::string::npos);
  EXPECT_NE(html.find("no difference shown"), std::string::npos);
  EXPECT_NE(html.find("&lt;broken&gt;"), std::string::npos);
  EXPECT_NE(html.find("base64,UE5HIGJ5dGVz"), std::string::npos);
  EXPECT_EQ(html.find("http"), std::string::npos);
  EXPECT_EQ(html.find("<script"), std::string::npos);
}

} // namespace
} // namespace serval
