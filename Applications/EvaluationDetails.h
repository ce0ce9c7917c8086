#pragma once

#include "serval/CommandLine/Application.h"
#include "serval/Core/Error.h"
#include "serval/Core/Text.h"
#include "serval/Evaluation/Calibration.h"
#include "serval/Evaluation/Curves.h"
#include "serval/Evaluation/ScoreSheet.h"

#include <nlohmann/json.hpp>

#include <cmath>
#include <map>
#include <set>

namespace serval
{

inline nlohmann::json ToJsonObject(const Interval & interval) { return { { "value", interval.value }, { "low", interval.low }, { "high", interval.high } }; }

/// Scores after a calibration that no row has taught itself.
struct CalibrationOptions
{
  std::string           calibration = "none";
  std::filesystem::path on;
  int                   parts = 5;

  void Declare(app::Parameters & p)
  {
    p.Group("Calibration");
    p.Add("calibration", &calibration, "Also score calibrated probabilities").Choices({ "none", "temperature", "platt", "isotonic" });
    p.Add("calibrateOn", &on, "Predictions of other patients to fit it on, such as those of the validation; left out, each patient is calibrated on the others")
      .In("file", ".csv").Optional();
    p.Add("calibrationParts", &parts, "Parts of patients when each is calibrated on the others").Range(2, 1000);
  }
  void Report(app::Context & context, const Predictions & read, Unit unit, const BootstrapPlan & plan, nlohmann::json & json) const
  {
    if (calibration == "none")
      return;
    const auto kind = Calibrator::KindFrom(calibration);
    const auto made = on.empty() ? CrossCalibrated(read, kind, parts, plan.seed) : Calibrator::Fit(Others(read, unit), kind).Apply(read);
    context.Say(Concat("After ", calibration, " calibration, fitted on ", on.empty() ? "the other patients:" : "the given predictions:"));
    auto & object = json["calibrated"] = { { "calibration", calibration } };
    for (const Metric metric : { Metric::LogLoss, Metric::Brier, Metric::Ece, Metric::CalibrationSlope, Metric::Accuracy })
    {
      const auto interval = BootstrapInterval(made, metric, plan);
      context.Say("  " + ToText(metric) + " " + ToText(interval));
      object[KeyOf(metric)] = ToJsonObject(interval);
    }
  }

private:
  Predictions Others(const Predictions & read, Unit unit) const
  {
    auto                        others = InClassOrder(Predictions::Read(on, unit), read.classNames);
    const auto                  patients = read.Patients();
    const std::set<std::string> tested(patients.begin(), patients.end());
    for (const auto & row : others.rows)
      Require(!tested.contains(row.patient), Fault::Input, "'", on.string(), "' holds a patient who is evaluated too; a calibration is fitted on other patients");
    return others;
  }
};

/// The scores of sites, scanners, or any other column of a manifest; and what planted marks do.
struct SubgroupOptions
{
  std::filesystem::path    manifest, planted;
  std::vector<std::string> subgroups;

