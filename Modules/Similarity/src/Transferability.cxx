#include "CheckPair.h"
#include "Targets.h"
#include "serval/Classical/Shrinkage.h"
#include "serval/Core/Error.h"
#include "serval/Similarity/Arrangement.h"
#include "serval/Similarity/Transferability.h"

#include <Eigen/Cholesky>
#include <Eigen/Eigenvalues>

#include <algorithm>
#include <cmath>

namespace serval
{

namespace similarity
{

Target Prepare(const LabelledSample & sample)
{
  CheckPair(sample.features, sample.features);
  Target target;
  target.classOf = NumberClasses(sample.classes, sample.features.Rows(), target.counts);
  using RowMajor = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  target.rows = Eigen::Map<const RowMajor>(sample.features.values.data(), static_cast<Eigen::Index>(sample.Rows()),
                                           static_cast<Eigen::Index>(sample.features.columns))
                  .cast<double>();
  target.centred = target.rows.rowwise() - target.rows.colwise().mean();
  return target;
}

std::vector<std::size_t> NumberClasses(const std::vector<int> & classes, std::size_t rows, std::vector<double> & counts)
{
  Require(classes.size() == rows && rows > 0, Fault::Input, "there are ", classes.size(), " classes for ", rows, " rows");
  std::vector<int> present(classes);
  std::ranges::sort(present);
  Require(present.front() >= 0, Fault::Input, "a row has the class ", present.front(), "; classes count from 0");
  present.erase(std::unique(present.begin(), present.end()), present.end());
  counts.assign(present.size(), 0);
  std::vector<std::size_t> numbers;
  for (const int label : classes)
  {
    numbers.push_back(static_cast<std::size_t>(std::ranges::lower_bound(present, label) - present.begin()));
    counts[numbers.back()] += 1;
  }
  return numbers;
}

Eigen::MatrixXd ClassMeans(const Target & target)
{
  Eigen::MatrixXd means = Eigen::MatrixXd::Zero(static_cast<Eigen::Index>(target.counts.size()), target.centred.cols());
  for (Eigen::Index i = 0; i < target.centred.rows(); ++i)
    means.row(static_cast<Eigen::Index>(target.ClassOf(i))) += target.centred.row(i) / target.counts[target.ClassOf(i)];
  return means;
}

} // namespace similarity

namespace
{

using similarity::Target;
const Answer oneClass = Answer::None("all rows are of one class");
const Answer constant = Answer::None("all rows of features are equal");

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

Answer LogEvidence(const LabelledSample & sample)
{
  const auto target = similarity::Prepare(sample);
  if (target.counts.size() < 2)
    return oneClass;
  const Eigen::MatrixXd & f = target.rows;
  const bool              isWide = f.cols() > f.rows();
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(isWide ? Eigen::MatrixXd(f * f.transpose()) : Eigen::MatrixXd(f.transpose() * f));
  Require(solver.info() == Eigen::Success, Fault::Input, "the log evidence did not converge; the features may be too large");
  const double total = solver.eigenvalues().cwiseMax(0).sum();
  Eigen::Index rank = 0;
  while (rank < solver.eigenvalues().size() && solver.eigenvalues()[solver.eigenvalues().size() - 1 - rank] > 1e-12 * total)
    ++rank;
  if (rank == 0)
    return constant;
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

Answer ShrunkHScore(const LabelledSample & sample)
{
  const auto target = similarity::Prepare(sample);
  if (target.counts.size() < 2)
    return oneClass;
  const auto            rows = static_cast<double>(target.centred.rows()), columns = static_cast<double>(target.centred.cols());
  const Eigen::MatrixXd scatter = target.centred / std::sqrt(rows);
  const double          variance = scatter.squaredNorm() / columns;
  if (!(variance > 0))
    return constant;
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
    return oneClass;
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
    return oneClass;
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
