#pragma once

#include "serval/Classical/ClassicalModel.h"

#include <span>
#include <string_view>
#include <vector>

namespace serval::classical
{

/// Standardised rows, row after row, with classes.
struct Rows
{
  std::size_t         columns = 0;
  std::vector<double> values;
  std::vector<int>    classes;

  std::span<const double> Row(std::size_t i) const { return { values.data() + i * columns, columns }; }
  std::size_t             Count() const { return classes.size(); }
};

/// What a solver found, as float32, as it is stored. Linear: weights. Kernel: all else.
struct Solution
{
  std::vector<int>   labels;       ///< class of each score
  std::size_t        columns = 0;
  std::vector<float> weights;      ///< labels x (columns + 1), the last is the constant
  std::vector<float> vectors;      ///< support vectors, class by class in the order of labels
  std::vector<int>   counts;       ///< support vectors a class
  std::vector<float> coefficients; ///< (labels - 1) x vectors, as in libsvm
  std::vector<float> rho;          ///< constants of the pairs (0,1), (0,2), ..., (1,2), ...
  double             gamma = 0;

  std::size_t Vectors() const { return columns == 0 ? 0 : vectors.size() / columns; }
};

Solution SolveLinear(const Rows & rows, const ClassicalSpec & spec);
Solution SolveKernel(const Rows & rows, const ClassicalSpec & spec);
Solution Solve(const Rows & rows, const ClassicalSpec & spec);

/// The weight of each class present: 1, or rows / (classes * rows of the class).
struct ClassWeights
{
  std::vector<int>    labels;
  std::vector<double> weights;
};
ClassWeights WeighClasses(const Rows & rows, bool balanced);

/// One score a label; the decision is the largest. Kernel with more than two classes: votes of the pairs, ties in favour
/// of the larger sum of margins.
std::vector<double> Scores(const Solution & solution, std::span<const double> row);
std::vector<double> LinearScores(const Solution & solution, std::span<const double> row);
std::vector<double> KernelScores(const Solution & solution, std::span<const double> row);

std::vector<double> Softmax(const std::vector<double> & scores, double scale);

/// Fold of each row, at most five, drawn for the `use`; rows of one group share it.
struct Folds
{
  std::size_t              count = 0;
  std::vector<std::size_t> ofRow;
};
Folds DrawFolds(const std::vector<std::string> & groups, std::uint64_t seed, std::string_view use);

/// The scale of softmax that fits cross-validated scores best; 1 when a fold would lack a class.
double CalibrateScale(const Rows & rows, const std::vector<std::string> & groups, const ClassicalSpec & spec);

/// The table's groups; without any, each row is its own.
std::vector<std::string> GroupsOf(const FeatureTable & table);

} // namespace serval::classical

namespace serval
{

struct ClassicalModel::Impl
{
  ClassicalSpec::Kind kind{};
  int                 classCount = 0;
  double              scale = 1;
  std::vector<float>  mean, deviation;
  classical::Solution solution;

  std::vector<double> Standardise(std::span<const float> row) const;
  /// Checks the table and fits the standardisation; the solution is left open.
  static Impl Prepare(const FeatureTable & table, int classCount, const ClassicalSpec & spec);
  /// The whole table standardised.
  classical::Rows StandardRows(const FeatureTable & table) const;
};

} // namespace serval
