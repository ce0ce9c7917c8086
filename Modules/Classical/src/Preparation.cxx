#include "Solvers.h"
#include "serval/Core/Error.h"

#include <Eigen/Eigenvalues>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace serval::classical
{
namespace
{

using RowMajor = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// Mean and standard deviation of each column as float32; the deviation of a constant column is 1.
void MeasureColumns(const FeatureTable & table, std::vector<float> & mean, std::vector<float> & deviation)
{
  const double        rows = static_cast<double>(table.Rows());
  std::vector<double> sum(table.columns, 0), squares(table.columns, 0);
  for (std::size_t i = 0; i < table.values.size(); i += table.columns)
    for (std::size_t j = 0; j < table.columns; ++j)
      sum[j] += table.values[i + j];
  for (double & value : sum)
    value /= rows;
  for (std::size_t i = 0; i < table.values.size(); i += table.columns)
    for (std::size_t j = 0; j < table.columns; ++j)
    {
      const double difference = table.values[i + j] - sum[j];
      squares[j] += difference * difference;
    }
  for (std::size_t j = 0; j < table.columns; ++j)
  {
    const double spread = std::sqrt(squares[j] / rows);
    const bool   isConstant = !(spread > 1e-7 * std::abs(sum[j]) && spread > std::numeric_limits<float>::min());
    mean.push_back(static_cast<float>(sum[j]));
    deviation.push_back(isConstant ? 1.0F : static_cast<float>(spread));
  }
}

Rows KeepColumns(const Rows & rows, const std::vector<std::size_t> & kept)
{
  Rows part;
  part.columns = kept.size();
  part.classes = rows.classes;
  part.values.reserve(rows.Count() * kept.size());
  for (std::size_t i = 0; i < rows.Count(); ++i)
    for (const auto j : kept)
      part.values.push_back(rows.values[i * rows.columns + j]);
  return part;
}

} // namespace

std::vector<std::size_t> EliminateColumns(const Rows & rows, const ClassicalSpec & spec)
{
  Require(static_cast<std::size_t>(spec.features) <= rows.columns, Fault::Usage, spec.features, " features are to be kept of ",
          rows.columns, "; ask for fewer");
  auto ranking = spec;
  ranking.kind = ClassicalSpec::Kind::SvmLinear;
  std::vector<std::size_t> kept(rows.columns);
  std::iota(kept.begin(), kept.end(), std::size_t{ 0 });
  const auto wanted = static_cast<std::size_t>(spec.features);
  while (kept.size() > wanted)
  {
    const auto          part = KeepColumns(rows, kept);
    const auto          solution = Trainer(part).Solve(ranking);
    std::vector<double> importance(part.columns, 0);
    for (std::size_t w = 0; w < solution.weights.size(); ++w)
      if (w % (part.columns + 1) < part.columns)
        importance[w % (part.columns + 1)] += static_cast<double>(solution.weights[w]) * solution.weights[w];
    std::vector<std::size_t> order(part.columns);
    std::iota(order.begin(), order.end(), std::size_t{ 0 });
    std::ranges::stable_sort(order, [&](auto a, auto b) { return importance[a] > importance[b]; });
    order.resize(std::max(wanted, kept.size() - std::max<std::size_t>(1, kept.size() / 5)));
    std::ranges::sort(order);
    for (auto & column : order)
      column = kept[column];
    kept = std::move(order);
  }
  return kept;
}

std::vector<float> PrincipalComponents(const Rows & rows, double amount)
{
  const Eigen::Map<const RowMajor> x(rows.values.data(), static_cast<Eigen::Index>(rows.Count()), static_cast<Eigen::Index>(rows.columns));
  const bool                       isWide = rows.columns > rows.Count(); // then by the inner products of the rows
  const Eigen::MatrixXd            values = x.cast<double>();
  const Eigen::MatrixXd            products = isWide ? Eigen::MatrixXd(values * values.transpose()) : Eigen::MatrixXd(values.transpose() * values);
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(products);
  Require(solver.info() == Eigen::Success, Fault::Input, "the principal components did not converge; the features may be too large");
  const auto & variance = solver.eigenvalues(); // ascending
  const double total = variance.cwiseMax(0).sum(), smallest = 1e-10 * total;
  Eigen::Index count = 0;
  double       share = 0;
  for (Eigen::Index c = variance.size() - 1; c >= 0 && variance[c] > smallest; --c)
  {
    if (amount >= 1 ? count >= static_cast<Eigen::Index>(amount) : share >= amount * total)
      break;
    share += variance[c];
    ++count;
  }
  Require(count > 0, Fault::Input, "all rows of features are equal; there is no principal component");
  std::vector<float> components;
  for (Eigen::Index c = 0; c < count; ++c)
  {
    const auto      vector = solver.eigenvectors().col(variance.size() - 1 - c);
    Eigen::VectorXd axis = isWide ? Eigen::VectorXd(values.transpose() * vector) : Eigen::VectorXd(vector);
    Eigen::Index    largest = 0;
    axis.cwiseAbs().maxCoeff(&largest);
    axis *= (axis[largest] < 0 ? -1 : 1) / axis.norm();
    for (const double value : axis)
      components.push_back(static_cast<float>(value));
  }
  return components;
}

std::size_t Preparation::Width() const
{
  const std::size_t width = kept.empty() ? mean.size() : kept.size();
  return components.empty() ? width : components.size() / width;
}

std::vector<float> Preparation::Apply(std::span<const float> row) const
{
  std::vector<float> standard;
  const std::size_t  width = kept.empty() ? mean.size() : kept.size();
  standard.reserve(width);
  for (std::size_t c = 0; c < width; ++c)
  {
    const std::size_t j = kept.empty() ? c : kept[c];
    standard.push_back(static_cast<float>((static_cast<double>(row[j]) - mean[j]) / deviation[j]));
  }
  if (components.empty())
    return standard;
  std::vector<float> projected;
  for (std::size_t c = 0; c < components.size(); c += width)
    projected.push_back(static_cast<float>(
      std::inner_product(standard.begin(), standard.end(), components.begin() + static_cast<std::ptrdiff_t>(c), 0.0)));
  return projected;
}

Rows Preparation::Apply(const FeatureTable & table) const
{
  Rows rows;
  rows.columns = Width();
  rows.classes = table.classes;
  rows.values.reserve(table.Rows() * rows.columns);
  for (std::size_t i = 0; i < table.Rows(); ++i)
  {
    const auto row = Apply({ table.values.data() + i * table.columns, table.columns });
    rows.values.insert(rows.values.end(), row.begin(), row.end());
  }
  return rows;
}

Preparation Preparation::Fit(const FeatureTable & table, const ClassicalSpec & spec)
{
  Preparation fitted;
  MeasureColumns(table, fitted.mean, fitted.deviation);
  if (!spec.standardised)
  {
    std::ranges::fill(fitted.deviation, 1.0F);
    if (spec.components == 0)
      std::ranges::fill(fitted.mean, 0.0F);
  }
  if (spec.features > 0)
    fitted.kept = EliminateColumns(fitted.Apply(table), spec);
  if (spec.components > 0)
    fitted.components = PrincipalComponents(fitted.Apply(table), spec.components);
  return fitted;
}

} // namespace serval::classical
