#pragma once

#include "serval/Evaluation/Predictions.h"

#include <memory>
#include <span>
#include <string>
#include <vector>

namespace serval
{

/// A number that tells how well classes are predicted. Of two classes the second is the positive one.
struct Metric
{
  enum Kind
  {
    Accuracy,
    BalancedAccuracy, ///< mean recall of the classes that occur
    MacroF1,          ///< mean F1 of the classes that occur in truths or decisions
    MicroF1,          ///< F1 of all classes' counts together: the accuracy, as each row has one class
    Kappa,            ///< Cohen 1960; NaN where agreement by chance is complete
    Mcc,              ///< Matthews' correlation, of several classes after Gorodkin 2004; 0 where truths or decisions are constant
    Auc,              ///< area under the ROC curve; more than two classes: mean of one against the rest
    HandTill,         ///< Hand and Till 2001: mean over pairs of classes, both directions
    AveragePrecision, ///< sum of precision x gain of recall over falling scores; more than two classes: mean of one against the rest
    LogLoss,          ///< mean -ln p(truth), p at least 2.2e-16
    Brier,            ///< two classes: mean (p - y)^2 of the positive one; more: summed over the classes (Brier 1950)
    Ece,              ///< expected calibration error of the decision's probability in `eceBins` bins of equal width (Guo 2017)
    CalibrationSlope, ///< of a logistic regression of the truth on logit p (Cox 1958); more than two classes: all against the rest together
    Recall,           ///< of one class: sensitivity
    Precision,        ///< of one class
    F1,               ///< of one class
    Specificity       ///< of one class
  };
  constexpr Metric(Kind k = Accuracy, int c = -1)
    : kind(k)
    , ofClass(c)
  {}
  bool operator==(const Metric &) const = default;

  Kind kind;
  int  ofClass; ///< that one class against the rest; -1: all classes, or the positive one for the metrics of one class
};

inline constexpr int eceBins = 15;
/// Number of the bin (open below, closed above) of a probability in 0..1.
int CalibrationBin(double probability);

/// `word` as in WordOf. `className`: for recall, precision, f1, specificity, auc and average-precision; nothing means all
/// classes, or the positive of two. Fault::Usage for an unknown word or class, or where a class has to be named.
Metric MetricFrom(const std::string & word, const std::vector<std::string> & classNames = {}, const std::string & className = {});
/// Words of the metrics of all classes, and of those of one class.
std::vector<std::string> MetricWords();
std::vector<std::string> ClassMetricWords();
std::string              WordOf(const Metric & metric);  ///< balanced-accuracy
std::string              KeyOf(const Metric & metric);   ///< balancedAccuracy
std::string              ToText(const Metric & metric);  ///< balanced accuracy
bool                     LowerIsBetter(const Metric & metric);
/// Its value is a mean over rows, so a patient has one too: accuracy, log loss, Brier score.
bool                     IsMeanOverRows(const Metric & metric);

/// Probability that a positive scores above a negative, ties counting half (Mann-Whitney U / mn). NaN without both.
double AreaUnderCurve(std::span<const double> positives, std::span<const double> negatives);

/// Mean of the metric over the repeats; NaN where it is not defined.
double Evaluate(const Predictions & predictions, Metric metric);

/// Rows: truth, columns: decision; over all repeats.
std::vector<std::vector<int>> ConfusionMatrix(const Predictions & predictions);

/// How often each patient and each repeat counts.
struct UnitWeights
{
  std::vector<int> patients, repeats;
};

namespace evaluation
{
class RepeatMetric;
}

/// Rows by patient and repeat, so that weighted metrics are quick; may be asked by several threads at once. Refers to the
/// predictions, which must outlive it.
class PatientWiseMetric
{
public:
  PatientWiseMetric(const Predictions & predictions, Metric metric);
  /// Mean over repeats of the metric with each patient's rows counted as often as told.
  double      operator()(const UnitWeights & weights) const;
  std::size_t Patients() const { return m_Patients; }
  std::size_t Repeats() const { return m_Repeats.size(); }
  UnitWeights Ones() const { return { std::vector<int>(m_Patients, 1), std::vector<int>(m_Repeats.size(), 1) }; }

private:
  std::size_t                                                  m_Patients = 0;
  std::vector<std::shared_ptr<const evaluation::RepeatMetric>> m_Repeats; ///< by rising name, as patients are
};

} // namespace serval
