#pragma once

#include "serval/Core/Progress.h"
#include "serval/Study/Plan.h"

#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace serval
{

enum class CellState
{
  Open, ///< its `reason` is that of the last failure, where there was one
  Done, ///< its outputs are there and were made by these very command lines and inputs
  Failed,
  NotRun ///< something is missing that Serval does not make, as a weight file, or a cell it needs is not run
};

struct CellOutcome
{
  CellState   state = CellState::Open;
  std::string reason; ///< of a failure: the command's last words; of what is not run: what to do
  double      seconds = 0;
};

/// State of all cells in a study folder, without running any: Done, NotRun or Open.
std::map<std::string, CellOutcome> StatesOf(const StudyPlan & plan, const std::filesystem::path & folder);

/// Runs the open cells as child processes, `jobs` at a time, each after those it needs; failed cells do not stop the
/// others. A cell that is done is not run again; interrupted, the study goes on where it was. Children die with us. Fault::Environment when another run works in the folder.
/// `cells/ID/log.txt` keeps what they said. `only`: these cells and no others, where not empty.
std::map<std::string, CellOutcome> RunCells(const StudyPlan & plan, const std::filesystem::path & folder, int jobs, Progress & progress,
                                            const std::set<std::string> & only = {});

} // namespace serval
