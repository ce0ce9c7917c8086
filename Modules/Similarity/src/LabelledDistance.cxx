#include "CheckPair.h"
#include "serval/Core/Error.h"
#include "serval/Core/Random.h"
#include "serval/Similarity/LabelledDistance.h"

#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

namespace serval
{
namespace
{

using RowMajor = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

Eigen::MatrixXd MatrixOf(const FeatureSample & sample)
{
  return Eigen::Map<const RowMajor>(sample.values.data(), static_cast<Eigen::Index>(sample.Rows()), static_cast<Eigen::Index>(sample.columns))
    .cast<double>();
}

/// Squared distances of rows of x and y; by differences, so that equal rows have exactly 0.
Eigen::MatrixXd SquaredDistances(const Eigen::MatrixXd & x, const Eigen::MatrixXd & y)
{
  Eigen::MatrixXd distances(x.rows(), y.rows());
  for (Eigen::Index j = 0; j < y.rows(); ++j)
    distances.col(j) = (x.rowwise() - y.row(j)).rowwise().squaredNorm();
  return distances;
}

/// Integral of the squared difference of the quantile functions of two sorted samples.
double SquaredQuantileDistance(const Eigen::VectorXd & x, const Eigen::VectorXd & y)
{
  double       sum = 0, at = 0;
  Eigen::Index i = 0, j = 0;
  while (i < x.size() && j < y.size())
  {
    const double endX = static_cast<double>(i + 1) / static_cast<double>(x.size()), endY = static_cast<double>(j + 1) / static_cast<double>(y.size());
    const double end = std::min(endX, endY);
    sum += (end - at) * (x[i] - y[j]) * (x[i] - y[j]);
    at = end;
    i += endX <= end;
    j += endY <= end;
  }
  return sum;
}

/// Entropic transport between uniform weights at the cost, its value by the dual (Feydy 2019), averaged updates.
double EntropicTransport(const Eigen::MatrixXd & cost, double epsilon)
{
  const auto      n = cost.rows(), m = cost.cols();
  const double    logN = std::log(static_cast<double>(n)), logM = std::log(static_cast<double>(m));
  Eigen::VectorXd f = Eigen::VectorXd::Zero(n), g = Eigen::VectorXd::Zero(m);
  const Eigen::MatrixXd turned = cost.transpose(); // rows of the cost, one after another in memory
  const auto      soft = [epsilon](const Eigen::ArrayXd & exponents, double logCount) {
    const double top = exponents.maxCoeff();
    return -epsilon * (top + std::log((exponents - top).exp().sum()) - logCount);
  };
  for (int step = 0; step < 500; ++step)
  {
    Eigen::VectorXd nextF(n), nextG(m);
    for (Eigen::Index i = 0; i < n; ++i)
      nextF[i] = soft((g - turned.col(i)).array() / epsilon, logM);
    for (Eigen::Index j = 0; j < m; ++j)
      nextG[j] = soft((f - cost.col(j)).array() / epsilon, logN);
    const double change = std::max((nextF - f).cwiseAbs().maxCoeff(), (nextG - g).cwiseAbs().maxCoeff());
    f = (f + nextF) / 2; // symmetric in both sides
    g = (g + nextG) / 2;
    if (change < 1e-4 * epsilon)
      break;
  }
  return f.mean() + g.mean();
}

std::map<int, FeatureSample> ClassesOf(const LabelledSample & sample)
{
  std::map<int, FeatureSample> parts;
  for (std::size_t i = 0; i < sample.Rows(); ++i)
  {
    auto & part = parts[sample.classes[i]];
    part.columns = sample.features.columns;
    const auto first = sample.features.values.begin() + static_cast<std::ptrdiff_t>(i * part.columns);
    part.values.insert(part.values.end(), first, first + static_cast<std::ptrdiff_t>(part.columns));
  }
  return parts;
}

struct Side
{
  Eigen::MatrixXd              rows;
  std::vector<int>             classes;
  std::map<int, FeatureSample> parts;
};

Eigen::MatrixXd LabelledCost(const Side & a, const Side & b)
{
  std::map<std::pair<int, int>, double> between;
  for (const auto & [classA, partA] : a.parts)
    for (const auto & [classB, partB] : b.parts)
      between[{ classA, classB }] = partA.values == partB.values ? 0 : FrechetDistance(partA, partB);
  auto cost = SquaredDistances(a.rows, b.rows);
  for (Eigen::Index i = 0; i < cost.rows(); ++i)
    for (Eigen::Index j = 0; j < cost.cols(); ++j)
      cost(i, j) += between.at({ a.classes[static_cast<std::size_t>(i)], b.classes[static_cast<std::size_t>(j)] });
  return cost;
}

} // namespace

double EnergyDistance(const FeatureSample & a, const FeatureSample & b)
{
  similarity::CheckPair(a, b);
  const auto x = MatrixOf(a), y = MatrixOf(b);
  const auto mean = [](const Eigen::MatrixXd & s, const Eigen::MatrixXd & t) { return SquaredDistances(s, t).cwiseSqrt().mean(); };
  return std::max(0.0, 2 * mean(x, y) - mean(x, x) - mean(y, y));
}

double SlicedWasserstein(const FeatureSample & a, const FeatureSample & b, int directions, std::uint64_t seed)
{
  similarity::CheckPair(a, b);
  Require(directions >= 1, Fault::Usage, directions, " directions are asked for; at least 1 is needed");
  const auto      x = MatrixOf(a), y = MatrixOf(b);
  std::mt19937_64 random(DeriveSeed(seed, { "similarity", "directions" }));
  double          sum = 0;
  for (int d = 0; d < directions; ++d)
  {
    Eigen::VectorXd axis(x.cols());
    for (double & value : axis) // Box and Muller
      value = std::sqrt(-2 * std::log(1 - Uniform01(random))) * std::cos(6.283185307179586 * Uniform01(random));
    axis.normalize();
    Eigen::VectorXd p = x * axis, q = y * axis;
    std::ranges::sort(p);
    std::ranges::sort(q);
    sum += SquaredQuantileDistance(p, q);
  }
  return std::sqrt(sum / directions);
}

Answer LinearAlignment(const FeatureSample & a, const FeatureSample & b)
{
  similarity::CheckPair(a, a);
  similarity::CheckPair(b, b);
  Require(a.Rows() == b.Rows(), Fault::Input, "the networks' features have ", a.Rows(), " and ", b.Rows(), " rows; the same rows are expected");
  Eigen::MatrixXd x = MatrixOf(a), y = MatrixOf(b);
  x.rowwise() -= x.colwise().mean().eval();
  y.rowwise() -= y.colwise().mean().eval();
  // |A'B|^2 = <AA', BB'>: by rows where they are fewer.
  const bool   isWide = x.rows() < std::max(x.cols(), y.cols());
  const double scale = x.squaredNorm() * y.squaredNorm();
  double       xy = 0, xx = 0, yy = 0;
  if (isWide)
  {
    const Eigen::MatrixXd k = x * x.transpose(), l = y * y.transpose();
    xy = k.cwiseProduct(l).sum();
    xx = k.norm();
    yy = l.norm();
  }
  else
  {
    xy = (x.transpose() * y).squaredNorm();
    xx = (x.transpose() * x).norm();
    yy = (y.transpose() * y).norm();
  }
  if (!(scale > 0) || !(xx * yy > 0))
    return Answer::None("the features of a network are constant");
  return Answer::Of(std::min(1.0, xy / (xx * yy)));
}

Answer LabelledTransport(const LabelledSample & a, const LabelledSample & b)
{
  similarity::CheckPair(a.features, b.features);
  constexpr std::size_t limit = 300;
  std::vector<Side>     sides;
  for (const auto * sample : { &a, &b })
  {
    const auto thin = Thin(*sample, limit);
    Side       side{ MatrixOf(thin.features), thin.classes, ClassesOf(thin) };
    for (const auto & [label, part] : side.parts)
      if (part.Rows() < 2)
        return Answer::None("a class has one row, so its covariance is unknown");
    sides.push_back(std::move(side));
  }
  const auto   ab = LabelledCost(sides[0], sides[1]), aa = LabelledCost(sides[0], sides[0]), bb = LabelledCost(sides[1], sides[1]);
  const double mean = (ab.sum() * 2 + aa.sum() + bb.sum()) / static_cast<double>(2 * ab.size() + aa.size() + bb.size());
  if (!(mean > 0))
    return Answer::Of(0);
  const double epsilon = 0.05 * mean;
  return Answer::Of(std::max(0.0, EntropicTransport(ab, epsilon) - (EntropicTransport(aa, epsilon) + EntropicTransport(bb, epsilon)) / 2));
}

} // namespace serval
