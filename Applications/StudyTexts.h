#pragma once
// What `serval study` says of a plan, its cells and its forecast.

#include "ShellWords.h"
#include "serval/CommandLine/Application.h"
#include "serval/Core/AtomicFile.h"
#include "serval/Core/Error.h"
#include "serval/Core/Text.h"
#include "serval/Study/Forecast.h"

#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace serval
{

/// All command lines, in an order in which they can be run.
inline std::string Script(const StudyPlan & plan)
{
  std::string text;
  for (const auto & cell : plan.cells)
  {
    text += "# " + cell.id + (cell.needs.empty() ? "" : " after " + Join(cell.needs, ", ")) + "\n";
    for (const auto & command : cell.commands)
    {
      for (const auto & word : command)
        text += (&word == command.data() ? "" : " ") + Quoted(word);
      text += "\n";
    }
  }
  return text;
}

/// "2 h 14 min", "35 s"
inline std::string Duration(double seconds)
{
  const auto whole = static_cast<long long>(std::llround(seconds));
  return whole >= 3600 ? Concat(whole / 3600, " h ", whole % 3600 / 60, " min") : whole >= 120 ? Concat(whole / 60, " min ", whole % 60, " s") : Concat(whole, " s");
}

inline void ShowStates(app::Context & context, const std::map<std::string, CellOutcome> & states)
{
  std::map<CellState, int>                        counts;
  std::map<std::string, std::vector<std::string>> notRun; // cells by reason
  for (const auto & [id, outcome] : states)
  {
    ++counts[outcome.state];
    if (outcome.state == CellState::Failed || (outcome.state == CellState::Open && !outcome.reason.empty()))
      context.Say((outcome.state == CellState::Failed ? "failed: " : "open, failed before: ") + id + ": " + outcome.reason);
    if (outcome.state == CellState::NotRun)
      notRun[outcome.reason].push_back(id);
  }
  for (const auto & [reason, cells] : notRun)
    context.Say("not run: " + Join(cells, ", ") + ": " + reason);
  context.Say(Concat(states.size(), " cells: ", counts[CellState::Done], " done, ", counts[CellState::Failed], " failed, ", counts[CellState::NotRun], " not run, ",
                     counts[CellState::Open], " open"));
}

/// How many cells the arms share: "12 pretrainings serve 36 trainings".
inline std::string SharedWork(const StudyPlan & plan)
{
  std::map<std::string, int> users;
  std::set<std::string>      ends;
  for (const auto & result : plan.results)
    ends.insert(result.cell);
  for (const auto & cell : plan.cells)
    for (const auto & need : cell.needs)
      ++users[need];
  int shared = 0, uses = 0;
  for (const auto & [id, count] : users)
    if (count > 1)
    {
      ++shared;
      uses += count;
    }
  return Concat(plan.cells.size(), " cells, ", ends.size(), " of them end in predictions; ", shared, " cells serve several others (", uses, " uses of one run each)");
}

inline void ShowForecast(app::Context & context, const StudyForecast & forecast, int jobs)
{
  context.Say(Concat("open: ", forecast.secondsOf.size(), " cells, about ", Duration(forecast.wall), " with ", jobs, " at a time (", Duration(forecast.seconds), " one after another), ",
                     FormatFixed(forecast.megabytes, 0), " MB on disk"));
  if (!forecast.dropped.empty())
    context.Say(Concat("the budget does not hold ", forecast.dropped.size(), " cells; ", forecast.keptRepeats, " repeat(s) would be kept. Not run: ", Join(forecast.dropped, ", ")));
}

/// "8h", "90min" or "90m", "45s" or seconds; nothing of an empty text.
inline std::optional<double> BudgetSeconds(const std::string & text)
{
  if (text.empty())
    return std::nullopt;
  for (const auto & [unit, factor] : { std::pair("min", 60.0), std::pair("m", 60.0), std::pair("h", 3600.0), std::pair("d", 86400.0), std::pair("s", 1.0), std::pair("", 1.0) })
    if (text.ends_with(unit))
    {
      const auto number = ParseDouble(text.substr(0, text.size() - std::string_view(unit).size()));
      Require(number && *number > 0, Fault::Usage, "--budget: '", text, "' is no time; write 8h, 90min, 45s or 1d");
      return *number * factor;
    }
  return std::nullopt;
}

} // namespace serval
