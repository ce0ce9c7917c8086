#pragma once

#include "serval/Evaluation/Comparison.h"
#include "serval/Study/RunCells.h"

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace serval
{

/// One arm with one number of training patients, over all repeats.
struct ArmResult
{
  std::string arm;
  int         trainPatients = 0;
  int         repeats = 0, missingRepeats = 0;
  std::size_t testPatients = 0, rows = 0;
  std::string lineage; ///< worst verdict of the repeats: clean, transductive, not checkable
  Interval    accuracy, auc;
  double      spread = 0; ///< standard deviation of the accuracy over repeats
};

struct ArmCurve
{
  std::string         arm;
  int                 trainPatients = 0;
  std::vector<double> step, loss, accuracy; ///< means over repeats
};

/// What a study found. Tests: every arm against each baseline at each size, corrected after Holm over all of them.
struct StudyResults
{
  std::vector<ArmResult> arms;
  struct Test
  {
    int        trainPatients = 0;
    TestResult permutation, bootstrap;
  };
  std::vector<Test>     tests;
  std::vector<ArmCurve> curves;
  std::map<std::string, std::string> notRun; ///< arms that cannot be run here, and what to do

  std::string ToJson() const;
};

/// Reads the predictions that are there; arms without any are left out. `states`: of the plan's cells.
StudyResults GatherResults(const StudyFile & study, const StudyPlan & plan, const std::map<std::string, CellOutcome> & states);

} // namespace serval
