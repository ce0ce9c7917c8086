#include "Solvers.h"
#include "serval/Core/Random.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>

namespace serval::classical
{
namespace
{

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

/// The two numbers of 1 / (1 + exp(a s + b)) with the smallest cross-entropy to the targets, by Newton's method with
/// halved steps (Lin, Lin and Weng 2007).
void FitSigmoid(const std::vector<double> & scores, const std::vector<double> & targets, double & a, double & b)
{
  const auto loss = [&](double slope, double offset) {
    double sum = 0;
    for (std::size_t i = 0; i < scores.size(); ++i)
    {
      const double at = slope * scores[i] + offset;
      sum += at >= 0 ? targets[i] * at + std::log1p(std::exp(-at)) : (targets[i] - 1) * at + std::log1p(std::exp(at));
    }
    return sum;
  };
  const double positives = std::accumulate(targets.begin(), targets.end(), 0.0);
  a = 0;
  b = std::log((static_cast<double>(targets.size()) - positives) / positives);
  for (int i = 0; i < 100; ++i)
  {
    double ga = 0, gb = 0, aa = 1e-12, bb = 1e-12, ab = 0;
    for (std::size_t n = 0; n < scores.size(); ++n)
    {
      const double p = 1 / (1 + std::exp(a * scores[n] + b)), curve = p * (1 - p);
      ga += scores[n] * (targets[n] - p);
      gb += targets[n] - p;
      aa += scores[n] * scores[n] * curve;
      ab += scores[n] * curve;
      bb += curve;
    }
    if (std::hypot(ga, gb) < 1e-8)
      return;
    const double determinant = aa * bb - ab * ab;
    const double da = -(bb * ga - ab * gb) / determinant, db = -(aa * gb - ab * ga) / determinant;
    const double before = loss(a, b), slope = ga * da + gb * db;
    double       step = 1;
    while (step > 1e-10 && !(loss(a + step * da, b + step * db) < before + 1e-4 * step * slope))
      step /= 2;
    if (step <= 1e-10)
      return;
    a += step * da;
    b += step * db;
  }
}

/// Each label against the rest, with Platt's targets.
Calibrator FitPlatt(const std::vector<ScoredRow> & rows, const std::vector<std::size_t> & truths)
{
  Calibrator        calibrator;
  const std::size_t labels = rows.front().scores.size();
  for (std::size_t k = 0; k < labels; ++k)
  {
    const auto          n = static_cast<double>(std::ranges::count(truths, k)), others = static_cast<double>(truths.size()) - n;
    std::vector<double> scores, targets;
    for (std::size_t i = 0; i < rows.size(); ++i)
    {
      scores.push_back(rows[i].scores[k]);
      targets.push_back(truths[i] == k ? (n + 1) / (n + 2) : 1 / (others + 2));
    }
    double a = 0, b = 0;
    FitSigmoid(scores, targets, a, b);
    calibrator.slopes.push_back(static_cast<float>(a)); // as they are stored
    calibrator.offsets.push_back(static_cast<float>(b));
  }
  return calibrator;
}

} // namespace

std::vector<std::size_t> Folds::Without(std::size_t fold) const
{
  std::vector<std::size_t> rows;
  for (std::size_t i = 0; i < ofRow.size(); ++i)
    if (ofRow[i] != fold)
      rows.push_back(i);
  return rows;
}

std::vector<std::size_t> Folds::Of(std::size_t fold) const
{
  std::vector<std::size_t> rows;
  for (std::size_t i = 0; i < ofRow.size(); ++i)
    if (ofRow[i] == fold)
      rows.push_back(i);
  return rows;
}

Folds DrawFolds(const std::vector<std::string> & groups, std::size_t limit, std::uint64_t seed, std::string_view use)
{
  const std::set<std::string> distinct(groups.begin(), groups.end());
  std::vector<std::string>    order(distinct.begin(), distinct.end());
  std::mt19937_64             random(DeriveSeed(seed, { "classical", use }));
  Shuffle(order, random);
  Folds                              folds{ std::min(limit, order.size()), {} };
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

std::vector<double> Calibrator::Apply(const std::vector<double> & scores) const
{
  if (slopes.empty())
    return Softmax(scores, scale);
  // The softmax of log p is p divided by the sum of all; it holds for far scores too.
  std::vector<double> logs;
  for (std::size_t k = 0; k < scores.size(); ++k)
  {
    const double at = slopes[k] * scores[k] + offsets[k];
    logs.push_back(at > 0 ? -at - std::log1p(std::exp(-at)) : -std::log1p(std::exp(at)));
  }
  return Softmax(logs, 1);
}

Calibrator FitCalibrator(Trainer & trainer, const Rows & rows, const std::vector<std::string> & groups, const ClassicalSpec & spec)
{
  const auto                 folds = DrawFolds(groups, 5, spec.seed, "calibration");
  std::map<int, std::size_t> present;
  for (const int label : rows.classes)
    ++present[label];
  std::vector<ScoredRow>   scored;
  std::vector<std::size_t> truths;
  for (std::size_t fold = 0; fold < folds.count; ++fold)
  {
    const auto    kept = folds.Without(fold);
    std::set<int> learnt;
    for (const auto i : kept)
      learnt.insert(rows.classes[i]);
    if (learnt.size() < present.size())
      return {};
    const auto solution = trainer.Solve(spec, kept);
    const auto tested = Subset(rows, folds.Of(fold));
    auto       scores = Scores(solution, tested);
    for (std::size_t i = 0; i < tested.Count(); ++i)
    {
      scored.push_back({ std::move(scores[i]), SmoothTargets(solution.labels, tested.classes[i], present.at(tested.classes[i])) });
      truths.push_back(static_cast<std::size_t>(std::ranges::find(solution.labels, tested.classes[i]) - solution.labels.begin()));
    }
  }
  if (spec.calibration == ClassicalSpec::Calibration::Platt)
    return FitPlatt(scored, truths);
  Calibrator calibrator;
  calibrator.scale = BestScale(scored);
  return calibrator;
}

} // namespace serval::classical
