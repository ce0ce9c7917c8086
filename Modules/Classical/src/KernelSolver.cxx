#include "DenseProducts.h"
#include "Solvers.h"
#include "serval/Core/Error.h"

#include <Eigen/Core>
#include <svm.h>

#include <algorithm>
#include <cmath>
#include <memory>

namespace serval::classical
{
namespace
{

using Kind = ClassicalSpec::Kind;
using RowMajor = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

struct FreeModel
{
  void operator()(svm_model * fitted) const { svm_free_and_destroy_model(&fitted); }
};

double Power(double base, int exponent)
{
  double power = 1;
  for (int i = 0; i < exponent; ++i)
    power *= base;
  return power;
}

/// The kernel from inner products: linear (gamma 0), radial (degree 0) or polynomial.
double KernelOf(const Solution & solution, double product, double squareX, double squareY)
{
  if (solution.gamma == 0)
    return product;
  if (solution.degree == 0)
    return std::exp(-solution.gamma * std::max(0.0, squareX + squareY - 2 * product));
  return Power(solution.gamma * product + solution.offset, solution.degree);
}

/// Kernel values as libsvm wants them precomputed: each row begins with its own number, counted from 1.
struct KernelNodes
{
  KernelNodes(GramMatrix & gram, const std::vector<std::size_t> & chosen, const Solution & solution)
  {
    const std::size_t   count = chosen.size(), stride = count + 1;
    std::vector<double> squares;
    for (const auto i : chosen)
      squares.push_back(gram.Row(i)[i]);
    nodes.resize(count * stride);
    for (std::size_t i = 0; i < count; ++i)
    {
      nodes[i * stride] = { 0, static_cast<double>(i + 1) };
      const float * products = gram.Row(chosen[i]);
      for (std::size_t j = 0; j <= i; ++j)
      {
        const double value = KernelOf(solution, products[chosen[j]], squares[i], squares[j]);
        nodes[i * stride + j + 1] = { static_cast<int>(j + 1), value };
        nodes[j * stride + i + 1] = { static_cast<int>(i + 1), value };
      }
      starts.push_back(&nodes[i * stride]);
    }
  }
  std::vector<svm_node>   nodes;
  std::vector<svm_node *> starts;
};

/// The coefficient of each of the machine's rows, and at the end the constant.
std::vector<double> SolveMachine(const KernelNodes & kernel, const Machine & machine, double cost)
{
  std::vector<double>     targets(machine.signs.begin(), machine.signs.end());
  std::vector<svm_node *> starts;
  for (const auto row : machine.rows)
    starts.push_back(kernel.starts[row]);
  int           labels[2] = { 1, -1 };
  double        weights[2] = { machine.positive, machine.negative };
  svm_parameter settings{};
  settings.svm_type = C_SVC;
  settings.kernel_type = PRECOMPUTED;
  settings.cache_size = 200;
  settings.eps = 1e-4;
  settings.C = cost;
  settings.shrinking = 1;
  settings.nr_weight = 2;
  settings.weight_label = labels;
  settings.weight = weights;
  svm_problem  data{ static_cast<int>(starts.size()), targets.data(), starts.data() };
  const char * complaint = svm_check_parameter(&data, &settings);
  Require(!complaint, Fault::Internal, "libsvm refuses its settings: ", complaint ? complaint : "");
  svm_set_print_string_function([](const char *) {});
  const std::unique_ptr<svm_model, FreeModel> fitted(svm_train(&data, &settings));
  const double                                sign = fitted->label[0];
  std::vector<double>                         result(starts.size() + 1, 0);
  for (int s = 0; s < fitted->l; ++s)
    result[static_cast<std::size_t>(fitted->sv_indices[s] - 1)] = sign * fitted->sv_coef[0][s];
  result.back() = -sign * fitted->rho[0];
  return result;
}

/// The machine's weights, sums of its rows, and its constant.
void AppendWeights(Solution & solution, const Rows & rows, const std::vector<double> & dual, double constant)
{
  std::vector<double> weights(rows.columns, 0);
  for (std::size_t i = 0; i < rows.Count(); ++i)
    if (dual[i] != 0)
      for (std::size_t j = 0; j < rows.columns; ++j)
        weights[j] += dual[i] * rows.values[i * rows.columns + j];
  solution.weights.insert(solution.weights.end(), weights.begin(), weights.end());
  solution.weights.push_back(static_cast<float>(constant));
}

/// Keeps the rows with a coefficient in any machine.
void KeepVectors(Solution & solution, const Rows & rows, const std::vector<std::vector<double>> & duals)
{
  std::vector<std::size_t> support;
  for (std::size_t i = 0; i < rows.Count(); ++i)
    if (std::any_of(duals.begin(), duals.end(), [i](const auto & dual) { return dual[i] != 0; }))
      support.push_back(i);
  for (const auto i : support)
    solution.vectors.insert(solution.vectors.end(), rows.Row(i).begin(), rows.Row(i).end());
  for (const auto & dual : duals)
    for (const auto i : support)
      solution.coefficients.push_back(static_cast<float>(dual[i]));
}

} // namespace

Solution SolveKernel(const Rows & rows, GramMatrix & gram, const std::vector<std::size_t> & chosen, const ClassicalSpec & spec)
{
  const auto weights = WeighClasses(rows, spec.balanced);
  Solution   solution;
  solution.labels = weights.labels;
  solution.columns = rows.columns;
  solution.decoding = DecodingOf(spec);
  const bool isLinear = spec.kind == Kind::SvmLinear;
  if (!isLinear)
    solution.gamma = spec.gamma > 0 ? spec.gamma : 1.0 / static_cast<double>(rows.columns);
  if (spec.kind == Kind::SvmPolynomial)
  {
    solution.degree = spec.degree;
    solution.offset = spec.offset;
  }
  const KernelNodes                kernel(gram, chosen, solution);
  std::vector<std::vector<double>> duals;
  for (const auto & machine : MachinesOf(rows, spec, weights))
  {
    const auto          found = SolveMachine(kernel, machine, spec.cost);
    std::vector<double> dual(rows.Count(), 0);
    for (std::size_t i = 0; i < machine.rows.size(); ++i)
      dual[machine.rows[i]] = found[i];
    if (isLinear)
      AppendWeights(solution, rows, dual, found.back());
    else
      solution.constants.push_back(static_cast<float>(found.back()));
    duals.push_back(std::move(dual));
  }
  if (!isLinear)
    KeepVectors(solution, rows, duals);
  return solution;
}

std::vector<double> MachineOutputs(const Solution & solution, std::span<const float> row)
{
  std::vector<double> outputs;
  if (!solution.weights.empty())
  {
    const float * weight = solution.weights.data();
    for (std::size_t m = 0; m < MachineCount(solution.decoding, solution.labels.size()); ++m)
    {
      double sum = 0;
      for (const float value : row)
        sum += static_cast<double>(*weight++) * value;
      outputs.push_back(sum + *weight++);
    }
    return outputs;
  }
  outputs.assign(solution.constants.begin(), solution.constants.end());
  const auto                                total = static_cast<Eigen::Index>(solution.Vectors());
  const Eigen::Map<const RowMajor>          vectors(solution.vectors.data(), total, static_cast<Eigen::Index>(row.size()));
  const Eigen::Map<const Eigen::RowVectorXf> x(row.data(), static_cast<Eigen::Index>(row.size()));
  for (Eigen::Index s = 0; s < total; ++s)
  {
    const double kernel = solution.degree == 0 ? std::exp(-solution.gamma * (vectors.row(s) - x).squaredNorm()) : KernelOf(solution, vectors.row(s).dot(x), 0, 0);
    for (std::size_t m = 0; m < outputs.size(); ++m)
      outputs[m] += solution.coefficients[m * solution.Vectors() + static_cast<std::size_t>(s)] * kernel;
  }
  return outputs;
}

std::vector<std::vector<double>> MachineOutputs(const Solution & solution, const Rows & rows)
{
  std::vector<std::vector<double>> outputs;
  if (!solution.weights.empty() || rows.Count() == 0)
  {
    for (std::size_t i = 0; i < rows.Count(); ++i)
      outputs.push_back(MachineOutputs(solution, rows.Row(i)));
    return outputs;
  }
  const auto                       columns = static_cast<Eigen::Index>(rows.columns), total = static_cast<Eigen::Index>(solution.Vectors());
  const Eigen::Map<const RowMajor> x(rows.values.data(), static_cast<Eigen::Index>(rows.Count()), columns), vectors(solution.vectors.data(), total, columns);
  RowMajor                         products(x.rows(), total);
  RowProducts(x.data(), rows.Count(), vectors.data(), solution.Vectors(), rows.columns, products.data(), solution.Vectors());
  const Eigen::VectorXf            squaresX = x.rowwise().squaredNorm(), squaresV = vectors.rowwise().squaredNorm();
  for (Eigen::Index i = 0; i < x.rows(); ++i)
  {
    auto & row = outputs.emplace_back(solution.constants.begin(), solution.constants.end());
    for (Eigen::Index s = 0; s < total; ++s)
    {
      const double kernel = KernelOf(solution, products(i, s), squaresX(i), squaresV(s));
      for (std::size_t m = 0; m < row.size(); ++m)
        row[m] += solution.coefficients[m * solution.Vectors() + static_cast<std::size_t>(s)] * kernel;
    }
  }
  return outputs;
}

} // namespace serval::classical
