#pragma once

#include "serval/Report/Report.h"

#include <cmath>

namespace serval
{

/// Two arms on six patients, two of whom are decided wrongly.
struct ReportPhantom
{
  StudyFile                          study;
  StudyPlan                          plan;
  StudyResults                       results;
  std::map<std::string, CellOutcome> cells{ { "extract-target", { CellState::Done, "", 4 } } };

  ReportPhantom()
  {
    study.title = "A <study> & more";
    study.question = "Which is better?";
    study.trainPatients = { 2, 4 };
    study.arms.resize(2);
    study.arms[0].name = "scratch";
    study.arms[0].text = "from nothing";
    study.arms[1].name = "tuned";
    study.arms[1].strategy = StudyArm::Strategy::FineTuning;
    study.arms[1].source = "thresholds";
    study.sources.emplace_back();
    study.sources[0].name = "thresholds";
    study.targets.emplace_back();
    results.metric = "accuracy";
    results.classNames["target"] = { "cat", "dog" };
    for (const int size : { 2, 4 })
      for (const char * arm : { "scratch", "tuned" })
        results.arms.push_back(Arm(arm, size));
    results.tests.push_back({ "target", 4, { "bootstrap", "tuned", "scratch", 0.05, 0, 0, 0.2, 0.2, -0.02, 0.12 }, "" });
    AddCase("Miller", "cat", { 0.4, 0.6 });
    AddCase("Smith", "cat", { 0.05, 0.95 });
    AddCase("Jones", "dog", { 0.01, 0.99 });
    AddCase("Brown", "dog", { 0.45, 0.55 });
  }

  static ArmResult Arm(const std::string & name, int size)
  {
    ArmResult arm;
    arm.target = "target";
    arm.arm = name;
    arm.size = arm.trainPatients = size;
    arm.runs = 2;
    arm.testPatients = 60;
    arm.lineage = "clean";
    const double value = (name == "tuned" ? 0.7 : 0.65) + 0.01 * size;
    arm.scores = { { "accuracy", { value, value - 0.05, value + 0.05 } }, { "auc", { 0.9, 0.88, std::nan("") } } };
    return arm;
  }

  void AddCase(const std::string & patient, const std::string & truth, std::vector<double> p)
  {
    CaseResult one{ "target", "tuned", patient, patient, patient + "/7", truth, p[0] > p[1] ? "cat" : "dog", 4, p, 0.5 };
    results.cases.push_back(one);
  }

  ReportInput Input() const
  {
    return { study, plan, results, cells, [](const std::string & patient) { return "hash-of-" + std::to_string(patient.size()) + "-letters"; } };
  }
};

} // namespace serval
