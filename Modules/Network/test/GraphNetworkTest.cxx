#include "serval/Network/GraphNetwork.h"

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

std::int64_t Parameters(const GraphNetwork & net)
{
  std::int64_t count = 0;
  for (const auto & [name, parameter] : net.Parameters())
    count += parameter.numel();
  return count;
}

const Extent cube{ 8, 8, 8 };

TEST(UNet, HasThePublishedNumberOfParameters)
{
  // Counted by hand for depth 4, one channel, two classes, biases and batch normalisation.
  EXPECT_EQ(Parameters(GraphNetwork(Segmenter(3, 8, 4), { 16, 16, 16 })), 1'413'250);
  EXPECT_EQ(Parameters(GraphNetwork(Segmenter(3, 16, 4), { 16, 16, 16 })), 5'647'874);
}

TEST(UNet, OutputHasTheSizeOfTheInputIn2DAnd3D)
{
  GraphNetwork volume(Segmenter(3, 4, 2), { 16, 12, 8 }), slice(Segmenter(2, 4, 2), { 16, 12, 1 });
  EXPECT_EQ(volume.Forward(torch::randn({ 2, 1, 8, 12, 16 })).at("segmentation").sizes(), torch::IntArrayRef({ 2, 2, 8, 12, 16 }));
  EXPECT_EQ(slice.Forward(torch::randn({ 2, 1, 12, 16 })).at("segmentation").sizes(), torch::IntArrayRef({ 2, 2, 12, 16 }));
}

TEST(UNet, EveryAttachmentClassifies)
{
  using Attachment = NetworkSpec::Attachment;
  for (const auto attachment : { Attachment::Decoder1, Attachment::Bottleneck, Attachment::Decoders })
  {
    GraphNetwork net(Classifier(attachment), cube);
    EXPECT_EQ(net.Forward(torch::randn({ 2, 1, 8, 8, 8 })).at("classes").sizes(), torch::IntArrayRef({ 2, 3 }));
    GraphNetwork flat(Classifier(attachment, 2), { 8, 8, 1 });
    EXPECT_EQ(flat.Forward(torch::randn({ 2, 1, 8, 8 })).at("classes").sizes(), torch::IntArrayRef({ 2, 3 }));
  }
}

TEST(UNet, ArraysSurviveTheRoundTripToTheBit)
{
  GraphNetwork source(Classifier(NetworkSpec::Attachment::Decoder1), cube), target(Classifier(NetworkSpec::Attachment::Decoder1), cube);
  EXPECT_DOUBLE_EQ(target.Load(source.Arrays(), {}).share, 1);
  source.SetTraining(false);
  target.SetTraining(false);
  const auto input = torch::randn({ 2, 1, 8, 8, 8 });
  EXPECT_TRUE(torch::equal(source.Forward(input).at("classes"), target.Forward(input).at("classes")));
}

TEST(UNet, ASegmentationNetworkGivesItsTrunkToAClassifier)
{
  GraphNetwork source(Segmenter(3, 4, 2), cube), target(Classifier(NetworkSpec::Attachment::Decoder1), cube);
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
  GraphNetwork net(Classifier(NetworkSpec::Attachment::Decoder1), cube);
  const auto before = net.Arrays();
  net.Freeze({ "encoder1", "bottleneck" });
  net.SetTraining(true);
  std::vector<torch::Tensor> trained;
  for (auto & [name, parameter] : net.Parameters())
    if (parameter.requires_grad())
      trained.push_back(parameter);
  torch::optim::AdamW optimiser(trained, torch::optim::AdamWOptions(0.1).weight_decay(0.1));
  for (int step = 0; step < 3; ++step)
  {
    optimiser.zero_grad();
    net.Forward(torch::randn({ 4, 1, 8, 8, 8 })).at("classes").square().sum().backward();
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
  GraphNetwork net(Classifier(NetworkSpec::Attachment::Bottleneck), cube);
  net.SetTraining(false);
  const auto input = torch::randn({ 4, 1, 8, 8, 8 });
  const auto full = net.Forward(input).at("classes"), reduced = net.Forward(input.to(torch::kBFloat16)).at("classes");
  EXPECT_LT((full - reduced).abs().max().item<float>(), 0.05 * full.abs().max().item<float>() + 0.02);
}

TEST(UNet, ReducedPrecisionHasTheGradientsOfFloat)
{
  // Down to maps of 1 and 2 voxels an edge, where oneDNN's own bfloat16 gradients were found wrong.
  for (const int repeat : { 1, 2, 3 })
  {
    torch::manual_seed(repeat);
    GraphNetwork net(Segmenter(3, 4, 3), cube);
    const auto input = torch::randn({ 6, 1, 8, 8, 8 }).contiguous(torch::MemoryFormat::ChannelsLast3d);
    std::map<std::string, torch::Tensor> gradients;
    for (const auto type : { torch::kFloat, torch::kBFloat16 })
    {
      for (auto & [name, parameter] : net.Parameters())
        parameter.mutable_grad().reset();
      net.SetTraining(false); // fixed statistics: batch statistics of few voxels would amplify rounding
      net.Forward(input.to(type)).at("segmentation").to(torch::kFloat).square().mean().backward();
      for (const auto & [name, parameter] : net.Parameters())
        if (type == torch::kFloat)
          gradients[name] = parameter.grad().clone();
        else
          EXPECT_LT((parameter.grad() - gradients[name]).norm().item<float>(), 0.15 * gradients[name].norm().item<float>() + 1e-3)
            << name;
    }
  }
}

TEST(UNet, ChannelsLastStaysChannelsLast)
{
  GraphNetwork                         net(Segmenter(3, 4, 2), cube);
  std::map<std::string, torch::Tensor> taps{ { "encoder1", {} }, { "encoder2", {} }, { "bottleneck", {} }, { "decoder1", {} } };
  net.Place(torch::kCPU);
  net.Forward(torch::randn({ 2, 1, 8, 8, 8 }).contiguous(torch::MemoryFormat::ChannelsLast3d), &taps);
  for (const auto & [name, maps] : taps)
    EXPECT_TRUE(maps.is_contiguous(torch::MemoryFormat::ChannelsLast3d)) << name;
}

} // namespace
} // namespace serval
