#include "serval/Similarity/Arrangement.h"
#include "serval/Core/Error.h"

#include <Eigen/Eigenvalues>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace serval
{
namespace
{

void CheckDistances(const std::vector<double> & distances, std::size_t count)
{
  Require(count >= 2 && distances.size() == count * count, Fault::Input, "a matrix of ", distances.size(), " distances is given for ", count,
          " items; at least 2 items and their square are expected");
  for (std::size_t i = 0; i < count; ++i)
    for (std::size_t j = 0; j < count; ++j)
    {
      const double here = distances[i * count + j], there = distances[j * count + i];
      Require(here >= 0 && std::isfinite(here) && std::abs(here - there) <= 1e-6 * std::max(here, there) && (i != j || here == 0), Fault::Input,
              "the distance of items ", i, " and ", j, " is ", here, " and ", there, " in return; a symmetric matrix with 0 on its diagonal is expected");
    }
}

} // namespace

std::vector<std::array<double, 2>> ScaleToPlane(const std::vector<double> & distances, std::size_t count)
{
  CheckDistances(distances, count);
  const auto      n = static_cast<Eigen::Index>(count);
  Eigen::MatrixXd squares = Eigen::Map<const Eigen::MatrixXd>(distances.data(), n, n).cwiseAbs2();
  squares = ((squares + squares.transpose()) / 2).eval();
  const Eigen::VectorXd means = squares.colwise().mean();
  const double          mean = means.mean();
  squares.colwise() -= means;
  squares.rowwise() -= means.transpose();
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(-0.5 * (squares.array() + mean).matrix());
  std::vector<std::array<double, 2>>                   places(count);
  for (Eigen::Index axis = 0; axis < 2; ++axis)
  {
    const double          size = solver.eigenvalues()[n - 1 - axis];
    const Eigen::VectorXd direction = solver.eigenvectors().col(n - 1 - axis);
    Eigen::Index          largest = 0;
    direction.cwiseAbs().maxCoeff(&largest);
    const double factor = std::sqrt(std::max(0.0, size)) * (direction[largest] < 0 ? -1 : 1);
    for (std::size_t i = 0; i < count; ++i)
      places[i][static_cast<std::size_t>(axis)] = factor * direction[static_cast<Eigen::Index>(i)];
  }
  return places;
}

std::vector<Merger> LinkByAverage(const std::vector<double> & distances, std::size_t count)
{
  CheckDistances(distances, count);
  struct Cluster
  {
    std::size_t              number;
    std::vector<std::size_t> items;
  };
  std::vector<Cluster> clusters;
  for (std::size_t i = 0; i < count; ++i)
    clusters.push_back({ i, { i } });
  const auto between = [&](const Cluster & a, const Cluster & b) {
    double sum = 0;
    for (const auto i : a.items)
      for (const auto j : b.items)
        sum += distances[std::min(i, j) * count + std::max(i, j)];
    return sum / static_cast<double>(a.items.size() * b.items.size());
  };
  std::vector<Merger> mergers;
  while (clusters.size() > 1)
  {
    std::size_t a = 0, b = 1;
    double      nearest = INFINITY;
    for (std::size_t i = 0; i < clusters.size(); ++i)
      for (std::size_t j = i + 1; j < clusters.size(); ++j)
        if (const double distance = between(clusters[i], clusters[j]); distance < nearest)
        {
          nearest = distance;
          a = i;
          b = j;
        }
    mergers.push_back({ clusters[a].number, clusters[b].number, nearest });
    clusters[a].number = count + mergers.size() - 1;
    clusters[a].items.insert(clusters[a].items.end(), clusters[b].items.begin(), clusters[b].items.end());
    clusters.erase(clusters.begin() + static_cast<std::ptrdiff_t>(b));
  }
  return mergers;
}

std::vector<double> MidRanks(std::span<const double> values)
{
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{ 0 });
  std::ranges::sort(order, {}, [&](std::size_t i) { return values[i]; });
  std::vector<double> ranks(values.size());
  for (std::size_t first = 0; first < order.size();)
  {
    std::size_t last = first;
    while (last + 1 < order.size() && values[order[last + 1]] == values[order[first]])
      ++last;
    for (std::size_t i = first; i <= last; ++i)
      ranks[order[i]] = static_cast<double>(first + last) / 2 + 1;
    first = last + 1;
  }
  return ranks;
}

namespace
{

std::string WhyNoCorrelation(std::span<const double> a, std::span<const double> b)
{
  Require(a.size() == b.size(), Fault::Input, "lists of ", a.size(), " and ", b.size(), " values are to be correlated");
  for (const auto & side : { a, b })
    Require(std::ranges::all_of(side, [](double value) { return std::isfinite(value); }), Fault::Input, "a value to be correlated is not finite");
  if (a.size() < 3)
    return "fewer than three pairs";
  const auto isConstant = [](std::span<const double> side) { return std::ranges::all_of(side, [&](double value) { return value == side[0]; }); };
  return isConstant(a) || isConstant(b) ? "one side is constant" : "";
}

} // namespace

Answer KendallTau(std::span<const double> a, std::span<const double> b)
{
  if (auto why = WhyNoCorrelation(a, b); !why.empty())
    return Answer::None(std::move(why));
  double agreeing = 0, untiedA = 0, untiedB = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
    {
      const int signA = (a[i] > a[j]) - (a[i] < a[j]), signB = (b[i] > b[j]) - (b[i] < b[j]);
      agreeing += signA * signB;
      untiedA += signA != 0;
      untiedB += signB != 0;
    }
  return Answer::Of(agreeing / std::sqrt(untiedA * untiedB));
}

Answer SpearmanRho(std::span<const double> a, std::span<const double> b)
{
  if (auto why = WhyNoCorrelation(a, b); !why.empty())
    return Answer::None(std::move(why));
  const auto   x = MidRanks(a), y = MidRanks(b);
  const double mean = (static_cast<double>(a.size()) + 1) / 2;
  double       xy = 0, xx = 0, yy = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
  {
    xy += (x[i] - mean) * (y[i] - mean);
    xx += (x[i] - mean) * (x[i] - mean);
    yy += (y[i] - mean) * (y[i] - mean);
  }
  return Answer::Of(xy / std::sqrt(xx * yy));
}

} // namespace serval
