#pragma once

#include "serval/Cache/PatchCache.h"
#include "serval/Core/Progress.h"
#include "serval/Network/ModelFile.h"
#include "serval/Network/TransferPlan.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace serval
{

/// Where and how tensors are computed. `precision`: auto | float32 | bfloat16 (parameters stay float32).
struct Computing
{
  std::string device = "auto";
  std::string precision = "auto";
  int         threads = 0; ///< 0: all cores
};

/// One stage: a network is trained on some patches of a cache.
struct TrainRequest
{
  enum class Task
  {
    Segmentation,  ///< soft Dice + cross-entropy on the cache's segmentation
    Classification ///< cross-entropy on the patches' classes
  };
  Task                       task = Task::Classification;
  NetworkSpec                network;
  IntensityPlan              intensity;
  std::vector<std::size_t>   patches; ///< of the cache; each is drawn once before any is drawn again
  const ModelFile *          source = nullptr;
  TransferPlan               plan;
  int                        steps = 150, batch = 24;
  double                     learningRate = 1e-3, weightDecay = 0;
  std::uint64_t              seed = 1;
  Computing                  computing;
};

struct CurvePoint
{
  int    step = 0;
  double loss = 0, accuracy = 0; ///< means since the last point; accuracy of voxels or of patches
};

struct TrainResult
{
  std::map<std::string, TensorFile::Array> arrays;
  std::vector<CurvePoint>                  curve;
  std::optional<LoadReport>                load;
  std::string                              device, precision;
  double                                   seconds = 0;
};

/// The tensor half of Serval, behind std types only.
class Learning
{
public:
  virtual ~Learning() = default;
  /// Fault::Environment when the device is not there.
  virtual TrainResult Train(const PatchCache & cache, const TrainRequest & request, Progress & progress) const = 0;
  /// Class probabilities, patch after patch.
  virtual std::vector<float> Predict(const PatchCache & cache, const std::vector<std::size_t> & patches, const ModelFile & model,
                                     const Computing & computing, Progress & progress) const = 0;
  /// Global averages of the named layers' maps: layer -> rows of features. Fault::Usage for an unknown layer.
  virtual std::map<std::string, std::vector<float>> Features(const PatchCache & cache, const std::vector<std::size_t> & patches,
                                                             const ModelFile & model, const std::vector<std::string> & layers,
                                                             const Computing & computing, Progress & progress) const = 0;
};

/// Loads libservalLearning (from ../lib of the executable) when first asked; Fault::Environment when it cannot be.
const Learning & LoadLearning();

} // namespace serval
