#include "Solvers.h"
#include "serval/Core/Error.h"

#include <linear.h>

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

/// Appends the weights and the constant of one machine.
void SolveMachine(const Nodes & nodes, const Machine & machine, const ClassicalSpec & spec, std::size_t columns, Solution & solution)
{
  std::vector<double>         targets(machine.signs.begin(), machine.signs.end());
  std::vector<feature_node *> starts;
  for (const auto row : machine.rows)
    starts.push_back(nodes.starts[row]);
  int       labels[2] = { 1, -1 };
  double    weights[2] = { machine.positive, machine.negative };
  parameter settings{};
  settings.solver_type = spec.kind == ClassicalSpec::Kind::LogisticL1 ? L1R_LR : L2R_L2LOSS_SVC;
  settings.eps = spec.kind == ClassicalSpec::Kind::LogisticL1 ? 1e-4 : 1e-6;
  settings.C = spec.cost;
  settings.nr_weight = 2;
  settings.weight_label = labels;
  settings.weight = weights;
  RegulariseConstant(settings);
  problem data{};
  data.l = static_cast<int>(starts.size());
  data.n = static_cast<int>(columns) + 1;
  data.y = targets.data();
  data.x = starts.data();
  data.bias = 1;
  const char * complaint = check_parameter(&data, &settings);
  Require(!complaint, Fault::Internal, "liblinear refuses its settings: ", complaint ? complaint : "");
  set_print_string_function([](const char *) {});
  srand(1); // the L1 solver permutes the columns by rand()
  const std::unique_ptr<model, FreeModel> fitted(train(&data, &settings));
  for (std::size_t j = 0; j <= columns; ++j)
    solution.weights.push_back(static_cast<float>(fitted->label[0] * fitted->w[j]));
}

} // namespace

Solution SolveLinear(const Rows & rows, const ClassicalSpec & spec)
{
  const Nodes nodes(rows);
  const auto  weights = WeighClasses(rows, spec.balanced);
  Solution    solution;
  solution.labels = weights.labels;
  solution.columns = rows.columns;
  solution.decoding = DecodingOf(spec);
  for (const auto & machine : MachinesOf(rows, spec, weights))
    SolveMachine(nodes, machine, spec, rows.columns, solution);
  return solution;
}

} // namespace serval::classical
