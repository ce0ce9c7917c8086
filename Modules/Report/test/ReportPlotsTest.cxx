#include "ReportPhantom.h"

#include "Support.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace serval
{
namespace
{

const ReportPlot * Named(const std::vector<ReportPlot> & plots, const std::string & name)
{
  const auto found = std::find_if(plots.begin(), plots.end(), [&](const ReportPlot & one) { return one.name == name; });
  return found == plots.end() ? nullptr : &*found;
}

/// Three freezing depths of one family, beside scratch.
void Sweep(ReportPhantom & phantom)
{
  for (const char * depth : { "encoder1", "encoder2", "bottleneck" })
  {
    auto arm = phantom.study.arms[1];
    arm.name = std::string("frozen-") + depth;
    arm.family = "frozen";
    arm.axes = { { "freeze", depth } };
    phantom.study.arms.push_back(arm);
    auto result = ReportPhantom::Arm(arm.name, 4);
    result.axes = arm.axes;
    phantom.results.arms.push_back(result);
  }
}

TEST(ReportPlots, DrawsSizesDifferencesAndModelsForBothScreens)
{
  const ReportPhantom phantom;
  const auto          plots = DrawPlots(phantom.study, phantom.results);
  for (const char * name : { "sizes-target", "differences-target-n4", "roc-target", "precision-recall-target", "calibration-target" })
  {
    const auto * plot = Named(plots, name);
    ASSERT_NE(plot, nullptr) << name;
    EXPECT_NE(plot->light.find("<svg"), std::string::npos) << name;
    EXPECT_NE(plot->light, plot->dark) << name;
  }
  EXPECT_EQ(Named(plots, "sources"), nullptr); // one source is no matrix
}

TEST(ReportPlots, ASweepBecomesOneCurveInTheFilesOrder)
{
  ReportPhantom phantom;
  Sweep(phantom);
  const auto   plots = DrawPlots(phantom.study, phantom.results);
  const auto * plot = Named(plots, "axis-target-freeze");
  ASSERT_NE(plot, nullptr);
  const auto first = plot->light.find("encoder1"), second = plot->light.find("encoder2"), third = plot->light.find("bottleneck");
  ASSERT_NE(first, std::string::npos);
  EXPECT_LT(first, second);
  EXPECT_LT(second, third);
  EXPECT_NE(plot->light.find("scratch"), std::string::npos); // to hold it against
}

TEST(ReportPlots, SeveralSourcesBecomeAMatrixOfGains)
{
  ReportPhantom phantom;
  auto          source = phantom.study.sources[0];
  source.name = "photographs";
  phantom.study.sources.push_back(source);
  auto arm = phantom.study.arms[1];
  arm.name = "photographs-tuned";
  arm.source = "photographs";
  phantom.study.arms.push_back(arm);
  for (const int size : { 2, 4 })
    phantom.results.arms.push_back(ReportPhantom::Arm(arm.name, size)); // as good as scratch
  const auto   plots = DrawPlots(phantom.study, phantom.results);
  const auto * plot = Named(plots, "sources");
  ASSERT_NE(plot, nullptr);
  EXPECT_NE(plot->light.find("0.050"), std::string::npos); // tuned over scratch
  EXPECT_NE(plot->light.find("0.000"), std::string::npos);
}

TEST(ReportPlots, AreWrittenForPapers)
{
  const support::TemporaryFolder folder;
  const ReportPhantom            phantom;
  WritePlots(DrawPlots(phantom.study, phantom.results), folder.Path());
  EXPECT_TRUE(std::filesystem::exists(folder / "sizes-target.svg"));
  WritePlots({ { ReportPlot::Part::Results, "no-room", "too many names", {}, {} } }, folder.Path());
  EXPECT_FALSE(std::filesystem::exists(folder / "no-room.svg"));
}

} // namespace
} // namespace serval
