#include "serval/Core/Error.h"
#include "serval/Network/GraphNetwork.h"
#include "serval/Network/ReceptiveField.h"
#include "serval/Network/TorchFile.h"
#include "serval/Network/WeightImport.h"

#include <gtest/gtest.h>

#include <torch/optim/adamw.h>

#include <algorithm>
#include <filesystem>
#include <tuple>

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
  auto named = Classifier(Attachment::Layer);
  for (const std::string layer : { "encoder1", "bottleneck", "decoder1" })
  {
    named.attachmentLayer = layer;
    GraphNetwork net(named, cube);
    EXPECT_EQ(net.Forward(torch::randn({ 2, 1, 8, 8, 8 })).at("classes").sizes(), torch::IntArrayRef({ 2, 3 })) << layer;
    EXPECT_EQ(NetworkSpec::FromJson(named.ToJson()).attachmentLayer, layer);
  }
  named.attachmentLayer = "decoder9";
  EXPECT_THROW(named.Layers(), Error);
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

// After every operation, in the type that was put in; a map of one voxel or one channel has any layout.
TEST(UNet, ChannelsLastStaysChannelsLast)
{
  for (const std::string name : { "unet", "unet-plain", "unet-classifier", "resnet18", "small-cnn", "meshnet" })
    for (const std::string norm : { "batch", "instance" })
      for (const auto type : { torch::kFloat, torch::kBFloat16 })
      {
        auto spec = name.starts_with("unet-classifier") ? Classifier(NetworkSpec::Attachment::Decoder1) : Segmenter(3, 4, 2);
        spec.name = name;
        spec.normalisation = norm;
        if (name == "resnet18" || name == "small-cnn")
          std::swap(spec.segmentationClasses, spec.classes);
        GraphNetwork                         net(spec, { 32, 32, 32 });
        std::map<std::string, torch::Tensor> taps;
        for (std::size_t i = 1; i < net.Graph().nodes.size(); ++i)
          taps[net.Graph().nodes[i].name];
        net.Place(torch::kCPU);
        net.Forward(torch::randn({ 2, 1, 32, 32, 32 }).to(type).contiguous(torch::MemoryFormat::ChannelsLast3d), &taps);
        for (const auto & [node, maps] : taps)
          if (maps.dim() == 5)
          {
            EXPECT_TRUE(maps.is_contiguous(torch::MemoryFormat::ChannelsLast3d)) << name << ' ' << norm << ' ' << node;
            EXPECT_EQ(maps.scalar_type(), type) << name << ' ' << node;
          }
      }
}

TEST(UNet, PlainHasTheParametersOfNnUNet)
{
  auto spec = Segmenter(3, 32, 5);
  spec.name = "unet-plain";
  spec.normalisation = "instance";
  spec.deepSupervision = true;
  EXPECT_EQ(SizeOf(BuildNetwork(spec), { 64, 64, 64 }).parameters, 31'195'594); // counted in PlainConvUNet of its authors
}

TEST(InstanceNorm, IsThatOfLibTorchForwardAndBackward)
{
  torch::manual_seed(2);
  NetworkSpec spec = Segmenter(3, 4, 1);
  spec.normalisation = "instance";
  GraphNetwork net(spec, cube);
  auto &       weight = net.Parameters().at("encoder1.first_norm.weight"), & bias = net.Parameters().at("encoder1.first_norm.bias");
  {
    const torch::NoGradGuard noGradient;
    weight.uniform_(0.5, 2);
    bias.uniform_(-1, 1);
  }
  std::map<std::string, torch::Tensor> taps{ { "encoder1.first_norm", {} }, { "encoder1.first", {} } };
  net.Forward((torch::randn({ 3, 1, 8, 8, 8 }) * 5 + 2).contiguous(torch::MemoryFormat::ChannelsLast3d), &taps);
  const auto pull = torch::randn({ 3, 4, 8, 8, 8 });
  const auto before = taps.at("encoder1.first").detach().clone().set_requires_grad(true);
  const auto w = weight.detach().clone().set_requires_grad(true), b = bias.detach().clone().set_requires_grad(true);
  const auto expected = torch::instance_norm(before, w, b, {}, {}, true, 0.1, 1e-5, false);
  const auto ours = taps.at("encoder1.first_norm");
  EXPECT_TRUE(torch::allclose(ours, expected, 1e-5, 1e-5));
  (expected * pull).sum().backward();
  taps.at("encoder1.first").retain_grad();
  (ours * pull).sum().backward();
  EXPECT_TRUE(torch::allclose(taps.at("encoder1.first").grad(), before.grad(), 1e-4, 1e-5));
  EXPECT_TRUE(torch::allclose(weight.grad(), w.grad(), 1e-4, 1e-4));
  EXPECT_TRUE(torch::allclose(bias.grad(), b.grad(), 1e-4, 1e-4));
}

