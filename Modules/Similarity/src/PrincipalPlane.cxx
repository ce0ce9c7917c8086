#include "serval/Similarity/PrincipalPlane.h"

#include "serval/Core/Error.h"

#include <Eigen/Dense>

#include <algorithm>
#include <cmath>

namespace serval
{
namespace
{

Eigen::MatrixXd Standardised(std::span<const float> values, std::size_t columns)
{
  Require(columns > 0 && values.size() % columns == 0, Fault::Internal, "a table of ", values.size(), " numbers has no rows of ", columns);
  const auto rows = static_cast<Eigen::Index>(values.size() / columns);
  Require(rows > 2, Fault::Input, "there are ", rows, " rows of features; a map of them needs at least 3");
  Require(std::all_of(values.begin(), values.end(), [](float value) { return std::isfinite(value); }), Fault::Input, "a feature is not a finite number");
  using RowMajor = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  Eigen::MatrixXd table = Eigen::Map<const RowMajor>(values.data(), rows, static_cast<Eigen::Index>(columns)).cast<double>();
  table.rowwise() -= table.colwise().mean().eval();
  for (Eigen::Index column = 0; column < table.cols(); ++column)
    if (const double deviation = std::sqrt(table.col(column).squaredNorm() / double(rows)); deviation > 1e-9)
      table.col(column) /= deviation;
    else
      table.col(column).setZero();
  return table;
}

} // namespace

PrincipalPlane PrincipalPlane::Of(std::span<const float> values, std::size_t columns)
{
  const Eigen::MatrixXd table = Standardised(values, columns);
  const bool            isWide = table.cols() > table.rows(); // the smaller of the two products has the same components
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(isWide ? Eigen::MatrixXd(table * table.transpose()) : Eigen::MatrixXd(table.transpose() * table));
  Require(solver.info() == Eigen::Success, Fault::Input, "the principal components did not converge; the features may be too large");
  const auto & variance = solver.eigenvalues();
  const double total = variance.cwiseMax(0).sum();
  Require(total > 0, Fault::Input, "all rows of features are equal; there is no principal component");
  PrincipalPlane plane{ std::vector<std::array<double, 2>>(static_cast<std::size_t>(table.rows())), {} };
  for (std::size_t axis = 0; axis < 2 && static_cast<Eigen::Index>(axis) < variance.size(); ++axis)
  {
    const auto      place = variance.size() - 1 - static_cast<Eigen::Index>(axis);
    const double    held = std::max(variance[place], 0.0);
    Eigen::VectorXd coordinates = isWide ? Eigen::VectorXd(solver.eigenvectors().col(place) * std::sqrt(held)) : Eigen::VectorXd(table * solver.eigenvectors().col(place));
    Eigen::Index    largest = 0;
    coordinates.cwiseAbs().maxCoeff(&largest);
    coordinates *= coordinates[largest] < 0 ? -1 : 1;
    plane.share[axis] = held / total;
    for (std::size_t row = 0; row < plane.rows.size(); ++row)
      plane.rows[row][axis] = coordinates[static_cast<Eigen::Index>(row)];
  }
  return plane;
}

} // namespace serval
