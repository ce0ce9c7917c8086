#include "Solvers.h"
#include "serval/Classical/Shrinkage.h"
#include "serval/Core/Random.h"

#include <Eigen/Cholesky>
#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace serval::classical
{
namespace
{

using RowMajor = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// Means of the classes (a row each), their prior shares, and the rows about their own class's mean, each times the root
/// of its weight over the sum of the weights: their inner products are the pooled covariance.
struct WithinClasses
{
  Eigen::MatrixXd     means, scatter;
  Eigen::VectorXd     priors, rowWeights;
  std::vector<int>    labels;
};

WithinClasses MeasureClasses(const Rows & rows, bool balanced)
{
  const auto    weights = WeighClasses(rows, balanced);
  const auto    count = static_cast<Eigen::Index>(rows.Count()), columns = static_cast<Eigen::Index>(rows.columns);
  const auto    classes = static_cast<Eigen::Index>(weights.labels.size());
  WithinClasses result{ Eigen::MatrixXd::Zero(classes, columns), Eigen::Map<const RowMajor>(rows.values.data(), count, columns).cast<double>(),
                        Eigen::VectorXd::Zero(classes), Eigen::VectorXd(count), weights.labels };
  std::vector<Eigen::Index> classOf;
  Eigen::VectorXd           counts = Eigen::VectorXd::Zero(classes);
  for (Eigen::Index i = 0; i < count; ++i)
  {
    const auto k = std::ranges::find(weights.labels, rows.classes[static_cast<std::size_t>(i)]) - weights.labels.begin();
    classOf.push_back(k);
    result.rowWeights[i] = weights.weights[static_cast<std::size_t>(k)];
    result.priors[k] += result.rowWeights[i];
    result.means.row(k) += result.scatter.row(i);
    counts[k] += 1;
  }
  for (Eigen::Index k = 0; k < classes; ++k)
    result.means.row(k) /= counts[k];
  const double total = result.priors.sum();
  result.priors /= total;
  result.rowWeights /= total;
  for (Eigen::Index i = 0; i < count; ++i)
    result.scatter.row(i) = (result.scatter.row(i) - result.means.row(classOf[static_cast<std::size_t>(i)])) * std::sqrt(result.rowWeights[i]);
  return result;
}

/// (a I + b S)^-1 times each row of `means`, with S = scatter' scatter; in the space of rows where they are fewer than the
/// columns (Woodbury).
Eigen::MatrixXd SolveShrunk(const Eigen::MatrixXd & scatter, const Eigen::MatrixXd & means, double a, double b)
{
  const Eigen::Index rows = scatter.rows(), columns = scatter.cols();
  if (columns <= rows)
  {
    const Eigen::MatrixXd covariance = b * scatter.transpose() * scatter + a * Eigen::MatrixXd::Identity(columns, columns);
    return covariance.ldlt().solve(means.transpose()).transpose();
  }
  const Eigen::MatrixXd inner = b * scatter * scatter.transpose() + a * Eigen::MatrixXd::Identity(rows, rows);
  const Eigen::MatrixXd along = inner.ldlt().solve(scatter * means.transpose());
  return (means - b * along.transpose() * scatter) / a;
}

Solution PerLabel(const std::vector<int> & labels, std::size_t columns, const Eigen::MatrixXd & weights, const Eigen::VectorXd & constants)
{
  Solution solution;
  solution.labels = labels;
  solution.columns = columns;
  for (Eigen::Index k = 0; k < weights.rows(); ++k)
  {
    for (Eigen::Index j = 0; j < weights.cols(); ++j)
      solution.weights.push_back(static_cast<float>(weights(k, j)));
    solution.weights.push_back(static_cast<float>(constants[k]));
  }
  return solution;
}

} // namespace

Solution SolveNearestMean(const Rows & rows, const ClassicalSpec & spec)
{
  const auto measured = MeasureClasses(rows, spec.balanced);
  // -|x - m|^2 / 2 without what all classes share.
  return PerLabel(measured.labels, rows.columns, measured.means, -0.5 * measured.means.rowwise().squaredNorm());
}

Solution SolveDiscriminant(const Rows & rows, const ClassicalSpec & spec)
{
  const auto   measured = MeasureClasses(rows, spec.balanced);
  const double shrinkage = spec.shrinkage < 0 ? LedoitWolfShrinkage({ measured.scatter.data(), static_cast<std::size_t>(measured.scatter.size()) },
                                                                 { measured.rowWeights.data(), rows.Count() }) : spec.shrinkage;
  const double variance = measured.scatter.squaredNorm() / static_cast<double>(rows.columns);
  // A ridge far below what float32 features resolve, so that equal rows have a finite answer.
  const double          ridge = std::max(shrinkage * variance, 1e-9 * variance + 1e-12);
  const Eigen::MatrixXd weights = SolveShrunk(measured.scatter, measured.means, ridge, 1 - shrinkage);
  const Eigen::VectorXd constants =
    -0.5 * (weights.cwiseProduct(measured.means)).rowwise().sum() + Eigen::VectorXd(measured.priors.array().log());
  return PerLabel(measured.labels, rows.columns, weights, constants);
}

Solution SolvePerceptron(const Rows & rows, const ClassicalSpec & spec)
{
  constexpr int epochs = 50;
  const auto    classWeights = WeighClasses(rows, spec.balanced);
  Solution      solution;
  solution.labels = classWeights.labels;
  solution.columns = rows.columns;
  solution.decoding = DecodingOf(spec);
  std::mt19937_64 random(DeriveSeed(spec.seed, { "classical", "perceptron" }));
  for (const auto & machine : MachinesOf(rows, spec, classWeights))
  {
    std::vector<std::size_t> order(machine.rows.size());
    std::iota(order.begin(), order.end(), std::size_t{ 0 });
    std::vector<double> weights(rows.columns + 1, 0), sum(rows.columns + 1, 0);
    double              step = 0;
    bool                isWrong = true;
    for (int epoch = 0; epoch < epochs && isWrong; ++epoch)
    {
      isWrong = false;
      Shuffle(order, random);
      for (const auto i : order)
      {
        const auto   row = rows.Row(machine.rows[i]);
        const double score = std::inner_product(row.begin(), row.end(), weights.begin(), weights.back());
        if (machine.signs[i] * score <= 0)
        {
          isWrong = true;
          const double push = machine.signs[i] * (machine.signs[i] > 0 ? machine.positive : machine.negative);
          for (std::size_t j = 0; j <= row.size(); ++j)
          {
            const double change = push * (j < row.size() ? static_cast<double>(row[j]) : 1);
            weights[j] += change;
            sum[j] += step * change; // the mean over all steps is weights - sum / steps
          }
        }
        ++step;
      }
    }
    for (std::size_t j = 0; j < weights.size(); ++j)
      solution.weights.push_back(static_cast<float>(weights[j] - sum[j] / step));
  }
  return solution;
}

} // namespace serval::classical