// With a sum over one process. Several: Testing/Commands/ProcessesTest.
TEST(BatchNorm, OverProcessesIsThatOfLibTorchForwardAndBackward)
{
  GraphNetwork plain(Segmenter(3, 4, 1), cube), shared(Segmenter(3, 4, 1), cube);
  shared.Load(plain.Arrays(), {});
  int sums = 0;
  shared.ShareStatistics([&](const torch::Tensor &) { ++sums; });
  const auto input = (torch::randn({ 3, 1, 8, 8, 8 }) * 5 + 2).contiguous(torch::MemoryFormat::ChannelsLast3d);
  const auto pull = torch::randn({ 3, 2, 8, 8, 8 });
  const auto one = plain.Forward(input).at("segmentation"), other = shared.Forward(input).at("segmentation");
  EXPECT_TRUE(torch::allclose(one, other, 1e-4, 1e-4));
  const int forward = sums;
  EXPECT_GT(forward, 1);
  (one * pull).sum().backward();
  (other * pull).sum().backward();
  EXPECT_EQ(sums, 2 * forward);
  for (const auto & [name, parameter] : plain.Parameters())
    EXPECT_LT((parameter.grad() - shared.Parameters().at(name).grad()).norm().item<float>(), 1e-3 * (1 + parameter.grad().norm().item<float>())) << name;
  const auto arrays = shared.Arrays();
  for (const auto & [name, array] : plain.Arrays())
    for (std::size_t i = 0; i < array.values.size(); ++i)
      ASSERT_NEAR(array.values[i], arrays.at(name).values[i], 1e-5) << name;
  shared.SetTraining(false);
  shared.Forward(input);
  EXPECT_EQ(sums, 2 * forward) << "fixed statistics need no one else";
}

// What a window computes is what the whole computes, where its voxels see all that they can.
TEST(ReceptiveField, OfAWindowIsThatOfTheWhole)
{
  for (const std::string name : { "unet", "unet-plain", "meshnet" })
  {
    torch::manual_seed(4);
    auto spec = Segmenter(3, 4, 1);
    spec.name = name;
    const auto graph = BuildNetwork(spec);
    const auto reach = ReceptiveFieldOf(graph, "segmentation");
    ASSERT_TRUE(reach.isBounded) << name;
    const auto   size = (3 * reach.radius + 8) / reach.stride * reach.stride, first = (reach.radius / reach.stride) * reach.stride;
    GraphNetwork net(spec, { size, size, size });
    net.SetTraining(false);
    const torch::NoGradGuard noGradient;
    const auto               volume = torch::randn({ 1, 1, size, size, size });
    const auto               part = size - first;
    const auto window = [&](torch::Tensor t) { return t.narrow(2, first, part).narrow(3, first, part).narrow(4, first, part); };
    const auto whole = window(net.Forward(volume).at("segmentation"));
    const auto alone = net.Forward(window(volume).contiguous()).at("segmentation");
    const auto inner = [&](const torch::Tensor & t, std::int64_t margin) { return t.narrow(2, margin, part - margin).narrow(3, margin, part - margin).narrow(4, margin, part - margin); };
    EXPECT_LT((inner(whole, reach.radius) - inner(alone, reach.radius)).abs().max().item<float>(), 1e-4) << name;
    EXPECT_GT((inner(whole, 0) - inner(alone, 0)).abs().max().item<float>(), 1e-4) << name;
  }
}

