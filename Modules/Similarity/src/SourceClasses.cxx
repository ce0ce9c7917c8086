#include "Targets.h"
#include "serval/Core/Error.h"
#include "serval/Similarity/Transferability.h"

#include <Eigen/Eigenvalues>

#include <algorithm>
#include <cmath>
#include <limits>

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

/// A mixture of Gaussians with diagonal covariances; all sums over rows are products of matrices.
class Mixture
{
public:
  Mixture(const Eigen::MatrixXd & rows, std::size_t count)
    : m_Rows(rows)
    , m_Squares(rows.cwiseAbs2())
    , m_Floor(1e-6 * m_Squares.colwise().mean())
    , m_Means(rows(FarthestRows(rows, count), Eigen::all))
    , m_Variances(m_Squares.colwise().mean().replicate(m_Means.rows(), 1))
    , m_Weights(Eigen::RowVectorXd::Constant(m_Means.rows(), 1.0 / static_cast<double>(m_Means.rows())))
  {}

  /// At most 100 steps of EM; fewer when the mean log-likelihood stands still.
  RowMajor Posteriors()
  {
    double before = -std::numeric_limits<double>::infinity();
    for (int step = 0; step < 100; ++step)
    {
      const double now = Expect();
      if (now - before < 1e-9)
        break;
      before = now;
      Maximise();
    }
    Expect();
    return m_Posteriors;
  }

private:
  /// Posteriors by the components as they are; returns the mean log-likelihood, less a constant.
  double Expect()
  {
    const Eigen::MatrixXd    precisions = m_Variances.cwiseInverse(), scaled = m_Means.cwiseProduct(precisions);
    const Eigen::RowVectorXd constants = m_Weights.cwiseMax(1e-300).array().log() -
                                         (m_Variances.array().log().rowwise().sum() + m_Means.cwiseProduct(scaled).rowwise().sum().array()).transpose() / 2;
    m_Posteriors = m_Rows * scaled.transpose() - m_Squares * precisions.transpose() / 2;
    m_Posteriors.rowwise() += constants;
    const Eigen::VectorXd largest = m_Posteriors.rowwise().maxCoeff();
    m_Posteriors = (m_Posteriors.colwise() - largest).array().exp();
    const Eigen::VectorXd sums = m_Posteriors.rowwise().sum();
    m_Posteriors.array().colwise() /= sums.array();
    return (sums.array().log() + largest.array()).mean();
  }

  /// Components by the posteriors; one without rows stays.
  void Maximise()
  {
    const Eigen::RowVectorXd sums = m_Posteriors.colwise().sum();
    const Eigen::MatrixXd    means = m_Posteriors.transpose() * m_Rows, squares = m_Posteriors.transpose() * m_Squares;
    m_Weights = sums / static_cast<double>(m_Rows.rows());
    for (Eigen::Index k = 0; k < sums.size(); ++k)
      if (sums[k] > 1e-12)
      {
        m_Means.row(k) = means.row(k) / sums[k];
        m_Variances.row(k) = (squares.row(k) / sums[k] - m_Means.row(k).cwiseAbs2()).cwiseMax(m_Floor);
      }
  }

  const Eigen::MatrixXd & m_Rows;
  Eigen::MatrixXd         m_Squares;
  Eigen::RowVectorXd      m_Floor;
  Eigen::MatrixXd         m_Means, m_Variances; ///< [components x columns]
  Eigen::RowVectorXd      m_Weights;
  RowMajor                m_Posteriors; ///< [rows x components]
};

} // namespace

Answer Leep(std::span<const float> probabilities, std::size_t sourceClasses, const std::vector<int> & classes)
{
  std::vector<double> counts;
  const auto          classOf = similarity::NumberClasses(classes, classes.size(), counts);
  const auto          checked = CheckedProbabilities(probabilities, sourceClasses, classes.size());
  if (counts.size() < 2)
    return Answer::None(similarity::oneClass);
  return Answer::Of(MeanLogLikelihood(checked, classOf, counts.size()));
}

Answer NegativeConditionalEntropy(std::span<const float> probabilities, std::size_t sourceClasses, const std::vector<int> & classes)
{
  std::vector<double> counts;
  const auto          classOf = similarity::NumberClasses(classes, classes.size(), counts);
  auto                checked = CheckedProbabilities(probabilities, sourceClasses, classes.size());
  if (counts.size() < 2)
    return Answer::None(similarity::oneClass);
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
    return Answer::None(similarity::oneClass);
  if (!(target.centred.squaredNorm() > 0))
    return Answer::None(similarity::constant);
  const std::size_t count = std::max<std::size_t>(1, std::min(5 * target.counts.size(), sample.Rows() / 2));
  const Eigen::MatrixXd rows = Project(target.centred);
  return Answer::Of(MeanLogLikelihood(Mixture(rows, count).Posteriors(), target.classOf, target.counts.size()));
}

} // namespace serval
