#pragma once
// The runs of a study that its page shows, and what they answered.

#include "PatchAnswers.h"
#include "serval/Core/Error.h"
#include "serval/Core/Text.h"
#include "serval/Study/Results.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <vector>

namespace serval
{

/// The run, of the repeat whose answer is shown, that tests this patient.
inline std::optional<PlannedResult> RunThatTests(const StudyPlan & plan, const PlannedTarget & target, const CaseResult & one)
{
  for (const auto & run : plan.results)
    if (run.target == one.target && run.arm == one.arm && run.trainPatients == one.size && std::to_string(run.repeat) == one.repeat)
      for (const auto & resample : target.resamples)
        if (resample.repeat == run.repeat && resample.fold == run.fold && std::find(resample.test.begin(), resample.test.end(), one.patient) != resample.test.end())
          return run;
  return std::nullopt;
}

/// "repeat 3", and its fold where there are several.
inline std::string NameOf(const PlannedTarget & target, const PlannedResult & run)
{
  const bool hasFolds = std::any_of(target.resamples.begin(), target.resamples.end(), [](const Resample & one) { return one.fold > 0; });
  return Concat("repeat ", run.repeat, hasFolds ? Concat(", fold ", run.fold) : std::string());
}

/// Whether this is the first run, at the largest size, of an arm that is no control.
inline bool IsFirst(const StudyFile & study, const PlannedTarget & target, const PlannedResult & run)
{
  const auto & first = target.resamples.front();
  return run.target == target.name && run.trainPatients == study.trainPatients.back() && run.repeat == first.repeat && run.fold == first.fold && !study.Arm(run.arm).IsControl();
}

struct ArmRun
{
  PlannedResult run;
  ArmAnswers    answers;
};

/// Nothing of an arm that answers of whole patients.
inline std::optional<ArmAnswers> AnswersOf(const PatchCache & cache, const PlannedResult & run)
{
  try
  {
    return ArmAnswers(cache, run.predictions, run.arm);
  }
  catch (const Error & error)
  {
    if (error.Kind() != Fault::Input)
      throw;
    return std::nullopt;
  }
}

/// The first run of each arm that is no control, at the largest size: all of them had the same training and test patients.
inline std::vector<ArmRun> FirstRunOf(const StudyFile & study, const StudyPlan & plan, const PlannedTarget & target, const PatchCache & cache)
{
  std::vector<ArmRun> runs;
  for (const auto & run : plan.results)
    if (IsFirst(study, target, run) && std::filesystem::exists(run.predictions))
      if (auto answers = AnswersOf(cache, run))
        runs.push_back({ run, std::move(*answers) });
  return runs;
}

/// The patch that stands for a tested unit, and of how many.
struct UnitPatch
{
  std::size_t patch = 0, of = 1;
};

/// A unit's own patch; of a patient or case that is tested as a whole the one of which the run that is shown is surest of
/// the unit's decision.
class UnitPatches
{
public:
  UnitPatches(const StudyPlan & plan, const PlannedTarget & target, const PatchCache & cache)
    : m_Plan(plan)
    , m_Target(target)
    , m_Cache(cache)
  {}

  std::optional<UnitPatch> Of(const CaseResult & one)
  {
    const bool isWhole = one.unitId.empty() || one.unitId == one.patient || one.unitId == one.caseId;
    if (!isWhole)
    {
      const auto own = PatchOfUnit(m_Cache, one.patient, one.caseId, one.unitId);
      return own ? std::optional(UnitPatch{ *own }) : std::nullopt;
    }
    auto patches = m_Cache.PatchesOf({ one.patient });
    if (one.unitId == one.caseId)
      std::erase_if(patches, [&](std::size_t patch) { return m_Cache.Cases()[m_Cache.Patches()[patch].caseIndex].caseId != one.caseId; });
    if (patches.size() == 1)
      return UnitPatch{ patches.front() };
    return Surest(one, patches);
  }

private:
  std::optional<UnitPatch> Surest(const CaseResult & one, const std::vector<std::size_t> & patches)
  {
    const auto * answers = AnswersOfRun(one);
    if (answers == nullptr)
      return std::nullopt;
    const auto               decision = static_cast<std::size_t>(std::find(answers->classNames.begin(), answers->classNames.end(), one.decision) - answers->classNames.begin());
    std::optional<UnitPatch> surest;
    double                   most = -1;
    for (const auto patch : patches)
      if (const auto * answer = answers->Of(patch); answer != nullptr && decision < answer->probabilities.size() && answer->probabilities[decision] > most)
      {
        most = answer->probabilities[decision];
        surest = { patch, patches.size() };
      }
    return surest;
  }

  const ArmAnswers * AnswersOfRun(const CaseResult & one)
  {
    const auto run = RunThatTests(m_Plan, m_Target, one);
    if (!run || !std::filesystem::exists(run->predictions))
      return nullptr;
    const auto [at, isNew] = m_Answers.try_emplace(run->predictions);
    if (isNew)
      at->second = AnswersOf(m_Cache, *run);
    return at->second ? &*at->second : nullptr;
  }

  const StudyPlan &                                           m_Plan;
  const PlannedTarget &                                       m_Target;
  const PatchCache &                                          m_Cache;
  std::map<std::filesystem::path, std::optional<ArmAnswers>> m_Answers;
};

} // namespace serval
