#pragma once

#include "serval/Evaluation/Metrics.h"

#include <cstddef>
#include <memory>
#include <vector>

namespace serval::evaluation
{

/// One row of a repeat.
struct Entry
{
  std::size_t                 patient;
  int                         truth, decision;
  const std::vector<double> * probabilities;
};

/// A metric of one repeat whose patients count as often as told.
class RepeatMetric
{
public:
  virtual ~RepeatMetric() = default;
  virtual double operator()(const std::vector<int> & weights) const = 0;
};

std::shared_ptr<const RepeatMetric> MakeRepeatMetric(Metric metric, const std::vector<Entry> & entries, std::size_t classes);

} // namespace serval::evaluation
