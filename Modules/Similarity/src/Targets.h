#pragma once

#include "serval/Similarity/Sample.h"

#include <Eigen/Core>

namespace serval::similarity
{

/// Features with their classes numbered without gaps.
struct Target
{
  Eigen::MatrixXd          rows, centred;
  std::vector<std::size_t> classOf;
  std::vector<double>      counts; ///< rows of each class

  std::size_t ClassOf(Eigen::Index row) const { return classOf[static_cast<std::size_t>(row)]; }
};
/// Fault::Input when they do not fit together.
Target                   Prepare(const LabelledSample & sample);
std::vector<std::size_t> NumberClasses(const std::vector<int> & classes, std::size_t rows, std::vector<double> & counts);
Eigen::MatrixXd          ClassMeans(const Target & target); ///< of the centred features, a row each

/// Why a score has no value.
inline constexpr const char * oneClass = "all rows are of one class";
inline constexpr const char * constant = "all rows of features are equal";

} // namespace serval::similarity
