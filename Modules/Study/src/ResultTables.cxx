#include "ResultParts.h"

#include "serval/Core/Error.h"
#include "serval/Core/Text.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

namespace serval
{
namespace
{

nlohmann::json Number(double value) { return std::isfinite(value) ? nlohmann::json(value) : nlohmann::json(); }

nlohmann::json ArmJson(const ArmResult & arm)
{
  return { { "target", arm.target },         { "arm", arm.arm },   { "trainPatients", arm.trainPatients }, { "runs", arm.runs },           { "missingRuns", arm.missingRuns },
           { "testPatients", arm.testPatients }, { "rows", arm.rows }, { "lineage", arm.lineage },             { "scores", ScoresJson(arm.scores) },           { "spread", Number(arm.spread) },
           { "seconds", arm.seconds },       { "sharedSeconds", arm.sharedSeconds }, { "axes", arm.axes } };
}

nlohmann::json TestJson(const ArmTest & one)
{
  const auto & t = one.test;
  return { { "target", one.target }, { "size", one.size }, { "test", t.name },     { "a", t.a },           { "b", t.b }, { "difference", Number(t.difference) },
           { "low", Number(t.low) }, { "high", Number(t.high) }, { "p", Number(t.p) }, { "pCorrected", Number(t.pCorrected) }, { "kind", one.matched } };
}

nlohmann::json RankingJson(const ArmRanking & one)
{
  nlohmann::json models = nlohmann::json::array(), ways = nlohmann::json::array();
  for (const auto & model : one.ranking.models)
    models.push_back({ { "arm", model.name }, { "rank", model.rank }, { "low", model.low }, { "high", model.high }, { "firstShare", model.firstShare } });
  for (const auto & way : one.ways)
    ways.push_back({ { "way", way.text }, { "ranks", way.ranks } });
  return { { "target", one.target }, { "size", one.size }, { "tau", Number(one.ranking.tau) }, { "arms", models }, { "ways", ways } };
}

std::string Shown(double value) { return std::isfinite(value) ? FormatNumber(value) : std::string(); }

/// Training patients of a test's first arm.
int PatientsOf(const StudyResults & results, const ArmTest & test)
{
  const auto * arm = results.Find(test.target, test.test.a, test.size);
  return arm ? arm->trainPatients : test.size;
}

/// Tests that say the same: of one pair of arms at several sizes, or of several arms of a sweep against one other.
using SameTests = std::vector<const ArmTest *>;

std::vector<SameTests> ShownTogether(const StudyFile & study, const StudyResults & results)
{
  std::vector<SameTests>             groups;
  std::map<std::string, std::size_t> at;
  for (const auto & test : results.tests)
    if (test.test.pCorrected <= study.alpha)
    {
      const auto key = Concat(test.target, "\n", study.Arm(test.test.a).family, "\n", test.test.b, "\n", test.test.difference > 0);
      if (at.emplace(key, groups.size()).second)
        groups.emplace_back();
      groups[at.at(key)].push_back(&test);
    }
  return groups;
}

/// "A is better than B", or "3 of 9 arms A are better than B" where A is a sweep.
std::string WhoInWords(const StudyFile & study, const StudyResults & results, const SameTests & same)
{
  const auto &          one = *same.front();
  std::set<std::string> shown, all;
  for (const auto * test : same)
    shown.insert(test->test.a);
  if (shown.size() == 1)
    return InWords(one, study);
  const auto & family = study.Arm(one.test.a).family;
  for (const auto & test : results.tests)
    if (test.target == one.target && test.test.b == one.test.b && study.Arm(test.test.a).family == family)
      all.insert(test.test.a);
  const auto words = InWords(one, study);
  return Concat(shown.size(), " of ", all.size(), " arms ", family, " are", words.substr(words.find(" is ") + 3));
}

/// "A is better than B with 8, 16 training patients (accuracy +0.020 to +0.031)".
std::string InWords(const StudyFile & study, const StudyResults & results, const SameTests & same)
{
  const auto          signedText = [](double value) { return (value > 0 ? "+" : "") + FormatFixed(value, 3); };
  std::set<int>       patients;
  std::vector<double> by;
  for (const auto * test : same)
  {
    patients.insert(PatientsOf(results, *test));
    by.push_back(test->test.difference);
  }
  std::vector<std::string> sizes;
  for (const int size : patients)
    sizes.push_back(std::to_string(size));
  const auto [least, most] = std::minmax_element(by.begin(), by.end());
  const auto & one = *same.front();
  return Concat(WhoInWords(study, results, same), " with ", Join(sizes, ", "), " training patients", study.targets.size() > 1 ? " (target " + one.target + ")" : "", " (", ToText(MetricFrom(results.metric)), " ",
                signedText(*least), by.size() > 1 ? " to " + signedText(*most) : Concat(" [", FormatFixed(one.test.low, 3), ", ", FormatFixed(one.test.high, 3), "]"), ")");
}

std::vector<std::string> ShownDifferences(const StudyFile & study, const StudyResults & results)
{
  std::vector<std::string> shown;
  for (const auto & same : ShownTogether(study, results))
    shown.push_back(InWords(study, results, same));
  return shown;
}

} // namespace

nlohmann::json IntervalJson(const Interval & interval) { return { { "value", Number(interval.value) }, { "low", Number(interval.low) }, { "high", Number(interval.high) } }; }

nlohmann::json ScoresJson(const std::map<std::string, Interval> & scores)
{
  nlohmann::json json;
  for (const auto & [word, interval] : scores)
    json[word] = IntervalJson(interval);
  return json;
}

std::string InWords(const ArmTest & test, const StudyFile & study)
{
  const auto & t = test.test;
  if (!(t.pCorrected <= study.alpha))
    return "no difference shown";
  return Concat(t.a, (t.difference > 0) != LowerIsBetter(MetricFrom(study.metric)) ? " is better than " : " is worse than ", t.b);
}

std::string StudyResults::ToJson() const
{
  nlohmann::json json{ { "schema", "serval-study-results/2" }, { "metric", metric }, { "design", design }, { "warnings", warnings }, { "notRun", notRun }, { "classNames", classNames } };
  for (const char * list : { "arms", "tests", "rankings", "variances", "similarities" })
    json[list] = nlohmann::json::array();
  for (const auto & arm : arms)
    json["arms"].push_back(ArmJson(arm));
  for (const auto & test : tests)
    json["tests"].push_back(TestJson(test));
  for (const auto & ranking : rankings)
    json["rankings"].push_back(RankingJson(ranking));
  for (const auto & v : variances)
    json["variances"].push_back({ { "target", v.target }, { "arm", v.arm }, { "size", v.size }, { "seed", v.split.seed }, { "fold", v.split.fold }, { "patient", v.split.patient }, { "rest", v.split.rest } });
  for (const auto & one : similarities)
  {
    nlohmann::json sources = nlohmann::json::array();
    for (const auto & source : one.sources)
      sources.push_back({ { "source", source.source }, { "score", source.score }, { "gain", source.gain } });
    json["similarities"].push_back({ { "target", one.target }, { "measure", one.measure }, { "sources", sources }, { "tau", one.tau ? nlohmann::json(*one.tau) : nlohmann::json() } });
  }
  if (datasets)
    json["targets"] = { { "names", datasets->datasets }, { "arms", datasets->models }, { "values", datasets->values }, { "meanRanks", datasets->friedman.meanRanks },
                        { "p", Number(datasets->friedman.imanDavenport.p) }, { "nemenyi", Number(datasets->nemenyi) } };
  return json.dump(1);
}

Table StudyResults::ToTable() const
{
  Table table({ "target", "arm", "train_patients", "metric", "value", "low", "high", "spread", "runs", "missing_runs", "test_patients", "rows", "lineage", "seconds", "shared_seconds", "axes" });
  for (const auto & arm : arms)
    for (const auto & [word, interval] : arm.scores)
    {
      std::vector<std::string> axes;
      for (const auto & [key, value] : arm.axes)
        axes.push_back(key + "=" + value);
      table.AddRow({ arm.target, arm.arm, std::to_string(arm.trainPatients), word, Shown(interval.value), Shown(interval.low), Shown(interval.high), word == metric ? Shown(arm.spread) : "",
                     std::to_string(arm.runs), std::to_string(arm.missingRuns), std::to_string(arm.testPatients), std::to_string(arm.rows), arm.lineage, FormatFixed(arm.seconds, 2),
                     FormatFixed(arm.sharedSeconds, 2), Join(axes, " ") });
    }
  return table;
}

Table StudyResults::TestTable() const
{
  Table table({ "target", "size", "test", "a", "b", "metric", "difference", "low", "high", "p", "p_corrected", "kind" });
  for (const auto & one : tests)
    table.AddRow({ one.target, std::to_string(one.size), one.test.name, one.test.a, one.test.b, metric, Shown(one.test.difference), Shown(one.test.low), Shown(one.test.high), Shown(one.test.p),
                   Shown(one.test.pCorrected), one.matched });
  return table;
}

Table StudyResults::CaseTable() const
{
  std::size_t most = 0;
  for (const auto & one : cases)
    most = std::max(most, one.probabilities.size());
  std::vector<std::string> columns{ "target", "arm", "patient", "case", "unit_id", "truth", "decision", "share_right" };
  for (std::size_t c = 0; c < most; ++c)
    columns.push_back(Concat("p", c));
  Table table(columns);
  for (const auto & one : cases)
  {
    std::vector<std::string> row{ one.target, one.arm, one.patient, one.caseId, one.unitId, one.truth, one.decision, FormatNumber(one.right) };
    for (std::size_t c = 0; c < most; ++c)
      row.push_back(c < one.probabilities.size() ? FormatNumber(one.probabilities[c]) : std::string());
    table.AddRow(row);
  }
  return table;
}

std::string StudyResults::Verdict(const StudyFile & study) const
{
  const auto        shown = ShownDifferences(study, *this);
  const std::string text = Concat(study.question.empty() ? study.title : study.question, " ", study.arms.size(), " arms were compared on ", study.targets.size() > 1 ? Concat(study.targets.size(), " targets") : "one target", ", ",
                                  study.trainPatients.size(), " training size(s), ", design.empty() ? "no test could be made" : design, ".");
  if (tests.empty())
    return text + " Nothing was compared.";
  if (shown.empty())
    return Concat(text, " No difference was shown in any of ", tests.size(), " comparisons (corrected for their number); that is no proof of equality.");
  const std::vector<std::string> first{ shown.begin(), shown.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(8, shown.size())) };
  const auto                     none = std::count_if(tests.begin(), tests.end(), [&](const ArmTest & test) { return !(test.test.pCorrected <= study.alpha); });
  return Concat(text, " Shown, corrected for ", tests.size(), " comparisons: ", Join(first, "; "), shown.size() > first.size() ? Concat("; and ", shown.size() - first.size(), " more in the table") : "", ". In ", none,
                " comparisons no difference was shown.");
}

} // namespace serval
