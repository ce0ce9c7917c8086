#pragma once

#include "IntervalNumbers.h"
#include "serval/CommandLine/Application.h"
#include "serval/Core/Error.h"
#include "serval/Core/Text.h"
#include "serval/Evaluation/ScoreSheet.h"

#include <map>
#include <set>

namespace serval
{

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
        context.Say(Concat("  ", group.value.empty() ? "(none)" : group.value, ": ", Counted(group.patients, "patient"), ", ", Counted(group.rows, "row"), ", accuracy ", ToText(group.accuracy), ", AUC ", ToText(group.auc)));
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

} // namespace serval
