#include "Targets.h"
#include "serval/Core/Error.h"
#include "serval/Similarity/Transferability.h"

#include <Eigen/Eigenvalues>

#include <algorithm>
#include <cmath>

namespace serval
{
namespace
{

using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// The source's probabilities, each row summing to 1.
RowMajor CheckedProbabilities(std::span<const float> probabilities, std::size_t sources, std::size_t rows)
{
  Require(sources >= 1 && probabilities.size() == rows * sources, Fault::Input, "there are ", probabilities.size(), " source probabilities; ",
          rows, " rows of ", sources, " are expected");
  RowMajor checked(static_cast<Eigen::Index>(rows), static_cast<Eigen::Index>(sources));
  for (std::size_t i = 0; i < rows; ++i)
  {
    double sum = 0;
    for (std::size_t z = 0; z < sources; ++z)
    {
      const double p = probabilities[i * sources + z];
      Require(p >= 0 && p <= 1.001, Fault::Input, "row ", i, " of the source predictions has the probability ", p, "; 0 to 1 are expected");
      sum += checked(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(z)) = p;
    }
    Require(std::abs(sum - 1) < 1e-3, Fault::Input, "the source probabilities of row ", i, " sum to ", sum, "; 1 is expected");
    checked.row(static_cast<Eigen::Index>(i)) /= sum;
  }
  return checked;
}

/// p(y|z), [classes x sources]; zero for a source class without weight, which then has no part in any sum.
Eigen::MatrixXd ClassGivenSource(const RowMajor & probabilities, const std::vector<std::size_t> & classOf, std::size_t classes)
{
  Eigen::MatrixXd joint = Eigen::MatrixXd::Zero(static_cast<Eigen::Index>(classes), probabilities.cols());
  for (Eigen::Index i = 0; i < probabilities.rows(); ++i)
    joint.row(static_cast<Eigen::Index>(classOf[static_cast<std::size_t>(i)])) += probabilities.row(i);
  for (Eigen::Index z = 0; z < joint.cols(); ++z)
    if (const double sum = joint.col(z).sum(); sum > 0)
      joint.col(z) /= sum;
  return joint;
}

double MeanLogLikelihood(const RowMajor & probabilities, const std::vector<std::size_t> & classOf, std::size_t classes)
{
  const auto given = ClassGivenSource(probabilities, classOf, classes);
  double     sum = 0;
  for (Eigen::Index i = 0; i < probabilities.rows(); ++i)
    sum += std::log(probabilities.row(i).dot(given.row(static_cast<Eigen::Index>(classOf[static_cast<std::size_t>(i)]))));
  return sum / static_cast<double>(probabilities.rows());
}

/// Coordinates on the components that hold 80 % of the variance.
Eigen::MatrixXd Project(const Eigen::MatrixXd & centred)
{
  const bool                                           isWide = centred.cols() > centred.rows();
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(isWide ? Eigen::MatrixXd(centred * centred.transpose())
                                                                     : Eigen::MatrixXd(centred.transpose() * centred));
  Require(solver.info() == Eigen::Success, Fault::Input, "the principal components did not converge; the features may be too large");
  const auto & variance = solver.eigenvalues();
  const double total = variance.cwiseMax(0).sum();
  Eigen::Index kept = 0;
  for (double held = 0; kept < variance.size() && held < 0.8 * total; ++kept)
    held += variance[variance.size() - 1 - kept];
  const Eigen::MatrixXd vectors = solver.eigenvectors().rightCols(kept);
  if (!isWide)
    return centred * vectors;
  return vectors * variance.tail(kept).cwiseSqrt().asDiagonal();
}

/// The row nearest to the mean, then always the one farthest from those chosen.
std::vector<Eigen::Index> FarthestRows(const Eigen::MatrixXd & rows, std::size_t count)
{
  std::vector<Eigen::Index> chosen(1);
  rows.rowwise().squaredNorm().minCoeff(&chosen[0]);
  Eigen::VectorXd distances = (rows.rowwise() - rows.row(chosen[0])).rowwise().squaredNorm();
  while (chosen.size() < count)
  {
    Eigen::Index farthest = 0;
    if (!(distances.maxCoeff(&farthest) > 0))
      break;
    chosen.push_back(farthest);
    distances = distances.cwiseMin((rows.rowwise() - rows.row(farthest)).rowwise().squaredNorm());
  }
  return chosen;
}

/// Posteriors of a mixture of Gaussians with diagonal covariances after 100 steps of EM.
RowMajor MixturePosteriors(const Eigen::MatrixXd & rows, std::size_t count)
{
  const auto            starts = FarthestRows(rows, count);
  const auto            parts = static_cast<Eigen::Index>(starts.size());
  const Eigen::RowVectorXd whole = rows.cwiseAbs2().colwise().mean();
  const Eigen::RowVectorXd floor = 1e-6 * whole;
  Eigen::MatrixXd       means(parts, rows.cols()), variances(parts, rows.cols());
  Eigen::VectorXd       weights = Eigen::VectorXd::Constant(parts, 1.0 / static_cast<double>(parts));
  for (Eigen::Index k = 0; k < parts; ++k)
  {
    means.row(k) = rows.row(starts[static_cast<std::size_t>(k)]);
    variances.row(k) = whole;
  }
  RowMajor posteriors(rows.rows(), parts);
  for (int step = 0; step <= 100; ++step)
  {
    for (Eigen::Index k = 0; k < parts; ++k)
    {
      const double constant = std::log(std::max(weights[k], 1e-300)) - variances.row(k).array().log().sum() / 2;
      posteriors.col(k) = ((rows.rowwise() - means.row(k)).array().square().rowwise() / variances.row(k).array()).rowwise().sum() * -0.5 + constant;
    }
    for (Eigen::Index i = 0; i < rows.rows(); ++i)
    {
      posteriors.row(i) = (posteriors.row(i).array() - posteriors.row(i).maxCoeff()).exp().matrix().eval();
      posteriors.row(i) /= posteriors.row(i).sum();
    }
    if (step == 100)
      break;
    for (Eigen::Index k = 0; k < parts; ++k)
    {
      const double sum = posteriors.col(k).sum();
      weights[k] = sum / static_cast<double>(rows.rows());
      if (!(sum > 1e-12))
        continue;
      means.row(k) = posteriors.col(k).transpose() * rows / sum;
      variances.row(k) = (posteriors.col(k).transpose() * (rows.rowwise() - means.row(k)).cwiseAbs2() / sum).cwiseMax(floor);
    }
  }
  return posteriors;
}

} // namespace

Answer Leep(std::span<const float> probabilities, std::size_t sourceClasses, const std::vector<int> & classes)
{
  std::vector<double> counts;
  const auto          classOf = similarity::NumberClasses(classes, classes.size(), counts);
  const auto          checked = CheckedProbabilities(probabilities, sourceClasses, classes.size());
  if (counts.size() < 2)
    return Answer::None("all rows are of one class");
  return Answer::Of(MeanLogLikelihood(checked, classOf, counts.size()));
}

Answer NegativeConditionalEntropy(std::span<const float> probabilities, std::size_t sourceClasses, const std::vector<int> & classes)
{
  std::vector<double> counts;
  const auto          classOf = similarity::NumberClasses(classes, classes.size(), counts);
  auto                checked = CheckedProbabilities(probabilities, sourceClasses, classes.size());
  if (counts.size() < 2)
    return Answer::None("all rows are of one class");
  for (Eigen::Index i = 0; i < checked.rows(); ++i)
  {
    Eigen::Index decided = 0;
    checked.row(i).maxCoeff(&decided);
    checked.row(i).setZero();
    checked(i, decided) = 1;
  }
  return Answer::Of(MeanLogLikelihood(checked, classOf, counts.size()));
}

Answer GaussianLeep(const LabelledSample & sample)
{
  const auto target = similarity::Prepare(sample);
  if (target.counts.size() < 2)
    return Answer::None("all rows are of one class");
  if (!(target.centred.squaredNorm() > 0))
    return Answer::None("all rows of features are equal");
  const std::size_t count = std::max<std::size_t>(1, std::min(5 * target.counts.size(), sample.Rows() / 2));
  return Answer::Of(MeanLogLikelihood(MixturePosteriors(Project(target.centred), count), target.classOf, target.counts.size()));
}

} // namespace serval
