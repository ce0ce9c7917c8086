#pragma once

#include "serval/Study/StudyFile.h"

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace serval
{

/// One run of a study: Serval command lines, one after another, and what they leave behind.
struct Cell
{
  std::string                        id;
  std::vector<Words>                 commands = {}; ///< first word: executable
  std::vector<std::string>           needs = {};    ///< cells that must be done before
  std::vector<std::filesystem::path> outputs = {};
  std::string                        hindrance = {}; ///< why it cannot be run here, such as a file to fetch; nothing when it can
  std::vector<std::filesystem::path> reads = {};     ///< the user's files; their size and time belong to the cell's key
};

/// Where one arm's predictions of one training will lie.
struct PlannedResult
{
  std::string           target, arm;
  int                   trainPatients = 0; ///< as in the study file; 0: all
  int                   repeat = 0, fold = 0;
  std::filesystem::path predictions, curve, model;
  std::string           cell; ///< that makes them
};

/// One target as it is planned.
struct PlannedTarget
{
  std::string              name;
  std::vector<std::string> classNames; ///< empty where patches get their classes when they are cut
  std::vector<Resample>    resamples;
  std::map<std::string, std::map<std::string, int>> patients; ///< test and training patients (of the largest set) by class, first resample
  std::filesystem::path    cache;
  std::filesystem::path    similarity; ///< table of the sources' scores; empty: none
};

struct StudyPlan
{
  std::vector<Cell>                  cells;
  std::vector<PlannedResult>         results;
  std::vector<PlannedTarget>         targets;
  std::vector<std::filesystem::path> pictures;
  std::map<std::string, std::string> files; ///< small inputs (lists, manifests) by path within the study folder
  const Cell & At(const std::string & id) const; ///< Fault::Usage with the nearest cell when there is none
};

/// All cells of a study in `folder`. All arms of a target share its resamples, patch centres and seeds; training patients of
/// growing sizes are nested; what several arms need is one cell. `modules` is the folder of the executables. Fault::Input
/// when a target has too few patients.
StudyPlan PlanStudy(const StudyFile & study, const std::filesystem::path & folder, const std::filesystem::path & modules);

/// Cells that must be done before the study can be planned: image sets become caches, which know their patients.
StudyPlan PlanPreparation(const StudyFile & study, const std::filesystem::path & folder, const std::filesystem::path & modules);

} // namespace serval
