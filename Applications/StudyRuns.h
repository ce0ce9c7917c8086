#pragma once
// The runs of a study that its page shows, and what they answered.

#include "PatchAnswers.h"
#include "serval/Core/Error.h"
#include "serval/Core/Text.h"
#include "serval/Study/Results.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <vector>

namespace serval
{

/// The run of a repeat that tests this patient and left a network behind.
inline std::optional<PlannedResult> RunThatTests(const StudyPlan & plan, const PlannedTarget & target, const CaseResult & one)
{
  for (const auto & run : plan.results)
    if (run.target == one.target && run.arm == one.arm && run.trainPatients == one.size && std::to_string(run.repeat) == one.repeat && !run.model.empty() && std::filesystem::exists(run.model))
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

} // namespace serval
