#include "Solvers.h"
#include "serval/Core/JobQueue.h"
#include "serval/Core/Random.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace serval::classical
{
namespace
{

struct Split
{
  std::size_t feature = 0;
  float       threshold = 0;
  double      impurity = std::numeric_limits<double>::infinity(); ///< Gini's, weighted, of both sides together
};

/// Weight of each label among some rows; Gini's impurity times their weight.
struct Tally
{
  explicit Tally(std::size_t labels)
    : weights(labels, 0)
  {}
  void Add(std::size_t label, double weight)
  {
    squares += weight * (2 * weights[label] + weight);
    weights[label] += weight;
    total += weight;
  }
  double Impurity() const { return total > 0 ? total - squares / total : 0; }

  std::vector<double> weights;
  double              total = 0, squares = 0;
};

/// Grows one tree on the rows it is given; a row may stand there several times.
class TreeGrower
{
public:
  TreeGrower(const Rows & rows, const ClassicalSpec & spec, const std::vector<std::size_t> & labelOf, const ClassWeights & weights,
             std::uint64_t seed)
    : m_Rows(rows)
    , m_Spec(spec)
    , m_LabelOf(labelOf)
    , m_Weights(weights)
    , m_Random(seed)
    , m_Columns(rows.columns)
  {
    std::iota(m_Columns.begin(), m_Columns.end(), std::size_t{ 0 });
  }

  Forest Grow()
  {
    const std::size_t        count = m_Rows.Count();
    std::vector<std::size_t> rows(count);
    std::iota(rows.begin(), rows.end(), std::size_t{ 0 });
    if (m_Spec.kind == ClassicalSpec::Kind::RandomForest)
      for (auto & row : rows)
        row = UniformBelow(count, m_Random);
    m_Tree.roots = { 0 };
    AddNode();
    struct Open
    {
      int                      node;
      std::vector<std::size_t> rows;
    };
    std::vector<Open> open;
    open.push_back({ 0, std::move(rows) });
    while (!open.empty())
    {
      auto [node, part] = std::move(open.back());
      open.pop_back();
      const auto split = FindSplit(part);
      if (!std::isfinite(split.impurity))
      {
        CloseLeaf(node, part);
        continue;
      }
      std::vector<std::size_t> left, right;
      for (const auto row : part)
        (Value(row, split.feature) <= split.threshold ? left : right).push_back(row);
      m_Tree.features[static_cast<std::size_t>(node)] = static_cast<int>(split.feature);
      m_Tree.thresholds[static_cast<std::size_t>(node)] = split.threshold;
      const int child = m_Tree.children[static_cast<std::size_t>(node)] = AddNode();
      AddNode();
      open.push_back({ child + 1, std::move(right) });
      open.push_back({ child, std::move(left) });
    }
    return std::move(m_Tree);
  }

private:
  float  Value(std::size_t row, std::size_t column) const { return m_Rows.values[row * m_Rows.columns + column]; }
  double Weight(std::size_t row) const { return m_Weights.weights[m_LabelOf[row]]; }

  int AddNode()
  {
    m_Tree.features.push_back(-1);
    m_Tree.thresholds.push_back(0);
    m_Tree.children.push_back(0);
    return static_cast<int>(m_Tree.features.size()) - 1;
  }

  void CloseLeaf(int node, const std::vector<std::size_t> & rows)
  {
    Tally tally(m_Weights.labels.size());
    for (const auto row : rows)
      tally.Add(m_LabelOf[row], Weight(row));
    m_Tree.children[static_cast<std::size_t>(node)] = static_cast<int>(m_Tree.shares.size() / tally.weights.size());
    for (const double weight : tally.weights)
      m_Tree.shares.push_back(static_cast<float>(weight / tally.total));
  }

  /// The best split among sqrt(columns) random columns that are not constant; an infinite impurity where there is none.
  Split FindSplit(std::vector<std::size_t> & rows)
  {
    Split best;
    const bool isPure = std::ranges::all_of(rows, [&](std::size_t row) { return m_LabelOf[row] == m_LabelOf[rows[0]]; });
    if (isPure || rows.size() < 2 * static_cast<std::size_t>(m_Spec.leaf))
      return best;
    const auto  wanted = static_cast<std::size_t>(std::max(1.0, std::floor(std::sqrt(static_cast<double>(m_Columns.size())))));
    std::size_t tried = 0;
    for (std::size_t i = 0; i < m_Columns.size() && tried < wanted; ++i)
    {
      std::swap(m_Columns[i], m_Columns[i + UniformBelow(m_Columns.size() - i, m_Random)]);
      const std::size_t column = m_Columns[i];
      const auto [low, high] =
        std::ranges::minmax(rows, {}, [&](std::size_t row) { return Value(row, column); });
      if (!(Value(low, column) < Value(high, column)))
        continue;
      ++tried;
      const auto split = m_Spec.kind == ClassicalSpec::Kind::RandomForest
                           ? BestThreshold(rows, column)
                           : RandomThreshold(rows, column, Value(low, column), Value(high, column));
      if (split.impurity < best.impurity)
        best = split;
    }
    return best;
  }

  Split RandomThreshold(const std::vector<std::size_t> & rows, std::size_t column, float low, float high)
  {
    // In [low, high): both sides get a row.
    const auto drawn = static_cast<float>(low + Uniform01(m_Random) * (static_cast<double>(high) - low));
    Split       split{ column, drawn < high ? drawn : low };
    Tally       left(m_Weights.labels.size()), right(m_Weights.labels.size());
    std::size_t onLeft = 0;
    for (const auto row : rows)
    {
      const bool isLeft = Value(row, column) <= split.threshold;
      onLeft += isLeft;
      (isLeft ? left : right).Add(m_LabelOf[row], Weight(row));
    }
    if (std::min(onLeft, rows.size() - onLeft) >= static_cast<std::size_t>(m_Spec.leaf))
      split.impurity = left.Impurity() + right.Impurity();
    return split;
  }

  Split BestThreshold(std::vector<std::size_t> & rows, std::size_t column)
  {
    std::ranges::sort(rows, {}, [&](std::size_t row) { return std::pair(Value(row, column), row); });
    Tally left(m_Weights.labels.size()), right(m_Weights.labels.size());
    for (const auto row : rows)
      right.Add(m_LabelOf[row], Weight(row));
    Split             best{ column, 0 };
    const std::size_t leaf = static_cast<std::size_t>(m_Spec.leaf);
    for (std::size_t i = 0; i + 1 < rows.size(); ++i)
    {
      left.Add(m_LabelOf[rows[i]], Weight(rows[i]));
      right.Add(m_LabelOf[rows[i]], -Weight(rows[i]));
      const float here = Value(rows[i], column), next = Value(rows[i + 1], column);
      if (!(here < next) || i + 1 < leaf || rows.size() - i - 1 < leaf)
        continue;
      const double impurity = left.Impurity() + right.Impurity();
      if (impurity < best.impurity)
      {
        const float middle = here + (next - here) / 2;
        best.impurity = impurity;
        best.threshold = middle < next ? middle : here;
      }
    }
    return best;
  }

  const Rows &                     m_Rows;
  const ClassicalSpec &            m_Spec;
  const std::vector<std::size_t> & m_LabelOf;
  const ClassWeights &             m_Weights;
  std::mt19937_64                  m_Random;
  std::vector<std::size_t>         m_Columns;
  Forest                           m_Tree;
};

void Append(Forest & forest, const Forest & tree, std::size_t labels)
{
  const int nodes = static_cast<int>(forest.features.size()), leaves = static_cast<int>(forest.shares.size() / labels);
  forest.roots.push_back(nodes);
  for (std::size_t n = 0; n < tree.features.size(); ++n)
    forest.children.push_back(tree.children[n] + (tree.features[n] < 0 ? leaves : nodes));
  forest.features.insert(forest.features.end(), tree.features.begin(), tree.features.end());
  forest.thresholds.insert(forest.thresholds.end(), tree.thresholds.begin(), tree.thresholds.end());
  forest.shares.insert(forest.shares.end(), tree.shares.begin(), tree.shares.end());
}

} // namespace

Solution GrowForest(const Rows & rows, const ClassicalSpec & spec)
{
  const auto weights = WeighClasses(rows, spec.balanced);
  Solution   solution;
  solution.labels = weights.labels;
  solution.columns = rows.columns;
  std::vector<std::size_t> labelOf;
  for (const int label : rows.classes)
    labelOf.push_back(static_cast<std::size_t>(std::ranges::find(weights.labels, label) - weights.labels.begin()));
  std::vector<Forest> trees(static_cast<std::size_t>(spec.trees));
  JobQueue(trees.size()).Run(spec.threads, [&](std::size_t t) {
    trees[t] = TreeGrower(rows, spec, labelOf, weights, DeriveSeed(spec.seed, { "classical", "tree", std::to_string(t) })).Grow();
  });
  for (const auto & tree : trees)
    Append(solution.forest, tree, weights.labels.size());
  return solution;
}

std::vector<double> ForestShares(const Solution & solution, std::span<const float> row)
{
  const auto &        forest = solution.forest;
  const std::size_t   labels = solution.labels.size();
  std::vector<double> shares(labels, 0);
  for (const int root : forest.roots)
  {
    auto node = static_cast<std::size_t>(root);
    while (forest.features[node] >= 0)
      node = static_cast<std::size_t>(forest.children[node]) +
             (row[static_cast<std::size_t>(forest.features[node])] <= forest.thresholds[node] ? 0 : 1);
    for (std::size_t k = 0; k < labels; ++k)
      shares[k] += forest.shares[static_cast<std::size_t>(forest.children[node]) * labels + k];
  }
  const double sum = std::accumulate(shares.begin(), shares.end(), 0.0);
  for (double & share : shares)
    share /= sum;
  return shares;
}

} // namespace serval::classical
