#pragma once

#include "serval/Study/Results.h"

#include <nlohmann/json_fwd.hpp>

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace serval
{

/// All predictions of one arm with one training size.
struct GatheredArm
{
  Predictions         joined;
  std::vector<double> values; ///< of the study's metric, by run
  std::string         lineage = "clean";
  int                 runs = 0, missing = 0;
};
using GatheredArms = std::vector<std::pair<std::string, GatheredArm>>;

/// The study's metric and those beside it.
std::vector<std::string> ShownMetrics(const StudyFile & study);

/// By metric's word: value, low, high; null for what is not known.
nlohmann::json ScoresJson(const std::map<std::string, Interval> & scores);
nlohmann::json IntervalJson(const Interval & interval);

/// Predictions of the runs of an arm at a size, one a run; those that are not there are counted in `missing`.
std::vector<Table> RunTables(const StudyPlan & plan, const std::string & target, const std::string & arm, int size, int & missing);

/// Tests, ranking and variance of one target and size.
void CompareArms(const StudyFile & study, const StudyPlan & plan, const std::string & target, int size, const GatheredArms & arms, StudyResults & results);
void CorrectTests(const StudyFile & study, StudyResults & results);
void CompareTargets(const StudyFile & study, StudyResults & results);
void AddSimilarities(const StudyFile & study, const StudyPlan & plan, StudyResults & results);
void AddWarnings(const StudyFile & study, StudyResults & results);

} // namespace serval
