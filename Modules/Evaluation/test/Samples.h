#pragma once

#include "serval/Core/Random.h"
#include "serval/Evaluation/Predictions.h"

namespace serval
{

// Two classes, one row a patient, scores of the positive class.
inline Predictions OneRowEach(const std::string & name, const std::vector<std::pair<double, int>> & scores)
{
  Predictions predictions{ name, { "negative", "positive" }, {}, Unit::Patient };
  for (std::size_t i = 0; i < scores.size(); ++i)
    predictions.rows.push_back({ "p" + std::to_string(i), "p" + std::to_string(i), "", scores[i].second, { 1 - scores[i].first, scores[i].first } });
  return predictions;
}

// Right with probability `skill` on patches of patients; a patient's patches go together.
inline Predictions Clustered(const std::string & name, double skill, std::uint64_t seed, int patients = 20, int patches = 10)
{
  Predictions     predictions{ name, { "a", "b", "c" }, {}, Unit::Patch };
  std::mt19937_64 random(seed);
  for (int p = 0; p < patients; ++p)
  {
    const bool good = Uniform01(random) < skill;
    for (int i = 0; i < patches; ++i)
    {
      const int           truth = i % 3, decision = good ? truth : (truth + 1) % 3;
      std::vector<double> probabilities(3, 0.1);
      probabilities[static_cast<std::size_t>(decision)] = 0.8;
      predictions.rows.push_back({ "p" + std::to_string(p), std::to_string(100 * p + i), "0", truth, probabilities });
    }
  }
  return predictions;
}

} // namespace serval
