// Seconds of what the statistics module is asked to do in fractions of one: DeLong's test and bootstraps of an AUC.

#include "serval/Core/Random.h"
#include "serval/Evaluation/Comparison.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>

namespace
{

using namespace serval;

Predictions Cases(int count, std::uint64_t seed)
{
  std::mt19937_64 random(seed);
  Predictions     made{ std::to_string(seed), { "negative", "positive" }, {}, Unit::Patient };
  for (int i = 0; i < count; ++i)
  {
    const double score = std::clamp(0.3 + 0.2 * (i % 2) + 0.5 * (Uniform01(random) - 0.5), 0.0, 1.0);
    const auto   id = "patient-" + std::to_string(i);
    made.rows.push_back({ id, id, "", i % 2, { 1 - score, score } });
  }
  return made;
}

template <typename Work>
void Time(const char * what, const Work & work)
{
  double best = 1e9, worst = 0;
  for (int i = 0; i < 5; ++i)
  {
    const auto start = std::chrono::steady_clock::now();
    work();
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    best = std::min(best, seconds);
    worst = std::max(worst, seconds);
  }
  std::printf("%-60s %.3f to %.3f s\n", what, best, worst);
}

} // namespace

int main()
{
  const auto a = Cases(100000, 1), b = Cases(100000, 2), few = Cases(1000, 3), others = Cases(1000, 4);
  auto       turned = b;
  std::reverse(turned.rows.begin(), turned.rows.end());
  Time("DeLong, 2 x 100,000 cases in one order", [&] { DeLongTest(a, b, {}); });
  Time("DeLong, 2 x 100,000 cases in two orders", [&] { DeLongTest(a, turned, {}); });
  BootstrapPlan plan;
  plan.samples = 10000;
  for (const unsigned threads : { 1u, 2u })
  {
    plan.threads = threads;
    Time(threads == 1 ? "AUC, 1,000 cases, 10,000 bootstraps, 1 thread" : "the same, 2 threads", [&] { BootstrapInterval(few, Metric::Auc, plan); });
  }
  ComparisonPlan comparison;
  comparison.metric = Metric::Auc;
  comparison.threads = 2;
  Time("AUC, 2 x 1,000 cases, 10,000 permutations, 2 threads", [&] { PermutationTest(few, others, comparison); });
  return 0;
}
