#include "serval/Evaluation/Calibration.h"

#include "serval/Core/Error.h"
#include "serval/Core/Random.h"

#include <boost/math/tools/minima.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <set>

namespace serval
{
namespace
{

constexpr double least = 1e-12;

double Logit(double p)
{
  p = std::clamp(p, least, 1 - least);
  return std::log(p / (1 - p));
}

std::vector<double> Tempered(const std::vector<double> & probabilities, double temperature)
{
  std::vector<double> tempered;
  const double        greatest = std::log(std::max(least, *std::max_element(probabilities.begin(), probabilities.end())));
  double              sum = 0;
  for (const double p : probabilities)
    sum += tempered.emplace_back(std::exp((std::log(std::max(least, p)) - greatest) / temperature));
  for (double & p : tempered)
    p /= sum;
  return tempered;
}

double FitTemperature(const Predictions & predictions)
{
  const auto loss = [&](double logTemperature) {
    double sum = 0;
    for (const auto & row : predictions.rows)
      sum -= std::log(std::max(least, Tempered(row.probabilities, std::exp(logTemperature))[static_cast<std::size_t>(row.truth)]));
    return sum;
  };
  return std::exp(boost::math::tools::brent_find_minima(loss, -std::log(greatestTemperature), std::log(greatestTemperature), 30).first);
}

// Pool adjacent violators over rows of rising probability.
std::pair<std::vector<double>, std::vector<double>> FitSteps(std::vector<std::pair<double, double>> rows)
{
  struct Block
  {
    double first, last, sum, rows;
  };
  std::sort(rows.begin(), rows.end());
  std::vector<Block> blocks;
  for (const auto & [p, truth] : rows)
  {
    if (!blocks.empty() && blocks.back().last == p && blocks.back().first == p)
    {
      blocks.back().sum += truth;
      ++blocks.back().rows;
    }
    else
      blocks.push_back({ p, p, truth, 1 });
  }
  std::vector<Block> pooled;
  for (auto block : blocks)
  {
    while (!pooled.empty() && pooled.back().sum * block.rows >= block.sum * pooled.back().rows)
    {
      block = { pooled.back().first, block.last, pooled.back().sum + block.sum, pooled.back().rows + block.rows };
      pooled.pop_back();
    }
    pooled.push_back(block);
  }
  std::pair<std::vector<double>, std::vector<double>> steps;
  for (const auto & block : pooled)
    for (const double at : { block.first, block.last })
      if (steps.first.empty() || at > steps.first.back())
      {
        steps.first.push_back(at);
        steps.second.push_back(block.sum / block.rows);
      }
  return steps;
}

double AtSteps(const std::vector<double> & at, const std::vector<double> & value, double p)
{
  const auto above = static_cast<std::size_t>(std::lower_bound(at.begin(), at.end(), p) - at.begin());
  if (above == 0 || above == at.size())
    return above == 0 ? value.front() : value.back();
  return value[above - 1] + (p - at[above - 1]) / (at[above] - at[above - 1]) * (value[above] - value[above - 1]);
}

// Newton's method; Platt's targets (n + 1) / (n + 2) and 1 / (n + 2) keep the optimum finite.
std::pair<double, double> FitSigmoid(const std::vector<std::pair<double, double>> & rows)
{
  double positives = 0;
  for (const auto & [p, truth] : rows)
    positives += truth;
  const double high = (positives + 1) / (positives + 2), low = 1 / (double(rows.size()) - positives + 2);
  double       intercept = 0, slope = 1;
  for (int step = 0; step < 100; ++step)
  {
    double g0 = 0, g1 = 0, h00 = 1e-12, h01 = 0, h11 = 1e-12;
    for (const auto & [p, truth] : rows)
    {
      const double x = Logit(p), q = 1 / (1 + std::exp(-intercept - slope * x)), gap = (truth > 0.5 ? high : low) - q, v = q * (1 - q);
      g0 += gap;
      g1 += gap * x;
      h00 += v;
      h01 += v * x;
      h11 += v * x * x;
    }
    const double determinant = h00 * h11 - h01 * h01;
    if (!(determinant > 1e-14 * h00 * h11)) // one score for all: the intercept alone
    {
      intercept += g0 / h00;
      if (std::abs(g0) < 1e-9)
        break;
      continue;
    }
    const double change0 = std::clamp((h11 * g0 - h01 * g1) / determinant, -5.0, 5.0), change1 = std::clamp((h00 * g1 - h01 * g0) / determinant, -5.0, 5.0);
    intercept += change0;
    slope += change1;
    if (std::abs(change0) + std::abs(change1) < 1e-10)
      break;
  }
  return { intercept, slope };
}

void RequireShares(const std::vector<double> & shares, std::size_t classes)
{
  const double sum = std::accumulate(shares.begin(), shares.end(), 0.0);
  Require(shares.size() == classes && std::all_of(shares.begin(), shares.end(), [](double s) { return s > 0; }) && std::abs(sum - 1) < 1e-6, Fault::Usage,
          "a prevalence is ", classes, " positive shares of sum 1, one for each class; there are ", shares.size(), " of sum ", sum);
}

} // namespace

Calibrator::Kind Calibrator::KindFrom(const std::string & text)
{
  if (text == "temperature")
    return Kind::Temperature;
  if (text == "platt")
    return Kind::Platt;
  Require(text == "isotonic", Fault::Usage, "the calibration '", text, "' is unknown; temperature, platt and isotonic are known");
  return Kind::Isotonic;
}

Calibrator Calibrator::Fit(const Predictions & predictions, Kind kind)
{
  std::set<int> classes;
  for (const auto & row : predictions.rows)
    classes.insert(row.truth);
  Require(classes.size() >= 2, Fault::Input, "a calibration needs rows of two classes; '", predictions.name, "' has rows of ", classes.size());
  Calibrator made;
  made.m_Kind = kind;
  if (kind == Kind::Temperature)
    made.m_Temperature = FitTemperature(predictions);
  for (std::size_t c = 0; c < predictions.classNames.size() && kind != Kind::Temperature; ++c)
  {
    std::vector<std::pair<double, double>> rows;
    for (const auto & row : predictions.rows)
      rows.emplace_back(row.probabilities[c], row.truth == static_cast<int>(c) ? 1 : 0);
    if (kind == Kind::Platt)
    {
      const auto [intercept, slope] = FitSigmoid(rows);
      made.m_Sigmoids.push_back({ intercept, slope });
    }
    else
    {
      auto [at, value] = FitSteps(std::move(rows));
      made.m_Steps.push_back({ std::move(at), std::move(value) });
    }
  }
  return made;
}

std::vector<double> Calibrator::Calibrated(const std::vector<double> & probabilities) const
{
  if (m_Kind == Kind::Temperature)
    return Tempered(probabilities, m_Temperature);
  std::vector<double> made;
  double              sum = 0;
  for (std::size_t c = 0; c < probabilities.size(); ++c)
    sum += made.emplace_back(m_Kind == Kind::Platt ? 1 / (1 + std::exp(-m_Sigmoids[c].intercept - m_Sigmoids[c].slope * Logit(probabilities[c])))
                                                   : AtSteps(m_Steps[c].at, m_Steps[c].value, probabilities[c]));
  if (sum <= 0) // every class is denied: nothing is known
    return std::vector<double>(made.size(), 1 / double(made.size()));
  for (double & p : made)
    p /= sum;
  return made;
}

Predictions Calibrator::Apply(const Predictions & predictions) const
{
  auto made = predictions;
  for (auto & row : made.rows)
    row.probabilities = Calibrated(row.probabilities);
  return made;
}

Predictions CrossCalibrated(const Predictions & predictions, Calibrator::Kind kind, int folds, std::uint64_t seed)
{
  auto patients = predictions.Patients();
  Require(folds >= 2 && patients.size() >= static_cast<std::size_t>(folds), Fault::Input, "a calibration in ", folds, " parts needs as many patients, and two or more; '",
          predictions.name, "' has ", patients.size());
  std::mt19937_64 random(DeriveSeed(seed, { "calibration" }));
  Shuffle(patients, random);
  std::map<std::string, std::size_t> fold;
  for (std::size_t i = 0; i < patients.size(); ++i)
    fold[patients[i]] = i % static_cast<std::size_t>(folds);
  auto                    made = predictions;
  std::vector<Calibrator> calibrators;
  for (std::size_t f = 0; f < static_cast<std::size_t>(folds); ++f)
    calibrators.push_back(Calibrator::Fit(predictions.Where([&](const Prediction & row) { return fold.at(row.patient) != f; }), kind));
  for (auto & row : made.rows)
  {
    const Predictions one{ "", predictions.classNames, { row }, predictions.unit };
    row = calibrators[fold.at(row.patient)].Apply(one).rows[0];
  }
  return made;
}

std::vector<double> PrevalenceOf(const Predictions & predictions)
{
  std::vector<double> shares(predictions.classNames.size(), 0);
  for (const auto & row : predictions.rows)
    shares[static_cast<std::size_t>(row.truth)] += 1 / double(predictions.rows.size());
  return shares;
}

Predictions AtPrevalence(const Predictions & predictions, const std::vector<double> & from, const std::vector<double> & to)
{
  RequireShares(from, predictions.classNames.size());
  RequireShares(to, predictions.classNames.size());
  auto made = predictions;
  for (auto & row : made.rows)
  {
    double sum = 0;
    for (std::size_t c = 0; c < to.size(); ++c)
      sum += row.probabilities[c] *= to[c] / from[c];
    for (double & p : row.probabilities)
      p /= sum;
  }
  return made;
}

std::vector<double> EstimatedPrevalence(const Predictions & predictions, const std::vector<double> & trained)
{
  RequireShares(trained, predictions.classNames.size());
  auto shares = trained;
  for (int step = 0; step < 10000; ++step)
  {
    std::vector<double> next(shares.size(), 0);
    for (const auto & row : AtPrevalence(predictions, trained, shares).rows)
      for (std::size_t c = 0; c < next.size(); ++c)
        next[c] += row.probabilities[c] / double(predictions.rows.size());
    double change = 0;
    for (std::size_t c = 0; c < next.size(); ++c)
    {
      next[c] = std::max(next[c], least);
      change += std::abs(next[c] - shares[c]);
    }
    const double sum = std::accumulate(next.begin(), next.end(), 0.0);
    for (double & share : next)
      share /= sum;
    shares = next;
    if (change < 1e-9)
      break;
  }
  return shares;
}

} // namespace serval
