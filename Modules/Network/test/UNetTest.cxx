#include "serval/Network/UNet.h"

#include <gtest/gtest.h>

#include <torch/optim/adamw.h>

namespace serval
{
namespace
{

NetworkSpec Segmenter(int dimension, int filters, int depth)
{
  NetworkSpec spec;
  spec.dimension = dimension;
  spec.filters = filters;
  spec.depth = depth;
  spec.segmentationClasses = 2;
  return spec;
}

NetworkSpec Classifier(NetworkSpec::Attachment attachment, int dimension = 3)
{
  NetworkSpec spec;
  spec.dimension = dimension;
  spec.filters = 4;
  spec.depth = 2;
  spec.classes = 3;
  spec.attachment = attachment;
  return spec;
}

std::int64_t Parameters(const UNet & net)
{
  std::int64_t count = 0;
  for (const auto & parameter : net.parameters())
    count += parameter.numel();
  return count;
}

TEST(UNet, HasThePublishedNumberOfParameters)
{
  // Counted by hand for depth 4, one channel, two classes, biases and batch normalisation.
  EXPECT_EQ(Parameters(UNet(Segmenter(3, 8, 4))), 1'413'250);
  EXPECT_EQ(Parameters(UNet(Segmenter(3, 16, 4))), 5'647'874);
}

TEST(UNet, OutputHasTheSizeOfTheInputIn2DAnd3D)
{
  UNet volume(Segmenter(3, 4, 2)), slice(Segmenter(2, 4, 2));
  EXPECT_EQ(volume.Forward(torch::randn({ 2, 1, 8, 12, 16 })).segmentation.sizes(), torch::IntArrayRef({ 2, 2, 8, 12, 16 }));
  EXPECT_EQ(slice.Forward(torch::randn({ 2, 1, 12, 16 })).segmentation.sizes(), torch::IntArrayRef({ 2, 2, 12, 16 }));
}

TEST(UNet, EveryAttachmentClassifies)
{
  using Attachment = NetworkSpec::Attachment;
  for (const auto attachment : { Attachment::Decoder1, Attachment::Bottleneck, Attachment::Decoders })
  {
    UNet net(Classifier(attachment));
    EXPECT_EQ(net.Forward(torch::randn({ 2, 1, 8, 8, 8 })).classes.sizes(), torch::IntArrayRef({ 2, 3 }));
    UNet flat(Classifier(attachment, 2));
    EXPECT_EQ(flat.Forward(torch::randn({ 2, 1, 8, 8 })).classes.sizes(), torch::IntArrayRef({ 2, 3 }));
  }
}

TEST(UNet, ArraysSurviveTheRoundTripToTheBit)
{
  UNet source(Classifier(NetworkSpec::Attachment::Decoder1)), target(Classifier(NetworkSpec::Attachment::Decoder1));
  EXPECT_DOUBLE_EQ(target.Load(source.Arrays(), {}).share, 1);
  source.SetTraining(false);
  target.SetTraining(false);
  const auto input = torch::randn({ 2, 1, 8, 8, 8 });
  EXPECT_TRUE(torch::equal(source.Forward(input).classes, target.Forward(input).classes));
}

TEST(UNet, ASegmentationNetworkGivesItsTrunkToAClassifier)
{
  UNet       source(Segmenter(3, 4, 2)), target(Classifier(NetworkSpec::Attachment::Decoder1));
  const auto before = target.Arrays();
  const auto report = target.Load(source.Arrays(), { "decoder1" });
  EXPECT_EQ(report.arrays.at("encoder1.first.weight"), "loaded");
  EXPECT_EQ(report.arrays.at("decoder1.up.weight"), "reset");
  EXPECT_EQ(report.arrays.at("classifier.linear.weight"), "missing in source");
  const auto after = target.Arrays(), from = source.Arrays();
  for (const auto & [name, fate] : report.arrays)
    EXPECT_EQ(after.at(name).values, (fate == "loaded" ? from : before).at(name).values) << name;
}

TEST(UNet, FrozenLayersKeepParametersAndStatistics)
{
  UNet       net(Classifier(NetworkSpec::Attachment::Decoder1));
  const auto before = net.Arrays();
  net.Freeze({ "encoder1", "bottleneck" });
  net.SetTraining(true);
  std::vector<torch::Tensor> trained;
  for (auto & parameter : net.parameters())
    if (parameter.requires_grad())
      trained.push_back(parameter);
  torch::optim::AdamW optimiser(trained, torch::optim::AdamWOptions(0.1).weight_decay(0.1));
  for (int step = 0; step < 3; ++step)
  {
    optimiser.zero_grad();
    net.Forward(torch::randn({ 4, 1, 8, 8, 8 })).classes.square().sum().backward();
    optimiser.step();
  }
  int moved = 0;
  for (const auto & [name, array] : net.Arrays())
  {
    const bool same = array.values == before.at(name).values;
    if (name.starts_with("encoder1.") || name.starts_with("bottleneck."))
      EXPECT_TRUE(same) << name;
    else
      moved += same ? 0 : 1;
  }
  EXPECT_GT(moved, 20);
}

TEST(UNet, ReducedPrecisionAgreesWithFloat)
{
  UNet net(Classifier(NetworkSpec::Attachment::Bottleneck));
  net.SetTraining(false);
  const auto input = torch::randn({ 4, 1, 8, 8, 8 });
  const auto full = net.Forward(input).classes, reduced = net.Forward(input.to(torch::kBFloat16)).classes;
  EXPECT_LT((full - reduced).abs().max().item<float>(), 0.05 * full.abs().max().item<float>() + 0.02);
}

TEST(UNet, ReducedPrecisionHasTheGradientsOfFloat)
{
  // Down to maps of 1 and 2 voxels an edge, where oneDNN's own bfloat16 gradients were found wrong.
  for (const int repeat : { 1, 2, 3 })
  {
    torch::manual_seed(repeat);
    UNet       net(Segmenter(3, 4, 3));
    const auto input = torch::randn({ 6, 1, 8, 8, 8 }).contiguous(torch::MemoryFormat::ChannelsLast3d);
    std::map<std::string, torch::Tensor> gradients;
    for (const auto type : { torch::kFloat, torch::kBFloat16 })
    {
      net.zero_grad();
      net.SetTraining(false); // fixed statistics: batch statistics of few voxels would amplify rounding
      net.Forward(input.to(type)).segmentation.to(torch::kFloat).square().mean().backward();
      for (const auto & item : net.named_parameters())
        if (type == torch::kFloat)
          gradients[item.key()] = item.value().grad().clone();
        else
          EXPECT_LT((item.value().grad() - gradients[item.key()]).norm().item<float>(),
                    0.15 * gradients[item.key()].norm().item<float>() + 1e-3)
            << item.key();
    }
  }
}

TEST(UNet, ChannelsLastStaysChannelsLast)
{
  UNet                                 net(Segmenter(3, 4, 2));
  std::map<std::string, torch::Tensor> taps{ { "encoder1", {} }, { "encoder2", {} }, { "bottleneck", {} }, { "decoder1", {} } };
  net.to(torch::kCPU);
  for (auto & parameter : net.parameters())
    if (parameter.dim() == 5)
      parameter.set_data(parameter.contiguous(torch::MemoryFormat::ChannelsLast3d));
  net.Forward(torch::randn({ 2, 1, 8, 8, 8 }).contiguous(torch::MemoryFormat::ChannelsLast3d), &taps);
  for (const auto & [name, maps] : taps)
    EXPECT_TRUE(maps.is_contiguous(torch::MemoryFormat::ChannelsLast3d)) << name;
}

} // namespace
} // namespace serval
