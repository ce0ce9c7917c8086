#include "ResultParts.h"
#include "StudyDeclarations.h"

#include "serval/Core/Error.h"
#include "serval/Core/Text.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace serval
{
namespace
{

using Strategy = StudyArm::Strategy;

const GatheredArm * Find(const GatheredArms & arms, const std::string & name)
{
  const auto found = std::find_if(arms.begin(), arms.end(), [&](const auto & one) { return one.first == name; });
  return found == arms.end() ? nullptr : &found->second;
}

/// Those named in the file, else all from scratch that are not there for another arm's sake alone.
std::vector<std::string> BaselinesOf(const StudyFile & study)
{
  if (!study.baselines.empty())
    return study.baselines;
  std::vector<std::string> names;
  for (const auto & arm : study.arms)
    if (arm.strategy == Strategy::Scratch && !arm.shuffledLabels && !arm.isAutomatic && arm.axes.empty() && arm.teachers.empty())
      names.push_back(arm.name);
  return names;
}

/// The scratch arm that has as many steps as all stages of this one; nothing where there is none.
std::string MatchedOf(const StudyFile & study, const StudyArm & arm)
{
  const int steps = study.StepsOf(arm);
  if (steps == 0 || arm.IsControl())
    return {};
  const auto network = study.NetworkOf(arm).name;
  for (const auto & other : study.arms)
    if (other.strategy == Strategy::Scratch && !other.shuffledLabels && other.steps == steps && study.Network(other.network).name == network)
      return other.name;
  return {};
}

/// Pairs to test, each once, with whether the second is the compute-matched one.
std::vector<std::tuple<std::string, std::string, std::string>> PairsOf(const StudyFile & study)
{
  std::vector<std::tuple<std::string, std::string, std::string>> pairs;
  std::set<std::set<std::string>>                                seen;
  const auto baselines = BaselinesOf(study);
  const auto add = [&](const std::string & a, const std::string & b, const std::string & why) {
    if (a != b && !b.empty() && seen.insert({ a, b }).second)
      pairs.emplace_back(a, b, why);
  };
  const auto isBaseline = [&](const std::string & name) { return std::find(baselines.begin(), baselines.end(), name) != baselines.end(); };
  for (const auto & pair : study.pairs)
    add(ArmsOfPair(pair).first, ArmsOfPair(pair).second, "");
  for (const auto & arm : study.arms)
  {
    if (arm.IsControl())
      continue;
    add(arm.name, MatchedOf(study, arm), "compute-matched");
    for (const auto & baseline : baselines)
      if (!isBaseline(arm.name) && !arm.isAutomatic)
        add(arm.name, baseline, "");
    for (const auto & other : study.arms)
      if (study.allPairs && !other.IsControl())
        add(arm.name, other.name, "");
  }
  return pairs;
}

ComparisonPlan PlanOf(const StudyFile & study, const std::string & target, int size, const StudyPlan & plan)
{
  ComparisonPlan comparison;
  comparison.metric = MetricFrom(study.metric);
  comparison.samples = 5000;
  comparison.seed = study.seed;
  comparison.threads = 2;
  comparison.rope = study.rope;
  for (const auto & one : plan.targets)
    if (one.name == target && size > 0)
      comparison.testOverTrain = double(one.resamples.front().test.size()) / size;
  return comparison;
}

/// Resamples with which even the smallest p, 2 / (samples + 1), stays clear of alpha when it is corrected for all tests of the study.
int SamplesFor(const StudyFile & study)
{
  const double tests = double(PairsOf(study).size() * study.targets.size() * study.trainPatients.size());
  return static_cast<int>(std::clamp(20 * tests / study.alpha, 5000.0, 1e6));
}

/// The test that fits the design, with an interval of the difference. A small p is found anew with as many resamples as its
/// correction needs.
TestResult TestOf(const Predictions & a, const Predictions & b, const ComparisonPlan & plan, const StudyFile & study)
{
  const auto how = TestFor(DesignOf(a));
  auto       test = CompareBy(how, a, b, plan);
  if (auto finer = plan; test.p <= study.alpha && (finer.samples = SamplesFor(study)) > plan.samples)
    test = CompareBy(how, a, b, finer);
  if (!std::isfinite(test.low) || test.low == test.high)
    if (const auto interval = DifferenceInterval(a, b, plan); std::isfinite(interval.low))
    {
      test.low = interval.low;
      test.high = interval.high;
    }
  return test;
}

void AddTests(const StudyFile & study, const StudyPlan & plan, const std::string & target, int size, const GatheredArms & arms, StudyResults & results)
{
  const auto comparison = PlanOf(study, target, size, plan);
  for (const auto & [first, second, why] : PairsOf(study.On(target)))
  {
    const auto * a = Find(arms, first);
    const auto * b = Find(arms, second);
    if (a == nullptr || b == nullptr || a->missing + b->missing > 0)
      continue;
    results.design = ToText(DesignOf(a->joined));
    results.tests.push_back({ target, size, TestOf(a->joined, b->joined, comparison, study), why });
  }
}

void AddRanking(const StudyFile & study, const std::string & target, int size, const GatheredArms & arms, StudyResults & results)
{
  std::vector<Predictions> models;
  for (const auto & [name, gathered] : arms)
    if (!study.Arm(name).IsControl() && gathered.missing == 0)
      models.push_back(gathered.joined);
  if (models.size() < 2)
    return;
  const BootstrapPlan plan{ 1000, 0.95, study.seed, BootstrapPlan::Kind::Percentile, 2 };
  std::vector<Metric> metrics;
  for (const auto & word : ShownMetrics(study))
    metrics.push_back(MetricFrom(word, models.front().classNames));
  results.rankings.push_back({ target, size, BootstrapRanking(models, metrics.front(), plan), RankingWays(models, metrics) });
}

/// Mean accuracy of each patient in each repeat; nothing unless every patient is tested in every repeat.
void AddVariances(const StudyFile & study, const std::string & target, int size, const GatheredArms & arms, StudyResults & results)
{
  if (!study.resampling.sameFolds || study.resampling.Repeats() < 2)
    return;
  for (const auto & [name, gathered] : arms)
  {
    const auto patients = gathered.joined.Patients();
    std::map<std::string, std::map<std::string, std::pair<double, int>>> byRepeat;
    std::map<std::string, std::string>                                   foldOf;
    for (const auto & row : gathered.joined.rows)
    {
      auto & [right, count] = byRepeat[row.repeat][row.patient];
      right += row.Decision() == row.truth;
      ++count;
      foldOf[row.patient] = row.fold;
    }
    std::vector<std::vector<double>> rows;
    for (const auto & [repeat, means] : byRepeat)
    {
      auto & row = rows.emplace_back();
      for (const auto & patient : patients)
        if (const auto mean = means.find(patient); mean != means.end())
          row.push_back(mean->second.first / mean->second.second);
      if (row.size() != patients.size())
        rows.pop_back();
    }
    std::map<std::string, std::size_t> number;
    std::vector<std::size_t>           folds;
    for (const auto & patient : patients)
      folds.push_back(number.emplace(foldOf[patient], number.size()).first->second);
    if (rows.size() >= 2 && number.size() >= 2 && number.size() < patients.size())
      results.variances.push_back({ target, name, size, SplitVariance(rows, folds) });
  }
}

} // namespace

const ArmResult * BestArm(const StudyFile & study, const StudyResults & results, const std::string & target, int size)
{
  const double sign = LowerIsBetter(MetricFrom(study.metric)) ? -1 : 1;
  const auto   worth = [&](const ArmResult & arm) { return std::pair(arm.missingRuns == 0, sign * arm.scores.at(study.metric).value); };
  const ArmResult * best = nullptr;
  for (const auto & arm : results.arms)
    if (arm.target == target && arm.size == size && !study.Arm(arm.arm).IsControl() && std::isfinite(arm.scores.at(study.metric).value) && (best == nullptr || worth(arm) > worth(*best)))
      best = &arm;
  return best;
}

const ArmResult * BestArm(const StudyFile & study, const StudyResults & results, const std::string & target) { return BestArm(study, results, target, study.trainPatients.back()); }

std::optional<double> GainOf(const StudyFile & study, const StudyResults & results, const std::string & target, const std::string & source, int size)
{
  const double          sign = LowerIsBetter(MetricFrom(study.metric)) ? -1 : 1;
  std::optional<double> best, scratch;
  for (const auto & arm : study.arms)
    if (const auto * result = results.Find(target, arm.name, size))
    {
      const double value = sign * result->scores.at(study.metric).value;
      if (arm.source == source && (arm.strategy == Strategy::FineTuning || arm.strategy == Strategy::OffTheShelf))
        best = std::max(best.value_or(value), value);
      if (arm.strategy == Strategy::Scratch && !arm.shuffledLabels)
        scratch = std::max(scratch.value_or(value), value);
    }
  return best && scratch ? std::optional(*best - *scratch) : std::nullopt;
}

void CompareArms(const StudyFile & study, const StudyPlan & plan, const std::string & target, int size, const GatheredArms & arms, StudyResults & results)
{
  AddTests(study, plan, target, size, arms, results);
  AddRanking(study, target, size, arms, results);
  AddVariances(study, target, size, arms, results);
  // The size-only baseline is tested against the best arm alone, and not among the corrected tests: it asks whether there is anything to explain.
  const auto * best = BestArm(study, results, target, size);
  for (const auto & [name, gathered] : arms)
    if (study.Arm(name).strategy == Strategy::SizeOnly && best != nullptr && best->missingRuns == 0 && gathered.missing == 0 && size == study.trainPatients.back())
    {
      const auto test = TestOf(Find(arms, best->arm)->joined, gathered.joined, PlanOf(study, target, size, plan), study);
      const bool isBetter = LowerIsBetter(MetricFrom(study.metric)) ? test.difference < 0 : test.difference > 0;
      if (!(isBetter && test.p <= study.alpha))
        results.warnings.push_back(Concat(study.TargetInWords(target), ": geometry and a summary of intensities may be all that is learned: the best arm, ", best->arm, " (", ToText(best->scores.at(study.metric)),
                                          "), is not shown to be better than the size-only baseline (", ToText(results.Find(target, name, size)->scores.at(study.metric)), "; p = ", FormatFixed(test.p, 3), ")."));
    }
}

void CorrectTests(const StudyFile & study, StudyResults & results)
{
  std::vector<double> p;
  for (const auto & test : results.tests)
    p.push_back(test.test.p);
  const auto corrected = study.correction == "holm" ? HolmCorrected(p) : study.correction == "none" ? p : BenjaminiHochbergCorrected(p);
  for (std::size_t i = 0; i < corrected.size(); ++i)
    results.tests[i].test.pCorrected = corrected[i];
}

void CompareTargets(const StudyFile & study, StudyResults & results)
{
  if (study.targets.size() < 2)
    return;
  std::vector<std::string>         names, targets;
  std::vector<std::vector<double>> values;
  const int                        size = study.trainPatients.back();
  for (const auto & arm : study.arms)
    if (!arm.IsControl() && std::all_of(study.targets.begin(), study.targets.end(), [&](const auto & t) { return results.Find(t.name, arm.name, size) != nullptr; }))
      names.push_back(arm.name);
  if (names.size() < 2)
    return;
  for (const auto & target : study.targets)
  {
    targets.push_back(target.name);
    auto & row = values.emplace_back();
    for (const auto & name : names)
      row.push_back(results.Find(target.name, name, size)->scores.at(study.metric).value);
  }
  results.datasets = CompareOverDatasets(targets, names, values, LowerIsBetter(MetricFrom(study.metric)), study.alpha);
}

void AddSimilarities(const StudyFile & study, const StudyPlan & plan, StudyResults & results)
{
  for (const auto & target : plan.targets)
  {
    if (target.similarity.empty() || !std::filesystem::exists(target.similarity))
      continue;
    const auto                              table = Table::Read(target.similarity);
    std::map<std::string, SimilarityResult> byMeasure;
    for (std::size_t row = 0; row < table.Rows(); ++row)
    {
      const auto score = ParseDouble(table.At(row, "value"));
      const auto gain = GainOf(study, results, target.name, table.At(row, "a"), study.trainPatients.back());
      if (score && gain)
      {
        auto & one = byMeasure[table.At(row, "measure")];
        one.target = target.name;
        one.measure = table.At(row, "measure");
        one.sources.push_back({ table.At(row, "a"), *score, *gain });
      }
    }
    for (auto & [measure, one] : byMeasure)
    {
      std::vector<double> scores, gains;
      for (const auto & source : one.sources)
      {
        scores.push_back(source.score);
        gains.push_back(source.gain);
      }
      if (scores.size() >= 3)
        if (const double tau = KendallTau(scores, gains); std::isfinite(tau))
          one.tau = tau;
      results.similarities.push_back(std::move(one));
    }
  }
}

void AddWarnings(const StudyFile & study, StudyResults & results)
{
  std::set<std::string> transductive, unchecked;
  for (const auto & arm : results.arms)
    if (!study.Arm(arm.arm).IsControl() && arm.lineage != "clean")
      (arm.lineage == "transductive" ? transductive : unchecked).insert(arm.arm);
  if (!transductive.empty())
    results.warnings.push_back("Transductive: " + Join({ transductive.begin(), transductive.end() }, ", ") + " saw images of the test patients while learning; on new patients they may do worse.");
  if (!unchecked.empty())
    results.warnings.push_back("Lineage not checkable: whether the models of " + Join({ unchecked.begin(), unchecked.end() }, ", ") + " have seen the test patients is not known.");
  if (!study.isComputeMatched)
    results.warnings.push_back("Not compute-matched: arms from scratch may have had fewer steps than pretrained ones (design.computeMatched = false).");
  for (const auto & arm : study.arms)
    if (arm.shuffledLabels)
      for (const auto & result : results.arms)
        if (const auto auc = result.scores.find("auc"); result.arm == arm.name && auc != result.scores.end() && auc->second.low > 0.5)
          results.warnings.push_back(Concat("With permuted classes the AUC is ", ToText(auc->second), " (target ", result.target, ", ", result.trainPatients, " training patients), above chance: something leaks."));
  for (const auto & what : study.shrunk)
    results.warnings.push_back("Smoke scale, no result: " + what);
}

} // namespace serval
