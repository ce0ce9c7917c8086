#pragma once

#include "serval/Core/Progress.h"
#include "serval/Core/Table.h"
#include "serval/Evaluation/Comparison.h"

#include <optional>
#include <string>
#include <vector>

namespace serval
{

/// One metric of one model, with the intervals that can be had.
struct Score
{
  Metric                metric;
  std::string           className; ///< of metrics of one class
  Interval              interval;
  std::vector<Interval> further; ///< Wilson, Clopper-Pearson, DeLong where rows are independent
};

/// All metrics of one model's predictions.
struct ScoreSheet
{
  std::string                        name;
  Unit                               unit = Unit::Patient;
  std::size_t                        rows = 0, patients = 0, repeats = 0;
  std::vector<std::string>           classNames;
  std::vector<double>                prevalence; ///< of the rows
  BootstrapPlan                      plan;
  std::vector<Score>                 scores;
  std::vector<std::vector<int>>      confusion;
  std::vector<std::vector<Interval>> confusionShares;

  static ScoreSheet Of(const Predictions & predictions, const BootstrapPlan & plan, Progress & progress);

  const Score & At(const Metric & metric) const; ///< Fault::Internal when it is not there
  std::string   ToText() const;  ///< lines of a terminal
  Table         ToTable() const; ///< metric, class, value, low, high, method
  std::string   ToLatex() const; ///< a tabular, which needs no package
  std::string   ToJson() const;  ///< an object of the metrics by key; without braces around the sheet's own keys' schema
  /// What was shown, and what was not, in plain sentences.
  std::string InWords() const;
};

/// "0.813 [0.700, 0.901]", or why there is none.
std::string ToText(const Interval & interval);
/// The text with LaTeX's special characters escaped.
std::string LatexEscaped(const std::string & text);

/// The scores of each value of a manifest's column; a value with one class or one patient has the scores that are defined.
struct Subgroup
{
  std::string column, value;
  std::size_t patients = 0, rows = 0;
  Interval    accuracy, auc;
};
/// `values`: the group of each row of `predictions`. Groups in alphabetical order.
std::vector<Subgroup> Subgroups(const Predictions & predictions, const std::string & column, const std::vector<std::string> & values, const BootstrapPlan & plan);

} // namespace serval
