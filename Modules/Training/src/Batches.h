#pragma once

#include "serval/Cache/PatchCache.h"

#include <torch/types.h>

#include <random>
#include <string>
#include <vector>

namespace serval
{

/// The layout in which convolutions are fast: channels last, in 2D or 3D.
torch::MemoryFormat FastLayout(int dimension);

/// One batch on the device; what a task does not need is undefined.
struct Batch
{
  torch::Tensor              plain;        ///< images in float32, contiguous
  torch::Tensor              images;       ///< the network's input in its type, in the fast layout
  torch::Tensor              segmentation; ///< [N,(Z,)Y,X], int64
  torch::Tensor              classes;      ///< [N], int64
  std::vector<torch::Tensor> further;      ///< the input of each teacher, then the kept maps of frozen layers

  std::vector<torch::Tensor> Tensors() const;
  static Batch               Of(const std::vector<torch::Tensor> & tensors);
  std::int64_t               Size() const;
  /// Samples first .. first + count - 1.
  Batch Part(std::int64_t first, std::int64_t count) const;
};

/// Patches as a tensor [N,C,(Z,)Y,X] in native axis order, normalised, in the fast layout of the device.
torch::Tensor LoadImages(const PatchCache & cache, const std::vector<std::size_t> & patches, const IntensityPlan & plan,
                         int dimension, torch::Device device, torch::ScalarType type);
/// Labels [N,(Z,)Y,X], uint8, on the host, to be copied to a device.
torch::Tensor LoadSegmentations(const PatchCache & cache, const std::vector<std::size_t> & patches, int dimension, torch::Device device);
torch::Tensor LoadClasses(const PatchCache & cache, const std::vector<std::size_t> & patches, torch::Device device);

/// Endless batches: all patches in a random order, then again in another; each batch of one step depends on the seed
/// and the step alone.
class BatchStream
{
public:
  BatchStream(std::vector<std::size_t> patches, std::size_t batch, std::uint64_t seed);
  std::vector<std::size_t> Next();
  /// Order, position and random numbers, as text.
  std::string State() const;
  /// Fault::Input when the text is no state of these patches.
  void        SetState(const std::string & state);

private:
  std::vector<std::size_t> m_Patches;
  std::size_t              m_Batch, m_At;
  std::mt19937_64          m_Random;
};

} // namespace serval
