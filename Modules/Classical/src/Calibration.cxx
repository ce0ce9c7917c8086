#include "Solvers.h"
#include "serval/Core/Random.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

namespace serval::classical
{
namespace
{

constexpr std::size_t foldLimit = 5;

struct ScoredRow
{
  std::vector<double> scores, targets;
};

/// Platt's targets for each class of `labels`: (n + 1) / (n + 2) for the true class with n rows, the rest shared.
std::vector<double> SmoothTargets(const std::vector<int> & labels, int truth, std::size_t rowsOfTruth)
{
  const double        n = static_cast<double>(rowsOfTruth);
  std::vector<double> targets;
  for (const int label : labels)
    targets.push_back(label == truth ? (n + 1) / (n + 2) : 1 / (n + 2) / static_cast<double>(labels.size() - 1));
  return targets;
}

/// Derivative of the cross-entropy by the scale; it grows with the scale, as the cross-entropy is convex in it.
double Slope(const std::vector<ScoredRow> & rows, double scale)
{
  double slope = 0;
  for (const auto & row : rows)
  {
    const auto p = Softmax(row.scores, scale);
    for (std::size_t k = 0; k < p.size(); ++k)
      slope += (p[k] - row.targets[k]) * row.scores[k];
  }
  return slope;
}

double BestScale(const std::vector<ScoredRow> & rows)
{
  double low = std::log(1e-3), high = std::log(1e3);
  for (int i = 0; i < 60; ++i)
  {
    const double middle = (low + high) / 2;
    (Slope(rows, std::exp(middle)) > 0 ? high : low) = middle;
  }
  return std::exp((low + high) / 2);
}

} // namespace

Folds DrawFolds(const std::vector<std::string> & groups, std::uint64_t seed, std::string_view use)
{
  const std::set<std::string> distinct(groups.begin(), groups.end());
  std::vector<std::string>    order(distinct.begin(), distinct.end());
  std::mt19937_64             random(DeriveSeed(seed, { "classical", use }));
  Shuffle(order, random);
  Folds folds{ std::min(foldLimit, order.size()), {} };
  std::map<std::string, std::size_t> foldOf;
  for (std::size_t i = 0; i < order.size(); ++i)
    foldOf[order[i]] = i % folds.count;
  for (const auto & group : groups)
    folds.ofRow.push_back(foldOf.at(group));
  return folds;
}

std::vector<double> Softmax(const std::vector<double> & scores, double scale)
{
  const double        top = *std::max_element(scores.begin(), scores.end());
  std::vector<double> p;
  double              sum = 0;
  for (const double score : scores)
    sum += p.emplace_back(std::exp(scale * (score - top)));
  for (double & value : p)
    value /= sum;
  return p;
}

double CalibrateScale(const Rows & rows, const std::vector<std::string> & groups, const ClassicalSpec & spec)
{
  const auto                 folds = DrawFolds(groups, spec.seed, "calibration");
  std::map<int, std::size_t> present;
  for (const int label : rows.classes)
    ++present[label];
  std::vector<ScoredRow> scored;
  for (std::size_t fold = 0; fold < folds.count; ++fold)
  {
    Rows kept;
    kept.columns = rows.columns;
    for (std::size_t i = 0; i < rows.Count(); ++i)
      if (folds.ofRow[i] != fold)
      {
        kept.values.insert(kept.values.end(), rows.Row(i).begin(), rows.Row(i).end());
        kept.classes.push_back(rows.classes[i]);
      }
    if (std::set<int>(kept.classes.begin(), kept.classes.end()).size() < present.size())
      return 1;
    const auto solution = Solve(kept, spec);
    for (std::size_t i = 0; i < rows.Count(); ++i)
      if (folds.ofRow[i] == fold)
        scored.push_back({ Scores(solution, rows.Row(i)),
                           SmoothTargets(solution.labels, rows.classes[i], present.at(rows.classes[i])) });
  }
  return BestScale(scored);
}

} // namespace serval::classical
