#pragma once

#include "serval/Classical/ClassicalModel.h"
#include "serval/Core/Error.h"

#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace serval::classical
{

/// A solver that does not find its minimum: the setting is none that could be chosen.
class NotConverged : public Error
{
public:
  explicit NotConverged(const std::string & message)
    : Error(Fault::Input, message)
  {}
};

/// Prepared rows, row after row, with classes.
struct Rows
{
  std::size_t        columns = 0;
  std::vector<float> values;
  std::vector<int>   classes;

  std::span<const float> Row(std::size_t i) const { return { values.data() + i * columns, columns }; }
  std::size_t            Count() const { return classes.size(); }
};

/// How the outputs of linear or kernel machines become one score a label.
enum class Decoding
{
  OneVsRest, ///< a machine a label; one machine, for the first label, where there are two
  OneVsOne,  ///< a machine a pair (0,1), (0,2), ..., (1,2), ...
  PerLabel   ///< the outputs are the scores
};
std::size_t MachineCount(Decoding decoding, std::size_t labels);

/// Inner nodes go left where the feature is at most the threshold; leaves have feature -1 and their shares' row as child.
struct Forest
{
  std::vector<int>   roots;    ///< first node of each tree
  std::vector<int>   features; ///< of each node; -1: leaf
  std::vector<float> thresholds;
  std::vector<int>   children; ///< the left one, the right one stands behind it
  std::vector<float> shares;   ///< leaves x labels
};

/// What a solver found, as float32, as it is stored.
struct Solution
{
  std::vector<int>   labels; ///< class of each score
  std::size_t        columns = 0;
  Decoding           decoding = Decoding::PerLabel;
  std::vector<float> weights;      ///< linear: machines x (columns + 1), the last is the constant
  std::vector<float> vectors;      ///< kernel: support vectors; neighbours: all rows
  std::vector<float> coefficients; ///< kernel: machines x vectors
  std::vector<float> constants;    ///< kernel: of each machine
  std::vector<int>   vectorLabels; ///< neighbours: label index of each row
  std::vector<float> voteWeights;  ///< neighbours: of each label
  Forest             forest;
  double             gamma = 0, offset = 0; ///< gamma with degree 0: radial
  int                degree = 0;
  int                neighbours = 0;

  std::size_t Vectors() const { return columns == 0 ? 0 : vectors.size() / columns; }
};

/// The weight of each class present: 1, or rows / (classes * rows of the class).
struct ClassWeights
{
  std::vector<int>    labels;
  std::vector<double> weights;
};
ClassWeights WeighClasses(const Rows & rows, bool balanced);

/// One two-class problem. Rows of the rest weigh the mean of their classes' weights.
struct Machine
{
  std::vector<std::size_t> rows;
  std::vector<int>         signs; ///< 1 or -1 for each of `rows`
  double                   positive = 1, negative = 1;
};
Decoding             DecodingOf(const ClassicalSpec & spec);
std::vector<Machine> MachinesOf(const Rows & rows, const ClassicalSpec & spec, const ClassWeights & weights);

/// Inner products of rows, made when first asked for and then shared by all costs, gammas and subsets of rows.
class GramMatrix
{
public:
  /// Fault::Input above the rows that a kernel can hold. `rows` must outlive it.
  explicit GramMatrix(const Rows & rows);
  std::size_t   Count() const { return m_Count; }
  const float * Row(std::size_t i); ///< products of row i with all rows; the whole matrix is made at the first call

private:
  const Rows &       m_Rows;
  std::size_t        m_Count;
  std::vector<float> m_Products;
};

/// Solves many specifications on the same rows. `chosen`: the rows that take part, ascending, all when left out.
class Trainer
{
public:
  explicit Trainer(const Rows & rows)
    : m_Rows(rows)
  {}
  Solution Solve(const ClassicalSpec & spec);
  Solution Solve(const ClassicalSpec & spec, const std::vector<std::size_t> & chosen);

private:
  const Rows &              m_Rows;
  std::optional<GramMatrix> m_Gram;
};

Rows     Subset(const Rows & rows, const std::vector<std::size_t> & chosen);
Solution SolveKernel(const Rows & rows, GramMatrix & gram, const std::vector<std::size_t> & chosen, const ClassicalSpec & spec);
Solution SolveLinear(const Rows & rows, const ClassicalSpec & spec); ///< SvmLinearSquared, LogisticL1
Solution SolveLogistic(const Rows & rows, const ClassicalSpec & spec);
Solution SolvePerceptron(const Rows & rows, const ClassicalSpec & spec);
Solution SolveNearestMean(const Rows & rows, const ClassicalSpec & spec);
Solution SolveDiscriminant(const Rows & rows, const ClassicalSpec & spec);
Solution KeepNeighbours(const Rows & rows, const ClassicalSpec & spec);
Solution GrowForest(const Rows & rows, const ClassicalSpec & spec);

bool IsKernel(ClassicalSpec::Kind kind);     ///< solved on the Gram matrix
bool IsCalibrated(ClassicalSpec::Kind kind); ///< its scores need a calibration

/// One score a label; the decision is the largest. One against one with more than two labels: votes of the pairs, ties in
/// favour of the larger sum of margins. Neighbours and forests: shares.
std::vector<double> Scores(const Solution & solution, std::span<const float> row);
std::vector<double> MachineOutputs(const Solution & solution, std::span<const float> row);
/// The same of many rows; kernels by one product of matrices.
std::vector<std::vector<double>> Scores(const Solution & solution, const Rows & rows);
std::vector<std::vector<double>> MachineOutputs(const Solution & solution, const Rows & rows);
std::vector<double> NeighbourShares(const Solution & solution, std::span<const float> row);
std::vector<double> ForestShares(const Solution & solution, std::span<const float> row);

std::vector<double> Softmax(const std::vector<double> & scores, double scale);

/// Fold of each row, drawn for the `use`; rows of one group share it.
struct Folds
{
  std::size_t              count = 0;
  std::vector<std::size_t> ofRow;

  std::vector<std::size_t> Without(std::size_t fold) const;
  std::vector<std::size_t> Of(std::size_t fold) const;
};
Folds DrawFolds(const std::vector<std::string> & groups, std::size_t limit, std::uint64_t seed, std::string_view use);

/// Scores to probabilities: a scale of the softmax, or Platt's two numbers a label.
struct Calibrator
{
  double              scale = 1;
  std::vector<double> slopes, offsets;

  std::vector<double> Apply(const std::vector<double> & scores) const;
};
/// Fitted on cross-validated scores; plain softmax when a fold would lack a class.
Calibrator FitCalibrator(Trainer & trainer, const Rows & rows, const std::vector<std::string> & groups, const ClassicalSpec & spec);

/// The table's groups; without any, each row is its own.
std::vector<std::string> GroupsOf(const FeatureTable & table);

/// What happens to a row of features before the solution sees it, fitted on training rows.
struct Preparation
{
  std::vector<float>       mean, deviation;
  std::vector<std::size_t> kept;       ///< by elimination; empty: all
  std::vector<float>       components; ///< PCA: components x kept columns; empty: none

  std::size_t        Width() const; ///< columns after it
  std::vector<float> Apply(std::span<const float> row) const;
  Rows               Apply(const FeatureTable & table) const;
  static Preparation Fit(const FeatureTable & table, const ClassicalSpec & spec);
};
/// The `count` columns that are left when those of the smallest weights are dropped, a fifth at a time; ascending.
std::vector<std::size_t> EliminateColumns(const Rows & rows, const ClassicalSpec & spec);
/// Principal components of rows with mean 0: components x columns, unit vectors, the largest entry of each positive.
std::vector<float> PrincipalComponents(const Rows & rows, double amount);

/// Fault::Input or Fault::Usage as told at ClassicalModel::Fit.
void CheckTable(const FeatureTable & table, int classCount, const ClassicalSpec & spec);

FeatureTable Subset(const FeatureTable & table, const std::vector<std::size_t> & chosen);

} // namespace serval::classical

namespace serval
{

struct ClassicalModel::Impl
{
  ClassicalSpec::Kind    kind{};
  int                    classCount = 0;
  classical::Calibrator  calibrator;
  classical::Preparation preparation;
  classical::Solution    solution;

  std::vector<double> LabelProbabilities(std::span<const float> row) const;
};

} // namespace serval
