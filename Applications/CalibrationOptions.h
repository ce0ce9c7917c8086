#pragma once

#include "IntervalNumbers.h"
#include "serval/CommandLine/Application.h"
#include "serval/Core/Error.h"
#include "serval/Core/Text.h"
#include "serval/Evaluation/Calibration.h"
#include "serval/Evaluation/ScoreSheet.h"

#include <set>

namespace serval
{

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

} // namespace serval
