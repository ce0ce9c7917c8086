// How often intervals cover and tests reject: `coverage [studies]`, of it `dice [studies]`, and `tests [studies]`.

#include "Worlds.h"
#include "serval/Core/JobQueue.h"
#include "serval/Evaluation/Comparison.h"

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <mutex>
#include <numeric>
#include <string_view>

namespace
{

using namespace serval;
using namespace serval::simulation;

constexpr int threads = 2;

/// The metric in a world without end.
double TruthOf(ScoreWorld world, Metric metric)
{
  std::mt19937_64 random(99);
  world.patients = world.repeats > 1 ? 3000 : 200000 / world.rows;
  world.repeats = world.repeats > 1 ? 200 : 1;
  return Evaluate(Draw(world, 1, random)[0], metric);
}

struct Counts
{
  int covered = 0, below = 0, above = 0, none = 0;
};

using Intervals = std::map<std::string, Interval>; // by method

/// One line for each method: how often its interval of `study` holds the truth.
void Cover(const char * name, const std::string & metric, double truth, int studies, const std::function<Intervals(std::size_t)> & study)
{
  std::map<std::string, Counts> counts;
  std::mutex                    mutex;
  JobQueue(static_cast<std::size_t>(studies)).Run(threads, [&](std::size_t i) {
    const auto            made = study(i);
    const std::lock_guard lock(mutex);
    for (const auto & [method, interval] : made)
    {
      auto & c = counts[method];
      c.none += !std::isfinite(interval.low);
      c.below += interval.high < truth;
      c.above += interval.low > truth;
      c.covered += interval.low <= truth && truth <= interval.high;
    }
  });
  for (const auto & [method, c] : counts)
    std::printf("| %-34s | %-20s | %-15s | %.3f | %5.1f | %5.1f | %5.1f | %5.1f |\n", name, metric.c_str(), method.c_str(), truth, 100.0 * c.covered / studies,
                100.0 * c.below / studies, 100.0 * c.above / studies, 100.0 * c.none / studies);
  std::fflush(stdout);
}

const std::map<std::string, BootstrapPlan::Kind> kinds{ { "BCa", BootstrapPlan::Kind::Bca }, { "percentile", BootstrapPlan::Kind::Percentile } };

void Cover(const char * name, const ScoreWorld & world, const std::vector<Metric> & metrics, int studies)
{
  for (const auto & metric : metrics)
    Cover(name, ToText(metric), TruthOf(world, metric), studies, [&](std::size_t study) {
      std::mt19937_64 random(1000 + study);
      const auto      p = Draw(world, 1, random)[0];
      Intervals       made;
      for (const auto & [method, kind] : kinds)
        made[method] = BootstrapInterval(p, metric, { 1000, 0.95, study, kind });
      if (metric == Metric::Auc && world.classes == 2 && world.repeats == 1)
        made["DeLong"] = DeLongInterval(p, 0.95);
      if (metric == Metric::Accuracy && world.rows * world.repeats == 1)
      {
        const double n = double(p.rows.size()), right = std::round(n * Evaluate(p, metric));
        made["Wilson"] = WilsonInterval(right, n, 0.95);
        made["Clopper-Pearson"] = ClopperPearsonInterval(right, n, 0.95);
      }
      return made;
    });
}

void CoverDice(const char * name, DiceWorld world, int studies)
{
  for (const int patients : { 20, 50, 100, 200 })
  {
    world.patients = patients;
    Cover((std::to_string(patients) + " patients" + name).c_str(), "mean Dice", world.Mean(), studies, [&](std::size_t study) {
      std::mt19937_64 random(2000 + study);
      const auto      dice = world.Draw(random);
      Intervals       made;
      for (const auto & [method, kind] : kinds)
        made[method] = MeanInterval(dice, { 1000, 0.95, study, kind });
      return made;
    });
  }
}

void CoverageOfDice(int studies)
{
  DiceWorld plain, clustered, missed;
  clustered.rows = 4;
  missed.missed = 0.05;
  CoverDice("", plain, studies);
  CoverDice(" of 1 to 4 rows", clustered, studies);
  CoverDice(", 5 % missed", missed, studies);
  clustered.missed = 0.05;
  CoverDice(" of 1 to 4 rows, 5 % missed", clustered, studies);
}

void Coverage(int studies)
{
  const std::vector<Metric> main{ Metric::Accuracy, Metric::Auc };
  const std::vector<Metric> further{ Metric::BalancedAccuracy, Metric::MacroF1, Metric::Kappa, Metric::Mcc, Metric::AveragePrecision, Metric::LogLoss,
                                     Metric::Brier, Metric::Ece, Metric::CalibrationSlope, { Metric::Recall, 1 } };
  ScoreWorld                world;
  for (const int patients : { 10, 20, 50, 100, 200 })
  {
    world.patients = patients;
    Cover((std::to_string(patients) + " patients").c_str(), world, main, studies);
  }
  world.patients = 50;
  Cover("50 patients", world, further, studies);
  world.rows = 6;
  Cover("50 patients of 6 rows", world, main, studies);
  world.truthOfRows = true;
  Cover("50 patients of 6 rows, own truths", world, main, studies);
  world = {};
  world.classes = 3;
  Cover("50 patients, 3 classes", world, { Metric::Accuracy, Metric::Auc, Metric::HandTill, Metric::MacroF1 }, studies);
  for (const int repeats : { 3, 5, 10 })
  {
    world = {};
    world.repeats = repeats;
    world.runSpread = 0.3;
    Cover(("50 patients, " + std::to_string(repeats) + " training runs").c_str(), world, main, studies);
  }
  CoverageOfDice(studies);
}

using Test = std::function<double()>;

/// Share of the studies in which each test's p is at most 0.05. `study` gives the tests' p by name.
void Reject(const char * name, int studies, const std::function<std::map<std::string, double>(std::size_t)> & study)
{
  std::map<std::string, int> rejected;
  std::mutex                 mutex;
  JobQueue(static_cast<std::size_t>(studies)).Run(threads, [&](std::size_t i) {
    const auto            p = study(i);
    const std::lock_guard lock(mutex);
    for (const auto & [test, value] : p)
      rejected[test] += value <= 0.05;
  });
  for (const auto & [test, count] : rejected)
    std::printf("| %-44s | %-24s | %5.1f |\n", name, test.c_str(), 100.0 * count / studies);
  std::fflush(stdout);
}

void OnScores(const char * name, const ScoreWorld & world, const std::vector<std::pair<std::string, Metric>> & tests, int studies)
{
  Reject(name, studies, [&](std::size_t study) {
    std::mt19937_64               random(5000 + study);
    const auto                    models = Draw(world, 2, random);
    std::map<std::string, double> p;
    for (const auto & [test, metric] : tests)
    {
      ComparisonPlan plan;
      plan.metric = metric;
      plan.samples = 1000;
      plan.seed = study;
      p[test + (test == "permutation" || test == "bootstrap" ? " of " + ToText(metric) : "")] = CompareBy(test, models[0], models[1], plan).p;
    }
    return p;
  });
}

std::vector<std::size_t> Shuffled(std::size_t count, std::mt19937_64 & random)
{
  std::vector<std::size_t> order(count);
  std::iota(order.begin(), order.end(), std::size_t{ 0 });
  Shuffle(order, random);
  return order;
}

void OnFolds(const char * name, int repeats, int folds, double edge, int studies)
{
  Reject(name, studies, [&](std::size_t study) {
    std::mt19937_64    random(9000 + study);
    const LearnerWorld world(100, 0.35, edge, random);
    Predictions        models[2];
    for (auto & model : models)
      model = { std::to_string(&model - models), { "negative", "positive" }, {}, Unit::Patient };
    for (int repeat = 0; repeat < repeats; ++repeat)
    {
      const auto order = Shuffled(world.Patients(), random);
      for (int fold = 0; fold < folds; ++fold)
      {
        std::vector<std::size_t> train, test;
        for (std::size_t i = 0; i < order.size(); ++i)
          (static_cast<int>(i) % folds == fold ? test : train).push_back(order[i]);
        for (const std::size_t m : { 0u, 1u })
          world.Predict(m, train, test, std::to_string(repeat), std::to_string(fold), models[m]);
      }
    }
    std::map<std::string, double> p;
    p["Nadeau-Bengio"] = NadeauBengioTestOf(models[0], models[1], {}).p;
    ComparisonPlan uncorrected;
    uncorrected.testOverTrain = 1e-9;
    p["t without correction"] = NadeauBengioTestOf(models[0], models[1], uncorrected).p;
    const auto posterior = BayesianTestOf(models[0], models[1], {});
    p["Bayesian: one side above 0.975"] = 2 * (1 - std::max(posterior.details[0].second, posterior.details[2].second));
    if (repeats == 5 && folds == 2)
      p["5x2 F"] = FiveByTwoTestOf(models[0], models[1], {}).p;
    return p;
  });
}

// Fresh training sets in each repeat, one set of test patients.
void OnRuns(const char * name, int repeats, double edge, int studies)
{
  Reject(name, studies, [&](std::size_t study) {
    std::mt19937_64          random(7000 + study);
    const std::size_t        perRun = 20, tested = 60;
    const LearnerWorld       world(static_cast<int>(tested + perRun * static_cast<std::size_t>(repeats)), 0.35, edge, random);
    Predictions              models[2];
    std::vector<std::size_t> test(tested);
    std::iota(test.begin(), test.end(), std::size_t{ 0 });
    for (const std::size_t m : { 0u, 1u })
    {
      models[m] = { std::to_string(m), { "negative", "positive" }, {}, Unit::Patient };
      for (std::size_t repeat = 0; repeat < static_cast<std::size_t>(repeats); ++repeat)
      {
        std::vector<std::size_t> train(perRun);
        std::iota(train.begin(), train.end(), tested + repeat * perRun);
        world.Predict(m, train, test, std::to_string(repeat), "", models[m]);
      }
    }
    ComparisonPlan plan;
    plan.samples = 1000;
    plan.seed = study;
    return std::map<std::string, double>{ { "permutation of patients", PermutationTest(models[0], models[1], plan).p },
                                          { "bootstrap, both", BootstrapTest(models[0], models[1], plan).p } };
  });
}

void OnDatasets(const char * name, double edge, int studies)
{
  Reject(name, studies, [&](std::size_t study) {
    std::mt19937_64                  random(3000 + study);
    std::vector<std::vector<double>> rows(15, std::vector<double>(4));
    std::vector<double>              differences;
    for (auto & row : rows)
    {
      const double own = Normal(random);
      for (std::size_t m = 0; m < row.size(); ++m)
        row[m] = own + Normal(random) + (m == 0 ? edge : 0);
      differences.push_back(row[0] - row[1]);
    }
    const auto   friedman = FriedmanTest(rows);
    const auto & ranks = friedman.meanRanks;
    const auto   [low, high] = std::minmax_element(ranks.begin(), ranks.end());
    return std::map<std::string, double>{ { "Friedman", friedman.chiSquare.p },
                                          { "Iman-Davenport", friedman.imanDavenport.p },
                                          { "Nemenyi, any pair", NemenyiP(*high - *low, 4, 15) },
                                          { "Wilcoxon of one pair", WilcoxonTest(differences, ZeroRule::Split).p },
                                          { "sign of one pair", SignTest(differences).p } };
  });
}

void Tests(int studies)
{
  std::printf("| world | test | p <= 0.05 in %% |\n| --- | --- | --- |\n");
  const std::vector<std::pair<std::string, Metric>> all{ { "permutation", Metric::Accuracy }, { "permutation", Metric::Auc }, { "bootstrap", Metric::Accuracy },
                                                         { "bootstrap", Metric::Auc },        { "delong", Metric::Auc },      { "obuchowski", Metric::Auc },
                                                         { "mcnemar", Metric::Accuracy },     { "sign", Metric::Accuracy },   { "wilcoxon", Metric::Accuracy } };
  std::vector<std::pair<std::string, Metric>>       clustered;
  for (const auto & test : all)
    if (test.first != "delong" && test.first != "mcnemar")
      clustered.push_back(test);
  for (const double edge : { 0.0, 0.8 })
  {
    const std::string kind = edge == 0 ? "no difference, " : "difference, ";
    ScoreWorld        world;
    world.edge = edge;
    OnScores((kind + "50 patients").c_str(), world, all, studies);
    world.patients = 20;
    OnScores((kind + "20 patients").c_str(), world, all, studies);
    world.patients = 50;
    world.rows = 6;
    world.truthOfRows = true;
    OnScores((kind + "50 patients of 6 rows").c_str(), world, clustered, studies);
    const double worth = edge / 4;
    OnFolds((kind + "10 folds").c_str(), 1, 10, worth, studies);
    OnFolds((kind + "5 x 2 folds").c_str(), 5, 2, worth, studies);
    OnFolds((kind + "10 x 10 folds").c_str(), 10, 10, worth, studies);
    for (const int repeats : { 3, 5, 10 })
      OnRuns((kind + std::to_string(repeats) + " training runs, 60 patients").c_str(), repeats, worth, studies);
    OnDatasets((kind + "15 data sets, 4 methods").c_str(), edge, studies);
  }
}

} // namespace

int main(int argc, char ** argv)
{
  const std::string_view what = argc > 1 ? argv[1] : "";
  const int              studies = argc > 2 ? std::atoi(argv[2]) : 2000;
  if ((what != "coverage" && what != "dice" && what != "tests") || studies < 1)
  {
    std::fprintf(stderr, "usage: ServalStatisticsSimulation coverage|dice|tests [studies]\n");
    return 2;
  }
  if (what == "tests")
  {
    Tests(studies);
    return 0;
  }
  std::printf("| world | metric | interval | truth | covered %% | too low %% | too high %% | none %% |\n| --- | --- | --- | --- | --- | --- | --- | --- |\n");
  what == "dice" ? CoverageOfDice(studies) : Coverage(studies);
  return 0;
}
