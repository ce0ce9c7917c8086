#include "serval/Core/Error.h"
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

TEST(TransferPlan, FreezesByName)
{
  const auto layers = Classifier().Layers();
  EXPECT_TRUE((TransferPlan{ "none", {} }.FrozenLayers(layers).empty()));
  EXPECT_EQ((TransferPlan{ "upto:encoder2", {} }.FrozenLayers(layers)), (Names{ "encoder1", "encoder2" }));
  EXPECT_EQ((TransferPlan{ "from:encoder2", {} }.FrozenLayers(layers)), (Names{ "encoder1" }));
  EXPECT_EQ((TransferPlan{ "only:encoder1,classifier", {} }.FrozenLayers(layers)), (Names{ "encoder2", "bottleneck", "decoder2", "decoder1" }));
  EXPECT_EQ((TransferPlan{ "all", {} }.FrozenLayers(layers)), (Names{ "encoder1", "encoder2", "bottleneck", "decoder2", "decoder1" }));
}

TEST(TransferPlan, UnknownWordsAreUsageErrors)
{
  for (const char * plan : { "some", "upto", "upto:encoder9", "only:", "none:encoder1", "" })
    EXPECT_THROW((TransferPlan{ plan, {} }.FrozenLayers(Classifier().Layers())), Error) << plan;
  EXPECT_THROW((TransferPlan{ "none", { "hed" } }.FrozenLayers(Classifier().Layers())), Error);
}

TEST(ModelFile, GivesBackWhatWasWritten)
{
  const support::TemporaryFolder folder;
  ModelFile                      model;
  model.network = Classifier();
  model.patch = { 16, 15, 14 };
  model.intensity = { IntensityPlan::Kind::Window, -100, 300 };
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
