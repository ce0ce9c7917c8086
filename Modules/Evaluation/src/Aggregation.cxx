#include "serval/Evaluation/Aggregation.h"

#include "serval/Core/Error.h"

#include <algorithm>

namespace serval
{

Aggregation AggregationFrom(const std::string & text)
{
  if (text == "mean")
    return Aggregation::Mean;
  if (text == "max")
    return Aggregation::Max;
  if (text == "vote")
    return Aggregation::Vote;
  Require(text == "noisy-or", Fault::Usage, "the aggregation '", text, "' is unknown; mean, max, vote and noisy-or are known");
  return Aggregation::NoisyOr;
}

std::vector<double> Aggregate(const std::vector<std::vector<double>> & parts, Aggregation rule)
{
  Require(!parts.empty(), Fault::Input, "there is no part to aggregate");
  const auto          classes = parts.front().size();
  std::vector<double> whole(classes, rule == Aggregation::NoisyOr ? 1 : 0);
  for (const auto & p : parts)
    for (std::size_t k = 0; k < classes; ++k)
      switch (rule)
      {
        case Aggregation::Mean: whole[k] += p[k]; break;
        case Aggregation::Max: whole[k] = std::max(whole[k], p[k]); break;
        case Aggregation::Vote: whole[k] += std::max_element(p.begin(), p.end()) - p.begin() == std::ptrdiff_t(k) ? 1 : 0; break;
        case Aggregation::NoisyOr: whole[k] *= k == 0 ? p[k] : 1 - p[k]; break;
      }
  for (std::size_t k = 1; k < classes && rule == Aggregation::NoisyOr; ++k)
    whole[k] = 1 - whole[k];
  double sum = 0;
  for (const double p : whole)
    sum += p;
  for (double & p : whole)
    p = sum > 0 ? p / sum : 1.0 / double(classes);
  return whole;
}

} // namespace serval
