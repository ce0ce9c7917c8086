#include "DenseProducts.h"
#include "Solvers.h"
#include "serval/Core/Error.h"

#include <Eigen/Core>
#include <lbfgs.h>

#include <algorithm>
#include <cmath>
#include <memory>

namespace serval::classical
{
namespace
{

using RowMajor = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// sum_i c_i log(1 + exp(-y_i (w'x_i + b))) / S + |w|^2 / (2 cost S) with S = sum_i c_i: the division leaves the place of
/// the minimum alone and makes the gradient's size independent of rows and cost. Products in float32, sums of rows in double.
struct LogisticLoss
{
  Eigen::Map<const RowMajor> x;
  const Machine &            machine;
  double                     cost, total;
  Eigen::Index               block; ///< rows that stay in a core's cache
  Eigen::VectorXf            weights, slopes, push;

  LogisticLoss(const float * values, std::size_t columns, const Machine & of, double cost)
    : x(values, static_cast<Eigen::Index>(of.rows.size()), static_cast<Eigen::Index>(columns))
    , machine(of)
    , cost(cost)
    , total(0)
    , block(std::max<Eigen::Index>(8, 65536 / x.cols()))
    , push(block)
  {
    for (const int sign : of.signs)
      total += sign > 0 ? of.positive : of.negative;
  }

  double Evaluate(const double * at, double * gradient)
  {
    const Eigen::Map<const Eigen::VectorXd> point(at, x.cols());
    const double                            constant = at[x.cols()];
    weights = point.cast<float>();
    slopes.setZero(x.cols());
    double loss = 0, pushes = 0;
    for (Eigen::Index first = 0; first < x.rows(); first += block) // a block of rows is read once from memory for both products
    {
      const Eigen::Index count = std::min(block, x.rows() - first);
      const auto         part = x.middleRows(first, count);
      TimesVector(part.data(), static_cast<std::size_t>(count), static_cast<std::size_t>(x.cols()), weights.data(), push.data());
      for (Eigen::Index i = 0; i < count; ++i)
      {
        const int    sign = machine.signs[static_cast<std::size_t>(first + i)];
        const double weight = (sign > 0 ? machine.positive : machine.negative) / total;
        const double margin = sign * (push[i] + constant), small = std::exp(-std::abs(margin));
        loss += weight * (std::log1p(small) + std::max(0.0, -margin));
        const double slope = -sign * weight * (margin > 0 ? small : 1) / (1 + small);
        push[i] = static_cast<float>(slope);
        pushes += slope;
      }
      AddWeightedRows(part.data(), static_cast<std::size_t>(count), static_cast<std::size_t>(x.cols()), push.data(), slopes.data());
    }
    const double penalty = 1 / (cost * total);
    Eigen::Map<Eigen::VectorXd>(gradient, x.cols()) = slopes.cast<double>() + penalty * point;
    gradient[x.cols()] = pushes;
    return loss + penalty * point.squaredNorm() / 2;
  }
};

lbfgsfloatval_t Evaluate(void * loss, const lbfgsfloatval_t * at, lbfgsfloatval_t * gradient, const int, const lbfgsfloatval_t)
{
  return static_cast<LogisticLoss *>(loss)->Evaluate(at, gradient);
}

void SolveMachine(LogisticLoss & loss, Solution & solution)
{
  struct Free
  {
    void operator()(lbfgsfloatval_t * memory) const { lbfgs_free(memory); }
  };
  const auto                                   variables = static_cast<std::size_t>(loss.x.cols()) + 1;
  // Its vectors come in blocks; what lies behind ours must stay 0.
  const std::size_t                            padded = (variables + 15) / 16 * 16;
  const std::unique_ptr<lbfgsfloatval_t, Free> at(lbfgs_malloc(static_cast<int>(padded)));
  Require(at != nullptr, Fault::Environment, "there is no memory for logistic regression on ", variables, " variables");
  std::fill(at.get(), at.get() + padded, 0.0);
  lbfgs_parameter_t settings;
  lbfgs_parameter_init(&settings);
  settings.m = 10;
  settings.epsilon = 2e-5;
  settings.max_iterations = 1000;
  lbfgs(static_cast<int>(variables), at.get(), nullptr, Evaluate, nullptr, &loss, &settings);
  // Near the minimum float32 can stop the line search before the tolerance; what counts is the slope that is left.
  std::vector<double> gradient(variables);
  loss.Evaluate(at.get(), gradient.data());
  const double slope = Eigen::Map<const Eigen::VectorXd>(gradient.data(), loss.x.cols() + 1).norm();
  const double size = Eigen::Map<const Eigen::VectorXd>(at.get(), loss.x.cols() + 1).norm(); // as in the solver's own criterion
  if (!(slope < 1e-3 * std::max(1.0, size)))
    throw NotConverged(Concat("logistic regression did not converge (slope ", slope, " after 1000 steps); standardise the features or lower the cost"));
  solution.weights.insert(solution.weights.end(), at.get(), at.get() + variables);
}

} // namespace

Solution SolveLogistic(const Rows & rows, const ClassicalSpec & spec)
{
  const auto classWeights = WeighClasses(rows, spec.balanced);
  Solution   solution;
  solution.labels = classWeights.labels;
  solution.columns = rows.columns;
  solution.decoding = DecodingOf(spec);
  for (const auto & machine : MachinesOf(rows, spec, classWeights))
  {
    const bool   isWhole = machine.rows.size() == rows.Count();
    const Rows   part = isWhole ? Rows{} : Subset(rows, machine.rows);
    LogisticLoss loss(isWhole ? rows.values.data() : part.values.data(), rows.columns, machine, spec.cost);
    SolveMachine(loss, solution);
  }
  return solution;
}

} // namespace serval::classical
