#pragma once

#include "serval/Core/Random.h"
#include "serval/Evaluation/Intervals.h"

#include <cmath>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace serval::simulation
{

/// Normal number by two uniform ones (Box and Muller 1958), the same on every standard library.
inline double Normal(std::mt19937_64 & random)
{
  return std::sqrt(-2 * std::log(1 - Uniform01(random))) * std::cos(2 * 3.14159265358979323846 * Uniform01(random));
}

/// Where predictions come from: patients of a class each, scored by one or two models of equal or unequal skill.
struct ScoreWorld
{
  int    patients = 50, rows = 1, repeats = 1, classes = 2;
  double skill = 1.2;       ///< distance of the classes' mean scores, in standard deviations
  double edge = 0;          ///< how much more skill the first model has
  double shared = 0.5;      ///< share of the scores' variance that is the patient's, common to models and rows
  double runSpread = 0;     ///< standard deviation of the skill between repeats: training runs
  bool   truthOfRows = false; ///< rows of a patient differ in class
};

/// Predictions of `models` models on the same units. `p` is the probability a logistic model of these scores would give, so
/// that accuracy, log loss and calibration have a meaning.
inline std::vector<Predictions> Draw(const ScoreWorld & world, std::size_t models, std::mt19937_64 & random)
{
  std::vector<Predictions> made(models);
  const auto               classes = static_cast<std::size_t>(world.classes);
  for (std::size_t m = 0; m < models; ++m)
  {
    made[m].name = std::to_string(m);
    made[m].unit = world.rows > 1 ? Unit::Patch : Unit::Patient;
    for (std::size_t c = 0; c < classes; ++c)
      made[m].classNames.push_back(std::to_string(c));
  }
  std::vector<std::vector<double>> skills(models); // by repeat
  for (std::size_t m = 0; m < models; ++m)
    for (int repeat = 0; repeat < world.repeats; ++repeat)
      skills[m].push_back(world.skill + (m == 0 ? world.edge : 0) + world.runSpread * Normal(random));
  for (int patient = 0; patient < world.patients; ++patient)
  {
    const auto          id = std::to_string(patient);
    std::vector<double> own(classes); // the patient's difficulty
    for (double & o : own)
      o = std::sqrt(world.shared) * Normal(random);
    for (int row = 0; row < world.rows; ++row)
    {
      const auto truth = static_cast<std::size_t>(world.truthOfRows ? row : patient) % classes;
      for (std::size_t m = 0; m < models; ++m)
        for (int repeat = 0; repeat < world.repeats; ++repeat)
        {
          const double        skill = skills[m][static_cast<std::size_t>(repeat)];
          std::vector<double> p(classes);
          double              sum = 0;
          for (std::size_t c = 0; c < classes; ++c)
          {
            const double score = (c == truth ? skill : 0) / std::sqrt(2.0) + own[c] + std::sqrt(1 - world.shared) * Normal(random);
            sum += p[c] = std::exp(world.skill / std::sqrt(2.0) * score);
          }
          for (double & value : p)
            value /= sum;
          made[m].rows.push_back({ id, id + "/" + std::to_string(row), std::to_string(repeat), static_cast<int>(truth), p });
        }
    }
  }
  return made;
}

/// Where the Dice of cases come from: Kumaraswamy's distribution (1980), skewed as a beta distribution but with a plain inverse, so
/// that most cases are good and some are bad. A patient's rows go together, and the numbers of rows differ: 1 to `rows`.
struct DiceWorld
{
  int    patients = 50, rows = 1;
  double a = 8, b = 2;
  double shared = 0.5; ///< share of the variance that is the patient's, on the normal scale
  double missed = 0;   ///< share of patients in whom nothing is found: Dice 0

  double Mean() const { return (1 - missed) * b * std::beta(1 + 1 / a, b); }

  std::vector<PatientNumber> Draw(std::mt19937_64 & random) const
  {
    std::vector<PatientNumber> drawn;
    for (int patient = 0; patient < patients; ++patient)
    {
      const bool   isMissed = Uniform01(random) < missed;
      const double own = std::sqrt(shared) * Normal(random);
      for (int row = 0; row < 1 + patient % rows; ++row)
      {
        const double z = own + std::sqrt(1 - shared) * Normal(random), u = std::erfc(-z / std::sqrt(2.0)) / 2;
        drawn.push_back({ std::to_string(patient), isMissed ? 0 : std::pow(1 - std::pow(1 - u, 1 / b), 1 / a) });
      }
    }
    return drawn;
  }
};

/// Two learners that see different features of equal worth, so that neither is better: nearest class means, trained and
/// tested on folds of the same patients, or on fresh training sets and one test set.
class LearnerWorld
{
public:
  LearnerWorld(int patients, double effect, double edge, std::mt19937_64 & random)
    : m_Truth(static_cast<std::size_t>(patients))
  {
    for (std::size_t i = 0; i < m_Truth.size(); ++i)
    {
      m_Truth[i] = static_cast<int>(i % 2);
      for (const std::size_t m : { 0u, 1u })
      {
        m_Features[m].emplace_back();
        for (int f = 0; f < features; ++f)
          m_Features[m].back().push_back(Normal(random) + (m_Truth[i] ? effect + (m == 0 ? edge : 0) : 0));
      }
    }
  }

  /// Rows of the patients in `test`, by a model trained on those in `train`.
  void Predict(std::size_t model, const std::vector<std::size_t> & train, const std::vector<std::size_t> & test, const std::string & repeat,
               const std::string & fold, Predictions & into) const
  {
    std::vector<double> mean[2] = { std::vector<double>(features, 0), std::vector<double>(features, 0) };
    double              count[2] = { 0, 0 };
    for (const auto i : train)
      ++count[m_Truth[i]];
    for (const auto i : train)
      for (std::size_t f = 0; f < features; ++f)
        mean[m_Truth[i]][f] += m_Features[model][i][f] / count[m_Truth[i]];
    for (const auto i : test)
    {
      double distance = 0;
      for (std::size_t f = 0; f < features; ++f)
        distance += std::pow(m_Features[model][i][f] - mean[0][f], 2) - std::pow(m_Features[model][i][f] - mean[1][f], 2);
      const double p = 1 / (1 + std::exp(-distance / 2));
      const auto   id = std::to_string(i);
      Prediction   row{ id, id, repeat, m_Truth[i], { 1 - p, p } };
      row.fold = fold;
      into.rows.push_back(row);
    }
  }

  std::size_t Patients() const { return m_Truth.size(); }

private:
  static constexpr int             features = 5;
  std::vector<int>                 m_Truth;
  std::vector<std::vector<double>> m_Features[2];
};

} // namespace serval::simulation
