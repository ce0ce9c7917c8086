#include "PlotParts.h"

#include "serval/Core/AtomicFile.h"
#include "serval/Core/Text.h"
#include "serval/Evaluation/Curves.h"

#include <algorithm>
#include <cmath>
#include <optional>

namespace serval
{
namespace
{

constexpr std::size_t mostCurves = 12; ///< more are hard to tell apart: swept arms then stand in the plots of their sweep alone

using Part = ReportPlot::Part;

std::string OfTarget(const StudyFile & study, const std::string & target) { return study.targets.size() > 1 ? ", " + target : ""; }

Curve SizeCurve(const StudyResults & results, const std::string & target, const std::string & arm)
{
  Curve curve{ arm };
  for (const auto & result : results.arms)
    if (const auto score = result.scores.find(results.metric); result.target == target && result.arm == arm && score != result.scores.end() && std::isfinite(score->second.value))
    {
      curve.x.push_back(result.trainPatients);
      curve.y.push_back(score->second.value);
      curve.low.push_back(score->second.low);
      curve.high.push_back(score->second.high);
    }
  return curve;
}

void AddSizes(const StudyFile & study, const StudyResults & results, const std::string & target, std::vector<ReportPlot> & plots)
{
  CurvePlot plot{ results.metric + " by number of training patients" + OfTarget(study, target), "training patients", results.metric, {}, AxisScale::Logarithmic };
  for (const auto & arm : study.arms)
    if (auto curve = SizeCurve(results, target, arm.name); !curve.x.empty() && (study.arms.size() <= mostCurves || arm.axes.empty()))
      plot.curves.push_back(std::move(curve));
  if (!plot.curves.empty() && study.trainPatients.size() > 1)
    AddPlot(plots, Part::Results, "sizes-" + target, plot.title + ", with 95 % intervals over patients and runs", plot, DrawCurves);
}

/// Sources x targets where there are several targets, else sources x training sizes.
void AddSourceMatrix(const StudyFile & study, const StudyResults & results, std::vector<ReportPlot> & plots)
{
  const bool hasTargets = study.targets.size() > 1;
  MatrixPlot plot{ Concat("Gain in ", results.metric, " of each source's best arm over the best from scratch"), "source", hasTargets ? "target" : "training patients" };
  for (const auto & target : study.targets)
    if (hasTargets)
      plot.columns.push_back(target.name);
  if (!hasTargets)
    for (const int size : study.trainPatients)
      plot.columns.push_back(size == 0 ? "all" : std::to_string(size));
  for (const auto & source : study.sources)
  {
    std::vector<double> row;
    for (std::size_t c = 0; c < plot.columns.size(); ++c)
      row.push_back(GainOf(study, results, study.targets[hasTargets ? c : 0].name, source.name, hasTargets ? study.trainPatients.back() : study.trainPatients[c]).value_or(std::nan("")));
    if (std::none_of(row.begin(), row.end(), [](double value) { return std::isfinite(value); }))
      continue;
    plot.rows.push_back(source.name);
    plot.values.insert(plot.values.end(), row.begin(), row.end());
  }
  plot.diverging = true;
  plot.digits = 3;
  if (plot.rows.size() > 1)
    AddPlot(plots, Part::Results, "sources", plot.title + "; a description, intervals and tests stand under Comparisons", plot, DrawMatrix);
}

void AddForest(const StudyFile & study, const StudyResults & results, const std::string & target, std::vector<ReportPlot> & plots)
{
  for (const int size : study.trainPatients)
  {
    ForestPlot plot{ Concat("Differences in ", results.metric, ", ", size == 0 ? std::string("all") : std::to_string(size), " training patients", OfTarget(study, target)), "difference in " + results.metric, {} };
    for (const auto & one : results.tests)
      if (one.target == target && one.size == size && std::isfinite(one.test.difference) && plot.rows.size() < 40)
        plot.rows.push_back({ one.test.a + " – " + one.test.b, one.test.difference, one.test.low, one.test.high, Concat("p ", one.test.pCorrected < 0.001 ? "< 0.001" : FormatFixed(one.test.pCorrected, 3)) });
    const bool isLower = LowerIsBetter(MetricFrom(study.metric));
    plot.width = 1080;
    plot.below = isLower ? "first is better" : "second is better";
    plot.above = isLower ? "second is better" : "first is better";
    if (!plot.rows.empty())
      AddPlot(plots, Part::Comparisons, Concat("differences-", target, "-n", size), plot.title + ", with 95 % intervals of each alone (filled: without 0) and p corrected for all", plot, DrawForest);
  }
}

void AddCriticalDifferences(const StudyResults & results, std::vector<ReportPlot> & plots)
{
  if (!results.datasets || !(results.datasets->nemenyi > 0))
    return;
  const auto & d = *results.datasets;
  CriticalDifferencePlot plot{ "Mean ranks over the targets", d.models, d.friedman.meanRanks, d.nemenyi, Concat("Friedman (Iman and Davenport): p = ", FormatFixed(d.friedman.imanDavenport.p, 3)) };
  AddPlot(plots, Part::Comparisons, "critical-differences", "Mean ranks over the targets at the largest training size; a bar joins arms that were not shown to differ (Nemenyi)", plot, DrawCriticalDifference);
}

void AddSimilarities(const StudyFile & study, const StudyResults & results, std::vector<ReportPlot> & plots)
{
  for (const auto & one : results.similarities)
  {
    ScatterPlot plot{ one.measure + " against gain" + OfTarget(study, one.target), one.measure, "gain in " + results.metric + " over scratch" };
    plot.statistic = one.tau ? Concat("Kendall's tau = ", FormatFixed(*one.tau, 2), " over ", one.sources.size(), " sources") : "fewer than three sources: no rank correlation";
    for (const auto & source : one.sources)
      if (std::isfinite(source.score) && std::isfinite(source.gain))
        plot.dots.push_back({ source.source, source.score, source.gain });
    if (!plot.dots.empty())
      AddPlot(plots, Part::Similarity, "similarity-" + one.target + "-" + one.measure, plot.title + "; " + plot.statistic, plot, DrawScatter);
  }
}

void AddTraining(const StudyFile & study, const StudyResults & results, const std::string & target, std::vector<ReportPlot> & plots)
{
  for (const int size : study.trainPatients)
  {
    CurvePlot plot{ Concat("Training loss, ", size == 0 ? std::string("all") : std::to_string(size), " training patients", OfTarget(study, target)), "step", "loss" };
    for (const auto & curve : results.curves)
      if (curve.target == target && curve.size == size && !curve.step.empty() && plot.curves.size() < mostCurves)
        plot.curves.push_back({ curve.arm, curve.step, curve.loss });
    if (!plot.curves.empty())
      AddPlot(plots, Part::Training, Concat("loss-", target, "-n", size), plot.title + ", mean over the runs", plot, DrawCurves);
  }
}

/// The best arm's tested units; probabilities are means over the runs.
Predictions UnitsOf(const StudyResults & results, const std::string & target, const std::string & arm)
{
  Predictions units;
  units.name = arm;
  units.classNames = results.classNames.at(target);
  for (const auto & one : results.cases)
    if (const auto truth = std::find(units.classNames.begin(), units.classNames.end(), one.truth); one.target == target && one.arm == arm && truth != units.classNames.end())
    {
      Prediction row{ one.patient, one.unitId, "0", static_cast<int>(truth - units.classNames.begin()), one.probabilities };
      units.rows.push_back(std::move(row));
    }
  return units;
}

Curve WithBand(const std::string & name, const std::vector<BandedPoint> & points)
{
  Curve curve{ name };
  for (const auto & point : points)
  {
    curve.x.push_back(point.x);
    curve.y.push_back(point.y);
    curve.low.push_back(point.low);
    curve.high.push_back(point.high);
  }
  return curve;
}

/// Classes that have units and are not those of all; the second of two.
std::vector<int> ClassesWithCurves(const Predictions & units)
{
  std::vector<int> classes;
  for (int c = units.classNames.size() == 2 ? 1 : 0; c < static_cast<int>(units.classNames.size()); ++c)
    if (const auto of = std::count_if(units.rows.begin(), units.rows.end(), [c](const Prediction & row) { return row.truth == c; }); of > 0 && of < std::ssize(units.rows))
      classes.push_back(c);
  return classes;
}

double ShareOf(const Predictions & units, int ofClass)
{
  return double(std::count_if(units.rows.begin(), units.rows.end(), [ofClass](const Prediction & row) { return row.truth == ofClass; })) / double(units.rows.size());
}

void AddUnitPlots(const Predictions & units, const std::string & of, const std::string & after, const std::string & target, std::uint64_t seed, std::vector<ReportPlot> & plots)
{
  const BootstrapPlan plan{ 500, 0.95, seed, BootstrapPlan::Kind::Percentile, 2 };
  UnitPlot            roc{ "ROC of " + of, {} }, precision{ "Precision and recall of " + of, {} };
  std::vector<double> shares;
  for (const int c : ClassesWithCurves(units))
  {
    const auto & name = units.classNames[static_cast<std::size_t>(c)];
    roc.curves.push_back(WithBand(name, RocWithBand(units, c, plan)));
    precision.curves.push_back(WithBand(name, PrecisionRecallWithBand(units, c, plan)));
    shares.push_back(ShareOf(units, c));
  }
  if (shares.empty())
    return;
  AddPlot(plots, Part::Models, "roc-" + target, roc.title + after + ", with 95 % bands over patients; areas with intervals stand in the table of results", roc, DrawRoc);
  AddPlot(plots, Part::Models, "precision-recall-" + target, precision.title + after + ", with 95 % bands over patients; broken: the share of the class among the units, which chance would reach. Precision holds for this share alone",
          precision, [&shares](const UnitPlot & plot) { return DrawPrecisionRecall(plot, shares); });
}

void AddModelPlots(const StudyFile & study, const StudyResults & results, const std::string & target, std::vector<ReportPlot> & plots)
{
  const auto * best = BestArm(study, results, target);
  if (best == nullptr || !results.classNames.contains(target))
    return;
  const auto units = UnitsOf(results, target, best->arm);
  if (units.rows.empty())
    return;
  const std::string of = best->arm + OfTarget(study, target), after = Concat(" with ", best->trainPatients, " training patients, each unit's probabilities averaged over the runs");
  AddUnitPlots(units, of, after, target, study.seed, plots);
  ReliabilityPlot reliability{ "Calibration of " + of };
  reliability.bins = Reliability(units);
  AddPlot(plots, Part::Models, "calibration-" + target, reliability.title + after, reliability, DrawReliability);
}

} // namespace

std::vector<ReportPlot> DrawPlots(const StudyFile & study, const StudyResults & results)
{
  std::vector<ReportPlot> plots;
  for (const auto & target : study.targets)
    AddSizes(study, results, target.name, plots);
  AddAxisPlots(study, results, plots);
  AddSourceMatrix(study, results, plots);
  AddCriticalDifferences(results, plots);
  for (const auto & target : study.targets)
  {
    AddForest(study, results, target.name, plots);
    AddModelPlots(study, results, target.name, plots);
    AddTraining(study, results, target.name, plots);
  }
  AddSimilarities(study, results, plots);
  return plots;
}

void WritePlots(const std::vector<ReportPlot> & plots, const std::filesystem::path & folder)
{
  for (const auto & plot : plots)
    if (!plot.light.empty())
    {
      std::string name = plot.name;
      std::replace(name.begin(), name.end(), '/', '-');
      WriteTextFile(folder / (name + ".svg"), plot.light);
    }
}

} // namespace serval
