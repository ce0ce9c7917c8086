#include "serval/Evaluation/Intervals.h"

#include "PatientBootstrap.h"
#include "serval/Core/Error.h"
#include "serval/Core/JobQueue.h"
#include "serval/Core/Random.h"
#include "serval/Core/Text.h"

#include <boost/math/distributions/beta.hpp>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <string_view>
#include <unordered_set>

namespace serval
{
namespace
{

constexpr double      notDefined = std::numeric_limits<double>::quiet_NaN();
constexpr int         drawsOfOneSample = 1000;
constexpr std::size_t samplesOfOneJob = 64;

double NormalQuantile(double share) { return boost::math::quantile(boost::math::normal(), share); }
double NormalBelow(double z) { return boost::math::cdf(boost::math::normal(), z); }

void Draw(std::vector<int> & counts, std::mt19937_64 & random)
{
  std::fill(counts.begin(), counts.end(), 0);
  for (std::size_t i = 0; i < counts.size(); ++i)
    ++counts[UniformBelow(counts.size(), random)];
}

// Efron 1987: shares of the bootstrap values, moved by the bias and by how the error depends on the value.
evaluation::Tails BcaTails(const UnitWeights & ones, const std::vector<double> & drawn, double observed, double confidence, const evaluation::WeightedValue & value)
{
  double below = 0;
  for (const double d : drawn)
    below += d < observed ? 1 : d == observed ? 0.5 : 0;
  const double        count = double(drawn.size()), bias = NormalQuantile(std::clamp(below / count, 0.5 / count, 1 - 0.5 / count));
  std::vector<double> without;
  auto                weights = ones;
  for (auto & weight : weights.patients)
  {
    weight = 0;
    if (const double found = value(weights); std::isfinite(found))
      without.push_back(found);
    weight = 1;
  }
  double squares = 0, cubes = 0, mean = 0;
  for (const double w : without)
    mean += w / double(without.size());
  for (const double w : without)
  {
    squares += std::pow(mean - w, 2);
    cubes += std::pow(mean - w, 3);
  }
  const double acceleration = squares > 0 ? cubes / (6 * std::pow(squares, 1.5)) : 0;
  const auto   share = [&](double z) { return NormalBelow(bias + (bias + z) / (1 - acceleration * (bias + z))); };
  const double z = NormalQuantile((1 + confidence) / 2);
  return { share(-z), share(z) };
}

// Rows of one patient in one repeat, counted by truth and decision.
struct PatientCounts
{
  std::size_t         patient, repeat;
  std::vector<double> counts; // truth by truth
};

std::map<std::string, std::size_t> PlacesOf(const std::set<std::string> & names)
{
  std::map<std::string, std::size_t> places;
  for (const auto & name : names)
    places.emplace(name, places.size());
  return places;
}

std::vector<PatientCounts> CountByPatient(const Predictions & predictions, UnitWeights & ones)
{
  const std::size_t     classes = predictions.classNames.size();
  std::set<std::string> patientNames, repeatNames;
  for (const auto & row : predictions.rows)
  {
    patientNames.insert(row.patient);
    repeatNames.insert(row.repeat);
  }
  const auto                                                patients = PlacesOf(patientNames), repeats = PlacesOf(repeatNames);
  std::map<std::pair<std::size_t, std::size_t>, std::size_t> places;
  std::vector<PatientCounts>                                counts;
  for (const auto & row : predictions.rows)
  {
    const std::pair key{ patients.at(row.patient), repeats.at(row.repeat) };
    const auto [at, isNew] = places.emplace(key, counts.size());
    if (isNew)
      counts.push_back({ key.first, key.second, std::vector<double>(classes * classes, 0) });
    ++counts[at->second].counts[static_cast<std::size_t>(row.truth) * classes + static_cast<std::size_t>(row.Decision())];
  }
  ones = { std::vector<int>(patients.size(), 1), std::vector<int>(repeats.size(), 1) };
  return counts;
}

} // namespace

namespace evaluation
{

BootstrapValues DrawBootstrap(const UnitWeights & ones, const BootstrapPlan & plan, const WeightedValue & value)
{
  BootstrapValues     drawn{ std::vector<double>(static_cast<std::size_t>(plan.samples), notDefined), 0 };
  const auto          base = DeriveSeed(plan.seed, { "bootstrap" });
  const std::size_t   jobs = (drawn.values.size() + samplesOfOneJob - 1) / samplesOfOneJob;
  std::atomic<int>    redrawn = 0;
  std::atomic<bool>   isVain = false;
  JobQueue(jobs).Run(static_cast<int>(plan.threads), [&](std::size_t job) {
    UnitWeights weights = ones;
    for (std::size_t i = job * samplesOfOneJob; i < std::min((job + 1) * samplesOfOneJob, drawn.values.size()) && !isVain; ++i)
    {
      std::mt19937_64 random(base + 0x9e3779b97f4a7c15u * (i + 1));
      for (int draw = 0; draw < drawsOfOneSample && !std::isfinite(drawn.values[i]); ++draw)
      {
        redrawn += draw > 0;
        Draw(weights.patients, random);
        if (ones.repeats.size() > 1)
          Draw(weights.repeats, random);
        drawn.values[i] = value(weights);
      }
      isVain = isVain || !std::isfinite(drawn.values[i]);
    }
  });
  drawn.redrawn = redrawn;
  if (isVain)
    drawn.values.clear();
  return drawn;
}

Tails PercentileTails(std::size_t patients, double confidence)
{
  const double n = double(patients), t = boost::math::quantile(boost::math::students_t(n - 1), (1 + confidence) / 2);
  const double tail = NormalBelow(-std::sqrt(n / (n - 1)) * t);
  return { tail, 1 - tail };
}

double LevelOfTail(double share, std::size_t patients)
{
  const double n = double(patients), t = -NormalQuantile(std::min(share, 0.5)) * std::sqrt((n - 1) / n);
  return 2 * boost::math::cdf(boost::math::complement(boost::math::students_t(n - 1), t));
}

Interval IntervalOf(const UnitWeights & ones, const BootstrapPlan & plan, const WeightedValue & value)
{
  Interval interval{ value(ones), notDefined, notDefined };
  if (!std::isfinite(interval.value) || ones.patients.size() < 2)
    return interval;
  const auto drawn = DrawBootstrap(ones, plan, value);
  interval.redrawn = drawn.redrawn;
  if (drawn.values.empty())
    return interval;
  const bool isBca = plan.kind == BootstrapPlan::Kind::Bca;
  const auto tails = isBca ? BcaTails(ones, drawn.values, interval.value, plan.confidence, value) : PercentileTails(ones.patients.size(), plan.confidence);
  interval.low = Quantile(drawn.values, tails.low);
  interval.high = Quantile(drawn.values, tails.high);
  interval.method = Concat(isBca ? "BCa" : "percentile", " bootstrap of patients", ones.repeats.size() > 1 ? " and repeats" : "");
  return interval;
}

} // namespace evaluation

Interval BootstrapInterval(const Predictions & predictions, Metric metric, const BootstrapPlan & plan)
{
  const PatientWiseMetric evaluate(predictions, metric);
  return evaluation::IntervalOf(evaluate.Ones(), plan, [&](const UnitWeights & weights) { return evaluate(weights); });
}

Interval MeanInterval(const std::vector<PatientNumber> & rows, const BootstrapPlan & plan)
{
  std::map<std::string, std::pair<double, double>> ofPatients; // sum and count
  for (const auto & row : rows)
  {
    Require(std::isfinite(row.value), Fault::Input, "patient '", row.patient, "' has the number ", row.value, "; a finite one is expected");
    auto & [sum, count] = ofPatients[row.patient];
    sum += row.value;
    ++count;
  }
  std::vector<std::pair<double, double>> sums;
  for (const auto & [patient, of] : ofPatients)
    sums.push_back(of);
  return evaluation::IntervalOf({ std::vector<int>(sums.size(), 1), { 1 } }, plan, [&](const UnitWeights & weights) {
    double sum = 0, count = 0;
    for (std::size_t i = 0; i < sums.size(); ++i)
    {
      sum += weights.patients[i] * sums[i].first;
      count += weights.patients[i] * sums[i].second;
    }
    return count > 0 ? sum / count : notDefined;
  });
}

std::vector<std::vector<Interval>> ConfusionIntervals(const Predictions & predictions, const BootstrapPlan & plan)
{
  UnitWeights       ones;
  const auto        counts = CountByPatient(predictions, ones);
  const std::size_t classes = predictions.classNames.size();
  const auto        share = [&](std::size_t truth, std::size_t decision, const UnitWeights & weights) {
    double hits = 0, all = 0;
    for (const auto & one : counts)
    {
      const double weight = weights.patients[one.patient] * weights.repeats[one.repeat];
      for (std::size_t c = 0; c < classes; ++c)
        all += weight * one.counts[truth * classes + c];
      hits += weight * one.counts[truth * classes + decision];
    }
    return all > 0 ? hits / all : notDefined;
  };
  std::vector<std::vector<Interval>> intervals(classes);
  for (std::size_t truth = 0; truth < classes; ++truth)
    for (std::size_t decision = 0; decision < classes; ++decision)
      intervals[truth].push_back(evaluation::IntervalOf(ones, plan, [&](const UnitWeights & weights) { return share(truth, decision, weights); }));
  return intervals;
}

AtPrevalenceScores ScoresAtPrevalence(const Predictions & predictions, const std::vector<double> & shares, const BootstrapPlan & plan)
{
  const std::size_t classes = predictions.classNames.size();
  double            sum = 0;
  for (const double share : shares)
    sum += share;
  Require(shares.size() == classes && std::abs(sum - 1) < 1e-6 && *std::min_element(shares.begin(), shares.end()) >= 0, Fault::Usage, "the prevalence is ", classes,
          " shares of sum 1, one for each class; there are ", shares.size(), " of sum ", sum);
  std::vector<PatientWiseMetric> recalls;
  for (std::size_t c = 0; c < classes; ++c)
    recalls.emplace_back(predictions, Metric{ Metric::Recall, static_cast<int>(c) });
  const auto ones = recalls[0].Ones();
  const auto accuracy = [&](const UnitWeights & weights) {
    double value = 0;
    for (std::size_t c = 0; c < classes; ++c)
      value += shares[c] > 0 ? shares[c] * recalls[c](weights) : 0;
    return value;
  };
  const auto predictive = [&](std::size_t c) {
    return [&, c](const UnitWeights & weights) {
      const double right = shares[c] * recalls[c](weights), wrong = shares[1 - c] * (1 - recalls[1 - c](weights));
      return right + wrong > 0 ? right / (right + wrong) : notDefined;
    };
  };
  AtPrevalenceScores scores{ evaluation::IntervalOf(ones, plan, accuracy), { notDefined, notDefined, notDefined }, { notDefined, notDefined, notDefined } };
  if (classes == 2)
  {
    scores.positivePredictive = evaluation::IntervalOf(ones, plan, predictive(1));
    scores.negativePredictive = evaluation::IntervalOf(ones, plan, predictive(0));
  }
  return scores;
}

Interval WilsonInterval(double successes, double trials, double confidence)
{
  Require(trials > 0 && successes >= 0 && successes <= trials, Fault::Input, "an interval of ", successes, " successes in ", trials, " trials has no meaning");
  const double z = NormalQuantile((1 + confidence) / 2), share = successes / trials, z2 = z * z / trials;
  const double centre = (share + z2 / 2) / (1 + z2), half = std::sqrt(z2 * (share * (1 - share) + z2 / 4)) / (1 + z2);
  return { share, successes == 0 ? 0 : centre - half, successes == trials ? 1 : centre + half, 0, "Wilson" };
}

Interval ClopperPearsonInterval(double successes, double trials, double confidence)
{
  Require(trials > 0 && successes >= 0 && successes <= trials, Fault::Input, "an interval of ", successes, " successes in ", trials, " trials has no meaning");
  const double tail = (1 - confidence) / 2;
  return { successes / trials, successes == 0 ? 0 : boost::math::quantile(boost::math::beta_distribution(successes, trials - successes + 1), tail),
           successes == trials ? 1 : boost::math::quantile(boost::math::beta_distribution(successes + 1, trials - successes), 1 - tail), 0, "Clopper-Pearson" };
}

bool HasOneRowEach(const Predictions & predictions)
{
  std::unordered_set<std::string_view> patients;
  return std::all_of(predictions.rows.begin(), predictions.rows.end(), [&](const Prediction & row) { return patients.insert(row.patient).second; });
}

double Quantile(std::vector<double> values, double share)
{
  if (values.empty())
    return notDefined;
  std::sort(values.begin(), values.end());
  const double at = share * double(values.size() - 1);
  const auto   below = static_cast<std::size_t>(at);
  const auto   above = std::min(below + 1, values.size() - 1);
  return values[below] + (at - double(below)) * (values[above] - values[below]);
}

} // namespace serval