TEST(GivenMaps, ReplaceWhatTheyWereComputedFrom)
{
  for (const std::string name : { "unet-classifier", "resnet18", "alexnet", "googlenet" })
  {
    auto spec = Classifier(NetworkSpec::Attachment::Decoder1, 2);
    spec.name = name;
    const Extent input{ 64, 64, 1 };
    GraphNetwork net(spec, input);
    net.SetTraining(false);
    const torch::NoGradGuard noGradient;
    const auto               images = torch::randn({ 2, 1, 64, 64 });
    const auto               expected = net.Forward(images).at("classes");
    const auto               layers = net.Graph().Layers();
    for (std::size_t count = 1; count <= layers.size(); count += 2)
    {
      const auto            frontier = net.Frontier({ layers.begin(), layers.begin() + std::ptrdiff_t(count) });
      GraphNetwork::Tensors given;
      for (const auto & node : frontier)
        given.emplace(node, torch::Tensor());
      ASSERT_FALSE(given.empty()) << name;
      net.Forward(images, &given);
      EXPECT_TRUE(torch::equal(net.Forward({}, nullptr, &given).at("classes"), expected)) << name << ", " << count << " layers";
    }
    EXPECT_TRUE(net.Frontier({ layers.back() }).empty()) << "not the beginning";
  }
}

TEST(BatchNorm, MayBecomePartOfTheConvolution)
{
  for (const std::string name : { "unet-classifier", "resnet18" })
  {
    torch::manual_seed(3);
    auto spec = Classifier(NetworkSpec::Attachment::Decoder1);
    spec.name = name;
    GraphNetwork net(spec, { 32, 32, 32 });
    const auto   input = torch::randn({ 2, 1, 32, 32, 32 });
    for (int step = 0; step < 3; ++step) // statistics other than 0 and 1
      net.Forward(input * 3 + 1);
    net.SetTraining(false);
    const auto before = net.Forward(input).at("classes");
    net.FoldNormalisations();
    EXPECT_LT((net.Forward(input).at("classes") - before).abs().max().item<float>(), 1e-4 * before.abs().max().item<float>()) << name;
  }
}

class PublishedWeights : public testing::TestWithParam<std::pair<std::string, NetworkSpec>>
{};

torch::Tensor TensorOf(const TensorFile::Array & array)
{
  return torch::from_blob(const_cast<float *>(array.values.data()), array.shape, torch::kFloat).clone();
}

// What PyTorch computes from the same file with its own operations (make-parity.py).
TEST_P(PublishedWeights, GiveTheOutputsOfPyTorch)
{
  const std::filesystem::path root = SERVAL_SOURCE_DIRECTORY;
  const auto & [files, spec] = GetParam();
  const auto parity = TensorFile::Read(root / "Modules/Network/test/data" / (files + "-parity.safetensors"));
  const auto input = TensorOf(parity.arrays.at("input")), expected = TensorOf(parity.arrays.at("output"));
  const auto size = input.sizes();
  const Extent patch{ size.back(), size[size.size() - 2], spec.dimension == 3 ? size[2] : 1 };
  const auto   file = root / "Data/weights" / (files == "resnet20" ? "resnet20-cifar10.th" : "meshnet-brain-t1.pth");
  GraphNetwork net(spec, patch);
  const auto   fitted = FitWeights(Renamed(TorchFile::Read(file).arrays, KnownNameMap(spec.name)), spec, patch, {});
  EXPECT_EQ(net.Load(fitted.arrays, {}).share, 1);
  net.SetTraining(false);
  const torch::NoGradGuard noGradient;
  const auto               output = net.Forward(input).begin()->second;
  ASSERT_EQ(output.sizes(), expected.sizes());
  EXPECT_LT((output - expected).abs().max().item<float>(), 1e-5 * expected.abs().max().item<float>());
}

NetworkSpec SpecOf(const std::string & name, int dimension, int channels, int classes, int segmentationClasses, int filters)
{
  NetworkSpec spec;
  spec.name = name;
  spec.dimension = dimension;
  spec.channels = channels;
  spec.classes = classes;
  spec.segmentationClasses = segmentationClasses;
  spec.filters = filters;
  return spec;
}

INSTANTIATE_TEST_SUITE_P(Files, PublishedWeights,
                         testing::Values(std::pair{ std::string("resnet20"), SpecOf("resnet20-cifar", 2, 3, 10, 0, 8) },
                                         std::pair{ std::string("meshnet"), SpecOf("meshnet-20", 3, 1, 0, 3, 15) }),
                         [](const auto & info) { return info.param.first; });

