#include "serval/Evaluation/Metrics.h"

#include "RepeatMetrics.h"
#include "serval/Core/Error.h"
#include "serval/Core/Text.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>

namespace serval
{
namespace
{

struct MetricName
{
  Metric::Kind kind;
  const char * word, * key, * text;
  bool         ofOneClass = false; ///< not defined for all classes together
};

constexpr std::array names{
  MetricName{ Metric::Accuracy, "accuracy", "accuracy", "accuracy" },
  MetricName{ Metric::BalancedAccuracy, "balanced-accuracy", "balancedAccuracy", "balanced accuracy" },
  MetricName{ Metric::MacroF1, "macro-f1", "macroF1", "macro F1" },
  MetricName{ Metric::MicroF1, "micro-f1", "microF1", "micro F1" },
  MetricName{ Metric::Kappa, "kappa", "kappa", "Cohen's kappa" },
  MetricName{ Metric::Mcc, "mcc", "mcc", "Matthews' correlation" },
  MetricName{ Metric::Auc, "auc", "auc", "AUC" },
  MetricName{ Metric::HandTill, "auc-hand-till", "aucHandTill", "AUC after Hand and Till" },
  MetricName{ Metric::AveragePrecision, "average-precision", "averagePrecision", "average precision" },
  MetricName{ Metric::LogLoss, "log-loss", "logLoss", "log loss" },
  MetricName{ Metric::Brier, "brier", "brier", "Brier score" },
  MetricName{ Metric::Ece, "ece", "ece", "calibration error" },
  MetricName{ Metric::CalibrationSlope, "calibration-slope", "calibrationSlope", "calibration slope" },
  MetricName{ Metric::Recall, "recall", "recall", "recall", true },
  MetricName{ Metric::Precision, "precision", "precision", "precision", true },
  MetricName{ Metric::F1, "f1", "f1", "F1", true },
  MetricName{ Metric::Specificity, "specificity", "specificity", "specificity", true },
};

const MetricName & NameOf(const Metric & metric)
{
  return *std::find_if(names.begin(), names.end(), [&](const auto & name) { return name.kind == metric.kind; });
}

std::vector<std::string> Words(bool ofOneClass)
{
  std::vector<std::string> words;
  for (const auto & name : names)
    if (name.ofOneClass == ofOneClass)
      words.emplace_back(name.word);
  return words;
}

} // namespace

Metric MetricFrom(const std::string & word, const std::vector<std::string> & classNames, const std::string & className)
{
  const auto name = std::find_if(names.begin(), names.end(), [&](const auto & one) { return one.word == word; });
  Require(name != names.end(), Fault::Usage, "the metric '", word, "' is unknown; ", Join(MetricWords(), ", "), ", ", Join(ClassMetricWords(), ", "), " are known");
  if (className.empty())
  {
    Require(!name->ofOneClass || classNames.size() <= 2, Fault::Usage, "the ", name->text, " is that of one class; name it: ", Join(classNames, ", "));
    return name->kind;
  }
  Require(name->ofOneClass || name->kind == Metric::Auc || name->kind == Metric::AveragePrecision, Fault::Usage, "the ", name->text,
          " is that of all classes; '", className, "' cannot be asked for alone");
  const auto found = std::find(classNames.begin(), classNames.end(), className);
  Require(found != classNames.end(), Fault::Usage, "the class '", className, "' is unknown; ", Join(classNames, ", "), " are known");
  return { name->kind, static_cast<int>(found - classNames.begin()) };
}

int CalibrationBin(double probability) { return std::clamp(static_cast<int>(std::ceil(probability * eceBins)) - 1, 0, eceBins - 1); }

std::vector<std::string> MetricWords() { return Words(false); }
std::vector<std::string> ClassMetricWords() { return Words(true); }
std::string              WordOf(const Metric & metric) { return NameOf(metric).word; }
std::string              KeyOf(const Metric & metric) { return NameOf(metric).key; }
std::string              ToText(const Metric & metric) { return NameOf(metric).text; }

bool LowerIsBetter(const Metric & metric)
{
  return metric.kind == Metric::LogLoss || metric.kind == Metric::Brier || metric.kind == Metric::Ece;
}

bool IsMeanOverRows(const Metric & metric)
{
  return metric.kind == Metric::Accuracy || metric.kind == Metric::LogLoss || metric.kind == Metric::Brier;
}

double AreaUnderCurve(std::span<const double> positives, std::span<const double> negatives)
{
  if (positives.empty() || negatives.empty())
    return std::numeric_limits<double>::quiet_NaN();
  std::vector<double> sorted(negatives.begin(), negatives.end());
  std::sort(sorted.begin(), sorted.end());
  double sum = 0;
  for (const double p : positives)
  {
    const auto [first, last] = std::equal_range(sorted.begin(), sorted.end(), p);
    sum += double(first - sorted.begin()) + 0.5 * double(last - first);
  }
  return sum / (double(positives.size()) * double(negatives.size()));
}

PatientWiseMetric::PatientWiseMetric(const Predictions & predictions, Metric metric)
{
  std::map<std::string, std::size_t> places;
  for (const auto & patient : predictions.Patients())
    places.emplace(patient, places.size());
  m_Patients = places.size();
  std::map<std::string, std::vector<evaluation::Entry>> repeats;
  for (const auto & row : predictions.rows)
    repeats[row.repeat].push_back({ places.at(row.patient), row.truth, row.Decision(), &row.probabilities });
  for (const auto & [name, entries] : repeats)
    m_Repeats.push_back(evaluation::MakeRepeatMetric(metric, entries, predictions.classNames.size()));
}

double PatientWiseMetric::operator()(const UnitWeights & weights) const
{
  double sum = 0, all = 0;
  for (std::size_t repeat = 0; repeat < m_Repeats.size(); ++repeat)
    if (weights.repeats[repeat] > 0)
    {
      sum += weights.repeats[repeat] * (*m_Repeats[repeat])(weights.patients);
      all += weights.repeats[repeat];
    }
  return sum / all;
}

double Evaluate(const Predictions & predictions, Metric metric)
{
  const PatientWiseMetric evaluate(predictions, metric);
  return evaluate(evaluate.Ones());
}

std::vector<std::vector<int>> ConfusionMatrix(const Predictions & predictions)
{
  const std::size_t             classes = predictions.classNames.size();
  std::vector<std::vector<int>> matrix(classes, std::vector<int>(classes, 0));
  for (const auto & row : predictions.rows)
    ++matrix[static_cast<std::size_t>(row.truth)][static_cast<std::size_t>(row.Decision())];
  return matrix;
}

} // namespace serval
