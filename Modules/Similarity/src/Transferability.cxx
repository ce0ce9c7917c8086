#include "Targets.h"
#include "serval/Classical/Shrinkage.h"
#include "serval/Core/Error.h"
#include "serval/Similarity/Arrangement.h"
#include "serval/Similarity/Transferability.h"

#include <Eigen/Cholesky>

#include <algorithm>
#include <cmath>

namespace serval
{
namespace
{

using similarity::Target;

double LogDeterminant(const Eigen::MatrixXd & positive)
{
  return 2 * Eigen::MatrixXd(positive.llt().matrixL()).diagonal().array().log().sum();
}

/// logdet(I + Z'Z / (rows epsilon)) / 2, among the rows where they are fewer (Sylvester).
double CodingRate(const Eigen::MatrixXd & z)
{
  const double    factor = 1 / (static_cast<double>(z.rows()) * 1e-4);
  Eigen::MatrixXd products = z.rows() < z.cols() ? Eigen::MatrixXd(z * z.transpose()) : Eigen::MatrixXd(z.transpose() * z);
  products *= factor;
  products.diagonal().array() += 1;
  return LogDeterminant(products) / 2;
}

/// The rows of a class.
Eigen::MatrixXd RowsOfClass(const Target & target, std::size_t label)
{
  Eigen::MatrixXd rows(static_cast<Eigen::Index>(target.counts[label]), target.centred.cols());
  Eigen::Index    next = 0;
  for (Eigen::Index i = 0; i < target.centred.rows(); ++i)
    if (target.ClassOf(i) == label)
      rows.row(next++) = target.centred.row(i);
  return rows;
}

/// 1 - Pearson's correlation of each pair of rows, the lower triangle; empty where a row is constant.
std::vector<double> RowDissimilarities(Eigen::MatrixXd rows)
{
  rows.colwise() -= rows.rowwise().mean().eval();
  std::vector<double> distances;
  for (Eigen::Index i = 0; i < rows.rows(); ++i)
  {
    const double norm = rows.row(i).norm();
    if (!(norm > 0))
      return {};
    rows.row(i) /= norm;
    for (Eigen::Index j = 0; j < i; ++j)
      distances.push_back(1 - rows.row(i).dot(rows.row(j)));
  }
  return distances;
}

} // namespace

Answer ShrunkHScore(const LabelledSample & sample)
{
  const auto target = similarity::Prepare(sample);
  if (target.counts.size() < 2)
    return Answer::None(similarity::oneClass);
  const auto            rows = static_cast<double>(target.centred.rows()), columns = static_cast<double>(target.centred.cols());
  const Eigen::MatrixXd scatter = target.centred / std::sqrt(rows);
  const double          variance = scatter.squaredNorm() / columns;
  if (!(variance > 0))
    return Answer::None(similarity::constant);
  const std::vector<double> weights(static_cast<std::size_t>(target.centred.rows()), 1 / rows);
  const double              shrinkage = LedoitWolfShrinkage({ scatter.data(), static_cast<std::size_t>(scatter.size()) }, weights);
  const double              ridge = std::max(shrinkage, 1e-9) * variance;
  Eigen::MatrixXd           means = similarity::ClassMeans(target);
  for (std::size_t c = 0; c < target.counts.size(); ++c)
    means.row(static_cast<Eigen::Index>(c)) *= std::sqrt(target.counts[c] / rows);
  // tr(S^-1 M'M) = tr(M S^-1 M'), among the rows where they are fewer (Woodbury).
  double trace = 0;
  if (scatter.cols() <= scatter.rows())
  {
    Eigen::MatrixXd covariance = (1 - shrinkage) * scatter.transpose() * scatter;
    covariance.diagonal().array() += ridge;
    trace = means.cwiseProduct(covariance.ldlt().solve(means.transpose()).transpose()).sum();
  }
  else
  {
    Eigen::MatrixXd inner = (1 - shrinkage) * scatter * scatter.transpose();
    inner.diagonal().array() += ridge;
    const Eigen::MatrixXd crossed = scatter * means.transpose();
    trace = (means.squaredNorm() - (1 - shrinkage) * crossed.cwiseProduct(inner.ldlt().solve(crossed)).sum()) / ridge;
  }
  return Answer::Of((1 - shrinkage) * trace);
}

Answer PairwiseCorrelation(const LabelledSample & sample)
{
  const auto target = similarity::Prepare(Thin(sample, 500));
  if (target.counts.size() < 2)
    return Answer::None(similarity::oneClass);
  const auto features = RowDissimilarities(target.rows);
  // One-hot vectors of two classes have one and the same correlation, those of one class 1: two values, 0 and 1 in rank.
  std::vector<double> classes;
  for (std::size_t i = 0; i < target.classOf.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      classes.push_back(target.classOf[i] == target.classOf[j] ? 0 : 1);
  if (features.empty())
    return Answer::None("a row's features are all equal, so it has no correlation");
  return SpearmanRho(features, classes);
}

Answer TransRate(const LabelledSample & sample)
{
  const auto target = similarity::Prepare(sample);
  if (target.counts.size() < 2)
    return Answer::None(similarity::oneClass);
  double rate = CodingRate(target.centred);
  for (std::size_t c = 0; c < target.counts.size(); ++c)
    rate -= target.counts[c] / static_cast<double>(target.centred.rows()) * CodingRate(RowsOfClass(target, c));
  return Answer::Of(rate);
}

Answer FeaturesAndGradients(const LabelledSample & sample)
{
  const auto quality = ShrunkHScore(sample);
  if (!quality.value)
    return quality;
  const auto   target = similarity::Prepare(sample);
  const auto   rows = static_cast<double>(target.centred.rows());
  const double classes = static_cast<double>(target.counts.size());
  // A new head says the classes' shares (its constants fit at once); g_i = (shares - one-hot_i) x centred features_i.
  double shares = 0;
  for (const double count : target.counts)
    shares += count / rows * count / rows;
  const auto means = similarity::ClassMeans(target);
  double     together = 0, apart = 0;
  for (std::size_t c = 0; c < target.counts.size(); ++c)
    together += std::pow(target.counts[c] / rows, 2) * means.row(static_cast<Eigen::Index>(c)).squaredNorm();
  for (Eigen::Index i = 0; i < target.centred.rows(); ++i)
    apart += (1 - 2 * target.counts[target.ClassOf(i)] / rows + shares) * target.centred.row(i).squaredNorm() / rows;
  return Answer::Of(*quality.value / (classes - 1) * together / apart);
}

} // namespace serval
