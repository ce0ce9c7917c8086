#pragma once

#include "serval/Cache/PatchCache.h"
#include "serval/Core/Progress.h"
#include "serval/Network/ModelFile.h"
#include "serval/Network/TransferPlan.h"
#include "serval/Training/AugmentationPlan.h"
#include "serval/Training/Corruption.h"
#include "serval/Training/LossPlan.h"
#include "serval/Training/OptimiserPlan.h"
#include "serval/Training/Saliency.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace serval
{

/// Where and how tensors are computed. `precision`: auto | float32 | bfloat16 | float16 (with a scaled loss; parameters
/// always stay float32); auto takes bfloat16 where the device computes it fast.
struct Computing
{
  std::string device = "auto";
  std::string precision = "auto";
  int         threads = 0; ///< 0: all cores
  bool        together = false; ///< training: with the processes that torchrun or srun started beside this one (ProcessPlan)
  bool        flips = false; ///< inference: the mean answer to the input and its mirror images along each axis
};

/// How a convolutional restricted Boltzmann machine learns.
struct BoltzmannPlan
{
  std::vector<std::string> layers;             ///< convolutions in the order they learn; empty: the first
  int                      pooling = 2;        ///< edge of the blocks of which at most one unit is on
  double                   sparsity = 0.02;    ///< wanted mean activity of a map
  double                   sparsityRate = 0.1; ///< of the biases towards it, as a multiple of the learning rate
};

/// What the curve knows of a step.
struct CurvePoint
{
  int    step = 0;
  /// Means since the last point. Accuracy is the share of right voxels or patches; of tasks that give the input again, the
  /// explained share of its variance.
  double loss = 0, accuracy = 0;
  double rate = 0; ///< the learning rate of the step
  /// Of an evaluation after this step; else not a number.
  double validationLoss = std::numeric_limits<double>::quiet_NaN(), validationAccuracy = std::numeric_limits<double>::quiet_NaN();
};

/// One stage: a network is trained on some patches of a cache.
struct TrainRequest
{
  enum class Task
  {
    Segmentation,   ///< of the cache's labels
    Classification, ///< of the patches' classes
    Reconstruction, ///< of the input itself, through a bottleneck
    Restoration,    ///< of the input from a corrupted one (Zhou 2019)
    Masked,         ///< of hidden blocks from the rest (He 2022)
    Boltzmann       ///< convolutional restricted Boltzmann machines, layer by layer (Lee 2009)
  };
  Task                       task = Task::Classification;
  NetworkSpec                network;
  IntensityPlan              intensity;
  std::vector<std::size_t>   patches;    ///< of the cache; each is drawn once before any is drawn again
  std::vector<std::size_t>   validation; ///< patches that choose the best arrays and end training; not of Boltzmann
  const ModelFile *          source = nullptr;
  TransferPlan               plan;
  LossPlan                   loss;
  AugmentationPlan           augmentation;               ///< not of Boltzmann
  CorruptionPlan             corruption;                 ///< of Restoration and Masked
  BoltzmannPlan              boltzmann;
  std::vector<const ModelFile *> teachers;               ///< of Classification: their mean answer is learned too
  int                        steps = 150, batch = 24;
  int                        parts = 0; ///< equal parts of a batch, computed one after the other; 0: one, on a GPU as few as its memory allows
  double                     learningRate = 1e-3, weightDecay = 0;
  OptimiserPlan              optimiser;
  std::uint64_t              seed = 1;
  Computing                  computing;
  /// Where the state is kept from time to time, to go on after the process ended in any way; empty: nowhere. Removed at the
  /// end. Of the same request, cache, device and precision; another one's is ignored. Not of Boltzmann.
  std::filesystem::path      checkpoint;
  double                     checkpointSeconds = 60; ///< at least so long from one to the next
  /// Told the whole curve whenever it has a new point.
  std::function<void(const std::vector<CurvePoint> &)> onCurve = {};
};

struct TrainResult
{
  std::map<std::string, TensorFile::Array> arrays;     ///< of the best evaluation where the plan keeps it, else the last
  std::map<std::string, TensorFile::Array> lastArrays; ///< where `arrays` are the best
  std::vector<CurvePoint>                  curve;
  int                                      bestStep = 0;  ///< of the best evaluation; 0 without one
  int                                      lastStep = 0;  ///< below the request's where training ended early
  std::optional<LoadReport>                load;
  std::string                              device, precision;
  double                                   seconds = 0;
  int                                      resumedAt = 0; ///< step after which a checkpoint was gone on with; 0: none
  /// What else decides the bits and is not as the checkpoint's ("threads 2 instead of 4, processor ..."); empty: nothing.
  std::string                              otherBits;
  std::string                              processor; ///< its model's name
  std::string                              memory;    ///< why a batch was computed in parts; empty: it was not, or was asked for
  int                                      threads = 0, processes = 1;
  bool                                     isFirst = true; ///< of the processes: the one that writes
};

/// The tensor half of Serval, behind std types only.
class Learning
{
public:
  virtual ~Learning() = default;
  /// Fault::Environment when the device is not there.
  virtual TrainResult Train(const PatchCache & cache, const TrainRequest & request, Progress & progress) const = 0;
  /// Logits of the segmentation of one patch after another, [label, z, y, x], go to `take` with the patch's place in
  /// `patches`; nothing is kept, nor the model's arrays once the network has them. Fault::Input when it does not segment.
  virtual void Segment(const PatchCache & cache, const std::vector<std::size_t> & patches, ModelFile model, const Computing & computing,
                       const std::function<void(std::size_t, std::span<const float>)> & take, Progress & progress) const = 0;
  /// Class probabilities, patch after patch.
  virtual std::vector<float> Predict(const PatchCache & cache, const std::vector<std::size_t> & patches, const ModelFile & model,
                                     const Computing & computing, Progress & progress) const = 0;
  /// Rows of features by the names of `layers`: "LAYER", "LAYER+LAYER" (one behind the other), and behind a colon how maps
  /// become numbers: mean (else), max, statistics (mean, deviation, maximum), masked and masked-statistics (the mean
  /// and the statistics within the patch's segmentation) or flatten. Fault::Usage for an unknown layer or pooling, Fault::Input for masked without segmentation.
  virtual std::map<std::string, std::vector<float>> Features(const PatchCache & cache, const std::vector<std::size_t> & patches,
                                                             const ModelFile & model, const std::vector<std::string> & layers,
                                                             const Computing & computing, Progress & progress) const = 0;
  /// One map for each patch. Fault::Usage for a layer or class that the model has not.
  virtual std::vector<SaliencyMap> Saliency(const PatchCache & cache, const std::vector<std::size_t> & patches, const ModelFile & model,
                                            const SaliencyRequest & request, const Computing & computing, Progress & progress) const = 0;
};

/// Loads libservalLearning (from ../lib of the executable) when first asked; Fault::Environment when it cannot be.
const Learning & LoadLearning();

} // namespace serval
