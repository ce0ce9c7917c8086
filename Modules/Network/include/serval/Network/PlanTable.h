#pragma once

#include "serval/Network/ModelFile.h"
#include "serval/Network/TransferPlan.h"

#include <cstdint>
#include <string>
#include <vector>

namespace serval
{

/// What a plan does to one layer, before anything is trained.
struct PlanLine
{
  std::string  layer;
  std::int64_t parameters = 0;
  std::string  from;             ///< source, part (of its arrays), reset, new (not in the source), or none (no parameters)
  std::string  trained;          ///< always, never, or from step N
  double       rate = 1;         ///< factor of the learning rate of weights
  double       biasRate = 1;     ///< of biases
};

/// Layer by layer in order of computation. Fault::Usage as the plan's functions.
std::vector<PlanLine> PlanTable(const NetworkSpec & spec, const Extent & input, const ModelFile * source, const TransferPlan & plan);

/// The layers that do not come whole from the source, in order; all of them without a source.
std::vector<std::string> FreshLayers(const std::vector<PlanLine> & table);

/// For people: aligned columns.
std::string ToText(const std::vector<PlanLine> & table);
/// A JSON array of objects with the members' names.
std::string ToJson(const std::vector<PlanLine> & table);

} // namespace serval
