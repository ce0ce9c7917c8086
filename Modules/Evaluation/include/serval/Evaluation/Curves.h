#pragma once

#include "serval/Evaluation/Intervals.h"

#include <vector>

namespace serval
{

/// A decision by `probability of the class >= threshold`, and what comes of it.
struct CurvePoint
{
  double threshold = 0, x = 0, y = 0;
};

/// x: 1 - specificity, y: sensitivity, from (0, 0) to (1, 1); rows of all repeats together. Fault::Input without rows of the
/// class or of another.
std::vector<CurvePoint> RocCurve(const Predictions & predictions, int ofClass);
/// Sensitivity at rates of false positives (1 - specificity, 0..1), each with its interval over patients; on the curve, at the
/// upper end of a step. Errors as above.
std::vector<Interval> SensitivityAtRates(const Predictions & predictions, int ofClass, const BootstrapPlan & plan, const std::vector<double> & rates);
/// The ROC curve, each point with the interval of its sensitivity over patients: at some rates of false positives, close
/// together where curves are steep, and linear between. Errors as above.
struct BandedPoint : CurvePoint
{
  double low = 0, high = 0; ///< NaN where there is none
};
std::vector<BandedPoint> RocWithBand(const Predictions & predictions, int ofClass, const BootstrapPlan & plan);
/// x: recall, y: precision. Errors as above.
std::vector<CurvePoint> PrecisionRecallCurve(const Predictions & predictions, int ofClass);
/// Precision at the highest threshold that reaches each recall (0..1), with its interval over patients. Errors as above.
std::vector<Interval> PrecisionAtRecalls(const Predictions & predictions, int ofClass, const BootstrapPlan & plan, const std::vector<double> & recalls);
/// The precision-recall curve, each point with the interval of the precision over patients: at some recalls, and linear between.
std::vector<BandedPoint> PrecisionRecallWithBand(const Predictions & predictions, int ofClass, const BootstrapPlan & plan);

/// Free-response ROC. Rows are candidates; those of the class belong to the lesion named in the column `lesion` (else each is
/// one), which is found when its best candidate is kept; the others are false positives. A scan is a case, or a patient
/// without one; each scan needs a row, and a lesion no candidate hits a row of probability 0.
struct FrocCurve
{
  std::vector<CurvePoint> points;      ///< x: false positives a scan, y: sensitivity; both rise
  std::vector<double>     rates;       ///< false positives a scan
  std::vector<Interval>   sensitivity; ///< at these rates
  Interval                mean;        ///< over the rates (competition metric of LUNA16, Setio 2017)
  std::size_t             lesions = 0, scans = 0;
};
/// Fault::Input without a lesion or for several repeats.
FrocCurve Froc(const Predictions & predictions, int ofClass, const BootstrapPlan & plan, std::vector<double> rates = { 0.125, 0.25, 0.5, 1, 2, 4, 8 });

/// Net benefit of treating where the class's probability is at least the threshold: TP / n - FP / n x t / (1 - t)
/// (Vickers and Elkin 2006), beside that of treating all; treating none is 0.
struct DecisionPoint
{
  double threshold = 0, model = 0, all = 0;
};
std::vector<DecisionPoint> DecisionCurve(const Predictions & predictions, int ofClass);

/// One bin of the decision's probability, as in Metric::Ece.
struct ReliabilityBin
{
  double low = 0, high = 0, confidence = 0, accuracy = 0; ///< NaN in an empty bin
  int    rows = 0;
};
std::vector<ReliabilityBin> Reliability(const Predictions & predictions);

} // namespace serval
