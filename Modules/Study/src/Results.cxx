#include "serval/Study/Results.h"

#include "serval/Core/Error.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <optional>

namespace serval
{
namespace
{

namespace fs = std::filesystem;

struct Gathered
{
  Predictions         joined;
  std::vector<double> accuracies;
  std::string         lineage = "clean";
  int                 missing = 0;
};

std::string WorseLineage(const std::string & a, const std::string & b)
{
  const auto rank = [](const std::string & text) { return text == "clean" ? 0 : text == "transductive" ? 1 : 2; };
  return rank(a) >= rank(b) ? a : b;
}

std::optional<Gathered> Gather(const StudyPlan & plan, const std::string & arm, int size)
{
  Gathered                 gathered;
  std::vector<Predictions> repeats;
  for (const auto & result : plan.results)
  {
    if (result.arm != arm || result.trainPatients != size)
      continue;
    if (!fs::exists(result.predictions))
    {
      ++gathered.missing;
      continue;
    }
    const Table table = Table::Read(result.predictions);
    repeats.push_back(Predictions::From(table, arm));
    gathered.accuracies.push_back(Evaluate(repeats.back(), Metric::Accuracy));
    for (std::size_t row = 0; row < table.Rows(); ++row)
      gathered.lineage = WorseLineage(gathered.lineage, table.At(row, "lineage"));
  }
  if (repeats.empty())
    return std::nullopt;
  gathered.joined = Join(repeats);
  return gathered;
}

double StandardDeviation(const std::vector<double> & values)
{
  if (values.size() < 2)
    return std::nan("");
  double mean = 0, squares = 0;
  for (const double v : values)
    mean += v / double(values.size());
  for (const double v : values)
    squares += (v - mean) * (v - mean);
  return std::sqrt(squares / double(values.size() - 1));
}

ArmResult Summarise(const Gathered & gathered, int size, std::uint64_t seed)
{
  const BootstrapPlan plan{ 2000, 0.95, seed };
  ArmResult           result;
  result.arm = gathered.joined.name;
  result.trainPatients = size;
  result.repeats = static_cast<int>(gathered.accuracies.size());
  result.missingRepeats = gathered.missing;
  result.testPatients = gathered.joined.Patients().size();
  result.rows = gathered.joined.rows.size();
  result.lineage = gathered.lineage;
  result.accuracy = BootstrapInterval(gathered.joined, Metric::Accuracy, plan);
  result.auc = BootstrapInterval(gathered.joined, Metric::Auc, plan);
  result.spread = StandardDeviation(gathered.accuracies);
  return result;
}

void Compare(const StudyFile & study, int size, const std::map<std::string, Gathered> & arms, StudyResults & results)
{
  const ComparisonPlan plan{ Metric::Accuracy, 5000, 0.95, study.seed };
  for (const auto & arm : study.arms)
    for (const auto & baseline : study.baselines)
    {
      const bool isBaseline = std::find(study.baselines.begin(), study.baselines.end(), arm.name) != study.baselines.end();
      const auto a = arms.find(arm.name), b = arms.find(baseline);
      if (isBaseline || a == arms.end() || b == arms.end() || a->second.missing + b->second.missing > 0)
        continue;
      results.tests.push_back({ size, PermutationTest(a->second.joined, b->second.joined, plan), BootstrapTest(a->second.joined, b->second.joined, plan) });
    }
}

std::optional<ArmCurve> GatherCurve(const StudyPlan & plan, const std::string & arm, int size)
{
  ArmCurve curve{ arm, size, {}, {}, {} };
  int      count = 0;
  for (const auto & result : plan.results)
  {
    if (result.arm != arm || result.trainPatients != size || result.curve.empty() || !fs::exists(result.curve))
      continue;
    const Table table = Table::Read(result.curve);
    if (count++ == 0)
    {
      curve.step.resize(table.Rows());
      curve.loss.resize(table.Rows());
      curve.accuracy.resize(table.Rows());
    }
    for (std::size_t row = 0; row < std::min(table.Rows(), curve.step.size()); ++row)
    {
      curve.step[row] = table.Number(row, "step");
      curve.loss[row] += table.Number(row, "loss");
      curve.accuracy[row] += table.Number(row, "accuracy");
    }
  }
  for (std::size_t row = 0; row < curve.step.size(); ++row)
  {
    curve.loss[row] /= count;
    curve.accuracy[row] /= count;
  }
  return count > 0 ? std::optional(curve) : std::nullopt;
}

} // namespace

StudyResults GatherResults(const StudyFile & study, const StudyPlan & plan, const std::map<std::string, CellOutcome> & states)
{
  StudyResults results;
  for (const auto & planned : plan.results)
    if (const auto & outcome = states.at(planned.cell); outcome.state == CellState::NotRun)
      results.notRun[planned.arm] = outcome.reason;
  for (const int size : study.trainPatients)
  {
    std::map<std::string, Gathered> arms;
    for (const auto & arm : study.arms)
    {
      auto gathered = Gather(plan, arm.name, size);
      if (!gathered)
        continue;
      results.arms.push_back(Summarise(*gathered, size, study.seed));
      arms.emplace(arm.name, std::move(*gathered));
      if (auto curve = GatherCurve(plan, arm.name, size))
        results.curves.push_back(std::move(*curve));
    }
    Compare(study, size, arms, results);
  }
  std::vector<double> p;
  for (const auto & test : results.tests)
    p.push_back(test.permutation.p);
  const auto corrected = HolmCorrected(p);
  for (std::size_t i = 0; i < results.tests.size(); ++i)
    results.tests[i].permutation.pCorrected = corrected[i];
  return results;
}

std::string StudyResults::ToJson() const
{
  const auto interval = [](const Interval & i) { return nlohmann::json{ { "value", i.value }, { "low", i.low }, { "high", i.high } }; };
  nlohmann::json json{ { "schema", "serval-study-results/1" }, { "arms", nlohmann::json::array() }, { "notRun", notRun }, { "tests", nlohmann::json::array() } };
  for (const auto & arm : arms)
    json["arms"].push_back({ { "arm", arm.arm }, { "trainPatients", arm.trainPatients }, { "repeats", arm.repeats }, { "missingRepeats", arm.missingRepeats },
                             { "testPatients", arm.testPatients }, { "rows", arm.rows }, { "lineage", arm.lineage }, { "accuracy", interval(arm.accuracy) },
                             { "auc", interval(arm.auc) }, { "spread", arm.spread } });
  for (const auto & test : tests)
    json["tests"].push_back({ { "trainPatients", test.trainPatients }, { "a", test.permutation.a }, { "b", test.permutation.b },
                              { "difference", test.permutation.difference }, { "low", test.bootstrap.low }, { "high", test.bootstrap.high },
                              { "p", test.permutation.p }, { "pCorrected", test.permutation.pCorrected }, { "bootstrapP", test.bootstrap.p } });
  return json.dump(1);
}

} // namespace serval
