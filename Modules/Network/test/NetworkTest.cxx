#include "serval/Core/Error.h"
#include "serval/Network/LabelMark.h"
#include "serval/Network/ModelFile.h"
#include "serval/Network/TransferPlan.h"

#include "Support.h"

#include <gtest/gtest.h>

namespace serval
{
namespace
{

using Names = std::vector<std::string>;

NetworkSpec Classifier()
{
  NetworkSpec spec;
  spec.depth = 2;
  spec.classes = 3;
  spec.attachment = NetworkSpec::Attachment::Decoder1;
  return spec;
}

TEST(NetworkSpec, NamesItsLayersInOrder)
{
  EXPECT_EQ(Classifier().Layers(), (Names{ "encoder1", "encoder2", "bottleneck", "decoder2", "decoder1", "classifier" }));
  auto spec = Classifier();
  spec.attachment = NetworkSpec::Attachment::Bottleneck;
  EXPECT_EQ(spec.Layers(), (Names{ "encoder1", "encoder2", "bottleneck", "classifier" }));
}

TEST(NetworkSpec, ImpossibleValuesAreRefused)
{
  for (const auto change : { 0, 1, 2, 3 })
  {
    auto spec = Classifier();
    (change == 0 ? spec.dimension : change == 1 ? spec.filters : change == 2 ? spec.depth : spec.classes) = 0;
    EXPECT_THROW(spec.Check(), Error) << change;
    EXPECT_THROW(NetworkSpec::FromJson(spec.ToJson()), Error) << change;
  }
}

TransferPlan Freezing(const std::string & freeze)
{
  TransferPlan plan;
  plan.freeze = freeze;
  return plan;
}

TEST(TransferPlan, FreezesByName)
{
  const auto layers = Classifier().Layers();
  EXPECT_TRUE((Freezing("none").FrozenLayers(layers).empty()));
  EXPECT_EQ((Freezing("upto:encoder2").FrozenLayers(layers)), (Names{ "encoder1", "encoder2" }));
  EXPECT_EQ((Freezing("from:encoder2").FrozenLayers(layers)), (Names{ "encoder1" }));
  EXPECT_EQ((Freezing("only:encoder1,classifier").FrozenLayers(layers)), (Names{ "encoder2", "bottleneck", "decoder2", "decoder1" }));
  EXPECT_EQ((Freezing("all").FrozenLayers(layers)), (Names{ "encoder1", "encoder2", "bottleneck", "decoder2", "decoder1" }));
}

TEST(TransferPlan, KeepsTheFirstLayersAndResetsTheRest)
{
  const auto layers = Classifier().Layers();
  EXPECT_EQ(Freezing("keep-first:2").FrozenLayers(layers), (Names{ "encoder1", "encoder2" }));
  EXPECT_EQ(Freezing("only:[encoder1, classifier]").FrozenLayers(layers), Freezing("only:encoder1,classifier").FrozenLayers(layers));
  TransferPlan plan;
  plan.reset = { "keep-first:4" };
  EXPECT_EQ(plan.ResetLayers(layers), (Names{ "decoder1", "classifier" }));
  plan.reset = { "all" };
  EXPECT_EQ(plan.ResetLayers(layers), layers);
}

TEST(TransferPlan, RatesFollowGlobsDepthAndBias)
{
  const auto   layers = Classifier().Layers();
  TransferPlan plan;
  plan.rates = TransferPlan::RatesFrom({ "encoder1:0", "encoder*:0.5", "classifier:10" });
  plan.layerDecay = 0.5;
  plan.biasFactor = 2;
  EXPECT_EQ(plan.RateOf("classifier", layers, false), 10);
  EXPECT_EQ(plan.RateOf("classifier", layers, true), 20);
  EXPECT_EQ(plan.RateOf("decoder1", layers, false), 0.5);
  EXPECT_EQ(plan.RateOf("encoder2", layers, false), 0.5 * 0.5 * 0.5 * 0.5 * 0.5);
  EXPECT_EQ(plan.RateOf("encoder1", layers, false), 0);
  for (const char * wrong : { "encoder", ":1", "a:-1", "a:x" })
    EXPECT_THROW(TransferPlan::RatesFrom({ wrong }), Error) << wrong;
}

TEST(TransferPlan, WarmsUpTheNewLayersThenWakesTheOthersFromTheLast)
{
  const auto   layers = Classifier().Layers();
  TransferPlan plan = Freezing("upto:encoder1");
  plan.warmUpSteps = 10;
  plan.unfreezeEvery = 5;
  EXPECT_EQ(plan.FrozenLayersAt(0, layers, { "classifier" }), (Names{ "encoder1", "encoder2", "bottleneck", "decoder2", "decoder1" }));
  EXPECT_EQ(plan.FrozenLayersAt(10, layers, { "classifier" }).size(), 5U);
  EXPECT_EQ(plan.FrozenLayersAt(15, layers, { "classifier" }).size(), 4U);
  EXPECT_EQ(plan.FrozenLayersAt(1000, layers, { "classifier" }), (Names{ "encoder1" }));
}

TEST(TransferPlan, UnknownWordsAreUsageErrors)
{
  for (const char * plan : { "some", "upto", "upto:encoder9", "only:", "none:encoder1", "", "keep-first:x", "keep-first:99", "keep-first:" })
    EXPECT_THROW((Freezing(plan).FrozenLayers(Classifier().Layers())), Error) << plan;
  TransferPlan reset;
  reset.reset = { "hed" };
  EXPECT_THROW(reset.FrozenLayers(Classifier().Layers()), Error);
}

TEST(ModelFile, GivesBackWhatWasWritten)
{
  const support::TemporaryFolder folder;
  ModelFile                      model;
  model.network = Classifier();
  model.patch = { 16, 15, 14 };
  model.intensity = { .windows = { { -100, 300 } } };
  model.classNames = { "a", "b", "ü" };
  model.inferenceSampler = "grid";
  model.lineage = R"({"complete":true})";
  model.arrays["encoder1.first.weight"] = { { 2 }, { 1, 2 } };
  model.Write(folder / "m.safetensors");
  const auto again = ModelFile::Read(folder / "m.safetensors");
  EXPECT_EQ(again.network.ToJson(), model.network.ToJson());
  EXPECT_EQ(again.patch, model.patch);
  EXPECT_EQ(again.intensity.ToJson(), model.intensity.ToJson());
  EXPECT_EQ(again.classNames, model.classNames);
  EXPECT_EQ(again.lineage, model.lineage);
  EXPECT_NO_THROW(again.RequireInput({ 16, 15, 14 }, 1, "c"));
  EXPECT_THROW(again.RequireInput({ 14, 15, 16 }, 1, "c"), Error);
  EXPECT_THROW(again.RequireInput({ 16, 15, 14 }, 2, "c"), Error);
}

TEST(ModelFile, KeepsTheMarkOfShuffledLabels)
{
  Provenance plain, marked, next;
  MarkShuffledLabels(marked);
  ModelFile baseline, model;
  EXPECT_FALSE(LearnedShuffledLabels(model)); // without provenance
  model.provenance = plain.ToJson();
  baseline.provenance = marked.ToJson();
  EXPECT_FALSE(LearnedShuffledLabels(model));
  EXPECT_TRUE(LearnedShuffledLabels(baseline));
  KeepLabelMark(model, next);
  EXPECT_TRUE(next.parameters.empty());
  KeepLabelMark(baseline, next);
  EXPECT_EQ(next.ToJson(), marked.ToJson());
  for (const char * foreign : { "3", "[]", R"({"parameters":3})", R"({"parameters":{"learnedFrom":1}})", "{" })
  {
    model.provenance = foreign;
    EXPECT_FALSE(LearnedShuffledLabels(model)) << foreign;
  }
}

TEST(ModelFile, ForeignFilesAreRefused)
{
  const support::TemporaryFolder folder;
  TensorFile                     file;
  file.arrays["x"] = { { 1 }, { 1 } };
  file.Write(folder / "foreign.safetensors");
  EXPECT_THROW(ModelFile::Read(folder / "foreign.safetensors"), Error);
  support::WriteFile(folder / "text.safetensors", "this is a text and no model at all");
  EXPECT_THROW(ModelFile::Read(folder / "text.safetensors"), Error);
}

} // namespace
} // namespace serval
