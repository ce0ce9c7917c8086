#pragma once

#include <map>
#include <string>
#include <vector>

namespace serval
{

/// What of a source model is kept, started anew and held fixed.
struct TransferPlan
{
  /// none | all | upto:LAYER (frozen up to and with it) | from:LAYER (trained from it on) | only:LAYER,LAYER (trained)
  std::string              freeze = "none";
  std::vector<std::string> reset; ///< layers that start anew

  /// Layers that stay fixed; Fault::Usage naming the layers there are when one is unknown. `classifier` is never
  /// frozen by all or upto when it starts anew: nothing would be learned.
  std::vector<std::string> FrozenLayers(const std::vector<std::string> & layers) const;
};

/// What became of each array when a source was loaded, and the share of the target's parameters that came from it.
struct LoadReport
{
  std::map<std::string, std::string> arrays; ///< name -> loaded | reset | missing in source | other shape
  double                             share = 0;
  std::string                        ToText() const;
};

} // namespace serval
