#include "Solvers.h"
#include "serval/Core/Error.h"

#include <algorithm>
#include <set>

namespace serval
{
namespace
{

FeatureTable RowsOfFold(const FeatureTable & table, const classical::Folds & folds, std::size_t fold, bool inside)
{
  FeatureTable part;
  part.columns = table.columns;
  for (std::size_t i = 0; i < table.Rows(); ++i)
    if ((folds.ofRow[i] == fold) == inside)
    {
      const auto first = table.values.begin() + static_cast<std::ptrdiff_t>(i * table.columns);
      part.values.insert(part.values.end(), first, first + static_cast<std::ptrdiff_t>(table.columns));
      part.classes.push_back(table.classes[i]);
    }
  return part;
}

// Sum of the weights of the rows that are decided rightly.
double RightDecisions(const classical::Solution & solution, const classical::Rows & rows, const classical::ClassWeights & weights)
{
  double sum = 0;
  for (std::size_t i = 0; i < rows.Count(); ++i)
  {
    const auto scores = classical::Scores(solution, rows.Row(i));
    const auto decision = std::max_element(scores.begin(), scores.end()) - scores.begin();
    const auto truth = std::find(weights.labels.begin(), weights.labels.end(), rows.classes[i]) - weights.labels.begin();
    if (solution.labels[static_cast<std::size_t>(decision)] == rows.classes[i])
      sum += weights.weights[static_cast<std::size_t>(truth)];
  }
  return sum;
}

} // namespace

double ChooseCost(const FeatureTable & table, int classCount, const ClassicalSpec & spec, const std::vector<double> & costs)
{
  Require(!costs.empty(), Fault::Usage, "no cost is given to choose from");
  std::vector<double> sorted(costs);
  std::sort(sorted.begin(), sorted.end());
  Require(sorted.front() > 0, Fault::Usage, "one of the costs is ", sorted.front(), "; all must be above 0");
  const auto          whole = ClassicalModel::Impl::Prepare(table, classCount, spec).StandardRows(table);
  const auto          weights = classical::WeighClasses(whole, spec.balanced);
  const auto          folds = classical::DrawFolds(classical::GroupsOf(table), spec.seed, "cost");
  std::vector<double> right(sorted.size(), 0);
  std::size_t         usedFolds = 0;
  for (std::size_t fold = 0; fold < folds.count; ++fold)
  {
    const auto kept = RowsOfFold(table, folds, fold, false);
    if (std::set<int>(kept.classes.begin(), kept.classes.end()).size() < weights.labels.size())
      continue;
    ++usedFolds;
    const auto impl = ClassicalModel::Impl::Prepare(kept, classCount, spec);
    const auto training = impl.StandardRows(kept), testing = impl.StandardRows(RowsOfFold(table, folds, fold, true));
    for (std::size_t c = 0; c < sorted.size(); ++c)
    {
      auto tried = spec;
      tried.cost = sorted[c];
      right[c] += RightDecisions(classical::Solve(training, tried), testing, weights);
    }
  }
  Require(usedFolds > 0, Fault::Input, "no cost can be chosen: each of the ", folds.count,
          " fold(s) of patients holds all rows of a class; name one cost, or use more patients");
  // Sums of equal decisions may differ by rounding.
  const double most = *std::max_element(right.begin(), right.end()) - 1e-9;
  return sorted[static_cast<std::size_t>(std::find_if(right.begin(), right.end(), [&](double r) { return r >= most; }) - right.begin())];
}

} // namespace serval
