#include "AugmentTensor.h"

#include <torch/utils.h>

#include <algorithm>

namespace serval
{
namespace
{

// [-1, 1] over an axis; 0 where it has one voxel.
torch::Tensor Units(std::int64_t edge, const torch::TensorOptions & options)
{
  return edge > 1 ? torch::linspace(-1, 1, edge, options) : torch::zeros({ 1 }, options);
}

// [edge, knots]: weights of all control points.
torch::Tensor Spline(std::int64_t edge, const torch::TensorOptions & options)
{
  const auto row = SplineWeights(edge);
  auto       weights = torch::zeros({ edge, SampleAugmentation::knots }, torch::kFloat);
  for (std::int64_t i = 0; i < edge; ++i)
    for (int k = 0; k < 4; ++k)
      weights[i][row.first[std::size_t(i)] + k] = row.weights[std::size_t(i)][std::size_t(k)];
  return weights.to(options.device());
}

// Source coordinates x, y, z of every voxel, each [Z,Y,X].
std::array<torch::Tensor, 3> Coordinates(const SampleAugmentation & s, const std::array<std::int64_t, 3> & edge, const torch::TensorOptions & options)
{
  std::array<torch::Tensor, 3> offset, source;
  for (std::size_t i = 0; i < 3; ++i)
  {
    std::array<std::int64_t, 3> shape{ 1, 1, 1 };
    shape[2 - i] = edge[i];
    offset[i] = (torch::arange(edge[i], options) - double(edge[i] - 1) / 2).reshape(shape);
  }
  for (std::size_t i = 0; i < 3; ++i)
    source[i] = double(edge[i] - 1) / 2 + s.shift[i] + s.matrix[3 * i] * offset[0] + s.matrix[3 * i + 1] * offset[1] + s.matrix[3 * i + 2] * offset[2];
  if (!s.elastic.empty())
  {
    constexpr int knots = SampleAugmentation::knots;
    const auto    control = torch::from_blob(const_cast<float *>(s.elastic.data()), { 3, knots, knots, knots }, torch::kFloat).to(options.device());
    const auto    moved = torch::einsum("azyx,kz,jy,ix->akji", { control, Spline(edge[2], options), Spline(edge[1], options), Spline(edge[0], options) });
    for (std::size_t i = 0; i < 3; ++i)
      source[i] = source[i] + moved[std::int64_t(i)];
  }
  for (std::size_t i = 0; i < 3; ++i)
    source[i] = source[i].expand({ edge[2], edge[1], edge[0] }).clamp(0, double(edge[i] - 1));
  return source;
}

torch::Tensor Interpolated(const torch::Tensor & image, const std::array<torch::Tensor, 3> & at, const std::array<std::int64_t, 3> & edge)
{
  const auto                   flat = image.reshape({ image.size(0), -1 });
  std::array<torch::Tensor, 3> low, share;
  for (std::size_t i = 0; i < 3; ++i)
  {
    low[i] = at[i].to(torch::kLong);
    share[i] = at[i] - low[i].to(torch::kFloat);
  }
  torch::Tensor sum;
  for (int corner = 0; corner < 8; ++corner)
  {
    std::array<torch::Tensor, 3> index;
    torch::Tensor                weight = torch::ones_like(share[0]);
    for (std::size_t i = 0; i < 3; ++i)
    {
      const bool isUpper = (corner >> i) & 1;
      index[i] = isUpper ? (low[i] + 1).clamp_max(edge[i] - 1) : low[i];
      weight = weight * (isUpper ? share[i] : 1 - share[i]);
    }
    const auto values = flat.index_select(1, ((index[2] * edge[1] + index[1]) * edge[0] + index[0]).reshape({ -1 })).reshape({ image.size(0), edge[2], edge[1], edge[0] });
    sum = sum.defined() ? sum + values * weight : values * weight;
  }
  return sum;
}

torch::Tensor WithGamma(const torch::Tensor & image, double gamma, const torch::Tensor & low, const torch::Tensor & range)
{
  const auto curve = torch::tensor(GammaCurve(gamma)).to(image.device());
  const auto t = ((image - low) / range).clamp(0, 1) * 4096;
  const auto k = t.to(torch::kLong);
  const auto a = curve.index_select(0, k.reshape({ -1 })).reshape(k.sizes()), b = curve.index_select(0, (k + 1).reshape({ -1 })).reshape(k.sizes());
  return low + range * (a + (t - k.to(torch::kFloat)) * (b - a));
}

torch::Tensor BiasField(const SampleAugmentation & s, const std::array<std::int64_t, 3> & edge, const torch::TensorOptions & options)
{
  const auto u = Units(edge[0], options).reshape({ 1, 1, -1 }), v = Units(edge[1], options).reshape({ 1, -1, 1 }), w = Units(edge[2], options).reshape({ -1, 1, 1 });
  const auto legendre = [](const torch::Tensor & t) { return 1.5 * t * t - 0.5; };
  const auto & b = s.bias;
  return 1 + b[0] * u + b[1] * v + b[2] * w + b[3] * legendre(u) + b[4] * legendre(v) + b[5] * legendre(w) + b[6] * u * v + b[7] * u * w + b[8] * v * w;
}

torch::Tensor Blurred(torch::Tensor image, double sigma)
{
  const auto kernel = GaussianKernel(sigma);
  const auto radius = std::int64_t(kernel.size() / 2);
  for (std::int64_t axis = 1; axis < 4; ++axis)
  {
    const auto    edge = image.size(axis);
    torch::Tensor sum;
    for (std::int64_t k = -radius; edge > 1 && k <= radius; ++k)
    {
      const auto places = (torch::arange(edge, torch::TensorOptions(image.device()).dtype(torch::kLong)) + k).clamp(0, edge - 1);
      const auto part = image.index_select(axis, places) * kernel[std::size_t(k + radius)];
      sum = sum.defined() ? sum + part : part;
    }
    image = sum.defined() ? sum : image;
  }
  return image;
}

// The hash of HashedNoise in 64-bit integers.
torch::Tensor Hashed(torch::Tensor x)
{
  const auto shifted = [](const torch::Tensor & t, int by) { return torch::bitwise_right_shift(t, by); };
  const auto whole = [](const torch::Tensor & t) { return torch::bitwise_and(t, 0xffffffffLL); };
  x = torch::bitwise_xor(x, shifted(x, 16));
  x = whole(x * 0x7feb352dLL);
  x = torch::bitwise_xor(x, shifted(x, 15));
  x = whole(x * 0x846ca68bLL);
  return torch::bitwise_xor(x, shifted(x, 16));
}

torch::Tensor NoiseField(std::uint32_t seed, std::int64_t count, const torch::Device & device)
{
  const auto place = torch::arange(count, torch::TensorOptions(device).dtype(torch::kLong)) * 2;
  const auto a = Hashed(torch::bitwise_xor(place, std::int64_t(seed))), b = Hashed(torch::bitwise_xor(a, place + 1));
  auto       sum = torch::zeros_like(place);
  for (const auto & hash : { a, b })
    for (int byte = 0; byte < 4; ++byte)
      sum = sum + torch::bitwise_and(torch::bitwise_right_shift(hash, 8 * byte), 0xff);
  return (sum.to(torch::kFloat) - 1020) * 0.00478420;
}

} // namespace

std::pair<torch::Tensor, torch::Tensor> AugmentTensor(const SampleAugmentation & s, const torch::Tensor & image, const torch::Tensor & labels)
{
  const bool                        isFlat = image.dim() == 3;
  auto                              maps = isFlat ? image.unsqueeze(1) : image; // [C,Z,Y,X]
  const std::array<std::int64_t, 3> edge{ maps.size(3), maps.size(2), maps.size(1) };
  const auto                        options = maps.options().dtype(torch::kFloat);
  const auto                        low = maps.amin({ 1, 2, 3 }, true), range = (maps.amax({ 1, 2, 3 }, true) - low).clamp_min(1e-12);
  auto                              moved = labels;
  if (s.MovesVoxels())
  {
    const auto at = Coordinates(s, edge, options);
    maps = Interpolated(maps, at, edge);
    if (labels.defined())
    {
      const auto nearest = [&](std::size_t i) { return (at[i] + 0.5).to(torch::kLong); };
      moved = labels.reshape({ -1 }).index_select(0, ((nearest(2) * edge[1] + nearest(1)) * edge[0] + nearest(0)).reshape({ -1 })).reshape(labels.sizes());
    }
  }
  if (s.gamma != 1)
    maps = WithGamma(maps, s.gamma, low, range);
  if (s.HasBias())
    maps = low + (maps - low) * BiasField(s, edge, options);
  maps = maps * s.contrast + s.brightness;
  if (s.blur > 0.05)
    maps = Blurred(maps, s.blur);
  for (std::int64_t c = 0; s.noise > 0 && c < maps.size(0); ++c)
    maps.select(0, c).add_(NoiseField(s.noiseSeed + std::uint32_t(c), maps[c].numel(), maps.device()).reshape(maps[c].sizes()), s.noise);
  if (s.cutSize.Voxels() > 0)
    maps.slice(1, s.cutFirst.z, s.cutFirst.z + s.cutSize.z).slice(2, s.cutFirst.y, s.cutFirst.y + s.cutSize.y).slice(3, s.cutFirst.x, s.cutFirst.x + s.cutSize.x).zero_();
  return { isFlat ? maps.squeeze(1) : maps, moved };
}

} // namespace serval
