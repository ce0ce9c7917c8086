#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

namespace serval::evaluation
{

/// A number when each patient's rows count as often as given.
using WeightedValue = std::function<double(const std::vector<int> &)>;

/// Values in the bootstrap samples, and how many samples had none and were drawn again.
struct BootstrapValues
{
  std::vector<double> values;
  int                 redrawn = 0;
};

/// Draws patients with replacement until `samples` have a value; empty values after 100 times as many vain draws.
BootstrapValues DrawBootstrap(std::size_t patients, int samples, std::uint64_t seed, const WeightedValue & value);

} // namespace serval::evaluation
