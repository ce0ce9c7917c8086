#include "CommandSupport.h"
#include "serval/Cache/FeatureFile.h"

#include <gtest/gtest.h>

namespace serval::commands
{
namespace
{

class PlotResults : public testing::Test
{
protected:
  support::TemporaryFolder folder;

  std::string At(const std::string & name) const { return (folder.Path() / name).string(); }

  /// The SVG that a table becomes.
  std::string Drawn(const std::string & table, Words options) const
  {
    support::WriteFile(At("table.csv"), table);
    options.insert(options.begin(), { At("table.csv"), At("plot.svg") });
    const auto result = RunModule("ServalPlotResults", options);
    EXPECT_EQ(result.code, 0) << result.error;
    return result.code == 0 ? support::ReadFile(At("plot.svg")) : std::string();
  }
  void Refused(const std::string & table, Words options, int code, const std::string & words) const
  {
    support::WriteFile(At("table.csv"), table);
    options.insert(options.begin(), { At("table.csv"), At("refused.svg") });
    const auto result = RunModule("ServalPlotResults", options);
    EXPECT_EQ(result.code, code) << result.error;
    EXPECT_NE(result.error.find(words), std::string::npos) << result.error;
    EXPECT_EQ(support::Names(folder.Path()), Words{ "table.csv" });
  }
};

TEST_F(PlotResults, EveryKindIsDrawn)
{
  support::ExpectHas(Drawn("name,x,y,low,high\nscratch,5,0.6,0.5,0.7\nscratch,10,0.7,0.6,0.8\nlung,5,0.7,,\nlung,10,0.8,0.7,0.9\n", { "--logarithmic", "--title", "Sizes" }), ">lung</text>");
  support::ExpectHas(Drawn("curve,threshold,x,y,all\nroc,1,0,0,\nroc,0.5,0.2,0.8,\nroc,0,1,1,\nreliability,0.9,0.95,0.8,7\n", { "--kind", "roc" }), ">1 - specificity</text>");
  support::ExpectHas(Drawn("curve,threshold,x,y,all\nroc,1,0,0,\nreliability,0.8,0.86,0.7,5\nreliability,0.9,0.95,0.8,7\n", { "--kind", "reliability" }), ">7</text>");
  support::ExpectHas(Drawn("curve,threshold,x,y,all,low,high\nprecision-recall,0.9,0.5,1,,0.8,1\nprecision-recall,0.1,1,0.6,,0.4,0.7\n", { "--kind", "precision-recall", "--prevalence", "0.3" }), "fill-opacity"); // the band
  support::ExpectHas(Drawn("row,column,value\nCT,lung,0.81\nMR,brain,0.92\n", { "--kind", "matrix", "--digits", "2" }), ">0.92</text>");
  support::ExpectHas(Drawn("name,value,low,high,note\nlung,0.1,0.02,0.2,p 0.01\n", { "--kind", "forest" }), ">p 0.01</text>");
  support::ExpectHas(Drawn("name,x,y,group\nlung,0.1,0.02,CT\nbrain,0.3,0.1,MR\n", { "--kind", "scatter", "--theme", "dark" }), ">MR</text>");
  support::ExpectHas(Drawn("name,rank\nlung,1.4\nbrain,2.2\nscratch,2.4\n", { "--kind", "critical-difference", "--criticalDifference", "1" }), "critical difference 1.00");
}

TEST_F(PlotResults, FeaturesBecomeAMapOfTheirPatches)
{
  FeatureFile features;
  features.classNames = { "benign", "malignant" };
  for (int row = 0; row < 12; ++row)
  {
    features.classes.push_back(row == 11 ? -1 : row % 2);
    features.cases.push_back("c");
    features.patients.push_back("p");
    features.unitIds.push_back(std::to_string(row));
    for (int column = 0; column < 3; ++column)
      features.layers["conv1"].values.push_back(float(row % 2 * (column + 2)) + 0.1F * float((row * 7 + column * 5) % 11));
  }
  features.layers["conv1"].width = 3;
  features.Write(At("f.h5"));
  const auto drawn = RunModule("ServalPlotResults", { At("f.h5"), At("map.svg"), "--kind", "embedding" });
  ASSERT_EQ(drawn.code, 0) << drawn.error;
  const auto svg = support::ReadFile(At("map.svg"));
  for (const char * words : { ">malignant</text>", ">without class</text>", ">conv1: 3 standardised features of 12 patches</text>", "principal component 1, " })
    support::ExpectHas(svg, words);
  features.layers["conv2"] = features.layers["conv1"];
  features.Write(At("two.h5"));
  ASSERT_EQ(RunModule("ServalPlotResults", { At("two.h5"), At("two.svg"), "--kind", "embedding", "--layer", "conv1,conv2" }).code, 0);
  support::ExpectHas(support::ReadFile(At("two.svg")), ">conv1, conv2: 6 standardised features of 12 patches</text>");
  const auto refused = RunModule("ServalPlotResults", { At("f.h5"), At("no.svg"), "--kind", "embedding", "--layer", "conv9" });
  EXPECT_EQ(refused.code, 2);
  EXPECT_NE(refused.error.find("no layer 'conv9'; they have conv1"), std::string::npos) << refused.error;
}

TEST_F(PlotResults, WhatCannotBeDrawnIsRefused)
{
  Refused("name,x\na,1\n", {}, 3, "no finite value");
  Refused("name,y\na,1\n", {}, 3, "x");
  Refused("name,x,y\na,one,1\n", {}, 3, "one");
  Refused("name,x,y\n", {}, 3, "no rows");
  Refused("name,x,y\na,0,1\n", { "--logarithmic" }, 3, "logarithmic");
  Refused("curve,threshold,x,y,all\nroc,1,0,0,\n", { "--kind", "reliability" }, 3, "no bin with rows");
  Refused("name,rank\na,1\nb,2\n", { "--kind", "critical-difference" }, 3, "critical difference");
  Refused("name,x,y\na,1,1\n", { "--size", "300" }, 2, "--size");
}

} // namespace
} // namespace serval::commands
