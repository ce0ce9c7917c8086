#pragma once

#include "serval/Evaluation/Intervals.h"

#include <functional>
#include <vector>

namespace serval::evaluation
{

/// A number when patients and repeats count as often as given; asked by several threads at once.
using WeightedValue = std::function<double(const UnitWeights &)>;

/// Values in the bootstrap samples, and how many samples had none and were drawn again.
struct BootstrapValues
{
  std::vector<double> values;
  int                 redrawn = 0;
};

/// Draws patients, and repeats where there are several, with replacement until `plan.samples` samples have a value; empty
/// values where one sample has none after many draws. Each sample has a stream of random numbers of its own.
BootstrapValues DrawBootstrap(const UnitWeights & ones, const BootstrapPlan & plan, const WeightedValue & value);

/// Shares of the sorted bootstrap values at which an interval begins and ends, for n patients.
struct Tails
{
  double low, high;
};
Tails PercentileTails(std::size_t patients, double confidence);
/// Two-sided p of an interval that ends where the given share of the bootstrap values lies: PercentileTails turned round.
double LevelOfTail(double share, std::size_t patients);

/// Interval of the plan's kind around the value with all weights 1; NaN throughout where that is not defined.
Interval IntervalOf(const UnitWeights & ones, const BootstrapPlan & plan, const WeightedValue & value);

} // namespace serval::evaluation
