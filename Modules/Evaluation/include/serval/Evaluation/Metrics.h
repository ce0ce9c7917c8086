#pragma once

#include "serval/Evaluation/Predictions.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace serval
{

enum class Metric
{
  Accuracy,
  BalancedAccuracy, ///< mean recall of the classes that occur
  Auc               ///< area under the ROC curve; more than two classes: mean of one against the rest
};
Metric      MetricFrom(const std::string & text);
std::string ToText(Metric metric);

/// A value with a confidence interval; NaN where it is not defined.
struct Interval
{
  double value = 0, low = 0, high = 0;
  int    redrawn = 0; ///< bootstrap samples that lacked a class and were drawn again
};

/// Probability that a positive scores above a negative, ties counting half (Mann-Whitney U / mn). NaN without both.
double AreaUnderCurve(std::span<const double> positives, std::span<const double> negatives);

/// Mean of the metric over the repeats.
double Evaluate(const Predictions & predictions, Metric metric);

/// Rows: truth, columns: decision; over all repeats.
std::vector<std::vector<int>> ConfusionMatrix(const Predictions & predictions);

/// How bootstrap intervals are made.
struct BootstrapPlan
{
  int           samples = 2000;
  double        confidence = 0.95;
  std::uint64_t seed = 1;
};

/// Percentile interval (Efron 1979): whole patients are drawn with all their rows, jointly over the repeats. Samples
/// without a value (a class is missing for the AUC) are drawn again and counted; no limits when that does not help.
Interval BootstrapInterval(const Predictions & predictions, Metric metric, const BootstrapPlan & plan);

/// Share of each decision among the rows of a true class (rows: truth), over all repeats; intervals as above, from the
/// samples that hold the class.
std::vector<std::vector<Interval>> ConfusionIntervals(const Predictions & predictions, const BootstrapPlan & plan);

/// Rows by patient, so that weighted metrics are quick. Refers to the predictions, which must outlive it.
class PatientWiseMetric
{
public:
  PatientWiseMetric(const Predictions & predictions, Metric metric, const std::vector<std::string> & patients);
  /// The metric with each patient's rows counted `weights[patient]` times, mean over repeats.
  double operator()(const std::vector<int> & weights) const;

private:
  struct Entry
  {
    std::size_t                 patient;
    int                         truth, decision;
    const std::vector<double> * probabilities;
  };
  double One(std::size_t repeat, const std::vector<int> & weights) const;

  Metric                                             m_Metric;
  std::size_t                                        m_Classes;
  std::vector<std::vector<Entry>>                    m_Repeats;
  std::vector<std::vector<std::vector<std::size_t>>> m_Order; ///< by repeat and class: entries by rising probability
};

/// Value at a share (0..1) of the sorted values, linear between neighbours.
double Quantile(std::vector<double> values, double share);

} // namespace serval
