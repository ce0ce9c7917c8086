#include "Solvers.h"

#include <algorithm>
#include <utility>

namespace serval::classical
{

Solution KeepNeighbours(const Rows & rows, const ClassicalSpec & spec)
{
  const auto weights = WeighClasses(rows, spec.balanced);
  Solution   solution;
  solution.labels = weights.labels;
  solution.columns = rows.columns;
  solution.vectors = rows.values;
  solution.voteWeights.assign(weights.weights.begin(), weights.weights.end());
  solution.neighbours = static_cast<int>(std::min<std::size_t>(static_cast<std::size_t>(spec.neighbours), rows.Count()));
  for (const int label : rows.classes)
    solution.vectorLabels.push_back(static_cast<int>(std::ranges::find(weights.labels, label) - weights.labels.begin()));
  return solution;
}

std::vector<double> NeighbourShares(const Solution & solution, std::span<const float> row)
{
  std::vector<std::pair<double, std::size_t>> distances; // equal distances: the earlier row
  const float *                               vector = solution.vectors.data();
  for (std::size_t i = 0; i < solution.Vectors(); ++i)
  {
    double distance = 0;
    for (const float value : row)
    {
      const double difference = static_cast<double>(value) - *vector++;
      distance += difference * difference;
    }
    distances.emplace_back(distance, i);
  }
  const auto last = distances.begin() + solution.neighbours;
  std::partial_sort(distances.begin(), last, distances.end());
  std::vector<double> shares(solution.labels.size(), 0);
  double              sum = 0;
  for (auto near = distances.begin(); near != last; ++near)
  {
    const auto label = static_cast<std::size_t>(solution.vectorLabels[near->second]);
    shares[label] += solution.voteWeights[label];
    sum += solution.voteWeights[label];
  }
  for (double & share : shares)
    share /= sum;
  return shares;
}

} // namespace serval::classical
