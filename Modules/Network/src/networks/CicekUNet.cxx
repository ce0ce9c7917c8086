#include "Networks.h"

#include <array>

namespace serval::networks
{

/// Cicek 2016: maps double before each pooling, up-convolutions keep their number and have no bias. 32 maps at first, as
/// published, where `filters` is left at 8; else `filters`. Padded here, so that the output has the size of the input.
LayerGraph CicekUNet(const NetworkSpec & spec)
{
  GraphBuilder g(spec.dimension, spec.channels);
  const int    base = spec.filters == NetworkSpec().filters ? 32 : spec.filters;
  const auto   unit = [&](const std::string & name, int from, int maps) {
    return g.Activate(name + "_relu", NormaliseBy(g, spec.normalisation, name, g.Convolve(name, from, maps, { 3, 1, 1 }), maps));
  };
  const auto level = [&](const std::string & name, int from, int first, int second) { return unit(name + ".second", unit(name + ".first", from, first), second); };

  std::array<int, 3> skips{};
  int                at = g.Input(), maps = base;
  for (int i = 1; i <= 3; ++i, maps *= 2)
  {
    const auto name = "encoder" + std::to_string(i);
    skips[static_cast<std::size_t>(i - 1)] = level(name, at, maps, 2 * maps);
    at = g.Pool(name + ".pool", skips[static_cast<std::size_t>(i - 1)], Operation::MaxPool, { 2, 2, 0 });
  }
  at = level("bottleneck", at, maps, 2 * maps);
  for (int i = 3; i >= 1; --i, maps /= 2)
  {
    const auto name = "decoder" + std::to_string(i);
    const int  up = g.ConvolveUp(name + ".up", at, 2 * maps, { 2, 2, 0 }, false);
    at = level(name, g.Join(name + ".join", { skips[static_cast<std::size_t>(i - 1)], up }), maps, maps);
  }
  return g.Finish({ { "segmentation", g.Convolve("head", at, spec.segmentationClasses, { 1, 1, 0 }) } });
}

} // namespace serval::networks
