#include "ResultParts.h"

#include "serval/Core/Error.h"
#include "serval/Core/Text.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace serval
{
namespace
{

namespace fs = std::filesystem;

std::string WorseLineage(const std::string & a, const std::string & b)
{
  const auto rank = [](const std::string & text) { return text == "clean" ? 0 : text == "transductive" ? 1 : 2; };
  return rank(a) >= rank(b) ? a : b;
}

/// `order`: of the classes, as another arm has them; empty: as they are.
std::optional<GatheredArm> Gather(const StudyFile & study, const StudyPlan & plan, const std::string & target, const std::string & arm, int size,
                                  const std::vector<std::string> & order)
{
  GatheredArm              gathered;
  std::vector<Predictions> runs;
  for (const auto & table : RunTables(plan, target, arm, size, gathered.missing))
  {
    runs.push_back(Predictions::From(table, arm, UnitFrom(study.unit)));
    if (!order.empty())
      runs.back() = InClassOrder(runs.back(), order);
    if (const double value = Evaluate(runs.back(), MetricFrom(study.metric)); std::isfinite(value))
      gathered.values.push_back(value);
    if (table.Find("lineage"))
      for (std::size_t row = 0; row < table.Rows(); ++row)
        gathered.lineage = WorseLineage(gathered.lineage, table.At(row, "lineage"));
  }
  if (runs.empty())
    return std::nullopt;
  gathered.runs = static_cast<int>(runs.size());
  gathered.joined = Join(runs);
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

/// All cells before this one.
void AddNeeds(const StudyPlan & plan, const std::map<std::string, const Cell *> & cells, const std::string & id, std::set<std::string> & needs)
{
  for (const auto & need : cells.at(id)->needs)
    if (needs.insert(need).second)
      AddNeeds(plan, cells, need, needs);
}

/// Work of an arm's own cells, and of those before them.
void AddCost(const StudyPlan & plan, const std::map<std::string, CellOutcome> & states, ArmResult & result)
{
  std::map<std::string, const Cell *> cells;
  for (const auto & cell : plan.cells)
    cells[cell.id] = &cell;
  std::set<std::string> needs;
  for (const auto & run : plan.results)
    if (run.target == result.target && run.arm == result.arm && run.trainPatients == result.size)
    {
      result.seconds += states.at(run.cell).seconds / result.runs;
      AddNeeds(plan, cells, run.cell, needs);
    }
  for (const auto & need : needs)
    if (need.find("extract-") == need.npos)
      result.sharedSeconds += states.at(need).seconds / result.runs;
}

ArmResult Summarise(const StudyFile & study, const GatheredArm & gathered, const std::string & target, int size)
{
  const BootstrapPlan plan{ 2000, 0.95, study.seed, BootstrapPlan::Kind::Percentile, 2 };
  ArmResult           result;
  result.target = target;
  result.arm = gathered.joined.name;
  result.size = size;
  result.runs = gathered.runs;
  result.missingRuns = gathered.missing;
  result.testPatients = gathered.joined.Patients().size();
  result.rows = gathered.joined.rows.size();
  result.lineage = gathered.lineage;
  for (const auto & word : ShownMetrics(study))
    result.scores[word] = BootstrapInterval(gathered.joined, MetricFrom(word, gathered.joined.classNames), plan);
  result.spread = StandardDeviation(gathered.values);
  result.axes = study.Arm(result.arm).axes;
  return result;
}

int TrainedPatients(const StudyPlan & plan, const std::string & target, int size)
{
  for (const auto & one : plan.targets)
    if (one.name == target)
      return size == 0 ? static_cast<int>(one.resamples.front().training.size()) : size;
  return size;
}

std::optional<ArmCurve> GatherCurve(const StudyPlan & plan, const std::string & target, const std::string & arm, int size)
{
  ArmCurve curve{ target, arm, size, {}, {}, {} };
  int      count = 0;
  for (const auto & result : plan.results)
  {
    if (result.target != target || result.arm != arm || result.trainPatients != size || result.curve.empty() || !fs::exists(result.curve))
      continue;
    const Table table = Table::Read(result.curve);
    if (count++ == 0)
      for (auto * values : { &curve.step, &curve.loss, &curve.accuracy })
        values->resize(table.Rows());
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

/// Where the decision is that of the means before where it is not, then by the distance from the means.
std::pair<bool, double> Farness(const Prediction & row, const std::vector<double> & means)
{
  double distance = 0;
  for (std::size_t c = 0; c < means.size(); ++c)
    distance += std::abs(row.probabilities[c] - means[c]);
  return { row.Decision() != std::max_element(means.begin(), means.end()) - means.begin(), distance };
}

/// Means over the repeats of each tested unit.
void AddCases(const GatheredArm & gathered, const std::string & target, int size, std::vector<CaseResult> & cases)
{
  const auto &                                           names = gathered.joined.classNames;
  std::map<std::pair<std::string, std::string>, std::vector<const Prediction *>> units;
  for (const auto & row : gathered.joined.rows)
    units[{ row.patient + "\n" + row.caseId, row.unitId }].push_back(&row);
  for (const auto & [key, rows] : units)
  {
    CaseResult one{ target, gathered.joined.name, rows[0]->patient, rows[0]->caseId, rows[0]->unitId, names[static_cast<std::size_t>(rows[0]->truth)], {}, size, std::vector<double>(names.size(), 0), 0 };
    for (const auto * row : rows)
    {
      for (std::size_t c = 0; c < names.size(); ++c)
        one.probabilities[c] += row->probabilities[c] / double(rows.size());
      one.right += (row->Decision() == row->truth) / double(rows.size());
    }
    one.decision = names[static_cast<std::size_t>(std::max_element(one.probabilities.begin(), one.probabilities.end()) - one.probabilities.begin())];
    const auto * nearest = *std::min_element(rows.begin(), rows.end(), [&one](const auto * a, const auto * b) { return Farness(*a, one.probabilities) < Farness(*b, one.probabilities); });
    one.repeat = nearest->repeat;
    one.ofRepeat = nearest->probabilities;
    cases.push_back(std::move(one));
  }
}

} // namespace

std::vector<Table> RunTables(const StudyPlan & plan, const std::string & target, const std::string & arm, int size, int & missing)
{
  std::vector<Table> tables;
  for (const auto & run : plan.results)
  {
    if (run.target != target || run.arm != arm || run.trainPatients != size)
      continue;
    if (fs::exists(run.predictions))
      tables.push_back(Table::Read(run.predictions));
    else
      ++missing;
  }
  return tables;
}

std::vector<std::string> ShownMetrics(const StudyFile & study)
{
  std::vector<std::string> words{ study.metric };
  for (const auto & word : study.metrics.empty() ? std::vector<std::string>{ "accuracy", "auc" } : study.metrics)
    if (std::find(words.begin(), words.end(), word) == words.end())
      words.push_back(word);
  return words;
}

const ArmResult * StudyResults::Find(const std::string & target, const std::string & arm, int size) const
{
  const auto found = std::find_if(arms.begin(), arms.end(), [&](const ArmResult & one) { return one.target == target && one.arm == arm && one.size == size; });
  return found == arms.end() ? nullptr : &*found;
}

StudyResults GatherResults(const StudyFile & study, const StudyPlan & plan, const std::map<std::string, CellOutcome> & states, Progress & progress)
{
  StudyResults results;
  results.metric = study.metric;
  for (const auto & planned : plan.results)
    if (const auto & outcome = states.at(planned.cell); outcome.state == CellState::NotRun)
      results.notRun[planned.arm] = outcome.reason;
  const double parts = double(study.targets.size() * study.trainPatients.size());
  double       done = 0;
  for (const auto & target : study.targets)
    for (const int size : study.trainPatients)
    {
      progress.Report(done++ / parts, "gathering " + target.name);
      GatheredArms arms;
      for (const auto & arm : study.arms)
        if (auto gathered = Gather(study, plan, target.name, arm.name, size, results.classNames[target.name]))
        {
          auto result = Summarise(study, *gathered, target.name, size);
          result.trainPatients = TrainedPatients(plan, target.name, size);
          AddCost(plan, states, result);
          results.arms.push_back(std::move(result));
          results.classNames[target.name] = gathered->joined.classNames;
          if (size == study.trainPatients.back())
            AddCases(*gathered, target.name, size, results.cases);
          if (auto curve = GatherCurve(plan, target.name, arm.name, size))
            results.curves.push_back(std::move(*curve));
          arms.emplace_back(arm.name, std::move(*gathered));
        }
      CompareArms(study, plan, target.name, size, arms, results);
    }
  CorrectTests(study, results);
  CompareTargets(study, results);
  AddSimilarities(study, plan, results);
  AddWarnings(study, results);
  return results;
}

Table RunTable(const StudyFile & study, const StudyPlan & plan)
{
  Table table({ "target", "arm", "train_patients", "repeat", "fold", "metric", "value" });
  for (const auto & run : plan.results)
  {
    if (!fs::exists(run.predictions))
      continue;
    const auto predictions = Predictions::From(Table::Read(run.predictions), run.arm, UnitFrom(study.unit));
    for (const auto & word : ShownMetrics(study))
      if (const double value = Evaluate(predictions, MetricFrom(word, predictions.classNames)); std::isfinite(value))
        table.AddRow({ run.target, run.arm, std::to_string(TrainedPatients(plan, run.target, run.trainPatients)), std::to_string(run.repeat), std::to_string(run.fold), word, FormatNumber(value) });
  }
  return table;
}

} // namespace serval
