#pragma once

#include "serval/Training/Learning.h"

#include <cstddef>
#include <vector>

namespace serval
{

/// Class probabilities of patches, patch after patch, from a model's network or from its classical head on the network's
/// features.
std::vector<float> ClassProbabilities(const PatchCache & cache, const std::vector<std::size_t> & patches, const ModelFile & model,
                                      const Computing & computing, Progress & progress);

} // namespace serval
