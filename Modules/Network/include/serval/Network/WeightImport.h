#pragma once

#include "serval/Core/Geometry.h"
#include "serval/Core/TensorFile.h"
#include "serval/Network/NetworkSpec.h"
#include "serval/Network/TransferPlan.h"

#include <map>
#include <string>
#include <vector>

namespace serval
{

using Arrays = std::map<std::string, TensorFile::Array>;

/// One rule of a name map: the part of a name that `pattern` (ECMAScript) matches becomes `replacement` ($1, $2, ...).
struct NameRule
{
  std::string pattern, replacement;
};

/// The rules from torchvision's names (and those of the CIFAR ResNets and MeshNets that are published as files) to ours;
/// empty for a network without a known source.
std::vector<NameRule> KnownNameMap(const std::string & network);

/// A name map from a file: one "PATTERN -> REPLACEMENT" a line, # begins a comment. Fault::Input names a wrong line.
std::vector<NameRule> ReadNameMap(const std::filesystem::path & file);

/// The arrays under our names: the containers `state_dict.`, `model.` and `module.` that all names share are taken off, then
/// every rule is applied in turn. Fault::Input when two arrays get one name.
Arrays Renamed(const Arrays & arrays, const std::vector<NameRule> & rules);

/// How arrays that do not fit as they are may be made to fit.
struct Adaptation
{
  bool channels = true; ///< the first convolution takes another number of channels: the sum over channels is kept
  bool inflate = true;  ///< 2D kernels become 3D: repeated along z and divided by their depth (Carreira 2017)
};

struct ImportedWeights
{
  Arrays     arrays; ///< those of the network that came from the source, in its shapes
  LoadReport report; ///< fates: loaded, resized, skipped, missing in source, of other shape; share of all parameters
};

/// Fits the renamed arrays of a source to a network.
ImportedWeights FitWeights(const Arrays & source, const NetworkSpec & spec, const Extent & input, const Adaptation & adaptation);

} // namespace serval
