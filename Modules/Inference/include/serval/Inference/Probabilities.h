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

/// The voxel of a patch that lies on its place, from which `classFrom centre` takes the class: size / 2 along each axis, the upper of two.
constexpr Extent CentreVoxel(const Extent & patch) { return { patch.x / 2, patch.y / 2, patch.z / 2 }; }

/// For each of a segmentation's labels the class that it stands for, by `rules` LABEL=CLASS, else of equal name; several labels may stand
/// for one class, and the rule `LABEL=` leaves a label out where no class has its name. Fault::Usage for a rule with an unknown
/// name, Fault::Input where a label or a class is left over.
std::vector<std::size_t> ClassesOfLabels(const std::vector<std::string> & labels, const std::vector<std::string> & classes,
                                         const std::vector<std::string> & rules);

/// Probabilities of classes at the CentreVoxel of each patch, patch after patch: softmax of a segmenting model's labels, summed over those
/// of a class. Fault::Input when the model does not segment.
std::vector<float> CentreProbabilities(const PatchCache & cache, const std::vector<std::size_t> & patches, const ModelFile & model,
                                       const std::vector<std::size_t> & classOfLabel, const Computing & computing, Progress & progress);

} // namespace serval
