#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <vector>

namespace serval
{

/// Rows of numbers on their two directions of largest variance.
struct PrincipalPlane
{
  std::vector<std::array<double, 2>> rows;
  std::array<double, 2>              share{}; ///< of the variance, from 0 to 1

  /// Principal components of `values` (row after row of `columns`), each column with mean 0 and deviation 1, those of one value
  /// left out. In each direction the coordinate of largest size is positive. Fault::Input below three rows, for numbers that are
  /// not finite and where all rows are equal.
  static PrincipalPlane Of(std::span<const float> values, std::size_t columns);
};

} // namespace serval
