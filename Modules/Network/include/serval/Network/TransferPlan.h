#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace serval
{

/// What of a source model is kept, started anew and held fixed, and how fast each layer learns.
struct TransferPlan
{
  /// none | all (but the classifier) | upto:LAYER (frozen up to and with it) | from:LAYER (trained from it on) |
  /// only:LAYER,LAYER (trained; brackets may stand around the list) | keep-first:N (the first N layers are frozen)
  std::string freeze = "none";
  /// Layers that start anew; `keep-first:N`: all after the first N; `all`: every layer.
  std::vector<std::string> reset;
  /// Factors of the learning rate by layer, as glob and factor; the first glob that fits decides, 1 where none does.
  std::vector<std::pair<std::string, double>> rates;
  double biasFactor = 1; ///< of the learning rate of biases (2 in Krizhevsky 2012); biases then get no weight decay
  double layerDecay = 1; ///< further factor for each layer that lies one nearer to the input (Howard 2018)
  int    warmUpSteps = 0;   ///< at first the new layers alone are trained (linear probing, then fine-tuning: Kumar 2022)
  int    unfreezeEvery = 0; ///< steps after which one more layer, from the last to the first, is trained (Howard 2018)
  /// Arrays that are loaded keep only their mean and standard deviation, drawn anew: a control (Raghu 2019).
  bool onlyStatistics = false;

  /// The layers that start anew; Fault::Usage naming the layers there are when one is unknown.
  std::vector<std::string> ResetLayers(const std::vector<std::string> & layers) const;
  /// Layers that stay fixed throughout. `classifier` is never frozen by all: nothing would be learned.
  std::vector<std::string> FrozenLayers(const std::vector<std::string> & layers) const;
  /// Layers that stay fixed at a step (counted from 0), warm-up and gradual unfreezing included. `fresh`: the layers that
  /// did not come from the source.
  std::vector<std::string> FrozenLayersAt(int step, const std::vector<std::string> & layers, const std::vector<std::string> & fresh) const;
  /// Factor of the learning rate of a layer's weights, or of its biases.
  double RateOf(const std::string & layer, const std::vector<std::string> & layers, bool isBias) const;
  /// Pairs "GLOB:FACTOR"; Fault::Usage names a wrong one.
  static std::vector<std::pair<std::string, double>> RatesFrom(const std::vector<std::string> & texts);
};

/// Whether a name fits a glob of letters, `*` and `?`.
bool FitsGlob(std::string_view name, std::string_view glob);

/// What became of each array when a source was loaded, and the share of the target's parameters that came from it.
struct LoadReport
{
  std::map<std::string, std::string> arrays; ///< name -> loaded | resized | reset | skipped | missing in source | of other shape
  double                             share = 0;
  std::string                        ToText() const;
};

} // namespace serval
