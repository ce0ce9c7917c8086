#include "CheckPair.h"
#include "serval/Core/Error.h"

#include <Eigen/Eigenvalues>
#include <Eigen/QR>

#include <algorithm>
#include <cmath>

namespace serval
{
namespace
{

/// Mean, and a matrix F with few rows and F' F = covariance.
struct Moments
{
  Eigen::VectorXd mean;
  Eigen::MatrixXd factor;
};

Moments MomentsOf(const FeatureSample & sample)
{
  using RowMajor = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  const auto rows = static_cast<Eigen::Index>(sample.Rows()), columns = static_cast<Eigen::Index>(sample.columns);
  Eigen::MatrixXd values = Eigen::Map<const RowMajor>(sample.values.data(), rows, columns).cast<double>();
  Moments         moments;
  moments.mean = values.colwise().mean();
  values.rowwise() -= moments.mean.transpose();
  values /= std::sqrt(static_cast<double>(rows - 1));
  if (rows <= columns)
    moments.factor = std::move(values);
  else
    moments.factor = Eigen::HouseholderQR<Eigen::MatrixXd>(values).matrixQR().topRows(columns).triangularView<Eigen::Upper>();
  return moments;
}

/// They are the eigenvalues above 0 of the symmetric matrix [0 P; P' 0] (Golub and Van Loan, 8.6); the others are their
/// negatives and zeros. An SVD solver would take half a minute to compile.
double SumOfSingularValues(const Eigen::MatrixXd & product)
{
  const auto      rows = product.rows(), columns = product.cols();
  Eigen::MatrixXd symmetric = Eigen::MatrixXd::Zero(rows + columns, rows + columns);
  symmetric.bottomLeftCorner(columns, rows) = product.transpose(); // the solver reads the lower triangle
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(symmetric, Eigen::EigenvaluesOnly);
  Require(solver.info() == Eigen::Success, Fault::Input, "the Frechet distance did not converge; the features may be too large");
  return solver.eigenvalues().cwiseMax(0).sum();
}

} // namespace

double FrechetDistance(const FeatureSample & a, const FeatureSample & b)
{
  similarity::CheckPair(a, b);
  constexpr std::size_t limit = 2048; // half a minute, and 8 bytes x (2 columns)^2
  Require(a.columns <= limit, Fault::Input, "the Frechet distance of ", a.columns, " features is asked for; at most ", limit,
          " can be compared, choose a narrower layer");
  const auto m = MomentsOf(a), n = MomentsOf(b);
  // tr (C1 C2)^(1/2) is the sum of the singular values of F1 F2': no square root of a nearly singular matrix is taken.
  const double joint = SumOfSingularValues(m.factor * n.factor.transpose());
  const double spread = m.factor.squaredNorm() + n.factor.squaredNorm() - 2 * joint;
  return (m.mean - n.mean).squaredNorm() + std::max(0.0, spread);
}

} // namespace serval
