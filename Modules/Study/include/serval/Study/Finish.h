#pragma once

#include "serval/Study/Results.h"

#include <filesystem>
#include <string>

namespace serval
{

/// The model of one arm for new patients: what is trained, and where it goes.
struct FinishPlan
{
  StudyPlan             plan; ///< cells in `folder`
  StudyFile             study; ///< of this arm alone
  std::filesystem::path folder, model, calibration; ///< trained model; predictions of the patients held out for calibration
  std::size_t           trainingPatients = 0, calibrationPatients = 0;
  bool                  isNamedBefore = false; ///< by the study file that the first run was made with
};

/// One arm on all training patients of the study but a fifth, whose predictions calibrate it. Fault::Input for an arm that is
/// no single model.
FinishPlan PlanFinish(const StudyFile & study, const std::string & arm, const std::filesystem::path & folder, const std::filesystem::path & modules);

/// Calibrates the trained model (one temperature in the weights of its last layer; classical heads calibrate themselves),
/// writes it with its card, and the card as CARD.md beside it. Returns the model's path. `results`: of the study, for what
/// was measured. An arm that was not named before the run gets a value corrected for the choice among all arms.
std::filesystem::path WriteFinished(const FinishPlan & finish, const StudyFile & study, const StudyPlan & plan, const StudyResults & results);

/// Keeps which arm the file of the first run names, for `isNamedBefore`.
void RecordDeclaration(const StudyFile & study, const std::filesystem::path & folder);

} // namespace serval
