#include "serval/Classical/Shrinkage.h"
#include "serval/Core/Error.h"

#include <Eigen/Core>

#include <algorithm>

namespace serval
{

double LedoitWolfShrinkage(std::span<const double> values, std::span<const double> weights)
{
  Require(!weights.empty() && !values.empty() && values.size() % weights.size() == 0, Fault::Input, values.size(), " values do not fit ",
          weights.size(), " rows");
  const auto                              rows = static_cast<Eigen::Index>(weights.size());
  const Eigen::Map<const Eigen::MatrixXd> scatter(values.data(), rows, static_cast<Eigen::Index>(values.size()) / rows);
  const Eigen::Map<const Eigen::VectorXd> rowWeights(weights.data(), rows);
  const bool            isWide = scatter.cols() > scatter.rows();
  const Eigen::MatrixXd products = isWide ? Eigen::MatrixXd(scatter * scatter.transpose()) : Eigen::MatrixXd(scatter.transpose() * scatter);
  const double          square = products.squaredNorm(), trace = products.trace();
  const double          distance = square - trace * trace / static_cast<double>(scatter.cols());
  if (!(distance > 0))
    return 1;
  double spread = 0;
  for (Eigen::Index i = 0; i < scatter.rows(); ++i)
  {
    // scatter's row is sqrt(w) x: w^2 |x x'|^2 = |row|^4, and w^2 x'Sx = w row'S row.
    const double norm = scatter.row(i).squaredNorm();
    const double crossed = isWide ? products.row(i).squaredNorm() : scatter.row(i).dot(scatter.row(i) * products);
    spread += norm * norm - 2 * rowWeights[i] * crossed + rowWeights[i] * rowWeights[i] * square;
  }
  return std::clamp(spread / distance, 0.0, 1.0);
}

} // namespace serval
