#pragma once

#include "serval/Core/Progress.h"
#include "serval/Core/Table.h"
#include "serval/Evaluation/Ranking.h"

#include <optional>
#include <string>
#include <vector>

namespace serval
{

/// How p values are corrected for the number of comparisons of one test.
enum class Correction
{
  Holm,
  BenjaminiHochberg,
  None
};
Correction CorrectionFrom(const std::string & text);

/// All tests between several models.
struct ComparisonSheet
{
  std::optional<Metric>            metric; ///< nothing for numbers made elsewhere
  bool                             lowerIsBetter = false;
  Unit                             unit = Unit::Patient;
  std::size_t                      rows = 0, patients = 0;
  std::string                      design; ///< in words
  Correction                       correction = Correction::Holm;
  double                           alpha = 0.05;
  std::vector<TestResult>          tests;
  std::optional<JointAucTest>      joint;    ///< of three models or more by DeLong or Obuchowski
  std::optional<Ranking>           ranking;
  std::vector<RankingWay>          ways;     ///< beside the ranking
  std::vector<std::string>         names;    ///< of the models
  std::optional<DatasetComparison> datasets;

  /// `tests`: names of PairedTestNames or "auto", the one that fits the design. All pairs; p corrected within each test.
  static ComparisonSheet Of(const std::vector<Predictions> & models, std::vector<std::string> tests, const ComparisonPlan & plan, Correction correction,
                            bool withRanking, Progress & progress);

  /// Of numbers made elsewhere: column `dataset`, and a column of numbers for each model. Friedman, and Wilcoxon's test of
  /// all pairs. Fault::Input below two data sets or models, or for a cell that is no number.
  static ComparisonSheet OfTable(const Table & table, bool lowerIsBetter, double alpha, Correction correction);

  std::string ToText() const;
  Table       ToTable() const; ///< test, a, b, metric, difference, low, high, statistic, p, pCorrected
  std::string ToLatex() const;
  std::string ToJson() const;
  std::string InWords() const; ///< what was shown, and what was not
};

} // namespace serval