  void Declare(app::Parameters & p)
  {
    p.Group("Subgroups and shortcuts");
    p.Add("manifest", &manifest, "Table of the cases, which names their subgroups").In("file", ".csv").Optional();
    p.Add("subgroups", &subgroups, "Columns of the manifest, for example site,scanner");
    p.Add("planted", &planted, "Predictions of the same units with a mark planted into the images: how far it moves them").In("file", ".csv").Optional();
  }
  void Report(app::Context & context, const Predictions & read, const BootstrapPlan & plan, nlohmann::json & json) const
  {
    Require(subgroups.empty() || !manifest.empty(), Fault::Usage, "--subgroups needs --manifest, which names the subgroup of each case");
    for (const auto & column : subgroups)
    {
      context.Say("Subgroups by " + column);
      for (const auto & group : Subgroups(read, column, ValuesOf(read, column), plan))
      {
        context.Say(Concat("  ", group.value.empty() ? "(none)" : group.value, ": ", group.patients, " patients, ", group.rows, " rows, accuracy ", ToText(group.accuracy), ", AUC ", ToText(group.auc)));
        json["subgroups"].push_back({ { "column", column }, { "value", group.value }, { "patients", group.patients }, { "rows", group.rows },
                                      { "accuracy", ToJsonObject(group.accuracy) }, { "auc", ToJsonObject(group.auc) } });
      }
    }
    if (!planted.empty())
      ReportPlanted(context, read, plan, json);
  }

private:
  // The group of each row, by its case; of a patient's averaged rows by all the patient's cases.
  std::vector<std::string> ValuesOf(const Predictions & read, const std::string & column) const
  {
    const auto                                   table = Table::Read(manifest);
    const auto                                   at = table.Column(column), cases = table.Column("case"), patients = table.Find("patient").value_or(cases);
    std::map<std::string, std::set<std::string>> ofCase, ofPatient;
    for (std::size_t row = 0; row < table.Rows(); ++row)
    {
      ofCase[table.At(row, cases)].insert(table.At(row, at));
      ofPatient[table.At(row, patients)].insert(table.At(row, at));
    }
    std::vector<std::string> values;
    for (const auto & row : read.rows)
    {
      const bool   byCase = read.unit != Unit::Patient && !row.caseId.empty();
      const auto & known = byCase ? ofCase : ofPatient;
      const auto   found = known.find(byCase ? row.caseId : row.patient);
      Require(found != known.end(), Fault::Input, "'", manifest.string(), "' lacks the ", byCase ? "case '" + row.caseId : "patient '" + row.patient, "' of the predictions");
      values.push_back(Join({ found->second.begin(), found->second.end() }, "+"));
    }
    return values;
  }

  void ReportPlanted(app::Context & context, const Predictions & read, const BootstrapPlan & plan, nlohmann::json & json) const
  {
    auto marked = InClassOrder(Predictions::Read(planted, read.unit), read.classNames);
    marked.name = "planted";
    const ComparisonPlan comparison{ Metric::Accuracy, plan.samples, plan.confidence, plan.seed, plan.threads };
    const auto           loss = BootstrapTest(read, marked, comparison);
    const double         moved = ChangedDecisions(read, marked);
    context.Say(Concat("Planted marks: ", FormatFixed(100 * moved, 1), " % of the decisions change; accuracy falls by ", FormatFixed(loss.difference, 3), " [", FormatFixed(loss.low, 3), ", ",
                       FormatFixed(loss.high, 3), "], p ", FormatFixed(loss.p, 5), loss.p <= 1 - plan.confidence ? ": the model heeds the mark" : ": no effect on the accuracy was shown"));
    json["planted"] = { { "changedDecisions", moved }, { "difference", loss.difference }, { "low", loss.low }, { "high", loss.high }, { "p", loss.p } };
  }
};

/// Points of all curves, FROC, and what another frequency of the classes would do.
struct CurveOptions
{
  std::filesystem::path curves;
  std::string           ofClass;
  std::vector<double>   prevalence;
  bool                  froc = false;

