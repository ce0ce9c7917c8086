#include "Solvers.h"
#include "serval/Core/Error.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>

namespace serval
{
namespace
{

using classical::Rows;

void CheckTable(const FeatureTable & table, int classCount, const ClassicalSpec & spec)
{
  Require(std::isfinite(spec.cost) && spec.cost > 0, Fault::Usage, "the cost is ", spec.cost, "; it must be above 0");
  Require(std::isfinite(spec.gamma) && spec.gamma >= 0, Fault::Usage, "gamma is ", spec.gamma, "; it must not be negative");
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
    for (std::size_t j = 0; j < table.columns; ++j)
      Require(std::isfinite(table.values[i * table.columns + j]), Fault::Input, "row ", i, ", column ", j,
              " of the features is ", table.values[i * table.columns + j], "; all must be finite");
  }
  Require(present.size() >= 2, Fault::Input, "all ", rows, " rows are of class ", *present.begin(),
          "; a classifier needs rows of at least 2 classes");
}

/// Mean and standard deviation of each column as float32; the deviation of a constant column is 1.
void MeasureColumns(const FeatureTable & table, std::vector<float> & mean, std::vector<float> & deviation)
{
  const double rows = static_cast<double>(table.Rows());
  for (std::size_t j = 0; j < table.columns; ++j)
  {
    double sum = 0, squares = 0;
    for (std::size_t i = j; i < table.values.size(); i += table.columns)
      sum += table.values[i];
    const double average = sum / rows;
    for (std::size_t i = j; i < table.values.size(); i += table.columns)
      squares += (table.values[i] - average) * (table.values[i] - average);
    const double spread = std::sqrt(squares / rows);
    const bool   constant = !(spread > 1e-7 * std::abs(average) && spread > std::numeric_limits<float>::min());
    mean.push_back(static_cast<float>(average));
    deviation.push_back(constant ? 1.0F : static_cast<float>(spread));
  }
}

} // namespace

ClassicalSpec::Kind ClassicalSpec::KindFrom(const std::string & text)
{
  for (const auto kind : { Kind::SvmLinear, Kind::SvmRbf, Kind::LogisticRegression })
    if (ToText(kind) == text)
      return kind;
  Fail(Fault::Usage, "the classifier '", text, "' is unknown; expected svm-linear, svm-rbf or logistic-regression");
}

std::string ToText(ClassicalSpec::Kind kind)
{
  return kind == ClassicalSpec::Kind::SvmLinear ? "svm-linear"
         : kind == ClassicalSpec::Kind::SvmRbf  ? "svm-rbf"
                                                : "logistic-regression";
}

namespace classical
{

ClassWeights WeighClasses(const Rows & rows, bool balanced)
{
  std::map<int, double> counts;
  for (const int label : rows.classes)
    ++counts[label];
  ClassWeights result;
  for (const auto & [label, count] : counts)
  {
    result.labels.push_back(label);
    result.weights.push_back(balanced ? static_cast<double>(rows.Count()) / (static_cast<double>(counts.size()) * count) : 1);
  }
  return result;
}

std::vector<std::string> GroupsOf(const FeatureTable & table)
{
  auto groups = table.groups;
  for (std::size_t i = groups.size(); i < table.Rows(); ++i)
    groups.push_back(std::to_string(i));
  return groups;
}

Solution Solve(const Rows & rows, const ClassicalSpec & spec)
{
  return spec.kind == ClassicalSpec::Kind::SvmRbf ? SolveKernel(rows, spec) : SolveLinear(rows, spec);
}

std::vector<double> Scores(const Solution & solution, std::span<const double> row)
{
  return solution.weights.empty() ? KernelScores(solution, row) : LinearScores(solution, row);
}

} // namespace classical

std::vector<double> ClassicalModel::Impl::Standardise(std::span<const float> row) const
{
  std::vector<double> standard(row.size());
  for (std::size_t j = 0; j < row.size(); ++j)
    standard[j] = (static_cast<double>(row[j]) - mean[j]) / deviation[j];
  return standard;
}

ClassicalModel::Impl ClassicalModel::Impl::Prepare(const FeatureTable & table, int classCount, const ClassicalSpec & spec)
{
  CheckTable(table, classCount, spec);
  Impl impl;
  impl.kind = spec.kind;
  impl.classCount = classCount;
  MeasureColumns(table, impl.mean, impl.deviation);
  return impl;
}

Rows ClassicalModel::Impl::StandardRows(const FeatureTable & table) const
{
  Rows rows;
  rows.columns = table.columns;
  rows.classes = table.classes;
  rows.values.reserve(table.values.size());
  for (std::size_t i = 0; i < table.Rows(); ++i)
  {
    const auto standard = Standardise({ table.values.data() + i * table.columns, table.columns });
    rows.values.insert(rows.values.end(), standard.begin(), standard.end());
  }
  return rows;
}

ClassicalModel ClassicalModel::Fit(const FeatureTable & table, int classCount, const ClassicalSpec & spec)
{
  auto       impl = std::make_shared<Impl>(Impl::Prepare(table, classCount, spec));
  const auto rows = impl->StandardRows(table);
  impl->solution = classical::Solve(rows, spec);
  if (spec.kind != ClassicalSpec::Kind::LogisticRegression)
    impl->scale = classical::CalibrateScale(rows, classical::GroupsOf(table), spec);
  return ClassicalModel(std::move(impl));
}

std::vector<double> ClassicalModel::Probabilities(std::span<const float> row) const
{
  const auto & impl = *m_Impl;
  Require(row.size() == Columns(), Fault::Input, "the classifier takes ", Columns(), " features, but ", row.size(),
          " are given; use the layers it was fitted on");
  Require(std::all_of(row.begin(), row.end(), [](float value) { return std::isfinite(value); }), Fault::Input,
          "the features to classify hold values that are not finite");
  auto scores = classical::Scores(impl.solution, impl.Standardise(row));
  if (impl.kind == ClassicalSpec::Kind::LogisticRegression)
  {
    // The softmax of log(logistic(score)) is the logistic divided by the sum of all; it holds for far scores too.
    for (double & score : scores)
      score = score > 0 ? -std::log1p(std::exp(-score)) : score - std::log1p(std::exp(score));
  }
  const auto          p = classical::Softmax(scores, impl.scale);
  std::vector<double> result(static_cast<std::size_t>(impl.classCount), 0.0);
  for (std::size_t k = 0; k < p.size(); ++k)
    result[static_cast<std::size_t>(impl.solution.labels[k])] = p[k];
  return result;
}

std::size_t ClassicalModel::Columns() const { return m_Impl->mean.size(); }

int ClassicalModel::ClassCount() const { return m_Impl->classCount; }

} // namespace serval
