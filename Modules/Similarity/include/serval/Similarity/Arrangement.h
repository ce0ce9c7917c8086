#pragma once

#include "serval/Similarity/Sample.h"

#include <array>
#include <span>

namespace serval
{

/// Places in the plane whose distances come nearest to a symmetric matrix with zeros on its diagonal, [n x n] (classical
/// scaling, Torgerson 1952); the largest coordinate of each axis is positive. Fault::Input for another matrix.
std::vector<std::array<double, 2>> ScaleToPlane(const std::vector<double> & distances, std::size_t count);

/// Two clusters, at what distance they join, numbered as in SciPy: items 0 to n - 1, the k-th merger is n + k.
struct Merger
{
  std::size_t first = 0, second = 0;
  double      distance = 0;
};
/// Average linkage (UPGMA); of equal distances the one of the lowest numbers. Fault::Input as above.
std::vector<Merger> LinkByAverage(const std::vector<double> & distances, std::size_t count);

/// Heat map of the matrix with its dendrogram, and the map of ScaleToPlane, as one SVG. Empty entries are crossed out, and
/// then there is neither dendrogram nor map.
std::string DrawArrangement(const std::string & title, const std::vector<std::string> & names, const std::vector<std::optional<double>> & matrix);

/// Kendall's tau-b and Spearman's rho with mid-ranks; None for fewer than three pairs or where one side is constant.
Answer KendallTau(std::span<const double> a, std::span<const double> b);
Answer SpearmanRho(std::span<const double> a, std::span<const double> b);
/// Mid-ranks from 1, the smallest first.
std::vector<double> MidRanks(std::span<const double> values);

} // namespace serval