  void Declare(app::Parameters & p)
  {
    p.Group("Curves and prevalence");
    p.Add("curves", &curves, "Points of the ROC, precision-recall, decision and reliability curves").Out("file", ".csv").Optional();
    p.Add("ofClass", &ofClass, "Class of the curves; the second when left out");
    p.Add("froc", &froc, "Rows are candidates of lesions (columns case and lesion): sensitivity at false positives a scan");
    p.Add("prevalence", &prevalence, "Shares of the classes where the model shall be used, in their order: scores there");
  }
  void Report(app::Context & context, const Predictions & read, const BootstrapPlan & plan, nlohmann::json & json) const
  {
    const auto found = std::find(read.classNames.begin(), read.classNames.end(), ofClass);
    Require(ofClass.empty() || found != read.classNames.end(), Fault::Usage, "the class '", ofClass, "' is unknown; ", Join(read.classNames, ", "), " are known");
    const int chosen = ofClass.empty() ? 1 : static_cast<int>(found - read.classNames.begin());
    Table     table({ "curve", "threshold", "x", "y", "all" });
    if (froc)
      ReportFroc(context, Froc(read, chosen, plan), table, json);
    if (!prevalence.empty())
      ReportPrevalence(context, read, plan, json);
    if (curves.empty())
      return;
    const auto add = [&](const char * curve, double threshold, double x, double y, double all) {
      table.AddRow({ curve, FormatNumber(threshold), FormatNumber(x), FormatNumber(y), std::isnan(all) ? "" : FormatNumber(all) });
    };
    for (const auto & point : RocCurve(read, chosen))
      add("roc", point.threshold, point.x, point.y, std::nan(""));
    for (const auto & point : PrecisionRecallCurve(read, chosen))
      add("precision-recall", point.threshold, point.x, point.y, std::nan(""));
    for (const auto & point : DecisionCurve(read, chosen))
      add("decision", point.threshold, point.threshold, point.model, point.all);
    for (const auto & bin : Reliability(read))
      if (bin.rows > 0)
        add("reliability", bin.low, bin.confidence, bin.accuracy, bin.rows);
    table.Write(curves);
  }

private:
  static void ReportFroc(app::Context & context, const FrocCurve & curve, Table & table, nlohmann::json & json)
  {
    context.Say(Concat("FROC: ", curve.lesions, " lesions in ", curve.scans, " scans; mean sensitivity ", ToText(curve.mean)));
    for (std::size_t i = 0; i < curve.rates.size(); ++i)
    {
      context.Say(Concat("  at ", FormatNumber(curve.rates[i]), " false positives a scan: ", ToText(curve.sensitivity[i])));
      json["froc"]["sensitivity"].push_back({ { "rate", curve.rates[i] }, { "sensitivity", ToJsonObject(curve.sensitivity[i]) } });
    }
    json["froc"]["mean"] = ToJsonObject(curve.mean);
    for (const auto & point : curve.points)
      table.AddRow({ "froc", FormatNumber(point.threshold), FormatNumber(point.x), FormatNumber(point.y), "" });
  }

  void ReportPrevalence(app::Context & context, const Predictions & read, const BootstrapPlan & plan, nlohmann::json & json) const
  {
    const auto here = PrevalenceOf(read);
    const auto moved = AtPrevalence(read, here, prevalence);
    context.Say(Concat("At prevalences ", Join(Formatted(prevalence), ", "), " (here ", Join(Formatted(here), ", "), "; probabilities moved after Saerens):"));
    for (const auto & [name, predictions] : { std::pair{ "asTheyAre", &read }, std::pair{ "moved", &moved } })
    {
      const auto at = ScoresAtPrevalence(*predictions, prevalence, plan);
      context.Say(Concat("  probabilities ", predictions == &read ? "as they are" : "moved", ": accuracy ", ToText(at.accuracy)));
      json["prevalenceShift"][name] = { { "accuracy", ToJsonObject(at.accuracy) } };
      if (read.classNames.size() > 2)
        continue;
      context.Say(Concat("    predictive value of ", read.classNames[1], " ", ToText(at.positivePredictive), ", of ", read.classNames[0], " ", ToText(at.negativePredictive)));
      json["prevalenceShift"][name]["positivePredictiveValue"] = ToJsonObject(at.positivePredictive);
      json["prevalenceShift"][name]["negativePredictiveValue"] = ToJsonObject(at.negativePredictive);
    }
  }
  static std::vector<std::string> Formatted(const std::vector<double> & values)
  {
    std::vector<std::string> texts;
    for (const double value : values)
      texts.push_back(FormatFixed(value, 3));
    return texts;
  }
};

} // namespace serval
