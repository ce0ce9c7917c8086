#include "Saliency.h"

#include "Batches.h"
#include "serval/Core/Error.h"
#include "serval/Core/Random.h"
#include "serval/Core/Text.h"

#include <torch/autograd.h>
#include <torch/utils.h>

#include <algorithm>
#include <cmath>

namespace serval
{
namespace
{

using Method = SaliencyRequest::Method;

/// Maps of one network; the class is given.
class Mapper
{
public:
  Mapper(GraphNetwork net, const SaliencyRequest & request, const Extent & patch)
    : m_Net(std::move(net))
    , m_Request(request)
    , m_Layer(request.layer.empty() ? LastLayerWithSpace(patch) : request.layer)
  {}

  torch::Tensor Logits(const torch::Tensor & images) { return m_Net.Forward(images).at("classes").to(torch::kFloat); }

  /// [(Z,)Y,X] of one image [1,C,(Z,)Y,X].
  torch::Tensor Map(const torch::Tensor & image, int classIndex, const Spacing & spacing, const torch::Tensor & logits)
  {
    switch (m_Request.method)
    {
      case Method::GradCam: return GradCam(image, classIndex);
      case Method::IntegratedGradients: return Integrated(image, classIndex);
      case Method::GuidedBackpropagation: return Guided(image, classIndex);
      case Method::Occlusion: break;
    }
    return Occluded(image, classIndex, spacing, torch::softmax(logits, 1).select(1, classIndex));
  }

private:
  std::string LastLayerWithSpace(const Extent & patch) const
  {
    const auto  shapes = m_Net.Graph().Shapes(patch);
    std::string last;
    for (std::size_t i = 1; i < shapes.size(); ++i)
      if (const auto layer = LayerOf(m_Net.Graph().nodes[i]); layer != "classifier" && !shapes[i].isFlat && shapes[i].space.Voxels() > 1)
        last = layer;
    Require(!last.empty(), Fault::Usage, "no layer of the network has maps with space; another method is needed");
    return last;
  }

  torch::Tensor GradCam(const torch::Tensor & image, int classIndex)
  {
    const auto            input = image.detach().requires_grad_(true);
    GraphNetwork::Tensors taps{ { m_Layer, {} } };
    const auto            logit = m_Net.Forward(input, &taps).at("classes").to(torch::kFloat).select(1, classIndex).sum();
    const auto            maps = taps.at(m_Layer);
    Require(maps.dim() > 2, Fault::Usage, "the layer '", m_Layer, "' has no maps with space");
    const auto gradient = torch::autograd::grad({ logit }, { maps })[0];
    const auto weights = gradient.flatten(2).mean(2).view({ maps.size(0), maps.size(1) }).unsqueeze(-1);
    const auto cam = (weights * maps.flatten(2)).sum(1).relu().view(maps.sizes().slice(2)).unsqueeze(0).unsqueeze(0).detach();
    const auto size = image.sizes().slice(2).vec();
    return (image.dim() == 5 ? torch::upsample_trilinear3d(cam, size, false) : torch::upsample_bilinear2d(cam, size, false))[0][0];
  }

  // The mean over the middle points of the steps.
  torch::Tensor Integrated(const torch::Tensor & image, int classIndex)
  {
    torch::Tensor sum = torch::zeros_like(image);
    for (int step = 0; step < m_Request.steps; ++step)
    {
      const auto input = (image * ((step + 0.5) / m_Request.steps)).detach().requires_grad_(true);
      sum += torch::autograd::grad({ Logits(input).select(1, classIndex).sum() }, { input })[0];
    }
    return (image * sum / m_Request.steps).sum(1)[0];
  }

  // A rectifier's own gradient already stops where its output is 0; what comes back to it is cut below 0 besides.
  torch::Tensor Guided(const torch::Tensor & image, int classIndex)
  {
    const auto            input = image.detach().requires_grad_(true);
    GraphNetwork::Tensors rectified;
    for (const auto & node : m_Net.Graph().nodes)
      if (node.operation == Operation::Relu || node.operation == Operation::LeakyRelu)
        rectified["=" + node.name];
    Require(!rectified.empty(), Fault::Usage, "the network has no rectifiers; another method than guided backpropagation is needed");
    const auto logit = m_Net.Forward(input, &rectified).at("classes").to(torch::kFloat).select(1, classIndex).sum();
    for (auto & [name, maps] : rectified)
      maps.register_hook([](const torch::Tensor & gradient) { return gradient.clamp_min(0); });
    return torch::autograd::grad({ logit }, { input })[0].abs().sum(1)[0];
  }

