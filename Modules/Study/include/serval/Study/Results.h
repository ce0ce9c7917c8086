#pragma once

#include "serval/Evaluation/Ranking.h"
#include "serval/Evaluation/ScoreSheet.h"
#include "serval/Study/RunCells.h"

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace serval
{

/// One arm of one target with one number of training patients, over all folds and repeats.
struct ArmResult
{
  std::string target, arm;
  int         size = 0;           ///< as in the study file; 0: all
  int         trainPatients = 0;  ///< of the first training
  int         runs = 0, missingRuns = 0; ///< folds x repeats
  std::size_t testPatients = 0, rows = 0;
  std::string lineage; ///< worst verdict of the runs: clean, transductive, not checkable
  std::map<std::string, Interval> scores; ///< by metric's word, the study's metric and those beside it
  double      spread = 0;   ///< standard deviation of the metric over the runs
  double      seconds = 0;      ///< of its own cells, per run
  double      sharedSeconds = 0; ///< of cells before them that it shares with other arms, per run
  std::map<std::string, std::string> axes; ///< of its sweeps
};

struct ArmCurve
{
  std::string         target, arm;
  int                 size = 0;
  std::vector<double> step, loss, accuracy; ///< means over the runs
};

/// A test between two arms; p corrected over all tests of the study.
struct ArmTest
{
  std::string target;
  int         size = 0;
  TestResult  test;      ///< the one that fits the design
  std::string matched;   ///< "compute-matched" where b has as many steps as all stages of a
};

/// What the order of the arms is worth at one size.
struct ArmRanking
{
  std::string                      target;
  int                              size = 0;
  Ranking                          ranking;
  std::vector<RankingWay>          ways;
};

/// Scores of a source's network on a target, beside what its arms gained over scratch.
struct SimilarityResult
{
  std::string target, measure;
  struct Source
  {
    std::string source;
    double      score = 0, gain = 0; ///< gain: metric of its best fine-tuned or off-the-shelf arm minus that of scratch, at the largest size
  };
  std::vector<Source>   sources;
  std::optional<double> tau; ///< Kendall's tau-b; nothing below three sources
};

/// Where the spread of one arm comes from, with folds and repeats.
struct ArmVariance
{
  std::string   target, arm;
  int           size = 0;
  VarianceSplit split;
};

/// One tested unit of one arm: means over the repeats.
struct CaseResult
{
  std::string         target, arm, patient, caseId, unitId, truth, decision;
  int                 size = 0;
  std::vector<double> probabilities;
  double              right = 0; ///< share of the runs that decide rightly
  std::string         repeat = {};   ///< the one whose answer is nearest to the means, among those that decide as they do where there are any
  std::vector<double> ofRepeat = {}; ///< its probabilities
};

/// What a study found.
struct StudyResults
{
  std::string                        metric; ///< of spread and tests
  std::string                        design; ///< in words
  std::vector<ArmResult>             arms;
  std::vector<ArmTest>               tests;
  std::vector<ArmCurve>              curves;
  std::vector<ArmRanking>            rankings;
  std::vector<SimilarityResult>      similarities;
  std::vector<ArmVariance>           variances;
  std::optional<DatasetComparison>   datasets; ///< several targets: Friedman over the arms at the largest size
  std::vector<CaseResult>            cases;    ///< of the largest size
  std::map<std::string, std::vector<std::string>> classNames; ///< by target
  std::vector<std::string>           warnings; ///< as that the size-only baseline explains the result
  std::map<std::string, std::string> notRun;   ///< arms that cannot be run here, and what to do

  const ArmResult * Find(const std::string & target, const std::string & arm, int size) const;
  std::string       ToJson() const;
  Table             ToTable() const;      ///< tidy: one row a target, arm, size and metric
  Table             TestTable() const;
  Table             CaseTable() const;
  /// Three sentences: what was asked and how, what was shown, what was not.
  std::string       Verdict(const struct StudyFile & study) const;
};

/// Reads the predictions that are there; arms without any are left out. `states`: of the plan's cells.
StudyResults GatherResults(const StudyFile & study, const StudyPlan & plan, const std::map<std::string, CellOutcome> & states, Progress & progress);

/// The best arm of a target at a size that is no control; one with all its runs where there is any, nothing where none has a value.
const ArmResult * BestArm(const StudyFile & study, const StudyResults & results, const std::string & target, int size);
/// The same at the largest size.
const ArmResult * BestArm(const StudyFile & study, const StudyResults & results, const std::string & target);

/// By how much the best fine-tuned or off-the-shelf arm of a source is better than the best from scratch, in the study's metric
/// (above 0 where the metric falls, too); nothing where one of them is missing.
std::optional<double> GainOf(const StudyFile & study, const StudyResults & results, const std::string & target, const std::string & source, int size);

/// One row a run: target, arm, size, repeat, fold, metric, value; for other programs, beside the summary.
Table RunTable(const StudyFile & study, const StudyPlan & plan);

/// Markdown: verdict, warnings, scores by training size, the differences that were shown, arms, time.
std::string SummaryInMarkdown(const StudyFile & study, const StudyResults & results, const std::map<std::string, CellOutcome> & states);

/// What a test says in words.
std::string InWords(const ArmTest & test, const StudyFile & study);

} // namespace serval
