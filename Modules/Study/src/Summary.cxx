#include "serval/Study/Results.h"

#include "serval/Core/Error.h"
#include "serval/Core/Text.h"

#include <algorithm>
#include <cmath>

namespace serval
{
namespace
{

std::string Row(const std::vector<std::string> & cells) { return "| " + Join(cells, " | ") + " |\n"; }

std::string Head(const std::vector<std::string> & heads)
{
  std::vector<std::string> rule(heads.size(), "---:");
  rule.front() = "---";
  return Row(heads) + Row(rule);
}

std::string SizeWord(int size) { return size == 0 ? "all" : std::to_string(size); }

/// One row an arm, one column a training size.
std::string ScoresOf(const StudyFile & study, const StudyResults & results, const std::string & target, const std::string & metric)
{
  std::vector<std::string> heads{ "arm" };
  for (const int size : study.trainPatients)
    heads.push_back("n = " + SizeWord(size));
  std::string text = Head(heads);
  for (const auto & arm : study.arms)
  {
    std::vector<std::string> cells{ arm.name };
    for (const int size : study.trainPatients)
    {
      const auto * result = results.Find(target, arm.name, size);
      cells.push_back(result && result->scores.contains(metric) ? ToText(result->scores.at(metric)) : "–");
    }
    text += Row(cells);
  }
  return text;
}

/// "A is better than B": those that were shown, by size; how many were not.
std::string DifferencesOf(const StudyFile & study, const StudyResults & results, const std::string & target)
{
  std::string text = Head({ "n", "difference", "by [95 % interval]", "p corrected" });
  std::size_t shown = 0, all = 0;
  for (const auto & one : results.tests)
  {
    if (one.target != target)
      continue;
    ++all;
    if (!(one.test.pCorrected <= study.alpha))
      continue;
    ++shown;
    text += Row({ SizeWord(one.size), InWords(one, study) + (one.matched.empty() ? "" : " (" + one.matched + ")"), ToText(Interval{ one.test.difference, one.test.low, one.test.high }),
                  one.test.pCorrected < 0.001 ? "< 0.001" : FormatFixed(one.test.pCorrected, 3) });
  }
  return (shown > 0 ? text : std::string()) + Concat(shown > 0 ? "\n" : "", "Shown in ", shown, " of ", all, " comparisons; in the others no difference was shown, which is no proof of equality.\n");
}

std::string TimeOf(const std::map<std::string, CellOutcome> & states)
{
  double      seconds = 0;
  std::size_t done = 0;
  for (const auto & [id, outcome] : states)
  {
    seconds += outcome.seconds;
    done += outcome.state == CellState::Done;
  }
  return Concat(done, " of ", states.size(), " cells are done; they took ", FormatFixed(seconds / 3600, 2), " hours, one after another.\n");
}

} // namespace

std::string SummaryInMarkdown(const StudyFile & study, const StudyResults & results, const std::map<std::string, CellOutcome> & states)
{
  std::string text = "# " + study.title + "\n" + results.Verdict(study) + "\n\n";
  for (const auto & warning : results.warnings)
    text += "- " + warning + "\n";
  for (const auto & [arm, reason] : results.notRun)
    text += "- " + arm + " was not run: " + reason + "\n";
  for (const auto & target : study.targets)
  {
    text += Concat("\n## ", target.text.empty() ? target.name : target.text, "\n");
    text += Concat(ToText(MetricFrom(study.metric)), " with 95 % intervals over patients and runs, by training patients:\n\n", ScoresOf(study, results, target.name, study.metric), "\n");
    text += DifferencesOf(study, results, target.name);
  }
  text += "\n## Arms\n";
  for (const auto & arm : study.arms)
    text += Concat("- `", arm.name, "`: ", arm.InWords(), "\n");
  return text + "\n" + TimeOf(states);
}

} // namespace serval
