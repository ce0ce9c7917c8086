#include "Solvers.h"
#include "serval/Core/Error.h"

#include <svm.h>

#include <cmath>
#include <memory>

namespace serval::classical
{
namespace
{

struct FreeModel
{
  void operator()(svm_model * fitted) const { svm_free_and_destroy_model(&fitted); }
};

/// The rows as libsvm wants them: nodes with one-based index and -1 as end mark.
struct Nodes
{
  explicit Nodes(const Rows & rows)
    : targets(rows.classes.begin(), rows.classes.end())
  {
    const std::size_t stride = rows.columns + 1;
    nodes.resize(rows.Count() * stride);
    for (std::size_t i = 0; i < rows.Count(); ++i)
    {
      svm_node * node = &nodes[i * stride];
      starts.push_back(node);
      int index = 0;
      for (const double value : rows.Row(i))
        *node++ = { ++index, value };
      *node = { -1, 0 };
    }
  }
  std::vector<double>     targets;
  std::vector<svm_node>   nodes;
  std::vector<svm_node *> starts;
};

svm_parameter SettingsOf(const ClassicalSpec & spec, std::size_t columns, ClassWeights & weights)
{
  svm_parameter settings{};
  settings.svm_type = C_SVC;
  settings.kernel_type = RBF;
  settings.gamma = spec.gamma > 0 ? spec.gamma : 1.0 / static_cast<double>(columns);
  settings.cache_size = 200;
  settings.eps = 1e-4;
  settings.C = spec.cost;
  settings.shrinking = 1;
  settings.nr_weight = static_cast<int>(weights.labels.size());
  settings.weight_label = weights.labels.data();
  settings.weight = weights.weights.data();
  return settings;
}

Solution SolutionOf(const svm_model & fitted, std::size_t columns)
{
  Solution solution;
  solution.columns = columns;
  solution.gamma = fitted.param.gamma;
  solution.labels.assign(fitted.label, fitted.label + fitted.nr_class);
  solution.counts.assign(fitted.nSV, fitted.nSV + fitted.nr_class);
  for (int s = 0; s < fitted.l; ++s)
    for (std::size_t j = 0; j < columns; ++j)
      solution.vectors.push_back(static_cast<float>(fitted.SV[s][j].value));
  for (int k = 0; k + 1 < fitted.nr_class; ++k)
    for (int s = 0; s < fitted.l; ++s)
      solution.coefficients.push_back(static_cast<float>(fitted.sv_coef[k][s]));
  for (int pair = 0; pair < fitted.nr_class * (fitted.nr_class - 1) / 2; ++pair)
    solution.rho.push_back(static_cast<float>(fitted.rho[pair]));
  return solution;
}

std::vector<double> KernelValues(const Solution & solution, std::span<const double> row)
{
  std::vector<double> values;
  const float *       support = solution.vectors.data();
  for (std::size_t s = 0; s < solution.Vectors(); ++s)
  {
    double distance = 0;
    for (const double value : row)
    {
      const double difference = value - *support++;
      distance += difference * difference;
    }
    values.push_back(std::exp(-solution.gamma * distance));
  }
  return values;
}

/// Margin of class a against class b: their support vectors, each with its coefficient for the other class.
double PairMargin(const Solution & solution, const std::vector<double> & kernel, const std::vector<std::size_t> & starts,
                  std::size_t a, std::size_t b)
{
  const std::size_t total = solution.Vectors();
  double            sum = 0;
  for (std::size_t s = starts[a]; s < starts[a + 1]; ++s)
    sum += solution.coefficients[(b - 1) * total + s] * kernel[s];
  for (std::size_t s = starts[b]; s < starts[b + 1]; ++s)
    sum += solution.coefficients[a * total + s] * kernel[s];
  return sum;
}

} // namespace

Solution SolveKernel(const Rows & rows, const ClassicalSpec & spec)
{
  Nodes         nodes(rows);
  ClassWeights  weights = WeighClasses(rows, spec.balanced);
  svm_parameter settings = SettingsOf(spec, rows.columns, weights);
  svm_problem   data{ static_cast<int>(rows.Count()), nodes.targets.data(), nodes.starts.data() };
  const char *  complaint = svm_check_parameter(&data, &settings);
  Require(!complaint, Fault::Internal, "libsvm refuses its settings: ", complaint ? complaint : "");
  svm_set_print_string_function([](const char *) {});
  const std::unique_ptr<svm_model, FreeModel> fitted(svm_train(&data, &settings));
  return SolutionOf(*fitted, rows.columns);
}

std::vector<double> KernelScores(const Solution & solution, std::span<const double> row)
{
  const std::size_t        classes = solution.labels.size();
  const auto               kernel = KernelValues(solution, row);
  std::vector<std::size_t> starts{ 0 };
  for (const int count : solution.counts)
    starts.push_back(starts.back() + static_cast<std::size_t>(count));
  std::vector<double> votes(classes, 0), margins(classes, 0);
  std::size_t         pair = 0;
  for (std::size_t a = 0; a < classes; ++a)
    for (std::size_t b = a + 1; b < classes; ++b)
    {
      const double margin = PairMargin(solution, kernel, starts, a, b) - solution.rho[pair++];
      ++votes[margin > 0 ? a : b];
      margins[a] += margin;
      margins[b] -= margin;
    }
  if (classes == 2)
    return margins;
  for (std::size_t k = 0; k < classes; ++k)
    votes[k] += margins[k] / (3 * (std::abs(margins[k]) + 1)); // below a third, so that votes decide first
  return votes;
}

} // namespace serval::classical