  torch::Tensor Occluded(const torch::Tensor & image, int classIndex, const Spacing & spacing, const torch::Tensor & whole)
  {
    const torch::NoGradGuard  noGradient;
    const auto                size = image.sizes().slice(2).vec();
    const auto                axes = size.size();
    const std::array<double, 3> mm{ m_Request.box.z, m_Request.box.y, m_Request.box.x }, edge{ spacing.z, spacing.y, spacing.x };
    std::vector<std::int64_t> box;
    for (std::size_t axis = 0; axis < axes; ++axis)
    {
      const auto wanted = mm[3 - axes + axis] > 0 ? mm[3 - axes + axis] / edge[3 - axes + axis] : double(size[axis]) / 4;
      box.push_back(std::clamp<std::int64_t>(std::llround(wanted), 1, size[axis]));
    }
    auto loss = torch::zeros(size), count = torch::zeros(size);
    std::vector<std::int64_t> at(axes, 0);
    for (bool isMore = true; isMore; isMore = Advance(at, box, size))
    {
      auto       hidden = image.clone();
      const auto region = [&](torch::Tensor maps, std::size_t first) {
        for (std::size_t axis = 0; axis < axes; ++axis)
          maps = maps.narrow(static_cast<std::int64_t>(first + axis), at[axis], std::min(box[axis], size[axis] - at[axis]));
        return maps;
      };
      region(hidden, 2).zero_();
      const auto lost = (whole - torch::softmax(Logits(hidden), 1).select(1, classIndex)).item<float>();
      region(loss, 0).add_(lost);
      region(count, 0).add_(1);
    }
    return loss / count.clamp_min(1);
  }

  // By half a box, the last axis fastest; false after the last place.
  static bool Advance(std::vector<std::int64_t> & at, const std::vector<std::int64_t> & box, const std::vector<std::int64_t> & size)
  {
    for (std::size_t axis = at.size(); axis-- > 0;)
    {
      if (at[axis] + box[axis] < size[axis])
      {
        at[axis] += std::max<std::int64_t>(1, box[axis] / 2);
        return true;
      }
      at[axis] = 0;
    }
    return false;
  }

  GraphNetwork            m_Net;
  const SaliencyRequest & m_Request;
  std::string             m_Layer;
};

torch::Tensor Ranks(const torch::Tensor & values) { return values.flatten().argsort().argsort().to(torch::kDouble); }

// Spearman's; 0 where one map is flat.
double RankCorrelation(const torch::Tensor & a, const torch::Tensor & b)
{
  if (a.max().item<float>() == a.min().item<float>() || b.max().item<float>() == b.min().item<float>())
    return 0;
  const auto x = Ranks(a), y = Ranks(b), dx = x - x.mean(), dy = y - y.mean();
  return ((dx * dy).sum() / (dx.square().sum() * dy.square().sum()).sqrt()).item<double>();
}

GraphNetwork WithRandomWeights(const ModelFile & model, const SaliencyRequest & request, const ChosenDevice & chosen)
{
  torch::manual_seed(DeriveSeed(request.seed, { "random weights" }));
  GraphNetwork net(model.network, model.patch);
  net.SetTraining(false);
  net.Place(chosen.device);
  return net;
}

} // namespace

std::vector<SaliencyMap> MapSaliency(const PatchCache & cache, const std::vector<std::size_t> & patches, const ModelFile & model,
                                     const SaliencyRequest & request, const Computing & computing, Progress & progress)
{
  Require(request.steps > 0 && request.classIndex < model.network.classes, Fault::Usage, "the model has ", model.network.classes,
          " classes; class ", request.classIndex, " in ", request.steps, " steps was asked for");
  auto whole = computing;
  whole.precision = "float32"; // gradients of small differences
  const auto chosen = ChooseDevice(whole);
  Mapper     trained(Restore(model, chosen), request, model.patch), random(WithRandomWeights(model, request, chosen), request, model.patch);
  std::vector<SaliencyMap> maps;
  for (std::size_t i = 0; i < patches.size(); ++i)
  {
    const auto  image = LoadImages(cache, { patches[i] }, model.intensity, model.network.dimension, chosen.device, torch::kFloat);
    const auto  spacing = cache.Patches()[patches[i]].geometry.spacing;
    const auto  logits = trained.Logits(image).detach();
    SaliencyMap one;
    one.classIndex = request.classIndex >= 0 ? request.classIndex : logits.argmax(1).item<int>();
    one.probability = torch::softmax(logits, 1)[0][one.classIndex].item<float>();
    const auto map = trained.Map(image, one.classIndex, spacing, logits).to(torch::kCPU, torch::kFloat).contiguous();
    if (request.method == Method::IntegratedGradients)
      one.completeness = map.sum().item<double>() / (logits - trained.Logits(torch::zeros_like(image)).detach())[0][one.classIndex].item<double>();
    one.randomised = RankCorrelation(map.abs(), random.Map(image, one.classIndex, spacing, random.Logits(image).detach()).to(torch::kCPU, torch::kFloat).abs());
    one.values.assign(map.const_data_ptr<float>(), map.const_data_ptr<float>() + map.numel());
    maps.push_back(std::move(one));
    progress.Report(double(i + 1) / double(patches.size()), Concat("Patch ", i + 1, " of ", patches.size()));
  }
  return maps;
}

} // namespace serval
