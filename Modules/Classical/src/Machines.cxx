#include "Solvers.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

namespace serval::classical
{

using Kind = ClassicalSpec::Kind;
using Scheme = ClassicalSpec::Scheme;

bool IsKernel(Kind kind) { return kind == Kind::SvmLinear || kind == Kind::SvmRbf || kind == Kind::SvmPolynomial; }

bool IsCalibrated(Kind kind)
{
  return IsKernel(kind) || kind == Kind::SvmLinearSquared || kind == Kind::Perceptron || kind == Kind::NearestMean;
}

Decoding DecodingOf(const ClassicalSpec & spec)
{
  const bool isCurved = spec.kind == Kind::SvmRbf || spec.kind == Kind::SvmPolynomial;
  return spec.scheme == Scheme::OneVsOne || (spec.scheme == Scheme::Usual && isCurved) ? Decoding::OneVsOne : Decoding::OneVsRest;
}

std::size_t MachineCount(Decoding decoding, std::size_t labels)
{
  if (decoding == Decoding::PerLabel)
    return labels;
  return labels == 2 ? 1 : decoding == Decoding::OneVsRest ? labels : labels * (labels - 1) / 2;
}

ClassWeights WeighClasses(const Rows & rows, bool balanced)
{
  std::map<int, double> counts;
  for (const int label : rows.classes)
    ++counts[label];
  ClassWeights result;
  for (const auto & [label, count] : counts)
  {
    result.labels.push_back(label);
    result.weights.push_back(balanced ? static_cast<double>(rows.Count()) / (static_cast<double>(counts.size()) * count) : 1);
  }
  return result;
}

std::vector<Machine> MachinesOf(const Rows & rows, const ClassicalSpec & spec, const ClassWeights & weights)
{
  const std::size_t    labels = weights.labels.size();
  std::vector<Machine> machines;
  if (DecodingOf(spec) == Decoding::OneVsRest)
  {
    double total = 0;
    for (const int label : rows.classes)
      total += weights.weights[static_cast<std::size_t>(std::ranges::find(weights.labels, label) - weights.labels.begin())];
    for (std::size_t k = 0; k < MachineCount(Decoding::OneVsRest, labels); ++k)
    {
      Machine machine;
      machine.rows.resize(rows.Count());
      std::iota(machine.rows.begin(), machine.rows.end(), std::size_t{ 0 });
      for (const int label : rows.classes)
        machine.signs.push_back(label == weights.labels[k] ? 1 : -1);
      const double inside = static_cast<double>(std::ranges::count(machine.signs, 1));
      machine.positive = weights.weights[k];
      machine.negative = (total - inside * machine.positive) / (static_cast<double>(rows.Count()) - inside);
      machines.push_back(std::move(machine));
    }
    return machines;
  }
  for (std::size_t a = 0; a < labels; ++a)
    for (std::size_t b = a + 1; b < labels; ++b)
    {
      Machine machine{ {}, {}, weights.weights[a], weights.weights[b] };
      for (std::size_t i = 0; i < rows.Count(); ++i)
        if (rows.classes[i] == weights.labels[a] || rows.classes[i] == weights.labels[b])
        {
          machine.rows.push_back(i);
          machine.signs.push_back(rows.classes[i] == weights.labels[a] ? 1 : -1);
        }
      machines.push_back(std::move(machine));
    }
  return machines;
}

Rows Subset(const Rows & rows, const std::vector<std::size_t> & chosen)
{
  Rows part;
  part.columns = rows.columns;
  part.values.reserve(chosen.size() * rows.columns);
  for (const auto i : chosen)
  {
    part.values.insert(part.values.end(), rows.Row(i).begin(), rows.Row(i).end());
    part.classes.push_back(rows.classes[i]);
  }
  return part;
}

Solution Trainer::Solve(const ClassicalSpec & spec)
{
  if (IsKernel(spec.kind))
  {
    std::vector<std::size_t> all(m_Rows.Count());
    std::iota(all.begin(), all.end(), std::size_t{ 0 });
    if (!m_Gram)
      m_Gram.emplace(m_Rows);
    return SolveKernel(m_Rows, *m_Gram, all, spec);
  }
  switch (spec.kind)
  {
    case Kind::LogisticRegression: return SolveLogistic(m_Rows, spec);
    case Kind::NearestNeighbours: return KeepNeighbours(m_Rows, spec);
    case Kind::NearestMean: return SolveNearestMean(m_Rows, spec);
    case Kind::Discriminant: return SolveDiscriminant(m_Rows, spec);
    case Kind::Perceptron: return SolvePerceptron(m_Rows, spec);
    case Kind::RandomForest:
    case Kind::ExtraTrees: return GrowForest(m_Rows, spec);
    default: return SolveLinear(m_Rows, spec);
  }
}

Solution Trainer::Solve(const ClassicalSpec & spec, const std::vector<std::size_t> & chosen)
{
  const Rows part = Subset(m_Rows, chosen);
  if (!IsKernel(spec.kind))
    return Trainer(part).Solve(spec);
  if (!m_Gram)
    m_Gram.emplace(m_Rows);
  return SolveKernel(part, *m_Gram, chosen, spec);
}

namespace
{

std::vector<double> ScoresOfOutputs(const Solution & solution, const std::vector<double> & outputs)
{
  const std::size_t labels = solution.labels.size();
  if (outputs.size() == 1)
    return { outputs[0], -outputs[0] };
  if (solution.decoding != Decoding::OneVsOne)
    return outputs;
  std::vector<double> votes(labels, 0), margins(labels, 0);
  std::size_t         pair = 0;
  for (std::size_t a = 0; a < labels; ++a)
    for (std::size_t b = a + 1; b < labels; ++b)
    {
      const double margin = outputs[pair++];
      ++votes[margin > 0 ? a : b];
      margins[a] += margin;
      margins[b] -= margin;
    }
  for (std::size_t k = 0; k < labels; ++k)
    votes[k] += margins[k] / (3 * (std::abs(margins[k]) + 1)); // below a third, so that votes decide first
  return votes;
}

} // namespace

std::vector<double> Scores(const Solution & solution, std::span<const float> row)
{
  if (!solution.forest.roots.empty())
    return ForestShares(solution, row);
  if (!solution.vectorLabels.empty())
    return NeighbourShares(solution, row);
  return ScoresOfOutputs(solution, MachineOutputs(solution, row));
}

std::vector<std::vector<double>> Scores(const Solution & solution, const Rows & rows)
{
  std::vector<std::vector<double>> scores;
  if (!solution.forest.roots.empty() || !solution.vectorLabels.empty())
    for (std::size_t i = 0; i < rows.Count(); ++i)
      scores.push_back(Scores(solution, rows.Row(i)));
  else
    for (const auto & outputs : MachineOutputs(solution, rows))
      scores.push_back(ScoresOfOutputs(solution, outputs));
  return scores;
}

} // namespace serval::classical
