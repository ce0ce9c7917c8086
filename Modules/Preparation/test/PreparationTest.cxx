#include "serval/Preparation/CohortPreparation.h"

#include "Phantom.h"
#include "Support.h"
#include "serval/Core/Table.h"
#include "serval/Volume/Orientation.h"

#include <gtest/gtest.h>

namespace serval
{
namespace
{

namespace fs = std::filesystem;
using support::ErrorText;
using support::ExpectHas;
using support::ObliqueGeometry;

Geometry Upright(Extent extent, Spacing spacing) { return { extent, spacing, { 1, 2, 3 }, Geometry().direction }; }

TEST(SpacingPlan, TheMedianAndTheRuleForThickSlices)
{
  const auto even = FitSpacing({ Upright({ 50, 60, 40 }, { 1, 1, 2 }), Upright({ 50, 60, 40 }, { 0.8, 1, 2.5 }), Upright({ 50, 60, 40 }, { 1.2, 1, 2 }) });
  EXPECT_EQ(even.spacing, (Spacing{ 1, 1, 2 }));
  EXPECT_EQ(even.medianSize, (Extent{ 50, 60, 40 }));
  EXPECT_FALSE(even.isAnisotropic);
  std::vector<Geometry> thick;
  for (int i = 0; i <= 10; ++i) // edges 3 .. 8 mm; the 10th percentile is 3.5
    thick.push_back(Upright({ 200, 210, 20 }, { 1, 1, 3 + 0.5 * i }));
  const auto plan = FitSpacing(thick);
  EXPECT_TRUE(plan.isAnisotropic);
  EXPECT_NEAR(plan.spacing.z, 3.5, 1e-12);
  EXPECT_EQ(plan.medianSize.z, std::llround(20 * 5.5 / 3.5));
  for (auto & g : thick)
    g.extent = { 50, 55, 20 }; // thick, but not few
  EXPECT_EQ(FitSpacing(thick).spacing.z, 5.5);
  const auto again = SpacingPlan::FromJson(plan.ToJson());
  EXPECT_EQ(again.spacing, plan.spacing);
  EXPECT_EQ(again.medianSize, plan.medianSize);
  EXPECT_EQ(again.cases, 11);
  ErrorText([] { FitSpacing(std::vector<Geometry>{}); }, Fault::Input);
  ErrorText([] { SpacingPlan::FromJson("{}"); }, Fault::Input);
}

TEST(PreparationPlan, JsonKeepsEverything)
{
  PreparationPlan plan;
  plan.orientation = "RAS";
  plan.spacing = SpacingPlan{ { 1, 2, 3.25 }, { 4, 5, 6 }, 7, true };
  plan.percentileClip = { 0.5, 99.5 };
  plan.channels = { { IntensityLimits{ -1000, 400 }, IntensityStandard{ { 1, 99 }, { 0, 100 } } }, {} };
  plan.windows = { { -160, 240 }, { -1000, 0 } };
  plan.zScores = plan.correctsBias = true;
  plan.fitSplit = "train";
  plan.fitCases = 12;
  EXPECT_EQ(PreparationPlan::FromJson(plan.ToJson()).ToJson(), plan.ToJson());
  EXPECT_EQ(plan.ToJson().find("\"transductive\":true"), std::string::npos);
  plan.fitSplit = wholeCohort;
  ExpectHas(plan.ToJson(), "\"transductive\":true");
  ExpectHas(ErrorText([] { PreparationPlan::FromJson("{\"schema\":\"other/1\"}"); }, Fault::Input), "other/1");
}

class CohortTest : public testing::Test
{
protected:
  support::TemporaryFolder folder;
  CohortSettings           settings{ folder / "out", {}, {}, "train", 2, false };
  NoProgress               progress;

