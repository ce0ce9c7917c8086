#include "Solvers.h"
#include "serval/Core/Error.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

namespace serval
{
namespace classical
{

void CheckTable(const FeatureTable & table, int classCount, const ClassicalSpec & spec)
{
  const auto inRange = [](bool isRight, const char * name, double value, const char * expected) {
    Require(isRight, Fault::Usage, name, " is ", value, "; ", expected);
  };
  inRange(std::isfinite(spec.cost) && spec.cost > 0, "the cost", spec.cost, "it must be above 0");
  inRange(std::isfinite(spec.gamma) && spec.gamma >= 0, "gamma", spec.gamma, "it must not be negative");
  inRange(spec.degree >= 1 && spec.degree <= 20, "the degree", spec.degree, "1 to 20 are expected");
  inRange(std::isfinite(spec.offset) && spec.offset >= 0, "the polynomial's offset", spec.offset, "it must not be negative");
  inRange(spec.neighbours >= 1, "the number of neighbours", spec.neighbours, "it must be above 0");
  inRange(spec.shrinkage <= 1, "the shrinkage", spec.shrinkage, "0 to 1, or below 0 for the estimated one, is expected");
  inRange(spec.trees >= 1 && spec.trees <= 100000, "the number of trees", spec.trees, "1 to 100000 are expected");
  inRange(spec.leaf >= 1, "the fewest rows of a leaf", spec.leaf, "it must be above 0");
  inRange(spec.components >= 0 && spec.components < 1e9, "the number of components", spec.components, "it must not be negative");
  inRange(spec.features >= 0, "the number of features to keep", spec.features, "it must not be negative");
  const std::size_t rows = table.Rows();
  Require(rows >= 2, Fault::Input, "the feature table has ", rows, " row(s); a classifier needs at least 2");
  constexpr std::size_t limit = std::numeric_limits<int>::max() - 2;
  Require(table.columns > 0 && table.columns < limit && rows < limit, Fault::Input, "the feature table has ", rows,
          " rows of ", table.columns, " columns; 1 to ", limit - 1, " of each are expected");
  Require(table.values.size() / table.columns == rows && table.values.size() % table.columns == 0, Fault::Input,
          "the feature table has ", table.values.size(), " values; ", rows, " rows of ", table.columns, " columns are expected");
  Require(table.groups.empty() || table.groups.size() == rows, Fault::Input, "the feature table has ", table.groups.size(),
          " groups for ", rows, " rows");
  std::set<int> present;
  for (std::size_t i = 0; i < rows; ++i)
  {
    Require(table.classes[i] >= 0 && table.classes[i] < classCount, Fault::Input, "row ", i, " has the class ", table.classes[i],
            "; 0 to ", classCount - 1, " are expected");
    present.insert(table.classes[i]);
  }
  const auto bad = std::ranges::find_if_not(table.values, [](float value) { return std::isfinite(value); });
  if (bad != table.values.end())
  {
    const auto at = static_cast<std::size_t>(bad - table.values.begin());
    Fail(Fault::Input, "row ", at / table.columns, ", column ", at % table.columns, " of the features is ", *bad, "; all must be finite");
  }
  Require(present.size() >= 2, Fault::Input, "all ", rows, " rows are of class ", *present.begin(),
          "; a classifier needs rows of at least 2 classes");
}

std::vector<std::string> GroupsOf(const FeatureTable & table)
{
  auto groups = table.groups;
  for (std::size_t i = groups.size(); i < table.Rows(); ++i)
    groups.push_back(std::to_string(i));
  return groups;
}

FeatureTable Subset(const FeatureTable & table, const std::vector<std::size_t> & chosen)
{
  FeatureTable part;
  part.columns = table.columns;
  part.values.reserve(chosen.size() * table.columns);
  for (const auto i : chosen)
  {
    const auto first = table.values.begin() + static_cast<std::ptrdiff_t>(i * table.columns);
    part.values.insert(part.values.end(), first, first + static_cast<std::ptrdiff_t>(table.columns));
    part.classes.push_back(table.classes[i]);
    if (!table.groups.empty())
      part.groups.push_back(table.groups[i]);
  }
  return part;
}

} // namespace classical

ClassicalModel ClassicalModel::Fit(const FeatureTable & table, int classCount, const ClassicalSpec & spec)
{
  classical::CheckTable(table, classCount, spec);
  auto impl = std::make_shared<Impl>();
  impl->kind = spec.kind;
  impl->classCount = classCount;
  impl->preparation = classical::Preparation::Fit(table, spec);
  const auto         rows = impl->preparation.Apply(table);
  classical::Trainer trainer(rows);
  impl->solution = trainer.Solve(spec);
  if (classical::IsCalibrated(spec.kind) && spec.calibration != ClassicalSpec::Calibration::None)
    impl->calibrator = classical::FitCalibrator(trainer, rows, classical::GroupsOf(table), spec);
  return ClassicalModel(std::move(impl));
}

namespace
{

double LogOfLogistic(double score) { return score > 0 ? -std::log1p(std::exp(-score)) : score - std::log1p(std::exp(score)); }

/// Each label's mean logistic against the others: sums to 1.
std::vector<double> VoteByPairs(const std::vector<double> & outputs, std::size_t labels)
{
  std::vector<double> p(labels, 0);
  const double        pairs = static_cast<double>(labels * (labels - 1) / 2);
  std::size_t         pair = 0;
  for (std::size_t a = 0; a < labels; ++a)
    for (std::size_t b = a + 1; b < labels; ++b)
    {
      const double first = std::exp(LogOfLogistic(outputs[pair++]));
      p[a] += first / pairs;
      p[b] += (1 - first) / pairs;
    }
  return p;
}

} // namespace

std::vector<double> ClassicalModel::Impl::LabelProbabilities(std::span<const float> row) const
{
  using Kind = ClassicalSpec::Kind;
  if (kind == Kind::LogisticRegression || kind == Kind::LogisticL1)
  {
    if (solution.decoding == classical::Decoding::OneVsOne)
      return VoteByPairs(classical::MachineOutputs(solution, row), solution.labels.size());
    // The softmax of log(logistic(score)) is the logistic divided by the sum of all; it holds for far scores too.
    auto scores = classical::Scores(solution, row);
    std::ranges::transform(scores, scores.begin(), LogOfLogistic);
    return classical::Softmax(scores, 1);
  }
  const auto scores = classical::Scores(solution, row);
  if (kind == Kind::NearestNeighbours || kind == Kind::RandomForest || kind == Kind::ExtraTrees)
    return scores;
  return calibrator.Apply(scores);
}

std::vector<double> ClassicalModel::Probabilities(std::span<const float> row) const
{
  const auto & impl = *m_Impl;
  Require(row.size() == Columns(), Fault::Input, "the classifier takes ", Columns(), " features, but ", row.size(),
          " are given; use the layers it was fitted on");
  Require(std::all_of(row.begin(), row.end(), [](float value) { return std::isfinite(value); }), Fault::Input,
          "the features to classify hold values that are not finite");
  const auto          p = impl.LabelProbabilities(impl.preparation.Apply(row));
  std::vector<double> result(static_cast<std::size_t>(impl.classCount), 0.0);
  for (std::size_t k = 0; k < p.size(); ++k)
    result[static_cast<std::size_t>(impl.solution.labels[k])] = p[k];
  return result;
}

std::size_t ClassicalModel::Columns() const { return m_Impl->preparation.mean.size(); }

int ClassicalModel::ClassCount() const { return m_Impl->classCount; }

std::vector<std::size_t> ClassicalModel::KeptColumns() const
{
  auto kept = m_Impl->preparation.kept;
  for (std::size_t j = kept.size(); m_Impl->preparation.kept.empty() && j < Columns(); ++j)
    kept.push_back(j);
  return kept;
}

} // namespace serval
