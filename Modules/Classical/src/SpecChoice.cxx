#include "Solvers.h"
#include "serval/Core/Error.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <tuple>

namespace serval
{
namespace
{

using namespace classical;

std::set<int> ClassesOf(const FeatureTable & table) { return { table.classes.begin(), table.classes.end() }; }

// Sum of the weights of the rows that are decided rightly.
double RightDecisions(const Solution & solution, const Rows & rows, const ClassWeights & weights)
{
  double     sum = 0;
  const auto scores = Scores(solution, rows);
  for (std::size_t i = 0; i < rows.Count(); ++i)
  {
    const auto decision = std::max_element(scores[i].begin(), scores[i].end()) - scores[i].begin();
    const auto truth = std::ranges::find(weights.labels, rows.classes[i]) - weights.labels.begin();
    if (solution.labels[static_cast<std::size_t>(decision)] == rows.classes[i])
      sum += weights.weights[static_cast<std::size_t>(truth)];
  }
  return sum;
}

/// What of a specification the preparation depends on.
auto PreparationKey(const ClassicalSpec & spec)
{
  return std::tuple(spec.standardised, spec.components, spec.features, spec.features > 0 ? spec.cost : 0.0, spec.balanced);
}

/// Right decisions of a candidate; minus infinity where its solver does not converge, so that it is never chosen.
double RightIn(Trainer & trainer, const ClassicalSpec & candidate, const Rows & testing, const ClassWeights & weights)
{
  try
  {
    return RightDecisions(trainer.Solve(candidate), testing, weights);
  }
  catch (const NotConverged &)
  {
    return -std::numeric_limits<double>::infinity();
  }
}

/// Adds to `right` what each candidate gets right on the fold's rows; candidates with one preparation share its rows and
/// their Gram matrix.
void TryCandidates(const FeatureTable & kept, const FeatureTable & tested, const std::vector<ClassicalSpec> & candidates,
                   const ClassWeights & weights, std::vector<double> & right)
{
  std::vector<bool> isDone(candidates.size(), false);
  for (std::size_t first = 0; first < candidates.size(); ++first)
  {
    if (isDone[first])
      continue;
    const auto preparation = Preparation::Fit(kept, candidates[first]);
    const auto training = preparation.Apply(kept), testing = preparation.Apply(tested);
    Trainer    trainer(training);
    for (std::size_t c = first; c < candidates.size(); ++c)
      if (!isDone[c] && PreparationKey(candidates[c]) == PreparationKey(candidates[first]))
      {
        right[c] += RightIn(trainer, candidates[c], testing, weights);
        isDone[c] = true;
      }
  }
}

/// What each candidate gets right in folds of patients.
std::vector<double> CrossValidate(const FeatureTable & table, int classCount, const std::vector<ClassicalSpec> & candidates)
{
  for (const auto & candidate : candidates)
    CheckTable(table, classCount, candidate);
  const auto          present = ClassesOf(table);
  const auto          weights = WeighClasses(Rows{ 0, {}, table.classes }, candidates.front().balanced);
  const auto          folds = DrawFolds(GroupsOf(table), 5, candidates.front().seed, "cost");
  std::vector<double> right(candidates.size(), 0);
  std::size_t         usedFolds = 0;
  for (std::size_t fold = 0; fold < folds.count; ++fold)
  {
    const auto kept = Subset(table, folds.Without(fold));
    if (ClassesOf(kept) != present)
      continue;
    ++usedFolds;
    TryCandidates(kept, Subset(table, folds.Of(fold)), candidates, weights, right);
  }
  Require(usedFolds > 0, Fault::Input, "no setting can be chosen: each of the ", folds.count,
          " fold(s) of patients holds all rows of a class; name one setting, or use more patients");
  return right;
}

} // namespace

ChosenModel ChooseAndFit(const FeatureTable & table, int classCount, const std::vector<ClassicalSpec> & candidates)
{
  Require(!candidates.empty(), Fault::Usage, "no setting is given to choose from");
  if (candidates.size() == 1)
    return { 0, ClassicalModel::Fit(table, classCount, candidates.front()) };
  auto right = CrossValidate(table, classCount, candidates);
  for (double most; std::isfinite(most = *std::ranges::max_element(right));)
  {
    // Sums of equal decisions may differ by rounding.
    const auto best = std::ranges::find_if(right, [&](double r) { return r >= most - 1e-9; });
    const auto index = static_cast<std::size_t>(best - right.begin());
    try
    {
      return { index, ClassicalModel::Fit(table, classCount, candidates[index]) };
    }
    catch (const NotConverged &)
    {
      *best = -std::numeric_limits<double>::infinity();
    }
  }
  Fail(Fault::Input, "none of ", candidates.size(), " settings converges; standardise the features or lower the cost");
}

OutOfFold CrossPredict(const FeatureTable & table, int classCount, const std::vector<ClassicalSpec> & candidates, std::size_t folds)
{
  Require(!candidates.empty(), Fault::Usage, "no setting is given to cross-validate");
  Require(folds >= 2, Fault::Usage, "a cross-validation of ", folds, " fold(s) is asked for; at least 2 are needed");
  CheckTable(table, classCount, candidates.front());
  const auto drawn = DrawFolds(GroupsOf(table), folds, candidates.front().seed, "outer");
  Require(drawn.count == folds, Fault::Input, "there are ", drawn.count, " groups for ", folds, " folds; use fewer folds");
  OutOfFold result{ drawn.ofRow, {}, std::vector<std::vector<double>>(table.Rows()) };
  for (std::size_t fold = 0; fold < folds; ++fold)
  {
    const auto kept = Subset(table, drawn.Without(fold));
    const auto [chosen, model] = ChooseAndFit(kept, classCount, candidates);
    result.chosen.push_back(chosen);
    for (const auto i : drawn.Of(fold))
      result.probabilities[i] = model.Probabilities({ table.values.data() + i * table.columns, table.columns });
  }
  return result;
}

} // namespace serval