  void SetUp() override
  {
    Table table({ "case", "patient", "image", "image_T2", "segmentation", "split", "x_note" });
    for (int i = 0; i < 4; ++i)
    {
      const std::string id = "c" + std::to_string(i);
      const Geometry    g = Upright({ 24, 26, 12 }, { 1, 1, i < 2 ? 2.0 : 3.0 });
      Volume            volume = support::Ramp(g);
      WriteVolume(volume, folder / (id + ".nii.gz"));
      WriteVolume({ g, volume.AsFloat(), {} }, folder / (id + "t2.nrrd"));
      LabelVolume labels{ g, std::vector<std::uint16_t>(24 * 26 * 12, 0) };
      labels.labels[24 * 26 * 5 + 7] = 3;
      WriteLabels(labels, folder / (id + "s.nii.gz"));
      table.AddRow({ id, "p" + id, id + ".nii.gz", id + "t2.nrrd", id + "s.nii.gz", i < 3 ? "train" : "test", "n" + id });
    }
    table.Write(folder / "m.csv");
  }
  CohortResult Prepare() { return PrepareCohort(folder / "m.csv", settings, progress); }
  Volume       Made(const std::string & id, const std::string & name) const { return ReadVolume(folder.Path() / "out" / id / (name + ".nii.gz")); }
};

TEST_F(CohortTest, AllFilesOfACaseLieOnOneNewGridAndTheManifestNamesThem)
{
  settings.request.plan.orientation = "RAS";
  settings.request.plan.spacing = SpacingPlan{ { 1, 1, 1.5 }, {}, 0, false };
  const auto result = Prepare();
  EXPECT_EQ(result.cases, 4U);
  const auto manifest = Manifest::Read(folder / "out/manifest.csv");
  ASSERT_EQ(manifest.Cases().size(), 4U);
  for (const auto & one : manifest.Cases())
  {
    const Volume image = ReadVolume(one.image), second = ReadVolume(one.furtherChannels.at(0));
    const auto   labels = ReadLabels(one.segmentation);
    EXPECT_EQ(OrientationCode(image.geometry), "RAS");
    EXPECT_EQ(image.geometry.spacing.z, 1.5);
    EXPECT_EQ(image.voxels.index(), 1U) << "int16 stays int16";
    EXPECT_EQ(CornerDistance(image.geometry, second.geometry), 0);
    EXPECT_EQ(CornerDistance(image.geometry, labels.geometry), 0);
    EXPECT_EQ(one.segmentation.parent_path().filename(), one.id);
  }
  EXPECT_EQ(Table::Read(folder / "out/manifest.csv").At(2, "x_note"), "nc2");
}

TEST_F(CohortTest, WhatIsFittedComesFromTheTrainingCasesOnly)
{
  settings.request.fitsSpacing = settings.request.fitsStandard = true;
  settings.request.clipFitted = { 1, 99 };
  settings.request.plan.foreground = Foreground::All;
  const std::string fitted = Prepare().plan.ToJson();
  ExpectHas(fitted, "\"fit\":{\"cases\":3,\"split\":\"train\",\"transductive\":false}");
  Volume test = support::Ramp(Upright({ 24, 26, 12 }, { 1, 1, 9 }));
  for (auto & v : std::get<std::vector<std::int16_t>>(test.voxels))
    v = static_cast<std::int16_t>(v % 50);
  WriteVolume(test, folder / "c3.nii.gz"); // the test case becomes another one
  WriteVolume(test, folder / "c3t2.nrrd");
  WriteLabels({ test.geometry, std::vector<std::uint16_t>(24 * 26 * 12, 1) }, folder / "c3s.nii.gz");
  EXPECT_EQ(Prepare().plan.ToJson(), fitted);
  settings.fitSplit = "all";
  ExpectHas(Prepare().plan.ToJson(), "\"transductive\":true");
  settings.fitSplit = "fold7";
  ExpectHas(ErrorText([&] { Prepare(); }, Fault::Input), "no case has the split 'fold7'");
}

TEST_F(CohortTest, OnlyWhatChangedIsMadeAgain)
{
  settings.request.plan.zScores = true;
  Prepare();
  const auto time = [&](const char * id) { return fs::last_write_time(folder.Path() / "out" / id / "image.nii.gz"); };
  const auto first = time("c0"), second = time("c1");
  WriteVolume(support::Ramp(Upright({ 24, 26, 12 }, { 1, 1, 2.01 })), folder / "c1.nii.gz");
  WriteVolume(support::Ramp(Upright({ 24, 26, 12 }, { 1, 1, 2.01 })), folder / "c1t2.nrrd");
  WriteLabels({ Upright({ 24, 26, 12 }, { 1, 1, 2.01 }), std::vector<std::uint16_t>(24 * 26 * 12, 1) }, folder / "c1s.nii.gz");
  Prepare();
  EXPECT_EQ(time("c0"), first);
  EXPECT_NE(time("c1"), second);
  fs::remove(folder.Path() / "out/c2/segmentation.nii.gz");
  Prepare();
  EXPECT_TRUE(fs::exists(folder.Path() / "out/c2/segmentation.nii.gz"));
  settings.request.plan.zScores = false;
  Prepare();
  EXPECT_NE(time("c0"), first) << "another plan";
}

TEST_F(CohortTest, BytesDoNotDependOnThreads)
{
  Table table({ "case", "image", "segmentation" });
  for (const std::string id : { "c0", "c3" })
    table.AddRow({ id, id + ".nii.gz", id + "s.nii.gz" });
  table.Write(folder / "m.csv");
  settings.request.plan.correctsBias = settings.request.plan.zScores = true;
  settings.request.plan.foreground = Foreground::Positive;
  settings.request.plan.spacing = SpacingPlan{ { 1.5, 1.5, 1.5 }, {}, 0, false };
  settings.threads = 1;
  Prepare();
  settings.folder = folder / "other";
  settings.threads = 3;
  Prepare();
  for (const char * id : { "c0", "c3" })
    for (const char * name : { "image", "segmentation" })
      EXPECT_EQ(support::ReadFile(folder.Path() / "out" / id / (std::string(name) + ".nii.gz")),
                support::ReadFile(folder.Path() / "other" / id / (std::string(name) + ".nii.gz")));
}

TEST_F(CohortTest, FailingCasesAreNamedOrLeftOut)
{
  support::WriteFile(folder / "c1s.nii.gz", "no image");
  const auto text = ErrorText([&] { Prepare(); }, Fault::Input);
  ExpectHas(text, "case c1 (prepare-volumes)");
  settings.skipsFailing = true;
  const auto result = Prepare();
  EXPECT_EQ(result.cases, 3U);
  ASSERT_EQ(result.problems.size(), 1U);
  EXPECT_EQ(result.problems[0].caseId, "c1");
  EXPECT_EQ(Manifest::Read(folder / "out/manifest.csv").Cases().size(), 3U);
  for (int i = 0; i < 4; ++i)
    support::WriteFile(folder / ("c" + std::to_string(i) + ".nii.gz"), "no image");
  ExpectHas(ErrorText([&] { Prepare(); }, Fault::Input), "every case failed");
}

TEST_F(CohortTest, SeveralWindowsMakeChannelsOfOneImage)
{
  settings.request.plan.windows = WindowsFrom({ "-300:0", "0:300" });
  ExpectHas(ErrorText([&] { Prepare(); }, Fault::Usage), "the case has 2 images");
  Table table({ "case", "image" });
  table.AddRow({ "c0", "c0.nii.gz" });
  table.Write(folder / "m.csv");
  Prepare();
  const auto manifest = Manifest::Read(folder / "out/manifest.csv");
  EXPECT_EQ(manifest.ChannelNames(), (std::vector<std::string>{ "image", "window2" }));
  const auto low = Made("c0", "image").AsFloat(), high = Made("c0", "image_window2").AsFloat();
  EXPECT_FLOAT_EQ(low[100], std::clamp(support::Ramp(Upright({ 24, 26, 12 }, {})).AsFloat()[100] / 300 + 1, 0.0F, 1.0F));
  EXPECT_EQ(low.back(), 1);
  EXPECT_EQ(high.front(), 0);
  ErrorText([] { WindowsFrom({ "5" }); }, Fault::Usage);
  ErrorText([] { WindowsFrom({ "5:1" }); }, Fault::Usage);
}

} // namespace
} // namespace serval
