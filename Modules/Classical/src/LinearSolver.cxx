#include "Solvers.h"
#include "serval/Core/Error.h"

#include <linear.h>

#include <algorithm>
#include <memory>

namespace serval::classical
{
namespace
{

struct FreeModel
{
  void operator()(model * fitted) const { free_and_destroy_model(&fitted); }
};

/// The rows as liblinear wants them: nodes with one-based index, a constant column at the end, -1 as end mark.
struct Nodes
{
  explicit Nodes(const Rows & rows)
    : targets(rows.classes.begin(), rows.classes.end())
  {
    const std::size_t stride = rows.columns + 2;
    nodes.resize(rows.Count() * stride);
    for (std::size_t i = 0; i < rows.Count(); ++i)
    {
      feature_node * node = &nodes[i * stride];
      starts.push_back(node);
      int index = 0;
      for (const double value : rows.Row(i))
        *node++ = { ++index, value };
      *node++ = { ++index, 1 };
      *node = { -1, 0 };
    }
  }
  std::vector<double>         targets;
  std::vector<feature_node>   nodes;
  std::vector<feature_node *> starts;
};

// Newer liblinear can leave the constant out of the penalty; we keep it in, as older versions do.
template <typename TParameter>
void RegulariseConstant(TParameter & settings)
{
  if constexpr (requires { settings.regularize_bias; })
    settings.regularize_bias = 1;
}

parameter SettingsOf(const ClassicalSpec & spec, ClassWeights & weights)
{
  parameter settings{};
  // The primal solvers draw no random numbers.
  settings.solver_type = spec.kind == ClassicalSpec::Kind::LogisticRegression ? L2R_LR : L2R_L2LOSS_SVC;
  settings.eps = 1e-6;
  settings.C = spec.cost;
  settings.nr_weight = static_cast<int>(weights.labels.size());
  settings.weight_label = weights.labels.data();
  settings.weight = weights.weights.data();
  RegulariseConstant(settings);
  return settings;
}

} // namespace

Solution SolveLinear(const Rows & rows, const ClassicalSpec & spec)
{
  Nodes        nodes(rows);
  ClassWeights weights = WeighClasses(rows, spec.balanced);
  parameter    settings = SettingsOf(spec, weights);
  problem      data{};
  data.l = static_cast<int>(rows.Count());
  data.n = static_cast<int>(rows.columns) + 1;
  data.y = nodes.targets.data();
  data.x = nodes.starts.data();
  data.bias = 1;
  const char * complaint = check_parameter(&data, &settings);
  Require(!complaint, Fault::Internal, "liblinear refuses its settings: ", complaint ? complaint : "");
  set_print_string_function([](const char *) {});
  const std::unique_ptr<model, FreeModel> fitted(train(&data, &settings));

  Solution solution;
  solution.columns = rows.columns;
  solution.labels.assign(fitted->label, fitted->label + fitted->nr_class);
  const std::size_t classes = solution.labels.size();
  const std::size_t stored = classes == 2 ? 1 : classes; // two classes share one vector, for the first
  for (std::size_t k = 0; k < classes; ++k)
    for (std::size_t j = 0; j <= rows.columns; ++j)
    {
      const double weight = fitted->w[j * stored + (stored == 1 ? 0 : k)];
      solution.weights.push_back(static_cast<float>(stored == 1 && k == 1 ? -weight : weight));
    }
  return solution;
}

std::vector<double> LinearScores(const Solution & solution, std::span<const double> row)
{
  std::vector<double> scores;
  const float *       weight = solution.weights.data();
  for (std::size_t k = 0; k < solution.labels.size(); ++k)
  {
    double sum = 0;
    for (const double value : row)
      sum += *weight++ * value;
    scores.push_back(sum + *weight++);
  }
  return scores;
}

} // namespace serval::classical
