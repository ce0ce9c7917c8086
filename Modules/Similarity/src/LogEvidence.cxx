#include "Targets.h"
#include "serval/Core/Error.h"
#include "serval/Similarity/Transferability.h"

#include <Eigen/Eigenvalues>

#include <algorithm>
#include <cmath>
#include <optional>

namespace serval
{
namespace
{

/// Maximises the evidence of one regression; `squares`: eigenvalues of the features' inner products (rank of them),
/// `along`: squared projections of the labels on their vectors, `rest`: squared labels outside. By MacKay's fixed point.
std::optional<double> MaximumEvidence(const Eigen::ArrayXd & squares, const Eigen::ArrayXd & along, double rest, double rows)
{
  double alpha = 1, beta = 1;
  for (int step = 0; step < 10000; ++step)
  {
    const double         ratio = alpha / beta;
    const Eigen::ArrayXd shrunk = ratio / (ratio + squares); // the share of the projection that is not fitted
    const double         effective = (1 - shrunk).sum();
    const double         weights = (squares * along / (ratio + squares).square()).sum();
    const double         residual = (along * shrunk.square()).sum() + rest;
    if (!(residual > 1e-10 * (along.sum() + rest)) || !(rows - effective > 1e-9))
      return std::nullopt;
    if (!(weights > 0))
      return std::nullopt;
    alpha = effective / weights;
    beta = (rows - effective) / residual;
    if (std::abs(alpha / beta - ratio) <= 1e-10 * ratio)
      break;
  }
  const double         ratio = alpha / beta;
  const Eigen::ArrayXd shrunk = ratio / (ratio + squares);
  const double         residual = (along * shrunk.square()).sum() + rest;
  const double         weights = (squares * along / (ratio + squares).square()).sum();
  const double evidence = static_cast<double>(squares.size()) / 2 * std::log(alpha) + rows / 2 * std::log(beta) -
                          (alpha + beta * squares).log().sum() / 2 - beta / 2 * residual - alpha / 2 * weights -
                          rows / 2 * std::log(2 * 3.14159265358979323846);
  return std::isfinite(evidence) ? std::optional(evidence / rows) : std::nullopt;
}

} // namespace

Answer LogEvidence(const LabelledSample & sample)
{
  const auto target = similarity::Prepare(sample);
  if (target.counts.size() < 2)
    return Answer::None(similarity::oneClass);
  const Eigen::MatrixXd & f = target.rows;
  const bool              isWide = f.cols() > f.rows();
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(isWide ? Eigen::MatrixXd(f * f.transpose()) : Eigen::MatrixXd(f.transpose() * f));
  Require(solver.info() == Eigen::Success, Fault::Input, "the log evidence did not converge; the features may be too large");
  const double total = solver.eigenvalues().cwiseMax(0).sum();
  Eigen::Index rank = 0;
  while (rank < solver.eigenvalues().size() && solver.eigenvalues()[solver.eigenvalues().size() - 1 - rank] > 1e-12 * total)
    ++rank;
  if (rank == 0)
    return Answer::None(similarity::constant);
  const Eigen::ArrayXd squares = solver.eigenvalues().tail(rank).array();
  Eigen::MatrixXd      basis = solver.eigenvectors().rightCols(rank);
  if (!isWide)
    basis = (f * basis * squares.sqrt().inverse().matrix().asDiagonal()).eval();
  double sum = 0;
  for (std::size_t c = 0; c < target.counts.size(); ++c)
  {
    Eigen::VectorXd labels(f.rows());
    for (Eigen::Index i = 0; i < f.rows(); ++i)
      labels[i] = target.ClassOf(i) == c;
    const Eigen::ArrayXd along = (basis.transpose() * labels).array().square();
    const auto evidence = MaximumEvidence(squares, along, std::max(0.0, labels.squaredNorm() - along.sum()), static_cast<double>(f.rows()));
    if (!evidence)
      return Answer::None("the features fit the classes without any rest, or have nothing to do with them");
    sum += *evidence;
  }
  return Answer::Of(sum / static_cast<double>(target.counts.size()));
}

} // namespace serval