// Every network in 2D and 3D on a small input: shapes as the graph says, gradients in every array, all of them against
// differences.
class EveryNetwork : public testing::TestWithParam<std::tuple<std::string, int>>
{
protected:
  static int EdgeOf(const std::string & name, int dimension)
  {
    const bool isLarge = name == "alexnet" || name == "alexnet-ungrouped" || name == "caffenet" || name == "alexnet-one-tower";
    if (name == "densenet121")
      return 32;
    if (name == "resnet50" && dimension == 2)
      return 64;
    if (name.starts_with("googlenet"))
      return dimension == 2 ? 80 : 48;
    return isLarge ? 67 : name.starts_with("vgg") || name == "cnn-f" ? (name == "vgg-m" || name == "cnn-f" ? 75 : 32) : 16;
  }
};

TEST_P(EveryNetwork, ComputesItsGraphAndLearnsInEveryLayer)
{
  const auto & [name, dimension] = GetParam();
  const bool isSegmenter = name == "unet" || name == "unet-plain" || name == "unet-cicek" || name.starts_with("meshnet");
  auto       spec = SpecOf(name, dimension, 2, isSegmenter || name == "autoencoder" ? 0 : 3, isSegmenter ? 3 : 0, 4);
  if (name == "unet-classifier")
    spec.attachment = NetworkSpec::Attachment::Decoder1;
  const int    edge = EdgeOf(name, dimension);
  const Extent patch{ edge, edge, dimension == 3 ? edge : 1 };
  if (SizeOf(BuildNetwork(spec), patch).parameters > 40'000'000 || (dimension == 3 && edge > 32))
    GTEST_SKIP() << "too large for a test: its graph is tested in 2D or by its published counts";
  torch::manual_seed(1);
  GraphNetwork              net(spec, patch);
  // Batch norm over two numbers, where maps shrink to one voxel, would be a step.
  const bool                isSmallAtTheEnd = name.starts_with("resnet") || name == "densenet121" || name == "googlenet-bn";
  const std::int64_t        batch = isSmallAtTheEnd ? 8 : 2;
  std::vector<std::int64_t> shape{ batch, 2 };
  shape.insert(shape.end(), static_cast<std::size_t>(dimension), edge);
  const auto input = torch::randn(shape);
  const auto shapes = net.Graph().Shapes(patch);
  // The same dropout at every call.
  const auto sumOfSquares = [&] {
    torch::manual_seed(7);
    auto loss = torch::zeros({}, torch::kDouble);
    for (const auto & [output, value] : net.Forward(input))
    {
      const auto & said = shapes[static_cast<std::size_t>(net.Graph().outputs.at(output))];
      EXPECT_EQ(value.numel(), batch * said.Count()) << output;
      EXPECT_EQ(value.size(1), said.maps) << output;
      loss = loss + value.to(torch::kDouble).square().mean();
    }
    return loss;
  };
  const auto loss = sumOfSquares();
  loss.backward();
  double squares = 0;
  for (const auto & [array, parameter] : net.Parameters())
  {
    ASSERT_TRUE(parameter.grad().defined()) << array;
    EXPECT_TRUE(parameter.grad().isfinite().all().item<bool>()) << array;
    squares += parameter.grad().square().sum().item<double>();
  }
  // Along its gradient the loss must rise as fast as the gradient is long: for one of some steps, between those that bend
  // and those that drown in rounding.
  const torch::NoGradGuard noGradient;
  const double             length = std::sqrt(squares);
  ASSERT_TRUE(std::isfinite(length));
  const auto moved = [&](double by) {
    for (auto & [array, parameter] : net.Parameters())
      parameter.add_(parameter.grad(), by / length);
    return sumOfSquares().item<double>();
  };
  double best = 0;
  for (const double change : { 1e-2, 3e-3, 1e-3, 3e-4, 1e-4 })
  {
    const double step = change * loss.item<double>() / length, ahead = moved(step), behind = moved(-2 * step);
    moved(step);
    const double slope = (ahead - behind) / (2 * step);
    best = std::abs(slope - length) < std::abs(best - length) ? slope : best;
  }
  EXPECT_NEAR(best, length, 0.03 * length);
}

INSTANTIATE_TEST_SUITE_P(Networks, EveryNetwork, testing::Combine(testing::ValuesIn(NetworkNames()), testing::Values(2, 3)),
                         [](const auto & info) {
                           std::string text = std::get<0>(info.param) + std::to_string(std::get<1>(info.param)) + "D";
                           std::replace(text.begin(), text.end(), '-', '_');
                           return text;
                         });

} // namespace
} // namespace serval
