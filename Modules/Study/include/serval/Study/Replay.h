#pragma once

#include "serval/Study/RunCells.h"

#include <filesystem>
#include <string>
#include <vector>

namespace serval
{

/// What became of one file of a cell that was run again.
struct ReplayedFile
{
  std::filesystem::path file; ///< within the study's folder
  bool                  isEqual = false;
  std::string           difference; ///< where, or that one of the two is missing
};

/// Runs a done cell once more in the same place, compares its outputs bit for bit with those that are there, and puts the
/// old ones back, whatever happens. Fault::Usage for an unknown cell, Fault::Input for one that is not done.
std::vector<ReplayedFile> ReplayCell(const StudyPlan & plan, const std::filesystem::path & folder, const std::string & id, Progress & progress);

} // namespace serval
