#pragma once

#include "serval/Dataset/Manifest.h"
#include "serval/Study/StudyFile.h"

#include <filesystem>
#include <string>
#include <vector>

namespace serval
{

/// One run of a study: Serval command lines, one after another, and what they leave behind.
struct Cell
{
  std::string                        id;
  std::vector<Words>                 commands; ///< first word: executable
  std::vector<std::string>           needs;    ///< cells that must be done before
  std::vector<std::filesystem::path> outputs;
  std::string                        hindrance = {}; ///< why it cannot be run here, such as a file to fetch; nothing when it can
};

/// Where one arm's predictions for one training size and repeat will lie.
struct PlannedResult
{
  std::string           arm;
  int                   trainPatients = 0, repeat = 0;
  std::filesystem::path predictions, curve;
  std::string           cell; ///< that makes them
};

struct StudyPlan
{
  std::vector<Cell>                  cells;
  std::vector<PlannedResult>         results;
  std::vector<std::filesystem::path> pictures;
  std::map<std::string, std::string> files; ///< small inputs (lists, manifests) by path within the study folder
};

/// All cells of a study in `folder`. One split for all arms, sizes and repeats; the training patients of a repeat are
/// nested (2 within 8 within 32); every arm gets the same patients, patch centres and seeds. `modules` is the folder of
/// the executables. Fault::Input when the manifest has too few patients.
StudyPlan PlanStudy(const StudyFile & study, const std::filesystem::path & folder, const std::filesystem::path & modules);

} // namespace serval
