#pragma once

#include <string>
#include <vector>

namespace serval
{

/// How probabilities of parts (patches, lesions) become those of the whole (lesion, patient).
enum class Aggregation
{
  Mean,
  Max,    ///< the largest of each class, divided by their sum
  Vote,   ///< share of the parts that decide for each class
  NoisyOr ///< a class but the first is there when any part has it, independently: 1 - prod(1 - p) (Pearl 1988); the first, when
          ///< all parts have it: prod(p); divided by their sum, which is 1 for two classes
};
/// mean, max, vote or noisy-or; Fault::Usage for another word.
Aggregation AggregationFrom(const std::string & text);

/// `parts`: rows of one probability a class, at least one row. Fault::Input when there is none.
std::vector<double> Aggregate(const std::vector<std::vector<double>> & parts, Aggregation rule);

} // namespace serval
