#pragma once

#include "IntervalNumbers.h"
#include "serval/CommandLine/Application.h"
#include "serval/Core/Error.h"
#include "serval/Core/Text.h"
#include "serval/Evaluation/Calibration.h"
#include "serval/Evaluation/Curves.h"
#include "serval/Evaluation/ScoreSheet.h"

#include <algorithm>
#include <cmath>

namespace serval
{

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
    p.Add("curves", &curves, "Points of the ROC (with the interval of the sensitivity there), precision-recall (with that of the precision), decision and reliability curves").Out("file", ".csv").Optional();
    p.Add("ofClass", &ofClass, "Class of the curves; the second when left out");
    p.Add("froc", &froc, "Rows are candidates of lesions (columns case and lesion): sensitivity at false positives a scan");
    p.Add("prevalence", &prevalence, "Shares of the classes where the model shall be used, in their order: scores there");
  }
  void Report(app::Context & context, const Predictions & read, const BootstrapPlan & plan, nlohmann::json & json) const
  {
    const auto found = std::find(read.classNames.begin(), read.classNames.end(), ofClass);
    Require(ofClass.empty() || found != read.classNames.end(), Fault::Usage, "the class '", ofClass, "' is unknown; ", Join(read.classNames, ", "), " are known");
    const int chosen = ofClass.empty() ? 1 : static_cast<int>(found - read.classNames.begin());
    Table     table({ "curve", "threshold", "x", "y", "all", "low", "high" });
    if (froc)
      ReportFroc(context, Froc(read, chosen, plan), table, json);
    if (!prevalence.empty())
      ReportPrevalence(context, read, plan, json);
    if (curves.empty())
      return;
    const auto add = [&](const char * curve, double threshold, double x, double y, double all) {
      table.AddRow({ curve, FormatNumber(threshold), FormatNumber(x), FormatNumber(y), std::isnan(all) ? "" : FormatNumber(all), "", "" });
    };
    const auto end = [](double value) { return std::isfinite(value) ? FormatNumber(value) : std::string(); };
    for (const auto & [curve, points] : { std::pair{ "roc", RocWithBand(read, chosen, plan) }, { "precision-recall", PrecisionRecallWithBand(read, chosen, plan) } })
      for (const auto & point : points)
        table.AddRow({ curve, FormatNumber(point.threshold), FormatNumber(point.x), FormatNumber(point.y), "", end(point.low), end(point.high) });
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
      table.AddRow({ "froc", FormatNumber(point.threshold), FormatNumber(point.x), FormatNumber(point.y), "", "", "" });
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
