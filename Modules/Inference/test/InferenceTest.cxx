#include "serval/Core/Error.h"
#include "serval/Inference/HeatMap.h"
#include "serval/Inference/InferenceSampler.h"
#include "serval/Training/InputContract.h"

#include <gtest/gtest.h>

namespace serval
{
namespace
{

TEST(InferenceSampler, ReadsItsText)
{
  using Kind = InferenceSampler::Kind;
  EXPECT_EQ(InferenceSampler::From("grid").kind, Kind::Grid);
  EXPECT_EQ(InferenceSampler::From("labels").kind, Kind::Labels);
  const auto fixed = InferenceSampler::From("pseudo-segmentation:fixed:-500,300");
  EXPECT_EQ(fixed.kind, Kind::Pseudo);
  EXPECT_EQ(fixed.recipe.thresholds, (std::vector<double>{ -500, 300 }));
  EXPECT_EQ(InferenceSampler::From("pseudo-segmentation:multi-otsu:4").recipe.classes, 4);
  EXPECT_EQ(InferenceSampler::From("pseudo-segmentation:ct-air-soft-bone").recipe.modality, "CT");
  for (const char * wrong : { "", "gird", "pseudo-segmentation", "pseudo-segmentation:otsy", "pseudo-segmentation:fixed:a" })
    EXPECT_THROW(InferenceSampler::From(wrong), Error) << wrong;
}

TEST(InferenceSampler, AModelOfPairsIsRefusedByName)
{
  ModelFile model;
  model.extraction = R"({"paired":{"as":"channels","times":["pre","post"]}})";
  try
  {
    PlanOf(model, InferenceSampler::Kind::Grid);
    FAIL() << "a volume has no pair";
  }
  catch (const Error & e)
  {
    EXPECT_NE(std::string(e.what()).find("pairs of two time points"), std::string::npos) << e.what();
  }
}

TEST(HeatMap, IsTheMeanOfThePatchesThatCoverAVoxel)
{
  Geometry grid;
  grid.extent = { 6, 2, 1 };
  grid.spacing = { 2, 2, 2 };
  grid.origin = { 10, 0, 0 };
  const auto box = [&](std::int64_t x) { return grid.Block({ x, 0, 0 }, { 4, 2, 1 }); };
  const std::vector<PlaceScore> places{ { box(0), "", { 0.2, 0.8 } }, { box(1), "", { 0.6, 0.4 } } };
  const auto                    heat = HeatMap(grid, places, 1);
  const auto &                  values = std::get<std::vector<float>>(heat.voxels);
  const float                   expected[]{ 0.8F, 0.6F, 0.6F, 0.6F, 0.4F, 0 };
  for (std::size_t x = 0; x < 6; ++x)
    EXPECT_NEAR(values[6 + x], expected[x], 1e-6) << x;
  const auto decisions = DecisionMap(grid, places, 2).labels;
  EXPECT_EQ(std::vector<int>(decisions.begin(), decisions.begin() + 6), (std::vector<int>{ 2, 2, 2, 2, 1, 0 }));
}

CaseFacts Chest()
{
  CaseFacts facts;
  facts.intensity = { { -600, 400, -1020, 900 } };
  facts.modality = "CT";
  facts.volume = { 512, 512, 100 };
  facts.volumeSpacing = { 0.7, 0.7, 3 };
  return facts;
}

InputContract ChestContract()
{
  InputContract contract;
  contract.modalities = { "CT" };
  contract.spacing = { { 0.6, 0.8 }, { 0.6, 0.8 }, { 2.5, 3 } };
  contract.size = { { 320, 380 }, { 320, 380 }, { 280, 330 } };
  contract.low = { { -1024, -1000 } };
  contract.high = { { 700, 1000 } };
  contract.isAbsolute = true;
  return InputContract::FromJson(contract.ToJson());
}

TEST(InputContract, NamesWhatDoesNotFit)
{
  const auto contract = ChestContract();
  EXPECT_TRUE(contract.Violations(Chest()).empty());
  auto mr = Chest();
  mr.modality = "MR";
  ASSERT_EQ(contract.Violations(mr).size(), 1U);
  EXPECT_EQ(contract.Violations(mr)[0], "the modality is MR; the model learned from CT");
  auto unsaid = Chest();
  unsaid.modality = "";
  unsaid.intensity = { { 100, 80, 0, 600 } };
  ASSERT_EQ(contract.Violations(unsaid).size(), 1U);
  EXPECT_NE(contract.Violations(unsaid)[0].find("intensities run from 0.00 to 600.00"), std::string::npos);
  auto head = Chest();
  head.volumeSpacing = { 0.45, 0.45, 1.5 };
  EXPECT_EQ(contract.Violations(head).size(), 3U) << "230 x 230 x 150 mm";
  auto thick = Chest();
  thick.volumeSpacing.z = 7;
  EXPECT_EQ(contract.Violations(thick).size(), 2U);
  auto two = Chest();
  two.intensity.push_back(two.intensity[0]);
  EXPECT_EQ(contract.Violations(two).size(), 1U);
  EXPECT_TRUE(InputContract::FromJson("null").Violations(mr).empty());
  EXPECT_THROW(InputContract::FromJson("{}"), Error);
}

} // namespace
} // namespace serval
