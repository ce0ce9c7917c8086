#pragma once
// What models said of the patches of a cache.

#include "serval/Cache/PatchCache.h"
#include "serval/Core/Error.h"
#include "serval/Core/PathDisplay.h"
#include "serval/Core/Text.h"
#include "serval/Evaluation/Predictions.h"

#include <algorithm>
#include <map>
#include <optional>

namespace serval
{

/// One arm's answer to a patch, the mean over its repeats.
struct PatchAnswer
{
  std::string         truth;
  std::vector<double> probabilities;
  int                 repeats = 0;

  std::size_t Decision() const { return static_cast<std::size_t>(std::max_element(probabilities.begin(), probabilities.end()) - probabilities.begin()); }
};

/// The patch of the cache that a unit stands for: its id is or ends in the patch's number, and the case is the patch's.
inline std::optional<std::size_t> PatchOfUnit(const PatchCache & cache, const std::string & patient, const std::string & caseId, const std::string & unitId)
{
  const auto number = ParseInteger(unitId.substr(unitId.rfind('/') + 1));
  if (!number || *number < 0 || static_cast<std::size_t>(*number) >= cache.Patches().size())
    return std::nullopt;
  const auto   patch = static_cast<std::size_t>(*number);
  const auto & from = cache.Cases()[cache.Patches()[patch].caseIndex];
  return from.caseId == caseId && from.patient == patient ? std::optional(patch) : std::nullopt;
}

/// An arm's answers by patch.
struct ArmAnswers
{
  std::string                        name;
  std::vector<std::string>           classNames;
  std::map<std::size_t, PatchAnswer> answers{};

  ArmAnswers(std::string armName, std::vector<std::string> classes)
    : name(std::move(armName))
    , classNames(std::move(classes))
  {}
  /// Fault::Input where rows stand for no patch of the cache.
  ArmAnswers(const PatchCache & cache, const std::filesystem::path & file, std::string armName)
    : name(std::move(armName))
  {
    const auto read = Predictions::Read(file, Unit::Patch);
    classNames = read.classNames;
    for (const auto & row : read.rows)
    {
      const auto patch = PatchOfUnit(cache, row.patient, row.caseId, row.unitId);
      Require(patch.has_value(), Fault::Input, "a row of ", Shown(file), " has the unit id '", row.unitId, "', which is no patch of its case in this cache; predictions of this cache's patches are expected");
      auto & answer = answers[*patch];
      answer.truth = classNames[static_cast<std::size_t>(row.truth)];
      answer.probabilities.resize(classNames.size());
      ++answer.repeats;
      for (std::size_t i = 0; i < classNames.size(); ++i)
        answer.probabilities[i] += (row.probabilities[i] - answer.probabilities[i]) / answer.repeats;
    }
  }

  /// Nothing where the arm did not see the patch.
  const PatchAnswer * Of(std::size_t patch) const
  {
    const auto found = answers.find(patch);
    return found == answers.end() ? nullptr : &found->second;
  }
  bool IsWrong(const PatchAnswer & answer) const { return classNames[answer.Decision()] != answer.truth; }
};

/// Patches that some arm answers wrongly, the most confident wrong answer of any arm first.
inline std::vector<std::size_t> ErrorsOf(const std::vector<ArmAnswers> & arms)
{
  std::map<std::size_t, double> confidence;
  for (const auto & arm : arms)
    for (const auto & [patch, answer] : arm.answers)
      if (arm.IsWrong(answer))
        confidence[patch] = std::max(confidence[patch], answer.probabilities[answer.Decision()]);
  std::vector<std::size_t> patches;
  for (const auto & [patch, value] : confidence)
    patches.push_back(patch);
  std::stable_sort(patches.begin(), patches.end(), [&](auto a, auto b) { return confidence[a] > confidence[b]; });
  return patches;
}

} // namespace serval
