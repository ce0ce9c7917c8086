#pragma once
// The options of ServalSplitCases for many trainings and tests.

#include "serval/CommandLine/Application.h"
#include "serval/Core/Error.h"
#include "serval/Core/Random.h"
#include "serval/Core/Table.h"
#include "serval/Core/Text.h"
#include "serval/Dataset/Resampling.h"
#include "serval/Dataset/Split.h"

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace serval
{

struct ResampleOptions
{
  std::filesystem::path table;
  std::string           resampling = "hold-out", draw = "proportional";
  int                   repeats = 1, innerFolds = 0;
  double                validation = 0;
  std::vector<int>      trainPatients;

  void Declare(app::Parameters & p)
  {
    p.Group("Many trainings and tests");
    p.Add("resamples", &table, "Table of them: repeat, fold, size, patient, role (training, validation, test), and inner_fold of the training patients").Out("file", ".csv").Optional();
    p.Add("resampling", &resampling, "How: hold-out keeps one test set for all repeats, monte-carlo draws others; k-fold takes --folds (5 when 0)").Choices(ResamplingKinds());
    p.Add("repeats", &repeats, "Repeats; with k-fold: r x k").Range(1, 100000);
    p.Add("trainPatients", &trainPatients, "Sizes of the training sets, each within the next; all when left out").Range(1, 1000000);
    p.Add("draw", &draw, "Whether smaller training sets keep the classes' proportion or hold equally many of each").Choices({ "proportional", "balanced" });
    p.Add("validation", &validation, "Share of the training patients that validate").Range(0, 0.9);
    p.Add("innerFolds", &innerFolds, "Nested: folds of the training patients in which settings are chosen; 0: none").Range(0, 1000);
  }

  /// The table, when it is asked for. `division` gives what the plain split has, too.
  void Write(app::Context & context, const std::vector<Case> & cases, const SplitPlan & division) const
  {
    if (table.empty())
      return;
    ResamplingPlan plan;
    plan.kind = ResamplingKindFrom(resampling);
    plan.draw = draw == "balanced" ? ResamplingPlan::Draw::Balanced : ResamplingPlan::Draw::Proportional;
    plan.folds = division.folds > 0 ? division.folds : plan.folds;
    plan.repeats = repeats;
    plan.testPatients = division.testPatients;
    plan.testFraction = division.testFraction;
    plan.stratified = division.stratified;
    plan.seed = division.seed;
    Table      written({ "repeat", "fold", "size", "patient", "role", "inner_fold" });
    const auto resamples = PlanResampling(cases, plan);
    for (const auto & one : resamples)
      for (const int size : trainPatients.empty() ? std::vector<int>{ static_cast<int>(one.training.size()) } : trainPatients)
        AddRows(written, cases, one, size, division.seed);
    written.Write(table);
    context.Say(Concat(resamples.size(), " trainings and tests (", ToText(plan.kind), "), ", std::max<std::size_t>(1, trainPatients.size()), " training size(s) each: ", table.string()));
  }

private:
  void AddRows(Table & written, const std::vector<Case> & cases, const Resample & one, int size, std::uint64_t seed) const
  {
    Require(static_cast<std::size_t>(size) <= one.training.size(), Fault::Input, size, " training patients asked; repeat ", one.repeat, ", fold ", one.fold, " has ", one.training.size());
    HeldOut parts{ { one.training.begin(), one.training.begin() + size }, {} };
    if (validation > 0)
      parts = HoldOutPatients(cases, parts.training, validation, DeriveSeed(seed, { "validation", std::to_string(one.repeat) }));
    const auto inner = InnerFolds(cases, parts.training, seed);
    const auto add = [&](const std::vector<std::string> & patients, const char * role) {
      for (const auto & patient : patients)
        written.AddRow({ std::to_string(one.repeat), std::to_string(one.fold), std::to_string(size), patient, role, inner.contains(patient) ? inner.at(patient) : "" });
    };
    add(parts.training, "training");
    add(parts.validation, "validation");
    add(one.test, "test");
  }

  std::map<std::string, std::string> InnerFolds(const std::vector<Case> & cases, const std::vector<std::string> & training, std::uint64_t seed) const
  {
    std::map<std::string, std::string> folds;
    if (innerFolds == 0)
      return folds;
    std::vector<Case> own;
    for (const auto & one : cases)
      if (std::find(training.begin(), training.end(), one.patient) != training.end())
        own.push_back(one);
    const auto splits = AssignSplit(own, { .folds = innerFolds, .seed = DeriveSeed(seed, { "inner folds" }) });
    for (std::size_t i = 0; i < own.size(); ++i)
      folds[own[i].patient] = splits[i].substr(4); // "fold3"
    return folds;
  }
};

} // namespace serval
