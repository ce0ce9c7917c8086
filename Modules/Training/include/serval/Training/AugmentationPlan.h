#pragma once

#include "serval/Core/Geometry.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace serval
{

/// How patches are varied while a network learns from them: the largest change of each kind, 0 for none. Each kind but flips
/// takes part with `probability`, and its size is drawn evenly; image and labels move alike. One interpolation does all that
/// moves voxels; outside of the patch stands its nearest voxel.
struct AugmentationPlan
{
  double flip = 0;          ///< probability of a mirror image along each axis
  double rotate = 0;        ///< degrees about each axis, in physical space; in 2D about the normal
  double zoom = 0;          ///< factors from 1 / (1 + zoom) to 1 + zoom
  double shift = 0;         ///< voxels along each axis
  double elastic = 0;       ///< voxels; cubic B-splines through a coarse grid of drawn displacements
  double gamma = 0;         ///< exponents from 1 / (1 + gamma) to 1 + gamma, on the patch's own range
  double brightness = 0;    ///< added, in units of the input
  double contrast = 0;      ///< factors from 1 / (1 + contrast) to 1 + contrast, about 0
  double biasField = 0;     ///< amplitude of a smooth factor of the distance from the patch's least value; its mean is 1
  double blur = 0;          ///< standard deviation of a Gaussian, voxels
  double noise = 0;         ///< standard deviation, in units of the input
  double cutout = 0;        ///< share of each edge of a box that becomes 0; labels stay
  double probability = 0.5; ///< of each kind but flips

  bool IsOff() const;
  /// Fault::Usage naming the value out of range.
  void        Check() const;
  std::string ToText() const;
  /// none, light (flips, small rotations and zooms, noise) or full (all kinds); Fault::Usage for another word.
  static AugmentationPlan Preset(const std::string & name);
};

/// One sample's numbers, drawn once and used by both engines.
struct SampleAugmentation
{
  static constexpr int knots = 7; ///< control displacements along an axis: four intervals of the patch

  std::array<double, 9> matrix{ 1, 0, 0, 0, 1, 0, 0, 0, 1 }; ///< voxel offsets from the centre of the result -> of the source; x, y, z
  std::array<double, 3> shift{};
  std::vector<float>    elastic;                              ///< [3, knots^3] (x fastest), voxels; empty: none
  double                gamma = 1, brightness = 0, contrast = 1, blur = 0, noise = 0;
  std::array<double, 9> bias{};                               ///< of x, y, z, P2(x), P2(y), P2(z), xy, xz, yz over [-1, 1]^3
  Extent                cutFirst{ 0, 0, 0 }, cutSize{ 0, 0, 0 };
  std::uint32_t         noiseSeed = 0;

  bool MovesVoxels() const;
  bool HasBias() const;
};

/// Depends on its arguments alone: the seed, which draw of the run it is, and the patch.
SampleAugmentation DrawAugmentation(const AugmentationPlan & plan, const Extent & patch, const Spacing & spacing, std::uint64_t seed, std::uint64_t draw,
                                    std::uint64_t index);

/// The engine for a loader's thread: one sample [channels, z, y, x] and, where there are any, its labels [z, y, x]. All
/// results are written; nothing is read from them.
void Augment(const SampleAugmentation & sample, const Extent & patch, int channels, std::span<const float> image, std::span<float> result,
             std::span<const std::uint8_t> labels = {}, std::span<std::uint8_t> resultLabels = {});

/// Entries of the curve of a gamma over [0, 1], between which both engines interpolate.
std::vector<float> GammaCurve(double gamma);

/// About normal with mean 0 and deviation 1: the sum of eight bytes of a hash of seed and place (Irwin-Hall).
float HashedNoise(std::uint32_t seed, std::uint32_t place);

/// Weights of a Gaussian at offsets -r .. r, of sum 1; r = ceil(3 sigma).
std::vector<float> GaussianKernel(double sigma);

/// Cubic B-spline weights of the four control points that a voxel lies between, from the first: [edge, 4], and that first.
struct SplineRow
{
  std::vector<std::array<float, 4>> weights;
  std::vector<int>                  first;
};
SplineRow SplineWeights(std::int64_t edge);

} // namespace serval
